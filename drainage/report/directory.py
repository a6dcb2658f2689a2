"""The report, and the directory in which it is kept: written and read completely or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from drainage.errors import CrsError, FormatError
from drainage.intake.read import read_network
from drainage.maps.page_file import Page
from drainage.maps.qgis.dressed import dress, network_looks
from drainage.network import DrainageNetwork
from drainage.origin import Origin
from drainage.provenance import Provenance
from drainage.report.catalogue import COLLECTIONS
from drainage.report.collections import ISSUE_TEXTS, issue_features, query, roads_along
from drainage.report.ready_features import Box
from drainage.result import Result
from drainage.said import Said
from drainage.simulation.screening.model import Routed
from drainage.simulation.state import FlowState
from drainage.spreadsheets import unguarded_column, write_csv
from drainage.wants import wants
from drainage.words import in_both
from drainage.writing import (
    changed_files,
    geojson_document,
    is_unchanged,
    replacing_directory,
    settle,
    spare,
    to_geojson,
    write_layer,
    write_provenance,
    write_sidecars,
)

#: File of a report with its pipes and nodes.
PIPES: Final = "pipes.gpkg"
#: Folder of a report that holds the map of a large city for a web server.
MAP_FOLDER: Final = "map"


@dataclass(frozen=True, eq=False)
class Report:
    """The answers to all questions about one network.

    Parameters
    ----------
    network
        The network on the day of the analysis.
    summary
        Numbers and texts, as written to ``summary.json``.
    collections
        Name → features with their id as index, in the CRS of the network: those of `COLLECTIONS`.
    results
        Question → Result; empty in a report that was read back from its directory.
    page
        The map as a complete HTML page.
    provenance
        Provenance, written to every file. Default: that of the network.
    state
        Flows and levels in which waterlogging was looked for; None where no rain was simulated.
    unanswered
        Question that was asked in vain → why.
    map_folder
        The map of a large city as the files of a folder for a web server (`drainage.maps.page_file.Page.folder`),
        written as ``map/``; empty for all others.
    runs
        What the storm did, as a screening keeps it (`Screening.runs`), for the same to be asked again quickly after
        changes; empty where it is not kept.

    Examples
    --------
    >>> import drainage as dr
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    >>> report = dr.analyze(dr.load_demo("2018-12-31"), storm=storm)
    >>> {name: len(report.collections[name]) for name in ("pipes", "misconnections", "waterlogging", "roads")}
    {'pipes': 5317, 'misconnections': 93, 'waterlogging': 19, 'roads': 35}
    """

    network: DrainageNetwork
    summary: Mapping[str, object]
    collections: Mapping[str, gpd.GeoDataFrame]
    results: Mapping[str, Result]
    page: str
    provenance: Provenance = field(default_factory=Provenance)
    state: FlowState | None = field(default=None, repr=False)
    unanswered: Mapping[str, str] = field(default_factory=dict, repr=False)
    map_folder: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    runs: tuple[Routed, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        """Add at least the network's provenance to what was put together by hand."""
        if self.provenance.source is None:
            object.__setattr__(self, "provenance", Provenance.of(self.network))

    def write(self, directory: str | Path, *, force: bool = False) -> Path:
        """Write the directory, completely or not at all.

        Raises
        ------
        FormatError
            It exists and ``force`` is False, it holds anything other than an unchanged earlier report, or it contains a
            file from which the network was read.
        OSError
            It cannot be written, for example because the disk is full; existing files are unchanged.
        """
        spare([Path(directory)], self.network.files)
        with replacing_directory(directory, force=force) as part:
            self._write_into(part)
        return Path(directory)

    def features(
        self,
        name: str,
        *,
        bbox: Box | None = None,
        limit: int = 10,
        offset: int = 0,
        where: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return what `query` finds in a collection, as a GeoJSON FeatureCollection with two additional members.

        ``numberMatched`` is the number of all matching features, ``numberReturned`` that of the page.
        """
        page = query(self.collections[name], bbox=bbox, where=where, limit=limit, offset=offset)
        document = geojson_document(page.frame.reset_index(), provenance=self.provenance)
        for feature, identity in zip(document["features"], page.frame.index, strict=True):
            feature["id"] = str(identity)
        return document | {"numberMatched": page.matched, "numberReturned": len(page.frame)}

    def why_not(self, question: str) -> str | None:
        """Return why a question has no answer: it could not be asked or nothing is known; None if it was answered."""
        said = self.summary.get(question)
        reasons = [said.get(name) for name in ("not_answered", "not_known")] if isinstance(said, Mapping) else []
        return next((str(reason) for reason in reasons if reason is not None), None)

    def trace(
        self, node_id: str, direction: Literal["upstream", "downstream"], *, limit: int = 10_000, offset: int = 0
    ) -> dict[str, object]:
        """Return the pipes that drain to a node, or through which it drains, as `features` does.

        Raises
        ------
        TopologyError
            No such node.
        """
        net = self.network
        part = net.upstream_of(node_id) if direction == "upstream" else net.downstream_of(node_id)
        pipes = self.collections["pipes"].loc[part.pipes.index]
        return replace(self, collections={"pipes": pipes}).features("pipes", limit=limit, offset=offset)

    def extent(self, name: str) -> list[float] | None:
        """Return west, south, east, north of a collection in degrees, or None where it has no geometry."""
        frame = self.collections[name]
        bounds = (frame.to_crs(4326) if frame.crs is not None and len(frame) else frame).total_bounds
        return [float(x) for x in bounds] if len(frame) and np.isfinite(bounds).all() else None

    def __repr__(self) -> str:
        """Return one line."""
        return f"<Report on {self.network!r}: {', '.join(f'{k} {len(v):,}' for k, v in self.collections.items())}>"

    def _write_into(self, part: Path) -> None:
        write_layer(self.collections["pipes"], part / PIPES, layer="pipes")
        write_layer(self.network.nodes, part / PIPES, layer="nodes", append=True)
        write_provenance(self.provenance, part / PIPES)
        dress(part / PIPES, network_looks({"pipes": self.collections["pipes"], "nodes": self.network.nodes}))
        for name in self.collections.keys() - {"pipes", "issues", "roads"}:
            frame = self.collections[name].reset_index()
            (part / f"{name}.geojson").write_text(to_geojson(frame, provenance=self.provenance), encoding="utf-8")
        separation = self.results.get("separation")
        roads = (
            separation.tables["roads"].drop(columns=["coverage_pct", "effective_pct"]).reset_index()
            if separation
            else pd.DataFrame(columns=["road", "length_m", "coverage_share", "effective_share"])
        )
        write_csv(roads, part / "separation.csv", index=False, float_format="%.4f")
        write_csv(self.collections["issues"], part / "issues.csv", index=False)
        write_sidecars(part, ("separation.csv", "issues.csv"), self.provenance)
        (part / "summary.json").write_text(
            json.dumps(self.summary, ensure_ascii=False, indent=2, allow_nan=False), encoding="utf-8"
        )
        (part / "map.html").write_text(self.page, encoding="utf-8")
        if self.map_folder:
            Page("", self.page, self.map_folder).write_folder(part / MAP_FOLDER)
        from drainage.report.kept import write_kept

        write_kept(self, part)


@wants
def read_report(directory: str | Path, *, whole: bool = False) -> Report:
    """Read a directory written by `Report.write`.

    Parameters
    ----------
    whole
        Read the answers too, the state and all that lies beside the network: what papers are made of. What they
        look like on a map is not kept: `Result.page` of them is empty; the map of the report is its ``page``.

    Raises
    ------
    FormatError
        It is not such a directory, or keeps no answers, as one of an earlier version.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> report = dr.analyze(dr.load_demo("2018-12-31").upstream_of("YS1043"))
    >>> with TemporaryDirectory() as folder:
    ...     again = dr.read_report(report.write(f"{folder}/street"))
    >>> len(again.network), again.summary == report.summary
    (4, True)
    """
    place = Path(directory)
    settle(place.parent)
    if not (place / "summary.json").is_file():
        raise FormatError(in_both("no_report", place=place))
    if not (place / PIPES).is_file() and (place / "comparison.gpkg").is_file():
        raise FormatError(in_both("report_of_comparison", place=place))
    if not (place / "map.html").is_file() and any((place / "answers").glob("*.parquet")):
        raise FormatError(in_both("report_in_partitions", place=place))
    if whole and (changed := changed_files(place)):
        raise FormatError(in_both("report_changed", place=place, files=", ".join(changed[:3])))
    issues = pd.read_csv(place / "issues.csv", dtype=str, keep_default_na=False).apply(unguarded_column)
    summary = json.loads((place / "summary.json").read_text(encoding="utf-8"))
    net = _read_pipes(place, summary, _united(issues))
    said = Provenance.from_dict(summary["provenance"]) if "provenance" in summary else Provenance.of(net)
    collections = {"pipes": net.pipes, "issues": issue_features(net)}
    for name, one in COLLECTIONS.items():
        if name in collections or (one.optional and not (place / f"{name}.geojson").is_file()):
            continue
        frame = read_features(place / f"{name}.geojson", net)
        collections[name] = frame.set_index(one.id) if len(frame) else frame
    if len(collections["separation"]):
        collections["roads"] = roads_along(collections["separation"], _roads(place / "separation.csv"))
    collections = {name: collections[name] for name in COLLECTIONS if name in collections}
    page, folder = read_map(place)
    if not whole:
        return Report(net, summary, collections, {}, page, said, map_folder=folder)
    from drainage.report.kept import read_kept

    kept = read_kept(place)
    told = replace(kept.network.origin, name=net.source, files=net.files, as_of=net.origin.as_of)
    net = kept.network.replace(issues=net.issues, origin=told)
    state = None if kept.state is None else replace(kept.state, network=net)
    return Report(
        net, summary, collections, kept.results, page, kept.provenance, state, kept.unanswered, folder, kept.runs
    )  # fmt: skip


def read_features(file: Path, net: DrainageNetwork) -> gpd.GeoDataFrame:
    """Read features that `to_geojson` wrote beside a network, in its CRS."""
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features])
    rows = [feature["properties"] for feature in features]
    frame = gpd.GeoDataFrame(rows, geometry=shapes, crs=None if net.crs is None else 4326)
    return frame if net.crs is None else frame.to_crs(net.crs)


def read_map(place: Path) -> tuple[str, dict[str, bytes]]:
    """Read the map of a directory: the page, and the files of the folder of a large city."""
    folder = {path.name: path.read_bytes() for path in sorted((place / MAP_FOLDER).glob("*"))}
    return (place / "map.html").read_text(encoding="utf-8"), folder


def _roads(file: Path) -> pd.DataFrame:
    """Read how far each road is separated, with the shares in per cent too, as `measure_separation` tells them."""
    roads = pd.read_csv(file, dtype={"road": "str"}, keep_default_na=False, na_values=[""])
    roads["road"] = unguarded_column(roads["road"])
    percent = {f"{name}_pct": 100.0 * roads[f"{name}_share"] for name in ("effective", "coverage")}
    return roads.assign(**percent).set_index("road")


def _read_pipes(place: Path, summary: Mapping[str, Any], issues: pd.DataFrame) -> DrainageNetwork:
    """Read pipes with their answers, and nodes: as they were written, or, where the file was edited, as any survey."""
    file, inputs = place / PIPES, summary.get("inputs", {})
    origin = Origin(name=str(place), files=(str(file),), as_of=inputs.get("as_of"))
    if is_unchanged(file):
        pipes, nodes = (
            pyogrio.read_dataframe(file, layer=name, use_arrow=True).set_index(index)
            for name, index in (("pipes", "pipe_id"), ("nodes", "node_id"))
        )
        return DrainageNetwork(pipes, nodes, issues=issues, synthetic=bool(inputs.get("synthetic")), origin=origin)
    try:
        return read_network(file).replace(issues=issues, origin=origin)
    except CrsError:
        from drainage.report.kept import read_kept

        net = read_kept(place).network
        pipes = gpd.read_file(file, layer="pipes").set_index("pipe_id")
        answers = pipes.drop(columns=["geometry", *net.pipes.columns.intersection(pipes.columns)], errors="ignore")
        return net.replace(pipes=net.pipes.join(answers), issues=issues, origin=origin)


def _united(issues: pd.DataFrame) -> pd.DataFrame:
    """Make one text of the two of `issue_features`; an earlier version wrote one."""
    for name in ISSUE_TEXTS:
        if (chinese := f"{name}_zh") in issues:
            english, first = pd.factorize(issues[name])
            other, second = pd.factorize(issues[chinese])
            pairs, at = np.unique(english * len(second) + other, return_inverse=True)  # few stand in many rows
            said = [Said(first[pair // len(second)], second[pair % len(second)]) for pair in pairs]
            both = pd.Series(np.array([*said, None], dtype=object)[at], dtype=object)
            issues = issues.assign(**{name: both}).drop(columns=chinese)
    return issues
