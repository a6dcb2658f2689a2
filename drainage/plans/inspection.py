"""Which manholes to open next to find the undrawn sources with the fewest openings, and in which order to walk to them.

An opening is worth the information that it is expected to give about all sources (`drainage.inference.openings`). The
list is one batch, a crew's day: chosen before its results are known. When the results are in, add them to the evidence
and plan again.
"""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.arrays import Floats
from drainage.errors import SchemaError
from drainage.evidence import Evidence
from drainage.inference.findings import understand
from drainage.inference.forest import StormForest
from drainage.inference.openings import choose_openings
from drainage.inference.posterior import Beliefs, SourceRates
from drainage.inference.rules import Scheme, SourceLimits
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.positions import coordinates
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.schema import Issues
from drainage.wants import wants
from drainage.words import in_both

_POPUP = ("node_id", "visit", "gain_bits", "flow_probability", "probability", "road")


@wants
def plan_inspection(
    net: DrainageNetwork,
    evidence: Evidence | None = None,
    *,
    budget: int = 10,
    start: str | None = None,
    closed: Iterable[str] = (),
    rates: SourceRates | None = None,
    limits: SourceLimits | None = None,
    tracers: Scheme = "cecs",
    seed: int = 0,
) -> Result:
    """Plan which manholes to open next, in the order of the walk.

    Parameters
    ----------
    net
        A network with pipes recorded as storm, on the day of the field work.
    evidence
        Evidence so far; None: nothing is known.
    budget
        Openings per crew and day; fewer are returned if there is nothing more to learn.
    start
        Node at which the walk begins; by default the most informative opening.
    closed
        Nodes that cannot be opened, such as buried ones or ones under a parked car.
    rates, limits, tracers
        See `find_sources`.
    seed
        Seed of the simulated readings with which the second and later openings of a batch are chosen.

    Returns
    -------
    Result
        Tables:

        ``openings`` (index ``node_id``, in the order of the walk)
            ``visit``, ``choice`` (1 is the most informative), ``gain_bits`` beyond the choices before it,
            ``flow_probability``, ``probability`` of a source at the manhole, ``walk_m`` from the one before in a
            straight line, ``lon``, ``lat``, ``road``, ``approximate``.
        ``route``
            The walk as a line: straight between manholes, not along streets.
        ``form``
            The form for the crew to fill in: a row per manhole (``flowing``, ``entry``) and per arriving pipe
            (``flowing``); `read_evidence` reads it back.
        ``issues``
            Evidence that could not be used.

        Summary: ``openings``, ``gain_bits``, ``walk_m``.

    Raises
    ------
    SchemaError
        ``budget`` below 1, or no storm pipe.
    TopologyError
        ``start`` or ``closed`` is not a node.

    Examples
    --------
    >>> import drainage as dr
    >>> plan = dr.plan_inspection(dr.load_demo("2021-05-07"), budget=3)
    >>> len(plan.openings)
    3
    """
    if budget < 1:
        raise SchemaError(in_both("openings_out", value=budget))
    rates, limits = rates or SourceRates(), limits or SourceLimits()
    issues = Issues()
    evidence = evidence or Evidence()
    issues.extend(evidence.issues)
    forest = StormForest.from_network(net)
    understood = understand(net, forest, evidence, issues, rates, limits, tracers)
    beliefs = Beliefs(forest, rates, understood.readings)
    node_xy = coordinates(net.nodes.geometry)
    place = np.full((forest.n_cells, 2), np.nan)
    at_node = forest.node >= 0
    place[at_node] = node_xy[forest.node[at_node]]
    shut = forest.node_cell[net.node_positions(closed)]
    plan = choose_openings(beliefs, budget, place=place, seed=seed, closed=shut[shut >= 0])
    first = node_xy[net.node_positions([start])[0]] if start is not None else None
    walk = _walk(place[plan.cell], first)
    openings = _openings(net, forest, beliefs, plan.cell[walk], first)
    openings.insert(1, "choice", walk + 1)
    openings.insert(2, "gain_bits", plan.gain_bits[walk])
    route = _route(openings, first)
    tables = {
        "openings": openings,
        "route": route,
        "form": _form(net, forest, plan.cell[walk]),
        "issues": issues.frame(),
    }
    summary = pd.Series(
        {
            "openings": len(openings),
            "gain_bits": float(plan.gain_bits.sum()),
            "walk_m": float(openings["walk_m"].sum()),
            "rows_with_issues": len(tables["issues"]),
        },
        dtype=object,
    )
    layers = (
        *context_of(net),
        Layer("inspection_route", route, "way"),
        Layer("openings", openings, "kind", _POPUP),
    )
    return Result(
        "inspection",
        tables,
        summary,
        layers,
        provenance=Provenance.of(net, beside=evidence),
        not_known=understood.not_known(evidence),
    )


def _walk(xy: Floats, first: Floats | None) -> NDArray[np.intp]:
    """Order places by the nearest next, then by turning stretches round while that shortens the open way."""
    n = len(xy)
    if n == 0:
        return np.empty(0, np.intp)
    away = np.hypot(*(xy[:, None, :] - xy[None, :, :]).T)
    from_first = np.zeros(n) if first is None else np.hypot(*(xy - first).T)
    order = [0 if first is None else int(from_first.argmin())]
    left = set(range(n)) - set(order)
    while left:
        order.append(min(left, key=lambda k: (away[order[-1], k], k)))
        left.remove(order[-1])
    shorter = True
    while shorter:
        shorter = False
        for i in range(n - 1):
            for j in range(i + 1, n):
                turned = order[:i] + order[i : j + 1][::-1] + order[j + 1 :]
                if _length(turned, away, from_first) < _length(order, away, from_first) - 1e-6:
                    order, shorter = turned, True
    return np.array(order, np.intp)


def _length(order: list[int], away: Floats, from_first: Floats) -> float:
    return float(from_first[order[0]] + away[order[:-1], order[1:]].sum())


def _openings(
    net: DrainageNetwork, forest: StormForest, beliefs: Beliefs, cells: NDArray[np.int32], first: Floats | None
) -> gpd.GeoDataFrame:
    rows = forest.node[cells]
    nodes = net.nodes.iloc[rows]
    xy = coordinates(nodes.geometry)
    before = np.vstack([xy[:1] if first is None else first[None, :], xy[:-1]]) if len(xy) else xy
    degrees = nodes.geometry.to_crs(4326) if nodes.crs is not None else nodes.geometry
    ptr, edge = net.graph.leaving
    any_leaving = ptr[rows + 1] > ptr[rows]
    leaving = edge[np.minimum(ptr[rows], max(len(edge) - 1, 0))]
    roads = net.pipes["road"].iloc[leaving].to_numpy(dtype=object, copy=True)
    roads[~any_leaving] = None
    return gpd.GeoDataFrame(
        {
            "visit": np.arange(1, len(cells) + 1),
            "flow_probability": beliefs.wet[cells],
            "probability": beliefs.source[cells],
            "walk_m": np.hypot(*(xy - before).T),
            "lon": degrees.x,
            "lat": degrees.y,
            "road": roads,
            "kind": nodes["kind"],
            "approximate": forest.approximate[cells],
        },
        index=nodes.index,
        geometry=nodes.geometry,
    )


def _route(openings: gpd.GeoDataFrame, first: Floats | None) -> gpd.GeoDataFrame:
    xy = coordinates(openings.geometry)
    points = xy if first is None else np.vstack([first[None, :], xy])
    points = points[np.isfinite(points[:, 0])]
    lines = [shapely.LineString(points)] if len(points) > 1 else []
    way = pd.Series(["straight"] * len(lines), dtype="str")
    index = pd.Index(["route"] * len(lines), name="route_id", dtype="str")
    frame = gpd.GeoDataFrame({"way": way.to_numpy()}, geometry=lines, crs=openings.crs, index=index)
    return frame.assign(length_m=frame.length)


def _form(net: DrainageNetwork, forest: StormForest, cells: NDArray[np.int32]) -> pd.DataFrame:
    """List manholes, each with its arriving pipes, with blanks for what is seen."""
    rows = []
    for visit, cell in enumerate(cells, 1):
        node = net.nodes.index[forest.node[cell]]
        arriving = forest.child[forest.child_ptr[cell] : forest.child_ptr[cell + 1]]
        rows.append((visit, node, ""))
        rows += [(visit, node, net.pipes.index[forest.pipe[pipe]]) for pipe in arriving]
    table = pd.DataFrame(rows, columns=["visit", "node_id", "pipe_id"])
    blank = dict.fromkeys(("date", "last_rain", "flowing", "entry", "depth_m"), "")
    return table.assign(**blank).set_index("visit")
