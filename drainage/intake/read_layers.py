"""The layers of one delivery, each read into the CRS of the first, its columns understood, its features named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from drainage.errors import EmptyLayerError, FormatError, SchemaError
from drainage.formats.containers import KIND_MARKS, parts_of, system_in_name, word_in_name
from drainage.formats.crs import LayerRead, settle_layer
from drainage.formats.geofile import read_layer
from drainage.formats.polygons import count_once
from drainage.formats.tables.survey import TABLE_ENDINGS, as_lines, as_points, read_table
from drainage.formats.tables.wkt import with_geometry
from drainage.intake.features import lines_only, names_of_rows, with_ids
from drainage.intake.registers import TABLE, name_apart
from drainage.intake.roads import name_roads
from drainage.schema import Issues, Understood, conform_layer
from drainage.schema.ids import Spellings
from drainage.schema.layers import LAYERS
from drainage.schema.tables import require
from drainage.words import coded, in_both, joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pyproj

    from drainage.intake.mapping import ColumnMapping
    from drainage.schema.columns import Named


class LayerReader:
    """Reads the layers of one delivery into one CRS, collecting issues and how columns were understood."""

    def __init__(
        self, mapping: ColumnMapping, crs: str | None, issues: Issues, *, found: frozenset[str] = frozenset()
    ) -> None:
        self.mapping = mapping
        self.found = found  # layers that nobody named: empty, they are as good as absent
        self.declared_crs = crs
        self.issues = issues
        self.target: pyproj.CRS | None = None
        self.understood: dict[str, list[Understood]] = {}
        self.left_over: dict[str, list[str]] = {}
        self._metres_per_unit: dict[str, float] = {}
        self._missing: dict[str, dict[str, Named]] = {}
        self._seen: dict[str, str] = {}
        self._roads = Spellings()

    def read(self, name: str, path: Path, *, part: str | None = None) -> gpd.GeoDataFrame:
        """Read one table of a file as a layer: conformed, in the CRS of the first file."""
        place = f"{path.name} {part}" if part else path.name
        if path.suffix.lower() in TABLE_ENDINGS:
            read = self._read_table(name, path, part)
        else:
            read = read_layer(path, layer=part, crs=self.declared_crs, target=self.target, issues=self.issues)
        self.target = self.target or read.frame.crs
        self._metres_per_unit[name] = read.metres_per_unit
        return self.conform(name, read.frame, place)

    def take(self, name: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Take a table that is no file: conformed, in the CRS of the first; a named index is a column of it."""
        own = frame.reset_index() if any(frame.index.names) else frame.reset_index(drop=True)
        crs = self.declared_crs if frame.crs is None else None
        read = settle_layer(own, Path(name), crs=crs, target=self.target, issues=self.issues)
        self.target = self.target or read.frame.crs
        self._metres_per_unit[name] = read.metres_per_unit
        return self.conform(name, read.frame, name)

    def conform(self, name: str, frame: gpd.GeoDataFrame, place: str, id_column: str | None = None) -> gpd.GeoDataFrame:
        """Bring a table into our columns; ``id_column`` is the one that names its features, where that is known.

        A table without a CRS counts in the unit of the layer that it speaks of.
        """
        others = frame.columns.drop([frame.geometry.name])
        columns = self._columns(name, others, place)
        if id_column is not None:
            columns[LAYERS[name].id] = id_column
        frame, understood = conform_layer(
            frame,
            name,
            place=place,
            issues=self.issues,
            columns=columns,
            units=self.mapping.units,
            meanings=self.mapping.codes,
            metres_per_unit=self._metres_per_unit.get(name, 1.0),
            date_order=self.mapping.date_order,
        )
        self.understood[f"{name}: {place}"] = understood
        if "road" in frame:
            frame = self._spell_roads(frame, place)
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
        drawn = with_geometry(table, path)
        if drawn is not None:
            return settle_layer(drawn, path, crs=self.declared_crs, target=self.target, issues=self.issues)
        if name == "pipes":
            if self.target is None:
                remedy = "give the table of its points (--nodes FILE), or its lines as WKT in a column geometry"
                msg = f"{path.name}: a table of lines has no coordinates; {remedy}"
                raise FormatError(msg)
            lines = as_lines(table, self.target, self.issues, path)
            return LayerRead(lines, self._metres_per_unit.get("nodes", 1.0))
        points = as_points(table, path, self.issues)
        crs = self.declared_crs if points.crs is None else None
        return settle_layer(points, path, crs=crs, target=self.target, issues=self.issues)

    def pipes(self, files: Mapping[str | None, Path]) -> gpd.GeoDataFrame:
        """Read pipes, a file per system or one for all; index ``pipe_id``."""
        tables = []
        for system, path in files.items():
            parts = parts_of(path, "pipes")
            for part in parts:
                table = self._unless_empty("pipes", path, part, bearable=len(parts) > 1)
                if table is not None:
                    tables.append(self.settle_system(table, system, part or path.stem, path))
        if not tables:
            msg = f"{', '.join(path.name for path in files.values())}: holds no features; expected at least one"
            raise EmptyLayerError(msg)
        return self.as_pipes(tables)

    def _unless_empty(self, name: str, path: Path, part: str | None, *, bearable: bool) -> gpd.GeoDataFrame | None:
        """Read one table of a file as a layer; None, and an issue, for an empty one that can be borne."""
        try:
            return self.read(name, path, part=part)
        except EmptyLayerError:
            if not bearable:
                raise
            place = f"{path.name} {part}" if part else path.name
            self.issues.add("empty_layer", "info", "file", [place], in_both("no_features"), in_both("passed_over"))
            return None

    def as_pipes(self, tables: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
        """Make one table of pipes, index ``pipe_id``, of tables whose systems are settled."""
        table = _one_table(tables)
        table = lines_only(table, self.issues)
        return with_ids(table, LAYERS["pipes"], self.issues)

    def settle_system(self, table: gpd.GeoDataFrame, system: str | None, name: str, path: Path) -> gpd.GeoDataFrame:
        """Fill the system of pipes by the mapping or the name of their file; say where it is unknown or differs."""
        system = system or (system_in_name(name) if table["system"].isna().all() else None)
        if system is not None:
            differs = table["system"].notna() & (table["system"] != system) & (table["system"] != "unknown")
            named = coded("system", system)
            recorded = [coded("system", word) for word in table["system"][differs]]
            reasons = [in_both("recorded_as_other", recorded=word, system=named) for word in recorded]
            kept = in_both("recorded_system_kept", systems=joined(sorted(set(recorded)), ", "))
            self.issues.add("system_by_file", "warning", "pipe", names_of_rows(table)[differs], reasons, kept)
            table["system"] = table["system"].mask(~differs, system)
            reason, action = in_both("system_of_file", system=named), in_both("used_where_unrecorded")
            self.issues.add("system_by_file", "info", "file", [path.name], reason, action)
        blank = table["system"].isna()
        if blank.all():
            reason, action = in_both("no_system_told"), in_both("map_a_system")
            self.issues.add("no_system", "warning", "file", [path.name], reason, action)
        elif blank.any():
            reason, action = in_both("pipe_of_no_system"), in_both("is_unknown")
            self.issues.add("no_system", "error", "pipe", names_of_rows(table)[blank], reason, action)
        table["system"] = table["system"].where(~blank, "unknown").astype(object)
        return table

    def nodes(self, paths: Sequence[Path]) -> gpd.GeoDataFrame | None:
        """Read nodes of one or more files; index ``node_id``, None where there is no file."""
        if not paths:
            return None
        tables = []
        for path in paths:
            for part in parts_of(path, "nodes"):
                table = self._unless_empty(
                    "nodes", path, part, bearable=len(paths) > 1 or part is not None or "nodes" in self.found
                )
                if table is None:
                    continue
                kind, system = word_in_name(part or path.stem, KIND_MARKS), system_in_name(part or path.stem)
                for column, word in (("kind", kind), ("system", system)):
                    if word:
                        table[column] = table[column].astype(object).where(table[column].notna(), word)
                tables.append(table)
        return self.as_nodes(tables) if tables else None

    def as_nodes(self, tables: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
        """Make one table of nodes, index ``node_id``."""
        table = _one_table(tables)
        points = table.geometry.geom_type.isin(["Point"]) | table.geometry.isna()
        if not points.all():
            others = names_of_rows(table, "node_id")[~points]
            self.issues.add("not_a_point", "error", "node", others, in_both("not_a_point"), in_both("put_aside"))
            table = table[points]
        table = name_apart(table, self.issues, one_register=self.mapping.one_register).drop(columns=TABLE)
        return with_ids(table, LAYERS["nodes"], self.issues)

    def layer(self, name: str, path: Path) -> gpd.GeoDataFrame:
        """Read a layer that lies beside pipes and nodes."""
        return self.as_layer(name, self.read(name, path, part=_part(path, name)), path.name)

    def layers(self, paths: Mapping[str, Sequence[Path]], names: Sequence[str]) -> dict[str, gpd.GeoDataFrame]:
        """Read those of these layers that there are; one that nobody named may be empty."""
        tables = {}
        for name in names:
            if not paths[name]:
                continue
            path = paths[name][0]
            table = self._unless_empty(name, path, _part(path, name), bearable=name in self.found)
            if table is not None:
                tables[name] = self.as_layer(name, table, path.name)
        return tables

    def as_layer(self, name: str, table: gpd.GeoDataFrame, place: str) -> gpd.GeoDataFrame:
        """Check and name the features of a layer."""
        layer = LAYERS[name]
        if layer.shapes and not table.geom_type.isin(layer.shapes).any():
            found = ", ".join(sorted(table.geom_type.dropna().unique())) or "nothing"
            msg = f"{place}: holds {found}, no {layer.shapes[0]}; it cannot be the layer of {name}"
            raise FormatError(msg)
        if name == "roads":
            read = [one.column for key, read in self.understood.items() if key.startswith("roads: ") for one in read]
            if "road" not in read:
                require(table, ("road",), place=place, layer="roads")
            return self._named_roads(table)
        if not layer.id:
            return table
        table = with_ids(table, layer, self.issues)
        return count_once(table, layer.feature, self.issues) if "polygon" in layer.geometry else table

    def _named_roads(self, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Name the roads that have no name, and say how many."""
        blank = table["road"].isna()
        named = name_roads(table)
        if blank.any():
            found = in_both("roads_unnamed", count=int(blank.sum()), of=len(table))
            action = in_both("roads_of_their_own", name=named["road"][blank].iloc[0])
            self.issues.add("no_name", "info", "column", ["road"], found, action)
        return named

    def _spell_roads(self, table: gpd.GeoDataFrame, place: str) -> gpd.GeoDataFrame:
        """Give the roads of all layers one spelling, that of the first, and say which were written otherwise."""
        spelled = self._roads.settle(table["road"])
        changed = (spelled != table["road"]) & spelled.notna()
        if changed.any():
            pairs = pd.DataFrame({"was": table["road"][changed], "is": spelled[changed]}).drop_duplicates()
            shown = ", ".join(f"'{was}' {now}" for was, now in pairs.head(5).itertuples(index=False))
            reason = in_both("roads_otherwise", place=place, count=len(pairs), shown=shown)
            self.issues.add("spelling", "info", "column", ["road"], reason, in_both("one_road"))
        return table.assign(road=spelled)


def _one_table(tables: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Put the tables of a layer below each other; a column keeps the number of the table of each row."""
    numbered = [table.assign(**{TABLE: number}) for number, table in enumerate(tables)]
    return pd.concat(numbered, ignore_index=True) if len(numbered) > 1 else numbered[0]


def _part(path: Path, name: str) -> str | None:
    parts = parts_of(path, name)
    if not parts:
        msg = f"{path.name}: holds no table named '{name}'"
        raise FormatError(msg)
    return parts[0]
