"""The layers of one delivery, each read into the CRS of the first, its columns understood, its features named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from drainage.errors import EmptyLayerError, FormatError, SchemaError
from drainage.formats.containers import KIND_MARKS, parts_of, system_in_name, word_in_name
from drainage.formats.features import lines_only, names_of_rows, with_ids
from drainage.formats.geofile import LayerRead, read_layer, settle_layer
from drainage.formats.shared_ids import far_twins
from drainage.formats.survey import TABLE_ENDINGS, as_lines, as_points, read_table
from drainage.schema import Issues, Understood, conform_layer
from drainage.schema.tables import require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pyproj

    from drainage.formats.mapping import ColumnMapping
    from drainage.schema.columns import Named


_ID_OF = {"pipes": "pipe_id", "nodes": "node_id"}
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

    def take(self, name: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Take a table that is no file: conformed, in the CRS of the first; a named index is a column of it."""
        own = frame.reset_index() if any(frame.index.names) else frame.reset_index(drop=True)
        crs = self.declared_crs if frame.crs is None else None
        read = settle_layer(own, Path(name), crs=crs, target=self.target, issues=self.issues)
        self.target = self.target or read.frame.crs
        return self.conform(name, read.frame, name, metres_per_unit=read.metres_per_unit)

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
            date_order=self.mapping.date_order,
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
        heading_row = self.mapping.heading_row_of(name)
        table = read_table(path, part, heading_row=heading_row, names=self.mapping.names, issues=self.issues)
        if name == "pipes":
            if self.target is None:
                remedy = "give the table of its points (--nodes FILE)"
                msg = f"{path.name}: a table of lines has no coordinates; {remedy}"
                raise FormatError(msg)
            return LayerRead(as_lines(table, self.target, self.issues, path), 1.0)
        points = as_points(table, path, self.issues)
        crs = self.declared_crs if points.crs is None else None
        return settle_layer(points, path, crs=crs, target=self.target, issues=self.issues)

    def pipes(self, files: Mapping[str | None, Path]) -> gpd.GeoDataFrame:
        """Read pipes, a file per system or one for all; index ``pipe_id``."""
        tables = []
        for system, path in files.items():
            for part in parts_of(path, "pipes"):
                table = self.read("pipes", path, part=part)
                tables.append(self.settle_system(table, system, part or path.stem, path))
        return self.as_pipes(tables)

    def as_pipes(self, tables: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
        """Make one table of pipes, index ``pipe_id``, of tables whose systems are settled."""
        table = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
        table = lines_only(table, self.issues)
        return with_ids(table, "pipe_id", "P", "pipe", self.issues)

    def settle_system(self, table: gpd.GeoDataFrame, system: str | None, name: str, path: Path) -> gpd.GeoDataFrame:
        """Fill the system of pipes by the mapping or the name of their file; say where it is unknown or differs."""
        system = system or (system_in_name(name) if table["system"].isna().all() else None)
        if system is not None:
            differs = table["system"].notna() & (table["system"] != system) & (table["system"] != "unknown")
            recorded = table["system"][differs]
            self.issues.add(
                "system_by_file",
                "warning",
                "pipe",
                names_of_rows(table)[differs],
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
                names_of_rows(table)[blank],
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
        return self.as_nodes(tables) if tables else None

    def as_nodes(self, tables: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
        """Make one table of nodes, index ``node_id``."""
        table = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
        points = table.geometry.geom_type.isin(["Point"]) | table.geometry.isna()
        if not points.all():
            self.issues.add(
                "not_a_point", "error", "node", names_of_rows(table, "node_id")[~points], "is not a point", "set aside"
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
        return with_ids(table[~repeated], "node_id", "J", "node", self.issues)

    def catchments(self, paths: Sequence[Path]) -> gpd.GeoDataFrame | None:
        """Read catchments; index ``catchment_id``, None where there is no file."""
        if not paths:
            return None
        return self.as_catchments(self.read("catchments", paths[0], part=_part(paths[0], "catchments")))

    def as_catchments(self, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Name catchments and measure them."""
        table = with_ids(table, "catchment_id", "C", "catchment", self.issues)
        table["area_ha"] = table.geometry.area / 1e4
        return table

    def layer(self, name: str, path: Path) -> gpd.GeoDataFrame:
        """Read one of ``roads``, ``blocks``, ``waterways``, ``reports``."""
        return self.as_layer(name, self.read(name, path, part=_part(path, name)), path.name)

    def as_layer(self, name: str, table: gpd.GeoDataFrame, place: str) -> gpd.GeoDataFrame:
        """Check and name the features of a layer."""
        wanted = _GEOMETRY[name]
        if not table.geom_type.isin(wanted).any():
            found = ", ".join(sorted(table.geom_type.dropna().unique())) or "nothing"
            msg = f"{place}: holds {found}, no {wanted[0]}; it cannot be the layer of {name}"
            raise FormatError(msg)
        if name == "blocks":
            return with_ids(table, "block_id", "B", "block", self.issues)
        if name == "reports":
            return with_ids(table, "report_id", "R", "report", self.issues)
        if name == "roads":
            require(table, ("road",), place=place, layer="roads")
        return table


def _part(path: Path, name: str) -> str | None:
    parts = parts_of(path, name)
    if not parts:
        msg = f"{path.name}: holds no table named '{name}'"
        raise FormatError(msg)
    return parts[0]
