"""Columns of codes to our words; what is not known is counted, with the lines of a mapping that would say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drainage.schema import codes
from drainage.schema.layers import LAYERS
from drainage.schema.text.by_words import half_known, spelled_counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

    from drainage.schema.columns import Understood
    from drainage.schema.issues import Issues, RowNames
    from drainage.schema.text.by_words import Words

#: Coded columns of which it is asked whether a column left unread holds them: without them, answers differ.
_ASKED = {"pipes": ("system", "status"), "nodes": ("status",)}
_SHOWN = 8
#: What becomes of a feature whose code is not known.
_LEFT_OPEN = {
    "status": "counted as in use",
    "shape": "taken by the sizes",
    "kind": "taken by the pipes that meet there",
    "system": "taken as unknown, not used for mixed flow and separation",
}
#: The word that comes first in the line of a mapping; the others are named behind it.
_FIRST = {"status": "abandoned"}


def words_of_layer(layer: str, meanings: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return the words of each coded column of a layer, those of the user (code list → value → word) above ours."""
    said = {name: {codes.fold(value): word for value, word in own.items()} for name, own in meanings.items()}
    return {name: codes.MEANINGS[name] | said.get(name, {}) for name in LAYERS[layer].of_kind("code")}


def decode_columns(
    table: gpd.GeoDataFrame,
    source: Mapping[str, str],
    names: Iterable[str],
    words: Words,
    kind: str,
    ids: RowNames,
    issues: Issues,
) -> None:
    """Translate the coded columns of a layer into our words (in place).

    Parameters
    ----------
    source
        Our column → column of the file.
    names
        All columns of the file.
    words
        Code list → word in the file, folded → our word.
    kind
        What issues call a row.
    """
    names = [*names]
    for column in [name for name in words if name in source]:
        of_program = codes.words_of_program(column, source[column], names)
        _decode(table, column, source[column], {**of_program, **words[column]}, kind, ids, issues)


def say_columns_by_words(
    layer: str, attributes: pd.DataFrame, understood: Sequence[Understood], words: Words, issues: Issues
) -> None:
    """Say which columns their words told, and which look like codes of ours but were left unread."""
    for one in [u for u in understood if u.by_words]:
        issues.add(
            "column_by_words",
            "info",
            "column",
            [one.source],
            f"its words are those of {one.column}: {_counted(spelled_counts(attributes[one.source]))}",
            f"read as {one.column} of {layer}; name another column in a mapping if that is wrong",
        )
    known = {u.column for u in understood}
    read = {name for u in understood for name in u.sources}
    left = [str(name) for name in attributes if name not in read]
    wanted = [ours for ours in _ASKED.get(layer, ()) if ours not in known]
    for ours, name, counts in half_known(attributes, wanted, left, words):
        unknown = {value: n for value, n in counts.items() if codes.fold(value) not in words[ours]}
        issues.add(
            "unread_column",
            "warning",
            "column",
            [name],
            f"holds words of {ours}, and no column was read as {ours}: {_counted(counts)}",
            f'left unread; to read it write into a mapping: [{layer}] {ours} = "{name}"{_lines(ours, unknown)}',
        )


def _decode(
    table: gpd.GeoDataFrame,
    column: str,
    source: str,
    words: Mapping[str, str],
    kind: str,
    ids: RowNames,
    issues: Issues,
) -> None:
    recorded = table[column]
    decoded = codes.decode(recorded, words)
    odd = (decoded == "?").to_numpy()
    if odd.any():
        counts = spelled_counts(recorded[odd])
        remedy = f"{_LEFT_OPEN.get(column, 'left open')}; say what they mean in a mapping:{_lines(column, counts)}"
        name = column if source == column else f"{column} ({source})"
        found = f"{int(odd.sum())} values of {name} are not in the code list: {_counted(counts)}"
        issues.add("unknown_code", "warning", "column", [column], found, remedy)
    if odd.any() and column == "system":
        reasons = [
            f"system '{value}' is not known; expected storm, sewage, combined, reclaimed (or YS, WS, HS, 雨水, 污水)"
            for value in recorded[odd]
        ]
        action = "taken as unknown: not used for mixed flow and separation"
        issues.add("unknown_system", "error", kind, ids[odd], reasons, action)
    if column == "kind" and odd.any():
        table["kind_recorded"] = recorded
    table[column] = decoded.mask(odd, "unknown" if column == "system" else None)


def _counted(counts: Mapping[str, int]) -> str:
    shown = [f"{value} {n}" for value, n in list(counts.items())[:_SHOWN]]
    return ", ".join(shown) + (f" and {len(counts) - _SHOWN} more" if len(counts) > _SHOWN else "")


def _lines(code_list: str, unknown: Mapping[str, int]) -> str:
    """Write the lines of a mapping that say what codes mean; the words are the user's to choose."""
    first = _FIRST.get(code_list, codes.WORDS[code_list][0])
    others = ", ".join(word for word in codes.WORDS[code_list] if word != first)
    lines = "; ".join(f'"{value}" = "{first}"' for value in list(unknown)[:_SHOWN])
    return f" [codes.{code_list}] {lines} (or {others})" if lines else ""
