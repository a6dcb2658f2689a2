"""A network as DXF in ground coordinates, metres of its CRS, for offices that draw in CAD."""

from __future__ import annotations

import math
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.errors import CrsError, FormatError, NotKnownError
from drainage.measures import systems_of_nodes
from drainage.network import DrainageNetwork
from drainage.papers.cad.cad_blocks import ARROW, BLOCKS, REACH, TAGS, add_blocks
from drainage.papers.cad.cad_layers import CODES, CROWDED, layers
from drainage.papers.cad.cad_texts import (
    Taken,
    Written,
    along_pipes,
    beside_nodes,
    level_texts,
    middles,
    names_along,
    pipe_texts,
)
from drainage.papers.drawn.as_dxf import CAD_FONT, WEIGHTS
from drainage.papers.sayings import saying
from drainage.provenance import Provenance
from drainage.said import Language, Said, joined
from drainage.schema.columns import column_of
from drainage.wants import wants
from drainage.words import in_both, language, one_language
from drainage.writing import replacing_file

if TYPE_CHECKING:
    from ezdxf.document import Drawing
    from ezdxf.layouts.layout import Modelspace

_STYLE: Final = "DRAINAGE"
_METRES: Final = 6
_APPLICATION: Final = "DRAINAGE"
#: What a pipe tells as extended data, beside its layer.
_TOLD: Final = (
    "pipe_id", "from_node", "to_node", "shape", "diameter_mm", "width_mm", "height_mm", "invert_from_m", "invert_to_m",
    "length_m", "material", "road",
)  # fmt: skip
_NOTE_MM: Final = 3.5
_MOST_BYTES: Final = 255  # of a text of extended data
_PLINEGEN: Final = 128  # dashes go on through the corners of a line


class WrittenDxf(NamedTuple):
    """What `write_dxf` wrote.

    Parameters
    ----------
    path
        The file.
    pipes, nodes
        How many are drawn.
    crowded
        How many texts found no place: they stand on layers that are switched off.
    without_place
        Ids of pipes without a line and of nodes without a point.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> with TemporaryDirectory() as folder:
    ...     written = dr.papers.write_dxf(net, f"{folder}/street.dxf")
    >>> written.pipes, written.nodes, written.crowded, written.without_place
    (4, 5, 0, ())
    """

    path: Path
    pipes: int
    nodes: int
    crowded: int
    without_place: tuple[str, ...]

    @property
    def remarks(self) -> list[Said]:
        """What is not in the drawing, or not as one might expect."""
        found = []
        if self.without_place:
            ids = joined([*self.without_place[:5], *(["…"] if len(self.without_place) > 5 else [])], ", ")
            found.append(in_both("cad_without_place", count=len(self.without_place), ids=ids))
        if self.crowded:
            found.append(in_both("cad_crowded", count=self.crowded))
        return found


@wants
def write_dxf(
    net: DrainageNetwork, path: str | Path, *, scale: int = 1000, lang: str | None = None, force: bool = False
) -> WrittenDxf:
    """Write a network as a drawing for CAD (DXF R2010), in metres of its coordinate system.

    Each system has its layers (`drainage.papers.cad.cad_layers`): lines, signs of nodes, arrows, and texts of sizes,
    ids and levels. Signs are blocks that tell id, ground and invert as attributes; a line tells its pipe as extended
    data ``DRAINAGE``. A text that would lie over another is on a layer that is switched off.

    Parameters
    ----------
    scale
        Denominator of the scale at which texts are 2.5 mm high and signs have their size: at 1000 a text is 2.5 m high.
    lang
        Of the notes and of what layers say of themselves; default: that of the reader.
    force
        Replace an existing file.

    Raises
    ------
    FormatError
        The file exists and ``force`` is False, it does not end in ``.dxf``, the scale is not positive, or the library
        for it is not installed.
    CrsError
        The network is a schematic plan, whose coordinates are not metres on the ground.
    NotKnownError
        No pipe has a line.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> with TemporaryDirectory() as folder:
    ...     written = dr.papers.write_dxf(net, f"{folder}/street.dxf")
    >>> written.pipes, written.nodes, written.crowded, written.without_place
    (4, 5, 0, ())
    """
    goal = Path(path)
    if net.crs is None:
        raise CrsError(in_both("plan_not_in_cad", net=net.source or in_both("the_network")))
    if not 0 < scale < math.inf:
        raise FormatError(in_both("cad_scale", scale=scale))
    try:
        ezdxf = import_module("ezdxf")
    except ImportError as error:
        raise FormatError(in_both("needs_extra_papers")) from error
    with replacing_file(goal, ending=".dxf", force=force) as part:
        document = ezdxf.new("R2010", units=_METRES)
        drawing = _Drawing(document, scale / 1000.0, language(lang), net)
        crowded = drawing.draw(scale)
        document.saveas(part)
    return WrittenDxf(goal, len(drawing.pipes), len(drawing.nodes), crowded, tuple(drawing.without_place))


class _Drawing:
    """A drawing in the making; ``unit_m`` is a millimetre on paper, on the ground."""

    def __init__(self, document: Drawing, unit_m: float, lang: Language, net: DrainageNetwork) -> None:
        self.document, self.unit_m, self.lang, self.net = document, unit_m, lang, net
        self.space: Modelspace = document.modelspace()
        self.pipes, lost_pipes = _placed(net.pipes)
        self.nodes, lost_nodes = _placed(net.nodes)
        self.without_place = [*map(str, lost_pipes), *map(str, lost_nodes)]
        if not len(self.pipes):
            raise NotKnownError(in_both("cad_without_lines", net=net.source or in_both("the_network")))
        self.corner = self.pipes.total_bounds[:2]

    def draw(self, scale: int) -> int:
        """Draw everything; return how many texts found no place."""
        self._prepare(scale)
        lines = self._on_paper(self.pipes)
        taken = Taken(lines)
        for name, column, layer in (("waterways", "name", "WATER"), ("roads", "road", "ROAD")):
            self._beside(name, column, layer, taken)
        self._draw_pipes(lines)
        codes = _codes(self.pipes["system"])
        texts = along_pipes(lines, pipe_texts(self.pipes), taken)
        for code, one in zip(codes, texts, strict=True):
            self._write(one, f"{code}MARK")
        ids = self._draw_nodes(taken)
        return sum(one.crowded for one in [*texts, *ids] if one is not None)

    def _prepare(self, scale: int) -> None:
        document = self.document
        document.styles.add(_STYLE, font=CAD_FONT)
        document.appids.add(_APPLICATION)
        said = Provenance.of(self.net)
        document.header.custom_vars.append("provenance", said.as_json().replace("\n", " "))
        document.header["$MEASUREMENT"] = 1
        document.header["$LWDISPLAY"] = 1
        for layer in layers(self.lang):
            made = document.layers.add(layer.name, linetype=self._dashes(layer.dash))
            made.dxf.true_color = int(layer.color[1:], 16)
            made.dxf.lineweight = min(WEIGHTS, key=lambda known: abs(known - 100.0 * layer.width_mm))
            made.description = layer.words
            if not layer.shown:
                made.off()
        add_blocks(document, _STYLE)
        self._notes(said, scale)
        low, high = np.split(self.pipes.total_bounds, 2)
        self.space.reset_extents((*low, 0.0), (*high, 0.0))
        document.set_modelspace_vport(height=float(1.1 * (high - low).max()) or 1.0, center=tuple((low + high) / 2.0))

    def _notes(self, said: Provenance, scale: int) -> None:
        """Write what the drawing is of, below it."""
        source, crs = ", ".join(said.source or ()), self.net.crs.name if self.net.crs is not None else ""
        notes = [
            one_language(said.notice, self.lang) if said.notice else "",
            saying("cad_title", self.lang, source=source, scale=scale),
            saying("cad_crs", self.lang, crs=crs, code=said.crs),
            saying("cad_layers", self.lang),
            saying("cad_texts", self.lang),
            saying("cad_restricted", self.lang),
            saying("cad_made", self.lang, version=said.version, made_at=said.made_at, as_of=said.as_of or "–"),
        ]
        left, top = self.corner - 10.0 * self.unit_m
        for row, text in enumerate(filter(None, notes)):
            place = (left, top - 2.0 * _NOTE_MM * self.unit_m * row)
            self._text(text, place, 0.0, _NOTE_MM, "NOTES")

    def _draw_pipes(self, lines: NDArray[np.object_]) -> None:
        coords, row = shapely.get_coordinates(self.pipes.geometry.to_numpy(), return_index=True)
        starts = np.searchsorted(row, np.arange(len(self.pipes) + 1))
        codes, told = _codes(self.pipes["system"]), _told(self.pipes)
        x, y, turns, _ = middles(lines)
        for k, code in enumerate(codes):
            look = {"layer": f"{code}LINE", "flags": _PLINEGEN}
            line = self.space.add_lwpolyline(coords[starts[k] : starts[k + 1]], dxfattribs=look)
            line.set_xdata(_APPLICATION, [(1000, text) for text in told[k]])
            size = {"xscale": self.unit_m, "yscale": self.unit_m, "zscale": self.unit_m, "rotation": turns[k]}
            self.space.add_blockref(ARROW, self._ground(x[k], y[k]), dxfattribs={"layer": f"{code}ARROW", **size})

    def _draw_nodes(self, taken: Taken) -> list[Written | None]:
        nodes = self.nodes
        points = shapely.get_coordinates(self._on_paper(nodes))
        kinds = [BLOCKS.get(str(kind), BLOCKS["manhole"]) for kind in nodes["kind"]]
        codes = _codes(systems_of_nodes(nodes, self.net.pipes))
        reach = np.array([REACH[kind] for kind in kinds])
        ids = [str(name) for name in nodes.index]
        texts = beside_nodes(points, list(zip(ids, level_texts(nodes), strict=True)), reach, taken)
        levels = [[_plain(value) for value in column_of(nodes, name)] for name in ("ground_m", "invert_m")]
        size = {"xscale": self.unit_m, "yscale": self.unit_m, "zscale": self.unit_m}
        ground = shapely.get_coordinates(nodes.geometry.to_numpy())
        for code, kind, place, written, *data in zip(codes, kinds, ground, texts, ids, *levels, strict=True):
            sign = self.space.add_blockref(kind, place, dxfattribs={"layer": f"{code}POINT", **size})
            for tag, value in zip(TAGS, data, strict=True):
                look = {"layer": f"{code}POINT", "style": _STYLE, "height": self.unit_m, "flags": 1}
                sign.add_attrib(tag, _one_line(value), place, dxfattribs=look)
            for one, layer in zip(written, ("TEXT", "LEVEL"), strict=True):
                self._write(one, code + layer)
        return [one for both in texts for one in both]

    def _beside(self, name: str, column: str, layer: str, taken: Taken) -> None:
        """Draw the lines of a layer beside the pipes, and what they are called."""
        if name not in self.net.layers:
            return
        table, _ = _placed(self.net.layers[name])
        names = table[column].fillna("").astype(str) if column in table else pd.Series("", table.index)
        parts = table.geometry.explode(index_parts=False)
        named = names.reindex(parts.index) if names.index.is_unique else pd.Series("", parts.index)
        rings = parts.where(parts.geom_type != "Polygon", parts.boundary)
        lines = gpd.GeoDataFrame({"name": named.to_numpy()}, geometry=rings.to_numpy(), crs=parts.crs)
        lines = lines[lines.geom_type.isin(["LineString", "LinearRing"])]
        for line in lines.geometry:
            self.space.add_lwpolyline(shapely.get_coordinates(line), dxfattribs={"layer": layer})
        for one in names_along(self._on_paper(lines), lines["name"].tolist(), taken):
            self._write(one, f"{layer}TEXT")

    def _write(self, one: Written | None, layer: str) -> None:
        if one is not None:
            place = self._ground(one.x, one.y)
            self._text(one.text, place, one.turn, one.height_mm, layer + (CROWDED if one.crowded else ""))

    def _text(self, text: str, place: tuple[float, float], turn: float, height_mm: float, layer: str) -> None:
        look = {"layer": layer, "style": _STYLE, "rotation": turn, "insert": place}
        self.space.add_text(_one_line(text), height=height_mm * self.unit_m, dxfattribs=look)

    def _on_paper(self, table: gpd.GeoDataFrame) -> NDArray[np.object_]:
        shapes = shapely.force_2d(table.geometry.to_numpy())
        return np.asarray(shapely.transform(shapes, lambda xy: (xy - self.corner) / self.unit_m))

    def _ground(self, x: float, y: float) -> tuple[float, float]:
        return float(self.corner[0] + x * self.unit_m), float(self.corner[1] + y * self.unit_m)

    def _dashes(self, dash: tuple[float, ...]) -> str:
        """Return the line type of dashes and gaps, which are as long on paper whatever the scale."""
        if not dash:
            return "CONTINUOUS"
        name = "DASH_" + "_".join(f"{part:g}" for part in dash).replace(".", "P")
        if name not in self.document.linetypes:
            parts = [part * self.unit_m * (-1.0 if at % 2 else 1.0) for at, part in enumerate(dash)]
            self.document.linetypes.add(name, [sum(map(abs, parts)), *parts])
        return name


def _placed(table: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, pd.Index]:
    """Return the rows that have a place, and the index of those that have none."""
    there = ~(table.geometry.is_empty | table.geometry.isna())
    return table[there], table.index[~there]


def _codes(systems: Iterable[object]) -> list[str]:
    return [CODES.get(str(system), CODES["unknown"]) for system in systems]


def _told(pipes: gpd.GeoDataFrame) -> list[list[str]]:
    """Return what each pipe tells of itself: name=value, of what is known."""
    table = pipes.reset_index()
    names = [name for name in _TOLD if name in table]
    rows = zip(*(table[name].tolist() for name in names), strict=True)
    plain = ([(name, _plain(cell)) for name, cell in zip(names, row, strict=True)] for row in rows)
    return [[_cut(f"{name}={text}") for name, text in row if text] for row in plain]


def _plain(cell: object) -> str:
    if cell is None or cell != cell:  # noqa: PLR0124 - nan
        return ""
    return _one_line(f"{cell:.3f}".rstrip("0").rstrip(".") if isinstance(cell, float) else str(cell))


def _one_line(text: str) -> str:
    """Return a text as DXF has it: a line, and two percent signs, which begin a command there, written as two signs."""
    return "".join(sign if sign.isprintable() else " " for sign in text).replace("%%", "%%%%%%")


def _cut(text: str) -> str:
    return text.encode()[:_MOST_BYTES].decode(errors="ignore")
