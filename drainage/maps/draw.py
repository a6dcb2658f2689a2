"""Layers to one map: compact data in the page, one small program that draws it, a switch between periods."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from branca.element import Element

from drainage.errors import CrsError
from drainage.maps.offline import OfflineMap, _inline, _text
from drainage.maps.themes import CAUSES, COLUMNS, THEMES, Style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import folium
    import geopandas as gpd

    from drainage.maps.layer import Layer

_PLAN_WIDTH = 1000.0
_ORDER = {theme: rank for rank, theme in enumerate(THEMES)}


def draw_layers(
    layers: Sequence[Layer],
    *,
    title: str,
    notice: str | None = None,
    periods: Mapping[str, Sequence[Layer]] | None = None,
) -> folium.Map:
    """Draw layers on a map that works without any network.

    Parameters
    ----------
    layers
        What to draw; lines first, points above them whatever their order.
    title
        Heading of the page.
    notice
        Line under the heading, e.g. that the data are synthetic.
    periods
        Instead of ``layers``: label → layers of each period; a switch on the map shows one of them.

    Raises
    ------
    CrsError
        Some layers have a CRS and some have none.
    """
    groups = dict(periods) if periods else {"": list(layers)}
    every = [layer for group in groups.values() for layer in group if len(layer.frame)]
    plans = {layer.frame.crs is None for layer in every}
    if len(plans) > 1:
        msg = "layers with and without a coordinate system cannot be on one map; set the CRS of those without"
        raise CrsError(msg)
    schematic = plans == {True}
    if schematic:
        title = f"{title}（示意图，无坐标系 schematic plan, no coordinate system）"
    place = _Placer(every, schematic=schematic)
    page = OfflineMap(title=title, notice=notice, schematic=schematic)
    data = {
        "map": page.get_name(),
        "bounds": place.bounds,
        "periods": [
            {
                "label": label,
                "layers": [_embed(layer, place) for layer in sorted(group, key=lambda one: _ORDER[one.theme])],
            }
            for label, group in groups.items()
        ],
    }
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    root = page.get_root()
    block = f'{{% raw %}}<script type="application/json" id="drainage-data">{text}</script>{{% endraw %}}'
    root.html.add_child(Element(block), name="drainage_data")  # type: ignore[attr-defined]  # branca gives a Figure
    program = _inline(
        "script", "window.addEventListener('DOMContentLoaded', function () {\n" + _text("map.js") + "\n});"
    )
    root.header.add_child(Element(program), name="drainage_program")  # type: ignore[attr-defined]
    return page


class _Placer:
    """Coordinates for Leaflet: [latitude, longitude] in degrees, or a plan scaled to a thousand units."""

    def __init__(self, layers: Sequence[Layer], *, schematic: bool) -> None:
        self.schematic = schematic
        corners = [self._degrees(layer.frame).total_bounds for layer in layers]
        box = np.array([c for c in corners if np.isfinite(c).all()])
        self.bounds: list[list[float]] | None = None
        self.origin, self.scale = np.zeros(2), 1.0
        if len(box):
            west, south = box[:, :2].min(axis=0)
            east, north = box[:, 2:].max(axis=0)
            if schematic:
                self.origin = np.array([west, south])
                self.scale = _PLAN_WIDTH / max(east - west, north - south, 1e-9)
                west, south, east, north = 0.0, 0.0, (east - west) * self.scale, (north - south) * self.scale
            self.bounds = [[float(south), float(west)], [float(north), float(east)]]

    def parts(self, frame: gpd.GeoDataFrame) -> list[list[list[list[float]]]]:
        """Per feature its parts, per part its [y, x] points; polygons by their outer rings."""
        geometry = self._degrees(frame).geometry.to_numpy()
        outlines = np.where(np.isin(shapely.get_type_id(geometry), (3, 6)), shapely.boundary(geometry), geometry)
        pieces, feature = shapely.get_parts(outlines, return_index=True)
        coords, piece = shapely.get_coordinates(pieces, return_index=True)
        coords = np.round((coords - self.origin) * self.scale, 6)[:, ::-1]
        cut = np.searchsorted(piece, np.arange(len(pieces) + 1))
        points = coords.tolist()
        found: list[list[list[list[float]]]] = [[] for _ in range(len(frame))]
        for k, row in enumerate(feature):
            found[row].append(points[cut[k] : cut[k + 1]])
        return found

    def _degrees(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return frame if self.schematic else frame.to_crs(4326)


def _embed(layer: Layer, place: _Placer) -> dict[str, object]:
    """Return the layer as plain lists: geometry, number of the style of each feature, rows of its popup."""
    theme = THEMES[layer.theme]
    frame = layer.frame[layer.frame.geometry.notna() & ~layer.frame.geometry.is_empty]
    codes, names = pd.factorize(frame[layer.category].astype(str) if layer.category in frame else pd.Series(dtype=str))
    styles = [
        theme.styles.get(str(name)) or _unknown(theme.other, str(name), named=bool(theme.styles)) for name in names
    ]
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    if frame.index.name and frame.index.name not in table:
        table.insert(0, frame.index.name, frame.index)
    columns = [name for name in layer.popup if name in table]
    rows = [list(row) for row in zip(*[[_cell(value) for value in table[name]] for name in columns], strict=True)]
    kinds = set(frame.geom_type)
    return {
        "theme": layer.theme,
        "label": f"{theme.zh} {theme.en}",
        "shown": layer.shown,
        "point": bool(kinds) and kinds <= {"Point", "MultiPoint"},
        "area": bool(kinds) and kinds <= {"Polygon", "MultiPolygon"},
        "wide": layer.theme == "separation",
        "columns": [COLUMNS.get(name, name) for name in columns],
        "road": columns.index("road") if "road" in columns else -1,
        "styles": [
            {"label": f"{s.zh} {s.en}".strip(), "color": s.color, "size": s.size, "dash": s.dash} for s in styles
        ],
        "category": codes.tolist(),
        "geometry": place.parts(frame),
        "rows": rows or [[] for _ in range(len(frame))],
    }


def _unknown(other: Style, name: str, *, named: bool) -> Style:
    return Style(name, "", other.color, other.size) if named else other


def _cell(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and not np.isfinite(value)):
        return None
    if isinstance(value, (bool, np.bool_)):
        return "是 yes" if value else "否 no"
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return round(float(value), 3)
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    text = str(value)
    return CAUSES.get(text, text)
