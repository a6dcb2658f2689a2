"""The looks of the map by theme and category, as `looks.toml` gives them, with their labels in both languages."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from drainage import words
from drainage.said import Said


@dataclass(frozen=True, slots=True)
class Style:
    """How one category is drawn.

    Parameters
    ----------
    label
        What it is called, in both languages where it is `drainage.said.Said`.
    color
        Of the line, or of the inside of the mark.
    size
        Width of the line or radius of the mark, px.
    dash
        Lengths of dash and gap, px, parted by blanks; empty: a whole line.
    shape
        Of the mark: circle, square, diamond, up, down, octagon, ring or cross.
    printed
        Colour on paper, in drawings and in QGIS; empty: ``color``.
    pattern
        Of a line or area on the page of the map: dash, dot, double or gap; empty: plain.
    dark
        Colour on the dark ground of that page; empty: ``color``, lifted until it can be seen.
    """

    label: str
    color: str
    size: float = 2
    dash: str = ""
    shape: str = "circle"
    printed: str = ""
    pattern: str = ""
    dark: str = ""

    @property
    def printed_color(self) -> str:
        """Its colour on all but the page of the map."""
        return self.printed or self.color


@dataclass(frozen=True, slots=True)
class Theme:
    """How one kind of layer is drawn.

    Parameters
    ----------
    title
        What the kind is called.
    styles
        Category → look; with ``bins`` the number of the bin, from the lowest, → look.
    other
        Look of a category that is not in ``styles``.
    bins, opacity, lead, label, listed, context
        See `looks.toml`.
    """

    title: Said
    styles: dict[str, Style]
    other: Style
    bins: tuple[float, ...] = ()
    opacity: float = 1.0
    lead: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    listed: bool = True
    context: bool = False

    def categories(self, values: pd.Series) -> pd.Series:
        """Return the category of each value as text; None where it has none."""
        if not self.bins:
            codes, found = pd.factorize(values.astype(object))
            return pd.Series(np.array([*map(str, found), None], dtype=object)[codes], values.index)
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        bins = pd.Series(np.searchsorted(self.bins, numbers, side="right").astype(str), values.index, dtype=object)
        return bins.where(np.isfinite(numbers), None)


def _theme(name: str, look: dict[str, Any]) -> Theme:
    known = {"other": _PHRASES["other"], **words.all_of("codes", look.pop("codes", "")), **words.all_of("looks", name)}

    printed = _PALETTES.get(look.pop("printed", ""), {})

    def style(category: str, drawn: dict[str, Any]) -> Style:
        colours = {"color": COLOURS.get(drawn["color"], drawn["color"]), "printed": printed.get(category, "")}
        return Style(known[category], **drawn | colours)

    other = style("other", look.pop("other", {"color": "grey", "size": 3}))
    styles = {category: style(category, drawn) for category, drawn in look.pop("styles", {}).items()}
    lists: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in look.items()}
    return Theme(_TITLES[name], styles, other, **lists)


_LOOKS: Final = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_PHRASES: Final = words.all_of("phrases")
_TITLES: Final = words.all_of("themes")
#: Colours that have a name.
COLOURS: Final[dict[str, str]] = _LOOKS.pop("colours")
#: System of a pipe → its colour, and grade of waterlogging → its colour, from light to dark: on all but the map's page.
SYSTEMS: Final[dict[str, str]] = _LOOKS.pop("systems")
GRADES: Final[dict[str, str]] = _LOOKS.pop("grades")
_PALETTES: Final = {"systems": SYSTEMS, "grades": GRADES}
_SIZES: Final[dict[str, list[float]]] = _LOOKS.pop("sizes")
#: Sizes of pipes up to which a line is so wide, both in mm; the last has no end.
WIDTHS: Final[tuple[tuple[float, float], ...]] = tuple(
    zip((*_SIZES["most_mm"], float("inf")), _SIZES["line_mm"], strict=True)
)
#: Kind of layer → how it is drawn, in the order in which kinds lie on each other.
THEMES: Final = {name: _theme(name, look) for name, look in _LOOKS.items()}
