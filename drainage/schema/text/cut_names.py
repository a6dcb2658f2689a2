"""Names of columns that a Shapefile cut at ten bytes, inside a Chinese sign perhaps: completed by the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drainage.schema.columns import ALIASES, DBF_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHORTEST: Final = {"utf-8": DBF_NAME - 2, "gb18030": DBF_NAME - 1}  # some writers cut before the sign that is too long


def complete_names(names: Sequence[bytes], encoding: str) -> dict[bytes, str]:
    """Return the names of the catalogue that cut ones begin; one that may mean two things means what no other does.

    Parameters
    ----------
    names
        Names as they stand in the file, without fill.
    encoding
        In which they were written.
    """
    found = [_completed(names, encoding, catalogue) for catalogue in ALIASES.values()]
    return max(found, key=len, default={})  # a table is of one layer: that which explains most of it


def open_names(names: Sequence[bytes], encoding: str) -> dict[bytes, list[str]]:
    """Return the cut names that begin names of several of our columns, with those columns; parameters as above."""
    known = complete_names(names, encoding)
    found: dict[bytes, list[str]] = {}
    for catalogue in ALIASES.values():
        spelled = {alias.encode(encoding, errors="replace"): ours for ours, words in catalogue.items()
                   for alias in words.replace("+", " ").split()}  # fmt: skip
        for name in names:
            if len(name) < _SHORTEST.get(encoding, DBF_NAME) or name in known or name.isascii():
                continue
            begun = {ours: None for word, ours in spelled.items() if word.startswith(name.lower())}
            if name.lower() not in spelled and len(begun) > 1:
                found.setdefault(name, list(begun))
    return found


def _completed(names: Sequence[bytes], encoding: str, catalogue: dict[str, str]) -> dict[bytes, str]:
    spelled = {
        alias.encode(encoding, errors="replace"): (ours, alias)
        for ours, aliases in catalogue.items()
        for alias in (*aliases.replace("+", " ").split(), ours, ours[:DBF_NAME])
    }
    whole = {spelled[name.lower()][0] for name in names if name.lower() in spelled}
    meant = {}
    for name in names:
        if len(name) >= _SHORTEST.get(encoding, DBF_NAME) and name.lower() not in spelled:
            begun = [(ours, alias) for word, (ours, alias) in spelled.items() if word.startswith(name.lower())]
            meant[name] = dict(reversed(begun))  # our column → its first name
    sure = {next(iter(one)) for one in meant.values() if len(one) == 1} | whole
    left = {name: {o: a for o, a in one.items() if len(one) == 1 or o not in sure} for name, one in meant.items()}
    return {name: next(iter(one.values())) for name, one in left.items() if len(one) == 1}
