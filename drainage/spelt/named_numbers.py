"""Numbers as words say them: NAME=NUMBER, or several between commas; and values whose fields are said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, fields
from typing import Any

from drainage.errors import FormatError
from drainage.words import in_both, nearest


def own_numbers(option: str, said: Sequence[str] | None, *kinds: type) -> list[Any]:
    """Return a value of each kind, its fields as the words NAME=NUMBER say, the others as they are by default.

    Parameters
    ----------
    option
        What the words are said by, for the message.
    said
        The words; None: there are none.
    kinds
        Dataclasses whose fields are numbers, or tuples of them.

    Raises
    ------
    FormatError
        A name that none of them has, no number, too many or too few of them, or a part of one where a whole is counted.
    """
    known = {one.name: one.default for kind in kinds for one in fields(kind) if one.default is not MISSING}
    numbers = dict(_read(option, text, known) for text in said or ())
    return [kind(**{one.name: numbers[one.name] for one in fields(kind) if one.name in numbers}) for kind in kinds]


def numbers_by_name(said: Sequence[str] | None, slip: str) -> dict[str, float]:
    """Return what words NAME=NUMBER say; ``slip`` is the sentence of `words.toml` for one that says no number.

    Raises
    ------
    FormatError
        One says none.
    """
    found = {}
    for text in said or ():
        name, _, number = text.rpartition("=")
        try:
            found[name] = float(number)
        except ValueError as error:
            raise FormatError(in_both(slip, text=text)) from error
    return found


def numbers_in(option: str, text: str) -> tuple[float, ...]:
    """Return numbers that are separated by commas.

    Raises
    ------
    FormatError
        They are not.
    """
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise FormatError(in_both("option_numbers", option=option, value=text)) from error


def _read(option: str, text: str, known: dict[str, Any]) -> tuple[str, object]:
    name, _, number = text.partition("=")
    if name not in known:
        near = nearest(name, known)
        raise FormatError(in_both("no_such_number", option=option, name=name, known=", ".join(known), near=near))
    found, default = numbers_in(f"{option} {name}", number), known[name]
    count = len(default) if isinstance(default, tuple) else 1
    if len(found) != count:
        raise FormatError(in_both("numbers_counted", option=f"{option} {name}", value=number, count=count))
    if isinstance(default, tuple):
        return name, found
    if isinstance(default, int) and not found[0].is_integer():
        whole = in_both("whole_number")
        raise FormatError(in_both("option_number", option=f"{option} {name}", value=number, number=whole))
    return name, int(found[0]) if isinstance(default, int) else found[0]
