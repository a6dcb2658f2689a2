"""A city's delivery, whatever files it has, to one network: read, conform, join, complete, and report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from drainage.errors import FormatError, SchemaError
from drainage.formats.addresses import holds_database
from drainage.formats.containers import parts_of, unpacked
from drainage.formats.crs import crs_of
from drainage.formats.guard.before_opening import local_path
from drainage.formats.inp.parse import InpModel
from drainage.formats.inp.text.files import files_named, locate
from drainage.formats.marks import is_marked, read_back
from drainage.formats.postgis import Unloading
from drainage.formats.tables.survey import TABLE_ENDINGS
from drainage.intake.contradictions import forget_contradicted
from drainage.intake.direction import report_swapped_inverts, turn_to_ids
from drainage.intake.features import set_aside_inactive, set_aside_inactive_nodes
from drainage.intake.joining import Ends, join_pipes
from drainage.intake.mapping import ColumnMapping, read_mapping
from drainage.intake.missing_levels import complete_levels
from drainage.intake.models import read_model_network
from drainage.intake.read_layers import LayerReader
from drainage.intake.registers import TABLE, WRITTEN, separate
from drainage.intake.shared_ids import forget_pipe_names, forget_scattered
from drainage.intake.side_tables import fill_from_tables
from drainage.intake.spellings import spell_alike
from drainage.network import DrainageNetwork
from drainage.origin import Origin
from drainage.schema import SYSTEMS, Issues
from drainage.schema.layers import LAYERS
from drainage.wants import wants
from drainage.words import Said, in_both, table
from drainage.writing import settle

if TYPE_CHECKING:
    import geopandas as gpd
    import pyproj

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
    columns: Mapping[str, str | Sequence[str]] | None = None,
    mapping: str | Path | None = None,
    crs: str | None = None,
    tolerance_m: float = TOLERANCE_M,
    allow_outside: bool = False,
) -> DrainageNetwork:
    """Read a drainage network from a file, or from one file per system.

    Layers that lie beside the source under their usual names (``nodes.geojson``, ``roads.geojson``, …) or in the same
    GeoPackage, FileGDB or workbook are picked up; an issue says so. An EPA SWMM ``.inp`` is read with its own nodes and
    subcatchments, and the system of its links from their tags, from a mapping, or from the name of its file in the
    source. Survey tables (CSV, Excel) of lines get their places from the table of points.

    Parameters
    ----------
    source
        Path of the pipes, or ``{"storm": path, "sewage": path, …}``, which may name layers too, ``{"nodes": path, …}``,
        and ``{"inverts": path}``: tables without geometry that say more of pipes or nodes, joined by their ids; or the
        URL of a PostGIS database (`drainage.formats.postgis`).
    nodes, catchments, blocks, roads, waterways, reports
        Paths of the optional layers; ``nodes`` may be several files. ``blocks`` are street blocks, by which ground is
        shared out where there are no catchments.
    columns
        Our column name → name in the file, where the alias catalogue does not know it; or several names, of which the
        first that says something counts, row by row. The keys ``date_order`` (``dmy``, ``mdy``, ``ymd``: what
        03/04/2010 means) and ``heading_row`` (of tables) are understood too.
    mapping
        A TOML file that says more: columns of each layer, units, codes, order of dates (`drainage.intake.mapping`).
    crs
        CRS of files that carry none, e.g. ``"EPSG:4548"``; ``"GCJ-02"`` and ``"BD-09"`` are understood.
    tolerance_m
        Ends of pipes within this distance meet. Default 0.1 m: the accuracy of a total-station survey, our choice.
    allow_outside
        Of an .inp: read, and let the engine read, files that it names and that lie outside its folder.

    Raises
    ------
    FormatError, CrsError, SchemaError
        A file that cannot be meant; the message names file and remedy.

    Examples
    --------
    >>> import drainage as dr
    >>> dr.read_network("data/pipes.geojson").crs.to_epsg()
    4548
    """
    named = {
        "nodes": nodes, "catchments": catchments, "blocks": blocks, "roads": roads, "waterways": waterways,
        "reports": reports,
    }  # fmt: skip
    if holds_database(source, *named.values()):
        with ExitStack() as stack:
            tables = Unloading(stack)
            net = read_network(
                tables.paths(source), **{name: tables.paths(one, name) for name, one in named.items()},
                columns=columns, mapping=mapping, crs=crs, tolerance_m=tolerance_m, allow_outside=allow_outside,
            )  # fmt: skip
            return tables.name_again(net)
    said = ColumnMapping.from_flat(columns)
    said = read_mapping(Path(mapping)).with_columns(said) if mapping is not None else said
    files, beside = _sort_sources(source)
    _settle(files.values())
    given = {
        name: [local_path(path) for paths in (beside.get(name), named.get(name)) for path in _listed(paths)]
        for name in (*BESIDE, SIDE)
    }
    first = next(iter(files.values()))
    told = columns or mapping or crs or given[SIDE] or given["nodes"] or given["catchments"] or len(files) > 1
    if not told and (kept := read_back(first)) is not None:
        reader = LayerReader(said, None, Issues())
        reader.target = kept.crs
        kept = kept.replace(layers={name: reader.layer(name, given[name][0]) for name in _LAYERS if given[name]})
        return _note_files(kept, files, given)
    if first.suffix.lower() == ".inp":
        if len(files) > 1:
            msg = f"{first.name}: an .inp holds a whole network and cannot be combined with other files"
            raise FormatError(msg)
        system = next(iter(files))
        net = read_model_network(first, given, system=system, mapping=said, crs=crs, allow_outside=allow_outside)
        return _note_files(net, files, given)
    with ExitStack() as stack:
        plain = {system: stack.enter_context(unpacked(path)) for system, path in files.items()}
        layers = {name: [stack.enter_context(unpacked(path)) for path in paths] for name, paths in given.items()}
        net = _read(plain, layers, said, crs, tolerance_m, source=", ".join(str(path) for path in files.values()))
        return _note_files(net, files, given, layers, {SIDE: [mapping] if mapping is not None else []})


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
    columns: Mapping[str, str | Sequence[str]] | None = None,
    mapping: str | Path | None = None,
    crs: str | None = None,
    tolerance_m: float = TOLERANCE_M,
) -> DrainageNetwork:
    """Make a network of GeoDataFrames as `read_network` makes one of files: conformed, joined, completed, reported.

    Parameters
    ----------
    pipes
        Lines in any CRS, columns under any name of the catalogue; a named index counts as a column.
    nodes, catchments, blocks, roads, waterways, reports
        The optional layers.
    columns, mapping, crs, tolerance_m
        As in `read_network`.

    Raises
    ------
    FormatError, CrsError, SchemaError
        A table that cannot be meant; the message names layer and remedy.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.read_network("data/pipes.geojson")
    >>> dr.as_network(net.pipes, nodes=net.nodes)
    <DrainageNetwork: 6,163 pipes, 5,601 nodes, 283.5 km, EPSG:4548, 0 issues>
    """
    said = ColumnMapping.from_flat(columns)
    said = read_mapping(Path(mapping)).with_columns(said) if mapping is not None else said
    reader = LayerReader(said, crs, Issues())
    lines = reader.settle_system(reader.take("pipes", pipes), None, "pipes", Path("pipes"))
    given = {"catchments": catchments, "roads": roads, "blocks": blocks, "waterways": waterways, "reports": reports}
    tables = _Tables(
        pipes=reader.as_pipes([lines]),
        nodes=None if nodes is None or not len(nodes) else reader.as_nodes([reader.take("nodes", nodes)]),
        layers={
            name: reader.as_layer(name, reader.take(name, one), name) for name, one in given.items() if one is not None
        },
    )
    reader.check_mapping()
    return _join(tables, reader, tolerance_m, place="pipes", source="GeoDataFrames")


def _read(
    files: Mapping[str | None, Path],
    given: dict[str, list[Path]],
    mapping: ColumnMapping,
    crs: str | None,
    tolerance_m: float,
    *,
    source: str,
) -> DrainageNetwork:
    issues = Issues()
    first = next(iter(files.values()))
    if is_marked(first):
        reason, action = in_both("written_and_edited"), in_both("read_like_any")
        issues.add("edited", "warning", "file", [first.name], reason, action)
    reader = LayerReader(mapping, crs, issues, found=_pick_up_beside(first, given, issues))
    node_table = reader.nodes(given["nodes"]) if first.suffix.lower() in TABLE_ENDINGS else None
    pipes = reader.pipes(files)
    node_table = reader.nodes(given["nodes"]) if node_table is None else node_table
    if given.get(SIDE):
        known = {"pipes": pipes} if node_table is None else {"pipes": pipes, "nodes": node_table}
        known = fill_from_tables(given[SIDE], known, reader)
        pipes, node_table = known["pipes"], known.get("nodes")
    layers = reader.layers(given, _LAYERS)
    reader.check_mapping()
    return _join(_Tables(pipes, node_table, layers), reader, tolerance_m, place=first.name, source=source)


class _Tables(NamedTuple):
    """The layers of a delivery, conformed, in one CRS."""

    pipes: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame | None
    layers: dict[str, gpd.GeoDataFrame]


def _join(tables: _Tables, reader: LayerReader, tolerance_m: float, *, place: str, source: str) -> DrainageNetwork:
    """Make a network of them: pipes joined at nodes, levels completed, everything said."""
    issues = reader.issues
    pipes, inactive = set_aside_inactive(tables.pipes, issues)
    pipes, ends, nodes = _settle_ids(pipes, tables.nodes, reader)
    joined = join_pipes(pipes, nodes, tolerance_m=tolerance_m, issues=issues, ends=ends)
    if not len(joined.pipes) or not joined.pipes.geometry.notna().any():
        what = "no pipe is left" if not len(joined.pipes) else "no pipe has a place"
        msg = f"{place}: {what}: " + "; ".join(issues.frame()["reason"].unique()[:3])
        raise FormatError(msg)
    joined, inactive_nodes = set_aside_inactive_nodes(joined, issues)
    joined = forget_contradicted(joined, issues)
    report_swapped_inverts(joined, issues)
    joined = complete_levels(joined, issues)
    pipes = joined.pipes
    layers = dict(tables.layers)
    for name, apart in {"inactive": inactive.drop(columns=TABLE), "inactive_nodes": inactive_nodes}.items():
        if len(apart):
            layers[name] = pd.concat([layers[name], apart]) if name in layers else apart
    return DrainageNetwork(
        pipes,
        joined.nodes,
        ends=(joined.tail, joined.head),
        catchments=layers.pop("catchments", None),
        issues=issues.frame(),
        synthetic="synthetic" in pipes.columns and bool((pipes["synthetic"] == 1).any()),
        layers=layers,
        origin=Origin(
            name=source,
            crs=crs_of(pipes).to_string(),
            columns=reader.understood,
            left_over=reader.left_over,
            filled=_filled(pipes),
            date_order=reader.mapping.date_order,
        ),
    )


def _settle_ids(
    pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame | None, reader: LayerReader
) -> tuple[gpd.GeoDataFrame, Ends, gpd.GeoDataFrame | None]:
    """Say by ids which ends are one node: written in one way, at one place, each in its own register."""
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


def _sort_sources(source: str | Path | Mapping[str, Paths]) -> tuple[dict[str | None, Path], dict[str, Paths]]:
    """Tell the systems of a source from the layers beside them."""
    if not isinstance(source, Mapping):
        return {None: local_path(source)}, {}
    beside = {name: paths for name, paths in source.items() if name in (*BESIDE, SIDE)}
    files: dict[str | None, Path] = {}
    for system, paths in source.items():
        if system in beside:
            continue
        if system not in SYSTEMS or not isinstance(paths, (str, Path)):
            msg = (
                f"no such system or layer: {system}; expected {', '.join((*SYSTEMS, *BESIDE, SIDE))}, each with a path"
            )
            raise SchemaError(msg)
        files[system] = local_path(paths)
    if not files:
        msg = f"the source names no pipes; expected one of {', '.join(SYSTEMS)}"
        raise SchemaError(msg)
    return files, beside


def _listed(paths: Paths | None) -> Sequence[str | Path]:
    return [] if paths is None else [paths] if isinstance(paths, (str, Path)) else paths


@wants
def read_roads(path: str | Path, *, crs: str | None = None, target: pyproj.CRS | None = None) -> gpd.GeoDataFrame:
    """Read road centre lines; column ``road`` is the name. Pass ``target=net.crs`` to get the CRS of a network."""
    return _read_single("roads", path, crs, target)


@wants
def read_reports(path: str | Path, *, crs: str | None = None, target: pyproj.CRS | None = None) -> gpd.GeoDataFrame:
    """Read reported waterlogging: points with ``date`` and ``depth_m``; index ``report_id``."""
    return _read_single("reports", path, crs, target)


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


def _read_single(name: str, path: str | Path, crs: str | None, target: pyproj.CRS | None) -> gpd.GeoDataFrame:
    reader = LayerReader(ColumnMapping(), crs, Issues())
    reader.target = target
    with unpacked(local_path(path)) as plain:
        return reader.layer(name, plain)


def _pick_up_beside(first: Path, given: dict[str, list[Path]], issues: Issues) -> frozenset[str]:
    """Use what lies in the same file, or beside ``pipes.*`` under its usual name, or ``YSPOINT`` beside ``YSLINE``."""
    found_layers = set()
    for name in BESIDE:
        if given[name]:
            continue
        if parts_of(first, name) not in ([None], []):
            given[name], where = [first], in_both("is_in", name=first.name)
        else:
            names = [f"{name}{ending}" for ending in (".geojson", ".gpkg", ".fgb", ".parquet", ".shp", ".csv")]
            names = names if first.stem.startswith("pipes") else _point_tables(first) if name == "nodes" else []
            given[name], where = (
                [p for p in map(first.with_name, names) if p.is_file()][:1],
                in_both("lies_beside", name=first.name),
            )
        if given[name]:
            found = given[name][0].name if given[name][0] != first else name
            used = in_both("used_as_layer", layer=Said(name, table(name, "zh")))
            issues.add("layer_beside", "info", "file", [found], where, used)
            found_layers.add(name)
    return frozenset(found_layers)


def _point_tables(lines: Path) -> list[str]:
    swaps = (("LINE", "POINT"), ("line", "point"), ("Line", "Point"), ("管线", "管点"), ("线", "点"))
    return [lines.name.replace(a, b) for a, b in swaps if a in lines.name]


def _filled(pipes: gpd.GeoDataFrame) -> dict[str, int]:
    sources = [c for c in LAYERS["pipes"].marks if c in pipes]
    return {c.removesuffix("_source"): int((pipes[c].notna() & (pipes[c] != "recorded")).sum()) for c in sources}
