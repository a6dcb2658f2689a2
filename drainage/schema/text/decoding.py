"""Columns of codes to our words; what is not known is counted, with the lines of a mapping that would say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import geopandas as gpd
import pandas as pd

from drainage.said import Said, joined
from drainage.schema import codes
from drainage.schema.columns import Understood
from drainage.schema.issues import Issues, RowNames
from drainage.schema.layers import LAYERS
from drainage.schema.text.by_words import Words, half_known, spelled_counts
from drainage.words import in_both

#: Coded columns of which it is asked whether a column left unread holds them: without them, answers differ.
_ASKED = {"pipes": ("system", "status"), "nodes": ("status",)}
_SHOWN = 8
#: What becomes of a feature whose code is not known.
_LEFT_OPEN = {
    "status": "left_in_use",
    "shape": "left_to_sizes",
    "kind": "left_to_pipes",
    "system": "left_without_system",
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


def say_columns(
    layer: str, attributes: pd.DataFrame, understood: Sequence[Understood], words: Words, issues: Issues
) -> None:
    """Report columns recognised by their words, and columns that look like known codes but were not read."""
    for one in [u for u in understood if u.sure and u.how == "content" and u.column in (*words, "material")]:
        issues.add(
            "column_by_words",
            "info",
            "column",
            [one.source],
            in_both("told_by_words", column=one.column, counts=_counted(spelled_counts(attributes[one.source]))),
            in_both("read_by_words", column=one.column, layer=layer),
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
            in_both("words_unread", column=ours, counts=_counted(counts)),
            in_both("say_column", layer=layer, column=ours, name=name, lines=_lines(ours, unknown)),
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
        left = in_both(_LEFT_OPEN.get(column, "left_open"))
        remedy = in_both("say_codes", left=left, lines=_lines(column, counts))
        name = column if source == column else f"{column} ({source})"
        found = in_both("codes_unknown", count=int(odd.sum()), name=name, counts=_counted(counts))
        issues.add("unknown_code", "warning", "column", [column], found, remedy)
    if odd.any() and column == "system":
        known = joined(("storm", "sewage", "combined", "reclaimed"), ", ")
        such = joined(("YS", "WS", "HS", "雨水", "污水"), ", ")
        reasons = [in_both("system_unknown", value=value, known=known, words=such) for value in recorded[odd]]
        issues.add("unknown_system", "error", kind, ids[odd], reasons, in_both("system_not_used"))
    if column == "kind" and odd.any():
        table["kind_recorded"] = recorded
    table[column] = decoded.mask(odd, "unknown" if column == "system" else None)


def _counted(counts: Mapping[str, int]) -> Said:
    shown = joined((f"{value} {n}" for value, n in list(counts.items())[:_SHOWN]), ", ")
    return joined([shown, in_both("and_more", count=len(counts) - _SHOWN)], "") if len(counts) > _SHOWN else shown


def _lines(code_list: str, unknown: Mapping[str, int]) -> str:
    """Write the lines of a mapping that say what codes mean; the words are the user's to choose."""
    first = _FIRST.get(code_list, codes.WORDS[code_list][0])
    others = joined((word for word in codes.WORDS[code_list] if word != first), ", ")
    lines = "; ".join(f'"{value}" = "{first}"' for value in list(unknown)[:_SHOWN])
    return in_both("lines_of_codes", column=code_list, lines=lines, others=others) if lines else ""
