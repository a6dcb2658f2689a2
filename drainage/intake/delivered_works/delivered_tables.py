"""Tables of a delivery in our columns, before they become part of a network: nothing is joined, named or completed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from drainage.errors import EmptyLayerError, FormatError
from drainage.formats.containers import Part
from drainage.formats.tables.survey import TABLE_ENDINGS
from drainage.intake.features import lines_only
from drainage.intake.mapping import ColumnMapping
from drainage.intake.matching import Matched
from drainage.intake.read_layers import LayerReader, Table
from drainage.origin import Origin
from drainage.schema import Issues, understand_columns
from drainage.schema.codes import MEANINGS, WORDS, decode, fold
from drainage.schema.layers import ACTION_NAMES, LAYERS
from drainage.words import in_both

#: Names of columns, folded, that say nothing of what they number: programs add them of their own accord.
_VAGUE: Final = frozenset(("id", "fid", "gid", "oid", "objectid", "obj_id", "name", "guid", "globalid"))
#: Characters of a cell; own choice, as much as a page of text and more than any attribute.
_LONGEST_TEXT: Final = 4000
#: Column in which `read_tables` says what the file wants done with each row.
ACTION: Final = "action"
#: Columns that say where each row stands in the file: the name of its sheet or layer, missing where the file is one
#: table, and its number there, that of the sheet where it is one.
SHEET: Final = "sheet_in_file"
ROW: Final = "row_in_file"


@dataclass(frozen=True, eq=False)
class Delivered:
    """Pipes and nodes of a delivery, one row for each of the file.

    Parameters
    ----------
    pipes, nodes
        Our columns, with ids as columns that may be blank or twice; `ACTION`: a word of the list ``action``, None where
        the file says nothing of it; and `SHEET` and `ROW`. A value that the file does not hold is missing; nothing is
        filled in. Lines have one part each.
    origin
        How the columns were understood.
    issues
        What was found on reading.
    """

    pipes: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame | None
    origin: Origin
    issues: pd.DataFrame


def read_tables(
    lines: Sequence[Part], points: Sequence[Part], *, target: pyproj.CRS, crs: str | None = None
) -> Delivered:
    """Read the tables of a delivery into the CRS of the network that it is made for.

    Parameters
    ----------
    lines, points
        Tables of pipes and of nodes; one of them may be empty.
    target
        CRS of the network.
    crs
        That of files which state none; None: they are refused.

    Raises
    ------
    FormatError, CrsError, SchemaError
        As `drainage.read_network`.
    """
    if not lines:
        return _nodes_alone(points, target, crs)
    issues = Issues()
    reader = _Reader(ColumnMapping(one_register=True), crs, issues, target=target)
    try:
        pipes, nodes = reader.tables([(None, part) for part in lines], points)
    except EmptyLayerError:
        if not points:
            raise
        return _nodes_alone(points, target, crs)
    pipes = lines_only(pipes, issues)
    origin = Origin(
        columns=reader.understood, left_over=reader.left_over, looked_at=reader.looked_at,
        date_order=reader.mapping.date_order,
    )  # fmt: skip
    return Delivered(pipes, nodes, origin, issues.frame())


def _nodes_alone(points: Sequence[Part], target: pyproj.CRS, crs: str | None) -> Delivered:
    """Read nodes beside which no pipe stands: their own values may be all that was measured."""
    nobody = gpd.GeoDataFrame({LAYERS["pipes"].id: ["-"]}, geometry=gpd.GeoSeries(None, [0]), crs=target)
    read = read_tables([Part(points[0].path, rows=nobody)], points, target=target, crs=crs)
    if read.nodes is None:
        raise EmptyLayerError(in_both("empty_layer", file=points[0].path.name))
    columns = {place: known for place, known in read.origin.columns.items() if place.startswith("nodes: ")}
    return replace(read, pipes=read.pipes.iloc[:0], origin=replace(read.origin, columns=columns))


class _Reader(LayerReader):
    """Reads tables of which a column may say what becomes of each row; who names a feature need not draw it."""

    placeless = True

    def __init__(self, mapping: ColumnMapping, crs: str | None, issues: Issues, target: pyproj.CRS) -> None:
        super().__init__(mapping, crs, issues, target)
        self._actions: dict[tuple[object, ...], pd.Series] = {}

    def _opened(self, name: str, part: Part) -> Table:
        """Read the rows of a part, and set aside what shall become of them: it is no column of a layer."""
        before, self.issues = self.issues, Issues()
        try:
            table = super()._opened(name, part)
        finally:
            found, self.issues = self.issues.frame(), before
            self.issues.extend(_in_table(found, name, part))
        _refuse_long(table)
        column = next((one for one in table.rows.columns if fold(str(one)) in ACTION_NAMES), None)
        if column is not None:
            self._actions[_key(name, part)] = table.rows[column].reset_index(drop=True)
            table = table._replace(rows=table.rows.drop(columns=column))
        self._believe_names(name, table)
        return table

    def _believe_names(self, name: str, table: Table) -> None:
        """Read the columns of a table by their names wherever the catalogue has them.

        In a few rows, some of them faulty, what a column holds is no proof against what it is called: a diameter of
        -300 has to be found in the column of diameters.
        """
        columns = map(str, table.rows.columns.drop([table.rows.geometry.name]))
        names = [one for one in columns if fold(one) not in _VAGUE]
        named = {one.column: list(one.sources) for one in understand_columns(name, names, place=table.place)}
        said = self.mapping.files
        self.mapping = replace(self.mapping, files={**said, name: {**said.get(name, {}), table.place: named}})

    def conform(
        self, name: str, table: Table, matched: Matched | None = None, *, alone: bool = True
    ) -> gpd.GeoDataFrame:
        """Bring a table into our columns, with what shall become of each row."""
        frame = super().conform(name, table, matched, alone=alone)
        key = f"{name}: {table.place}"
        self.understood[key] = [
            replace(one, how="name") if one.how == "mapping" else one for one in self.understood[key]
        ]
        said = self._actions.get(_key(name, table.part))
        action = pd.Series(None, frame.index, dtype=object) if said is None else decode(said, MEANINGS[ACTION])
        in_sheet = table.part.path.suffix.lower() in TABLE_ENDINGS and table.part.rows is None
        numbers = list(table.rows.index if in_sheet else range(1, len(frame) + 1))
        unknown = np.flatnonzero((action == "?").to_numpy())
        if said is not None and len(unknown):
            known = ", ".join(WORDS[ACTION])
            reasons = [in_both("action_unknown", text=str(said.iloc[row])[:40], known=known) for row in unknown]
            rows = [f"row {row + 1}" for row in unknown]
            feature = LAYERS[name].feature
            self.issues.add("unknown_action", "error", feature, rows, reasons, in_both("action_remedy", known=known))
        return frame.assign(**{ACTION: action.to_numpy(), SHEET: table.part.table, ROW: numbers})


def _in_table(found: pd.DataFrame, name: str, part: Part) -> pd.DataFrame:
    """Return issues on rows of a file as those of the table in which each stands."""
    number = found["feature_id"].str.extract(r"(row \d+)$", expand=False)
    rows = (found["feature_kind"] == "row") & number.notna()
    named = number if part.table is None else part.table + " " + number
    kind, ids = found["feature_kind"].mask(rows, LAYERS[name].feature), found["feature_id"].mask(rows, named)
    return found.assign(feature_kind=kind, feature_id=ids)


def _refuse_long(table: Table) -> None:
    """Refuse texts that are no attributes, before their columns are understood: each is looked at in many ways."""
    for column in table.rows.columns.drop([table.rows.geometry.name]):
        cells = table.rows[column]
        longest = max((len(cell) for cell in cells if isinstance(cell, str)), default=0)
        if longest > _LONGEST_TEXT:
            told = in_both("delivery_long_text", place=table.place, column=str(column)[:40], most=_LONGEST_TEXT)
            raise FormatError(told)


def _key(name: str, part: Part) -> tuple[object, ...]:
    return name, part.path, part.table


def understood_as(delivered: Delivered) -> Mapping[str, set[str]]:
    """Return by layer our columns that the file holds, under whatever names."""
    found: dict[str, set[str]] = {}
    for place, read in delivered.origin.columns.items():
        found.setdefault(place.partition(": ")[0], set()).update(one.column for one in read)
    return found
