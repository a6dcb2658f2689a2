"""The greatest rain of each year in windows of some durations, and its storms, from the series of a gauge."""

from __future__ import annotations

from typing import Final

import numpy as np

from drainage.arrays import Floats, Ints
from drainage.errors import FormatError
from drainage.hydraulics.extremes.maxima import DURATIONS_MIN, AnnualMaxima
from drainage.hydraulics.rainfall import ObservedStorm
from drainage.said import joined
from drainage.words import in_both

_DAY_MIN: Final = 1440.0
_GAP: Final = 1.5  # a step so many times longer than usual is a gap, as in `rain_steps`
_CONTINUOUS: Final = 0.5  # share of the whole record above which its rows stand for dry times too; a choice of ours


def yearly_maxima(
    rain: ObservedStorm, begins: np.datetime64, source: str, *, least_share: float, dry_between_min: float
) -> AnnualMaxima:
    """Draw annual maxima from the series of a gauge whose rows have dates.

    Raises
    ------
    FormatError
        No year is whole enough, or the gauge reports too seldom for any duration.
    """
    edges, fallen = rain.edges_min, np.insert(np.cumsum(rain.step_mm), 0, 0.0)
    moment = np.array([begins]).astype("datetime64[s]")
    first = moment.astype("datetime64[Y]")
    offset = edges + (moment - first).astype(np.float64)[0] / 60.0  # min since the first day of the first year
    last = (first.astype("datetime64[m]") + np.array([int(offset[-1])], "timedelta64[m]")).astype("datetime64[Y]")
    years = np.arange(first.astype(np.int64)[0], last.astype(np.int64)[0] + 1) + 1970
    bounds = (years[:, None] + [0, 1] - 1970).astype("datetime64[Y]").astype("datetime64[m]").astype(np.float64)
    bounds -= bounds[0, 0]
    interval = _usual(np.diff(edges))
    recorded = _recorded(offset, interval, bounds)
    continuous = recorded.sum() / (offset[-1] - offset[0]) >= _CONTINUOUS
    durations = np.array([one for one in DURATIONS_MIN if one >= interval - 1e-9])
    if not len(durations):
        raise FormatError(in_both("maxima_interval", file=source, interval=interval))
    depth = np.stack([_greatest(offset, fallen, bounds, minutes) for minutes in durations], axis=1)
    share = recorded / np.diff(bounds)[:, 0]
    rained = depth[:, -1] > 0.0
    kept = rained & ((share >= least_share) | (not continuous))
    left_out = {
        int(year): in_both("maxima_year_share", share=float(part), least=least_share)
        for year, part, good in zip(years, share, kept, strict=True)
        if not good and part > 0.0
    }
    if not kept.any():
        raise FormatError(in_both("maxima_no_whole_year", file=source, least=least_share))
    notes = [*rain.notes]
    if len(durations) < len(DURATIONS_MIN):
        shorter = joined((f"{one:g}" for one in DURATIONS_MIN if one < interval - 1e-9), ", ")
        notes.append(in_both("maxima_shorter", interval=interval, durations=shorter))
    if not continuous:
        notes.append(in_both("maxima_only_rain", share=float(recorded.sum() / (offset[-1] - offset[0]))))
    events = _events(offset, rain.step_mm, bounds[kept], years[kept], durations, fallen, dry_between_min)
    return AnnualMaxima(
        years=years[kept], durations_min=durations, depth_mm=depth[kept], source=source, left_out=left_out,
        interval_min=interval, event_years=events[0], event_peaks=events[1], notes=tuple(notes),
    )  # fmt: skip


def _usual(steps: Floats) -> float:
    length, count = np.unique(np.round(steps, 3), return_counts=True)
    return float(length[int(np.argmax(count))])


def _recorded(offset: Floats, interval: float, bounds: Floats) -> Floats:
    """Return how much of each year is covered by steps that are no gaps, min, (n_years,)."""
    steps = np.diff(offset)
    known = np.insert(np.cumsum(np.where(steps <= _GAP * interval, steps, 0.0)), 0, 0.0)
    upto = np.interp(bounds, offset, known)
    return np.asarray(upto[:, 1] - upto[:, 0])


def _greatest(offset: Floats, fallen: Floats, bounds: Floats, minutes: float) -> Floats:
    """Return the greatest depth in a window that begins in each year, mm, (n_years,); even within each step."""
    return np.array([_window(offset, fallen, low, high, minutes)[1] for low, high in bounds])


def _window(offset: Floats, fallen: Floats, low: float, high: float, minutes: float) -> tuple[float, float]:
    """Return where the greatest window that begins in [low, high) begins, and its depth."""
    first, last = np.searchsorted(offset, [low, high + minutes])
    near = offset[max(int(first) - 1, 0) : int(last) + 1]
    tried = np.concatenate([near, near - minutes])
    tried = tried[(tried >= low) & (tried < high)]
    if not len(tried):
        return low, 0.0
    depth = np.interp(tried + minutes, offset, fallen) - np.interp(tried, offset, fallen)
    best = int(np.argmax(depth))
    return float(tried[best]), float(depth[best])


def _events(
    offset: Floats, step_mm: Floats, bounds: Floats, years: Ints, durations: Floats, fallen: Floats, dry_min: float
) -> tuple[Ints, Floats]:
    """Return year and peak position of each storm that holds an annual maximum of some duration, each storm once.

    The peak position is the middle of the hardest step over the length of the storm (GB 50014-2021, 4.1.7).
    """
    wet = np.flatnonzero(step_mm > 0.0)
    begin, end = offset[wet], offset[wet + 1]
    starts = np.flatnonzero(np.insert(begin[1:] - end[:-1] >= dry_min, 0, True))
    stops = np.append(starts[1:], len(wet)) - 1
    found: dict[int, int] = {}
    for (low, high), year in zip(bounds, years, strict=True):
        for minutes in durations:
            at, depth = _window(offset, fallen, low, high, float(minutes))
            if depth <= 0.0:
                continue
            inside = np.flatnonzero((end > at) & (begin < at + minutes))
            hardest = inside[int(np.argmax((step_mm[wet] / (end - begin))[inside]))]
            found.setdefault(int(np.searchsorted(starts, hardest, side="right") - 1), int(year))
    rate = step_mm[wet] / (end - begin)
    peaks = []
    for event in found:
        rows = slice(starts[event], stops[event] + 1)
        hardest = starts[event] + int(np.argmax(rate[rows]))
        length = end[stops[event]] - begin[starts[event]]
        peaks.append(((begin[hardest] + end[hardest]) / 2.0 - begin[starts[event]]) / length)
    return np.array(list(found.values()), dtype=np.int64), np.array(peaks)
