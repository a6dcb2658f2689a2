"""What to draw: a frame, the theme that gives it its look, and the columns that a popup shows.

A layer knows nothing of colours, HTML or folium, so results can carry layers without loading any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from geopandas import GeoDataFrame

from drainage.arrays import Floats
from drainage.errors import CrsError, SchemaError
from drainage.maps.looks import THEMES
from drainage.words import in_both


@dataclass(frozen=True, eq=False, slots=True)
class OverTime:
    """What happens at one feature over time.

    Parameters
    ----------
    minutes
        Min from the beginning of the rain.
    series
        Column of `drainage.words` → its value at each of these minutes.
    marks
        Likewise values that stay, such as the flow that the pipes can take.
    """

    minutes: Floats
    series: Mapping[str, Floats]
    marks: Mapping[str, float]


@dataclass(frozen=True, eq=False, slots=True)
class Layer:
    """One frame with its look on the map.

    Parameters
    ----------
    theme
        Name of the look, a key of `drainage.maps.looks.THEMES`, e.g. ``"pipes"``.
    frame
        Features with their id as index, in any CRS; without CRS it is a schematic plan. May be empty.
        A shallow copy is kept.
    category
        Column whose value chooses the style inside the theme; None: all are drawn as those of no category.
    popup
        Columns shown when a feature is clicked, in this order. Columns that the frame does not have are left out.
    shown
        Whether the layer is drawn when the map opens.
    over_time
        Gives, for ids of features, what happens at each over time; called when a page is made, and not before.

    Raises
    ------
    SchemaError
        Unknown theme, not a frame with geometry, or a frame with rows but without the category column.
    """

    theme: str
    frame: GeoDataFrame
    category: str | None
    popup: tuple[str, ...] = ()
    shown: bool = True
    over_time: Callable[[Sequence[str]], Mapping[str, OverTime]] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Check the theme and the frame, and keep a shallow copy of the frame."""
        if self.theme not in THEMES:
            raise SchemaError(in_both("layer_unknown", theme=self.theme, known=", ".join(sorted(THEMES))))
        if not isinstance(self.frame, GeoDataFrame) or self.frame._geometry_column_name not in self.frame:  # noqa: SLF001
            raise SchemaError(in_both("layer_without_geometry", theme=self.theme))
        if len(self.frame) and self.category is not None and self.category not in self.frame:
            has = ", ".join(map(str, self.frame.columns))
            raise SchemaError(in_both("layer_without_category", theme=self.theme, category=self.category, has=has))
        object.__setattr__(self, "frame", self.frame.copy(deep=False))
        object.__setattr__(self, "popup", tuple(self.popup))

    def __repr__(self) -> str:
        """Give theme, number of features and CRS in one line."""
        crs = self.frame.crs.to_string() if self.frame.crs is not None else "no CRS (schematic)"
        by = f" by {self.category}" if self.category else ""
        return f"<Layer {self.theme}: {len(self.frame)} features{by}, {crs}>"


def is_schematic(layers: Sequence[Layer]) -> bool:
    """Tell whether the layers lie on no place on earth.

    Raises
    ------
    CrsError
        Some do and some do not.
    """
    plans = {layer.frame.crs is None for layer in layers if len(layer.frame)}
    if len(plans) > 1:
        raise CrsError(in_both("layers_on_two_grounds"))
    return plans == {True}
