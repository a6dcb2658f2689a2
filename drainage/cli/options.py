"""Words that an option may be, and numbers of a method by their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, fields
from typing import Any, Literal

from drainage.cli.commands import near
from drainage.errors import FormatError
from drainage.words import in_both

Shape = Literal["chicago", "blocks", "uniform"]
AreaType = Literal["central", "outer", "important", "hub"]
EngineName = Literal["screening", "swmm", "auto"]
Tracers = Literal["cecs", "idde"]


def own_numbers(said: Sequence[str] | None, *kinds: type) -> list[Any]:
    """Return a value of each kind, its fields as the words NAME=NUMBER say, the others as they are by default.

    Raises
    ------
    FormatError
        A name that none of them has, or no number.
    """
    known = {one.name: one.default for kind in kinds for one in fields(kind) if one.default is not MISSING}
    numbers = dict(_read(text, known) for text in said or ())
    return [kind(**{one.name: numbers[one.name] for one in fields(kind) if one.name in numbers}) for kind in kinds]


def numbers_in(option: str, text: str) -> tuple[float, ...]:
    """Return numbers that are parted by commas.

    Raises
    ------
    FormatError
        They are none.
    """
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise FormatError(in_both("option_numbers", option=option, value=text)) from error


def _read(text: str, known: dict[str, Any]) -> tuple[str, object]:
    name, _, number = text.partition("=")
    if name not in known:
        raise FormatError(in_both("no_such_number", name=name, known=", ".join(known), near=near(name, list(known))))
    found = numbers_in(f"--set {name}", number)
    default = known[name]
    if isinstance(default, tuple):
        return name, found
    return name, int(found[0]) if isinstance(default, int) else found[0]
