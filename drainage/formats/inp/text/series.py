"""Curves and time series of an .inp."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

import numpy as np

from drainage.arrays import Floats
from drainage.formats.inp.text.files import find_file
from drainage.formats.inp.text.tokens import InpText, split_line, split_lines

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
        self._text = text
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
        """Return days and values of a time series, (n, 2), or None where it or its file is missing.

        Raises
        ------
        FormatError
            Its file lies outside the folder of the model, which was not allowed.
        """
        lines = self._series.get(name.upper())
        if lines is None:
            return None
        files = [line[1] for line in lines if len(line) > 1 and line[0].upper() == "FILE"]
        if files:
            file = find_file(self._text, files[-1])
            if file is None:
                return None
            content = file.read_text(encoding="latin-1")
            lines = [tokens for line in split_lines(content) if (tokens := split_line(line))]
        return _read_series(lines)


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
