"""What stands on papers besides the data, in one language."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from drainage.said import Language, Said, in_language, joined
from drainage.words import all_of


def saying(key: str, lang: Language, **values: object) -> str:
    """Return a text of the table ``papers`` of `words.toml`, its values filled in."""
    told = {name: in_language(value, lang) for name, value in values.items()}
    return str(in_language(_sayings()[key], lang)).format(**told)


def first_names(names: Iterable[str], most: int) -> Said:
    """Return the first of some names, and how many more there are.

    Examples
    --------
    >>> first_names(["a", "b", "c"], 3), first_names(["a", "b", "c"], 1)
    ('a, b, c', 'a, … (+2)')
    """
    told = list(names)
    more = [f"… (+{len(told) - most})"] if len(told) > most else []
    return joined([*told[:most], *more], ", ")


@cache
def _sayings() -> dict[str, Said]:
    return all_of("papers")
