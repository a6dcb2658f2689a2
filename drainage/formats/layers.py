"""The layers of one delivery, each read into the CRS of the first, its columns understood, its features named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.errors import EmptyLayerError, FormatError, SchemaError
from drainage.formats.containers import KIND_MARKS, parts_of, system_in_name, word_in_name
from drainage.formats.geofile import LayerRead, read_layer, settle_layer
from drainage.formats.shared_ids import far_twins
from drainage.formats.survey import TABLE_ENDINGS, as_lines, as_points, read_table
from drainage.schema import Issues, Understood, conform_layer
from drainage.schema.issues import RowNames
from drainage.schema.tables import require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pyproj

    from drainage.formats.mapping import ColumnMapping
    from drainage.schema.columns import Named


_ID_OF = {"pipes": "pipe_id", "nodes": "node_id"}
_LINE = int(shapely.GeometryType.LINESTRING)
_GEOMETRY = {
    "roads": ("LineString", "MultiLineString"),
    "waterways": ("LineString", "MultiLineString", "Polygon", "MultiPolygon"),
    "reports": ("Point", "MultiPoint"),
    "blocks": ("Polygon", "MultiPolygon"),
}


class LayerReader:
    """Reads the layers of one delivery into one CRS, collecting issues and how columns were understood."""

    def __init__(self, mapping: ColumnMapping, crs: str | None, issues: Issues) -> None:
        self.mapping = mapping
        self.declared_crs = crs
        self.issues = issues
        self.target: pyproj.CRS | None = None
        self.understood: dict[str, list[Understood]] = {}
        self.left_over: dict[str, list[str]] = {}
        self._missing: dict[str, dict[str, Named]] = {}
        self._seen: dict[str, str] = {}

    def read(self, name: str, path: Path, *, part: str | None = None) -> gpd.GeoDataFrame:
        """Read one table of a file as a layer: conformed, in the CRS of the first file."""
        place = f"{path.name} {part}" if part else path.name
        if path.suffix.lower() in TABLE_ENDINGS:
            read = self._read_table(name, path, part)
        else:
            read = read_layer(path, layer=part, crs=self.declared_crs, target=self.target, issues=self.issues)
        self.target = self.target or read.frame.crs
        return self.conform(name, read.frame, place, metres_per_unit=read.metres_per_unit)

    def conform(
        self,
        name: str,
        frame: gpd.GeoDataFrame,
        place: str,
        id_column: str | None = None,
        *,
        metres_per_unit: float = 1.0,
    ) -> gpd.GeoDataFrame:
        """Bring a table into our columns; ``id_column`` is the one that names its features, where that is known."""
        others = frame.columns.drop([frame.geometry.name])
        columns = self._columns(name, others, place)
        if id_column is not None:
            columns[_ID_OF[name]] = id_column
        frame, understood = conform_layer(
            frame,
            name,
            place=place,
            issues=self.issues,
            columns=columns,
            units=self.mapping.units,
            meanings=self.mapping.codes,
            metres_per_unit=metres_per_unit,
        )
        self.understood[f"{name}: {place}"] = understood
        named = {source for one in understood for source in one.sources}
        self.left_over[f"{name}: {place}"] = [str(column) for column in others if column not in named]
        return frame

    def _columns(self, name: str, present: pd.Index, place: str) -> dict[str, Named]:
        """Give the user's columns of a layer that this file has; a layer of several files need not have each in all."""
        said = self.mapping.columns.get(name, {})
        listed = {ours: [theirs] if isinstance(theirs, str) else list(theirs) for ours, theirs in said.items()}
        here: dict[str, Named] = {
            ours: found for ours, names in listed.items() if (found := [name for name in names if name in present])
        }
        self._missing.setdefault(name, dict(said))
        for ours in here:
            self._missing[name].pop(ours, None)
        self._seen[name] = f"{place} has {', '.join(map(str, present))}"
        return here

    def check_mapping(self) -> None:
        """Raise where the user named a column that no file of the layer has.

        Raises
        ------
        SchemaError
            Names it, and what the last file of the layer has.
        """
        for name, missing in self._missing.items():
            if missing:
                named = {ours: [theirs] if isinstance(theirs, str) else theirs for ours, theirs in missing.items()}
                names = ", ".join(f"{ours} = {' or '.join(theirs)}" for ours, theirs in named.items())
                msg = f"no file of {name} has the columns of the mapping {names}; {self._seen[name]}"
                raise SchemaError(msg)

    def _read_table(self, name: str, path: Path, part: str | None) -> LayerRead:
        table = read_table(path, part)
        if name == "pipes":
            if self.target is None:
                remedy = "give the table of its points (--nodes FILE)"
                msg = f"{path.name}: a table of lines has no coordinates; {remedy}"
                raise FormatError(msg)
            return LayerRead(as_lines(table, self.target, self.issues, path), 1.0)
        points = as_points(table, path)
        crs = self.declared_crs if points.crs is None else None
        return settle_layer(points, path, crs=crs, target=self.target, issues=self.issues)

    def pipes(self, files: Mapping[str | None, Path]) -> gpd.GeoDataFrame:
        """Read pipes, a file per system or one for all; index ``pipe_id``."""
        tables = []
        for system, path in files.items():
            for part in parts_of(path, "pipes"):
                table = self.read("pipes", path, part=part)
                tables.append(self._settle_system(table, system, part or path.stem, path))
        table = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
        table = _lines_only(table, self.issues)
        return _with_ids(table, "pipe_id", "P", "pipe", self.issues)

    def _settle_system(self, table: gpd.GeoDataFrame, system: str | None, name: str, path: Path) -> gpd.GeoDataFrame:
        system = system or (system_in_name(name) if table["system"].isna().all() else None)
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
        tables = []
        for path in paths:
            for part in parts_of(path, "nodes"):
                try:
                    table = self.read("nodes", path, part=part)
                except EmptyLayerError:
                    if len(paths) == 1:
                        raise
                    self.issues.add("empty_layer", "info", "file", [path.name], "holds no features", "passed over")
                    continue
                kind, system = word_in_name(part or path.stem, KIND_MARKS), system_in_name(part or path.stem)
                for column, word in (("kind", kind), ("system", system)):
                    if word:
                        table[column] = table[column].astype(object).where(table[column].notna(), word)
                tables.append(table)
        if not tables:
            return None
        table = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
        points = table.geometry.geom_type.isin(["Point"]) | table.geometry.isna()
        if not points.all():
            self.issues.add(
                "not_a_point", "error", "node", _ids_or_rows(table, "node_id")[~points], "is not a point", "set aside"
            )
            table = table[points]
        far = far_twins(table, self.issues)
        repeated = table["node_id"].notna() & table["node_id"].duplicated(keep="first") & ~far
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
        table = self.read("catchments", paths[0], part=_part(paths[0], "catchments"))
        table = _with_ids(table, "catchment_id", "C", "catchment", self.issues)
        table["area_ha"] = table.geometry.area / 1e4
        return table

    def layer(self, name: str, path: Path) -> gpd.GeoDataFrame:
        """Read one of ``roads``, ``blocks``, ``waterways``, ``reports``."""
        table = self.read(name, path, part=_part(path, name))
        wanted = _GEOMETRY[name]
        if not table.geom_type.isin(wanted).any():
            found = ", ".join(sorted(table.geom_type.dropna().unique())) or "nothing"
            msg = f"{path.name}: holds {found}, no {wanted[0]}; it cannot be the layer of {name}"
            raise FormatError(msg)
        if name == "blocks":
            return _with_ids(table, "block_id", "B", "block", self.issues)
        if name == "reports":
            return _with_ids(table, "report_id", "R", "report", self.issues)
        if name == "roads":
            require(table, ("road",), place=path.name, layer="roads")
        return table


def _part(path: Path, name: str) -> str | None:
    parts = parts_of(path, name)
    if not parts:
        msg = f"{path.name}: holds no table named '{name}'"
        raise FormatError(msg)
    return parts[0]


def _ids_or_rows(table: gpd.GeoDataFrame, column: str = "pipe_id") -> RowNames:
    return RowNames(table[column], len(table))


def set_aside_inactive(pipes: gpd.GeoDataFrame, issues: Issues) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Split off the pipes that are abandoned, planned or private: kept, but no part of the network."""
    if pipes["ownership"].isna().all() and pipes["status"].isna().all():
        return pipes, pipes[:0]
    owner = pipes["ownership"].astype("str").str.strip().str.lower()
    private = owner.isin(["private", "priv", "pvt", "私有", "自管"]).to_numpy()
    status = pipes["status"].mask(private, "private")
    inactive = status.isin(["abandoned", "planned", "private"]).to_numpy()
    for word, rows in pipes[inactive].groupby(status[inactive]):
        issues.add(
            "inactive",
            "info",
            "status",
            [word],
            f"{len(rows)} pipes are {word}",
            "kept in the layer 'inactive', not counted as part of the network",
        )
    return pipes[~inactive], pipes[inactive]


def _lines_only(table: gpd.GeoDataFrame, issues: Issues) -> gpd.GeoDataFrame:
    """Merge the parts of a line; set other geometry aside, keeping the row if its ids still tell where it belongs."""
    ids = _ids_or_rows(table)
    if (shapely.get_type_id(table.geometry.to_numpy()) == _LINE).all() and not table.geometry.is_empty.any():
        return table
    kind = table.geometry.geom_type
    multi = (kind == "MultiLineString").to_numpy()
    if multi.any():
        merged = gpd.GeoSeries(table.geometry[multi]).line_merge()
        whole = (merged.geom_type == "LineString").to_numpy()
        issues.add(
            "multi_part",
            "info",
            "pipe",
            ids[np.flatnonzero(multi)[whole]],
            "is a MultiLineString",
            "parts joined into one line",
        )
        issues.add(
            "multi_part",
            "error",
            "pipe",
            ids[np.flatnonzero(multi)[~whole]],
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
    """Say which ids are damaged, and which differ only by leading zeros: a spreadsheet makes ``1`` of ``01``."""
    text = ids.astype("str")
    damaged = text[text.str.contains("\ufffd", regex=False)]
    reason = "its id holds U+FFFD, the sign for text that was lost on the way"
    issues.add("damaged_id", "error", kind, damaged, reason, "kept as it is; correct the source")
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
    ids = table[column]
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
        shared = kind == "pipe" and bool((table["system"].groupby(ids).transform("nunique")[both] > 1).all())
        renamed = (ids.astype(str) + "~" + (number + 1).astype(str)).where(repeated, ids)
        if kind != "node":
            issues.add(
                "shared_id" if shared else "duplicate_id",
                "warning" if shared else "error",
                kind,
                renamed[both],
                [f"{column} {i} occurs {'in several systems' if shared else 'more than once'}" for i in ids[both]],
                "all kept, later ones with a suffix ~2, ~3, …",
            )
        ids = renamed
    table = table.drop(columns=column)
    table.index = pd.Index(ids.astype("str"), name=column)
    return table
