"""The letters of papers: the font that the package carries, how wide a text is on paper, and the signs that it lacks.

Widths are known before anything is drawn, so that labels can be placed without touching each other. The two weights are
cut from Noto Sans CJK SC by ``scripts/cut_font.py``: no package on PyPI has them in TrueType, by weight, and small.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from drainage.errors import FormatError
from drainage.words import in_both

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

#: The family that papers name, and what stands in for it in a file that does not carry it.
FAMILY: Final = "Drainage Sans SC"
STAND_INS: Final = (
    FAMILY,
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
    "sans-serif",
)
MM_PER_PT: Final = 25.4 / 72.0
#: The smallest letters, points.
LEAST_PT: Final = 6.0
#: Height of capitals as a share of the size of the letters, by which texts are centred.
CAPITALS: Final = 0.733
#: What is drawn for a sign that the font lacks.
BLANK: Final = "□"
_FOLDER: Final = Path(__file__).parents[1] / "fonts"


def font_file(*, bold: bool = False) -> Path:
    """Return the file of one weight."""
    return _FOLDER / f"DrainageSansSC-{'Bold' if bold else 'Regular'}.ttf"


def width_mm(text: str, size_pt: float, *, bold: bool = False) -> float:
    """Return how wide a line of text is on paper, mm, by the advances of the font."""
    return sum(_advance(sign, bold) for sign in text) * size_pt * MM_PER_PT


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
    known, lost = _signs(bold=False), dict[str, str]()
    for text in texts:
        for sign in text:
            if ord(sign) not in known:
                lost.setdefault(sign, text)
    return lost


def drawable(text: str) -> str:
    """Return a text with a blank for each sign that the font lacks."""
    known = _signs(bold=False)
    return "".join(sign if ord(sign) in known else BLANK for sign in text)


@cache
def _advance(sign: str, bold: bool) -> float:  # noqa: FBT001 - a cache takes what is the same by position
    """Return how far a sign moves on what follows, in ems; a sign that the font lacks is as wide as its blank."""
    face = _face(bold=bold)

    from matplotlib.ft2font import LoadFlags

    known = ord(sign) if ord(sign) in _signs(bold=bold) else ord(BLANK)
    return float(face.load_char(known, LoadFlags.NO_SCALE).horiAdvance) / face.units_per_EM


@cache
def _face(*, bold: bool) -> FT2Font:
    try:
        from matplotlib.ft2font import FT2Font
    except ImportError as error:
        raise FormatError(in_both("needs_extra_papers")) from error
    return FT2Font(str(font_file(bold=bold)))


@cache
def _signs(*, bold: bool) -> frozenset[int]:
    return frozenset(_face(bold=bold).get_charmap())
