"""Rows of a gauge to steps of rain: which time each row speaks of, and where nothing was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Floats
from drainage.errors import FormatError
from drainage.formats.rain.gauge_times import Times
from drainage.words import in_both

# Choices of ours, no standard's: most steps alike make a gauge of fixed interval, of which any longer step is a gap;
# else a gap is more than four times as long as a usual step. A counter that falls below half of its count began anew.
_REGULAR_SHARE: Final = 0.5
_LONGER: Final = 1.5
_FAR_LONGER: Final = 4.0
_ANEW: Final = 0.5


class Steps(NamedTuple):
    """Steps of rain: their bounds in minutes, (n + 1,), their depths in mm, (n,), the moment of the first bound."""

    edges_min: Floats
    depth_mm: Floats
    first: pd.Timestamp | None
    notes: tuple[str, ...] = ()
    source: str = ""


def of_amounts(times: Times, value: Floats, *, rate: bool, at_begin: bool = False) -> Steps:
    """Compute the interval of each row: since the row before, or one usual interval after a gap, which was dry.

    Parameters
    ----------
    times
        Of the rows.
    value
        mm of each interval; with ``rate`` its mean intensity in mm/h.
    rate
        The values are intensities.
    at_begin
        A row stands at the beginning of its interval, as in rain files of EPA SWMM, else at its end.
    """
    usual, is_gap = intervals(np.diff(times.minutes))
    steps = np.diff(times.minutes)
    length = np.where(is_gap, usual, steps)
    if at_begin:
        begin, end = times.minutes, times.minutes + np.append(length, usual)
    else:
        begin, end = times.minutes - np.insert(length, 0, usual), times.minutes
    depth = value * (end - begin) / 60.0 if rate else value
    edges, inverse = np.unique(np.concatenate([begin, end]), return_inverse=True)
    fallen = np.zeros(len(edges) - 1)
    fallen[inverse[: len(begin)]] = depth
    first = None if times.first is None else times.first + pd.Timedelta(minutes=edges[0] - times.minutes[0])
    return Steps(edges, fallen, first, _gap_notes(steps, usual, is_gap, "rain_gaps_dry"))


def of_readings(times: Times, value: Floats, rows: Sequence[object], file: str) -> Steps:
    """Take differences of a running total; a counter that restarted counts from 0.

    Raises
    ------
    FormatError
        It falls otherwise; the row is named.
    """
    fallen = np.diff(value)
    anew = (fallen < 0) & (value[1:] < _ANEW * value[:-1])
    odd = np.flatnonzero((fallen < 0) & ~anew)
    if len(odd):
        row = int(odd[0]) + 1
        raise FormatError(in_both("total_falls", file=file, row=rows[row], before=value[row - 1], after=value[row]))
    usual, is_gap = intervals(np.diff(times.minutes))
    notes = [*_gap_notes(np.diff(times.minutes), usual, is_gap, "rain_gaps_even")]
    if anew.any():
        notes.append(in_both("rain_anew", count=int(anew.sum())))
    if value[0] > 0:
        notes.append(in_both("rain_before", depth_mm=value[0]))
    return Steps(times.minutes, np.where(anew, value[1:], fallen), times.first, tuple(notes))


def intervals(steps: Floats) -> tuple[float, NDArray[np.bool_]]:
    """Return the usual interval of a gauge, min, and which steps between rows are gaps in its record."""
    length, count = np.unique(np.round(steps, 3), return_counts=True)
    most = int(np.argmax(count))
    if count[most] > _REGULAR_SHARE * len(steps):
        return float(length[most]), steps > _LONGER * length[most]
    usual = float(np.sort(steps)[(len(steps) - 1) // 2])
    return usual, steps > _FAR_LONGER * usual


def _gap_notes(steps: Floats, usual: float, is_gap: NDArray[np.bool_], taken: str) -> tuple[str, ...]:
    if not is_gap.any():
        return ()
    longest = steps[is_gap].max()
    return in_both(taken, count=int(is_gap.sum()), longest=longest), in_both("rain_interval", minutes=usual)
