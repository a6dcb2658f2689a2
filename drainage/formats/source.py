"""A city's delivery, whatever files it has, to one network: read, conform, join, complete, and report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from drainage.errors import FormatError, SchemaError
from drainage.formats.crs import crs_of
from drainage.formats.geofile import list_layers
from drainage.formats.guard import check_path, local_path
from drainage.formats.layers import LayerReader
from drainage.formats.levels import complete_levels
from drainage.network import DrainageNetwork
from drainage.schema import SYSTEMS, Issues
from drainage.topology import join_pipes

if TYPE_CHECKING:
    import geopandas as gpd
    import pyproj

TOLERANCE_M = 0.1
BESIDE = ("nodes", "roads", "catchments", "waterways", "reports")
Paths = str | Path | Sequence[str | Path]


def read_network(
    source: str | Path | Mapping[str, str | Path],
    *,
    nodes: Paths | None = None,
    catchments: str | Path | None = None,
    roads: str | Path | None = None,
    waterways: str | Path | None = None,
    reports: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    crs: str | None = None,
    tolerance_m: float = TOLERANCE_M,
) -> DrainageNetwork:
    """Read a drainage network from a file, or from one file per system.

    Layers that lie beside the source under their usual names (``nodes.geojson``, ``roads.geojson``, …) or in the same
    GeoPackage are picked up; an issue says so. An EPA SWMM ``.inp`` is read with its own nodes and subcatchments.

    Parameters
    ----------
    source
        Path of the pipes, or ``{"storm": path, "sewage": path, …}``.
    nodes, catchments, roads, waterways, reports
        Paths of the optional layers; ``nodes`` may be several files.
    columns
        Our column name → name in the file, where the alias catalogue does not know it.
    crs
        CRS of files that carry none, e.g. ``"EPSG:4548"``.
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
    files: dict[str | None, Path] = (
        {system: local_path(path) for system, path in source.items()}
        if isinstance(source, Mapping)
        else {None: local_path(source)}
    )
    if wrong := [str(system) for system in files if system is not None and system not in SYSTEMS]:
        msg = f"no such system: {', '.join(wrong)}; expected {', '.join(SYSTEMS)}"
        raise SchemaError(msg)
    first = next(iter(files.values()))
    if first.suffix.lower() == ".inp":
        if len(files) > 1:
            msg = f"{first.name}: an .inp holds a whole network and cannot be combined with other files"
            raise FormatError(msg)
        return _read_inp_network(first, roads=roads, reports=reports, waterways=waterways)
    issues = Issues()
    given: dict[str, list[Path]] = {
        "nodes": [Path(p) for p in ([nodes] if isinstance(nodes, (str, Path)) else nodes or [])]
    }
    given |= {
        name: [Path(path)] if path else []
        for name, path in (("catchments", catchments), ("roads", roads), ("waterways", waterways), ("reports", reports))
    }
    _pick_up_beside(first, given, issues)
    reader = LayerReader(columns, crs, issues)
    pipes = reader.pipes(files)
    node_table = reader.nodes(given["nodes"])
    pipes, node_table = join_pipes(pipes, node_table, tolerance_m=tolerance_m, issues=issues)
    if not len(pipes):
        msg = f"{first.name}: no pipe is left: " + "; ".join(issues.frame()["reason"].unique()[:3])
        raise FormatError(msg)
    pipes, node_table = complete_levels(pipes, node_table, issues)
    layers = {name: reader.layer(name, given[name][0]) for name in ("roads", "waterways", "reports") if given[name]}
    return DrainageNetwork(
        pipes,
        node_table,
        catchments=reader.catchments(given["catchments"]),
        issues=issues.frame(),
        source=", ".join(str(path) for path in files.values()),
        synthetic="synthetic" in pipes.columns and bool(pipes["synthetic"].eq(True).any()),  # noqa: FBT003 - a column of the file
        layers=layers,
        inputs={"crs": crs_of(pipes).to_string(), "columns": reader.understood, "filled": _filled(pipes)},
    )


def read_roads(path: str | Path, *, crs: str | None = None, target: pyproj.CRS | None = None) -> gpd.GeoDataFrame:
    """Read road centre lines; column ``road`` is the name. Pass ``target=net.crs`` to get the CRS of a network."""
    return _read_single("roads", path, crs, target)


def read_reports(path: str | Path, *, crs: str | None = None, target: pyproj.CRS | None = None) -> gpd.GeoDataFrame:
    """Read reported waterlogging: points with ``date`` and ``depth_m``; index ``report_id``."""
    return _read_single("reports", path, crs, target)


def _read_single(name: str, path: str | Path, crs: str | None, target: pyproj.CRS | None) -> gpd.GeoDataFrame:
    reader = LayerReader(None, crs, Issues())
    reader.target = target
    return reader.layer(name, check_path(path))


def _pick_up_beside(first: Path, given: dict[str, list[Path]], issues: Issues) -> None:
    inside = list_layers(first) if first.suffix.lower() == ".gpkg" else []
    for name in BESIDE:
        if given[name]:
            continue
        beside = (
            [first]
            if name in inside
            else [
                p
                for p in (first.with_name(f"{name}{e}") for e in (".geojson", ".gpkg", ".fgb"))
                if p.is_file() and p != first
            ]
        )
        if beside and (inside or first.stem.startswith("pipes")):
            given[name] = beside[:1]
            issues.add(
                "layer_beside",
                "info",
                "file",
                [beside[0].name],
                f"lies beside {first.name}",
                f"used as the layer of {name}",
            )


def _filled(pipes: gpd.GeoDataFrame) -> dict[str, int]:
    sources = [c for c in pipes.columns if c.endswith("_source")]
    return {c.removesuffix("_source"): int((pipes[c].notna() & (pipes[c] != "recorded")).sum()) for c in sources}


def _read_inp_network(path: Path, **beside: str | Path | None) -> DrainageNetwork:
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
    pipes, nodes = complete_levels(model.pipes, model.nodes, issues)
    reader = LayerReader(None, None, issues)
    layers = {name: reader.layer(name, Path(p)) for name, p in beside.items() if p is not None}
    return DrainageNetwork(
        pipes, nodes, catchments=model.catchments, issues=issues.frame(), source=str(path), layers=layers,
        inputs={"crs": "none (schematic plan)", "columns": {}, "filled": _filled(pipes), "model": model},
    )  # fmt: skip
