"""Is the network fit to be analysed: faults of levels, sizes and topology, each with its rule, magnitude and remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.maps.layer import Layer
from drainage.result import Result
from drainage.schema import Issues

if TYPE_CHECKING:
    from drainage.network import DrainageNetwork

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MIN_COVER_M = 0.6  # GB 50014-2021, 5.3.7: 0.6 m under a footway, 0.7 m under a carriageway
MIN_DIAMETER_MM = 300.0  # GB 50014-2021, table 5.2.10


class _Finding(NamedTuple):
    """One rule's outcome: which rows it hit and how badly."""

    rule: str
    severity: str
    feature_kind: str
    hit: Bools
    magnitude: Floats
    unit: str
    reason: str
    remedy: str


def check_quality(net: DrainageNetwork, *, min_slope_m_per_m: float = 0.0) -> Result:
    """Check levels, sizes and topology.

    Parameters
    ----------
    net
        Any network.
    min_slope_m_per_m
        Gravity pipes flatter than this are reported as flat; 0 reports only adverse slopes. GB 50014-2021, table
        5.2.10 asks for 0.002–0.003, which plains such as northern Anhui cannot give: choose it for the place.

    Returns
    -------
    Result
        ``findings``: one row per rule and feature (``rule``, ``severity``, ``feature_kind``, ``feature_id``,
        ``magnitude``, ``unit``, ``reason``, ``remedy``) with geometry; ``rules``: every rule with its
        number of findings, zero included.

    References
    ----------
    GB 50014-2021: 5.2.10 (least diameter), 5.2.11 (smaller pipe downstream), 5.3.7 (cover), 5.3.1 (joints).
    """
    findings = [*_pipe_rules(net, min_slope_m_per_m), *_joint_rules(net), *_node_rules(net)]
    table = _table(net, findings)
    rules = pd.DataFrame(
        {
            "severity": [f.severity for f in findings],
            "findings": [int(f.hit.sum()) for f in findings],
            "reason": [f.reason for f in findings],
        },
        index=pd.Index([f.rule for f in findings], name="rule"),
    )
    by_severity = table["severity"].value_counts()
    summary = pd.Series(
        {f"{s}s": int(by_severity.get(s, 0)) for s in ("error", "warning", "info")} | {"rules_checked": len(rules)}
    )
    layers = (Layer("quality", table, "severity", ("feature_id", "rule", "reason", "magnitude", "unit", "remedy")),)
    return Result(
        "quality",
        {"findings": table, "rules": rules},
        summary,
        layers,
        "合成演示数据 Synthetic demo data" if net.synthetic else None,
    )


def _pipe_rules(net: DrainageNetwork, min_slope: float) -> list[_Finding]:
    pipes = net.pipes
    fall = (pipes["invert_from_m"] - pipes["invert_to_m"]).to_numpy()
    slope = fall / np.maximum(pipes["length_m"].to_numpy(), 0.01)
    size = pipes["diameter_mm"].fillna(pipes["height_mm"]).to_numpy()
    cover = np.fmin(pipes["depth_from_m"].to_numpy(), pipes["depth_to_m"].to_numpy()) - size / 1000
    missing = np.isnan(fall)
    nothing = np.full(len(pipes), np.nan)
    drain = np.isin(pipes["system"].to_numpy(dtype=object), ("storm", "sewage", "combined", "unknown"))
    dates = (pipes["abandoned"] < pipes["commissioned"]).to_numpy()
    rules = [
        _Finding(
            "adverse_slope",
            "warning",
            "pipe",
            slope < -1e-6,
            -fall,
            "m",
            "the invert rises with the flow",
            "check the levels and the direction; re-lay if true",
        ),
        _Finding("missing_invert", "warning", "pipe", missing, nothing, "", "an invert is unknown", "survey both ends"),
        _Finding(
            "missing_size", "warning", "pipe", np.isnan(size), nothing, "", "the size is unknown", "survey the section"
        ),
        _Finding(
            "thin_cover",
            "info",
            "pipe",
            cover < MIN_COVER_M,
            cover,
            "m",
            f"cover under {MIN_COVER_M} m (GB 50014-2021, 5.3.7)",
            "protect the pipe or check the depth",
        ),
        _Finding(
            "small_diameter",
            "info",
            "pipe",
            drain & (size < MIN_DIAMETER_MM),
            size,
            "mm",
            f"below DN{MIN_DIAMETER_MM:.0f} (GB 50014-2021, 5.2.10)",
            "check the size; enlarge when re-laid",
        ),
        _Finding(
            "impossible_dates",
            "error",
            "pipe",
            dates,
            nothing,
            "",
            "abandoned before it was commissioned",
            "correct the dates",
        ),
    ]
    if min_slope > 0:
        rules.append(
            _Finding(
                "flat",
                "info",
                "pipe",
                (slope >= 0) & (slope < min_slope),
                slope,
                "m/m",
                f"flatter than {min_slope}",
                "watch for silt",
            )
        )
    return rules


def _joint_rules(net: DrainageNetwork) -> list[_Finding]:
    """Compare each pipe with the lowest and the largest one of its system that arrives where it begins."""
    pipes, graph = net.pipes, net.graph
    size = pipes["diameter_mm"].fillna(pipes["height_mm"]).to_numpy()
    crown = pipes["invert_to_m"].to_numpy()
    system, _ = pd.factorize(pipes["system"])
    key = graph.head.astype(np.int64) * 8 + system
    arriving = pd.DataFrame({"size": size, "invert": crown}).groupby(key)
    at_start = graph.tail.astype(np.int64) * 8 + system
    largest = arriving["size"].max().reindex(at_start).to_numpy()
    lowest = arriving["invert"].min().reindex(at_start).to_numpy()
    step = pipes["invert_from_m"].to_numpy() - lowest
    return [
        _Finding(
            "smaller_downstream", "warning", "pipe", size < largest - 1, largest - size, "mm",
            "smaller than a pipe that drains into it (GB 50014-2021, 5.2.11)", "check both; enlarge if too small",
        ),
        _Finding(
            "invert_step_up", "warning", "pipe", step > 0.02, step, "m",
            "begins above the lowest pipe that arrives", "check the levels: water stands in the manhole",
        ),
    ]  # fmt: skip


def _node_rules(net: DrainageNetwork) -> list[_Finding]:
    nodes, graph = net.nodes, net.graph
    leaving, arriving = np.diff(graph.leaving.ptr), np.diff(graph.arriving.ptr)
    ends = (nodes["kind"].isin(["outfall", "works"])).to_numpy()
    drained = graph.upstream(np.flatnonzero(ends).astype(np.int32)).nodes
    used = (leaving + arriving) > 0
    count = np.full(len(nodes), np.nan)
    recorded_end = (leaving == 0) & (arriving > 0) & ~ends
    out_of_outfall = (nodes["kind"] == "outfall").to_numpy() & (leaving > 0)
    return [
        _Finding(
            "loop", "warning", "node", graph.in_loop, count, "", "lies on a directed loop", "check the directions"
        ),
        _Finding(
            "no_outlet",
            "warning",
            "node",
            used & ~drained,
            count,
            "",
            "drains to no outfall and no works",
            "find the missing pipe or record the outfall",
        ),
        _Finding(
            "dead_end",
            "info",
            "node",
            recorded_end,
            arriving.astype(float),
            "pipes",
            "pipes arrive, none leaves, and it is no outfall",
            "complete the survey",
        ),
        _Finding(
            "inferred_outfall",
            "info",
            "node",
            (nodes["kind"] == "outfall").to_numpy() & (nodes["kind_source"] == "inferred").to_numpy(),
            arriving.astype(float),
            "pipes",
            "pipes arrive, none leaves, and no kind is recorded: taken as an outfall",
            "record its kind in the nodes layer, or find the pipe that leaves",
        ),
        _Finding(
            "outfall_with_exit",
            "warning",
            "node",
            out_of_outfall,
            leaving.astype(float),
            "pipes",
            "an outfall from which a pipe leaves",
            "check the kind of the node",
        ),
        _Finding(
            "divergence",
            "info",
            "node",
            leaving > 1,
            leaving.astype(float),
            "pipes",
            "more than one pipe leaves",
            "check that the flow really divides",
        ),
        _Finding("orphan_node", "info", "node", ~used, count, "", "no pipe touches it", "remove it or find its pipe"),
    ]


def _table(net: DrainageNetwork, findings: list[_Finding]) -> gpd.GeoDataFrame:
    issues = Issues()
    parts = []
    frames = {"pipe": net.pipes, "node": net.nodes}
    for f in findings:
        frame = frames[f.feature_kind]
        issues.add(f.rule, f.severity, f.feature_kind, frame.index[f.hit], f.reason, f.remedy)  # type: ignore[arg-type]  # severities are spelled above
        parts.append(
            pd.DataFrame(
                {
                    "magnitude": f.magnitude[f.hit],
                    "unit": f.unit,
                    "rule": f.rule,
                    "feature_id": frame.index[f.hit],
                    "geometry": frame.geometry.to_numpy()[f.hit],
                }
            )
        )
    measured = pd.concat(parts, ignore_index=True)
    table = (
        issues.frame()
        .rename(columns={"code": "rule", "action": "remedy"})
        .merge(measured, on=["rule", "feature_id"], how="left", sort=False)
    )
    table.index = pd.RangeIndex(len(table), name="finding")
    return gpd.GeoDataFrame(table, geometry="geometry", crs=net.crs)
