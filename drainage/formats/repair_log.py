"""The log of a repair as JSON Lines: a line for each change, every value exact, geometry as the bytes of its WKB."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import pandas as pd
import shapely

from drainage.errors import FormatError
from drainage.formats.geopackage import write_into, write_network
from drainage.repairs import Repaired
from drainage.said import joined
from drainage.wants import wants
from drainage.words import in_both
from drainage.writing import replacing_both, replacing_file

_FORMAT: Final = "drainage repair log"
_VERSION: Final = 1
_TYPES: Final = {"step": "int64", "row": "int64", "before": "object", "after": "object", "reason": "object"}


@wants
def write_repair_log(log: pd.DataFrame, path: str | Path, *, force: bool = False) -> Path:
    """Write a log; the first line identifies the file and names the columns.

    Values that JSON lacks are objects with one key: ``wkb`` (hexadecimal), ``time``, ``date``, ``float`` (nan, inf),
    ``missing`` (NaT, NA), ``list``, ``row`` (the cells of a dropped or added row).

    Raises
    ------
    FormatError
        The file exists and ``force`` is False, its extension is not ``.jsonl``, or a cell has a type that cannot be
        written.

    Examples
    --------
    >>> import drainage as dr
    >>> import pandas as pd
    >>> from tempfile import TemporaryDirectory
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> twice = pd.concat([net.pipes, net.pipes.tail(1).rename(index={"YSL2986": "again"})])
    >>> log = dr.repair(net.replace(pipes=twice), tolerance_m=0.1).log
    >>> with TemporaryDirectory() as folder:
    ...     path = dr.formats.write_repair_log(log, f"{folder}/log.jsonl")
    ...     len(path.read_text().splitlines())
    2
    """
    with replacing_file(path, ending=".jsonl", force=force) as part:
        write_log_into(log, part)
    return Path(path)


def write_repaired(repaired: Repaired, path: Path, log: Path | None, *, force: bool = False) -> None:
    """Write a repaired network as a GeoPackage, with the log of its changes: both or neither.

    Raises
    ------
    FormatError
        A file exists and ``force`` is False, or has another extension than ``.gpkg`` or ``.jsonl``.
    """
    if log is None:
        write_network(repaired.network, path, force=force)
        return
    with replacing_both(path, log, force=force) as (network_part, log_part):
        write_into(repaired.network, network_part)
        write_log_into(repaired.log, log_part)


def write_log_into(log: pd.DataFrame, part: Path) -> None:
    """Write a log to a file that is not there yet."""
    head = {"format": _FORMAT, "version": _VERSION, "columns": list(log.columns)}
    with part.open("w", encoding="utf-8") as out:
        out.write(json.dumps(head, ensure_ascii=False) + "\n")
        for row in plain_log(log):
            out.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")


def plain_log(log: pd.DataFrame) -> list[dict[str, object]]:
    """Return each change as values that JSON knows."""
    values = [[_to_json(value) for value in log[name].tolist()] for name in log.columns]
    return [dict(zip(map(str, log.columns), line, strict=True)) for line in zip(*values, strict=True)]


@wants
def read_repair_log(path: str | Path) -> pd.DataFrame:
    """Read a log written by `write_repair_log`: the same rows, types and values.

    Raises
    ------
    FormatError
        The file is not such a log, or a line of it is broken.

    Examples
    --------
    >>> import drainage as dr
    >>> import pandas as pd
    >>> from tempfile import TemporaryDirectory
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> twice = pd.concat([net.pipes, net.pipes.tail(1).rename(index={"YSL2986": "again"})])
    >>> log = dr.repair(net.replace(pipes=twice), tolerance_m=0.1).log
    >>> with TemporaryDirectory() as folder:
    ...     path = dr.formats.write_repair_log(log, f"{folder}/log.jsonl")
    ...     dr.formats.read_repair_log(path)[["rule", "action", "feature_id"]]
             rule   action feature_id
    0  duplicates  dropped    YSL2986
    """
    file = Path(path)
    if not file.is_file():
        raise FormatError(in_both("no_log_file", file=file))
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    head = _head(lines[0]) if lines else {}
    if head.get("format") != _FORMAT or head.get("version") != _VERSION:
        raise FormatError(in_both("no_repair_log", file=file.name, format=_FORMAT, version=_VERSION))
    names = [str(name) for name in cast("list[object]", head["columns"])]
    rows = [_parse(file, number, line) for number, line in enumerate(lines[1:], start=2)]
    if broken := [number for number, row in enumerate(rows, start=2) if set(row) != set(names)]:
        raise FormatError(in_both("log_keys", file=file.name, line=broken[0], keys=joined(names, ", ")))
    return pd.DataFrame(
        {name: pd.Series([_from_json(row[name]) for row in rows], dtype=_TYPES.get(name, "str")) for name in names}
    )


def _head(line: str) -> dict[str, object]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _parse(file: Path, number: int, line: str) -> dict[str, object]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise FormatError(in_both("log_no_json", file=file.name, line=number, error=error)) from error
    if not isinstance(value, dict):
        raise FormatError(in_both("log_no_object", file=file.name, line=number, found=line[:40]))
    return value


def _to_json(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    finite = not isinstance(value, float) or math.isfinite(value)
    if value is None or (isinstance(value, (bool, int, str, float)) and finite):
        return value
    for types, key, text in _WRITERS:
        if isinstance(value, types):
            return {key: text(value)}
    raise FormatError(in_both("cell_not_logged", type=type(value).__name__, value=value))


def _from_json(value: object) -> object:
    if not isinstance(value, dict):
        return value
    ((key, text),) = value.items()
    return _READERS[key](text)


#: Types that JSON does not know, by the key under which they stand; NaT is a datetime, so it goes first.
_WRITERS: Final[tuple[tuple[tuple[type, ...], str, Callable[[Any], object]], ...]] = (
    ((float,), "float", str),
    ((type(pd.NaT), type(pd.NA)), "missing", str),
    ((shapely.Geometry,), "wkb", lambda line: shapely.to_wkb(line, hex=True)),
    ((dt.datetime,), "time", dt.datetime.isoformat),
    ((dt.date,), "date", dt.date.isoformat),
    ((dict,), "row", lambda row: {str(name): _to_json(cell) for name, cell in row.items()}),
    ((list, tuple, np.ndarray), "list", lambda cells: [_to_json(cell) for cell in cells]),
)
_READERS: Final[dict[str, Callable[[Any], object]]] = {
    "float": float,
    "missing": lambda text: pd.NaT if text == "NaT" else pd.NA,
    "wkb": shapely.from_wkb,
    "time": pd.Timestamp,
    "date": dt.date.fromisoformat,
    "row": lambda row: {name: _from_json(cell) for name, cell in row.items()},
    "list": lambda cells: [_from_json(cell) for cell in cells],
}
