"""Rain and water levels of a gauge from a file: times, and what fell or how high the water stood."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.errors import FormatError, SimulationError
from drainage.formats.guard.before_opening import check_path, local_path
from drainage.formats.rain.engine_rain import read_engine_rain
from drainage.formats.rain.gauge_times import read_times, time_column
from drainage.formats.rain.rain_steps import Steps, of_amounts, of_readings
from drainage.formats.tables.survey import read_table
from drainage.hydraulics.formulas import USUAL_HOUR_MM
from drainage.hydraulics.rainfall import ObservedStorm
from drainage.said import Said, joined
from drainage.schema import Issues
from drainage.schema.codes import fold
from drainage.schema.text.dates import check_order
from drainage.schema.text.values import SENTINELS, read_numbers
from drainage.wants import wants
from drainage.words import in_both

Kind = Literal["depth", "cumulative", "intensity"]
_RATES: Final = {
    **dict.fromkeys(
        ("mm_h", "mm_hr", "mm_hour", "mm_per_h", "mm_per_hr", "mm_per_hour", "mmh", "毫米_小时", "毫米_时"), 1.0
    ),
    **dict.fromkeys(("mm_min", "mm_per_min", "毫米_分", "毫米_分钟"), 60.0),
    **dict.fromkeys(("in_h", "in_hr", "in_hour", "in_per_h", "in_per_hr", "inch_h", "inches_per_hour"), 25.4),
}  # to mm/h
_AMOUNTS: Final = {"mm": 1.0, "毫米": 1.0, "cm": 10.0, **dict.fromkeys(("in", "inch", "inches"), 25.4)}  # to mm
_UNIT: Final = re.compile(
    rf"(?:^|_|(?<=[^\x00-\x7f]))({'|'.join(sorted((*_RATES, *_AMOUNTS), key=len, reverse=True))})$"
)
_NAMES: Final[dict[Kind, tuple[str, ...]]] = {
    "depth": (
        "depth", "", "rain", "rainfall", "precipitation", "precip", "p", "increment", "incremental", "rain_depth",
        "雨量", "降雨量", "降水量", "时段雨量", "时段降雨量", "小时雨量", "分钟雨量", "降雨", "降水",
    ),
    "cumulative": (
        "cumulative", "cumulative_rain", "cumulative_rainfall", "cumulative_depth", "cum", "cum_rain", "accumulated",
        "accumulated_rain", "accumulation", "total", "total_rain", "累计雨量", "累积雨量", "累计降雨量", "累积降雨量",
        "累计降水量", "累计降雨", "累积降雨", "累计", "累积",
    ),
    "intensity": (
        "intensity", "rain_intensity", "rainfall_intensity", "rate", "rain_rate", "rainfall_rate", "雨强", "降雨强度",
        "雨量强度", "强度",
    ),
}  # fmt: skip
_LEVEL: Final = ("level_m", "water_level_m", "stage_m", "level", "stage", "水位", "水位_m", "潮位", "潮位_m")
#: Names of columns by which a table of rain or levels is known.
RAIN_NAMES: Final = (
    *(name for names in _NAMES.values() for name in names if name),
    *_LEVEL,
    "depth_mm",
    "time",
    "时间",
)
# The heaviest rains recorded on earth, min → mm: Barot 1970, Holt 1947, Foc-Foc 1966, Cherrapunji 1995, Commerson 2007
# (archive of extremes of WMO, as remembered, not looked up). Beyond them by a tenth a unit is wrong (own choice).
RECORDS_MM: Final = {1.0: 38.0, 42.0: 305.0, 720.0: 1144.0, 1440.0: 1825.0, 2880.0: 2493.0, 4320.0: 3929.0}
_ABOVE_RECORDS: Final = 1.1
_RISES: Final = 8  # so many rows that never fall are a running total; a choice of ours


class _Values(NamedTuple):
    """A column of rain: what it measures, its numbers in mm or mm/h, its name, and what was assumed."""

    kind: Kind
    number: Floats
    name: str
    notes: tuple[str, ...]


@wants
def read_observed_rain(path: str | Path, *, date_order: str | None = None) -> ObservedStorm:
    r"""Read observed rain: a column of times, and one of depths, of a running total, or of intensities.

    Times are dates, minutes or hours from the beginning, or serial days of a spreadsheet. The name of the rain column
    states what it holds: ``depth_mm``, ``雨量(mm)``, ``rain_in``: what fell in each interval; ``cumulative_mm``,
    ``累计雨量``: a running total; ``intensity_mm_h``, ``雨强(mm/min)``: mean intensities. Depth and intensity of a row
    apply to the time since the row before; after a gap they apply to one interval, and the rest of the gap is taken as
    dry. Rain files of EPA SWMM (``station year month day hour minute value``; ``date time value``) are read too: their
    rows stand at the beginning of the interval. How a file was understood is in the storm's ``remarks``.

    Parameters
    ----------
    path
        The file.
    date_order
        ``dmy``, ``mdy`` or ``ymd``: the meaning of 03/04/2010, if the rows do not decide it.

    Raises
    ------
    FormatError
        Columns are missing, times do not increase, day and month cannot be distinguished, or a value is not a number;
        the message names the row.

    References
    ----------
    EPA SWMM 5.2 User's Manual (EPA/600/R-22/030), 11.3 and appendix D, for its rain files.

    Examples
    --------
    >>> import drainage as dr
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "rain.csv").write_text("time_min,depth_mm\n5,2.0\n10,6.0\n15,1.5\n")
    ...     rain = dr.read_observed_rain(f"{folder}/rain.csv")
    >>> rain.depth_mm, rain.duration_min, rain.peak_min
    (9.5, 15.0, 7.5)
    """
    file = rain_file(path)
    check_order(date_order)
    return as_storm(read_engine_rain(file) or _of_file(file, date_order), file)


def as_storm(steps: Steps, file: Path) -> ObservedStorm:
    """Return the steps of a gauge as a storm; rain that never fell on earth is refused, heavy rain said.

    Raises
    ------
    FormatError
        A unit is wrong, or it never rained.
    """
    for minutes, record_mm in RECORDS_MM.items():
        if (depth_mm := _most_within(steps, minutes)) > _ABOVE_RECORDS * record_mm:
            raise FormatError(in_both("more_than_ever_fell", file=file.name, depth_mm=depth_mm, minutes=minutes))
    if (depth_mm := _most_within(steps, 60.0)) > USUAL_HOUR_MM[1]:
        steps = steps._replace(notes=(*steps.notes, in_both("rain_heavy", depth_mm=depth_mm, minutes=60.0)))
    begins = None if steps.first is None else steps.first.to_datetime64()
    try:
        return ObservedStorm(steps.edges_min - steps.edges_min[0], steps.depth_mm, steps.source, begins, steps.notes)
    except SimulationError as error:
        raise FormatError(joined([file.name, error.said], ": ")) from error


@wants
def read_water_levels(
    path: str | Path, *, begins: np.datetime64 | None = None, date_order: str | None = None
) -> pd.Series:
    r"""Read levels of a receiving water: a column of times (dates, or minutes) and one of levels in m.

    Parameters
    ----------
    path
        The file.
    begins
        Beginning of the storm, if the times are dates (`ObservedStorm.begins`); None: the first row.
    date_order
        ``dmy``, ``mdy`` or ``ymd``: the meaning of 03/04/2010, if the rows do not decide it.

    Returns
    -------
    Levels in m by minutes from the beginning of the storm, for ``tailwater_m`` of `simulate_swmm` and `write_inp`.

    Raises
    ------
    FormatError
        Columns are missing, times do not increase, or a value is not a number; the message names the row.

    Examples
    --------
    >>> import drainage as dr
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "river.csv").write_text("time_min,level_m\n0,18.9\n60,19.4\n120,19.2\n")
    ...     levels = dr.formats.read_water_levels(f"{folder}/river.csv")
    >>> levels.to_dict()
    {0.0: 18.9, 60.0: 19.4, 120.0: 19.2}
    """
    file = check_path(path)
    table = read_table(file, names=RAIN_NAMES)
    time = time_column(table, file.name)
    level = next((table[name] for name in table.columns if fold(str(name)) in _LEVEL), None)
    if level is None:
        tried, has = joined(_LEVEL[:6], ", "), joined(table.columns, ", ")
        raise FormatError(in_both("no_column_of", place=file.name, column="level_m", tried=tried, has=has))
    minutes, first, _ = read_times(time, file.name, date_order=check_order(date_order))
    if first is not None and begins is not None:
        minutes = minutes + (first - pd.Timestamp(begins)).total_seconds() / 60.0
    levels = _numbers(level, file, in_both("level_in_m"))
    return pd.Series(levels, index=pd.Index(minutes, name="minute"), name="level_m")


def _most_within(steps: Steps, minutes: float) -> float:
    """Return the most that fell in so many minutes on end, mm; even within each step."""
    edges = steps.edges_min
    fallen = np.insert(np.cumsum(steps.depth_mm), 0, 0.0)
    begins = np.concatenate([edges, edges - minutes])
    return float((np.interp(begins + minutes, edges, fallen) - np.interp(begins, edges, fallen)).max())


def rain_file(path: str | Path) -> Path:
    """Return the path of an existing file: a table, or a rain file of EPA SWMM."""
    file = local_path(path)
    if file.suffix.lower() == ".dat" and file.is_file() and file.stat().st_size:
        return file
    return check_path(path)


def _of_file(file: Path, date_order: str | None) -> Steps:
    issues = Issues()
    table = read_table(file, names=RAIN_NAMES, issues=issues)
    return of_table(table, issues, file, date_order)


def of_table(table: pd.DataFrame, issues: Issues, file: Path, date_order: str | None) -> Steps:
    """Return the steps of a table that has a column of times and one of rain.

    Raises
    ------
    FormatError
        See `read_observed_rain`.
    """
    time = time_column(table, file.name)
    values = _values(table.drop(columns=[name for name in table if name == time.name]), file)
    times = read_times(time, file.name, date_order=date_order)
    notes = (*times.notes, *values.notes, *issues.frame()["reason"])
    if values.kind == "cumulative":
        steps = of_readings(times, values.number, list(time.index), file.name)
    else:
        steps = of_amounts(times, values.number, rate=values.kind == "intensity")
    return steps._replace(source=in_both("rain_from", file=file.name, begin=time.iloc[0]), notes=(*notes, *steps.notes))


def _values(table: pd.DataFrame, file: Path) -> _Values:
    """Find the column of rain and what it measures: depths before a running total, this before intensities."""
    for kind, names in _NAMES.items():
        for column in table.columns:
            folded = fold(str(column))
            found = _UNIT.search(folded)
            unit, base = (found.group(1), folded[: found.start()]) if found else ("", folded)
            if base in names and (unit or base):
                return _read_values(table[column], kind, unit, file)
    tried = "depth_mm, rain_mm, 雨量, cumulative_mm, 累计雨量, intensity_mm_h, 雨强(mm/h)"
    has = joined(table.columns, ", ")
    raise FormatError(in_both("no_column_of", place=file.name, column="depth_mm", tried=tried, has=has))


def _read_values(column: pd.Series, kind: Kind, unit: str, file: Path) -> _Values:
    name, notes = str(column.name), []
    if unit in _RATES and kind == "depth":
        kind = "intensity"
    if (kind == "intensity") != (unit in _RATES):
        said = "rate_without_unit" if kind == "intensity" else "total_as_rate"
        raise FormatError(in_both(said, file=file.name, name=name))
    number = _numbers(column, file, in_both("depth_in_mm")) * (_RATES | _AMOUNTS | {"": 1.0})[unit]
    if not unit:
        notes.append(in_both("rain_no_unit", name=name))
    if kind == "depth" and fold(name) != "depth_mm" and _only_rises(number):
        raise FormatError(in_both("depth_never_falls", file=file.name, name=name))
    if kind != "depth":
        notes.append(in_both("rain_as_total" if kind == "cumulative" else "rain_as_rates", name=name))
    if unit and (_RATES | _AMOUNTS)[unit] != 1.0:
        notes.append(in_both("rain_turned", unit=unit.replace("_", "/")))
    return _Values(kind, number, name, tuple(notes))


def _only_rises(number: Floats) -> bool:
    return len(number) >= _RISES and bool((np.diff(number) >= 0).all()) and len(set(number)) > 2


def _numbers(column: pd.Series, file: Path, expected: Said) -> Floats:
    read = read_numbers(column)
    for bad, said in (
        (np.isnan(read.number), "row_no_such_number"),
        (np.isin(read.number, SENTINELS), "row_code_expected"),
    ):
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            text = "" if pd.isna(column.iloc[row]) else column.iloc[row]
            raise FormatError(in_both(said, file=file.name, row=column.index[row], text=text, expected=expected))
    return read.number
