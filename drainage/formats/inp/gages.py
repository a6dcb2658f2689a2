"""Rain that an .inp carries: its gages, with time series and files beside it, on the clock of its simulation."""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple

import numpy as np

from drainage.arrays import Floats
from drainage.formats.inp.edit.overrides import clock_seconds, moment
from drainage.formats.inp.text.files import find_file
from drainage.formats.inp.text.series import Tables
from drainage.formats.inp.text.tokens import InpText, split_line, split_lines

_MM_PER_IN: Final = 25.4
#: Days from which on a time of a series is a date and no time since the beginning.
DATED: Final = 36500.0


class GageRain(NamedTuple):
    """Rain of a gage: begin and length of each interval, min from the start of the simulation, and its depth, mm."""

    begin_min: Floats
    length_min: Floats
    depth_mm: Floats

    def until_mm(self, time_min: Floats) -> Floats:
        """Return the depth fallen by each time."""
        end = self.begin_min + self.length_min
        at = np.column_stack([self.begin_min, end]).ravel()
        fallen = np.cumsum(self.depth_mm)
        total = np.column_stack([fallen - self.depth_mm, fallen]).ravel()
        return np.interp(time_min, at, total, left=0.0) if len(at) else np.zeros(len(time_min))


def simulated_min(text: InpText) -> float:
    """Return the length of the simulation, min; 0 where its dates are not understood."""
    begin = moment(text, "START", None)
    end = None if begin is None else moment(text, "END", begin)
    return 0.0 if begin is None or end is None else max((end - begin).total_seconds() / 60.0, 0.0)


def minutes_of(days: Floats, text: InpText) -> Floats:
    """Return the times of a series, given in days, as minutes from the start of the simulation."""
    begin = moment(text, "START", None) or dt.datetime(2004, 1, 1)  # noqa: DTZ001 - the model's own clock
    start = begin.toordinal() + (begin.hour * 3600 + begin.minute * 60 + begin.second) / 86400.0
    return np.where(days > DATED, days - start, days) * 1440.0


def read_gages(text: InpText, tables: Tables) -> tuple[dict[str, GageRain], list[str]]:
    """Read the rain of all gages within the simulation.

    Returns
    -------
    Name in capitals → rain; and the names of those whose rain cannot be read.
    """
    found, lost = {}, []
    for row in text.rows("RAINGAGES"):
        rain = _gage(row, text, tables)
        if rain is None:
            lost.append(row[0])
        else:
            found[row[0].upper()] = rain
    return found, lost


def _gage(row: list[str], text: InpText, tables: Tables) -> GageRain | None:
    if len(row) < 6:
        return None
    form, length, source = row[1].upper(), (clock_seconds(row[2]) or 0.0) / 60.0, row[4].upper()
    metric = text.units.length_m == 1.0
    if source.startswith("TIME"):
        series = tables.series(row[5])
        times, values = (None, None) if series is None else (minutes_of(series[:, 0], text), series[:, 1])
    else:
        times, values = _of_file(row, text)
        metric = not (len(row) > 7 and row[7].upper().startswith("IN"))
    if times is None or values is None or not length > 0.0:
        return None
    values = values * (1.0 if metric else _MM_PER_IN)
    if form.startswith("INT"):
        values = values * length / 60.0
    elif form.startswith("CUM"):
        values = np.diff(values, prepend=0.0)
        values = np.where(values < 0.0, 0.0, values)
    order = np.argsort(times, kind="stable")
    times, values = times[order], np.maximum(values[order], 0.0)
    # an interval ends where the next begins, and at the end of the simulation
    span = np.minimum(length, np.append(np.diff(times), length))
    end = simulated_min(text)
    inside = (values > 0.0) & (span > 0.0) & (times >= 0.0) & ((times < end) | (end <= 0.0))
    depth = values * (span / length if form.startswith("INT") else 1.0)
    return GageRain(times[inside], span[inside], depth[inside])


def _of_file(row: list[str], text: InpText) -> tuple[Floats | None, Floats | None]:
    """Read the rows of a station, ``station year month day hour minute value``."""
    file = find_file(text, row[5])
    if file is None:
        return None, None
    wanted = row[6].upper() if len(row) > 6 else "*"
    days, values = [], []
    for line in split_lines(file.read_text(encoding="latin-1")):
        part = split_line(line)
        if len(part) < 7 or (wanted != "*" and part[0].upper() != wanted):
            continue
        try:
            year, month, day, hour, minute = (int(word) for word in part[1:6])
            days.append(dt.date(year, month, day).toordinal() + (hour * 60 + minute) / 1440.0)
            values.append(float(part[6]))
        except ValueError:
            return None, None
    return (minutes_of(np.array(days), text), np.array(values)) if days else (None, None)
