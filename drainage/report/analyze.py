"""All questions about one network in one run, and the directory in which the answers are kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.analyses.mixed_flow import find_mixed_flow
from drainage.analyses.quality import check_quality
from drainage.analyses.separation import measure_separation
from drainage.analyses.waterlogging import drain_down_limit_h, find_waterlogging
from drainage.cells import plain_cells, plain_value, short_numbers
from drainage.errors import DrainageError, FormatError, SimulationError
from drainage.intake.read import read_network
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.provenance import NOTICE, Provenance
from drainage.report.collections import all_issues, collections_of, issue_layer
from drainage.schema.ids import fold_names
from drainage.simulation.screening.screen import screen
from drainage.spreadsheets import unguarded, write_csv
from drainage.wants import wants
from drainage.words import in_language, language
from drainage.writing import (
    geojson_document,
    replacing_directory,
    settle,
    spare,
    to_geojson,
    write_layer,
    write_provenance,
    write_sidecars,
)

if TYPE_CHECKING:
    import folium

    from drainage.formats.raster import Dem
    from drainage.hydraulics.rainfall import Storm
    from drainage.result import Result
    from drainage.simulation.state import FlowState

COLLECTIONS = ("pipes", "mixed_flow", "misconnections", "waterlogging", "separation", "issues")
QUESTIONS = ("quality", "mixed_flow", "separation", "waterlogging")
STEPS = (*QUESTIONS, "map")
Step = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Report:
    """The answers to all questions about one network.

    Parameters
    ----------
    network
        The network on the day that was asked about.
    summary
        Plain numbers and texts, as written to ``summary.json``.
    collections
        Name → features with their id as index, in the CRS of the network: `COLLECTIONS`, and ``ponds`` where
        waterlogging was asked about on a raster of the ground.
    results
        Question → Result; empty in a report that was read back from its directory.
    page
        The map as HTML, whole.
    provenance
        Where all of it comes from; stands in every file. Default: that of the network.
    """

    network: DrainageNetwork
    summary: Mapping[str, object]
    collections: Mapping[str, gpd.GeoDataFrame]
    results: Mapping[str, Result]
    page: str
    provenance: Provenance = field(default_factory=Provenance)

    def __post_init__(self) -> None:
        """Let what was put together by hand say at least of which network it is."""
        if self.provenance.source is None:
            object.__setattr__(self, "provenance", Provenance.of(self.network))

    def write(self, directory: str | Path, *, force: bool = False) -> Path:
        """Write the directory, whole or not at all.

        Raises
        ------
        FormatError
            It exists and ``force`` is False, it holds anything else than an earlier report as it was written, or a file
            that the network was read from lies in it.
        OSError
            It cannot be written, such as where the disk is full; what was there is as it was.
        """
        spare([Path(directory)], self.network.files)
        with replacing_directory(directory, force=force) as part:
            self._write_into(part)
        return Path(directory)

    def features(
        self,
        name: str,
        *,
        bbox: tuple[float, float, float, float] | None = None,
        limit: int = 10,
        offset: int = 0,
        where: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return a page of a collection as a GeoJSON FeatureCollection with ``numberMatched`` and ``numberReturned``.

        Parameters
        ----------
        bbox
            West, south, east, north in degrees (in plan units where there is no CRS); features that intersect it.
        where
            Column → value; compared as text, names of roads without regard to width, case and blanks.

        Raises
        ------
        KeyError
            No such collection, or no such column in ``where``.
        """
        frame = self.collections[name]
        chosen = np.ones(len(frame), np.bool_)
        if bbox is not None:
            box = gpd.GeoSeries([shapely.box(*bbox)], crs=4326 if frame.crs is not None else None)
            box = box.to_crs(frame.crs) if frame.crs is not None else box
            chosen &= frame.geometry.intersects(box.iloc[0]).to_numpy()
        for column, value in (where or {}).items():
            given = pd.Index(_served(frame.index.to_series() if column == frame.index.name else frame[column]))
            if column == "road":
                given, value = fold_names(given), fold_names(pd.Index([value]))[0]  # noqa: PLW2901 - as it is told apart
            chosen &= given == value
        matched = np.flatnonzero(chosen)
        page = frame.iloc[matched[offset : offset + limit]]
        document = geojson_document(page.reset_index(), provenance=self.provenance)
        for feature, identity in zip(document["features"], page.index, strict=True):
            feature["id"] = str(identity)
        return document | {"numberMatched": len(matched), "numberReturned": len(page)}

    def why_not(self, question: str) -> str | None:
        """Say why a question has no answer: it could not be asked, or nothing is known; None where it was answered."""
        said = self.summary.get(question)
        reasons = [said.get(name) for name in ("not_answered", "not_known")] if isinstance(said, Mapping) else []
        return next((str(reason) for reason in reasons if reason is not None), None)

    def trace(
        self, node_id: str, direction: Literal["upstream", "downstream"], *, limit: int = 10_000, offset: int = 0
    ) -> dict[str, object]:
        """Return the pipes that drain through a node, or through which it drains, as `features` does.

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
        write_layer(self.collections["pipes"], part / "pipes.gpkg", layer="pipes")
        write_layer(self.network.nodes, part / "pipes.gpkg", layer="nodes", append=True)
        write_provenance(self.provenance, part / "pipes.gpkg")
        for name in self.collections.keys() - {"pipes", "issues"}:
            frame = self.collections[name].reset_index()
            (part / f"{name}.geojson").write_text(to_geojson(frame, provenance=self.provenance), encoding="utf-8")
        separation = self.results.get("separation")
        roads = (
            separation.tables["roads"].drop(columns=["coverage_pct", "effective_pct"]).reset_index()
            if separation
            else pd.DataFrame(columns=["road", "length_m", "coverage_share", "effective_share"])
        )
        write_csv(roads, part / "separation.csv", index=False, float_format="%.4f")
        write_csv(self.network.issues, part / "issues.csv", index=False)
        write_sidecars(part, ("separation.csv", "issues.csv"), self.provenance)
        (part / "summary.json").write_text(
            json.dumps(self.summary, ensure_ascii=False, indent=2, allow_nan=False), encoding="utf-8"
        )
        (part / "map.html").write_text(self.page, encoding="utf-8")


def _served(column: pd.Series) -> np.ndarray:
    """Give the cells as the texts that a filter names: of numbers as pandas writes them, of all else as served."""
    if column.dtype.kind in "iufb" or pd.api.types.infer_dtype(column, skipna=True) == "string":
        return column.astype(str).to_numpy()
    return np.array([str(cell) for cell in plain_cells(column)], dtype=object)


@wants
def analyze(
    net: DrainageNetwork,
    *,
    roads: gpd.GeoDataFrame | None = None,
    reports: gpd.GeoDataFrame | None = None,
    storm: Storm | None = None,
    tailwater_m: float | None = None,
    simulate: Callable[[DrainageNetwork], FlowState] | None = None,
    dem: Dem | None = None,
    area_type: str = "central",
    step: Step = lambda _: None,
) -> Report:
    """Ask all questions; one that the source cannot answer says why in ``summary`` and the others are answered.

    Parameters
    ----------
    net
        The network on one day (`DrainageNetwork.as_of`).
    roads, reports
        Layers in the CRS of the network; default: those beside its source.
    storm
        The design storm; without one waterlogging is not answered: no formula is right for every city.
    tailwater_m
        Water level at outfalls whose node says none.
    simulate
        Takes the network and gives the state in which waterlogging is looked for, such as ``lambda net:
        drainage.simulate_swmm(net, storm)``. Default: a screening of the storm.
    dem, area_type
        As in `find_waterlogging`.
    step
        Called with the name of each question as it begins.

    Returns
    -------
    Report

    Raises
    ------
    SimulationError
        No such kind of area.
    """
    drain_down_limit_h(area_type)
    reports = net.layers.get("reports") if reports is None else reports
    results: dict[str, Result] = {}
    unanswered: dict[str, str] = {}

    def ask(question: str, answer: Callable[[], Result]) -> None:
        step(question)
        try:
            results[question] = answer()
        except DrainageError as error:
            unanswered[question] = str(error)

    ask("quality", lambda: check_quality(net))
    ask("mixed_flow", lambda: _with_systems(net))
    ask("separation", lambda: measure_separation(net, roads, mixed=results.get("mixed_flow")))
    run = simulate or (lambda net: _screened(net, storm, tailwater_m))
    ask("waterlogging", lambda: find_waterlogging(run(net), reports=reports, dem=dem, area_type=area_type))
    step("map")
    judged = net.replace(issues=all_issues(net, results))
    said = results["waterlogging"].provenance if "waterlogging" in results else Provenance.of(net, storm)
    summary = {**_summary(judged, results, unanswered, storm), "provenance": said.as_dict()}
    from drainage.maps.draw import draw_layers

    drawn = draw_layers(report_layers(net, results), title="report", provenance=said, summaries={"": summary})
    return Report(judged, summary, collections_of(judged, results), results, drawn.get_root().render(), said)


def report_layers(net: DrainageNetwork, results: Mapping[str, Result]) -> tuple[Layer, ...]:
    """Return what the map of a report shows; stretches of road and faults of data are there but not ticked."""
    layers = [Layer("pipes", net.pipes, "system", ("pipe_id", "system", "road", "diameter_mm", "material"))]
    if "waterways" in net.layers:
        layers.append(Layer("waterways", net.layers["waterways"], "name", ("name",)))
    for name in QUESTIONS:
        hidden = name in {"quality", "separation"}
        layers += [replace(layer, shown=layer.shown and not hidden) for layer in _layers_of(name, results)]
    if "separation" in results:
        layers.append(_coverage(results["separation"]))
    about = ("feature_id", "code", "reason", "action")
    return (*layers, Layer("issues", issue_layer(net), "severity", about, shown=False))


def _layers_of(name: str, results: Mapping[str, Result]) -> Sequence[Layer]:
    return results[name].layers if name in results else ()


def _coverage(separation: Result) -> Layer:
    """Roads by the share of their length that is truly separated, with the share that has both pipes beside it."""
    lines = separation.places("stretches").dissolve("road")[["geometry"]]
    roads = lines.join(separation.tables["roads"])
    roads["coverage_to_effective"] = [
        f"{both:.0f} → {truly:.0f} %" for both, truly in zip(roads["coverage_pct"], roads["effective_pct"], strict=True)
    ]
    shares = ("road", "coverage_to_effective", "effective_pct", "coverage_pct", "length_m", "separated_m")
    return Layer("roads", roads, "effective_pct", (*shares, "combined_m", "storm_only_m", "sewage_only_m", "none_m"))


@wants
def draw(net: DrainageNetwork, *results: Result, title: str = "network") -> folium.Map:
    """Draw a network and any results on one map that works without a connection."""
    from drainage.maps.draw import draw_layers

    chosen = report_layers(net, {result.question: result for result in results})
    said = Provenance.joined(result.provenance for result in results) if results else Provenance.of(net)
    return draw_layers(chosen, title=title, provenance=said)


@wants
def read_report(directory: str | Path) -> Report:
    """Read the directory that `Report.write` wrote.

    Raises
    ------
    FormatError
        It is not such a directory.
    """
    place = Path(directory)
    settle(place.parent)
    if not (place / "summary.json").is_file():
        msg = f"{place}: holds no summary.json; expected a directory written by `drainage analyze SOURCE -o {place}`"
        raise FormatError(msg)
    net = read_network(place / "pipes.gpkg")
    issues = pd.read_csv(place / "issues.csv", dtype=str, keep_default_na=False).map(unguarded)
    net = DrainageNetwork(net.pipes, net.nodes, issues=issues, source=str(place), synthetic=net.synthetic,
                          inputs={"files": net.files})  # fmt: skip
    ids = {"mixed_flow": "pipe_id", "misconnections": "finding_id", "waterlogging": "point_id", "separation": "stretch",
           "ponds": "pond_id"}  # fmt: skip
    collections = {"pipes": net.pipes}
    for name, column in ids.items():
        if name not in COLLECTIONS and not (place / f"{name}.geojson").is_file():
            continue
        document = json.loads((place / f"{name}.geojson").read_text(encoding="utf-8"))
        rows = [feature["properties"] for feature in document["features"]]
        shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in document["features"]])
        frame = gpd.GeoDataFrame(rows, geometry=shapes, crs=4326 if net.crs is not None else None)
        collections[name] = frame.set_index(column) if len(frame) else frame
    summary = json.loads((place / "summary.json").read_text(encoding="utf-8"))
    said = Provenance.from_dict(summary["provenance"]) if "provenance" in summary else Provenance.of(net)
    collections["issues"] = issue_layer(net)
    return Report(net, summary, collections, {}, (place / "map.html").read_text(encoding="utf-8"), said)


def _with_systems(net: DrainageNetwork) -> Result:
    if not net.pipes["system"].isin(["storm", "sewage", "combined"]).any():
        remedy = "map one with columns={'system': …} or give system=FILE"
        msg = f"{net.source}: no pipe has a system, so storm and sewage cannot be told apart; {remedy}"
        raise FormatError(msg)
    return find_mixed_flow(net)


def _screened(net: DrainageNetwork, storm: Storm | None, tailwater_m: float | None) -> FlowState:
    if storm is None and "model" not in net.inputs:
        msg = "no storm: give the formula of the city (--storm-formula FILE.toml); none is right for every place"
        raise SimulationError(msg)
    return screen(net, storm, tailwater_m=tailwater_m)


def _summary(
    net: DrainageNetwork, results: Mapping[str, Result], unanswered: Mapping[str, str], storm: Storm | None
) -> dict[str, object]:
    pipes, nodes, issues = net.pipes, net.nodes, net.issues
    length_km = pipes.groupby("system", sort=False)["length_m"].sum() / 1000
    network = {
        "pipes": len(pipes),
        "nodes": len(nodes),
        "outfalls": int((nodes["kind"] == "outfall").sum()),
        "length_km": {str(k): round(float(v), 3) for k, v in length_km.items()},
        "issues": {s: int((issues["severity"] == s).sum()) for s in ("error", "warning", "info")},
    }
    answers = {
        question: to_plain({**results[question].summary, "not_known": results[question].not_known})
        if question in results
        else {"not_answered": unanswered.get(question)}
        for question in QUESTIONS
    }
    inputs = {
        "source": net.source,
        "synthetic": net.synthetic,
        "notice": NOTICE if net.synthetic else None,
        "as_of": net.inputs.get("as_of"),
        "crs": net.inputs.get("crs"),
        "storm": storm.facts if storm is not None else None,
        "filled": net.inputs.get("filled", {}),
    }
    return to_plain({"network": network, **answers, "inputs": inputs})  # type: ignore[return-value]  # a dict stays a dict


def to_plain(value: object) -> object:
    """Turn a summary into values that JSON knows, in the reader's language, floats rounded; NaN becomes None."""
    plain = plain_value(value.to_dict() if isinstance(value, pd.Series) else value)
    return in_language(short_numbers(plain), language())
