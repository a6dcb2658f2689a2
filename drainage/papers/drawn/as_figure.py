"""A sheet as a figure of matplotlib, and from it PDF with the letters in it, and PNG of at most 256 colours.

Nobody's settings of pyplot are touched. A halo is a white text below the words, so that these stay a text that can be
searched.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from drainage.errors import FormatError
from drainage.fonts.letters import MM_PER_PT, font_file
from drainage.papers.drawn.lettering import drawable
from drainage.papers.drawn.sheets import WHITE, Area, Circle, Line, Sheet, Text
from drainage.words import in_both

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.patches import Patch

_MM_PER_INCH: Final = 25.4
_BELOW: Final = 0.001  # of a halo, so that it covers what lies behind its words only
_NEARLY_WHITE: Final = 244
#: Letters as TrueType in a PDF, and as wide as they are designed in a PNG, not fitted to its dots.
_SETTINGS: Final[dict[Any, Any]] = {"pdf.fonttype": 42, "pdf.compression": 6, "text.hinting": "none"}


def figure_of(sheet: Sheet) -> Figure:
    """Return a sheet as a figure of matplotlib, whose data are millimetres on paper.

    Raises
    ------
    FormatError
        The library for it is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise FormatError(in_both("needs_extra_papers")) from error
    figure = Figure(figsize=(sheet.width_mm / _MM_PER_INCH, sheet.height_mm / _MM_PER_INCH))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, sheet.width_mm), ylim=(0, sheet.height_mm))
    axes.axis("off")
    for number, one in enumerate(sheet.by_depth):
        _add(axes, one, float(number))
    return figure


def write_pdf(
    sheets: Sequence[Sheet], path: Path, *, provenance: str = "", progress: Callable[[float], None] | None = None
) -> None:
    """Write sheets as the pages of one PDF; ``progress`` takes the share that is written, 0-1, after each."""
    first = figure_of(sheets[0])

    from matplotlib import rc_context
    from matplotlib.backends.backend_pdf import PdfPages

    told = {"Title": sheets[0].title, "Subject": " ".join(provenance.split()), "Creator": "drainage"}
    with rc_context(_SETTINGS), PdfPages(path, metadata=told) as pages:
        for number, sheet in enumerate(sheets):
            pages.savefig(figure_of(sheet) if number else first)
            if progress is not None:
                progress((number + 1) / len(sheets))


def write_png(sheet: Sheet, path: Path, *, dpi: float, provenance: str = "") -> None:
    """Write a sheet as PNG, in the colours that are drawn and their steps towards white, at most 256."""
    from io import BytesIO

    figure, drawn = figure_of(sheet), BytesIO()

    from matplotlib import rc_context
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    with rc_context(_SETTINGS):
        figure.savefig(drawn, dpi=dpi, format="png")
    palette = Image.new("P", (1, 1))
    palette.putpalette(_palette(sheet))
    few = Image.open(drawn).convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)
    told = PngInfo()
    told.add_itxt("provenance", provenance)
    few.save(path, format="PNG", optimize=True, dpi=(dpi, dpi), pnginfo=told)


def _palette(sheet: Sheet) -> list[int]:
    """Return the colours of a sheet with steps towards white, at which the edges of lines are drawn."""
    used = {color for one in sheet.drawn for name in ("color", "fill", "edge") if (color := getattr(one, name, None))}
    colours = sorted(used - {WHITE})
    steps = max(255 // max(len(colours), 1), 1)
    shades = [[int(color[k : k + 2], 16) for k in (1, 3, 5)] for color in colours]
    mixed = [
        [round(255 + (part - 255) * (step + 1) / steps) for part in shade] for shade in shades for step in range(steps)
    ]
    # a shade that comes too near to white would be taken for it by the quick search for the nearest
    return [255, 255, 255, *(part for shade in mixed if min(shade) < _NEARLY_WHITE for part in shade)]


def _add(axes: Axes, one: Line | Area | Circle | Text, z: float) -> None:
    from matplotlib.lines import Line2D

    if isinstance(one, Text):
        _add_text(axes, one, z)
    elif isinstance(one, Line):
        x, y = zip(*one.points, strict=True)
        width = one.width_mm / MM_PER_PT
        dash: Any = "solid" if one.dash is None else (0, [part / one.width_mm for part in one.dash])
        axes.add_artist(
            Line2D(x, y, linewidth=width, color=one.color, linestyle=dash, zorder=z, dash_capstyle="butt",
                   solid_capstyle="round" if one.round_ends else "butt", solid_joinstyle="round")
        )  # fmt: skip
    else:
        look: dict[str, Any] = {"facecolor": one.fill or "none", "edgecolor": one.edge or "none",
                                "linewidth": one.width_mm / MM_PER_PT if one.edge else 0.0, "zorder": z}  # fmt: skip
        axes.add_artist(_shape(one, look))


def _shape(one: Area | Circle, look: dict[str, Any]) -> Patch:
    from matplotlib.patches import Circle as Round
    from matplotlib.patches import PathPatch, Polygon
    from matplotlib.path import Path as Outline

    if isinstance(one, Circle):
        return Round((one.x, one.y), one.radius_mm, **look)
    if not one.holes:
        return Polygon(one.points, **look)
    rings = [Outline([*ring, ring[0]], closed=True) for ring in (one.points, *one.holes)]
    return PathPatch(Outline.make_compound_path(*rings), **look)


def _add_text(axes: Axes, one: Text, z: float) -> None:
    from matplotlib.patheffects import Stroke

    how: dict[str, Any] = {
        "ha": one.align, "va": "baseline", "rotation": one.angle_deg, "rotation_mode": "anchor",
        "fontproperties": _letters(bold=one.bold), "size": one.size_pt, "parse_math": False,
    }  # fmt: skip
    said = drawable(one.text)
    if one.halo_mm:
        stroke = Stroke(linewidth=2 * one.halo_mm / MM_PER_PT, foreground=WHITE)
        axes.text(*one.base, said, color=WHITE, zorder=z - _BELOW, path_effects=[stroke], **how)
    axes.text(*one.base, said, color=one.color, zorder=z, **how)


@cache
def _letters(*, bold: bool) -> FontProperties:
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=str(font_file(bold=bold)))
