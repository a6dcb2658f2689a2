"""A project of QGIS as XML: layers of a GeoPackage in groups, drawn as on the map, with title, extent and notice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import pyproj

from drainage.maps.layer import Layer
from drainage.maps.qgis.dressed import Stored, shape_of
from drainage.maps.qgis.qml import DOCTYPE, VERSION, style_parts
from drainage.maps.qgis.symbols import Shape
from drainage.said import Language, in_language
from drainage.words import all_of, table

#: Groups from the top of the map to its bottom → the layers of a network in them, likewise.
GROUPS: Final = {
    "waterlogging": ("reports",),
    "network": ("nodes", "pipes", "inactive"),
    "ground": ("roads", "waterways"),
    "areas": ("catchments", "blocks", "neighbourhoods", "towns"),
}
#: Layers that would hide others, or that a reader seldom wants: in the project, but not drawn when it opens.
_NOT_SHOWN: Final = frozenset({"catchments", "blocks", "neighbourhoods", "towns", "inactive"})
_GEOMETRIES: Final[dict[Shape, tuple[str, str]]] = {
    "point": ("Point", "Point"),
    "line": ("Line", "LineString"),
    "polygon": ("Polygon", "Polygon"),
}
_MARGIN: Final = 0.03


@dataclass(frozen=True, eq=False, kw_only=True)
class Project:
    """What a project is made of.

    Parameters
    ----------
    title, abstract
        What it is called, and what must be known of it.
    notice
        Written over the map; empty: nothing.
    database
        Name of the GeoPackage, which lies beside the project.
    crs
        Of all layers.
    layers
        Table of the GeoPackage → how it is drawn.
    stored
        The tables as they lie there.
    lang
        Of groups, legends and fields.
    """

    title: str
    abstract: str
    notice: str
    database: str
    crs: pyproj.CRS
    layers: Mapping[str, Layer]
    stored: Mapping[str, Stored]
    lang: Language

    def as_text(self) -> str:
        """Return the project as the text of a ``.qgs`` file."""
        made = Element("qgis", {"projectname": self.title, "version": VERSION})
        SubElement(made, "homePath", {"path": ""})
        SubElement(made, "title").text = self.title
        _srs(SubElement(made, "projectCrs"), self.crs)
        drawn = {name: kind for name in self._names() if (kind := shape_of(self.layers[name].frame)) is not None}
        made.append(self._tree(drawn))
        made.append(self._canvas())
        listed = SubElement(made, "projectlayers")
        listed.extend(self._layer(name, shape) for name, shape in drawn.items())
        order = SubElement(made, "layerorder")
        for name in drawn:
            SubElement(order, "layer", {"id": _id(name)})
        made.append(self._properties())
        made.append(self._views())
        told = SubElement(made, "projectMetadata")
        SubElement(told, "title").text = self.title
        SubElement(told, "abstract").text = self.abstract
        indent(made)
        return DOCTYPE + tostring(made, encoding="unicode") + "\n"

    def _names(self) -> Iterator[str]:
        grouped = [name for names in GROUPS.values() for name in names]
        yield from (name for name in grouped if name in self.layers and name in self.stored)

    def _tree(self, drawn: Mapping[str, Shape]) -> Element:
        """Return the groups of layers as the reader sees them."""
        made = Element("layer-tree-group")
        titles = all_of("qgis_groups")
        for group, names in GROUPS.items():
            here = [name for name in names if name in drawn]
            if not here:
                continue
            branch = SubElement(
                made, "layer-tree-group",
                {"name": str(in_language(titles[group], self.lang)), "checked": "Qt::Checked", "expanded": "1"},
            )  # fmt: skip
            for name in here:
                shown = "Qt::Unchecked" if name in _NOT_SHOWN else "Qt::Checked"
                told = {
                    "id": _id(name),
                    "name": table(name, self.lang),
                    "checked": shown,
                    "expanded": str(int(name == "pipes")),
                }
                SubElement(branch, "layer-tree-layer", {**told, "providerKey": "ogr", "source": self._source(name)})
        return made

    def _canvas(self) -> Element:
        made = Element("mapcanvas", {"name": "theMapCanvas", "annotationsVisible": "1"})
        SubElement(made, "units").text = "meters"
        _extent(made, self._bounds())
        SubElement(made, "rotation").text = "0"
        _srs(SubElement(made, "destinationsrs"), self.crs)
        return made

    def _views(self) -> Element:
        """Return where the map lies when the project is opened by a program without a canvas."""
        made = Element("ProjectViewSettings", {"UseProjectScales": "0"})
        sides = zip(("xmin", "ymin", "xmax", "ymax"), map(repr, self._bounds()), strict=True)
        _srs(SubElement(made, "DefaultViewExtent", dict(sides)), self.crs)
        return made

    def _bounds(self) -> list[float]:
        west, south, east, north = map(float, self.layers["pipes"].frame.total_bounds)
        margin = _MARGIN * max(east - west, north - south, 1.0)
        return [west - margin, south - margin, east + margin, north + margin]

    def _layer(self, name: str, shape: Shape) -> Element:
        layer = self.layers[name]
        index = str(layer.frame.index.name or "")
        parts, told = style_parts(layer, shape, self.stored[name].columns, index, self.lang)
        geometry, kind = _GEOMETRIES[shape]
        made = Element(
            "maplayer",
            {"type": "vector", "geometry": geometry, "wkbType": kind, "styleCategories": "AllStyleCategories", **told},
        )
        _extent(made, layer.frame.total_bounds)
        SubElement(made, "id").text = _id(name)
        SubElement(made, "datasource").text = self._source(name)
        SubElement(made, "layername").text = table(name, self.lang)
        _srs(SubElement(made, "srs"), self.crs)
        SubElement(made, "provider", {"encoding": "UTF-8"}).text = "ogr"
        made.extend(parts)
        return made

    def _properties(self) -> Element:
        made = Element("properties")
        SubElement(SubElement(made, "Paths"), "Absolute", {"type": "bool"}).text = "false"
        SubElement(SubElement(made, "SpatialRefSys"), "ProjectionsEnabled", {"type": "int"}).text = "1"
        if self.notice:
            label = SubElement(made, "TitleLabel")
            SubElement(label, "Enabled", {"type": "bool"}).text = "true"
            SubElement(label, "Label", {"type": "QString"}).text = self.notice
        return made

    def _source(self, name: str) -> str:
        return f"./{self.database}|layername={name}"


def _id(name: str) -> str:
    """Return the id of a layer; QGIS gives those of ten letters or fewer another."""
    return f"drainage_layer_{name}"


def _extent(parent: Element, bounds: Iterable[float]) -> None:
    made = SubElement(parent, "extent")
    for side, value in zip(("xmin", "ymin", "xmax", "ymax"), bounds, strict=True):
        SubElement(made, side).text = repr(float(value))


def _srs(parent: Element, crs: pyproj.CRS) -> None:
    made = SubElement(parent, "spatialrefsys", {"nativeFormat": "Wkt"})
    SubElement(made, "wkt").text = crs.to_wkt()
    authority = crs.to_authority()
    SubElement(made, "authid").text = ":".join(authority) if authority else ""
    SubElement(made, "description").text = crs.name
    SubElement(made, "geographicflag").text = "false"
