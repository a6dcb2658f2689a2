"""The choice that frees most for a budget: a closure problem with one budget, solved by HiGHS.

x_m ∈ {0, 1}: misconnection m is closed; y_g ∈ [0, 1]: group g is free. Maximise Σ w_g y_g + Σ v_m x_m, subject to
y_g ≤ x_m for the misconnections of the group itself, y_g ≤ y_h for each group h before it, and Σ c_m x_m ≤ budget.
Once the x are whole, so are the best y. No list of all pairs of group and misconnection is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, vstack

from drainage.arrays import Bools, Floats
from drainage.plans.closures.groups import Groups


class Choice(NamedTuple):
    """What is closed, (n_works,), its value, and whether no better choice exists; ``gap_share`` is what is open."""

    closed: Bools
    value: float
    proven: bool
    gap_share: float


class Worth(NamedTuple):
    """What is wanted: value of each free group, (n_groups,), and of each closing itself, (n_works,)."""

    of_group: Floats
    of_work: Floats


def choose_closures(
    groups: Groups,
    worth: Worth,
    cost: Floats,
    budgets: Floats,
    *,
    time_limit_s: float,
    progress: Callable[[float], None] | None = None,
) -> list[Choice]:
    """Choose for each of several budgets, in rising order.

    Parameters
    ----------
    groups, worth
        What can be freed, and what that is worth.
    cost
        (n_works,) cost of closing each.
    budgets
        (n_budgets,) rising.
    time_limit_s
        For each budget; what is found by then counts, and is not proven.
    progress
        Takes the share of budgets that is done.
    """
    order = _order_constraint(groups)
    choices: list[Choice] = []
    for budget in budgets:
        found = _solve(groups, worth, cost, float(budget), order, time_limit_s)
        before = choices[-1] if choices else found
        choices.append(found if found.value >= before.value else before._replace(proven=False, gap_share=np.nan))
        if progress is not None:
            progress(len(choices) / len(budgets))
    return choices


def _order_constraint(groups: Groups) -> csr_array:
    """Rows y_after − y_before ≤ 0, then y_own − x ≤ 0; columns x, then y."""
    n_works, before, after = len(groups.of_work), groups.graph.tail, groups.graph.head
    row = np.arange(len(before) + n_works)
    plus = n_works + np.concatenate([after, groups.of_work])
    minus = np.concatenate([n_works + before, np.arange(n_works)])
    entry = np.repeat([1.0, -1.0], len(row))
    shape = (len(row), n_works + groups.graph.n_nodes)
    return coo_array((entry, (np.tile(row, 2), np.concatenate([plus, minus]))), shape=shape).tocsr()


def _solve(groups: Groups, worth: Worth, cost: Floats, budget: float, order: csr_array, time_limit_s: float) -> Choice:
    n_works, n_groups = len(cost), groups.graph.n_nodes
    if budget >= cost.sum():
        return _needed(groups, worth, np.ones(n_works, np.bool_), proven=True, gap_share=0.0)
    spent = csr_array(np.append(cost, np.zeros(n_groups))[None, :])
    limits = np.append(np.zeros(order.shape[0]), budget)
    answer = milp(
        -np.concatenate([worth.of_work, worth.of_group]),
        integrality=np.repeat([1, 0], [n_works, n_groups]),
        bounds=Bounds(0.0, 1.0),
        constraints=LinearConstraint(vstack([order, spent]), -np.inf, limits),
        # the groups are the presolve; that of HiGHS gains nothing, and prints to standard output where time runs out
        options={"time_limit": time_limit_s, "mip_rel_gap": 0.0, "presolve": False},
    )
    closed = np.zeros(n_works, np.bool_) if answer.x is None else answer.x[:n_works] > 0.5
    if answer.x is None or cost[closed].sum() > budget * (1.0 + 1e-9):  # a solver keeps bounds within a tolerance
        return _needed(groups, worth, np.zeros(n_works, np.bool_), proven=False, gap_share=np.nan)
    return _needed(groups, worth, closed, proven=answer.status == 0, gap_share=float(answer.mip_gap or 0.0))


def _needed(groups: Groups, worth: Worth, closed: Bools, *, proven: bool, gap_share: float) -> Choice:
    """Leave out closings that free nothing of worth."""
    freed = groups.freed_by(closed)
    wanted = np.flatnonzero(freed & (worth.of_group > 0.0)).astype(np.int32)
    needed = closed & (groups.graph.upstream(wanted).nodes[groups.of_work] | (worth.of_work > 0.0))
    value = float(worth.of_group[groups.freed_by(needed)].sum() + worth.of_work[needed].sum())
    return Choice(needed, value, proven, gap_share)
