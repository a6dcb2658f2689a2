"""The workbook that a contractor fills: what he lists in it is read as a delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd
from xlsxwriter import Workbook

from drainage import words
from drainage.change_sets.standing import standing
from drainage.change_sets.where_roads_lie import pipes_and_ends
from drainage.network import DrainageNetwork
from drainage.positions import coordinates
from drainage.report.directory import Report
from drainage.said import Language, in_language
from drainage.schema.codes import WORDS
from drainage.schema.ids import names_among
from drainage.schema.layers import LAYERS, Column
from drainage.spreadsheets import PLAIN_MARK, printable
from drainage.wants import wants
from drainage.writing import replacing_file

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

#: Columns of each sheet in their order; the first tells what becomes of the row, the last of nodes are their places.
_COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "pipes": (
        "action", "pipe_id", "system", "from_node", "to_node", "shape", "diameter_mm", "width_mm", "height_mm",
        "invert_from_m", "invert_to_m", "length_m", "material", "road", "commissioned", "abandoned",
    ),
    "nodes": ("action", "node_id", "kind", "system", "ground_m", "invert_m", "road", "north_m", "east_m"),
}  # fmt: skip
_PLACES: Final = ("north_m", "east_m")
#: Rows above those of data: a title, how to fill it, what each column holds, a blank one, which keeps a reader from
#: taking what is above it for a part of the heading, and the heading.
_ABOVE: Final = 5
#: Rows below, as far as which lists are offered; own choice.
_ROWS: Final = 2000
_WIDTH: Final = 15
_LONG_TEXT: Final = 255  # of a message beside a cell, as Excel has it
_SHEETS: Final = ("pipes", "nodes")


class _Looks(NamedTuple):
    """How cells look."""

    title: Format
    text: Format
    heading: Format
    day: Format


@wants
def write_template(
    path: str | Path,
    base: Report | None = None,
    roads: Sequence[str] = (),
    *,
    lang: str | None = None,
    force: bool = False,
) -> Path:
    """Write a workbook to fill, with the present pipes and manholes of some roads.

    There is a sheet of pipes and one of manholes: above the heading what each column holds, in cells lists of the words
    that are understood. What is left as it is changes nothing when the workbook is delivered (`read_delivery`).

    Parameters
    ----------
    path
        An ``.xlsx``.
    base
        The report on the network; None: there are no rows.
    roads
        Roads whose pipes are listed; empty: none are.
    lang
        ``zh`` or ``en``; by default as `drainage.words.language` finds it.

    Raises
    ------
    FormatError
        The file exists and ``force`` is False, or has another ending; there is no such language.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> import openpyxl
    >>> report = dr.analyze(dr.load_demo("2018-12-31").upstream_of("YS1043"))
    >>> roads = report.network.pipes["road"].unique().tolist()
    >>> with TemporaryDirectory() as folder:
    ...     path = dr.report.write_template(f"{folder}/works.xlsx", report, roads, lang="en")
    ...     {sheet.title: sheet.max_row for sheet in openpyxl.load_workbook(path)}
    {'pipes': 9, 'nodes': 10}
    """
    chosen = words.language(lang)
    rows = (
        {name: pd.DataFrame() for name in _SHEETS} if base is None else _present(standing(base.network).network, roads)
    )
    with replacing_file(path, ending=".xlsx", force=force) as part, Workbook(str(part)) as book:
        book.set_custom_property(PLAIN_MARK, value=True)
        looks = _Looks(
            book.add_format({"bold": True, "font_size": 14}),
            book.add_format({"text_wrap": True, "valign": "top", "font_color": "#555555", "font_size": 9}),
            book.add_format({"bold": True, "bg_color": "#DDE6EE", "border": 1, "text_wrap": True}),
            book.add_format({"num_format": "yyyy-mm-dd"}),
        )
        for name in _SHEETS:
            sheet = book.add_worksheet(_said(f"sheet_{name}", chosen))
            _write(sheet, name, rows[name], looks, chosen)
    return Path(path)


def _said(key: str, lang: Language) -> str:
    return str(in_language(words.all_of("template")[key], lang))


def _present(net: DrainageNetwork, roads: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return the pipes of some roads and the nodes at their ends, in the columns of the sheets."""
    pipes, ends = pipes_and_ends(net, roads)
    nodes = net.nodes[net.nodes.index.isin(ends)]
    if "road" in nodes:  # at crossings it is another's
        nodes["road"] = nodes["road"].where(names_among(nodes["road"], roads), None)
    places = coordinates(nodes.geometry).round(3)
    east, north = places.T if len(places) else (np.empty(0), np.empty(0))
    listed = {"pipes": pipes.reset_index(), "nodes": nodes.reset_index().assign(north_m=north, east_m=east)}
    return {name: table.assign(action=None).reindex(columns=list(_COLUMNS[name])) for name, table in listed.items()}


def _write(sheet: Worksheet, layer: str, rows: pd.DataFrame, looks: _Looks, lang: Language) -> None:
    """Write a sheet: what is above its heading, the heading, the rows, and what its cells may hold."""
    names = _COLUMNS[layer]
    sheet.write_string(0, 0, _said(f"title_{layer}", lang), looks.title)
    sheet.merge_range(1, 0, 1, len(names) - 1, _said(f"how_{layer}", lang), looks.text)
    sheet.set_row(1, 60)
    sheet.set_row(2, 75)
    sheet.set_row(3, 6)
    sheet.set_column(0, len(names) - 1, _WIDTH)
    for at, name in enumerate(names):
        column = LAYERS[layer].columns.get(name)
        sheet.write_string(2, at, _about(name, column, lang), looks.text)
        sheet.write_string(_ABOVE - 1, at, heading_of(layer, name, lang), looks.heading)
        _offer(sheet, at, name, column, lang)
        cells: Iterable[object] = rows.get(name, [])
        for row, cell in enumerate(cells, _ABOVE):
            _write_cell(sheet, row, at, _plain(name, cell, lang), looks)
    sheet.freeze_panes(_ABOVE, 2)


def heading_of(layer: str, name: str, lang: Language) -> str:
    """Return the heading of a column, by which it is known when the workbook is read: with its unit."""
    column = LAYERS[layer].columns.get(name)
    if name in _PLACES or column is None or lang == "en":
        return _said(name, lang) if column is None else name
    chinese = [alias for alias in column.names if not alias.isascii()]
    known = column.zh if column.zh in chinese else next(iter(chinese), name)
    return f"{known}({column.unit})" if column.unit in {"mm", "m"} else known


def _about(name: str, column: Column | None, lang: Language) -> str:
    """Return what a column holds: our own words, else its word, its unit and what is expected."""
    if name in words.all_of("template_about"):
        return str(in_language(words.all_of("template_about")[name], lang))
    if column is None:
        return ""
    expected = str(in_language(column.expected, lang))
    return "\n".join(filter(None, (column.zh if lang == "zh" else column.en, expected)))


def _offer(sheet: Worksheet, at: int, name: str, column: Column | None, lang: Language) -> None:
    """Offer the words that are understood in a column, and refuse numbers that cannot be."""
    rule: dict[str, Any] | None = None
    if name == "action":
        rule = {"validate": "list", "source": _words("action", WORDS["action"], lang)}
    elif column is not None and column.kind == "code":
        rule = {"validate": "list", "source": _words(name, column.codes, lang)}
    elif column is not None and column.kind == "number":
        rule = {"validate": "decimal", "criteria": "between", "minimum": column.least, "maximum": column.most}
    elif column is not None and column.kind == "date":
        rule = {"validate": "date", "criteria": ">=", "value": dt.date(1900, 3, 1)}
    if rule is None:
        return
    told = {"error_message": _about(name, column, lang)[:_LONG_TEXT], "ignore_blank": True}
    sheet.data_validation(_ABOVE, at, _ABOVE + _ROWS, at, rule | told)


def _words(column: str, codes: Sequence[str], lang: Language) -> list[str]:
    """Return the words of codes, as long as the list has room: a list in a cell holds 255 signs."""
    listed: list[str] = []
    for code in codes:
        word = _word(column, code, lang)
        if word not in listed and len(",".join([*listed, word])) <= _LONG_TEXT:
            listed.append(word)
    return listed


def _word(column: str, code: str, lang: Language) -> str:
    """Return the word for a code that is understood again: ours where the word of the reader is not."""
    from drainage.schema.codes import MEANINGS, fold

    said = words.code(column, code, lang)
    return said if said is not None and MEANINGS[column].get(fold(said)) == code else code


def _plain(name: str, cell: object, lang: Language) -> object:
    if cell is None or pd.isna(cell):  # type: ignore[call-overload]  # a cell, not an array
        return None
    if isinstance(cell, pd.Timestamp):
        return cell.to_pydatetime()
    if isinstance(cell, np.generic):
        cell = cell.item()
    return _word(name, str(cell), lang) if name in WORDS else cell


def _write_cell(sheet: Worksheet, row: int, at: int, cell: object, looks: _Looks) -> None:
    """Write a cell as what it is: a text never becomes a formula."""
    if isinstance(cell, dt.datetime):
        sheet.write_datetime(row, at, cell, looks.day)
    elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
        sheet.write_number(row, at, cell)
    elif cell is not None:
        sheet.write_string(row, at, printable(str(cell)))
