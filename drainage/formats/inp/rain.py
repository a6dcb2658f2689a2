"""Rain and files of an .inp: a design storm at all its gages, and the files that it names found from elsewhere."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from drainage.errors import SimulationError
from drainage.formats.inp.lines import edit_rows, join_tokens, table_lines
from drainage.formats.inp.series import find_file
from drainage.formats.inp.shapes import tokens
from drainage.formats.inp.text import split_line

if TYPE_CHECKING:
    from pathlib import Path

    from drainage.formats.inp.text import InpText
    from drainage.hydraulics.rainfall import Storm
    from drainage.schema import Issues

    Sections = dict[str, list[str]]

STORM_SERIES: Final = "DESIGN_STORM"
_DATE: Final = "%m/%d/%Y"


def storm_rows(storm: Storm, step_min: float, *, mm_per_unit: float = 1.0) -> pd.DataFrame:
    """Write a storm for [TIMESERIES]: mean intensity of each step, mm/h, at its beginning, and 0 at the end.

    The rain of a last step that is shorter is spread over a whole one: the engine takes no closer times (error 159).
    """
    begin, depth = storm.hyetograph_mm(step_min)
    minute = np.append(begin, begin[-1] + step_min)
    intensity = np.append(depth / step_min * 60.0, 0.0) / mm_per_unit
    return pd.DataFrame({"name": STORM_SERIES, "time": [clock(m) for m in minute], "mm_per_h": tokens(intensity)})


def clock(minutes: float) -> str:
    """Write minutes as h:mm:ss."""
    seconds = round(minutes * 60.0)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def replace_rain(
    sections: Sections, text: InpText, storm: Storm, *, step_min: float, drain_min: float, issues: Issues
) -> None:
    """Let a design storm fall on all rain gages from the beginning of the simulation (in place).

    The simulation is lengthened where it would end less than ``drain_min`` after the storm.

    Raises
    ------
    SimulationError
        The model has no subcatchment or no gage, or ignores rain: the storm would change nothing.
    """
    gages = [row[0] for row in text.rows("RAINGAGES")]
    if not gages or not text.rows("SUBCATCHMENTS"):
        raise SimulationError(
            f"{text.path.name}: has no {'subcatchments' if gages else 'rain gages'}, so that no storm falls on it; "
            "give storm=None to keep its own inflows"
        )
    if text.options.get("IGNORE_RAINFALL", "NO") == "YES":
        raise SimulationError(f"{text.path.name}: IGNORE_RAINFALL is YES; set it to NO, or give storm=None")
    metric = text.units.length_m == 1.0
    rows = {row[0].upper(): row for row in text.rows("RAINGAGES")}
    interval = clock(step_min)[:-3] if step_min >= 1 else clock(step_min)
    edited = [
        join_tokens([name, "INTENSITY", interval, row[3] if len(row) > 3 else "1.0", "TIMESERIES", STORM_SERIES])
        for name, row in ((row[0], row) for row in rows.values())
    ]
    sections["RAINGAGES"] = [line for line in sections["RAINGAGES"] if not split_line(line)] + edited
    former = {row[-1].upper() for row in rows.values() if len(row) > 5 and row[4].upper() == "TIMESERIES"}
    _forget_missing(sections, text, former)
    series = table_lines(storm_rows(storm, step_min, mm_per_unit=1.0 if metric else 25.4))
    if not metric:
        series[0] = series[0].replace("mm_per_h", "in_per_h")
    sections.setdefault("TIMESERIES", []).extend(series)
    issues.add("rain_replaced", "info", "gage", gages, f"its rain is replaced by {storm!r}", "written")
    _lengthen(sections, text, storm.duration_min + drain_min, issues)


def _lengthen(sections: Sections, text: InpText, minutes: float, issues: Issues) -> None:
    start = _moment(text, "START", None)
    end = _moment(text, "END", start)
    if start is None:
        return
    least = start + dt.timedelta(minutes=minutes)
    if end is not None and end >= least:
        return
    options = {"END_DATE": least.strftime(_DATE), "END_TIME": least.strftime("%H:%M:%S")}
    kept = [row for line in sections["OPTIONS"] if (row := split_line(line))]
    there = {row[0].upper() for row in kept}
    sections["OPTIONS"] = edit_rows(sections["OPTIONS"], {name: {1: value} for name, value in options.items()})
    sections["OPTIONS"] += [f"{name}  {value}" for name, value in options.items() if name not in there]
    issues.add("lengthened", "info", "file", [text.path.name], "its simulation ends before the storm has drained",
               f"ends at {least:%Y-%m-%d %H:%M}")  # fmt: skip


def _moment(text: InpText, which: str, default: dt.datetime | None) -> dt.datetime | None:
    """Read a date and time of the options; the engine's own default is the first of January 2004."""
    date, time = text.options.get(f"{which}_DATE"), text.options.get(f"{which}_TIME", "0:00:00")
    base = default or dt.datetime(2004, 1, 1)  # noqa: DTZ001 - the model's own clock
    if date is not None:
        for pattern in (_DATE, "%m-%d-%Y", "%b-%d-%Y", "%b/%d/%Y"):
            try:
                base = dt.datetime.strptime(date, pattern)  # noqa: DTZ007 - likewise
                break
            except ValueError:
                continue
        else:
            return None
    try:
        parts = [float(part) for part in time.split(":")]
    except ValueError:
        return None
    hours = sum(part / unit for part, unit in zip(parts, (1, 60, 3600), strict=False))
    return dt.datetime(base.year, base.month, base.day) + dt.timedelta(hours=hours)  # noqa: DTZ001 - likewise


def _forget_missing(sections: Sections, text: InpText, series: set[str]) -> None:
    """Leave out series of former rain that are in files which are not there, and that nothing else names (in place)."""
    elsewhere = {
        token.upper()
        for section in ("INFLOWS", "OUTFALLS", "CONTROLS", "TEMPERATURE", "EVAPORATION", "ADJUSTMENTS", "FILES")
        for row in text.rows(section)
        for token in row
    }
    gone = {
        row[0].upper()
        for row in text.rows("TIMESERIES")
        if len(row) > 2 and row[1].upper() == "FILE" and find_file(text.path.parent, row[2]) is None
    }
    sections["TIMESERIES"] = edit_rows(sections.get("TIMESERIES", []), {}, drop=gone & series - elsewhere)


def point_to_files(sections: Sections, text: InpText, folder: Path, issues: Issues) -> None:
    """Name input files by their whole path where the model is written to another folder (in place)."""
    if folder.resolve() == text.path.parent.resolve():
        return
    moved: list[str] = []
    for section, words in (("RAINGAGES", ("FILE",)), ("TIMESERIES", ("FILE",)), ("TEMPERATURE", ("FILE",)),
                           ("FILES", ("USE",))):  # fmt: skip
        lines = sections.get(section, [])
        for number, line in enumerate(lines):
            row = split_line(line)
            for place, token in enumerate(row[:-1]):
                at = place + (2 if section == "FILES" else 1)
                if token.upper() not in words or at >= len(row):
                    continue
                file = find_file(text.path.parent, row[at])
                if file is not None and row[at] != str(file.resolve()):
                    row[at] = str(file.resolve())
                    lines[number] = join_tokens(row)
                    moved.append(file.name)
                break
    issues.add("file_moved", "info", "file", moved, "is named relative to the model as it was read",
               "named by its whole path")  # fmt: skip
