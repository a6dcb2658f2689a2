"""Texts as wide as a screen, no word of them cut, also in columns; a Chinese sign is as wide as two others."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest
from typing import Final
from unicodedata import east_asian_width

from drainage.telling.printable import printable

#: Columns of a screen; longer lines are hard to read.
_WIDEST: Final = 110
_ENDS: Final = "\uff0c\u3002\uff1b\uff1a\u3001\uff1f\uff01\uff09\u201d\u300b\u300d"  # begin no line
_BEGINS: Final = "\uff08\u201c\u300a\u300c"  # end no line

#: The title of a part, and its rows: what stands on the left, and what is said of it.
Part = tuple[str, Sequence[tuple[str, str]]]


def screen_width() -> int:
    """Return how many columns a text may take."""
    return min(shutil.get_terminal_size().columns, _WIDEST)


def paragraph(text: str) -> str:
    """Return a text on as many lines as the screen needs for it."""
    return "\n".join(wrapped(text, screen_width()))


def two_columns(parts: Sequence[Part]) -> list[str]:
    """Return the lines of all parts, each row in two columns, the left one as wide as the longest of it."""
    wide = screen_width()
    left = min(max(width(printable(spelt)) for _, rows in parts for spelt, _ in rows), max(wide // 3, 12))
    lines: list[str] = []
    for title, rows in parts:
        lines += ["", printable(title)]
        for spelt, said in rows:
            apart = width(printable(spelt)) > left  # a name that is cut could not be copied
            lines += [f"  {line}" for line in wrapped(spelt, wide - 2) if apart]
            cells = zip_longest(wrapped("" if apart else spelt, left), wrapped(said, wide - left - 4), fillvalue="")
            lines += [f"  {name}{' ' * (left - width(name))}  {text}".rstrip() for name, text in cells]
    return lines


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes: a Chinese sign takes two."""
    return sum(map(_columns, text))


def wrapped(text: str, columns: int) -> list[str]:
    """Return the lines of a text that takes so many columns at most; a word is cut only where it is longer than that.

    Examples
    --------
    >>> wrapped("a table of depth_mm and others", 14)
    ['a table of', 'depth_mm and', 'others']
    """
    lines = [""]
    for unit in _units(printable(text)):
        if width(lines[-1]) + width(unit) > columns and (lines[-1] or unit.isspace()):
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        if unit.isspace() and not lines[-1]:
            continue
        for sign in unit:
            if width(lines[-1]) + _columns(sign) > columns:
                lines.append("")
            lines[-1] += sign
    lines[-1] = lines[-1].rstrip()
    return lines if lines[-1] or len(lines) == 1 else lines[:-1]


def _columns(sign: str) -> int:
    return 2 if east_asian_width(sign) in "WF" else 1


def _units(text: str) -> Iterator[str]:
    """Yield what a line may be broken between: blanks, words, wide signs with the marks that cling to them."""
    unit = ""
    for kind, signs in groupby(text, lambda sign: 0 if sign.isspace() else _columns(sign)):
        for part in ["".join(signs)] if kind < 2 else signs:
            clings = unit and kind and not unit.isspace() and (part in _ENDS or unit[-1] in _BEGINS)
            if unit and not clings:
                yield unit
            unit = unit + part if clings else part
    if unit:
        yield unit
