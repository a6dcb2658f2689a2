"""The layers of one delivery, each read into the CRS of the first, its columns understood, its features named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.errors import SchemaError
from drainage.formats.geofile import list_layers, read_layer
from drainage.schema import Issues, Understood, conform_layer
from drainage.schema.columns import ALIASES
from drainage.schema.tables import require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pyproj

_SYSTEM_IN_NAME = {
    "combined": ("combined", "合流", "_hs", "hsline"),
    "storm": ("storm", "雨水", "_ys", "ysline"),
    "sewage": ("sanitary", "sewage", "wastewater", "污水", "_ws", "wsline"),
    "reclaimed": ("reclaimed", "再生", "中水"),
}
_KIND_IN_NAME = {"outfall": ("outfall", "outlet"), "inlet": ("inlet", "catchbasin", "basins")}


class LayerReader:
    """Reads the layers of one delivery into one CRS, collecting issues and how columns were understood."""

    def __init__(self, columns: Mapping[str, str] | None, crs: str | None, issues: Issues) -> None:
        self.columns = dict(columns or {})
        self.declared_crs = crs
        self.issues = issues
        self.target: pyproj.CRS | None = None
        self.understood: dict[str, list[Understood]] = {}

    def read(self, name: str, path: Path, *, columns: Mapping[str, str] | None = None) -> gpd.GeoDataFrame:
        """Read one file as a layer: conformed, in the CRS of the first file."""
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
        """Read pipes, a file per system or one for all; index ``pipe_id``."""
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
        system = system or (_word_in_name(path, _SYSTEM_IN_NAME) if table["system"].isna().all() else None)
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
        """Read nodes of one or more files; index ``node_id``, None where there is no file."""
        if not paths:
            return None
        columns = {ours: name for ours, name in self.columns.items() if ours == "kind"} if len(paths) == 1 else None
        tables = [self.read("nodes", path, columns=columns) for path in paths]
        for part, path in zip(tables, paths, strict=True):
            kind = _word_in_name(path, _KIND_IN_NAME)
            if kind and part["kind"].isna().all():
                part["kind"] = pd.Series(kind, index=part.index, dtype=object)
        table = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
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
        """Read catchments; index ``catchment_id``, None where there is no file."""
        if not paths:
            return None
        table = _with_ids(self.read("catchments", paths[0]), "catchment_id", "C", "catchment", self.issues)
        table["area_ha"] = table.geometry.area / 1e4
        return table

    def layer(self, name: str, path: Path) -> gpd.GeoDataFrame:
        """Read one of ``roads``, ``waterways``, ``reports``."""
        table = self.read(name, path)
        if name == "reports":
            return _with_ids(table, "report_id", "R", "report", self.issues)
        if name == "roads":
            require(table, ("road",), place=path.name, layer="roads")
        return table


def _word_in_name(path: Path, marks_by_word: Mapping[str, Sequence[str]]) -> str | None:
    stem = path.stem.lower()
    return next((word for word, marks in marks_by_word.items() if any(mark in stem for mark in marks)), None)


def _column_names() -> set[str]:
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
        merged = gpd.GeoSeries(table.geometry[multi]).line_merge()
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


def _report_similar(ids: pd.Series, kind: str, issues: Issues) -> None:
    """Say which ids differ only by leading zeros: a spreadsheet makes ``1`` of ``01``."""
    text = ids.astype("str")
    padded = text.str.startswith("0")
    if not padded.any():
        return
    bare = text[padded].str.lstrip("0")
    twins = bare[bare.isin(text[~padded])]
    reasons = [f"differs from {twin} only by leading zeros" for twin in twins]
    issues.add(
        "similar_id", "warning", kind, text[twins.index], reasons, "kept apart; correct one if both are the same"
    )


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
    _report_similar(ids, kind, issues)
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
