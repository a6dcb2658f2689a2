"""Compiled passes over a forest of cells: messages both ways, probabilities, information of openings.

A cell is a place at which a source may enter; ``parent`` is the cell that it drains to (−1: none). Cells stand in the
order of the flow, so a cell comes before its parent, and the cells of one tree stand side by side: every kernel works
on the slice ``begin:end``.

Each cell has one of three states, of which the largest that arrives wins: 0 nothing flows, 1 something flows that has
entered above the last reading of a load (``reset``), 2 something has entered since. A source makes it 2. Because the
largest of independent states has a distribution function that is a product, one number for "≤ 0" and one for "≤ 1"
carry everything, as logarithms: exact, in one pass each way.
"""

from __future__ import annotations

import numpy as np

from drainage.arrays import Bools, Floats, Ints32
from drainage.compiling import compiled

_NEVER = -np.inf
_HALF = -0.6931471805599453
_BRANCHES = 3  # arriving pipes told apart in one opening; more are rare, and what they would tell is left out


@compiled
def log_not(log_p: float) -> float:
    """Logarithm of 1 − p."""
    if log_p >= 0.0:
        return _NEVER
    return float(np.log(-np.expm1(log_p)) if log_p > _HALF else np.log1p(-np.exp(log_p)))


@compiled
def log_less(log_a: float, log_b: float) -> float:
    """Logarithm of a − b, a ≥ b."""
    return log_a + log_not(log_b - log_a) if log_b > _NEVER else log_a


@compiled
def log_sum(log_a: float, log_b: float) -> float:
    """Logarithm of a + b."""
    if log_a < log_b:
        log_a, log_b = log_b, log_a
    return log_a + np.log1p(np.exp(log_b - log_a)) if log_b > _NEVER else log_a


@compiled
def mix(log_0: float, log_1: float, m0: float, m1: float, m2: float) -> float:
    """Logarithm of the mean of exp(m) over a state whose distribution function is exp(log_0), exp(log_1), 1."""
    rest = log_sum(log_less(log_1, log_0) + m1, log_not(log_1) + m2)
    return log_sum(log_0 + m0, rest)


@compiled
def _topological(parent: Ints32) -> Ints32:
    n = len(parent)
    waiting = np.zeros(n, np.int32)
    for p in parent:
        if p >= 0:
            waiting[p] += 1
    queue = np.empty(n, np.int32)
    ready = 0
    for c in range(n):
        if waiting[c] == 0:
            queue[ready] = c
            ready += 1
    done = 0
    while done < ready:
        p = parent[queue[done]]
        done += 1
        if p >= 0:
            waiting[p] -= 1
            if waiting[p] == 0:
                queue[ready] = p
                ready += 1
    return queue[:ready]


@compiled
def flow_order(parent: Ints32) -> tuple[Ints32, Ints32]:
    """Order cells with the flow, trees side by side; parents must not form a circle.

    Returns
    -------
    (n,) cells in order, and (n,) the root of each cell.
    """
    n = len(parent)
    queue = _topological(parent)
    root = np.full(n, -1, np.int32)
    size = np.zeros(n + 1, np.int32)
    for i in range(len(queue) - 1, -1, -1):
        c = queue[i]
        root[c] = c if parent[c] < 0 else root[parent[c]]
        size[root[c] + 1] += 1
    for c in range(n):
        size[c + 1] += size[c]
    order = np.empty(len(queue), np.int32)
    for c in queue:
        order[size[root[c]]] = c
        size[root[c]] += 1
    return order, root


@compiled
def next_marked(parent: Ints32, marked: Bools) -> Ints32:
    """(n,) the nearest marked cell below each cell, −1 where none."""
    below = np.full(len(parent), -1, np.int32)
    for c in range(len(parent) - 1, -1, -1):
        p = parent[c]
        if p >= 0:
            below[c] = p if marked[p] else below[p]
    return below


@compiled
def with_flow(
    parent: Ints32,
    log_clean: Floats,
    likelihood: Floats,
    reset: Bools,
    begin: int,
    end: int,
    above: Floats,
    sent: Floats,
) -> None:
    """Fill ``above`` (n, 2), what arrives at a cell or enters there, and ``sent`` (n, 2), what it hands on.

    Both are logarithms of P(state ≤ 0) and P(state ≤ 1); ``sent`` with the readings at and above the cell.
    """
    for c in range(begin, end):
        above[c, 0] = log_clean[c]
        above[c, 1] = log_clean[c]
    for c in range(begin, end):
        a0, a1 = above[c, 0], above[c, 1]
        if a1 < a0:  # by rounding
            a1 = a0
            above[c, 1] = a0
        if likelihood[c, 0] == 0.0 and likelihood[c, 1] == 0.0 and likelihood[c, 2] == 0.0:  # nothing was read here
            sent[c, 0] = min(a0, 0.0)
            sent[c, 1] = 0.0 if reset[c] else min(a1, 0.0)
        else:
            _send(c, a0, a1, likelihood, reset, sent)
        p = parent[c]
        if p >= 0:
            above[p, 0] += sent[c, 0]
            above[p, 1] += sent[c, 1]


@compiled
def _send(c: int, a0: float, a1: float, likelihood: Floats, reset: Bools, sent: Floats) -> None:
    """Weigh what arrives at a cell by the readings there."""
    w0 = a0 + likelihood[c, 0]
    w1 = log_less(a1, a0) + likelihood[c, 1]
    w2 = log_not(a1) + likelihood[c, 2]
    w01 = log_sum(w0, w1)
    total = log_sum(w01, w2)
    sent[c, 0] = min(w0 - total, 0.0)
    sent[c, 1] = 0.0 if reset[c] else min(w01 - total, 0.0)


@compiled
def against_flow(
    parent: Ints32, likelihood: Floats, reset: Bools, begin: int, end: int, above: Floats, sent: Floats, outside: Floats
) -> None:
    """Fill ``outside`` (n, 3): log-likelihood of all readings at a cell and not above it, given its state there."""
    for c in range(end - 1, begin - 1, -1):
        p = parent[c]
        o0, o1, o2 = 0.0, 0.0, 0.0
        if p >= 0:
            rest0, rest1 = min(above[p, 0] - sent[c, 0], 0.0), min(above[p, 1] - sent[c, 1], 0.0)
            rest1 = max(rest0, rest1)
            m0, m1, m2 = outside[p, 0], outside[p, 1], outside[p, 2]
            if m0 == m1 == m2:  # nothing was read below: the state here does not matter
                o0 = o1 = o2 = m0
            else:
                o0 = mix(rest0, rest1, m0, m1, m2)
                o1 = log_sum(rest1 + m1, log_not(rest1) + m2)
                o2 = m2
        if reset[c]:
            o2 = o1
        top = max(o0, o1, o2)
        outside[c, 0] = o0 - top + likelihood[c, 0]
        outside[c, 1] = o1 - top + likelihood[c, 1]
        outside[c, 2] = o2 - top + likelihood[c, 2]


@compiled
def probabilities(
    log_clean: Floats, begin: int, end: int, above: Floats, outside: Floats, source: Floats, wet: Floats
) -> None:
    """Fill ``source``, P(a source enters at the cell), and ``wet``, P(something flows there), given all readings."""
    for c in range(begin, end):
        m0, m1, m2 = outside[c, 0], outside[c, 1], outside[c, 2]
        total = m0 if m0 == m1 == m2 else mix(above[c, 0], above[c, 1], m0, m1, m2)
        source[c] = min(np.exp(log_not(log_clean[c]) + m2 - total), 1.0)
        wet[c] = max(1.0 - np.exp(above[c, 0] + m0 - total), 0.0)


@compiled
def pairs(
    first: Ints32, second: Ints32, log_clean: Floats, likelihood: Floats, reset: Bools, above: Floats, outside: Floats
) -> Floats:
    """P(a source enters at a cell or at the one that it alone drains to), (n_pairs,)."""
    found = np.empty(len(first))
    for k in range(len(first)):
        c, p = first[k], second[k]
        m0, m1, m2 = outside[p, 0], outside[p, 1], outside[p, 2]
        arrived = m1 if reset[c] else m2  # what state 2 at the first has become at the second
        rest0, rest1 = above[c, 0] - log_clean[c], above[c, 1] - log_clean[c]
        l0, l1, l2 = likelihood[c, 0], likelihood[c, 1], likelihood[c, 2]
        none = mix(rest0, rest1, l0 + m0, l1 + m1, l2 + arrived)
        any_second = mix(rest0, rest1, l0, l1, l2) + m2
        clean, not_clean = log_clean[c], log_not(log_clean[c])
        both_clean = log_clean[p] + clean + none
        only_first = log_clean[p] + not_clean + l2 + arrived
        second_in = log_not(log_clean[p]) + log_sum(clean + any_second, not_clean + l2 + m2)
        total = log_sum(both_clean, log_sum(only_first, second_in))
        found[k] = min(max(-np.expm1(both_clean - total), 0.0), 1.0)
    return found


@compiled
def _entropy(p: float) -> float:
    return 0.0 if p <= 0.0 or p >= 1.0 else -(p * np.log2(p) + (1.0 - p) * np.log2(1.0 - p))


@compiled
def information(
    cells: Ints32, ptr: Ints32, child: Ints32, log_clean: Floats, above: Floats, sent: Floats, outside: Floats,
    rates: Floats, gain: Floats,
) -> None:  # fmt: skip
    """Add to ``gain`` the bits that opening each of the ``cells`` is expected to tell about all sources.

    An opening tells which arriving cells flow, each by itself, and whether a source enters here. ``rates`` are the
    chances of a false flow, a missed flow, a false entry and a missed entry.
    """
    joint = np.empty(2 << _BRANCHES)
    read = np.empty(2 << _BRANCHES)
    for at in range(len(cells)):
        c = cells[at]
        n = min(ptr[c + 1] - ptr[c], _BRANCHES)
        children = child[ptr[c] : ptr[c] + n]
        rest0, rest1 = above[c, 0] - log_clean[c], above[c, 1] - log_clean[c]
        for j in children:
            rest0 -= sent[j, 0]
            rest1 -= sent[j, 1]
        rest0 = min(rest0, 0.0)
        rest1 = min(max(rest0, rest1), 0.0)
        top = max(outside[c, 0], outside[c, 1], outside[c, 2])
        m0, m1, m2 = np.exp(outside[c, 0] - top), np.exp(outside[c, 1] - top), np.exp(outside[c, 2] - top)
        p0, p1 = np.exp(rest0), np.exp(rest1)
        least = (p0 * m0 + (p1 - p0) * m1 + (1.0 - p1) * m2, p1 * m1 + (1.0 - p1) * m2, m2)
        joint[: 2 << n] = 0.0
        for state in range(3**n):
            weight, largest, bits, code = 1.0, 0, 0, state
            for i in range(n):
                s = code % 3
                code //= 3
                f0, f1 = np.exp(sent[children[i], 0]), np.exp(sent[children[i], 1])
                weight *= f0 if s == 0 else (f1 - f0 if s == 1 else 1.0 - f1)
                largest = max(largest, s)
                if s > 0:
                    bits |= 1 << i
            clean = np.exp(log_clean[c])
            joint[bits] += weight * clean * least[largest]
            joint[bits | (1 << n)] += weight * (1.0 - clean) * m2
        gain[at] += _told(joint, read, n, rates)


@compiled
def _told(joint: Floats, read: Floats, n: int, rates: Floats) -> float:
    """Mutual information of true bits and their readings; bit n is the entry, the others are flows."""
    size = 2 << n
    total = joint[:size].sum()
    if total <= 0.0:
        return 0.0
    read[:size] = joint[:size] / total
    blur = 0.0
    for i in range(n + 1):
        false, missed = (rates[2], rates[3]) if i == n else (rates[0], rates[1])
        bit = 1 << i
        positive = 0.0
        for k in range(size):
            if k & bit:
                positive += joint[k] / total
        blur += (1.0 - positive) * _entropy(false) + positive * _entropy(missed)
        for k in range(size):
            if not k & bit:
                dry, wet = read[k], read[k | bit]
                read[k] = dry * (1.0 - false) + wet * missed
                read[k | bit] = dry * false + wet * (1.0 - missed)
    told = 0.0
    for k in range(size):
        if read[k] > 0.0:
            told -= read[k] * np.log2(read[k])
    return max(told - blur, 0.0)
