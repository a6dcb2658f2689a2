"""Layers as a map of folium for notebooks, to which markers, tiles and plugins of others can be added."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import shapely
from branca.element import Element
from folium.elements import JSCSSMixin
from folium.utilities import JsCode

from drainage import words
from drainage.arrays import Objects
from drainage.errors import TopologyError
from drainage.maps.desk.lists import most_important_first
from drainage.maps.inlined import leaflet_script, leaflet_style, picture
from drainage.maps.layer import Layer, is_schematic
from drainage.maps.looks import THEMES
from drainage.maps.payload import in_degrees, in_order, pack
from drainage.maps.provenance import lines_above
from drainage.metres import Area, area_in
from drainage.provenance import Provenance
from drainage.said import in_language
from drainage.words import in_both, language, phrase, with_unit

#: Features of a map; a notebook holds its maps, and a browser draws each of folium's shapes by itself.
MOST_FEATURES: Final = 20_000
#: Layers that are not drawn unless they are asked for: here each of their marks would be an element of the page.
_NODES: Final = ("nodes", "context_nodes")
_PICTURES: Final = {"iconUrl": "marker-icon", "iconRetinaUrl": "marker-icon-2x", "shadowUrl": "marker-shadow"}
_BACKGROUND: Final = ".leaflet-container { background: #f4f4f1; }"
_BOX: Final = (
    "position: fixed; bottom: 24px; left: 10px; z-index: 1000; max-width: 55%; padding: 4px 8px; "
    "background: rgba(255, 255, 255, 0.85); font: 12px sans-serif"
)


class NotebookMap(folium.Map):
    """A map of folium that opens without a network; what is added to it may load what it needs."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium's own hook
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(self, *, schematic: bool) -> None:
        """Make an empty map."""
        plan: dict[str, Any] = {"crs": "Simple", "minZoom": -12} if schematic else {}
        super().__init__(location=[0, 0], zoom_start=2, tiles=None, prefer_canvas=True, **plan)
        header = self.get_root().header  # type: ignore[attr-defined]  # a Figure
        pictures = {option: picture(f"images/{name}.png") for option, name in _PICTURES.items()}
        given = {"pictures": pictures, "words": in_language(words.all_of("map"), language())}
        began = Path(__file__).with_name("page").joinpath("notebook.js").read_text(encoding="utf-8")
        program = f"{leaflet_script()}\n(function (given) {{\n{began}}})({json.dumps(given)});"
        for tag, text in (("style", leaflet_style() + _BACKGROUND), ("script", program)):
            header.add_child(Element(f"{{% raw %}}<{tag}>{text}</{tag}>{{% endraw %}}"), name=f"leaflet_{tag}")

    def render(self, **kwargs: Any) -> None:  # type: ignore[override]  # noqa: ANN401 - as in folium
        """Render it, with folium's own links only where something that was added loads from elsewhere itself."""
        controls = [child for child in self._children.values() if isinstance(child, folium.LayerControl)]
        narrow: Any = JsCode("innerWidth <= 700")  # where the control would hide the map
        for control in controls or [folium.LayerControl(collapsed=narrow)]:
            self.add_child(control)
            self._children.move_to_end(control.get_name())  # it names all layers, also those that were added after it
        if any(isinstance(child, (JSCSSMixin, folium.Icon)) for child in _within(self)):
            self.default_js = [link for link in folium.Map.default_js if link[0] != "leaflet"]
            self.default_css = [link for link in folium.Map.default_css if link[0] != "leaflet_css"]
        super().render(**kwargs)  # type: ignore[no-untyped-call]


def notebook_map(
    layers: Sequence[Layer],
    *,
    title: str,
    notice: str | None = None,
    provenance: Provenance | None = None,
    within: Area | None = None,
) -> NotebookMap:
    """Return layers as a map of folium, in the language of `drainage.words.language`.

    It draws at most `MOST_FEATURES` features, those of small layers first and those of the context last, and says how
    many are left out.

    Parameters
    ----------
    layers, title, notice, provenance
        As `drainage.maps.page_of.page_of` takes them.
    within
        As `drainage.result.Result.explore` takes it.

    Raises
    ------
    CrsError
        Some layers have a CRS and some have none, or the area has one and the layers have none.
    TopologyError
        Nothing touches the area.
    """
    layers = layers if within is None else _parts(layers, within)
    lang, schematic = language(), is_schematic(layers)
    kept = [*map(most_important_first, in_order(_first(layers)))]
    packed: Any = pack({"": kept}, schematic=schematic, lang=lang)
    drawn = NotebookMap(schematic=schematic)
    everything = [_rounded(in_degrees(layer.frame, schematic=schematic)) for layer in kept]
    for geometry, look in zip(everything, packed["periods"][0]["layers"], strict=True):
        _shapes(geometry, look, [packed["columns"][k] for k in look["columns"]]).add_to(drawn)
    seen = everything if within is None else [_seen(within, layers, schematic=schematic)]
    west, south, east, north = shapely.total_bounds(np.concatenate([[None], *seen])).tolist()
    if np.isfinite(west):
        drawn.fit_bounds([[south, west], [north, east]])
    lines = lines_above(title, notice, provenance, schematic=schematic, lang=lang)
    count, most = (sum(len(layer.frame) for layer in each) for each in (layers, kept))
    left_out = phrase("left_out", lang, most=most, count=count) if most < count else ""
    said = "<br>".join(_marked_up(line) for line in (*lines, left_out) if line)
    drawn.get_root().html.add_child(Element(f'<div style="{_BOX}">{said}</div>'))  # type: ignore[attr-defined]
    return drawn


def _parts(layers: Sequence[Layer], within: Area) -> list[Layer]:
    """Return of each layer what touches an area."""
    parts = [
        replace(layer, frame=layer.frame[layer.frame.intersects(area_in(layer.frame.crs, within))]) for layer in layers
    ]
    if not any(len(part.frame) for part in parts):
        bounds = np.array([layer.frame.total_bounds for layer in layers if len(layer.frame)]).reshape(-1, 4)
        west, south = bounds[:, :2].min(axis=0, initial=np.inf)
        east, north = bounds[:, 2:].max(axis=0, initial=-np.inf)
        where = ", ".join(f"{edge:.0f}" for edge in (west, south, east, north))
        raise TopologyError(in_both("explore_beside", where=where))
    return parts


def _seen(within: Area, layers: Sequence[Layer], *, schematic: bool) -> Objects:
    """Return an area where the map draws it: it fills the view, though lines that touch it lead out of it."""
    crs = next(layer.frame.crs for layer in layers if len(layer.frame))
    return in_degrees(gpd.GeoDataFrame(geometry=[area_in(crs, within)], crs=crs), schematic=schematic)


def _first(layers: Sequence[Layer]) -> list[Layer]:
    """Return the first features of each layer, in all not too many: the context is cut first, then what is large."""
    layers = [layer for layer in layers if layer.shown or layer.theme not in _NODES]
    left, kept = MOST_FEATURES, []
    order = [(THEMES[layer.theme].context, not layer.shown, len(layer.frame)) for layer in layers]
    for k in sorted(range(len(layers)), key=order.__getitem__):
        kept.append(replace(layers[k], frame=layers[k].frame.iloc[:left]))
        left -= len(kept[-1].frame)
    return kept


def _shapes(geometry: Objects, look: Mapping[str, Any], columns: Sequence[Mapping[str, Any]]) -> folium.GeoJson:
    """Return one layer, by the number of each row, with a popup of its columns; a legend is its name."""
    cells, styles = [*map(_cells, columns)], [*map(_styles, look["styles"])]
    rows = np.flatnonzero(~shapely.is_missing(geometry)).tolist()
    features = [
        {
            "type": "Feature",
            "id": str(row),
            "geometry": shapely.geometry.mapping(geometry[row]),
            "properties": {str(k): said[row] for k, said in enumerate(cells)},
        }
        for row in rows
    ]

    def style(feature: Mapping[str, Any]) -> Mapping[str, object]:
        line, mark = styles[look["category"][int(feature["id"])]]
        return mark if feature["geometry"]["type"].endswith("Point") else {"opacity": look["opacity"], **line}

    order = sorted(range(len(columns)), key=lambda k: k not in look["lead"])
    labels = [_marked_up(with_unit(columns[k]["label"], columns[k]["unit"], language())) for k in order]
    return folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        name=_legend(look),
        show=look["shown"],
        style_function=style,
        marker=folium.CircleMarker(),
        popup=folium.GeoJsonPopup([*map(str, order)], labels, localize=False) if features and columns else None,
    )


def _cells(column: Mapping[str, Any]) -> list[object]:
    """Return a packed column row by row; texts are those of others, and no HTML."""
    values = [_marked_up(value) if isinstance(value, str) else value for value in [*column["values"], None]]
    return [values[code] for code in column["codes"]] if "codes" in column else values


def _styles(look: Mapping[str, Any]) -> tuple[dict[str, object], dict[str, object]]:
    """Return how folium draws lines and areas, and how marks, which are all round."""
    color, size, hollow = look["color"], look["size"], look["shape"] in {"ring", "cross"}
    line = {"color": color, "weight": size, "dashArray": look["dash"] or None, "fillOpacity": 0.5}
    edge = {"fill": True, "color": color if hollow else "#222222", "weight": 2 if hollow else 1, "radius": size}
    return line, edge | {"fillColor": color, "fillOpacity": 0 if hollow else 1}


def _legend(look: Mapping[str, Any]) -> str:
    counts = np.bincount(look["category"], minlength=len(look["styles"])).tolist()
    entries = [
        f'<span style="color: {style["color"]}">&#9632;</span> {_marked_up(str(style["label"]))} ({count:,})'
        for style, count in zip(look["styles"], counts, strict=True)
    ]
    return "<br>".join([_marked_up(str(look["label"])), *entries])


def _marked_up(text: str) -> str:
    """Return a text as HTML, without the braces by which branca would take it for a template."""
    return escape(text).replace("{", "&#123;")


def _rounded(geometry: Objects) -> Objects:
    """Return shapes of six decimals, some 10 cm; None where there is none."""
    return shapely.transform(geometry, lambda xy: np.round(xy, 6))


def _within(element: Element) -> Iterator[Element]:
    for child in element._children.values():  # noqa: SLF001 - branca has no other way
        yield child
        yield from _within(child)
