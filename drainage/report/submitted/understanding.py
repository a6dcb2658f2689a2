"""A file of built works as a change set on the network that it is delivered for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.change_sets import Applied, ChangeSet, apply_changes
from drainage.change_sets.apply import problems_of
from drainage.change_sets.asked import in_crs_of
from drainage.change_sets.of_survey import changes_of_survey, refused
from drainage.change_sets.roads_of_changes import OnRoads, place_on_roads
from drainage.change_sets.standing import standing
from drainage.errors import CrsError, FormatError, SchemaError
from drainage.formats.change_file import read_change_set
from drainage.formats.crs import check_range
from drainage.intake.delivered_works.delivered_files import MOST_FEATURES, read_delivered
from drainage.network import DrainageNetwork
from drainage.report.directory import Report
from drainage.report.on_roads import among_roads
from drainage.report.submitted.asked_alike import named_alike
from drainage.report.submitted.intake_told import Understanding, intake_of
from drainage.report.submitted.not_understood import not_understood
from drainage.report.submitted.right_town import FAR_M, check_town
from drainage.report.submitted.taken_in import TakenIn, take_in
from drainage.report.submitted.touched import features_touched
from drainage.said import Said, joined
from drainage.schema.ids import find_ids
from drainage.wants import wants
from drainage.words import in_both
from drainage.writing import scratch

#: So much of what was doubted is told of a delivery that says nothing new (own choice).
_DOUBTS_TOLD = 3


@dataclass(frozen=True, eq=False)
class Delivery:
    """Built works that were delivered, understood and checked.

    Parameters
    ----------
    name, kind
        Of the file, and what it is: ``geojson``, ``gpkg``, ``xlsx``, ``dxf``, ``shp`` or ``changes``.
    changes
        What it adds, changes and abandons in the network that it was read for.
    intake
        How it was understood, as plain JSON: docs/server/deliveries.md has its members.
    features
        Index ``feature_id``: ``layer``, ``action``, ``road`` and place of each delivered feature.
    before, applied
        The network that it was read for, and the one with all of it made.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> report = dr.analyze(dr.load_demo("2018-12-31").upstream_of("YS1043"))
    >>> wider = dr.change_sets.Change(action="change", layer="pipes", id="YSL2986", columns={"diameter_mm": 1000.0})
    >>> edits = dr.change_sets.ChangeSet(name="wider", changes=[wider], crs=report.network.crs)
    >>> with TemporaryDirectory() as folder:
    ...     delivered = dr.report.read_delivery(dr.formats.write_change_set(edits, f"{folder}/wider.geojson"), report)
    >>> delivered.features[["layer", "action"]]
                layer  action
    feature_id
    YSL2986     pipes  change
    """

    name: str
    kind: str
    changes: ChangeSet
    intake: Mapping[str, object]
    features: gpd.GeoDataFrame
    before: DrainageNetwork
    applied: Applied


@wants
def read_delivery(
    file: str | Path, base: Report, *, kind: str | None = None, roads: Sequence[str] = (), name: str | None = None
) -> Delivery:
    """Read what a contractor delivers of built works: a survey of them, or a change set.

    A survey is a GeoJSON, a GeoPackage, an Excel workbook, a drawing (DXF) or a zipped Shapefile; what a file is its
    content tells. Features with ids of the network are changes, in the columns that the file records; others are
    additions; a day in ``abandoned``, or a column ``action`` (add | change | abandon | same, in Chinese too), says
    more. What the file does not hold stays as it is.

    Parameters
    ----------
    file
        The file; nothing beside it is opened.
    base
        The report on the network that it is delivered for, from `analyze` or read whole.
    kind
        What it shall be: ``geojson``, ``gpkg``, ``xlsx``, ``dxf``, ``shp``, ``changes``; None: any of them.
    roads
        Roads of the contractor; whatever lies on others is refused. Empty: all roads are his.
    name
        What its sender calls the file; None: its own name.

    Raises
    ------
    FormatError
        The file is of no kind that is read, broken, empty, or would have others read.
    CrsError
        It lies in another town, or nobody can tell where.
    SchemaError
        It holds what cannot be: every feature is named, with what was found and the remedy; or nothing new.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> report = dr.analyze(dr.load_demo("2018-12-31").upstream_of("YS1043"))
    >>> wider = dr.change_sets.Change(action="change", layer="pipes", id="YSL2986", columns={"diameter_mm": 1000.0})
    >>> edits = dr.change_sets.ChangeSet(name="wider", changes=[wider], crs=report.network.crs)
    >>> with TemporaryDirectory() as folder:
    ...     delivered = dr.report.read_delivery(dr.formats.write_change_set(edits, f"{folder}/wider.geojson"), report)
    >>> delivered.changes, float(delivered.applied.network["YSL2986"]["diameter_mm"])
    (<ChangeSet wider.geojson: 1 change>, 1000.0)
    """
    stood = standing(base.network)
    net = named_alike(base, stood.network)
    with scratch() as folder:
        inside = folder / "unpacked"
        inside.mkdir()
        taken = take_in(Path(file), folder, name=name, expected=kind)
        if taken.sort == "changes":
            changes, told = _of_change_set(taken, net)
        else:
            changes, told = _of_survey(taken, net, inside, roads)
    placed = place_on_roads(net, changes, roads)
    if placed.problems:
        raise refused(taken.file.name, [*placed.problems, *problems_of(net, _own(placed, roads))])
    if not placed.changes.changes:
        raise SchemaError(_nothing_new(taken.file.name, told))
    applied = apply_changes(net, placed.changes, far_m=FAR_M)
    told = told.with_decided(placed.decided, stood.to_come)
    features = _features(placed, applied)
    intake = intake_of(taken.file.name, told, placed.changes, features, applied.network, roads)
    intake["touched"] = features_touched(net, placed.changes)
    return Delivery(taken.file.name, taken.sort, placed.changes, intake, features, net, applied)


def _nothing_new(file: str, told: Understanding) -> Said:
    """Return that a delivery says nothing new, and what of it was doubted on reading: that may have been the news."""
    doubted = told.issues[(told.issues["severity"] != "info") | (told.issues["code"] == "placeholder")].head(
        _DOUBTS_TOLD
    )
    why = [in_both("clauses", first=row.reason, second=row.action) for row in doubted.itertuples()]
    return joined([in_both("delivery_nothing_new", file=file, count=told.unchanged), *why], "; ")


def _of_change_set(taken: TakenIn, net: DrainageNetwork) -> tuple[ChangeSet, Understanding]:
    """Read a change set in the CRS of the network."""
    changes = read_change_set(taken.file)
    if len(changes.changes) > MOST_FEATURES:
        raise FormatError(in_both("delivery_too_much", file=taken.file.name, features=len(changes.changes), vertices=0))
    if changes.crs is not None:
        check_range(gpd.GeoDataFrame(geometry=_shapes(changes), crs=changes.crs), taken.file)
    here = in_crs_of(net, changes, float("inf"))
    check_town(net, _shapes(here), name=taken.file.name, certain=True)
    return here, Understanding("changes", net.crs)


def _of_survey(
    taken: TakenIn, net: DrainageNetwork, folder: Path, own: Sequence[str]
) -> tuple[ChangeSet, Understanding]:
    """Read a survey, and say what it has that the network has not."""
    if net.crs is None:
        raise CrsError(in_both("delivery_on_plan", file=taken.file.name))
    read, states_crs = read_delivered(taken.file, taken.sort, folder, target=net.crs)  # type: ignore[arg-type]  # no change set
    shapes = [frame.geometry.to_numpy() for frame in (read.pipes, read.nodes) if frame is not None]
    check_town(
        net, np.concatenate(shapes), name=taken.file.name, certain=states_crs or _names_any(net, read.pipes, read.nodes)
    )
    wrong = not_understood(read)
    survey = changes_of_survey(net, read.pipes, read.nodes, name=taken.file.name, own=own, found=wrong)
    told = Understanding(
        taken.sort, net.crs, read.origin, read.issues, survey.decided, survey.unchanged, states_crs=states_crs
    )
    return survey.changes, told


def _own(placed: OnRoads, roads: Sequence[str]) -> ChangeSet:
    """Return the edits on some roads: of what lies on others no value is told."""
    own = among_roads(placed.roads, roads)
    return replace(
        placed.changes, changes=[one for one, is_own in zip(placed.changes.changes, own, strict=True) if is_own]
    )


def _names_any(net: DrainageNetwork, pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame | None) -> bool:
    """Return whether a survey names a pipe or node of the network; nodes alone do too."""
    named = [(pipes["pipe_id"], net.pipes.index), *((pipes[end], net.nodes.index) for end in ("from_node", "to_node"))]
    if nodes is not None and not len(pipes):
        named.append((nodes["node_id"], net.nodes.index))
    return any((find_ids(names, ids) >= 0).any() for names, ids in named)


def _shapes(changes: ChangeSet) -> np.ndarray:
    return np.array([one.geometry for one in changes.changes], dtype=object)


def _features(placed: OnRoads, applied: Applied) -> gpd.GeoDataFrame:
    """List the delivered features with their places after the works."""
    tables = {"pipes": applied.network.pipes, "nodes": applied.network.nodes}
    rows = []
    for one, road in zip(placed.changes.changes, placed.roads, strict=True):
        table = tables.get(one.layer)
        there = table is not None and one.id in table.index
        shape = table.geometry[one.id] if table is not None and there else one.geometry
        rows.append((one.id, one.layer, one.action, road, shape))
    frame = pd.DataFrame(rows, columns=["feature_id", "layer", "action", "road", "geometry"]).set_index("feature_id")
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=applied.network.crs)
