"""The town that the public may see: its streets in stretches, their crossings, its waters and its built-up area.

All of it is made of the layers of roads, waterways and street blocks; the pipes are looked at only to refuse roads that
are pipes, or lie elsewhere.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from drainage.analyses.separation.centre_lines import centre_lines
from drainage.arrays import Floats, Ints, Objects
from drainage.errors import CrsError, NotKnownError
from drainage.intake.roads import UNNAMED
from drainage.metres import is_metric
from drainage.network import DrainageNetwork
from drainage.publication.cutting import LEAST_M, cut_at_crossings, simple_lines
from drainage.publication.spelling import spelt
from drainage.schema.codes import MEANINGS, fold
from drainage.words import in_both

_LEFT_OUT: Final = tomllib.loads(Path(__file__).with_name("roads.toml").read_text(encoding="utf-8"))["left_out"]
#: Rank of a road → how broad it is drawn; a road of no known class is of the last.
_RANKS: Final = {"main": 3, "middle": 2, "lane": 1}
#: Roads farther than this from the middle of the others are of no town, m (own choice).
FARTHEST_M: Final = 100_000.0
#: Signs of the name of a road on the page; the longest real ones have some thirty (own choice).
_LONGEST_NAME: Final = 60
#: How far pipes may lie from a road that is made of them, m: of no effect where there is a layer of roads.
_WITHIN_M: Final = 30.0
#: A layer of which more than this share of the lines are pipes of the network, line for line, is one of pipes; of fewer
#: than so many lines nothing is said (own choice).
PIPES_SHARE: Final = 0.5
LEAST_LINES: Final = 10
_SAME_M: Final = 0.01
#: Roads pass by the nodes of a network within this distance, m (own choice).
PASSING_M: Final = 500.0


@dataclass(frozen=True, eq=False)
class Town:
    """Streets of a town.

    Parameters
    ----------
    names, ranks
        Of the roads, (n_roads,): their names, sorted by pinyin, and 3 for main roads, 2, or 1 for the least.
    road
        (n_stretches,) number of the road of each stretch; those of one road follow each other along it.
    lines
        (n_stretches,) lines, m.
    ends
        (n_stretches, 2) numbers of the crossings at both ends.
    crossings
        (n_crossings, 2) their places, m.
    short
        Names of roads that have no stretch, for they are shorter than one.
    waters
        Rivers as lines and waters as areas, each with its ``name``, "" where there is none.
    blocks
        Areas that are built upon, where a layer tells.
    crs
        In metres.
    left_out
        What was left out of the layer → how many roads.
    """

    names: tuple[str, ...]
    ranks: Ints
    road: Ints
    lines: Objects
    ends: Ints
    crossings: Floats
    short: frozenset[str]
    waters: pd.DataFrame
    blocks: Objects
    crs: pyproj.CRS
    left_out: dict[str, int]

    @property
    def count(self) -> int:
        """Number of stretches."""
        return len(self.lines)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, low, right and top of the streets, m."""
        left, low, right, top = shapely.total_bounds(self.lines)
        return float(left), float(low), float(right), float(top)

    def __repr__(self) -> str:
        return f"<Town: {len(self.names)} roads in {self.count} stretches, {len(self.crossings)} crossings>"


def town_of(net: DrainageNetwork, roads: gpd.GeoDataFrame | None = None) -> Town:
    """Return the town of a network's layers.

    Parameters
    ----------
    net
        A network in metres; of it only the layers ``roads``, ``waterways`` and ``blocks`` are looked at.
    roads
        Centre lines of roads in place of its own, in the same CRS, with their names in ``road``.

    Raises
    ------
    CrsError
        The network has no CRS, or one that does not measure in metres, or the roads lie in another.
    NotKnownError
        There is no layer of roads, or none of its roads has a name and a stretch of `LEAST_M`; they pass by none of the
        network's nodes, or are its pipes.
    """
    crs = _crs_of(net)
    layer = net.layers.get("roads") if roads is None else roads
    if layer is None or not len(layer):
        raise NotKnownError(in_both("public_no_roads", network=net.source or in_both("network")))
    streets, left_out = _streets(layer)
    streets, left_out["far"] = _near_each_other(streets)
    if not len(streets):
        raise NotKnownError(in_both("public_no_streets", count=len(layer)))
    _check_apart(net, streets)
    once = centre_lines(net, streets, _WITHIN_M).lines
    named = _merged(once)
    if not len(named):
        raise NotKnownError(in_both("public_no_streets", count=len(layer)))
    cut = cut_at_crossings(np.asarray(named.geometry.array))
    if not len(cut.shape):
        raise NotKnownError(in_both("public_short_streets", count=len(layer), least_m=LEAST_M))
    of = named["road"].to_numpy(dtype=object)[cut.line]
    names = sorted(set(of), key=lambda name: (spelt(name).pinyin or name.lower(), name))
    road = pd.Index(names).get_indexer(pd.Index(of)).astype(np.int64)
    order = np.argsort(road, kind="stable")
    rank = named.groupby("road")["rank"].max()
    short = frozenset(named["road"]) - frozenset(names)
    return Town(
        tuple(names), rank.reindex(names).to_numpy(dtype=np.int64), road[order], cut.shape[order], cut.ends[order],
        cut.crossings, short, _waters(net), _shapes(net, "blocks"), crs, {**left_out, "short": len(short)},
    )  # fmt: skip


def _check_apart(net: DrainageNetwork, streets: gpd.GeoDataFrame) -> None:
    """Refuse roads that are the pipes, which the public must not see, and those of another place."""
    lines = np.asarray(streets.geometry.array, dtype=object)
    pipes = _known_by(np.asarray(net.pipes.geometry.array, dtype=object))
    share = float(np.isin(_known_by(lines), pipes).mean())
    if len(lines) >= LEAST_LINES and share > PIPES_SHARE:
        raise NotKnownError(in_both("public_roads_are_pipes", share=round(100 * share)))
    nodes = np.asarray(net.nodes.geometry.array, dtype=object)
    if len(nodes) and not len(shapely.STRtree(lines).query(nodes, predicate="dwithin", distance=PASSING_M)[0]):
        raise NotKnownError(in_both("public_roads_elsewhere", within=f"{PASSING_M:g}"))


def _known_by(lines: Objects) -> Objects:
    """Return by what lines are known again, whichever way they run, to the centimetre."""
    plain = shapely.set_precision(shapely.force_2d(lines), _SAME_M, mode="pointwise")
    return np.asarray(shapely.to_wkb(shapely.normalize(plain)), dtype=object)


def short_name(name: str) -> str:
    """Return the name of a road as far as a page has room for it."""
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1].rstrip() + "…"


def _crs_of(net: DrainageNetwork) -> pyproj.CRS:
    if net.crs is None:
        raise CrsError(in_both("public_no_crs", network=net.source or in_both("network")))
    if not is_metric(net.crs):
        raise CrsError(in_both("public_no_metres", network=net.source or in_both("network"), crs=net.crs.to_string()))
    return net.crs


def _streets(layer: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, dict[str, int]]:
    """Return the named roads that are there and on which cars drive; and how many others there are, by the reason."""
    name = layer["road"] if "road" in layer else pd.Series(None, layer.index, dtype=object)
    name = name.astype(object).where(name.notna(), "").astype(str).str.strip()
    kind = layer["road_class"] if "road_class" in layer else pd.Series("", layer.index)
    kind = kind.fillna("").astype(str).map(fold)
    closed = kind.isin([fold(one) for one in _LEFT_OUT["class"]]) | name.str.startswith(tuple(_LEFT_OUT["name"]))
    unnamed = ~closed & ((name == "") | name.str.fullmatch(rf"{UNNAMED} \d+"))
    rank = kind.map(MEANINGS["road_rank"]).map(_RANKS).fillna(1).astype(int)
    chosen = _lines_of(layer.assign(road=name.map(short_name), rank=rank)[~closed & ~unnamed])
    return chosen, {"no_street": int(closed.sum()), "unnamed": int(unnamed.sum())}


def _lines_of(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the lines of streets one by one; what is no line, or has no length, is left out.

    Nothing may be left to those who, finding no line, would take the pipes for roads.
    """
    parts = streets.explode(ignore_index=True)
    lines = np.asarray(parts.geometry.array, dtype=object)
    length = shapely.length(lines)
    sound = (shapely.get_type_id(lines) == 1) & np.isfinite(length) & (length > 0.0)
    return gpd.GeoDataFrame(parts[sound])


def _near_each_other(streets: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, int]:
    """Leave out what lies so far from the others that the town would be a dot beside it; also return how much does."""
    if not len(streets):
        return streets, 0
    bounds = shapely.bounds(np.asarray(streets.geometry.array, dtype=object))
    middle = (bounds[:, :2] + bounds[:, 2:]) / 2.0
    far = np.hypot(*(middle - np.median(middle, axis=0)).T) > FARTHEST_M
    return gpd.GeoDataFrame(streets[~far]), int(far.sum())


def _merged(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Merge the lines of each road end to end, and part them where they cross themselves."""
    rank = lines.groupby("road")["rank"].max()
    parts, of = shapely.get_parts(np.asarray(lines.geometry.array), return_index=True)
    code, names = pd.factorize(lines["road"].to_numpy(dtype=object)[of])
    order = np.argsort(code, kind="stable")
    whole = shapely.line_merge(shapely.multilinestrings(shapely.force_2d(parts[order]), indices=code[order]))
    merged, number = shapely.get_parts(whole, return_index=True)
    simple, row = simple_lines(np.asarray(merged, dtype=object))
    road = pd.Series(names[number[row]], dtype=object)
    return gpd.GeoDataFrame({"road": road, "rank": road.map(rank)}, geometry=simple, crs=lines.crs)


def _waters(net: DrainageNetwork) -> pd.DataFrame:
    """Return waterways as areas, and as lines merged by their names: ``name`` and ``shape``."""
    layer = net.layers.get("waterways")
    if layer is None or layer.empty:
        return pd.DataFrame({"name": [], "shape": []})
    name = layer["name"].fillna("").astype(str) if "name" in layer else pd.Series("", layer.index)
    table = pd.DataFrame({"name": name.to_numpy(dtype=object), "shape": np.asarray(layer.geometry, dtype=object)})
    table = table[~(shapely.is_missing(table["shape"]) | shapely.is_empty(table["shape"]))]
    flat = shapely.get_dimensions(table["shape"].to_numpy()) == 1
    lines = table[flat].groupby("name")["shape"].agg(lambda group: shapely.line_merge(shapely.union_all(group)))
    areas = table[~flat].assign(shape=shapely.make_valid(table["shape"].to_numpy()[~flat]))
    return pd.DataFrame(pd.concat([lines.reset_index(), areas], ignore_index=True))


def _shapes(net: DrainageNetwork, name: str) -> Objects:
    layer = net.layers.get(name)
    shapes = np.empty(0, dtype=object) if layer is None else np.asarray(layer.geometry, dtype=object)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return np.asarray(shapely.make_valid(shapes[there]), dtype=object)
