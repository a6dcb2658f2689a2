"""Names of columns that a Shapefile cut at ten bytes, inside a Chinese sign perhaps: completed by the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from drainage.schema.columns import DBF_NAME
from drainage.schema.layers import LAYERS, LayerModel

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
    found = [_completed(names, encoding, layer) for layer in LAYERS.values()]
    return max(found, key=lambda one: one[0])[1]  # a table is of one layer: that which explains most of it


def open_names(names: Sequence[bytes], encoding: str) -> dict[bytes, list[str]]:
    """Return the cut names that begin names of several of our columns, with those columns; parameters as above."""
    known = complete_names(names, encoding)
    found: dict[bytes, list[str]] = {}
    for layer in LAYERS.values():
        spelled = {one.encode(encoding, errors="replace"): ours for ours, column in layer.columns.items()
                   for one in column.names}  # fmt: skip
        for name in names:
            if len(name) < _SHORTEST.get(encoding, DBF_NAME) or name in known or name.isascii():
                continue
            begun = {ours: None for word, ours in spelled.items() if word.startswith(name.lower())}
            if name.lower() not in spelled and len(begun) > 1:
                found.setdefault(name, list(begun))
    return found


def _completed(names: Sequence[bytes], encoding: str, layer: LayerModel) -> tuple[int, dict[bytes, str]]:
    """Return how many names a layer explains, and those of them that were cut."""
    spelled = {
        alias.encode(encoding, errors="replace"): (ours, alias)
        for ours, column in layer.columns.items()
        for alias in (*column.names, ours, ours[:DBF_NAME])
    }
    whole = {spelled[name.lower()][0] for name in names if name.lower() in spelled}
    meant = {}
    for name in names:
        if len(name) >= _SHORTEST.get(encoding, DBF_NAME) and name.lower() not in spelled:
            begun = [(ours, alias) for word, (ours, alias) in spelled.items() if word.startswith(name.lower())]
            meant[name] = dict(reversed(begun))  # our column → its first name
    sure = {next(iter(one)) for one in meant.values() if len(one) == 1} | whole
    left = {name: {o: a for o, a in one.items() if len(one) == 1 or o not in sure} for name, one in meant.items()}
    cut = {name: next(iter(one.values())) for name, one in left.items() if len(one) == 1}
    return len(cut) + sum(name.lower() in spelled for name in names), cut
