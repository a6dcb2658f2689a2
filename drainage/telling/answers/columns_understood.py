"""How the columns of a source were understood, on a screen; and the same as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drainage.said import Said, joined
from drainage.telling.kinds_of_issues import counted, kinds_told
from drainage.telling.text_tables import Paragraph, TextTable, Told
from drainage.words import coded, in_both

if TYPE_CHECKING:
    from drainage.network import DrainageNetwork
    from drainage.origin import Origin

_HEADS = ("column", "read from", "unit", "found by", "why")


def source_facts(net: DrainageNetwork) -> dict[str, object]:
    """Return as plain values what a source holds: how each column was understood, what was filled, kinds of issues."""
    from drainage.intake.matching.report import columns_as_plain

    origin = net.origin
    looked_at = {place: {"rows": rows, "looked_at": count} for place, (count, rows) in origin.looked_at.items()}
    facts = {"network": repr(net), "columns": columns_as_plain(origin), "left_over": origin.left_over}
    return {**facts, "rows": looked_at, "filled": origin.filled or {}, "issues": counted(net.issues)}


def source_told(net: DrainageNetwork) -> Iterator[Told]:
    """Tell what a source holds, file by file, and every kind of issue."""
    from drainage.intake.matching.report import lost_answers

    yield network_line(net)
    yield from lost_answers(net.origin)
    for place in net.origin.columns:
        yield from _columns_told(net.origin, place)
    yield from kinds_told(net.issues)


def network_line(net: DrainageNetwork) -> Said:
    """Return a network in one line: in English as Python shows it."""
    crs = in_both("no_crs_in_line") if net.crs is None else net.crs.to_string()
    return in_both(
        "network_line", pipes=len(net), nodes=net.graph.n_nodes, crs=crs, issues=len(net.issues),
        length_km=net.pipes["length_m"].sum() / 1000.0,
    )  # fmt: skip


def _columns_told(origin: Origin, place: str) -> Iterator[Told]:
    """Tell how the columns of a file were understood, which of ours it lacks, and what is left over."""
    from drainage.intake.matching.report import not_found

    told = [(one, coded("how", one.how)) for one in origin.columns[place]]
    rows = [
        [one.column, " + ".join(one.sources), one.unit or "", how if one.sure else in_both("found_unsure", how=how),
         joined(one.why[: 2 if one.how == "both" else 1])]
        for one, how in told
    ]  # fmt: skip
    said = [at for at in range(len(_HEADS)) if at < 2 or any(row[at] for row in rows)]
    yield TextTable(place, [_HEADS[at] for at in said], [[row[at] for at in said] for row in rows])
    if place in origin.looked_at:
        sampled, of = origin.looked_at[place]
        yield Paragraph(in_both("rows_looked_at", sampled=sampled, rows=of))
    if missing := not_found(origin, place):
        yield Paragraph(in_both("columns_not_found", columns=joined(missing, ", ")))
    left = origin.left_over.get(place, {})
    if seems := [[name, what] for name, what in left.items() if what]:
        yield TextTable("", ["left over", "seems to hold"], seems)
    if others := [name for name, what in left.items() if not what]:
        yield Paragraph(in_both("columns_left_over", columns=joined(others, ", ")))
