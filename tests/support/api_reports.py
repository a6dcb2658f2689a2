"""A small report made by hand, for the tests of the API.

    s0 (sewage)
     |
n0 --+--> n1 --> n2 ... --> n12        storm pipes p1..p12, each 50 m; p0 is the sewage pipe that joins them at n0
"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

import drainage as dr
from drainage.provenance import NOTICE
from tests.support.networks import build

STORM_PIPES = 12
PAGE = "<!doctype html><html><head><title>地图</title></head><body>map</body></html>"


def hand_made(*, synthetic: bool = True) -> dr.report.Report:
    """Make the report; its map is a stub."""
    texts = ["s0>n0 sewage 400", *(f"n{i}>n{i + 1} storm {600 + 100 * (i % 2)}" for i in range(STORM_PIPES))]
    places = {
        "s0": (537_000.0, 3_712_100.0),
        **{f"n{i}": (537_000.0 + 50 * i, 3_712_000.0) for i in range(STORM_PIPES + 1)},
    }
    issues = pd.DataFrame(
        {
            "feature_kind": ["pipe", "file"],
            "feature_id": ["p0", "roads.geojson"],
            "severity": ["warning", "info"],
            "code": ["no_invert", "layer_beside"],
            "reason": ["no invert", "lies beside"],
            "action": ["none", "read"],
        }
    )
    bare = build(texts, places=places, road=["磬山路"] * (1 + STORM_PIPES))
    net = dr.DrainageNetwork(bare.pipes, bare.nodes, issues=issues, source="hand.geojson", synthetic=synthetic)
    storm = net.pipes[net.pipes["system"] == "storm"]
    mixed = storm.assign(**{"class": "sewage_in_storm"})[["system", "class", "geometry"]]
    points = gpd.GeoDataFrame(
        {"node_id": ["n0"], "kind": ["sewage_into_storm"], "pipes": [["p0", "p1"]], "open": [True]},
        geometry=[net.nodes.geometry["n0"]],
        index=pd.Index(["M1"], name="finding_id"),
        crs=net.crs,
    )
    at = gpd.GeoSeries(np.array([net.pipes.geometry["p0"], None], dtype=object), crs=net.crs)
    collections = {
        "pipes": net.pipes,
        "mixed_flow": mixed,
        "misconnections": points,
        "waterlogging": _nothing("point_id", net),
        "separation": _nothing("stretch", net),
        "issues": gpd.GeoDataFrame(issues, geometry=at, crs=net.crs).rename_axis("issue"),
    }
    summary = {
        "network": {"pipes": 13, "issues": {"error": 0, "warning": 1, "info": 1}},
        "mixed_flow": {"misconnections": 1, "mixed_pipes": STORM_PIPES},
        "waterlogging": {"not_answered": "no storm"},
        "separation": {"not_answered": "no roads"},
        "inputs": {"source": "hand.geojson", "synthetic": synthetic, "notice": NOTICE if synthetic else None},
    }
    return dr.report.Report(net, summary, collections, {}, PAGE)


def without_place(report: dr.report.Report) -> dr.report.Report:
    """Take the coordinate system away: a schematic plan."""
    frames = {name: _unplaced(frame) for name, frame in report.collections.items()}
    net = report.network
    nodes = _unplaced(net.nodes)
    return replace(report, network=net.replace(pipes=frames["pipes"], nodes=nodes), collections=frames)


def _nothing(index: str, net: dr.DrainageNetwork) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[], crs=net.crs).rename_axis(index)


def _unplaced(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=frame.geometry.to_numpy())
