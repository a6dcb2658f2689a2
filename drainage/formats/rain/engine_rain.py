"""Rain files of EPA SWMM: rows of a station, or a time series; each row stands at the beginning of its interval."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from drainage.errors import FormatError
from drainage.formats.rain.gauge_times import Times
from drainage.formats.rain.rain_steps import Steps, of_amounts, of_readings
from drainage.formats.tables.rows import text_of
from drainage.said import joined
from drainage.schema.text.values import SENTINELS
from drainage.words import in_both

_STATION: Final = re.compile(r"(\S+)\s+(\d{4})\s+(\d{1,2})\s+(\d{1,2})\s+(\d{1,2})\s+(\d{1,2})\s+([-+.\deE]+)$")
_SERIES: Final = re.compile(
    r"(?:(\d{1,2})[/-](\d{1,2}|[A-Za-z]{3})[/-](\d{4})\s+)?(\d+(?::\d{1,2}){1,2}|\d+(?:\.\d+)?)\s+([-+.\deE]+)$"
)
_SERIES_NAMED: Final = re.compile(r"([A-Za-z]{3})[/-](\d{1,2})[/-](\d{4})\s+(\d+(?::\d{1,2}){1,2})\s+([-+.\deE]+)$")
_KIND: Final = re.compile(r"\b(INTENSITY|VOLUME|CUMULATIVE)\b")
_UNIT: Final = re.compile(r"\b(IN|INCHES|inches|inch)\b|\b(MM|mm)\b")
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905 - plainer
_MM_PER_IN: Final = 25.4


def read_engine_rain(file: Path) -> Steps | None:
    """Read a rain file of EPA SWMM; None where it is none.

    What the values are, the model says and not the file: mm that fell in each interval (VOLUME), unless a comment of
    the file has the words INTENSITY or CUMULATIVE, or IN.

    Raises
    ------
    FormatError
        Several stations in one file; a row or value that cannot be.
    """
    if file.suffix.lower() not in {".dat", ".txt", ".csv"}:
        return None
    lines = [(number, line.strip()) for number, line in enumerate(text_of(file).splitlines(), 1)]
    rows = [(number, line) for number, line in lines if line and not line.startswith(";")]
    remarks = " ".join(line for _, line in lines if line.startswith(";"))
    if not rows:
        return None
    if _STATION.match(rows[0][1]):
        return _of_station(rows, remarks, file)
    if file.suffix.lower() == ".dat":
        return _of_series(rows, remarks, file)
    return None


def _of_station(rows: list[tuple[int, str]], remarks: str, file: Path) -> Steps:
    read = [(number, _STATION.match(line)) for number, line in rows]
    odd = next((number for number, found in read if found is None), None)
    if odd is not None:
        raise FormatError(in_both("no_station_row", file=file.name, row=odd))
    found = [(number, match) for number, match in read if match is not None]
    stations = sorted({match.group(1) for _, match in found})
    if len(stations) > 1:
        raise FormatError(in_both("several_stations", file=file.name, stations=joined(stations, ", ")))
    times = [_moment(file, number, *map(int, match.group(2, 3, 4, 5, 6))) for number, match in found]
    values = [_value(file, number, match.group(7)) for number, match in found]
    first = times[0]
    minutes = np.array([(time - first).total_seconds() / 60.0 for time in times])
    return _steps(file, [number for number, _ in found], minutes, pd.Timestamp(first), values, remarks)


def _of_series(rows: list[tuple[int, str]], remarks: str, file: Path) -> Steps:
    """Read ``date time value``, month first as the engine has it, or ``time value`` in hours or h:mm."""
    day: dt.datetime | None = None
    minutes, values, first = [], [], None
    for number, line in rows:
        named, found = _SERIES_NAMED.match(line), _SERIES.match(line)
        if named:
            month, day_text, year, clock, value = named.groups()
        elif found:
            month, day_text, year, clock, value = found.groups()
        else:
            raise FormatError(in_both("no_rain_row", file=file.name, row=number))
        if year:
            day = _moment(file, number, int(year), _month(month), int(day_text), 0, 0)
            first = first or day
        since = 0.0 if day is None or first is None else (day - first).total_seconds() / 60.0
        minutes.append(since + _clock_min(clock))
        values.append(_value(file, number, value))
    begins = None if first is None else pd.Timestamp(first) + pd.Timedelta(minutes=minutes[0])
    return _steps(file, [number for number, _ in rows], np.array(minutes) - minutes[0], begins, values, remarks)


def _steps(
    file: Path, rows: list[int], minutes: np.ndarray, first: pd.Timestamp | None, values: list[float], remarks: str
) -> Steps:
    wrong = np.flatnonzero(np.diff(minutes) <= 0)
    if len(wrong) or len(minutes) < 2:
        row = rows[int(wrong[0]) + 1] if len(wrong) else rows[0]
        raise FormatError(in_both("times_must_rise", file=file.name, row=row))
    said, unit = _KIND.search(remarks), _UNIT.search(remarks)
    kind = said.group(1) if said else "VOLUME"
    in_inches = unit is not None and unit.group(1) is not None
    number = np.array(values) * (_MM_PER_IN if in_inches else 1.0)
    what = in_both({"INTENSITY": "rain_rates", "VOLUME": "rain_depths", "CUMULATIVE": "rain_totals"}[kind])
    note = in_both(
        "rain_file",
        kind=kind,
        what=in_both("rain_inches", what=what) if in_inches else what,
        doubt="" if said else in_both("rain_file_doubt"),
    )
    times = Times(minutes, first, ())
    if kind == "CUMULATIVE":
        steps = of_readings(times, number, rows, file.name)
    else:
        steps = of_amounts(times, number, rate=kind == "INTENSITY", at_begin=True)
        if number[-1] == 0.0:  # a last 0 ends the rain, no step of its own
            steps = steps._replace(edges_min=steps.edges_min[:-1], depth_mm=steps.depth_mm[:-1])
    source = f"{file.name}" if first is None else in_both("rain_from", file=file.name, begin=f"{first:%Y-%m-%d %H:%M}")
    return steps._replace(source=source, notes=(note, *steps.notes))


def _moment(file: Path, number: int, year: int, month: int, day: int, hour: int, minute: int) -> dt.datetime:
    try:
        start = dt.datetime(year, month, day)  # noqa: DTZ001 - the gauge's own clock
    except ValueError as error:
        raise FormatError(in_both("no_such_day", file=file.name, row=number, error=error)) from error
    return start + dt.timedelta(hours=hour, minutes=minute)


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS.index(text.lower()) + 1 if text.lower() in _MONTHS else 0


def _clock_min(text: str) -> float:
    parts = [float(part) for part in text.split(":")]
    return sum(part * unit for part, unit in zip(parts, (60.0, 1.0, 1 / 60.0), strict=False))


def _value(file: Path, number: int, text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise FormatError(in_both("row_no_number", file=file.name, row=number, text=text)) from error
    if value in SENTINELS or value < 0:
        raise FormatError(in_both("row_missing_code", file=file.name, row=number, text=text))
    return value
