"""A city's delivery, whatever files it has, to one network: read, conform, join, complete, and report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drainage.errors import FormatError, SchemaError
from drainage.formats.geofile import check_path, list_layers, read_layer
from drainage.formats.levels import complete_levels
from drainage.network import DrainageNetwork
from drainage.schema import SYSTEMS, Issues, Understood, conform_layer
from drainage.schema.tables import require
from drainage.topology import join_pipes

if TYPE_CHECKING:
    import geopandas as gpd
    import pyproj

TOLERANCE_M = 0.1
BESIDE = ("nodes", "roads", "catchments", "waterways", "reports")
_SYSTEM_IN_NAME = {
    "combined": ("combined", "合流", "_hs", "hsline"),
    "storm": ("storm", "雨水", "_ys", "ysline"),
    "sewage": ("sanitary", "sewage", "wastewater", "污水", "_ws", "wsline"),
    "reclaimed": ("reclaimed", "再生", "中水"),
}

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
    files = (
        {system: Path(path) for system, path in source.items()} if isinstance(source, Mapping) else {None: Path(source)}
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
    reader = _Reader(columns, crs, issues)
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
        inputs={"crs": pipes.crs.to_string(), "columns": reader.understood, "filled": _filled(pipes)},
    )


class _Reader:
    """Reads the layers of one delivery into one CRS, collecting issues and how columns were understood."""

    def __init__(self, columns: Mapping[str, str] | None, crs: str | None, issues: Issues) -> None:
        self.columns = dict(columns or {})
        self.declared_crs = crs
        self.issues = issues
        self.target: pyproj.CRS | None = None
        self.understood: dict[str, list[Understood]] = {}

    def read(self, name: str, path: Path, *, columns: Mapping[str, str] | None = None) -> gpd.GeoDataFrame:
        inside = path.suffix.lower() == ".gpkg" and name in list_layers(path)
        read = read_layer(
            path, layer=name if inside else None, crs=self.declared_crs, target=self.target, issues=self.issues
        )
        self.target = self.target or read.frame.crs
        frame, understood = conform_layer(
            read.frame, name, place=path.name, issues=self.issues, columns=columns, metres_per_unit=read.metres_per_unit
        )
        self.understood[f"{name}: {path.name}"] = understood
        return frame

    def pipes(self, files: Mapping[str | None, Path]) -> gpd.GeoDataFrame:
        if unknown := sorted(set(self.columns) - _column_names()):
            msg = f"columns= names {', '.join(unknown)}, which this package does not know"
            raise SchemaError(msg)
        tables = []
        for system, path in files.items():
            table = self.read("pipes", path, columns=self.columns)
            tables.append(self._settle_system(table, system, path))
        table = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
        table = _lines_only(table, self.issues)
        return _with_ids(table, "pipe_id", "P", "pipe", self.issues)

    def _settle_system(self, table: gpd.GeoDataFrame, system: str | None, path: Path) -> gpd.GeoDataFrame:
        system = system or (_system_in_name(path) if table["system"].isna().all() else None)
        if system is not None:
            differs = table["system"].notna() & (table["system"] != system) & (table["system"] != "unknown")
            recorded = table["system"][differs]
            self.issues.add(
                "system_by_file",
                "warning",
                "pipe",
                _ids_or_rows(table)[differs],
                [f"is recorded as {s} in a file of {system} pipes" for s in recorded],
                f"recorded system {', '.join(sorted(set(recorded)))} kept",
            )
            table["system"] = table["system"].mask(~differs, system)
            self.issues.add(
                "system_by_file",
                "info",
                "file",
                [path.name],
                f"system {system} taken from the name or the mapping of the file",
                "used for pipes without a recorded system",
            )
        blank = table["system"].isna()
        if blank.all():
            self.issues.add(
                "no_system",
                "warning",
                "file",
                [path.name],
                "no column tells storm from sewage",
                "mixed flow and separation cannot be answered; map one with columns={'system': …} or system=FILE",
            )
        elif blank.any():
            self.issues.add(
                "no_system",
                "error",
                "pipe",
                _ids_or_rows(table)[blank],
                "has no system; expected storm, sewage, combined or reclaimed",
                "taken as unknown",
            )
        table["system"] = table["system"].where(~blank, "unknown").astype(object)
        return table

    def nodes(self, paths: Sequence[Path]) -> gpd.GeoDataFrame | None:
        if not paths:
            return None
        tables = [
            self.read(
                "nodes",
                path,
                columns={k: v for k, v in self.columns.items() if k == "kind"} if len(paths) == 1 else None,
            )
            for path in paths
        ]
        table = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
        for number, path in enumerate(paths):
            kind = next(
                (
                    k
                    for k, words in {
                        "outfall": ("outfall", "outlet"),
                        "inlet": ("inlet", "catchbasin", "basins"),
                    }.items()
                    if any(w in path.stem.lower() for w in words)
                ),
                None,
            )
            if kind and tables[number]["kind"].isna().all():
                first = sum(len(t) for t in tables[:number])
                table.loc[first : first + len(tables[number]) - 1, "kind"] = kind
        points = table.geometry.geom_type.isin(["Point"]) | table.geometry.isna()
        if not points.all():
            self.issues.add(
                "not_a_point", "error", "node", _ids_or_rows(table, "node_id")[~points], "is not a point", "set aside"
            )
            table = table[points]
        repeated = table["node_id"].notna() & table["node_id"].duplicated(keep="first")
        self.issues.add(
            "duplicate_id",
            "warning",
            "node",
            table["node_id"][repeated],
            "node_id occurs more than once",
            "first row used",
        )
        return _with_ids(table[~repeated], "node_id", "J", "node", self.issues)

    def catchments(self, paths: Sequence[Path]) -> gpd.GeoDataFrame | None:
        if not paths:
            return None
        table = _with_ids(self.read("catchments", paths[0]), "catchment_id", "C", "catchment", self.issues)
        table["area_ha"] = table.geometry.area / 1e4
        return table

    def layer(self, name: str, path: Path) -> gpd.GeoDataFrame:
        table = self.read(name, path)
        if name == "reports":
            return _with_ids(table, "report_id", "R", "report", self.issues)
        if name == "roads":
            require(table, ("road",), place=path.name, layer="roads")
        return table


def read_roads(path: str | Path, *, crs: str | None = None, target: pyproj.CRS | None = None) -> gpd.GeoDataFrame:
    """Read road centre lines; column ``road`` is the name. Pass ``target=net.crs`` to get the CRS of a network."""
    return _read_single("roads", path, crs, target)


def read_reports(path: str | Path, *, crs: str | None = None, target: pyproj.CRS | None = None) -> gpd.GeoDataFrame:
    """Read reported waterlogging: points with ``date`` and ``depth_m``; index ``report_id``."""
    return _read_single("reports", path, crs, target)


def _read_single(name: str, path: str | Path, crs: str | None, target: pyproj.CRS | None) -> gpd.GeoDataFrame:
    reader = _Reader(None, crs, Issues())
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


def _system_in_name(path: Path) -> str | None:
    stem = path.stem.lower()
    return next((system for system, marks in _SYSTEM_IN_NAME.items() if any(mark in stem for mark in marks)), None)


def _column_names() -> set[str]:
    from drainage.schema.columns import ALIASES

    return {name for catalogue in ALIASES.values() for name in catalogue}


def _ids_or_rows(table: gpd.GeoDataFrame, column: str = "pipe_id") -> pd.Series:
    rows = pd.Series("row " + (pd.Series(range(1, len(table) + 1), index=table.index)).astype(str), index=table.index)
    return table[column].where(table[column].notna(), rows)


def _lines_only(table: gpd.GeoDataFrame, issues: Issues) -> gpd.GeoDataFrame:
    """Merge the parts of a line; set other geometry aside, keeping the row if its ids still tell where it belongs."""
    kind = table.geometry.geom_type
    ids = _ids_or_rows(table)
    multi = (kind == "MultiLineString").to_numpy()
    if multi.any():
        merged = table.geometry[multi].line_merge()
        whole = (merged.geom_type == "LineString").to_numpy()
        issues.add(
            "multi_part", "info", "pipe", ids[multi][whole], "is a MultiLineString", "parts joined into one line"
        )
        issues.add(
            "multi_part",
            "error",
            "pipe",
            ids[multi][~whole],
            "is a MultiLineString whose parts do not meet",
            "read without geometry; draw it as one line",
        )
        rows = np.flatnonzero(multi)
        table.loc[table.index[rows[whole]], "geometry"] = merged[whole]
        kind = table.geometry.geom_type
    empty = (table.geometry.isna() | table.geometry.is_empty).to_numpy()
    other = ~empty & (kind != "LineString").to_numpy()
    left = other & ~multi
    issues.add(
        "not_a_line",
        "error",
        "pipe",
        ids[left],
        [f"is a {k}, not a line" for k in kind[left]],
        "read without geometry; a pipe is a LineString",
    )
    issues.add(
        "no_geometry",
        "warning",
        "pipe",
        ids[empty],
        "has no geometry",
        "kept where from_node and to_node tell its place, else set aside",
    )
    if (other | empty).any():
        table.loc[table.index[other | empty], "geometry"] = None
    return table


def _with_ids(table: gpd.GeoDataFrame, column: str, prefix: str, kind: str, issues: Issues) -> gpd.GeoDataFrame:
    """Index by id: blank ids are numbered, repeated ones get a suffix, and both are issues."""
    ids = table[column].astype(object)
    blank = ids.isna()
    if blank.any():
        width = len(str(len(table)))
        taken = set(ids[~blank])
        while any(str(name).startswith(prefix) and str(name)[len(prefix) :].isdigit() for name in taken):
            prefix += "x"
        rows = np.flatnonzero(blank)
        ids = ids.mask(
            blank, pd.Series([f"{prefix}{row + 1:0{width}d}" for row in range(len(table))], index=table.index)
        )
        issues.add(
            "no_id",
            "warning" if len(rows) < len(table) else "info",
            "column",
            [column],
            f"{len(rows)} of {len(table)} rows have no {column}",
            f"numbered {ids.iloc[rows[0]]} … {ids.iloc[rows[-1]]}",
        )
    repeated = ids.duplicated(keep="first")
    if repeated.any():
        number = ids.groupby(ids).cumcount()
        both = ids.isin(ids[repeated])
        renamed = (ids.astype(str) + "~" + (number + 1).astype(str)).where(repeated, ids)
        if kind != "node":
            issues.add(
                "duplicate_id",
                "error",
                kind,
                renamed[both],
                [f"{column} {i} occurs more than once" for i in ids[both]],
                "all kept, later ones with a suffix ~2, ~3, …",
            )
        ids = renamed
    table = table.drop(columns=column)
    table.index = pd.Index(ids.astype("str"), name=column)
    return table


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
    reader = _Reader(None, None, issues)
    layers = {name: reader.layer(name, Path(p)) for name, p in beside.items() if p is not None}
    return DrainageNetwork(
        pipes, nodes, catchments=model.catchments, issues=issues.frame(), source=str(path), layers=layers,
        inputs={"crs": "none (schematic plan)", "columns": {}, "filled": _filled(pipes), "model": model},
    )  # fmt: skip
