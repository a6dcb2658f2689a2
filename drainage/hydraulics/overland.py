"""Rain that runs off catchments as EPA SWMM computes it: infiltration, depression storage, and overland flow.

A catchment is three planes: paved without storage, paved with storage, and pervious. Each is a reservoir whose outflow
follows Manning; what the paved one sheds may run over the pervious one, and the other way round. Evaporation is left
out, and so is snow. Lengths in m, time in s, rates of infiltration as the columns say.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from drainage.arrays import Floats, Ints
from drainage.compiling import compiled, on_all_cores

#: Columns of the table of catchments: m², shares, Manning's n, m, m, m/m; where the water of one plane runs over the
#: other and which share of it; the way of infiltration and its first four parameters.
(AREA, IMPERVIOUS, NO_STORAGE, N_PAVED, N_PERVIOUS, KEEPS_PAVED, KEEPS_PERVIOUS, WIDTH, SLOPE, RUNS_OVER, RUN_SHARE,
 SOIL, FIRST, SECOND, THIRD, FOURTH) = range(16)  # fmt: skip
#: Ways of infiltration: Horton (m/s, m/s, 1/s, drying time s), modified Horton (likewise), Green and Ampt (m, m/s,
#: share), curve number (the number; drying time s, fourth).
HORTON, MODIFIED_HORTON, GREEN_AMPT, CURVE_NUMBER = range(4)
OUTLET, ON_PERVIOUS, ON_PAVED = range(3)
#: A soil is dry again when 98 % of its capacity have come back. SWMM Reference Manual I (EPA/600/R-15/162A), 4.2.
_DRY_AGAIN: Final = -math.log(0.02)
#: Share of the drying time after which a new event begins on a dry soil (likewise, 4.4 and 4.5).
_NEW_EVENT: Final = 0.06


@compiled
def _soaks(ground: Floats, state: Floats, water: float, step: float) -> float:  # noqa: C901, PLR0911, PLR0912 - four laws
    """Return how much water, m, soaks in within a step; ``state`` remembers how much has and the dry time."""
    soil = ground[SOIL]
    dry = water <= 0.0
    if soil == HORTON:
        most, least, decay = ground[FIRST], ground[SECOND], ground[THIRD]
        if decay <= 0.0:
            return float(min(water, most * step))
        if dry:
            back = math.exp(-_DRY_AGAIN / max(ground[FOURTH], 1.0) * step)
            state[0] = -math.log(max(1.0 - back * (1.0 - math.exp(-decay * state[0])), 1e-12)) / decay
            return 0.0
        after = state[0] + step
        may = least * step + (most - least) / decay * (math.exp(-decay * state[0]) - math.exp(-decay * after))
        taken = min(water, may)
        state[0] += step * (taken / may if may > 0.0 else 0.0)
        return float(taken)
    if soil == MODIFIED_HORTON:
        most, least, decay = ground[FIRST], ground[SECOND], ground[THIRD]
        if dry:
            state[0] *= math.exp(-_DRY_AGAIN / max(ground[FOURTH], 1.0) * step)
            return 0.0
        taken = min(water, max(most - decay * state[0], least) * step)
        state[0] += max(taken - least * step, 0.0)
        return float(taken)
    state[1] = state[1] + step if dry else 0.0
    if soil == GREEN_AMPT:
        suction, conductivity, deficit = ground[FIRST], ground[SECOND], ground[THIRD]
        if conductivity <= 0.0:
            return 0.0
        if dry:
            recovery = math.sqrt(conductivity / 0.0254 * 3600.0) / 75.0 / 3600.0
            if state[1] > _NEW_EVENT / recovery:
                state[0] = 0.0
            return 0.0
        # F - F0 = K t + s ln((F + s) / (F0 + s)) by Newton, from ponded ground
        s, start = suction * deficit, state[0]
        if s <= 0.0:
            taken = min(water, conductivity * step)
        else:
            total = start + max(water, conductivity * step)
            for _ in range(12):
                wrong = total - start - s * math.log((total + s) / (start + s)) - conductivity * step
                total = max(total - wrong / max(1.0 - s / (total + s), 1e-6), start)
            taken = min(water, total - start)
        state[0] += taken
        return float(taken)
    retention = 0.0254 * (1000.0 / min(max(ground[FIRST], 10.0), 99.0) - 10.0)
    if dry:
        if state[1] > _NEW_EVENT * ground[FOURTH]:
            state[0] = 0.0
        return 0.0
    before, after = state[0], state[0] + water
    state[0] = after
    return float(water - (after * after / (after + retention) - before * before / (before + retention)))


@compiled
def _sheds(depth: float, keeps: float, alpha: float, step: float) -> float:
    """Return how much runs off a plane within a step, m: a reservoir emptied by Manning's law, stepped implicitly."""
    if depth <= keeps:
        return 0.0
    if alpha <= 0.0:
        return depth - keeps
    above = depth - keeps
    left = above
    for _ in range(8):
        flow = alpha * step * left ** (5.0 / 3.0)
        left = max(left - (left + flow - above) / (1.0 + 5.0 / 3.0 * alpha * step * left ** (2.0 / 3.0)), 0.0)
    return above - left


def runoff_m3(ground: Floats, gage: Ints, rain_m: Floats, step_s: Floats, period: Ints, n_periods: int) -> Floats:
    """Let rain fall on catchments and give what runs off in each period.

    Parameters
    ----------
    ground
        (n_catchments, 16), columns as named above.
    gage
        (n_catchments,) row of ``rain_m`` that falls on each, -1: none.
    rain_m
        (n_gages, n_steps) depth in each step.
    step_s, period
        (n_steps,) length of each, and the period that it belongs to.

    Returns
    -------
    (n_catchments, n_periods) m³.

    References
    ----------
    SWMM Reference Manual I, Hydrology (EPA/600/R-15/162A), chapters 3 (overland flow) and 4 (infiltration).
    """
    shed = np.zeros((len(ground), n_periods))

    def fall(rows: slice) -> None:
        _fall_on(ground[rows], gage[rows], rain_m, step_s, period, shed[rows])

    on_all_cores(fall, len(ground), rows=len(ground))
    return shed


@compiled
def _fall_on(  # noqa: C901 - a step reads as one
    ground: Floats, gage: Ints, rain_m: Floats, step_s: Floats, period: Ints, shed: Floats
) -> None:
    """Let rain fall on some catchments."""
    for c in range(len(ground)):
        here = ground[c]
        paved, bare = here[IMPERVIOUS], here[IMPERVIOUS] * here[NO_STORAGE]
        stored, pervious = paved - bare, 1.0 - paved
        fall = math.sqrt(max(here[SLOPE], 0.0)) * here[WIDTH] / max(here[AREA], 1e-9)
        on_paved = fall / max(paved * here[N_PAVED], 1e-9)
        on_pervious = fall / max(pervious * here[N_PERVIOUS], 1e-9)
        depth = np.zeros(3)
        soil = np.zeros(2)
        over = 0.0  # what ran off one plane onto the other in the last step, m of the whole catchment
        if gage[c] < 0:
            continue
        for k in range(len(step_s)):
            rain, step = rain_m[gage[c], k], step_s[k]
            if rain <= 0.0 and over <= 0.0 and depth[0] + depth[1] + depth[2] <= 1e-9:
                if pervious > 0.0:
                    _soaks(here, soil, 0.0, step)
                continue
            depth += rain
            if here[RUNS_OVER] == ON_PERVIOUS and pervious > 0.0:
                depth[2] += over / pervious
            elif here[RUNS_OVER] == ON_PAVED and stored > 0.0:
                depth[1] += over / stored
            if pervious > 0.0:
                depth[2] -= _soaks(here, soil, depth[2], step)
            off_bare = _sheds(depth[0], 0.0, on_paved, step)
            off_stored = _sheds(depth[1], here[KEEPS_PAVED], on_paved, step)
            off_pervious = _sheds(depth[2], here[KEEPS_PERVIOUS], on_pervious, step)
            depth[0] -= off_bare
            depth[1] -= off_stored
            depth[2] -= off_pervious
            from_paved = off_bare * bare + off_stored * stored
            from_pervious = off_pervious * pervious
            over = 0.0
            if here[RUNS_OVER] == ON_PERVIOUS and pervious > 0.0:
                over = here[RUN_SHARE] * from_paved
                from_paved -= over
            elif here[RUNS_OVER] == ON_PAVED and stored > 0.0:
                over = here[RUN_SHARE] * from_pervious
                from_pervious -= over
            shed[c, period[k]] += (from_paved + from_pervious) * here[AREA]
