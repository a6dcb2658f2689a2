"""A city's delivery, whatever files it has, to one network: read, conform, join, complete, and report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drainage.errors import FormatError, SchemaError
from drainage.formats.containers import parts_of, unpacked
from drainage.formats.crs import crs_of
from drainage.formats.direction import report_swapped_inverts
from drainage.formats.evidence import forget_contradicted
from drainage.formats.features import set_aside_inactive
from drainage.formats.geopackage import read_back
from drainage.formats.guard import local_path
from drainage.formats.layers import LayerReader
from drainage.formats.levels import complete_levels
from drainage.formats.mapping import ColumnMapping, read_mapping
from drainage.formats.postgis import is_database, unloaded
from drainage.formats.shared_ids import forget_pipe_names, forget_scattered, separate_shared_nodes
from drainage.formats.side_tables import fill_from_tables
from drainage.formats.survey import TABLE_ENDINGS
from drainage.network import DrainageNetwork
from drainage.schema import SYSTEMS, Issues
from drainage.topology import Joined, join_pipes

if TYPE_CHECKING:
    import geopandas as gpd
    import pyproj

TOLERANCE_M = 0.1
BESIDE = ("nodes", "roads", "catchments", "blocks", "waterways", "reports")
SIDE = "inverts"  # tables without geometry
_LAYERS = ("roads", "blocks", "waterways", "reports")
Paths = str | Path | Sequence[str | Path]


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
) -> DrainageNetwork:
    """Read a drainage network from a file, or from one file per system.

    Layers that lie beside the source under their usual names (``nodes.geojson``, ``roads.geojson``, …) or in the same
    GeoPackage, FileGDB or workbook are picked up; an issue says so. An EPA SWMM ``.inp`` is read with its own nodes and
    subcatchments. Survey tables (CSV, Excel) of lines get their places from the table of points.

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
        A TOML file that says more: columns of each layer, units, codes, order of dates (`drainage.formats.mapping`).
    crs
        CRS of files that carry none, e.g. ``"EPSG:4548"``; ``"GCJ-02"`` and ``"BD-09"`` are understood.
    tolerance_m
        Ends of pipes within this distance meet. Default 0.1 m: the accuracy of a total-station survey, our choice.

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
    said = ColumnMapping.from_flat(columns)
    said = read_mapping(Path(mapping)).with_columns(said) if mapping is not None else said
    if isinstance(source, str) and is_database(source):
        with unloaded(source) as tables:
            return _read({None: tables}, {name: [] for name in BESIDE}, said, crs, tolerance_m, source=tables.stem)
    files, beside = _sort_sources(source)
    given = {name: [local_path(path) for path in _listed(beside.get(name))] for name in (*BESIDE, SIDE)}
    for name, path in zip(BESIDE, (nodes, roads, catchments, blocks, waterways, reports), strict=True):
        given[name] += [local_path(one) for one in _listed(path)]
    first = next(iter(files.values()))
    told = columns or mapping or crs or given[SIDE] or given["nodes"] or given["catchments"] or len(files) > 1
    if not told and (kept := read_back(first)) is not None:
        reader = LayerReader(said, None, Issues())
        reader.target = kept.crs
        kept.layers.update({name: reader.layer(name, given[name][0]) for name in _LAYERS if given[name]})
        return kept
    if first.suffix.lower() == ".inp":
        if len(files) > 1:
            msg = f"{first.name}: an .inp holds a whole network and cannot be combined with other files"
            raise FormatError(msg)
        return _read_inp_network(first, {name: given[name] for name in _LAYERS})
    with ExitStack() as stack:
        plain = {system: stack.enter_context(unpacked(path)) for system, path in files.items()}
        layers = {name: [stack.enter_context(unpacked(path)) for path in paths] for name, paths in given.items()}
        return _read(plain, layers, said, crs, tolerance_m, source=", ".join(str(path) for path in files.values()))


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
    given = zip(_LAYERS, (roads, blocks, waterways, reports), strict=True)
    tables = _Tables(
        pipes=reader.as_pipes([lines]),
        nodes=None if nodes is None else reader.as_nodes([reader.take("nodes", nodes)]),
        catchments=None if catchments is None else reader.as_catchments(reader.take("catchments", catchments)),
        layers={name: reader.as_layer(name, reader.take(name, one), name) for name, one in given if one is not None},
    )
    reader.check_mapping()
    return _join(tables, reader, tolerance_m, own_ids=False, place="pipes", source="GeoDataFrames")


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
    _pick_up_beside(first, given, issues)
    reader = LayerReader(mapping, crs, issues)
    node_table = reader.nodes(given["nodes"]) if first.suffix.lower() in TABLE_ENDINGS else None
    pipes = reader.pipes(files)
    node_table = reader.nodes(given["nodes"]) if node_table is None else node_table
    if given.get(SIDE):
        known = {"pipes": pipes} if node_table is None else {"pipes": pipes, "nodes": node_table}
        known = fill_from_tables(given[SIDE], known, reader)
        pipes, node_table = known["pipes"], known.get("nodes")
    catchments = reader.catchments(given["catchments"])
    layers = {name: reader.layer(name, given[name][0]) for name in _LAYERS if given[name]}
    reader.check_mapping()
    tables = _Tables(pipes, node_table, catchments, layers)
    return _join(tables, reader, tolerance_m, own_ids=len(files) > 1, place=first.name, source=source)


class _Tables(NamedTuple):
    """The layers of a delivery, conformed, in one CRS."""

    pipes: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame | None
    catchments: gpd.GeoDataFrame | None
    layers: dict[str, gpd.GeoDataFrame]


def _join(
    tables: _Tables, reader: LayerReader, tolerance_m: float, *, own_ids: bool, place: str, source: str
) -> DrainageNetwork:
    """Make a network of them: pipes joined at nodes, levels completed, everything said.

    ``own_ids``: the pipes come from several files, each of which may use an id for a node of its own.
    """
    issues, nodes = reader.issues, tables.nodes
    pipes, inactive = set_aside_inactive(tables.pipes, issues)
    if nodes is not None:
        pipes = forget_scattered(forget_pipe_names(pipes, nodes, issues), nodes, issues)
    if own_ids:
        pipes = separate_shared_nodes(pipes, nodes, issues)
    joined = join_pipes(pipes, nodes, tolerance_m=tolerance_m, issues=issues)
    if not len(joined.pipes) or not joined.pipes.geometry.notna().any():
        what = "no pipe is left" if not len(joined.pipes) else "no pipe has a place"
        msg = f"{place}: {what}: " + "; ".join(issues.frame()["reason"].unique()[:3])
        raise FormatError(msg)
    joined = forget_contradicted(joined, issues)
    report_swapped_inverts(joined, issues)
    joined = complete_levels(joined, issues)
    pipes = joined.pipes
    return DrainageNetwork(
        pipes,
        joined.nodes,
        ends=(joined.tail, joined.head),
        catchments=tables.catchments,
        issues=issues.frame(),
        source=source,
        synthetic="synthetic" in pipes.columns and bool((pipes["synthetic"] == 1).any()),
        layers=tables.layers | ({"inactive": inactive} if len(inactive) else {}),
        inputs={
            "crs": crs_of(pipes).to_string(),
            "columns": reader.understood,
            "left_over": reader.left_over,
            "filled": _filled(pipes),
            **({"date_order": reader.mapping.date_order} if reader.mapping.date_order else {}),
        },
    )


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


def read_roads(path: str | Path, *, crs: str | None = None, target: pyproj.CRS | None = None) -> gpd.GeoDataFrame:
    """Read road centre lines; column ``road`` is the name. Pass ``target=net.crs`` to get the CRS of a network."""
    return _read_single("roads", path, crs, target)


def read_reports(path: str | Path, *, crs: str | None = None, target: pyproj.CRS | None = None) -> gpd.GeoDataFrame:
    """Read reported waterlogging: points with ``date`` and ``depth_m``; index ``report_id``."""
    return _read_single("reports", path, crs, target)


def _read_single(name: str, path: str | Path, crs: str | None, target: pyproj.CRS | None) -> gpd.GeoDataFrame:
    reader = LayerReader(ColumnMapping(), crs, Issues())
    reader.target = target
    with unpacked(local_path(path)) as plain:
        return reader.layer(name, plain)


def _pick_up_beside(first: Path, given: dict[str, list[Path]], issues: Issues) -> None:
    """Use what lies in the same file, or beside ``pipes.*`` under its usual name, or ``YSPOINT`` beside ``YSLINE``."""
    for name in BESIDE:
        if given[name]:
            continue
        if parts_of(first, name) not in ([None], []):
            given[name], where = [first], f"is in {first.name}"
        else:
            names = [f"{name}{ending}" for ending in (".geojson", ".gpkg", ".fgb", ".parquet", ".shp", ".csv")]
            names = names if first.stem.startswith("pipes") else _point_tables(first) if name == "nodes" else []
            given[name], where = (
                [p for p in map(first.with_name, names) if p.is_file()][:1],
                f"lies beside {first.name}",
            )
        if given[name]:
            found = given[name][0].name if given[name][0] != first else name
            issues.add("layer_beside", "info", "file", [found], where, f"used as the layer of {name}")


def _point_tables(lines: Path) -> list[str]:
    swaps = (("LINE", "POINT"), ("line", "point"), ("Line", "Point"), ("管线", "管点"), ("线", "点"))
    return [lines.name.replace(a, b) for a, b in swaps if a in lines.name]


def _filled(pipes: gpd.GeoDataFrame) -> dict[str, int]:
    sources = [c for c in pipes.columns if c.endswith("_source")]
    return {c.removesuffix("_source"): int((pipes[c].notna() & (pipes[c] != "recorded")).sum()) for c in sources}


def _read_inp_network(path: Path, beside: Mapping[str, list[Path]]) -> DrainageNetwork:
    from drainage.formats.inp import read_inp

    model = read_inp(path)
    issues = Issues()
    issues.extend(model.issues)
    issues.add(
        "no_system",
        "warning",
        "file",
        [path.name],
        "an .inp does not tell storm from sewage",
        "mixed flow and separation cannot be answered from it",
    )
    pipes, nodes, *_ = complete_levels(Joined.of(model.pipes, model.nodes), issues)
    reader = LayerReader(ColumnMapping(), None, issues)
    layers = {name: reader.layer(name, paths[0]) for name, paths in beside.items() if paths}
    return DrainageNetwork(
        pipes, nodes, catchments=model.catchments, issues=issues.frame(), source=str(path), layers=layers,
        inputs={"crs": "none (schematic plan)", "columns": {}, "filled": _filled(pipes), "model": model},
    )  # fmt: skip
