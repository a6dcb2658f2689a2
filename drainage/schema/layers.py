"""What a layer is: its columns, their units, ranges, codes, names in the wild and words, from `layers.toml` alone."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from drainage.said import Said
from drainage.schema.codes import WORDS
from drainage.words import in_both
from drainage.words import unit as unit_in_name

Kind = Literal["text", "number", "code", "date", "id", "flag"]
_SHAPES: Final = {"line": "LineString", "point": "Point", "polygon": "Polygon"}


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of a layer holds; a number has a range, a code its words, ``expected`` what is said beside them."""

    name: str
    kind: Kind
    unit: str
    least: float
    most: float
    expected: Said
    codes: tuple[str, ...]
    aliases: tuple[str, ...]
    zh: str
    en: str

    @property
    def names(self) -> tuple[str, ...]:
        """All names of a column in files, those that count together one by one."""
        return tuple(part for alias in self.aliases for part in alias.split("+"))


@dataclass(frozen=True, slots=True)
class LayerModel:
    """What a layer holds.

    Parameters
    ----------
    feature
        What issues call a row.
    id, prefix
        The index, empty where there is none, and how the numbers of features without an id begin.
    geometry
        What a feature may be drawn as: ``line``, ``point``, ``polygon``, or ``none`` where it need not be.
    columns
        Those that every table has, under the names of `Column.aliases` in files.
    also
        Those that count where a source has them, under their own name.
    simulated
        Whether a simulation looks at it.
    zh, en
        What it holds, in words.
    """

    name: str
    feature: str
    id: str
    prefix: str
    geometry: tuple[str, ...]
    columns: Mapping[str, Column]
    also: Mapping[str, Column]
    simulated: bool
    zh: str
    en: str

    @property
    def attributes(self) -> tuple[str, ...]:
        """The columns that every table has beside its index."""
        return tuple(name for name in self.columns if name != self.id)

    @property
    def marks(self) -> tuple[str, ...]:
        """The columns that say where a value comes from."""
        return tuple(name for name in self.also if name.endswith("_source"))

    @property
    def shapes(self) -> tuple[str, ...]:
        """The types of geometry that a feature may have; empty where it may have none."""
        drawn = () if "none" in self.geometry else self.geometry
        return tuple(part + _SHAPES[one] for one in drawn for part in ("", "Multi"))

    def of_kind(self, kind: Kind) -> tuple[str, ...]:
        """Return the columns of a kind that every table has."""
        return tuple(name for name, column in self.columns.items() if column.kind == kind)

    def numbers(self) -> dict[str, Column]:
        """Return all columns of numbers by name."""
        return {name: one for name, one in {**self.columns, **self.also}.items() if one.kind == "number"}


_FILE: Final = Path(__file__).with_suffix(".toml")
_SAID: Final[dict[str, Any]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
#: Unit of ours → how theirs is written → factor.
UNITS: Final[dict[str, dict[str, float]]] = _SAID["units"]
#: What is put behind the name of a road to name the lane beside it.
SERVICE_LANES: Final = tuple(word.replace("_", " ") for word in _SAID["road_names"]["service_lane"].split())
#: Names, folded, of the column of a delivery that says what becomes of each feature.
ACTION_NAMES: Final = tuple(_SAID["delivered"]["action"].split())
#: Factors by month → the names under which they are met.
MONTHLY: Final[dict[str, tuple[str, ...]]] = {name: tuple(names.split()) for name, names in _SAID["monthly"].items()}


def _column(name: str, said: str | Mapping[str, Any]) -> Column:
    """Define a column: by its range, its own entry, and what its layer overrides."""
    own = {"names": said} if isinstance(said, str) else said
    both = (_SAID["columns"][name], own)
    facts = {key: value for one in both for key, value in {**_SAID["ranges"].get(one.get("range"), {}), **one}.items()}
    kind = facts.get("kind", "number" if "least" in facts else "text")
    unit = facts.get("unit") or (unit_in_name(name) if kind == "number" else "")
    least, most = float(facts.get("least", "nan")), float(facts.get("most", "nan"))
    bounds = in_both("bounds_m" if unit == "m" else "bounds", unit=unit, least=least, most=most)
    chinese, english = facts.get("expected", (bounds.chinese, bounds) if kind == "number" else ("", ""))
    return Column(
        name=name,
        kind=kind,
        unit=unit,
        least=least,
        most=most,
        expected=Said(english, chinese),
        codes=tuple(facts.get("codes", WORDS.get(name, ()))) if kind == "code" else (),
        aliases=tuple(facts["names"].split()),
        zh=facts["zh"],
        en=facts["en"],
    )


def _model(name: str, said: Mapping[str, Any]) -> LayerModel:
    return LayerModel(
        name=name,
        feature=said.get("feature", "row"),
        id=said.get("id", ""),
        prefix=said.get("prefix", ""),
        geometry=tuple(said.get("geometry", ("none",))),
        columns={column: _column(column, facts) for column, facts in said["columns"].items()},
        also={column: _column(column, "") for column in said.get("also", ())},
        simulated=said.get("simulated", False),
        zh=said["zh"],
        en=said["en"],
    )


#: The layers of a network by name; the pipes first.
LAYERS: Final[Mapping[str, LayerModel]] = {
    name: _model(name, said if "like" not in said else _SAID["layers"][said["like"]] | said)
    for name, said in _SAID["layers"].items()
}
#: The kinds of readings beside a network.
EVIDENCE: Final[Mapping[str, LayerModel]] = {name: _model(name, said) for name, said in _SAID["evidence"].items()}
