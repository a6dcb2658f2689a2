"""What all charts have in common: size in millimetres, letters, axes, legend, title, and the line below.

Every artist is given its look itself: nobody's settings of matplotlib are read or changed, and no window opens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from drainage.errors import FormatError
from drainage.fonts.letters import FAMILY, STAND_INS, broken, font_file, width_mm
from drainage.maps.looks import COLOURS
from drainage.said import Language
from drainage.wants import expect
from drainage.words import in_both, language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

#: As wide as the column of a report, mm.
WIDE_MM: Final = 160.0
MM_PER_INCH: Final = 25.4
INK: Final = COLOURS["ink"]
MUTED: Final = COLOURS["muted"]
FAINT: Final = "#d5dae0"
#: Colours of what has none of its own: those of Okabe and Ito but yellow, which is lost on white as a thin line, in an
#: order in which neighbours differ in grey as well.
SERIES: Final = tuple(
    COLOURS[name] for name in ("blue", "orange", "green", "sky", "red", "pink", "earth", "grey", "ink")
)
#: Hatches of the parts of a bar, so that they are told apart in grey.
HATCHES: Final = ("", "////", "xxxx", "....", "\\\\\\\\", "----", "++++", "oooo", "||||")
DASHES: Final[tuple[Any, ...]] = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)), (0, (2.5, 1)))
MARKS: Final = ("o", "s", "^", "D", "v", "P", "X", "<", ">")
_PT, _TITLE_PT, _FOOT_PT = 7.5, 9.5, 6.0
_EDGE_MM: Final = 2.5
_ABOVE: Final = "legend_above"
_TITLE_MM, _LEGEND_MM, _FOOT_MM = 4.7, 4.6, 2.9  # height of a line
#: Letters that are fitted to the dots of a picture are wider than they are designed.
_FITTED: Final = 0.95
_BOLD: Final = 1.08  # how much wider bold letters are


@dataclass(frozen=True, eq=False)
class Canvas:
    """Axes to draw on.

    Parameters
    ----------
    ax
        The axes.
    lang
        Language of all texts.
    figure
        The figure, if it was made for this chart alone.
    width_mm
        Width of the figure or, of axes that were given, of these.
    """

    ax: Axes
    lang: Language
    figure: Figure | None
    width_mm: float

    def finish(self, title: Sequence[str] | str, foot: Sequence[str] = (), *, beside_mm: float = 14.0) -> Axes:
        """Write the title above and, in small letters, what must be known below; return the axes.

        A figure of its own grows by what takes more than a line of title, a row of legend and two lines below.

        Parameters
        ----------
        title
            One line or several.
        foot
            Notice, and where the figures come from.
        beside_mm
            Room that the words beside the axis take.
        """
        ax = self.ax
        room = max(_FITTED * (self.width_mm - 2 * _EDGE_MM - (0.0 if self.figure is None else beside_mm)), 20.0)
        lines = [
            line for one in ([title] if isinstance(title, str) else title) for line in broken(one, _TITLE_PT, room)
        ]
        legend = ax.get_legend()
        above = 0 if legend is None or legend.get_gid() != _ABOVE else -(-len(legend.get_texts()) // legend._ncols)  # type: ignore[attr-defined]  # noqa: SLF001 - matplotlib tells it nowhere else
        look: dict[str, Any] = {"fontsize": _TITLE_PT, "fontweight": "bold", "color": INK, "pad": 5.0 + 13.0 * above}
        ax.set_title("\n".join(lines), x=0.0, ha="left", **look)
        below = self._foot([text for text in foot if text])
        if self.figure is not None:
            more_mm = _TITLE_MM * (len(lines) - 1) + _LEGEND_MM * max(above - 1, 0) + _FOOT_MM * max(below - 2, 0)
            self.figure.set_figheight(self.figure.get_figheight() + more_mm / MM_PER_INCH)
        _letter(ax)
        return ax

    def _foot(self, texts: Sequence[str]) -> int:
        """Write what must be known below, and return in how many lines."""
        room = _FITTED * (self.width_mm - 2 * _EDGE_MM)
        lines = [line for text in texts for line in broken(text, _FOOT_PT, room)]
        if not lines:
            return 0
        said, look = "\n".join(lines), {"fontsize": _FOOT_PT, "color": MUTED, "ha": "left"}
        if self.figure is not None:
            self.figure.supxlabel(said, x=_EDGE_MM / self.width_mm, fontfamily=families(), **look)
        else:
            under: Any = ("axes fraction", self.ax.xaxis.label)
            self.label(said, (0.0, 0.0), shift=(0.0, -4.0), xycoords=under, va="top", **look)
        return len(lines)

    def legend(self) -> None:
        """Name what is drawn in a row above the axes, in as many columns as fit."""
        handles, labels = self.ax.get_legend_handles_labels()
        widest = max((width_mm(label, _PT) for label in labels), default=0.0) + 9.0
        columns = int(np.clip(self.width_mm * 0.72 // widest, 1, len(labels) or 1))
        self.ax.legend(
            handles, labels, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=columns,
            frameon=False, fontsize=_PT, handlelength=1.6, columnspacing=1.2, borderaxespad=0.1,
        ).set_gid(_ABOVE)  # fmt: skip

    def label(
        self,
        text: str,
        at: tuple[float, float],
        *,
        shift: tuple[float, float] = (3.0, 0.0),
        **look: Any,  # noqa: ANN401 - of the letters, as matplotlib takes it
    ) -> Text:
        """Write beside a point, shifted by points."""
        look = {"va": "center", "color": INK, "fontsize": _PT, "annotation_clip": False, **look}
        return self.ax.annotate(text, at, xytext=shift, textcoords="offset points", **look)


def begin(
    ax: Axes | None, height_mm: float, lang: str | None = None, *, width_mm: float = WIDE_MM, of_pyplot: bool = True
) -> Canvas:
    """Return axes to draw on: those that are given, else those of a new figure.

    Parameters
    ----------
    height_mm, width_mm
        Size of a new figure, mm.
    of_pyplot
        Whether pyplot shows the new figure, as in a notebook.

    Raises
    ------
    FormatError
        matplotlib is not installed.
    """
    plt = load_pyplot()
    expect("plot", "ax", ax, "Axes | None", first=False)
    if ax is not None:
        width = ax.get_window_extent().width / ax.figure.dpi * MM_PER_INCH
        _dress(ax)
        return Canvas(ax, language(lang), None, float(width))
    figure = _new_figure(plt.figure if of_pyplot else plt.Figure, width_mm, height_mm)
    ax = figure.add_subplot(facecolor="white")
    _dress(ax)
    return Canvas(ax, language(lang), figure, width_mm)


def panels(ratios: Sequence[float], height_mm: float, lang: str | None = None) -> list[Canvas]:
    """Return axes one above another, of one time, in a new figure of pyplot; ``ratios`` are those of their heights."""
    figure = _new_figure(load_pyplot().figure, WIDE_MM, height_mm)
    axes = figure.subplots(len(ratios), 1, sharex=True, height_ratios=list(ratios), subplot_kw={"facecolor": "white"})
    for ax in axes:
        _dress(ax)
    return [Canvas(ax, language(lang), figure, WIDE_MM) for ax in axes]


def _new_figure(make: Callable[..., Figure], width_mm: float, height_mm: float) -> Figure:
    size, edge = (width_mm / MM_PER_INCH, height_mm / MM_PER_INCH), _EDGE_MM / MM_PER_INCH
    figure = make(figsize=size, layout="constrained", facecolor="white")
    figure.get_layout_engine().set(w_pad=edge, h_pad=edge)  # type: ignore[union-attr,call-arg]  # of constrained layout
    return figure


def figure_for_file(height_mm: float, *, width_mm: float = WIDE_MM) -> Figure:
    """Return a figure that pyplot does not know, to draw on and to write.

    Raises
    ------
    FormatError
        matplotlib is not installed.
    """
    return _new_figure(load_pyplot().Figure, width_mm, height_mm)


def load_pyplot() -> ModuleType:
    """Load the library for figures, which is an extra.

    Raises
    ------
    FormatError
        It is not installed.
    """
    try:
        return import_module("matplotlib.pyplot")
    except ImportError as error:
        raise FormatError(in_both("needs_extra_plot")) from error


def families() -> list[str]:
    """Return the fonts to write with: the one that the package carries, and others for signs that it lacks."""
    from matplotlib import font_manager

    known = set(font_manager.get_font_names())
    if FAMILY not in known:
        for bold in (False, True):
            font_manager.fontManager.addfont(font_file(bold=bold))
    return [FAMILY, *[name for name in STAND_INS if name in known][:1], "DejaVu Sans"]


def _dress(ax: Axes) -> None:
    """Give axes the look of the house: none above and at the right, thin lines, small letters."""
    for side, spine in ax.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set(color=MUTED, linewidth=0.5)
    ax.tick_params(
        which="both", color=MUTED, labelcolor=INK, labelsize=_PT, width=0.5, length=2.5,
        labelfontfamily=families(),
    )  # fmt: skip
    ax.set_axisbelow(True)


def _letter(ax: Axes) -> None:
    """Write all texts of axes in the letters of the house."""
    fonts, legend = families(), ax.get_legend()
    written = [ax.xaxis.label, ax.yaxis.label, ax.xaxis.get_offset_text(), ax.yaxis.get_offset_text()]
    written += [] if legend is None else [legend.get_title(), *legend.get_texts()]
    for one in written:
        one.set(fontsize=_PT, color=INK)
    for one in (ax.title, *written, *ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels()):
        one.set(fontfamily=fonts, parse_math=False)
