"""The layers of one delivery, each read into the CRS of the first, its columns understood, its features named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, NamedTuple

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
from drainage.intake.mapping import ColumnMapping, listed
from drainage.intake.matching import Found, Matched, ToMatch, match_columns
from drainage.intake.registers import TABLE, name_apart
from drainage.intake.roads import name_roads
from drainage.said import Said, joined
from drainage.schema import Issues, Understood, conform_layer, plain_table
from drainage.schema.columns import Named, as_toml, unit_of
from drainage.schema.ids import Spellings
from drainage.schema.layers import LAYERS
from drainage.schema.tables import require
from drainage.words import coded, in_both


class Table(NamedTuple):
    """The rows of a part in the CRS of the delivery, and the length of the unit that levels are probably written in.

    The place is what messages call it.
    """

    part: Part
    place: str
    rows: gpd.GeoDataFrame
    metres_per_unit: float


class LayerRead(NamedTuple):
    """A layer in our columns: which columns the table had, how they were understood, and what was found."""

    frame: gpd.GeoDataFrame
    columns: pd.Index
    understood: list[Understood]
    issues: Issues


def read_layer(table: Table, layer: str, said: ColumnMapping, matched: Matched | None = None) -> LayerRead:
    """Bring a table into our columns.

    Parameters
    ----------
    said
        What the user says; a layer of several files need not have each of his columns in all.
    matched
        Which column is which, where it was matched with other tables; otherwise names and words tell it.

    Raises
    ------
    SchemaError
        A table cannot be used.
    """
    rows, issues = table.rows, Issues()
    present = rows.columns.drop([rows.geometry.name])
    named = said.listed(layer, table.place)
    here = {ours: [name for name in names if name in present] for ours, names in named.items()}
    columns: dict[str, Named] = {ours: names for ours, names in here.items() if names or not named[ours]}
    frame, understood = conform_layer(
        rows,
        layer,
        place=table.place,
        issues=issues,
        columns=columns,
        understood=None if matched is None else _understood(matched, named),
        units=said.units,
        meanings=said.codes,
        metres_per_unit=table.metres_per_unit,
        date_order=said.date_order,
    )
    return LayerRead(frame, present, understood, issues)


def _understood(matched: Matched, named: Mapping[str, Sequence[str]]) -> list[Understood]:
    """Say what was found as the schema does, but for what the user says that no column holds."""
    return [
        Understood(one.sources[0], ours, unit_of(one.sources), one.sources[1:], one.how, one.sure, one.why)
        for ours, one in matched.found.items()
        if named.get(ours) != []
    ]


class LayerReader:
    """Reads the layers of one delivery into one CRS, collecting issues and how columns were understood."""

    #: Whether no feature of a layer need have a place.
    placeless: ClassVar[bool] = False

    def __init__(
        self, mapping: ColumnMapping, crs: str | None, issues: Issues, target: pyproj.CRS | None = None
    ) -> None:
        self.mapping = mapping
        self.declared_crs = crs
        self.issues = issues
        self.target = target
        self.understood: dict[str, list[Understood]] = {}
        self.left_over: dict[str, dict[str, Said | str]] = {}
        self.looked_at: dict[str, tuple[int, int]] = {}
        self.metres_per_unit: dict[str, float] = {}
        self._columns: dict[str, dict[str, pd.Index]] = {}  # of each layer and table
        self._roads = Spellings()

    def read(self, name: str, part: Part) -> gpd.GeoDataFrame | None:
        """Read a table as a layer; None, and an issue, for an empty one that can be passed over."""
        table = self._open(name, part)
        return None if table is None else self.conform(name, table)

    def _open(self, name: str, part: Part) -> Table | None:
        try:
            table = self._opened(name, part)
        except EmptyLayerError:
            if not part.optional:
                raise
            self.issues.add("empty_layer", "info", "file", [part.place], in_both("no_features"), in_both("passed_over"))
            return None
        self.metres_per_unit[name] = table.metres_per_unit
        return table

    def conform(
        self, name: str, table: Table, matched: Matched | None = None, *, alone: bool = True
    ) -> gpd.GeoDataFrame:
        """Bring a table, alone in its layer or not, into our columns, and note how it was understood."""
        read = read_layer(table, name, self.mapping, matched)
        place = table.place
        self.issues.extend(read.issues.frame())
        for one in [u for u in read.understood if not u.sure]:
            self._report_unsure(one, name, "" if alone else place)
        self._columns.setdefault(name, {})[place] = read.columns
        named = {source for one in read.understood for source in one.sources}
        seems: Mapping[str, Said | str] = {} if matched is None else matched.left
        self.understood[f"{name}: {place}"] = read.understood
        left = [str(column) for column in read.columns if column not in named]
        self.left_over[f"{name}: {place}"] = {column: seems.get(column, "") for column in left}
        if matched is not None:
            self.looked_at[f"{name}: {place}"] = (matched.sampled, matched.rows)
        return self._spell_roads(read.frame, place) if "road" in read.frame else read.frame

    def _report_unsure(self, one: Understood, layer: str, place: str) -> None:
        """Report a column that is read but not beyond doubt, with the line that says it in a mapping."""
        table = f"{layer}.{as_toml([place])}" if place else layer
        remedy = in_both("confirm_column", layer=table, column=one.column, name=as_toml(one.sources))
        first = next(name for name, model in LAYERS.items() if one.column in model.columns)
        if first == layer and not place and not one.also:
            option = in_both("column_is", ours=one.column, theirs=one.source)
            remedy = joined([remedy, in_both("or_option", option=option)], ", ")
        reason = in_both("column_in_doubt", column=one.column, why=joined(one.why))
        self.issues.add("unsure_column", "warning", "column", [" + ".join(one.sources)], reason, remedy)

    def check_mapping(self) -> None:
        """Raise where the user named a column that no file of the layer has.

        Raises
        ------
        SchemaError
            Names it, and what the last file of the layer has.
        """
        for layer, tables in self._columns.items():
            there = {column for columns in tables.values() for column in columns}
            self._refuse_missing(layer, self.mapping.listed(layer), there, list(tables)[-1])
            for place, named in self.mapping.files.get(layer, {}).items():
                if place not in tables:
                    known = joined(tables, ", ")
                    raise SchemaError(in_both("no_such_place", layer=layer, place=place, known=known))
                self._refuse_missing(layer, listed(named), {*tables[place]}, place)

    def _refuse_missing(self, layer: str, named: Mapping[str, Sequence[str]], there: set[str], place: str) -> None:
        missing = {ours: theirs for ours, theirs in named.items() if theirs and there.isdisjoint(theirs)}
        if missing:
            names = joined((joined([ours, joined(theirs, " or ")], " = ") for ours, theirs in missing.items()), ", ")
            found = ", ".join(map(str, self._columns[layer][place]))
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
        settled = settle_layer(rows, path, crs=crs, target=self.target, issues=self.issues, placeless=self.placeless)
        self.target = self.target or settled.frame.crs
        return Table(part, part.place, settled.frame, settled.metres_per_unit)

    def _between_points(self, table: pd.DataFrame, part: Part) -> Table:
        """Take a table of lines that get their places from the points that they name."""
        if self.target is None:
            raise FormatError(in_both("lines_no_coordinates", file=part.path.name))
        lines = as_lines(table, self.target, self.issues, part.path)
        return Table(part, part.place, lines, self.metres_per_unit.get("nodes", 1.0))

    def network(
        self, lines: Sequence[tuple[str | None, Part]], points: Sequence[Part]
    ) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None]:
        """Read pipes, each table with the system that the user gives it, and nodes; columns are matched over all.

        Points of survey tables are opened before the lines, which get their places from them.

        Returns
        -------
        Pipes with the index ``pipe_id``, and nodes with ``node_id``, None where there is none.
        """
        pipes, nodes = self.tables(lines, points)
        return self._pipes(pipes), None if nodes is None else self._nodes(nodes)

    def tables(
        self, lines: Sequence[tuple[str | None, Part]], points: Sequence[Part]
    ) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None]:
        """Read pipes and nodes as `network` does, before their features are named: ids are columns, blank or twice."""
        wanted = [("pipes", system, part) for system, part in lines]
        nodes: list[tuple[str, str | None, Part]] = [("nodes", None, part) for part in points]
        survey = lines[0][1].path.suffix.lower() in TABLE_ENDINGS
        tables, times = [], Counter[tuple[str, str]]()
        for name, system, part in nodes + wanted if survey else wanted + nodes:
            if (table := self._open(name, part)) is not None:
                times[name, part.place] += 1
                # files of one name in several folders are told apart by their number
                place = f"{part.place} ({n})" if (n := times[name, part.place]) > 1 else part.place
                tables.append((name, system, table._replace(place=place, rows=plain_table(table.rows, self.issues))))
        if not any(name == "pipes" for name, *_ in tables):
            names = ", ".join(path.name for path in dict.fromkeys(part.path for _, part in lines))
            raise EmptyLayerError(in_both("layer_is_empty", place=names))
        asked = [ToMatch(name, table.place, table.rows) for name, _, table in tables]
        count = Counter(name for name, *_ in tables)
        found = match_columns(asked, self.mapping)
        del asked
        read: dict[str, list[gpd.GeoDataFrame]] = {"pipes": [], "nodes": []}
        for matched in found:
            name, system, table = tables.pop(0)  # none is held longer than it takes to read it
            conformed = self.conform(name, table, matched, alone=count[name] == 1)
            if name == "pipes":
                conformed = self._settle_system(conformed, system, table.part)
            else:
                _settle_kind(conformed, table.part)
            read[name].append(conformed)
        return _one_table(read["pipes"]), _one_table(read["nodes"]) if read["nodes"] else None

    def conform_side(self, name: str, table: Table, id_column: str, why: Said) -> gpd.GeoDataFrame:
        """Bring a table without places into our columns, of which the one with the ids is known by its values."""
        table = table._replace(rows=plain_table(table.rows, self.issues))
        known = ColumnMapping({name: {LAYERS[name].id: id_column}})
        (matched,) = match_columns([ToMatch(name, table.place, table.rows)], self.mapping.with_columns(known))
        by_values = Found((id_column,), "content", sure=True, why=(why,))
        found = {**matched.found, LAYERS[name].id: by_values}
        return self.conform(name, table, replace(matched, found=found), alone=False)

    def _pipes(self, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return with_ids(lines_only(table, self.issues), LAYERS["pipes"], self.issues)

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

    def _nodes(self, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
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


def _settle_kind(nodes: gpd.GeoDataFrame, part: Part) -> None:
    """Fill kind and system of nodes by the name of their table (in place)."""
    for column, word in (("kind", part.kind), ("system", part.system)):
        if word:
            nodes[column] = nodes[column].astype(object).where(nodes[column].notna(), word)


def _one_table(tables: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Put the tables of a layer below each other; a column keeps the number of the table of each row."""
    numbered = [table.assign(**{TABLE: number}) for number, table in enumerate(tables)]
    return pd.concat(numbered, ignore_index=True) if len(numbered) > 1 else numbered[0]
