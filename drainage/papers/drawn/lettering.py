"""Letters on papers: texts that fit their room, and the signs that the font of the package lacks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from drainage.fonts.letters import BLANK, signs, width_mm

#: The smallest letters, points.
LEAST_PT: Final = 6.0
#: Height of capitals as a share of the size of the letters, by which texts are centred.
CAPITALS: Final = 0.733


def fitted(text: str, size_pt: float, wide_mm: float, *, bold: bool = False) -> tuple[str, float]:
    """Return a text and the size in which it fits: as large as asked for, else smaller, at the worst cut.

    Examples
    --------
    >>> fitted("路路", 12.0, 100.0), fitted("路路路路", 12.0, 4.5)
    (('路路', 12.0), ('路…', 6.0))
    """
    size = max(LEAST_PT, min(size_pt, size_pt * wide_mm / max(width_mm(text, size_pt, bold=bold), 1e-9)))
    whole = text
    while text and width_mm(text, size, bold=bold) > wide_mm + 1e-6:
        whole = whole[:-1]
        text = f"{whole}…" if whole else ""
    return text, size


def lacking(texts: Iterable[str]) -> dict[str, str]:
    """Return the signs that the font lacks, each with the first text in which it stands."""
    known, lost = signs(bold=False), dict[str, str]()
    for text in texts:
        for sign in text:
            if ord(sign) not in known:
                lost.setdefault(sign, text)
    return lost


def drawable(text: str) -> str:
    """Return a text with a blank for each sign that the font lacks."""
    known = signs(bold=False)
    return "".join(sign if ord(sign) in known else BLANK for sign in text)
