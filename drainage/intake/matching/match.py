"""All columns of all tables of pipes and nodes of a delivery, assigned together."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from drainage.intake.mapping import ColumnMapping
from drainage.intake.matching.found import Found, Matched, ToMatch
from drainage.schema.columns import understand_columns
from drainage.schema.text.decoding import words_of_layer


def match_columns(tables: Sequence[ToMatch], said: ColumnMapping) -> list[Matched]:
    """Match the columns of the tables of one delivery with ours; what the user says is taken as it stands.

    Returns
    -------
    One for each table, in their order.
    """
    matched = []
    for table in tables:
        attributes = pd.DataFrame(table.rows.drop(columns=table.rows.geometry.name))
        mine = {
            ours: here
            for ours, names in said.listed(table.layer, table.place).items()
            if (here := [n for n in names if n in attributes])
        }
        words = words_of_layer(table.layer, said.codes)
        read = understand_columns(table.layer, attributes, mine, place=table.place, words=words)
        found = {u.column: Found(u.sources, u.how, sure=u.sure) for u in read}
        used = {name for one in found.values() for name in one.sources}
        matched.append(
            Matched(found, {str(c): "" for c in attributes if c not in used}, len(attributes), len(attributes))
        )
    return matched
