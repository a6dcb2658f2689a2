"""The layers of one delivery, each read into the CRS of the first, its columns understood, its features named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import geopandas as gpd
import pandas as pd
import pyproj

from drainage.errors import EmptyLayerError, FormatError, SchemaError
from drainage.formats.containers import Part
from drainage.formats.crs import settle_layer
from drainage.formats.geofile import open_layer
from drainage.formats.polygons import count_once
from drainage.formats.tables.survey import TABLE_ENDINGS, as_lines, as_points, read_table
from drainage.formats.tables.wkt import with_geometry
from drainage.intake.features import lines_only, names_of_rows, with_ids
from drainage.intake.mapping import ColumnMapping
from drainage.intake.registers import TABLE, name_apart
from drainage.intake.roads import name_roads
from drainage.said import joined
from drainage.schema import Issues, Understood, conform_layer
from drainage.schema.columns import Named
from drainage.schema.ids import Spellings
from drainage.schema.layers import LAYERS
from drainage.schema.tables import require
from drainage.words import coded, in_both


class Table(NamedTuple):
    """The rows of a part in the CRS of the delivery, and the length of the unit that levels are probably written in."""

    part: Part
    rows: gpd.GeoDataFrame
    metres_per_unit: float


class LayerRead(NamedTuple):
    """A layer in our columns: which columns the table had, how they were understood, and what was found."""

    frame: gpd.GeoDataFrame
    columns: pd.Index
    understood: list[Understood]
    issues: Issues


def read_layer(table: Table, layer: str, said: ColumnMapping, *, id_column: str | None = None) -> LayerRead:
    """Bring a table into our columns.

    Parameters
    ----------
    said
        What the user says; a layer of several files need not have each of his columns in all.
    id_column
        The one that names its features, where that is known.

    Raises
    ------
    SchemaError
        A table cannot be used.
    """
    rows, issues = table.rows, Issues()
    present = rows.columns.drop([rows.geometry.name])
    here = {ours: [name for name in names if name in present] for ours, names in said.listed(layer).items()}
    columns: dict[str, Named] = {ours: names for ours, names in here.items() if names}
    frame, understood = conform_layer(
        rows,
        layer,
        place=table.part.place,
        issues=issues,
        columns=columns if id_column is None else {**columns, LAYERS[layer].id: id_column},
        units=said.units,
        meanings=said.codes,
        metres_per_unit=table.metres_per_unit,
        date_order=said.date_order,
    )
    return LayerRead(frame, present, understood, issues)


class LayerReader:
    """Reads the layers of one delivery into one CRS, collecting issues and how columns were understood."""

    def __init__(
        self, mapping: ColumnMapping, crs: str | None, issues: Issues, target: pyproj.CRS | None = None
    ) -> None:
        self.mapping = mapping
        self.declared_crs = crs
        self.issues = issues
        self.target = target
        self.understood: dict[str, list[Understood]] = {}
        self.left_over: dict[str, list[str]] = {}
        self.metres_per_unit: dict[str, float] = {}
        self._columns: dict[str, dict[str, pd.Index]] = {}  # of each layer and table
        self._roads = Spellings()

    def read(self, name: str, part: Part) -> gpd.GeoDataFrame | None:
        """Read a table as a layer; None, and an issue, for an empty one that can be passed over."""
        try:
            return self.conform(name, self._opened(name, part))
        except EmptyLayerError:
            if not part.optional:
                raise
            self.issues.add("empty_layer", "info", "file", [part.place], in_both("no_features"), in_both("passed_over"))
            return None

    def conform(self, name: str, table: Table, id_column: str | None = None) -> gpd.GeoDataFrame:
        """Bring a table into our columns, in the CRS of the first, and note how it was understood."""
        read = read_layer(table, name, self.mapping, id_column=id_column)
        place = table.part.place
        self.issues.extend(read.issues.frame())
        self.metres_per_unit[name] = table.metres_per_unit
        self._columns.setdefault(name, {})[place] = read.columns
        named = {source for one in read.understood for source in one.sources}
        self.understood[f"{name}: {place}"] = read.understood
        self.left_over[f"{name}: {place}"] = [str(column) for column in read.columns if column not in named]
        return self._spell_roads(read.frame, place) if "road" in read.frame else read.frame

    def check_mapping(self) -> None:
        """Raise where the user named a column that no file of the layer has.

        Raises
        ------
        SchemaError
            Names it, and what the last file of the layer has.
        """
        for layer, tables in self._columns.items():
            there = {column for columns in tables.values() for column in columns}
            missing = {ours: theirs for ours, theirs in self.mapping.listed(layer).items() if there.isdisjoint(theirs)}
            if missing:
                names = joined((joined([ours, joined(named, " or ")], " = ") for ours, named in missing.items()), ", ")
                place, columns = list(tables.items())[-1]
                found = ", ".join(map(str, columns))
                raise SchemaError(in_both("mapped_not_there", layer=layer, names=names, place=place, columns=found))

    def _opened(self, name: str, part: Part) -> Table:
        """Read the rows of a part; those of the caller count a named index as a column of them."""
        path, crs = part.path, self.declared_crs
        if part.rows is not None:
            rows = part.rows.reset_index() if any(part.rows.index.names) else part.rows.reset_index(drop=True)
            crs = crs if rows.crs is None else None
        elif path.suffix.lower() not in TABLE_ENDINGS:
            rows = open_layer(path, part.table, crs, self.issues)
        else:
            heading_row = self.mapping.heading_row_of(name)
            table = read_table(path, part.table, heading_row=heading_row, names=self.mapping.names, issues=self.issues)
            drawn = with_geometry(table, path)
            if drawn is None and name == "pipes":
                return self._between_points(table, part)
            rows = as_points(table, path, self.issues) if drawn is None else drawn
            crs = crs if drawn is not None or rows.crs is None else None
        settled = settle_layer(rows, path, crs=crs, target=self.target, issues=self.issues)
        self.target = self.target or settled.frame.crs
        return Table(part, settled.frame, settled.metres_per_unit)

    def _between_points(self, table: pd.DataFrame, part: Part) -> Table:
        """Take a table of lines that get their places from the points that they name."""
        if self.target is None:
            raise FormatError(in_both("lines_no_coordinates", file=part.path.name))
        lines = as_lines(table, self.target, self.issues, part.path)
        return Table(part, lines, self.metres_per_unit.get("nodes", 1.0))

    def pipes(self, parts: Sequence[tuple[str | None, Part]]) -> gpd.GeoDataFrame:
        """Read pipes, each table with the system that the user gives it; index ``pipe_id``."""
        tables = []
        for system, part in parts:
            table = self.read("pipes", part)
            if table is not None:
                tables.append(self._settle_system(table, system, part))
        if not tables:
            names = ", ".join(path.name for path in dict.fromkeys(part.path for _, part in parts))
            raise EmptyLayerError(in_both("layer_is_empty", place=names))
        return with_ids(lines_only(_one_table(tables), self.issues), LAYERS["pipes"], self.issues)

    def _settle_system(self, table: gpd.GeoDataFrame, system: str | None, part: Part) -> gpd.GeoDataFrame:
        """Fill the system of pipes by the mapping or the name of their file; say where it is unknown or differs."""
        system = system or (part.system if table["system"].isna().all() else None)
        if system is not None:
            differs = table["system"].notna() & (table["system"] != system) & (table["system"] != "unknown")
            named = coded("system", system)
            recorded = [coded("system", word) for word in table["system"][differs]]
            reasons = [in_both("recorded_as_other", recorded=word, system=named) for word in recorded]
            kept = in_both("recorded_system_kept", systems=joined(sorted(set(recorded)), ", "))
            self.issues.add("system_by_file", "warning", "pipe", names_of_rows(table)[differs], reasons, kept)
            table["system"] = table["system"].mask(~differs, system)
            reason, action = in_both("system_of_file", system=named), in_both("used_where_unrecorded")
            self.issues.add("system_by_file", "info", "file", [part.path.name], reason, action)
        blank = table["system"].isna()
        if blank.all():
            reason, action = in_both("no_system_told"), in_both("map_a_system")
            self.issues.add("no_system", "warning", "file", [part.path.name], reason, action)
        elif blank.any():
            reason, action = in_both("pipe_of_no_system"), in_both("taken_unknown")
            self.issues.add("no_system", "error", "pipe", names_of_rows(table)[blank], reason, action)
        table["system"] = table["system"].where(~blank, "unknown").astype(object)
        return table

    def nodes(self, parts: Sequence[Part]) -> gpd.GeoDataFrame | None:
        """Read nodes of one or more tables; index ``node_id``, None where there is none."""
        tables = []
        for part in parts:
            table = self.read("nodes", part)
            if table is None:
                continue
            for column, word in (("kind", part.kind), ("system", part.system)):
                if word:
                    table[column] = table[column].astype(object).where(table[column].notna(), word)
            tables.append(table)
        if not tables:
            return None
        table = _one_table(tables)
        points = table.geometry.geom_type.isin(["Point"]) | table.geometry.isna()
        if not points.all():
            others = names_of_rows(table, "node_id")[~points]
            self.issues.add("not_a_point", "error", "node", others, in_both("not_a_point"), in_both("put_aside"))
            table = table[points]
        table = name_apart(table, self.issues, one_register=self.mapping.one_register).drop(columns=TABLE)
        return with_ids(table, LAYERS["nodes"], self.issues)

    def layers(self, parts: Mapping[str, Part]) -> dict[str, gpd.GeoDataFrame]:
        """Read layers that lie beside pipes and nodes, their features checked and named."""
        tables = {}
        for name, part in parts.items():
            table = self.read(name, part)
            if table is not None:
                tables[name] = self._named(name, table, part.path.name)
        return tables

    def _named(self, name: str, table: gpd.GeoDataFrame, place: str) -> gpd.GeoDataFrame:
        layer = LAYERS[name]
        if layer.shapes and not table.geom_type.isin(layer.shapes).any():
            found = ", ".join(sorted(table.geom_type.dropna().unique())) or in_both("nothing")
            raise FormatError(in_both("other_shapes", place=place, found=found, shape=layer.shapes[0], layer=name))
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
        """Spell the roads of all layers as the first does, and report which were spelt otherwise."""
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
