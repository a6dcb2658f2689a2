"""Readings along the flow compared with those next above: what rises, and water and loads that do not add up."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.inference.forest import StormForest
from drainage.inference.rules import SourceLimits

_STRONGEST = np.log(20.0)  # no balance says more than a good look: its errors are not known better. Ours.


def stretches(forest: StormForest, table: pd.DataFrame) -> pd.DataFrame:
    """Pair each reading with the readings next above it.

    Parameters
    ----------
    table
        One row per measured cell: index the row of evidence, column ``cell``, unique.

    Returns
    -------
    One row per pair: ``above`` and ``below``, rows of evidence.
    """
    from drainage.inference import kernels

    marked = np.zeros(forest.n_cells, np.bool_)
    cells = table["cell"].to_numpy()
    marked[cells] = True
    below = kernels.next_marked(forest.parent, marked)[cells]
    row_at = pd.Series(table.index.to_numpy(dtype=object), index=cells)
    has = below >= 0
    pairs = {"above": table.index[has].to_numpy(dtype=object), "below": row_at.reindex(below[has]).to_numpy()}
    return pd.DataFrame(pairs)


def rising(table: pd.DataFrame, pairs: pd.DataFrame, tracers: tuple[str, ...], limits: SourceLimits) -> pd.DataFrame:
    """Return the readings of which a tracer is higher than in every reading next above: an entry between is sure.

    T/CECS 758-2020, 5.2.4-1. What flows together from above cannot be stronger than the strongest of it. A tracer that
    does not rise says nothing: an entry may be as strong as what it joins.

    Returns
    -------
    One row per rise: ``below`` (row of evidence), ``above`` (rows, joined), ``tracer``, ``low`` and ``high``.
    """
    parts = []
    for tracer in tracers:
        value = table[tracer]
        compared = pairs.assign(low=value.reindex(pairs["above"]).to_numpy())
        groups = compared.groupby("below")
        known = groups["low"].apply(lambda low: low.notna().all())
        low = groups["low"].max()[known]
        high = value.reindex(low.index)
        rows = low.index[(high > low * (1.0 + limits.rise_share)) & (high > 0)]
        said = {"below": rows, "tracer": tracer, "low": low[rows].to_numpy(), "high": high[rows].to_numpy()}
        said["above"] = groups["above"].agg(", ".join).reindex(rows).to_numpy()
        parts.append(pd.DataFrame(said))
    return pd.concat(parts, ignore_index=True)


def unbalanced(pairs: pd.DataFrame, amount: pd.Series, typical: float, limits: SourceLimits) -> pd.DataFrame:
    """Return for each reading how much more likely its amount is with a source between it and those next above.

    The amount that is gained between two readings is normal: about 0 without a source, about ``typical`` (with as large
    a spread) with one, the errors of all readings of the balance added. A loss counts against a source.

    Parameters
    ----------
    amount
        Flow, m³/d, or load, g/d, by row of evidence.

    Returns
    -------
    Index the row below: ``gained``, ``error`` and ``log_ratio`` (natural), within ± log 20.
    """
    compared = pairs.assign(amount=amount.reindex(pairs["above"]).to_numpy())
    groups = compared.groupby("below")["amount"]
    came = groups.sum(min_count=1)[groups.apply(lambda one: one.notna().all())]
    here = amount.reindex(came.index)
    squares = compared.assign(amount=compared["amount"] ** 2).groupby("below")["amount"].sum().reindex(came.index)
    error = limits.flow_error_share * np.sqrt(squares + here**2) + 0.05 * typical
    gained = here - came
    with_source = _log_normal(gained - typical, np.sqrt(error**2 + typical**2))
    log_ratio = (with_source - _log_normal(gained, error)).clip(-_STRONGEST, _STRONGEST)
    known = here.notna()
    return pd.DataFrame({"gained": gained, "error": error, "log_ratio": log_ratio})[known]


def _log_normal(away: pd.Series, spread: pd.Series | NDArray[np.float64]) -> pd.Series:
    return -0.5 * (away / spread) ** 2 - np.log(spread)
