"""Water that does not belong into a sewer, told from its flow by the hour: in dry weather, and after rain.

Arrays in, arrays out. Time is in hours from midnight of the first day; flows are means of an hour, (n_meters, n_hours),
m³/h, nan where nothing was read. Hour 24 d + h is hour h of day d, so a series holds whole days.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from drainage.arrays import Bools, Floats, Rows

HOURS = 24


class RainEvents(NamedTuple):
    """Rain by event, (n_events,): begin and end, h, and depth, mm."""

    begin_h: Floats
    end_h: Floats
    depth_mm: Floats


class DryWeather(NamedTuple):
    """What a sewer carries in dry weather: days used, (n_meters, n_days), and (n_meters, 24) mean flow by hour, m³/h.

    ``night_m3h`` is the mean of the least flow of each night, (n_meters,). All nan where no day could be used.
    """

    days: Bools
    pattern_m3h: Floats
    night_m3h: Floats

    @property
    def mean_m3_per_day(self) -> Floats:
        """ADF, (n_meters,)."""
        return np.asarray(self.pattern_m3h.sum(axis=1))


def rain_events(edges_h: ArrayLike, step_mm: ArrayLike, *, gap_h: float, least_mm: float) -> RainEvents:
    """Split a record of rain into events.

    Parameters
    ----------
    edges_h
        (n + 1,) bounds of the intervals of the record, h.
    step_mm
        (n,) rain of each interval, mm.
    gap_h
        Hours without rain that part two events.
    least_mm
        An event of less is left out.
    """
    edges, steps = np.asarray(edges_h, np.float64), np.asarray(step_mm, np.float64)
    wet = np.flatnonzero(steps > 0.0)
    begin, end = edges[wet], edges[wet + 1]
    first = np.flatnonzero(np.append(True, begin[1:] - end[:-1] >= gap_h)) if len(wet) else wet
    depth = np.add.reduceat(steps[wet], first) if len(wet) else np.empty(0)
    last = np.append(first[1:], len(wet)) - 1 if len(wet) else first
    kept = depth >= least_mm
    return RainEvents(begin[first][kept], end[last][kept], depth[kept])


def dry_days(events: RainEvents, n_days: int, *, known_h: tuple[float, float], dry_h: float) -> Bools:
    """(n_days,) days on which it did not rain, that begin ``dry_h`` or more after the last rain.

    Parameters
    ----------
    known_h
        From when to when rain was recorded; what fell before is not known, so that no day is dry until ``dry_h`` later.
    """
    begin = np.arange(n_days) * float(HOURS)
    end = begin + HOURS
    dry = (begin >= known_h[0] + dry_h) & (end <= known_h[1])
    for rain_begin, rain_end in zip(events.begin_h, events.end_h, strict=True):
        dry &= (end <= rain_begin) | (begin >= rain_end + dry_h)
    return dry


def dry_weather(flow_m3h: Floats, dry: Bools, *, night_h: tuple[int, int]) -> DryWeather:
    """Average the dry days of which every hour was read.

    Parameters
    ----------
    flow_m3h
        (n_meters, 24 n_days).
    dry
        (n_days,)
    night_h
        First hour of the night and the one behind its last.
    """
    by_day = flow_m3h.reshape(len(flow_m3h), -1, HOURS)
    used = dry & np.isfinite(by_day).all(axis=2)
    count = used.sum(axis=1)[:, None].astype(np.float64)
    total = np.where(used[:, :, None], by_day, 0.0).sum(axis=1)
    least = np.where(used, by_day[:, :, night_h[0] : night_h[1]].min(axis=2), 0.0).sum(axis=1)[:, None]
    some = count > 0
    pattern = np.divide(total, count, out=np.full_like(total, np.nan), where=some)
    night = np.divide(least, count, out=np.full_like(least, np.nan), where=some)
    return DryWeather(used, pattern, night[:, 0])


def longest_run(mask: Bools) -> Rows:
    """(n_rows,) length of the longest unbroken run of True in each row."""
    longest, run = np.zeros((2, len(mask)), np.intp)
    for day in mask.T:
        run = np.where(day, run + 1, 0)
        longest = np.maximum(longest, run)
    return longest


def infiltration_by_water_use(adf: ArrayLike, water_use: ArrayLike, returned_share: float) -> Floats:
    """Return the dry-weather infiltration, BI = ADF − K Qg, in the unit of its arguments.

    References
    ----------
    T/CECS 1764-2024, 5.2.4: K is 0.8 to 0.9.

    Examples
    --------
    >>> float(infiltration_by_water_use(1000.0, 1000.0, 0.85))
    150.0
    """
    return np.asarray(adf, np.float64) - returned_share * np.asarray(water_use, np.float64)


def infiltration_by_night(adf: ArrayLike, night: ArrayLike, day_share: float) -> Floats:
    """Return the dry-weather infiltration from night flow, BI = ADF − (ADF − MDF)/X, in the unit of its arguments.

    References
    ----------
    T/CECS 1764-2024, 5.2.5: X is the share of the mean daily sewage that is not the least flow of the night.

    Examples
    --------
    >>> float(infiltration_by_night(1000.0, 280.0, 0.9))
    200.0
    """
    mean = np.asarray(adf, np.float64)
    return mean - (mean - np.asarray(night, np.float64)) / day_share


def event_windows(events: RainEvents, n_hours: int, *, recession_h: float) -> Rows:
    """(n_events, 2) first hour of each event and the one behind its last: until ``recession_h`` after the rain.

    The next event ends a window, so that no hour belongs to two. A window that leaves the series is empty.
    """
    first = np.floor(events.begin_h)
    last = np.ceil(events.end_h + recession_h)
    last = np.minimum(last, np.append(first[1:], np.inf))
    inside = (first >= 0) & (last <= n_hours)
    return np.column_stack([np.where(inside, first, 0), np.where(inside, last, 0)]).astype(np.intp)


class WetWeather(NamedTuple):
    """What a sewer carries after rain, (n_events, n_meters); nan where an hour of the event was not read.

    ``volume_m3`` flowed, ``rdii_m3`` of it beyond the flow of the same hours of dry days; ``peak_m3h`` is the largest
    flow of an hour, ``times_dry`` the volume by that of dry days. ``hours``, (n_events,), are the lengths.
    """

    volume_m3: Floats
    rdii_m3: Floats
    peak_m3h: Floats
    times_dry: Floats
    hours: Floats

    @property
    def mean_m3_per_day(self) -> Floats:
        """(n_meters,) mean flow of the hours of all measured events, nan where there is none."""
        hours = (np.isfinite(self.volume_m3) * self.hours[:, None]).sum(axis=0)
        total = np.nan_to_num(self.volume_m3).sum(axis=0) * HOURS
        return np.asarray(np.divide(total, hours, out=np.full(len(hours), np.nan), where=hours > 0))


def wet_weather(flow_m3h: Floats, pattern_m3h: Floats, windows: Rows) -> WetWeather:
    """Compare the flow in each window with the pattern of dry days at the same hours.

    RDII = Σ (Q − Q_dry) over the hours of the event (T/CECS 1764-2024; its unit per sewer and rain is m³/(km·mm)).
    """
    shape = (len(windows), len(flow_m3h))
    volume, rdii, peak, times = np.full((4, *shape), np.nan)
    for k, (first, last) in enumerate(windows):
        if last > first:
            wet, usual = flow_m3h[:, first:last], pattern_m3h[:, np.arange(first, last) % HOURS]
            dry_volume = usual.sum(axis=1)
            volume[k], peak[k] = wet.sum(axis=1), wet.max(axis=1)
            rdii[k] = volume[k] - dry_volume
            np.divide(volume[k], dry_volume, out=times[k], where=dry_volume > 0)
    return WetWeather(volume, rdii, peak, times, np.diff(windows, axis=1)[:, 0].astype(np.float64))
