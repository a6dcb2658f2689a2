"""Annual maxima of rain from a file: a table of them, or a gauge's series from which they are drawn."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.errors import FormatError, SimulationError
from drainage.formats.rain.engine_rain import read_engine_rain
from drainage.formats.rain.gauge import RAIN_NAMES, RECORDS_MM, as_storm, of_table, rain_file
from drainage.formats.rain.yearly_windows import yearly_maxima
from drainage.formats.tables.survey import read_table
from drainage.hydraulics.extremes.maxima import AnnualMaxima
from drainage.said import Said, joined
from drainage.schema import Issues
from drainage.schema.codes import fold
from drainage.schema.text.dates import check_order
from drainage.schema.text.values import SENTINELS, read_numbers
from drainage.wants import wants
from drainage.words import in_both

_YEARS: Final = ("year", "years", "年", "年份", "年度")
_MONTHS: Final = ("month", "月", "月份")  # beside a year they are parts of a date
_DURATIONS: Final = {
    **dict.fromkeys(("duration_min", "duration", "minutes", "t_min", "历时", "历时_min", "降雨历时", "历时_分钟",
                     "降雨历时_min", "降雨历时_分钟"), 1.0),
    **dict.fromkeys(("duration_h", "duration_hours", "历时_h", "历时_小时", "降雨历时_h", "降雨历时_小时"), 60.0),
}  # fmt: skip
#: Name of a column of rain → mm of one of its units; a rate is per minute.
_DEPTHS: Final = {
    **dict.fromkeys(("depth_mm", "depth", "rain_mm", "rain", "rainfall_mm", "max_mm", "maximum_mm", "雨量", "雨量_mm",
                     "降雨量", "降雨量_mm", "最大雨量", "最大雨量_mm", "降水量", "降水量_mm"), 1.0),
    **dict.fromkeys(("depth_in", "depth_inch", "rain_in", "rainfall_in"), 25.4),
    **dict.fromkeys(("depth_cm", "rain_cm", "雨量_cm"), 10.0),
}  # fmt: skip
_RATES: Final = {
    **dict.fromkeys(
        ("intensity_mm_min", "intensity_mm_per_min", "雨强_mm_min", "雨强_mm_分钟", "暴雨强度_mm_min"), 1.0
    ),
    **dict.fromkeys(("intensity_mm_h", "intensity_mm_per_h", "雨强_mm_h", "暴雨强度_mm_h"), 1.0 / 60.0),
}
_WIDE: Final = re.compile(r"(?:d|t|h|max)?_?(\d+(?:_\d+)?)_?(min|minutes|分钟|分|h|小时|时)?(?:_mm)?$")
_NAMES: Final = (*_YEARS, *_DURATIONS, *_DEPTHS, *_RATES)
_LEAST_YEAR: Final = 1700  # before it nobody recorded rain by the minute; what is no year is refused
_LATEST_YEAR: Final = 2200
_ABOVE_RECORDS: Final = 1.1  # as in `drainage.formats.rain.gauge`
_MOST_LACKING: Final = 0.5  # a duration that more of the years lack is left out, not the years; a choice of ours


@wants
def read_annual_maxima(
    path: str | Path, *, date_order: str | None = None, least_share: float = 0.9, dry_between_min: float = 120.0
) -> AnnualMaxima:
    r"""Read annual maxima of rain, or draw them from the series of a gauge; the columns tell which a file is.

    A table of maxima has ``year``, ``duration_min`` and ``depth_mm`` (年份, 历时, 雨量; or mean intensities,
    ``intensity_mm_min``), a row for each year and duration; or ``year`` and a column for each duration (``5 min``,
    ``60分钟``). Any other file is read by `read_observed_rain`, and in each calendar year the greatest depths in
    windows of 5 to 180 min (GB 50014-2021, B.0.2) are sought, a window belonging to the year in which it begins.

    Parameters
    ----------
    path
        The file.
    date_order
        ``dmy``, ``mdy`` or ``ymd``: the meaning of 03/04/2010 in a series, if the rows do not decide it.
    least_share
        Years of a series of which less is recorded are left out, and said: 90 %, our choice. A series that only has
        rows while it rains cannot be judged so; its gaps are taken as dry, and that is said.
    dry_between_min
        So long without rain parts two storms of a series, whose peaks give r: 2 h, our choice.

    Raises
    ------
    FormatError
        Columns are missing, or a row cannot be meant: no year, a depth that is not positive, the same year and duration
        twice with different depths, more than ever fell on earth; the message names the row.

    Examples
    --------
    >>> import drainage as dr
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "maxima.csv").write_text("year,5 min,60 min\n2019,11.2,48.0\n2020,9.6,71.5\n")
    ...     maxima = dr.formats.read_annual_maxima(f"{folder}/maxima.csv")
    >>> maxima.years.tolist(), maxima.durations_min.tolist(), maxima.depth_mm.tolist()
    ([2019, 2020], [5.0, 60.0], [[11.2, 48.0], [9.6, 71.5]])
    """
    file = rain_file(path)
    check_order(date_order)
    steps = read_engine_rain(file)
    if steps is None:
        issues = Issues()
        table = read_table(file, names=(*_NAMES, *RAIN_NAMES), issues=issues)
        named = {fold(str(name)): str(name) for name in reversed(table.columns)}
        year = next((named[name] for name in _YEARS if name in named), None)
        if year is not None and not any(name in named for name in _MONTHS):
            return _assembled(_long(table, year, named, file), file, tuple(issues.frame()["reason"]))
        steps = of_table(table, issues, file, date_order)
    rain = as_storm(steps, file)
    if rain.begins is None:
        raise FormatError(in_both("maxima_no_dates", file=file.name))
    return yearly_maxima(rain, rain.begins, file.name, least_share=least_share, dry_between_min=dry_between_min)


def _long(table: pd.DataFrame, year: str, named: dict[str, str], file: Path) -> pd.DataFrame:
    """Return year, duration_min, depth_mm and the row of the file, of either kind of table."""
    duration = next((name for name in _DURATIONS if name in named), None)
    if duration is not None:
        column = next((name for name in (*_DEPTHS, *_RATES) if name in named), None)
        if column is None:
            tried, has = joined(("depth_mm", "雨量(mm)", "intensity_mm_min"), ", "), joined(table.columns, ", ")
            raise FormatError(in_both("no_column_of", place=file.name, column="depth_mm", tried=tried, has=has))
        table = table[table[named[column]].notna()]  # a depth that is not there lacks, as does a row
        minutes = _numbers(table[named[duration]], file, in_both("duration_in_min")) * _DURATIONS[duration]
        value = _numbers(table[named[column]], file, in_both("depth_in_mm"))
        depth = value * _DEPTHS[column] if column in _DEPTHS else value * _RATES[column] * minutes
        years = _numbers(table[year], file, in_both("a_year"))
        return pd.DataFrame({"year": years, "duration_min": minutes, "depth_mm": depth, "row": table.index})
    wide = {name: found for name in table.columns if name != year and (found := _WIDE.match(fold(str(name))))}
    if len(wide) < 2:
        tried, has = joined(("duration_min", "历时", "5 min"), ", "), joined(table.columns, ", ")
        raise FormatError(in_both("no_column_of", place=file.name, column="duration_min", tried=tried, has=has))
    years = _numbers(table[year], file, in_both("a_year"))
    parts = []
    for name, found in wide.items():
        length = float(found.group(1).replace("_", ".")) * (60.0 if found.group(2) in {"h", "小时", "时"} else 1.0)
        known = table[name].notna().to_numpy()
        depth = _numbers(table[name][known], file, in_both("depth_in_mm"))
        parts.append(
            pd.DataFrame({"year": years[known], "duration_min": length, "depth_mm": depth, "row": table.index[known]})
        )
    return pd.concat(parts, ignore_index=True)


def _assembled(long: pd.DataFrame, file: Path, notes: tuple[str, ...]) -> AnnualMaxima:
    """Return the maxima as one array; what cannot be meant is refused, and years without all durations left out."""
    _refuse_odd(long, file)
    again = long.duplicated(["year", "duration_min"], keep=False)
    differing = long[again].groupby(["year", "duration_min"])["depth_mm"].agg(["min", "max"])
    if len(odd := differing[differing["max"] - differing["min"] > 1e-9]):
        (year, minutes), depths = odd.index[0], odd.iloc[0]
        rows = joined(long["row"][(long["year"] == year) & (long["duration_min"] == minutes)], ", ")
        raise FormatError(
            in_both(
                "maxima_twice", file=file.name, rows=rows, year=year, minutes=minutes, low=depths["min"],
                high=depths["max"],
            )
        )  # fmt: skip
    if again.any():
        notes = (*notes, in_both("maxima_repeated", count=int(long.duplicated(["year", "duration_min"]).sum())))
    square = long.drop_duplicates(["year", "duration_min"]).pivot_table(
        index="year", columns="duration_min", values="depth_mm"
    )
    seldom = square.columns[square.isna().mean() > _MOST_LACKING]
    if len(seldom):
        notes = (*notes, in_both("maxima_seldom", durations=joined((f"{one:g}" for one in seldom), ", ")))
        square = square.drop(columns=seldom)
    left_out = {
        int(year): in_both("maxima_lacking", durations=joined((f"{one:g}" for one in square.columns[lacks]), ", "))
        for year, lacks in zip(square.index.to_numpy(), square.isna().to_numpy(), strict=True)
        if lacks.any()
    }
    whole = square.dropna()
    if not len(whole):
        raise FormatError(in_both("maxima_no_year", file=file.name))
    try:
        return AnnualMaxima(
            years=whole.index.to_numpy(np.int64),
            durations_min=whole.columns.to_numpy(np.float64),
            depth_mm=whole.to_numpy(np.float64),
            source=file.name,
            left_out=left_out,
            notes=notes,
        )
    except SimulationError as error:
        raise FormatError(error.said) from error


def _refuse_odd(long: pd.DataFrame, file: Path) -> None:
    """Refuse rows that cannot be meant, the first of each kind by its number."""
    years, minutes, depth = (long[name].to_numpy(np.float64) for name in ("year", "duration_min", "depth_mm"))
    envelope = _greatest_mm(minutes)
    for bad, said in (
        ((years != np.round(years)) | (years < _LEAST_YEAR) | (years > _LATEST_YEAR), "maxima_row_year"),
        (~(minutes > 0.0), "maxima_row_duration"),
        (~(depth > 0.0), "maxima_row_depth"),
        (depth > _ABOVE_RECORDS * envelope, "maxima_row_record"),
    ):
        if bad.any():
            at = int(np.flatnonzero(bad)[0])
            raise FormatError(
                in_both(
                    said, file=file.name, row=long["row"].iloc[at], year=years[at], minutes=minutes[at],
                    depth_mm=depth[at], most_mm=float(envelope[at]),
                )
            )  # fmt: skip


def _greatest_mm(minutes: Floats) -> Floats:
    """Return about how much at most ever fell on earth in so many minutes, between the known records on a log scale."""
    known, most = (np.log(np.array([*part])) for part in (RECORDS_MM.keys(), RECORDS_MM.values()))
    return np.asarray(np.exp(np.interp(np.log(np.maximum(minutes, 1e-9)), known, most)))


def _numbers(column: pd.Series, file: Path, expected: Said) -> Floats:
    read = read_numbers(column)
    bad = np.isnan(read.number) | np.isin(read.number, SENTINELS)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        text = "" if pd.isna(column.iloc[row]) else column.iloc[row]
        raise FormatError(
            in_both("row_no_such_number", file=file.name, row=column.index[row], text=text, expected=expected)
        )
    return read.number
