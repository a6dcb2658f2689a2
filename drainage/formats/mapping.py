"""How the user explains a delivery: which column is which, in which unit, and what its codes mean; from a TOML file.

The file, every table optional::

    [pipes]                      # our column = column of the file
    diameter_mm = "GJ"
    from_node = ["QDBH", "QDJH"]  # the first of them that says something counts, row by row
    [nodes]
    ground_m = "RIM"
    [units]                      # of columns whose name does not say: mm, cm, m, in, ft
    diameter_mm = "in"
    [codes.system]               # value in the file = our word
    4522 = "combined"
    [codes.status]
    Proposed = "planned"

Before the tables may stand ``one_register = true``: files and systems that name a node alike mean the same one.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from drainage.errors import FormatError, SchemaError
from drainage.schema.codes import WORDS
from drainage.schema.columns import ALIASES, METRES_PER_UNIT, Named

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LAYERS = tuple(ALIASES)


@dataclass(frozen=True)
class ColumnMapping:
    """What a user says about the columns of a delivery.

    Parameters
    ----------
    columns
        Layer → our column → column of the file, or several of which the first that says something counts.
    units
        Our column → unit of its numbers.
    codes
        ``system``, ``kind``, ``shape`` or ``status`` → value in the file → our word.
    one_register
        Whether an id means the same node in all files and systems, wherever they place it.

    Raises
    ------
    SchemaError
        A layer, column, unit, code list or word that there is not.
    """

    columns: Mapping[str, Mapping[str, Named]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    one_register: bool = False

    def __post_init__(self) -> None:
        """Refuse what has no meaning here, so that no typing error passes unseen."""
        if not isinstance(self.one_register, bool):
            msg = f"one_register = {self.one_register!r} says neither true nor false"
            raise SchemaError(msg)
        for layer, named in self.columns.items():
            _known(layer, _LAYERS, "layer")
            for ours, theirs in named.items():
                _known(ours, tuple(ALIASES[layer]), f"column of {layer}")
                if not theirs or not all(isinstance(name, str) for name in theirs):
                    msg = f"{ours} = {theirs!r} names no column; expected a name in quotes, or a list of them"
                    raise SchemaError(msg)
        for ours, unit in self.units.items():
            _known(ours, tuple({name for catalogue in ALIASES.values() for name in catalogue}), "column")
            _known(unit, tuple(METRES_PER_UNIT), "unit")
        for codes, meanings in self.codes.items():
            _known(codes, tuple(WORDS), "code list")
            for word in meanings.values():
                _known(word, WORDS[codes], f"word for {codes}")

    def with_columns(self, other: ColumnMapping) -> ColumnMapping:
        """Return this mapping with the columns of another, which win."""
        merged = {
            layer: {**self.columns.get(layer, {}), **other.columns.get(layer, {})}
            for layer in {*self.columns, *other.columns}
        }
        return replace(self, columns=merged)

    @classmethod
    def from_flat(cls, columns: Mapping[str, Named] | None) -> ColumnMapping:
        """Sort a plain mapping into layers: a name that several layers have is meant for the first, the pipes."""
        sorted_: dict[str, dict[str, Named]] = {}
        for ours, theirs in (columns or {}).items():
            layer = next((layer for layer in _LAYERS if ours in ALIASES[layer]), None)
            if layer is None:
                msg = f"columns= names {ours}, which this package does not know"
                raise SchemaError(msg)
            sorted_.setdefault(layer, {})[ours] = theirs
        return cls(sorted_)


def read_mapping(path: Path) -> ColumnMapping:
    """Read a mapping from a TOML file.

    Raises
    ------
    FormatError
        The file is missing or no TOML.
    SchemaError
        It names something that there is not.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, RecursionError, tomllib.TOMLDecodeError) as error:
        expected = "expected tables [pipes], [nodes], [units], [codes.system]"
        msg = f"{path}: not readable as TOML in UTF-8 ({error}); {expected}"
        raise FormatError(msg) from error
    units, codes = content.pop("units", {}), content.pop("codes", {})
    one_register = content.pop("one_register", False)
    try:
        return ColumnMapping(content, units, codes, one_register)
    except (SchemaError, AttributeError, TypeError) as error:
        msg = f"{path}: {error}"
        raise SchemaError(msg) from error


def _known(name: str, known: tuple[str, ...], what: str) -> None:
    if name not in known:
        msg = f"no such {what}: {name}; expected one of {', '.join(sorted(known))}"
        raise SchemaError(msg)
