"""One small network for each rule of quality in which it fires, and a sound one in which none does.

The sound network is a storm chain a → b → c, 50 m each, DN400 and DN600 joined by their crowns, 1 and 0.8 % steep, with
ground, inverts and depths that agree, ending at an outfall beside a river, along a road that the layer knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.network import DrainageNetwork
from tests.support.networks import build, days

NAN = float("nan")
Line = Sequence[tuple[float, float]]


class Case(NamedTuple):
    """A rule, a network in which it fires, and the features that it names."""

    rule: str
    net: DrainageNetwork
    expected: list[str]


def layered(
    net: DrainageNetwork, *, roads: Mapping[str, Line] | None = None, water: Line | None = None
) -> DrainageNetwork:
    """Put roads and a waterway beside a network."""
    layers: dict[str, gpd.GeoDataFrame] = {}
    if roads is not None:
        lines = [shapely.LineString(line) for line in roads.values()]
        layers["roads"] = gpd.GeoDataFrame({"road": list(roads)}, geometry=lines, crs=net.crs)
    if water is not None:
        layers["waterways"] = gpd.GeoDataFrame({"name": ["river"]}, geometry=[shapely.LineString(water)], crs=net.crs)
    return DrainageNetwork(net.pipes, net.nodes, layers=layers, source="test")


def chain(
    texts: Sequence[str] = ("a>b storm 400", "b>c storm 600"),
    *,
    kinds: Mapping[str, str] | None = None,
    places: Mapping[str, tuple[float, float]] | None = None,
    inverts: Sequence[tuple[float, float]] = ((20.0, 19.5), (19.3, 18.9)),
    depth_m: float | None = None,
    lines: Mapping[str, Line] | None = None,
    nodes: Mapping[str, Mapping[str, object]] | None = None,
    **columns: Sequence[object],
) -> DrainageNetwork:
    """Build the sound chain, or what is to be wrong with it; nodes stand 50 m apart on a line unless placed."""
    names = list(dict.fromkeys(n for text in texts for n in text.replace(">", " ").split()[:2]))
    spots = {name: (50.0 * k, 0.0) for k, name in enumerate(names)} | dict(places or {})
    net = build(texts, kinds={"c": "outfall"} if kinds is None else kinds, places=spots)
    pipes, node_table = net.pipes, net.nodes
    levels = [*inverts, *[(NAN, NAN)] * (len(pipes) - len(inverts))]
    pipes["invert_from_m"], pipes["invert_to_m"] = zip(*levels, strict=True)
    bent = {pipe: shapely.LineString(line) for pipe, line in (lines or {}).items()}
    pipes = pipes.set_geometry([bent.get(str(k), g) for k, g in pipes.geometry.items()], crs=pipes.crs)
    pipes["length_m"] = pipes.geometry.length.fillna(50.0)
    pipes["material"], pipes["road"] = "HDPE", "和平路"
    pipes["commissioned"] = pd.Series(pd.Timestamp("2010-05-01"), pipes.index, dtype="datetime64[ms]")
    node_table["ground_m"] = 22.0
    for end in ("from", "to"):
        pipes[f"depth_{end}_m"] = 22.0 - pipes[f"invert_{end}_m"] if depth_m is None else depth_m
    for column, values in columns.items():
        pipes[column] = pd.Series(list(values), index=pipes.index)
    for node, facts in (nodes or {}).items():
        for column, value in facts.items():
            if column not in node_table:
                node_table[column] = pd.Series(np.nan if isinstance(value, float) else None, node_table.index)
            if isinstance(value, str):
                node_table[column] = node_table[column].astype(object)
            held = node_table[column].to_dict() | {node: value}
            node_table[column] = pd.Series(held, dtype=node_table[column].dtype)
    roads = {"和平路": ((-50.0, 3.0), (1000.0, 3.0)), "新华路": ((-50.0, 200.0), (1000.0, 200.0))}
    return layered(net.replace(pipes=pipes, nodes=node_table), roads=roads, water=((100.0, -40.0), (100.0, 40.0)))


SOUND = chain()
TWO = ("a>b storm 400", "b>c storm 600", "d>e storm 400")


def _side(rule: str, expected: list[str], texts: Sequence[str] = TWO, **changes: object) -> Case:
    """Take the sound chain and a third pipe d → e somewhere beside it."""
    return Case(rule, chain(texts, kinds={"c": "outfall", "e": "outfall"}, **changes), expected)  # type: ignore[arg-type]  # keywords of chain


def _lost(pipes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Take the line of the first pipe away."""
    return pipes.set_geometry([None, *pipes.geometry.iloc[1:]], crs=pipes.crs)


GEOMETRY = [
    Case("no_geometry", chain().replace(pipes=_lost(SOUND.pipes)), ["p0"]),
    Case("zero_length", chain(lines={"p0": ((50.0, 0.0), (50.0, 0.01))}), ["p0"]),
    Case("short_pipe", chain(places={"a": (49.5, 0.0)}, inverts=((19.6, 19.5), (19.3, 18.9))), ["p0"]),
    Case("long_pipe", chain(places={"a": (-30.0, 0.0)}), ["p0"]),
    Case("length_differs", chain(length_m=[70.0, 50.0]), ["p0"]),
    Case("self_crossing", chain(lines={"p0": ((0, 0), (30, 0), (30, 5), (20, 5), (20, -5), (50, 0))}), ["p0"]),
    Case("end_off_node", chain(lines={"p0": ((0, 3), (50, 0))}), ["p0"]),
    Case("far_away", chain(places={"a": (200000.0, 0.0)}), ["a"]),
    _side("duplicate_pipe", ["p2"], ("a>b storm 400", "b>c storm 600", "b>a storm 400"),
          inverts=((20, 19.5), (19.3, 18.9), (19.5, 20))),
    Case("parallel_pipes", chain(("a>b storm 400", "b>c storm 600", "a>b storm 500")), ["p0", "p2"]),
    _side("duplicate_node", ["d"], places={"d": (50.0, 0.03), "e": (50.0, 40.0)}),
    _side("overlap", ["p2"], places={"d": (10.0, 0.05), "e": (40.0, 0.05)}),
    _side("crossing_without_node", ["p2"], places={"d": (25.0, -20.0), "e": (25.0, 20.0)}),
    _side("crossing_clash", ["p2"], ("a>b storm 400", "b>c storm 600", "d>e sewage 300"),
          places={"d": (25.0, -20.0), "e": (25.0, 20.0)}, inverts=((20, 19.5), (19.3, 18.9), (19.9, 19.8))),
]  # fmt: skip
TOPOLOGY = [
    _side("gap", ["d"], places={"d": (50.0, 0.3), "e": (50.0, 40.0)}),
    _side("missed_junction", ["d"], places={"d": (25.0, 0.2), "e": (25.0, 40.0)}),
    _side("node_on_pipe", ["e"], (*TWO, "e>f storm 400"),
          places={"d": (25.0, 40.0), "e": (25.0, 0.02), "f": (25.0, -40.0)}),
    Case("dead_end", chain(kinds={"c": "manhole"}), ["c"]),
    Case("inferred_outfall", chain(kinds={}), ["c"]),
    Case("outfall_with_exit", chain(kinds={"b": "outfall", "c": "outfall"}), ["b"]),
    Case("outfall_many_pipes", chain((*TWO[:2], "d>c storm 400"), places={"d": (100.0, 50.0)}), ["c"]),
    Case("outfall_without_water", layered(SOUND, water=((500.0, -40.0), (500.0, 40.0))), ["c"]),
    Case("sewage_at_outfall", chain(("a>b storm 400", "b>c sewage 600")), ["c"]),
    Case("storm_at_works", chain(kinds={"c": "works"}), ["c"]),
    Case("no_outlet", chain(kinds={"c": "manhole"}), ["a", "b", "c"]),
    Case("disconnected_part", chain(TWO, places={"d": (0.0, 90.0), "e": (50.0, 90.0)}), ["d"]),
    _side("several_outfalls", ["b"], (*TWO[:2], "b>e storm 600"), places={"e": (50.0, 50.0)}),
    Case("loop", chain((*TWO[:2], "b>d storm 600", "d>a storm 600")), ["a", "b", "d"]),
    _side("divergence", ["b"], (*TWO[:2], "b>e storm 600"), places={"e": (50.0, 50.0)}),
    Case("reversed_pipe", chain((*TWO[:2], "b>d storm 400"), inverts=((20, 19.5), (19.3, 18.9), (19.5, 20))), ["p2"]),
    Case("orphan_node", SOUND.replace(nodes=pd.concat([SOUND.nodes, SOUND.nodes.iloc[[0]].set_axis(["z"])])), ["z"]),
    Case("fitting_degree", chain(nodes={"b": {"特征": "三通"}}), ["b"]),
    Case("sharp_turn", chain(places={"c": (10.0, 30.0)}), ["p0"]),
    Case("many_branches", chain((*TWO[:2], *[f"{n}>b storm 400" for n in "defg"]),
         places={n: (50.0 + 10 * k, 50.0) for k, n in enumerate("defg")}), ["b"]),
]  # fmt: skip
LEVELS = [
    Case("missing_invert", chain(inverts=((NAN, 19.5), (19.3, 18.9))), ["p0"]),
    Case("missing_ground", chain(nodes={"a": {"ground_m": NAN}}), ["a"]),
    Case("adverse_slope", chain(inverts=((19.5, 19.7), (19.3, 18.9))), ["p0"]),
    Case("steep", chain(places={"a": (45.0, 0.0)}, inverts=((21.5, 19.4), (19.3, 18.9))), ["p0"]),
    Case("invert_step_up", chain(inverts=((20, 19.2), (19.3, 18.9))), ["p1"]),
    Case("crown_joint", chain(inverts=((20, 19.3), (19.3, 18.9))), ["p1"]),
    Case("drop", chain(inverts=((20.5, 20.4), (19.3, 18.9))), ["p0"]),
    Case("invert_above_ground", chain(nodes={"a": {"ground_m": 19.8}}), ["p0"]),
    Case("crown_above_ground", chain(depth_m=0.3), ["p0", "p1"]),
    Case("thin_cover", chain(depth_m=1.2), ["p1"]),
    Case("deep", chain(depth_m=12.0), ["p0", "p1"]),
    Case("depth_sign", chain(depth_from_m=[-2.0, 2.7]), ["p0"]),
    Case("levels_disagree", chain(depth_from_m=[2.5, 2.7]), ["p0"]),
    Case("node_above_pipe", chain(nodes={"b": {"invert_m": 19.9}}), ["b"]),
    Case("below_outfall", chain(inverts=((18.5, 18.4), (18.3, 18.9))), ["p0", "p1"]),
    Case("outfall_submerged", chain(nodes={"c": {"water_level_m": 19.9}}), ["c"]),
]
SIZES = [
    Case("missing_size", chain(("a>b storm nan", "b>c storm 600")), ["p0"]),
    Case("incomplete_section", chain(("a>b storm nan", "b>c storm 600"), shape=["rectangular", "circular"],
         width_mm=[800.0, NAN]), ["p0"]),
    Case("shape_differs", chain(width_mm=[900.0, NAN]), ["p0"]),
    Case("small_diameter", chain(("a>b storm 200", "b>c storm 600"), inverts=((20, 19.7), (19.3, 18.9))), ["p0"]),
    Case("size_out_of_range", chain(("a>b storm 40", "b>c storm 600")), ["p0"]),
    Case("unusual_size", chain(("a>b storm 437", "b>c storm 600")), ["p0"]),
    Case("smaller_downstream", chain(("a>b storm 600", "b>c storm 400")), ["p1"]),
    Case("less_area_downstream", chain(("a>b storm 800", "b>c storm 400")), ["b"]),
    Case("size_outlier", chain(("a>b storm 400", "b>d storm 4000", "d>c storm 500")), ["p1"]),
]  # fmt: skip
HYDRAULICS = [
    Case("min_slope", chain(("a>b sewage 300", "b>c storm 600"), inverts=((20, 19.95), (19.3, 18.9))), ["p0"]),
    Case("low_velocity", chain(inverts=((20, 19.98), (19.3, 18.9))), ["p0"]),
    Case("high_velocity", chain(inverts=((25, 19.5), (19.3, 18.9))), ["p0"]),
    Case("roughness_differs", chain(manning_n=[0.02, 0.01]), ["p0"]),
    Case("missing_roughness", chain(material=[None, "HDPE"]), ["p0"]),
]
ATTRIBUTES = [
    Case("system_unknown", chain(("a>b unknown 400", "b>c storm 600")), ["p0"]),
    Case("unknown_material", chain(material=["绿豆", "HDPE"]), ["p0"]),
    Case("missing_material", chain(material=[None, "HDPE"]), ["p0"]),
    Case("impossible_dates", chain(abandoned=days("2005-01-01", "")), ["p0"]),
    Case("future_date", chain(commissioned=days("2999-01-01", "2010-05-01")), ["p0"]),
    Case("early_date", chain(commissioned=days("1900-01-01", "2010-05-01")), ["p0"]),
    Case("material_age", chain(commissioned=days("1930-01-01", "2010-05-01")), ["p0"]),
    Case("node_system", chain(nodes={"b": {"system": "sewage"}}), ["b"]),
    Case("shared_id", chain(("a>b storm 400", "b>p0 storm 600", *[f"p0>x{k} storm 600" for k in range(9)])), ["p0"]),
    Case("long_lead", chain(kinds={"a": "inlet", "c": "outfall"}), ["p0"]),
]
_CODED = chain(("a>b storm 400", "b>c storm 600", "c>d storm 600", "d>e storm 600"))
NAMING = [
    Case("road_differs", chain(road=["新华路", "和平路"]), ["p0"]),
    Case("unknown_road", chain(road=["没有这条路", "和平路"]), ["p0"]),
    Case("missing_road", chain(road=[None, "和平路"]), ["p0"]),
    Case(
        "id_contradicts_system",
        _CODED.replace(pipes=_CODED.pipes.set_axis(pd.Index(["WS1", "YS2", "YS3", "YS4"], name="pipe_id"))),
        ["WS1"],
    ),
]
CASES = [*GEOMETRY, *TOPOLOGY, *LEVELS, *SIZES, *HYDRAULICS, *ATTRIBUTES, *NAMING]
