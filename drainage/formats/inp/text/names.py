"""Names that the engine takes: printable ASCII without blanks, of 1 to 31 characters, different by more than case."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

import pandas as pd

from drainage.formats.inp.text.lines import free_text

#: Longest name that the engine's manual and its interfaces promise to keep.
LONGEST: Final = 31
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.#/+:~@&()|-]+")


def engine_names(ids: pd.Index, *, prefix: str, taken: Collection[str] = ()) -> pd.Series:
    """Return the name of each id in the engine: its own where the engine accepts it, else a prefix and a number.

    Parameters
    ----------
    ids
        Unique ids.
    prefix
        Such as ``N``: names given are N~1, N~2, …
    taken
        Names that are in use already.

    Returns
    -------
    Index the ids: names, unique whatever their case.
    """
    used = {name.upper() for name in taken}
    names = []
    waiting = []
    for position, text in enumerate(map(str, ids)):
        fits = len(text) <= LONGEST and _PLAIN.fullmatch(text) is not None and text.upper() not in used
        names.append(text if fits else "")
        if fits:
            used.add(text.upper())
        else:
            waiting.append(position)
    number = 0
    for position in waiting:
        number += 1
        while f"{prefix}~{number}".upper() in used:
            number += 1
        names[position] = f"{prefix}~{number}"
        used.add(names[position].upper())
    return pd.Series(names, index=ids, dtype=object)


def renaming_lines(names: pd.Series) -> list[str]:
    """Return comments that list the renamed ids."""
    return [f";; {new} = {free_text(str(old))}" for old, new in names.items() if str(old) != new]
