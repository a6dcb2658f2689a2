"""Texts as wide as a screen, no word of them cut, also in columns; a Chinese sign is as wide as two others."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final
from unicodedata import east_asian_width

from drainage.telling.printable import printable

#: Columns of a screen; longer lines are hard to read.
_WIDEST: Final = 110
_FILL: Final = "\x00"  # behind a sign of two columns, for what counts signs

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
        for row in rows:
            cells = zip_longest(wrapped(row[0], left), wrapped(row[1], wide - left - 4), fillvalue="")
            lines += [f"  {spelt}{' ' * (left - width(spelt))}  {said}".rstrip() for spelt, said in cells]
    return lines


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes: a Chinese sign takes two."""
    return len(_filled(text))


def _filled(text: str) -> str:
    return "".join(f"{sign}{_FILL}" if east_asian_width(sign) in "WF" else sign for sign in text)


def wrapped(text: str, columns: int) -> list[str]:
    """Return the lines of a text that takes so many columns at most."""
    filled = _filled(printable(text))
    if len(filled) <= columns:
        return [printable(text)]
    # a sign of two columns may be parted from what fills it
    lines = textwrap.wrap(filled, columns - (_FILL in filled), break_on_hyphens=False)
    return [line.replace(_FILL, "") for line in lines]
