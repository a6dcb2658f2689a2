"""A network as such: `drainage show`, `trace`, and `repair` with its log."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import drainage as dr
from drainage import telling, writing
from drainage.cli.inputs import Dated, Reader
from drainage.cli.outputs import Output
from drainage.cli.printing import print_either, say
from drainage.errors import FormatError
from drainage.said import in_language, joined
from drainage.words import in_both, language

if TYPE_CHECKING:
    from drainage.origin import Origin


def show(
    source: list[str], /, *, write_mapping: Path | None = None, ask: bool = False, reader: Dated, json_: bool = False,
    force: bool = False,
) -> None:  # fmt: skip
    """Show what a source holds: how each column was understood, what was filled, every kind of issue."""
    from drainage.intake.matching.written import write_mapping as write

    if ask and (json_ or write_mapping is None or not (sys.stdin.isatty() and sys.stdout.isatty())):
        raise FormatError(in_both("ask_where"))
    writing.check_goals({".toml": write_mapping}, force=force)
    net = reader.read(source, (write_mapping,))
    print_either(
        telling.source_facts(net) if json_ else {},
        telling.source_told(net),
        dr.provenance.Provenance.of(net),
        as_json=json_,
    )
    if write_mapping is not None:
        write(net.replace(origin=_asked(net.origin)) if ask else net, write_mapping, force=force)
        say(str(write_mapping))


def _asked(origin: Origin) -> Origin:
    """Ask about each column that is unsure, and return the origin as it is answered."""
    import click

    from drainage.intake.matching.report import file_of, layer_of
    from drainage.intake.matching.written import corrected

    unsure = [(place, one) for place, read in origin.columns.items() for one in read if not one.sure]
    for place, one in unsure:
        layer, file = layer_of(place), file_of(place)
        here = {name for each in origin.columns[place] for name in each.sources} | {*origin.left_over[place]}
        named = " + ".join(one.sources)
        asked = in_both("ask_column", layer=layer, column=one.column, names=named, file=file, why=joined(one.why))
        text, known = str(in_language(asked, language())), {"y", "n", *here}
        while (answer := click.prompt(text, default="y").strip()) not in known:
            say(in_both("ask_again", file=file, name=answer, known=joined(sorted(here), ", ")))
        names = {"y": one.sources, "n": ()}.get(answer, (answer,))
        origin = corrected(origin, place, one.column, names)
    return origin


def trace(
    source: list[str], /, *, node: str | None = None, upstream: bool = False, downstream: bool = False,
    from_: str | None = None, to: str | None = None, reader: Dated, out: Output,
) -> None:  # fmt: skip
    """Show everything that drains to a node, that it drains through, or that lies between two nodes."""
    from drainage.analyses.tracing import trace_ways

    *files, last = source
    if node is None and from_ is None and to is None and files and not Path(last).exists() and "=" not in last:
        source, node = files, last
    by_ends, sides = from_ is not None or to is not None, upstream + downstream
    if by_ends == (node is not None) or sides > (0 if by_ends else 1):
        raise FormatError(in_both("which_node"))
    if node is not None:
        from_, to = (node, None) if downstream else (None, node)
    result = trace_ways(reader.read(source, out.paths), above=from_, below=to)
    ids = {f"{name.removesuffix('s')}_ids": table.index.tolist() for name, table in result.tables.items()}
    out.print(result, **ids)
    out.print_tables(result)
    out.end(result)


def repair(
    source: list[str], /, *, tolerance: float | None = None, rules: str | None = None, swap_inverts: bool = False,
    undo: Path | None = None, log: Path | None = None, dry_run: bool = False, reader: Reader,
    output: Path | None = None, json_: bool = False, force: bool = False,
) -> None:  # fmt: skip
    """Snap, merge, split, turn, interpolate, drop duplicates: show what would change, or write it with -o."""
    from drainage.formats.repair_log import write_repaired

    goals = (None, None) if dry_run else (output, log)
    writing.check_goals({".gpkg": goals[0], ".jsonl": goals[1]}, force=force)
    net = reader.whole(source, (goals[0], log))
    if undo is not None:
        _undo(net, undo, goals[0], force=force)
        return
    if tolerance is None:
        raise FormatError(in_both("no_tolerance"))
    chosen = dr.repairs.RULES if rules is None else [rule.strip() for rule in rules.split(",")]
    repaired = dr.repair(net, tolerance_m=tolerance, rules=chosen, swap_inverts=swap_inverts)
    facts = telling.repair_facts(repaired) if json_ else {}
    print_either(facts, telling.repair_told(repaired), dr.provenance.Provenance.of(repaired.network), as_json=json_)
    if goals[0] is None:
        say(in_both("dry_run_repair"))
        return
    write_repaired(repaired, goals[0], log, force=force)
    for written in (goals[0], in_both("no_log")) if log is None else (log, goals[0]):
        say(written)


def _undo(net: dr.DrainageNetwork, log: Path, output: Path | None, *, force: bool) -> None:
    """Take the changes of a log back, and write the network as it was where that is asked for."""
    changes = dr.formats.read_repair_log(log)
    original = dr.repairs.undo_repair(net, changes)
    say(in_both("taken_back", count=len(changes), network=telling.network_line(original)))
    if output is None:
        say(in_both("dry_run"))
        return
    dr.write_network(original, output, force=force)
    say(output)
