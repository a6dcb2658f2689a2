"""A city's delivery, whatever files it has, to one network: read, conform, join, complete, and report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.errors import FormatError, SchemaError
from drainage.formats.addresses import holds_database
from drainage.formats.census.survey_files import is_survey
from drainage.formats.census.survey_network import marks_back, survey_layers
from drainage.formats.containers import Part, lying_beside, part_of, parts_of, unpacked
from drainage.formats.crs import crs_of
from drainage.formats.guard.before_opening import local_path
from drainage.formats.inp.parse import InpModel
from drainage.formats.inp.text.files import files_named, locate
from drainage.formats.marks import is_marked, read_back
from drainage.formats.postgis import Unloading
from drainage.intake.contradictions import forget_contradicted
from drainage.intake.direction.turned_lines import turn_to_ids
from drainage.intake.direction.whole_layers import settle_direction
from drainage.intake.features import set_aside_inactive, set_aside_inactive_nodes
from drainage.intake.joining import Ends, check_tolerance, join_pipes, report_loose
from drainage.intake.mapping import ColumnMapping, mapping_of
from drainage.intake.missing_levels import complete_levels
from drainage.intake.models import read_model_network
from drainage.intake.read_layers import LayerReader
from drainage.intake.registers import TABLE, WRITTEN, separate
from drainage.intake.shared_ids import forget_pipe_names, forget_scattered
from drainage.intake.side_tables import fill_from_tables
from drainage.intake.spellings import spell_alike
from drainage.network import DrainageNetwork
from drainage.origin import Origin
from drainage.said import Said, joined
from drainage.schema import SYSTEMS, Issues
from drainage.schema.layers import LAYERS
from drainage.wants import wants
from drainage.words import in_both, nearest, table
from drainage.writing import settle

TOLERANCE_M = 0.1
BESIDE = tuple(name for name in LAYERS if name != "pipes")
SIDE = "inverts"  # tables without geometry
_LAYERS = tuple(name for name in BESIDE if name != "nodes")
Paths = str | Path | Sequence[str | Path]


@wants
def read_network(  # noqa: PLR0913 - a keyword for each layer
    source: str | Path | Mapping[str, Paths],
    *,
    nodes: Paths | None = None,
    catchments: str | Path | None = None,
    blocks: str | Path | None = None,
    roads: str | Path | None = None,
    waterways: str | Path | None = None,
    reports: str | Path | None = None,
    neighbourhoods: str | Path | None = None,
    towns: str | Path | None = None,
    columns: Mapping[str, str | Sequence[str]] | None = None,
    mapping: str | Path | None = None,
    crs: str | None = None,
    tolerance_m: float = TOLERANCE_M,
    allow_outside: bool = False,
) -> DrainageNetwork:
    """Read a drainage network from a file, or from one file per system.

    Layers next to the source with their usual names (``nodes.geojson``, ``roads.geojson``, …) or in the same
    GeoPackage, FileGDB or workbook are used; an issue says so. An EPA SWMM ``.inp`` is read with its own nodes and
    subcatchments, and the system of its links from their tags, from a mapping, or from the name of its file in the
    source. Survey tables (CSV, Excel) of lines get their coordinates from the table of points.

    Parameters
    ----------
    source
        Path of the pipes, or ``{"storm": path, "sewage": path, …}``, which may also name layers, ``{"nodes": path,
        …}``, and ``{"inverts": path}``: tables without geometry that add to pipes or nodes, joined by their ids; or the
        URL of a PostGIS database (`drainage.formats.postgis`).
    nodes, catchments, blocks, roads, waterways, reports, neighbourhoods, towns
        Paths of the optional layers; ``nodes`` may be several files. ``blocks`` are street blocks, by which ground is
        assigned if there are no catchments; ``neighbourhoods`` and ``towns`` are areas that separation is told for.
    columns
        Column name of drainage → name in the file, if the alias catalogue does not know it; or several names, of which
        the first that has a value is used, row by row. The keys ``date_order`` (``dmy``, ``mdy``, ``ymd``: the meaning
        of 03/04/2010) and ``heading_row`` (of tables) are also accepted.
    mapping
        A TOML file with more: columns of each layer, units, codes, order of dates (`drainage.intake.mapping`).
    crs
        CRS of files that state none, e.g. ``"EPSG:4548"``; ``"GCJ-02"`` and ``"BD-09"`` are supported.
    tolerance_m
        Ends of pipes within this distance of each other are joined. Default 0.1 m: the accuracy of a total-station
        survey, our choice.
    allow_outside
        For an .inp: read files that it names outside its folder, and let the engine read them.

    Raises
    ------
    FormatError, CrsError, SchemaError, TopologyError
        A file cannot be used, or the distance is below 0; the message names the remedy.

    Examples
    --------
    >>> import drainage as dr
    >>> dr.read_network("data/pipes.geojson").crs.to_epsg()
    4548
    """
    named = {
        "nodes": nodes, "catchments": catchments, "blocks": blocks, "roads": roads, "waterways": waterways,
        "reports": reports, "neighbourhoods": neighbourhoods, "towns": towns,
    }  # fmt: skip
    if holds_database(source, *named.values()):
        with ExitStack() as stack:
            tables = Unloading(stack)
            net = read_network(
                tables.paths(source), **{name: tables.paths(one, name) for name, one in named.items()},
                columns=columns, mapping=mapping, crs=crs, tolerance_m=tolerance_m, allow_outside=allow_outside,
            )  # fmt: skip
            return tables.name_again(net)
    check_tolerance(tolerance_m)
    said = mapping_of(columns, mapping)
    files, given = _sort_sources(source, named)
    _settle(files.values())
    first = next(iter(files.values()))
    if is_survey(first):
        return _note_files(_read_survey(first, said, crs, tolerance_m), files, given)
    told = columns or mapping or crs or given[SIDE] or given["nodes"] or given["catchments"] or len(files) > 1
    if not told and (kept := read_back(first)) is not None:
        reader = LayerReader(said, None, Issues(), target=kept.crs)
        named_apart = {name: part_of(given[name][0], name) for name in _LAYERS if given[name]}
        kept = kept.replace(layers=reader.layers(named_apart))
        return _note_files(kept, files, given)
    if first.suffix.lower() == ".inp":
        if len(files) > 1:
            raise FormatError(in_both("inp_alone", file=first.name))
        system = next(iter(files))
        net = read_model_network(first, given, system=system, mapping=said, crs=crs, allow_outside=allow_outside)
        return _note_files(net, files, given)
    with ExitStack() as stack:
        plain = {system: stack.enter_context(unpacked(path)) for system, path in files.items()}
        layers = {name: [stack.enter_context(unpacked(path)) for path in paths] for name, paths in given.items()}
        issues = Issues()
        pipes, beside = _roles(plain, layers, issues)
        sources = Sources(pipes, beside, said, crs, tolerance_m, ", ".join(map(str, files.values())), issues)
        read = {name: [part.path for part in parts] for name, parts in beside.items()}
        return _note_files(network_of(sources), files, given, read, {SIDE: [mapping] if mapping is not None else []})


@wants
def as_network(  # noqa: PLR0913 - a keyword for each layer
    pipes: gpd.GeoDataFrame,
    *,
    nodes: gpd.GeoDataFrame | None = None,
    catchments: gpd.GeoDataFrame | None = None,
    blocks: gpd.GeoDataFrame | None = None,
    roads: gpd.GeoDataFrame | None = None,
    waterways: gpd.GeoDataFrame | None = None,
    reports: gpd.GeoDataFrame | None = None,
    neighbourhoods: gpd.GeoDataFrame | None = None,
    towns: gpd.GeoDataFrame | None = None,
    columns: Mapping[str, str | Sequence[str]] | None = None,
    mapping: str | Path | None = None,
    crs: str | None = None,
    tolerance_m: float = TOLERANCE_M,
) -> DrainageNetwork:
    """Make a network from GeoDataFrames, as `read_network` does from files: conform, join, complete, report.

    Parameters
    ----------
    pipes
        Lines in any CRS, with columns under any name of the catalogue; a named index is read as a column.
    nodes, catchments, blocks, roads, waterways, reports, neighbourhoods, towns
        The optional layers.
    columns, mapping, crs, tolerance_m
        As in `read_network`.

    Raises
    ------
    FormatError, CrsError, SchemaError, TopologyError
        A table cannot be used, or the distance is below 0; the message names the remedy.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.read_network("data/pipes.geojson")
    >>> dr.as_network(net.pipes, nodes=net.nodes)
    <DrainageNetwork: 6,479 pipes, 5,687 nodes, 306.4 km, EPSG:4548, 0 issues>
    """
    check_tolerance(tolerance_m)
    said = mapping_of(columns, mapping)
    given = {
        "nodes": nodes if nodes is not None and len(nodes) else None,
        "catchments": catchments, "roads": roads, "blocks": blocks, "waterways": waterways, "reports": reports,
        "neighbourhoods": neighbourhoods, "towns": towns,
    }  # fmt: skip
    beside = {name: [Part(Path(name), rows=rows)] for name, rows in given.items() if rows is not None}
    lines = Part(Path("pipes"), rows=pipes)
    return network_of(Sources([(None, lines)], beside, said, crs, tolerance_m, "GeoDataFrames", Issues()))


class Sources(NamedTuple):
    """A delivery before it is read: which table plays which role, and what the user says of them."""

    pipes: Sequence[tuple[str | None, Part]]  # each with the system that the user gives it
    beside: Mapping[str, Sequence[Part]]
    said: ColumnMapping
    crs: str | None
    tolerance_m: float
    source: str
    issues: Issues


def network_of(sources: Sources) -> DrainageNetwork:
    """Make a network of a delivery: layers read, pipes joined at nodes, levels completed, everything said."""
    issues, first = sources.issues, sources.pipes[0][1].path
    beside = dict(sources.beside)
    points, tables = beside.pop("nodes", []), beside.pop(SIDE, [])
    reader = LayerReader(sources.said, sources.crs, issues)
    pipes, nodes = reader.network(sources.pipes, points)
    pipes, nodes = fill_from_tables(tables, pipes, nodes, reader)
    layers = reader.layers({name: parts[0] for name, parts in beside.items()})
    reader.check_mapping()
    pipes, inactive = set_aside_inactive(pipes, issues)
    pipes, ends, nodes = _settle_ids(pipes, nodes, reader)
    whole = join_pipes(pipes, nodes, tolerance_m=sources.tolerance_m, issues=issues, ends=ends)
    if not len(whole.pipes) or whole.pipes.geometry.array.isna().all():
        what = in_both("no_pipe_placed" if len(whole.pipes) else "no_pipe_left")
        raise FormatError(joined([first.name, what, joined(issues.frame()["reason"].unique()[:3])], ": "))
    whole, inactive_nodes = set_aside_inactive_nodes(whole, issues)
    whole = forget_contradicted(whole, issues)
    report_loose(whole, sources.tolerance_m, issues)
    whole = settle_direction(whole, pipes.index[ends.nameless], issues)
    whole = complete_levels(whole, issues)
    pipes = whole.pipes
    for name, apart in {"inactive": inactive.drop(columns=TABLE), "inactive_nodes": inactive_nodes}.items():
        if len(apart):
            layers[name] = pd.concat([layers[name], apart]) if name in layers else apart
    return DrainageNetwork(
        pipes,
        whole.nodes,
        ends=(whole.tail, whole.head),
        catchments=layers.pop("catchments", None),
        issues=issues.frame(),
        synthetic="synthetic" in pipes.columns and bool((pipes["synthetic"] == 1).any()),
        layers=layers,
        origin=Origin(
            name=sources.source,
            crs=crs_of(pipes).to_string(),
            columns=reader.understood,
            left_over=reader.left_over,
            looked_at=reader.looked_at,
            said=reader.mapping,
            filled=_filled(pipes),
            date_order=reader.mapping.date_order,
        ),
    )


def _read_survey(path: Path, said: ColumnMapping, crs: str | None, tolerance_m: float) -> DrainageNetwork:
    """Read tables of the national survey: a workbook or a folder, as `drainage census` writes them."""
    issues = Issues()
    layers, crs = survey_layers(path, issues, crs)
    if "pipes" not in layers:
        raise FormatError(in_both("survey_no_pipes", file=path.name))
    beside = {name: [Part(Path(name), rows=rows)] for name, rows in layers.items() if name in BESIDE}
    pipes = [(None, Part(path, rows=layers["pipes"]))]
    net = network_of(Sources(pipes, beside, said, crs, tolerance_m, str(path), issues))
    return net.replace(pipes=marks_back("pipes", net.pipes, layers), nodes=marks_back("nodes", net.nodes, layers))


def _settle_ids(
    pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame | None, reader: LayerReader
) -> tuple[gpd.GeoDataFrame, Ends, gpd.GeoDataFrame | None]:
    """Settle by ids which ends are one node: spelt in one way, at one place, each in its own register."""
    issues = reader.issues
    table = pipes[TABLE].to_numpy(dtype=np.intp)
    pipes = pipes.drop(columns=TABLE)
    read = ends = Ends.of(pipes)
    if len(read.names):
        ends, nodes = spell_alike(read, nodes, issues)
        if nodes is not None:
            pipes = ends.rename(pipes, read)
            believed = forget_scattered(forget_pipe_names(pipes, nodes, issues), nodes, issues)
            read = ends = ends if believed is pipes else Ends.of(believed)
            pipes = believed
        pipes, ends = turn_to_ids(pipes, ends, table, nodes, issues)
        if not reader.mapping.one_register:
            ends = separate(ends, pipes["system"], table, nodes, issues)
        pipes = ends.rename(pipes, read)
    return pipes, ends, None if nodes is None else nodes.drop(columns=WRITTEN, errors="ignore")


def _sort_sources(
    source: str | Path | Mapping[str, Paths], named: Mapping[str, Paths | None]
) -> tuple[dict[str | None, Path], dict[str, list[Path]]]:
    """Separate the systems of a source from the layers beside them, which may be named on their own too."""
    both = dict(source) if isinstance(source, Mapping) else {}
    given = {name: [*_listed(both.pop(name, None)), *_listed(named.get(name))] for name in (*BESIDE, SIDE)}
    if not isinstance(source, Mapping):
        return {None: local_path(source)}, given
    files: dict[str | None, Path] = {}
    for system, paths in both.items():
        if system not in SYSTEMS or not isinstance(paths, (str, Path)):
            expected = ", ".join((*SYSTEMS, *BESIDE, SIDE))
            near = nearest(system, (*SYSTEMS, *BESIDE, SIDE)) if system else ""
            raise SchemaError(in_both("no_such_source", name=system, near=near, known=expected))
        files[system] = local_path(paths)
    if not files:
        raise SchemaError(in_both("source_no_pipes", known=", ".join(SYSTEMS)))
    return files, given


def _listed(paths: Paths | None) -> list[Path]:
    listed = [] if paths is None else [paths] if isinstance(paths, (str, Path)) else paths
    return [local_path(path) for path in listed]


def _settle(files: Iterable[Path]) -> None:
    """Finish what a killed writer left half moved where files lie, so that no half of another is read."""
    for place in {path.parent for path in files}:
        settle(place)


def _note_files(
    net: DrainageNetwork, files: Mapping[str | None, Path], *layers: Mapping[str, Sequence[str | Path]]
) -> DrainageNetwork:
    """Note in the origin all that was read, so that nothing is written over it."""
    read = [*files.values(), *(path for one in layers for paths in one.values() for path in paths)]
    if net.origin.model is not None:
        read += _named_in(net.origin.model)
    names = list(dict.fromkeys(str(Path(path).absolute()) for path in read))
    sources: Sequence[str] = ()
    if len({Path(path).name for path in files.values()}) < len(files):
        # files of one name in several folders are told apart by their system
        systems = {str(Path(path).absolute()): system for system, path in files.items()}
        sources = [f"{systems[path]}={path}" if path in systems else path for path in names]
    return net.replace(origin=replace(net.origin, files=names, sources=sources))


def _named_in(model: InpModel) -> list[Path]:
    found = (locate(model.text.path.parent, named.written) for named in files_named(model.text.sections))
    return [file.path for file in found if file is not None]


def _roles(
    files: Mapping[str | None, Path], given: Mapping[str, Sequence[Path]], issues: Issues
) -> tuple[list[tuple[str | None, Part]], dict[str, list[Part]]]:
    """Return which table plays which role: the pipes of each system, and what lies beside them."""
    first = next(iter(files.values()))
    if is_marked(first):
        reason, action = in_both("written_and_edited"), in_both("read_like_any")
        issues.add("edited", "warning", "file", [first.name], reason, action)
    inside = parts_of(first, "pipes", *(name for name in BESIDE if not given[name]))
    pipes: list[tuple[str | None, Part]] = []
    for system, path in files.items():
        parts = inside["pipes"] if path == first else parts_of(path, "pipes")["pipes"]
        pipes += [(system, part._replace(optional=len(parts) > 1)) for part in parts]
    beside = {SIDE: [Part(path) for path in given[SIDE]]}
    for name in BESIDE:
        paths = given[name]
        parts = _tables_of(paths, name) if paths else _picked_up(name, [*files.values()], inside[name], issues)
        beside[name] = [part._replace(optional=part.optional or not paths) for part in parts]
    return pipes, {name: parts for name, parts in beside.items() if parts}


def _tables_of(paths: Sequence[Path], name: str) -> list[Part]:
    """Return the tables of nodes of all files, or that of another layer; of several with nodes some may be empty."""
    if name != "nodes":
        return [part_of(paths[0], name)]
    parts = [part for path in paths for part in parts_of(path, name)[name]]
    return [part._replace(optional=len(paths) > 1 or part.table is not None) for part in parts]


def _picked_up(name: str, files: Sequence[Path], inside: list[Part], issues: Issues) -> list[Part]:
    """Use what lies in the first file, or beside ``pipes.*`` under its usual name, or ``YSPOINT`` beside ``YSLINE``.

    Each file of lines has points of its own beside it; of any other layer there is one.
    """
    used = in_both("used_as_layer", layer=Said(name, table(name, "zh")))
    if parts := [part for part in inside if part.table is not None]:
        issues.add("layer_beside", "info", "file", [name], in_both("is_in", name=files[0].name), used)
        return parts
    lying: dict[Path, Path] = {}
    for file in files if name == "nodes" else files[:1]:
        if (found := lying_beside(name, file)) is not None:
            lying.setdefault(found, file)
    for found, file in lying.items():
        issues.add("layer_beside", "info", "file", [found.name], in_both("lies_beside", name=file.name), used)
    return _tables_of([*lying], name) if lying else []


def _filled(pipes: gpd.GeoDataFrame) -> dict[str, int]:
    sources = [c for c in LAYERS["pipes"].marks if c in pipes]
    return {c.removesuffix("_source"): int((pipes[c].notna() & (pipes[c] != "recorded")).sum()) for c in sources}
