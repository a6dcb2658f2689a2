"""How the user explains a delivery: which column is which, in which unit, and what its codes mean; from a TOML file.

The file, every table optional::

    [pipes]                      # our column = column of the file
    diameter_mm = "GJ"
    from_node = ["QDBH", "QDJH"]  # the first of them that says something counts, row by row
    road = []                    # no column holds it
    [pipes."mains.shp"]          # of this file alone, by the name that messages give it
    pipe_id = "GXBH"
    [nodes]
    ground_m = "RIM"
    [units]                      # of columns whose name does not say: mm, cm, m, in, ft
    diameter_mm = "in"
    [codes.system]               # value in the file = our word
    4522 = "combined"
    [codes.status]
    Proposed = "planned"
    [reading]
    date_order = "dmy"           # what 03/04/2010 means: dmy, mdy or ymd
    heading_row = 3              # row of a table at which its heading begins; or {pipes = 3, nodes = 1}

In ``columns=`` and ``--column`` the keys ``date_order`` and ``heading_row`` say the same.

Before the tables may stand ``one_register = true``: files and systems that name a node alike mean the same one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from drainage.errors import FormatError, SchemaError
from drainage.said import Said, joined
from drainage.schema.codes import WORDS
from drainage.schema.columns import METRES_PER_UNIT, Named
from drainage.schema.layers import LAYERS
from drainage.schema.text.dates import check_order
from drainage.words import coded, in_both, nearest


@dataclass(frozen=True)
class ColumnMapping:
    """What a user says about the columns of a delivery.

    Parameters
    ----------
    columns
        Layer → our column → column of the file, or several of which the first that says something counts, or an empty
        list where none holds it.
    files
        Layer → file, as messages call it → the same of this file alone, where that differs.
    units
        Our column → unit of its numbers.
    codes
        ``system``, ``kind``, ``shape`` or ``status`` → value in the file → our word.
    one_register
        Whether an id means the same node in all files and systems, wherever they place it.
    date_order
        ``dmy``, ``mdy`` or ``ymd``: the meaning of 03/04/2010; None: the cells decide it.
    heading_row
        Layer, or ``all`` → row of its tables, from 1, at which the heading begins.

    Raises
    ------
    SchemaError
        An unknown layer, column, unit, code list or word.
    """

    columns: Mapping[str, Mapping[str, Named]] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, Mapping[str, Named]]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    date_order: str | None = None
    heading_row: Mapping[str, int] = field(default_factory=dict)
    one_register: bool = False

    def __post_init__(self) -> None:
        """Refuse what has no meaning here, so that no typing error passes unseen."""
        if not isinstance(self.one_register, bool):
            raise SchemaError(in_both("one_register_out", value=self.one_register))
        apart = [(layer, named) for layer, files in self.files.items() for named in files.values()]
        for layer, named in [*self.columns.items(), *apart]:
            _known(layer, LAYERS, coded("feature_kind", "layer"))
            for ours, theirs in named.items():
                _known(ours, LAYERS[layer].columns, in_both("column_of", layer=layer))
                if theirs == "" or not all(isinstance(name, str) and name for name in theirs):
                    raise SchemaError(in_both("names_no_column", name=ours, value=theirs))
        for ours, unit in self.units.items():
            _known(ours, {name for layer in LAYERS.values() for name in layer.columns}, in_both("a_column"))
            _known(unit, METRES_PER_UNIT, in_both("a_unit"))
        for codes, meanings in self.codes.items():
            _known(codes, WORDS, in_both("code_list"))
            for word in meanings.values():
                _known(word, WORDS[codes], in_both("word_for", column=codes))
        check_order(self.date_order)
        for layer, row in self.heading_row.items():
            _known(layer, (*LAYERS, "all"), coded("feature_kind", "layer"))
            if not isinstance(row, int) or isinstance(row, bool) or row < 1:
                raise SchemaError(in_both("heading_row_out", value=row))

    def heading_row_of(self, layer: str) -> int | None:
        """Return the row at which the heading of the tables of a layer begins; None where it shall be sought."""
        return self.heading_row.get(layer, self.heading_row.get("all"))

    def listed(self, layer: str, place: str | None = None) -> dict[str, list[str]]:
        """Return the columns that the user names for each of ours: those of all files, or as they hold for one."""
        return listed({**self.columns.get(layer, {}), **self.files.get(layer, {}).get(place or "", {})})

    @property
    def names(self) -> set[str]:
        """All columns of the file that the user names."""
        named = [*self.columns.values(), *(one for files in self.files.values() for one in files.values())]
        return {name for one in named for theirs in listed(one).values() for name in theirs}

    def with_columns(self, other: ColumnMapping) -> ColumnMapping:
        """Return this mapping with the columns of another, which win."""
        merged = {
            layer: {**self.columns.get(layer, {}), **other.columns.get(layer, {})}
            for layer in {*self.columns, *other.columns}
        }
        files = {
            layer: {
                place: {ours: theirs for ours, theirs in named.items() if ours not in other.columns.get(layer, {})}
                for place, named in places.items()
            }
            for layer, places in self.files.items()
        }
        order, rows = other.date_order or self.date_order, {**self.heading_row, **other.heading_row}
        return replace(self, columns=merged, files=files, date_order=order, heading_row=rows)

    @classmethod
    def from_flat(cls, columns: Mapping[str, Named] | None) -> ColumnMapping:
        """Sort a plain mapping into layers: a name that several layers have is meant for the first, the pipes."""
        sorted_: dict[str, dict[str, Named]] = {}
        named = dict(columns or {})
        order, row = named.pop("date_order", None), named.pop("heading_row", None)
        for ours, theirs in named.items():
            layer = next((name for name, layer in LAYERS.items() if ours in layer.columns), None)
            if layer is None:
                known = sorted({name for layer in LAYERS.values() for name in layer.columns})
                near = nearest(ours, known)
                raise SchemaError(in_both("columns_unknown", name=ours, near=near, known=", ".join(known)))
            sorted_.setdefault(layer, {})[ours] = theirs
        return cls(sorted_, date_order=None if order is None else str(order), heading_row=_rows_said(row))


def listed(named: Mapping[str, Named]) -> dict[str, list[str]]:
    """Return names of columns as lists."""
    return {ours: [theirs] if isinstance(theirs, str) else list(theirs) for ours, theirs in named.items()}


def mapping_of(columns: Mapping[str, Named] | None, path: str | Path | None) -> ColumnMapping:
    """Return what a user says in a file and, above it, of single columns."""
    said = ColumnMapping.from_flat(columns)
    return said if path is None else read_mapping(Path(path)).with_columns(said)


def read_mapping(path: Path) -> ColumnMapping:
    """Read a mapping from a TOML file.

    Raises
    ------
    FormatError
        The file is missing or no TOML.
    SchemaError
        It names something unknown.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, RecursionError, tomllib.TOMLDecodeError) as error:
        raise FormatError(in_both("no_mapping", path=path, error=error)) from error
    units, codes, reading = (content.pop(name, {}) for name in ("units", "codes", "reading"))
    one_register = content.pop("one_register", False)
    try:
        for name in reading:
            _known(name, ("date_order", "heading_row"), in_both("key_of_reading"))
        rows = _rows_said(reading.get("heading_row"))
        columns = {layer: {k: v for k, v in said.items() if not isinstance(v, dict)} for layer, said in content.items()}
        files = {layer: {k: v for k, v in said.items() if isinstance(v, dict)} for layer, said in content.items()}
        return ColumnMapping(columns, files, units, codes, reading.get("date_order"), rows, one_register)
    except (SchemaError, AttributeError, TypeError) as error:
        raise SchemaError(joined([path, getattr(error, "said", error)], ": ")) from error


def _rows_said(row: object) -> Mapping[str, int]:
    """Sort a row that is said for all layers, or for each; a number in text counts."""
    if row is None:
        return {}
    if isinstance(row, dict):
        return row
    if not str(row).isdigit():
        raise SchemaError(in_both("heading_row_out", value=row))
    return {"all": int(str(row))}


def _known(name: str, known: Collection[str], what: Said) -> None:
    if name not in known:
        raise SchemaError(in_both("no_such", what=what, name=name, known=", ".join(sorted(known))))
