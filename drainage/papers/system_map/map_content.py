"""What a system map shows, as tables in metres on the ground: pipes with their classes, runs, roads, waters, nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Bools, Floats, Objects
from drainage.errors import NotKnownError
from drainage.maps.looks import WIDTHS
from drainage.measures import systems_of_nodes
from drainage.network import DrainageNetwork
from drainage.papers.pipe_sizes import size_texts
from drainage.papers.system_map.map_scales import Bounds, Cutting
from drainage.provenance import Provenance
from drainage.said import Said
from drainage.schema.codes import MEANINGS, fold
from drainage.schema.columns import column_of
from drainage.words import in_both

#: In the order in which they lie upon each other.
DRAWN_SYSTEMS: Final = ("reclaimed", "unknown", "sewage", "combined", "storm")
#: Kinds of nodes that are drawn at every scale.
SIGNED: Final = ("outfall", "works", "pump", "interceptor", "storage", "user")
#: Largest denominators at which manholes and their ids are drawn, and levels beside these.
MANHOLE_SCALE: Final = 2500
LEVEL_SCALE: Final = 1000
#: A schematic plan, which has no scale, shows them if it has at most so many nodes.
_FEW_NODES: Final = 300
_LARGE_M: Final = 40.0
_MIDDLE_M: Final = 28.0
#: Rank of a road by the class that it is recorded as.
_RANKS: Final = {"main": 0, "middle": 1, "lane": 2}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What has no place on a sheet: names of roads, numbers of points, and how many ids of nodes."""

    roads: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    ids: int = 0


@dataclass(frozen=True, eq=False)
class SystemMap:
    """A system map as tables.

    Parameters
    ----------
    network
        What is drawn.
    provenance
        Where it comes from; of the points of waterlogging too.
    pipes
        Index ``pipe_id``: ``system``, ``size``, ``size_mm`` (the width of a box; nan where not known), ``size_class``
        (row of `WIDTHS`), ``length_m``, ``road``, ``line``; without those that have no line.
    roads
        One row a line of a road: ``road``, ``rank`` (0 a main road, 2 a lane), ``width_m``, ``line``.
    from_pipes
        Whether there is no layer of roads: their names then stand along pipes.
    waters
        One row a waterway: ``name``, ``shape``.
    nodes
        Index ``node_id``, of those with a place: ``kind``, ``inferred`` (an outfall that nothing records as one),
        ``system``, ``ground_m``, ``invert_m``, ``x``, ``y``.
    points
        Points of waterlogging, worst first: ``point_id``, ``road``, ``grade``, ``depth_m``, ``volume_m3``, ``cause``,
        ``x``, ``y``.
    cutting
        Size, scale, and the ground of each sheet.
    public
        Without ids, levels, sizes and coordinates.
    roads_outside
        Names of roads of which nothing is within the sheets.
    left_out
        Sheet → what found no place on it.
    remarks
        What could not be drawn.

    Examples
    --------
    >>> import drainage as dr
    >>> drawn = dr.papers.plot_map(dr.load_demo("2018-12-31").upstream_of("YS1043")).content
    >>> drawn.scale, drawn.sheets_of("YSL2986")
    (1000, [1])
    >>> drawn.pipes[["system", "size", "length_m"]]
            system   size  length_m
    pipe_id
    YSL2983  storm  DN300     51.31
    YSL2984  storm  DN300     40.82
    YSL2985  storm  DN300     54.33
    YSL2986  storm  DN400     47.70
    """

    network: DrainageNetwork
    provenance: Provenance
    pipes: pd.DataFrame
    roads: pd.DataFrame
    from_pipes: bool
    waters: pd.DataFrame
    nodes: pd.DataFrame
    points: pd.DataFrame
    cutting: Cutting
    public: bool
    roads_outside: tuple[str, ...]
    left_out: dict[int, LeftOut]
    remarks: tuple[Said, ...]

    @property
    def scale(self) -> int:
        """Denominator of the scale; without meaning on a schematic plan."""
        return self.cutting.scale

    @property
    def schematic(self) -> bool:
        """Whether the network has no coordinates on the ground."""
        return self.network.crs is None

    def detailed(self, scale: int) -> bool:
        """Return whether manholes and ids stand on a map of this scale."""
        return len(self.nodes) <= _FEW_NODES if self.schematic else scale <= MANHOLE_SCALE

    def sheets_of(self, pipe_id: str) -> list[int]:
        """Return the numbers of the sheets on which a pipe is drawn, or part of it."""
        lines = self.pipes.loc[[pipe_id], "line"].to_numpy()
        return [tile.number for tile in self.cutting.tiles if shapely.intersects(shapely.box(*tile.bounds), lines)[0]]


def pipes_of(net: DrainageNetwork) -> tuple[pd.DataFrame, list[Said]]:
    """Return the pipes that have a line, and say which have none.

    Raises
    ------
    NotKnownError
        No pipe has a line.
    """
    lines = np.asarray(net.pipes.geometry, dtype=object)
    drawn = ~(shapely.is_missing(lines) | shapely.is_empty(lines))
    if not drawn.any():
        raise NotKnownError(in_both("map_without_lines", network=net.source or in_both("the_network")))
    rows = net.pipes[drawn]
    width = np.fmax(column_of(rows, "diameter_mm"), np.nan_to_num(column_of(rows, "width_mm"), nan=-1.0))
    size = np.where(width > 0.0, width, np.nan)
    table = pd.DataFrame(
        {
            "system": rows["system"].fillna("unknown").to_numpy(dtype=object),
            "size": size_texts(rows),
            "size_mm": size,
            "size_class": np.searchsorted([limit for limit, _ in WIDTHS], np.nan_to_num(size)),
            "length_m": column_of(rows, "length_m"),
            "road": rows["road"].fillna("").astype(str).to_numpy(dtype=object) if "road" in rows else "",
            "line": shapely.force_2d(lines[drawn]),
        },
        index=rows.index,
    )
    lost = net.pipes.index[~drawn]
    return table, [_counted("map_no_line", lost)] if len(lost) else []


def roads_of(net: DrainageNetwork, pipes: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """Return the lines of roads; where there is no layer of them those of the pipes that name them."""
    layer = net.layers.get("roads")
    if layer is not None and len(layer):
        lines = np.asarray(layer.geometry, dtype=object)
        names = layer["road"].fillna("").astype(str) if "road" in layer else pd.Series("", layer.index)
        width = column_of(layer, "width_m")
        kind = layer["road_class"] if "road_class" in layer else pd.Series("", layer.index)
        table = pd.DataFrame({"road": names.to_numpy(dtype=object), "rank": _rank(kind, width), "width_m": width,
                              "line": lines})  # fmt: skip
        table = table[~(shapely.is_missing(lines) | shapely.is_empty(lines))]
        return _merged_roads(table), False
    named = pipes[pipes["road"] != ""]
    table = pd.DataFrame({"road": named["road"], "rank": 1, "width_m": np.nan, "line": named["line"],
                          "system": named["system"]})  # fmt: skip
    length = named.groupby(["road", "system"])["length_m"].sum().reset_index().sort_values("length_m")
    longest = length.drop_duplicates("road", keep="last").set_index("road")["system"]
    return _merged_roads(table[table["system"] == table["road"].map(longest)]), True


def waters_of(net: DrainageNetwork) -> pd.DataFrame:
    """Return waterways as areas, and as lines merged by their names."""
    layer = net.layers.get("waterways")
    if layer is None or layer.empty:
        return pd.DataFrame({"name": [], "shape": []})
    shapes = np.asarray(layer.geometry, dtype=object)
    names = (layer["name"].fillna("").astype(str) if "name" in layer else pd.Series("", layer.index)).to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    table = pd.DataFrame({"name": names, "shape": shapes})[there]
    flat = shapely.get_dimensions(table["shape"].to_numpy()) == 1
    lines = [
        (name, shapely.line_merge(shapely.union_all(group["shape"].to_numpy())))
        for name, group in table[flat].groupby("name")
    ]
    areas = table[~flat].assign(shape=shapely.make_valid(table["shape"].to_numpy()[~flat]))
    merged = pd.DataFrame(lines, columns=["name", "shape"])
    return pd.DataFrame(pd.concat([areas, merged], ignore_index=True))


def nodes_of(net: DrainageNetwork) -> pd.DataFrame:
    """Return the nodes that have a place."""
    places = np.asarray(net.nodes.geometry, dtype=object)
    x, y = shapely.get_x(places), shapely.get_y(places)
    there = np.isfinite(x) & np.isfinite(y)
    rows, systems = net.nodes[there], systems_of_nodes(net.nodes, net.pipes)[there]
    return pd.DataFrame(
        {
            "kind": rows["kind"].to_numpy(dtype=object),
            "inferred": (rows["kind"].eq("outfall") & rows["kind_source"].eq("inferred")).to_numpy(),
            "system": [one or "unknown" for one in systems],
            "ground_m": column_of(rows, "ground_m"),
            "invert_m": column_of(rows, "invert_m"),
            "x": x[there],
            "y": y[there],
        },
        index=rows.index,
    )


def about_outfalls(nodes: pd.DataFrame) -> list[Said]:
    """Say how many outfalls nothing records as such."""
    inferred, outfalls = int(nodes["inferred"].sum()), int(nodes["kind"].eq("outfall").sum())
    return [in_both("map_outfalls_inferred", count=inferred, outfalls=outfalls)] if inferred else []


def points_of(points: pd.DataFrame | None) -> pd.DataFrame:
    """Return points of waterlogging and the middle of each."""
    told = ["point_id", "road", "grade", "depth_m", "volume_m3", "cause", "x", "y"]
    if not isinstance(points, gpd.GeoDataFrame) or points.empty:
        return pd.DataFrame(columns=told)
    middle = shapely.centroid(np.asarray(points.geometry, dtype=object))
    table = pd.DataFrame(points.drop(columns=points.geometry.name)).rename_axis("point_id").reset_index()
    places = pd.DataFrame({"x": shapely.get_x(middle), "y": shapely.get_y(middle)})
    placed: pd.DataFrame = pd.concat([table.reindex(columns=told[:-2]), places], axis=1)
    return placed


def bounds_of(pipes: pd.DataFrame, nodes: pd.DataFrame) -> Bounds:
    """Return the bounds of pipes and of the nodes that are drawn at every scale."""
    edges = shapely.bounds(pipes["line"].to_numpy())
    signs = nodes[nodes["kind"].isin(SIGNED)]
    place = signs[["x", "y"]].to_numpy(np.float64)
    low, high = edges[:, :2].min(axis=0), edges[:, 2:].max(axis=0)
    if len(place):
        low, high = np.minimum(low, place.min(axis=0)), np.maximum(high, place.max(axis=0))
    return cast("Bounds", (*low.tolist(), *high.tolist()))


def lying_together(pipes: pd.DataFrame, scale: int, lines: float) -> Bools:
    """Return which pipes touch one of another system by the widths of their lines on paper, near their middle."""
    places = shapely.line_interpolate_point(pipes["line"].to_numpy(), 0.5, normalized=True)
    half = np.array([width for _, width in WIDTHS])[pipes["size_class"].to_numpy()] * lines / 2.0
    reach = (half + half.max()) * scale / 1000.0
    tree = shapely.STRtree(pipes["line"].to_numpy())
    near, other = tree.query(places, predicate="dwithin", distance=reach)
    systems = pipes["system"].to_numpy()
    apart = systems[near] != systems[other]
    near, other = near[apart], other[apart]
    distance = shapely.distance(places[near], pipes["line"].to_numpy()[other])
    touching = np.zeros(len(pipes), np.bool_)
    touching[near[distance < (half[near] + half[other]) * scale / 1000.0]] = True
    return touching


def _merged_roads(table: pd.DataFrame) -> pd.DataFrame:
    """Merge the lines of a road of one rank and width."""
    if table.empty:
        return table[["road", "rank", "width_m", "line"]]
    rows = [
        (road, rank, width, shapely.line_merge(shapely.union_all(group["line"].to_numpy())))
        for (road, rank, width), group in table.groupby(["road", "rank", "width_m"], sort=False, dropna=False)
    ]
    return pd.DataFrame(rows, columns=["road", "rank", "width_m", "line"])


def _rank(kind: pd.Series, width_m: Floats) -> list[int]:
    """Return the rank of roads by their class, else by their width; a road of neither is one of the middle."""
    told = [_RANKS.get(MEANINGS["road_rank"].get(fold(text), "")) for text in kind.fillna("").astype(str)]
    by_width = np.where(width_m >= _LARGE_M, 0, np.where(width_m < _MIDDLE_M, 2, 1)).tolist()
    return [wide if rank is None else rank for rank, wide in zip(told, by_width, strict=True)]


def _counted(key: str, ids: pd.Index) -> Said:
    named = ", ".join(map(str, ids[:4])) + (" …" if len(ids) > 4 else "")
    return in_both(key, count=len(ids), ids=named)


def runs_of(pipes: pd.DataFrame) -> pd.DataFrame:
    """Return runs of pipes of one system, road and size in one direction: ``system``, ``size``, ``size_class``."""
    rows: list[tuple[object, ...]] = []
    for (system, _, size, order), group in pipes.groupby(["system", "road", "size", "size_class"], sort=False):
        merged = shapely.line_merge(shapely.multilinestrings(_lines(group["line"].to_numpy())), directed=True)
        rows += [(system, size, order, part) for part in shapely.get_parts(merged)]
    return pd.DataFrame(rows, columns=["system", "size", "size_class", "line"])


def _lines(shapes: Objects) -> Objects:
    parts = shapely.get_parts(shapes)
    return np.asarray(parts[shapely.get_type_id(parts) == 1], dtype=object)
