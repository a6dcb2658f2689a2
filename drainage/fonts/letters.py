"""The font that the package carries, how wide its letters are, and where a line of them may be broken.

Widths are known before anything is drawn. The two weights are cut from Noto Sans CJK SC by ``scripts/cut_font.py``: no
package on PyPI has them in TrueType, by weight, and small.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from drainage.errors import FormatError
from drainage.words import in_both

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

#: The family that papers and charts name.
FAMILY: Final = "Drainage Sans SC"
#: Fonts with Chinese that systems bring along, where ours is not at hand or lacks a sign.
STAND_INS: Final = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimHei")
MM_PER_PT: Final = 25.4 / 72.0
#: What is drawn for a sign that the font lacks.
BLANK: Final = "□"
#: Signs that may not begin a line.
_NEVER_FIRST: Final = frozenset("，。；：、！？）》”’％‰,.;:!?)%")
_FOLDER: Final = Path(__file__).parent


def font_file(*, bold: bool = False) -> Path:
    """Return the file of one weight."""
    return _FOLDER / f"DrainageSansSC-{'Bold' if bold else 'Regular'}.ttf"


def width_mm(text: str, size_pt: float, *, bold: bool = False) -> float:
    """Return how wide a line of text is on paper, mm, by the advances of the font."""
    return sum(_advance(sign, bold) for sign in text) * size_pt * MM_PER_PT


def broken(text: str, size_pt: float, wide_mm: float, *, bold: bool = False) -> list[str]:
    """Break a text into lines: between any two Chinese signs, else between words.

    Examples
    --------
    >>> broken("12 345 6", 8.0, width_mm("12 345", 8.0))
    ['12 345', '6']
    """
    lines, line = [], ""
    for part in _parts(text):
        if line and part not in _NEVER_FIRST and width_mm((line + part).rstrip(), size_pt, bold=bold) > wide_mm + 1e-6:
            lines.append(line.rstrip())
            line = ""
        line = (line + part).lstrip() if not line else line + part
    return [*lines, line.rstrip()] if line.strip() else lines


@cache
def signs(*, bold: bool) -> frozenset[int]:
    """Return the signs that the font has, as numbers of Unicode."""
    return frozenset(_face(bold=bold).get_charmap())


def _parts(text: str) -> list[str]:
    """Return what may not be parted: words with the blank behind them, and Chinese signs each for itself."""
    parts = [""]
    for sign in text:
        if sign > "⺀":
            parts += [sign, ""]
        else:
            parts[-1] += sign
            if sign == " ":
                parts.append("")
    return [part for part in parts if part]


@cache
def _advance(sign: str, bold: bool) -> float:  # noqa: FBT001 - a cache takes what is the same by position
    """Return how far a sign moves on what follows, in ems; a sign that the font lacks is as wide as its blank."""
    face = _face(bold=bold)

    from matplotlib.ft2font import LoadFlags

    known = ord(sign) if ord(sign) in signs(bold=bold) else ord(BLANK)
    return float(face.load_char(known, LoadFlags.NO_SCALE).horiAdvance) / face.units_per_EM


@cache
def _face(*, bold: bool) -> FT2Font:
    try:
        from matplotlib.ft2font import FT2Font
    except ImportError as error:
        raise FormatError(in_both("needs_extra_papers")) from error
    file = font_file(bold=bold)
    try:
        return FT2Font(str(file))
    except (OSError, RuntimeError) as error:
        raise FormatError(in_both("font_missing", file=file)) from error
