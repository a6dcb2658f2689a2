"""Rain and water levels of a gauge from a CSV file: times, and the rain since the row before or the level then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from drainage.errors import FormatError, SimulationError
from drainage.formats.guard import check_path
from drainage.formats.survey import read_table
from drainage.hydraulics.rainfall import ObservedStorm
from drainage.schema.codes import fold

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_TIME: Final = (
    "time",
    "datetime",
    "date_time",
    "minute",
    "minutes",
    "time_min",
    "时间",
    "日期时间",
    "分钟",
    "观测时间",
)
_DEPTH: Final = (
    "depth_mm",
    "rain_mm",
    "rain",
    "mm",
    "precipitation",
    "雨量",
    "降雨量",
    "雨量_mm",
    "降雨量_mm",
    "降水量",
)
_LEVEL: Final = ("level_m", "water_level_m", "stage_m", "level", "stage", "水位", "水位_m", "潮位", "潮位_m")


def read_observed_rain(path: str | Path) -> ObservedStorm:
    """Read observed rain: a column of times (dates, or minutes from the beginning) and one of depths in mm.

    The depth of a row fell since the time of the row before; the first row's since one interval earlier.

    Raises
    ------
    FormatError
        The columns are not there, times do not rise, or a value is no number; the row is named.
    """
    file = check_path(path)
    table = read_table(file)
    time, depth = (_column(table, names, file, what) for names, what in ((_TIME, "time"), (_DEPTH, "depth_mm")))
    minutes, first = _minutes(time, file)
    fallen = _numbers(depth, file, "depth in mm; write 0 where it did not rain")
    interval = minutes[1] - minutes[0]
    edges = np.concatenate([[minutes[0] - interval], minutes])
    begins = None if first is None else (first - pd.Timedelta(minutes=interval)).to_datetime64()
    try:
        return ObservedStorm(edges - edges[0], fallen, f"{file.name} from {time.iloc[0]}", begins)
    except SimulationError as error:
        msg = f"{file.name}: {error}"
        raise FormatError(msg) from error


def read_water_levels(path: str | Path, *, begins: np.datetime64 | None = None) -> pd.Series:
    """Read levels of a receiving water: a column of times (dates, or minutes) and one of levels in m.

    Parameters
    ----------
    path
        The file.
    begins
        When the storm begins, where the times are dates (`ObservedStorm.begins`); None: with the first row.

    Returns
    -------
    Levels in m by minutes from the beginning of the storm, for ``tailwater_m`` of `simulate_swmm` and `write_inp`.

    Raises
    ------
    FormatError
        The columns are not there, times do not rise, or a value is no number; the row is named.
    """
    file = check_path(path)
    table = read_table(file)
    time, level = (_column(table, names, file, what) for names, what in ((_TIME, "time"), (_LEVEL, "level_m")))
    minutes, first = _minutes(time, file)
    if first is not None and begins is not None:
        minutes = minutes + (first - pd.Timestamp(begins)).total_seconds() / 60.0
    levels = _numbers(level, file, "level in m; leave out the row")
    return pd.Series(levels, index=pd.Index(minutes, name="minute"), name="level_m")


def _column(table: pd.DataFrame, names: tuple[str, ...], file: Path, what: str) -> pd.Series:
    found = next((column for column in table.columns if fold(str(column)) in names), None)
    if found is None:
        msg = f"{file.name}: no column of {what} (tried {', '.join(names[:6])}); it has {', '.join(table.columns)}"
        raise FormatError(msg)
    return table[found]


def _minutes(time: pd.Series, file: Path) -> tuple[Floats, pd.Timestamp | None]:
    """Return the minutes, which rise, and the time of the first row where the file says dates."""
    minutes, first = _times(time, file)
    if len(minutes) < 2 or not (np.diff(minutes) > 0).all():
        row = int(np.flatnonzero(np.diff(minutes) <= 0)[0]) + 3 if len(minutes) > 1 else 2
        msg = f"{file.name}: row {row}: times must rise, and there must be two; sort the rows and remove repeated ones"
        raise FormatError(msg)
    return minutes, first


def _times(time: pd.Series, file: Path) -> tuple[Floats, pd.Timestamp | None]:
    numbers = pd.to_numeric(time, errors="coerce")
    if numbers.notna().all():
        return numbers.to_numpy(dtype=np.float64), None
    stamps = pd.to_datetime(time, errors="coerce", format="mixed")
    if stamps.isna().any():
        row = int(np.flatnonzero(stamps.isna())[0])
        msg = f"{file.name}: row {row + 2}: '{time.iloc[row]}' is no time; expected YYYY-MM-DD hh:mm or minutes"
        raise FormatError(msg)
    return np.asarray((stamps - stamps.iloc[0]).dt.total_seconds() / 60.0, dtype=np.float64), stamps.iloc[0]


def _numbers(column: pd.Series, file: Path, expected: str) -> Floats:
    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.isna().any():
        row = int(np.flatnonzero(numbers.isna())[0])
        msg = f"{file.name}: row {row + 2}: '{column.iloc[row]}' is no {expected}"
        raise FormatError(msg)
    return numbers.to_numpy(dtype=np.float64)
