"""Curves and time series of an .inp, and the files beside it that its sections name."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import numpy as np

from drainage.formats.inp.text import split_line, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from drainage.formats.inp.text import InpText
    from drainage.schema import Issues

    Floats = NDArray[np.float64]

_DATES: Final = ("%m/%d/%Y", "%m-%d-%Y", "%b-%d-%Y", "%b/%d/%Y", "%m/%d/%y")


class Tables:
    """Curves and time series by name, read when they are asked for.

    Parameters
    ----------
    text
        The model.
    """

    def __init__(self, text: InpText) -> None:
        """Group the lines by name."""
        self._folder = text.path.parent
        self._curves = _by_name(text.rows("CURVES"))
        self._series = _by_name(text.rows("TIMESERIES"))

    def curve(self, name: str) -> Floats | None:
        """Return x and y of a curve, (n, 2), or None where there is no such curve."""
        lines = self._curves.get(name.upper())
        if lines is None:
            return None
        values = [token for number, line in enumerate(lines) for token in (line[1:] if number == 0 else line)]
        read = [_number(token) for token in values]
        return np.array(read[: len(read) // 2 * 2], dtype=np.float64).reshape(-1, 2)

    def series(self, name: str) -> Floats | None:
        """Return days and values of a time series, (n, 2), or None where it or its file is missing."""
        lines = self._series.get(name.upper())
        if lines is None:
            return None
        if lines[0] and lines[0][0].upper() == "FILE":
            file = find_file(self._folder, lines[0][1])
            if file is None:
                return None
            content = file.read_text(encoding="latin-1")
            lines = [tokens for line in split_lines(content) if (tokens := split_line(line))]
        return _read_series(lines)


def mean_of(series: Floats) -> float:
    """Return the mean over the span of a series whose values are joined by straight lines, as the engine does."""
    days, values = series[:, 0], series[:, 1]
    order = np.argsort(days, kind="stable")
    span = float(days[order[-1]] - days[order[0]])
    if span <= 0.0:
        return float(values.mean())
    return float(np.trapezoid(values[order], days[order]) / span)


def find_file(folder: Path, written: str) -> Path | None:
    """Return the file that a model names, relative to the model, or None; backslashes are those of Windows."""
    file = folder / written.replace("\\", "/")
    return file if file.is_file() else None


def report_missing_files(text: InpText, issues: Issues) -> None:
    """Report input files that the sections name and that are not there."""
    named = [
        (section, row[where + 1])
        for section, row, where in (
            *(("RAINGAGES", row, _place(row, "FILE")) for row in text.rows("RAINGAGES")),
            *(("TIMESERIES", row, _place(row[:2], "FILE")) for row in text.rows("TIMESERIES")),
            *(("TEMPERATURE", row, _place(row[:1], "FILE")) for row in text.rows("TEMPERATURE")),
            *(("FILES", row, 1) for row in text.rows("FILES") if row[0].upper() == "USE"),
        )
        if 0 <= where < len(row) - 1
    ]
    missing = [pair for pair in dict.fromkeys(named) if find_file(text.path.parent, pair[1]) is None]
    issues.add(
        "missing_file",
        "warning",
        "file",
        [name for _, name in missing],
        [f"section [{section}] names this file, and it is not there" for section, _ in missing],
        "read without it; put it beside the .inp before running the engine",
    )


def _place(row: list[str], word: str) -> int:
    found = [number for number, token in enumerate(row) if number > 0 or len(row) == 1 if token.upper() == word]
    return found[0] if found else -1


def _by_name(rows: Iterable[list[str]]) -> dict[str, list[list[str]]]:
    grouped: dict[str, list[list[str]]] = {}
    for row in rows:
        grouped.setdefault(row[0].upper(), []).append(row[1:])
    return grouped


def _read_series(lines: list[list[str]]) -> Floats | None:
    """Read ``[date] time value`` repeated; a time without a date belongs to the last one."""
    day, pairs = 0.0, []
    for line in lines:
        tokens = iter(line)
        for token in tokens:
            date = _date(token)
            if date is not None:
                day, token = date, next(tokens, "")  # noqa: PLW2901 - a date is followed by its time
            pairs.append((day + _time(token), _number(next(tokens, ""))))
    read = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    read = read[np.isfinite(read).all(axis=1)]
    return read if len(read) else None


def _date(token: str) -> float | None:
    if ("/" not in token and "-" not in token[1:]) or token[:1] in "+-.":
        return None
    for pattern in _DATES:
        try:
            return float(dt.datetime.strptime(token, pattern).toordinal())  # noqa: DTZ007 - the model's own clock
        except ValueError:
            continue
    return None


def _time(token: str) -> float:
    """Read ``h:m[:s]`` or decimal hours as days."""
    parts = [_number(part) for part in token.split(":")]
    return sum(part / unit for part, unit in zip(parts, (24.0, 1440.0, 86400.0), strict=False))


def _number(token: str) -> float:
    try:
        return float(token)
    except ValueError:
        return np.nan
