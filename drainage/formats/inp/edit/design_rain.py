"""Rain and files of an .inp: a design storm at all its gages, and the files that it names found from elsewhere."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from drainage.errors import SimulationError
from drainage.formats.inp.edit.overrides import make_way_for_storm
from drainage.formats.inp.edit.section_rows import tokens
from drainage.formats.inp.text.files import files_named, locate
from drainage.formats.inp.text.lines import edit_rows, join_tokens, table_lines
from drainage.formats.inp.text.tokens import split_line
from drainage.words import in_both

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drainage.formats.inp.text.tokens import InpText
    from drainage.hydraulics.rainfall import Storm
    from drainage.schema import Issues

    Sections = dict[str, list[str]]

STORM_SERIES: Final = "DESIGN_STORM"


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
    """Replace the rain of all gages by a design storm from the beginning of the simulation (in place).

    What would silence it is set aside (`make_way_for_storm`); the simulation ends ``drain_min`` after the storm or
    later, but not much later.

    Raises
    ------
    SimulationError
        The model has no subcatchment or no gage, or ignores rain: the storm would change nothing.
    """
    gages = [row[0] for row in text.rows("RAINGAGES")]
    if not gages or not text.rows("SUBCATCHMENTS"):
        what = in_both("subcatchments" if gages else "gages")
        raise SimulationError(in_both("no_storm_falls", file=text.path.name, what=what))
    make_way_for_storm(sections, text, storm.duration_min + drain_min, issues)
    metric = text.units.length_m == 1.0
    rows = {row[0].upper(): row for row in text.rows("RAINGAGES")}
    taken = {row[0].upper() for row in text.rows("TIMESERIES")}
    series_name = next(name for name in _series_names() if name not in taken)
    interval = clock(step_min)[:-3] if step_min >= 1 else clock(step_min)
    edited = [
        join_tokens([name, "INTENSITY", interval, row[3] if len(row) > 3 else "1.0", "TIMESERIES", series_name])
        for name, row in ((row[0], row) for row in rows.values())
    ]
    sections["RAINGAGES"] = [line for line in sections["RAINGAGES"] if not split_line(line)] + edited
    former = {row[-1].upper() for row in rows.values() if len(row) > 5 and row[4].upper() == "TIMESERIES"}
    _forget_missing(sections, text, former)
    series = table_lines(storm_rows(storm, step_min, mm_per_unit=1.0 if metric else 25.4).assign(name=series_name))
    if not metric:
        series[0] = series[0].replace("mm_per_h", "in_per_h")
    sections.setdefault("TIMESERIES", []).extend(series)
    reason = in_both("rain_replaced", storm=repr(storm))
    issues.add("rain_replaced", "info", "gage", gages, reason, in_both("is_written"))


def _series_names() -> Iterator[str]:
    yield STORM_SERIES
    yield from (f"{STORM_SERIES}_{number}" for number in itertools.count(2))


def _forget_missing(sections: Sections, text: InpText, series: set[str]) -> None:
    """Leave out series of former rain whose files may not be read, and that nothing else names (in place)."""
    elsewhere = {
        token.upper()
        for section in ("INFLOWS", "OUTFALLS", "CONTROLS", "TEMPERATURE", "EVAPORATION", "ADJUSTMENTS", "FILES")
        for row in text.rows(section)
        for token in row
    }
    gone = {
        row[0].upper()
        for row in text.rows("TIMESERIES")
        if len(row) > 2 and row[1].upper() == "FILE" and not _may_be_read(text, row[2])
    }
    sections["TIMESERIES"] = edit_rows(sections.get("TIMESERIES", []), {}, drop=gone & series - elsewhere)


def _may_be_read(text: InpText, written: str) -> bool:
    found = locate(text.path.parent, written)
    return found is not None and (text.allow_outside or not found.outside)


def point_to_files(sections: Sections, text: InpText, folder: Path, issues: Issues) -> None:
    """Name input files by their whole path where the model is written to another folder (in place)."""
    if folder.resolve() == text.path.parent.resolve():
        return
    moved: list[str] = []
    for named in list(files_named(sections)):
        found = locate(text.path.parent, named.written)
        if found is None or named.written == str(found.path.resolve()):
            continue
        row = split_line(sections[named.section][named.line])
        row[named.place] = str(found.path.resolve())
        sections[named.section][named.line] = join_tokens(row)
        moved.append(found.path.name)
    issues.add("file_moved", "info", "file", moved, in_both("named_relative"), in_both("named_whole"))
