"""A drawing of what a submission changes, by the server: what is laid, changed and abandoned, north is up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from drainage.said import Language
from drainage_api.faces.drawing import HEIGHT, WIDTH, draw
from drainage_api.faces.pages_html import DESK, text

#: Classes of lines, each with a pattern of its own, in the order in which they are drawn.
_HOW: Final = ("beside", "abandoned", "changed", "added")
#: A line that is drawn shorter than this gets a mark, in units of the drawing (own choice).
_SHORT: Final = 9.0
#: A drawing with more lines is no longer one for people (own choice).
MOST_LINES: Final = 4_000


@dataclass(frozen=True, slots=True)
class ChangeDrawing:
    """Lines and dots, each with its class, and the classes that occur with their words."""

    lines: Sequence[dict[str, Any]]
    dots: Sequence[dict[str, Any]]
    keys: Sequence[dict[str, str]]


def draw_change(
    changes: gpd.GeoDataFrame, beside: gpd.GeoSeries | None, lang: Language, *, margin_m: float = 60.0
) -> ChangeDrawing | None:
    """Draw changes over the pipes that lie beside them; None where nothing has a place.

    Parameters
    ----------
    changes
        With a column ``change`` (added, abandoned; all else is a change of what was there).
    beside
        Pipes as they were, in the same coordinate system; those within the frame of the changes are drawn faintly.
    margin_m
        So far beyond the changes the drawing goes.
    """
    placed = changes[~(changes.geometry.isna() | changes.geometry.is_empty)].iloc[:MOST_LINES]
    if placed.empty:
        return None
    near = [] if beside is None else _near(np.asarray(beside), placed.total_bounds, margin_m)
    changed = [_how(str(change)) for change in placed["change"]]
    marks = _marks(np.asarray(placed.geometry), placed.total_bounds)
    hows = ["beside"] * len(near) + changed + [changed[k] for k in marks]
    shapes = np.asarray([*near, *placed.geometry, *marks.values()], dtype=object)
    drawn = draw([str(k) for k in range(len(shapes))], shapes)
    found = sorted(((hows[int(one.identity)], one) for one in drawn), key=lambda one: _HOW.index(one[0]))
    lines = [{"how": how, "path": one.path} for how, one in found if one.at is None]
    dots = [{"how": how, "at": one.at} for how, one in found if one.at is not None]
    seen = {how for how, _ in found}
    keys = [{"how": how, "said": text(f"drawn_{how}", lang, of=DESK)} for how in reversed(_HOW) if how in seen]
    return ChangeDrawing(lines, dots, keys)


def _near(shapes: NDArray[np.object_], bounds: NDArray[np.float64], margin_m: float) -> list[shapely.Geometry]:
    """Return what lies within the frame of the changes, cut at it."""
    west, south, east, north = bounds + np.array([-margin_m, -margin_m, margin_m, margin_m])
    within = shapely.intersects(shapes, shapely.box(west, south, east, north))
    return list(shapely.clip_by_rect(shapes[within][:MOST_LINES], west, south, east, north))


def _marks(shapes: NDArray[np.object_], bounds: NDArray[np.float64]) -> dict[int, shapely.Geometry]:
    """Return a point for each line that nobody would see, by its place."""
    west, south, east, north = bounds
    scale = min(WIDTH / max(east - west, 1e-9), HEIGHT / max(north - south, 1e-9))
    lines = shapely.get_dimensions(shapes) == 1
    short = np.flatnonzero(lines & (shapely.length(shapes) * scale < _SHORT))
    return {int(k): shapely.centroid(shapes[k]) for k in short}


def _how(change: str) -> str:
    return change if change in {"added", "abandoned"} else "changed"
