"""The network itself: `drainage show`, `trace`, and `repair` with its log."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from drainage.cli.inputs import Dated, Reader
from drainage.cli.printing import (
    Output,
    print_first,
    print_json,
    print_line,
    print_table,
    print_wrapped,
    say,
    told_issue,
)
from drainage.errors import FormatError, TopologyError
from drainage.said import in_language, joined
from drainage.words import coded, in_both, language

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from drainage.network import DrainageNetwork
    from drainage.origin import Origin
    from drainage.repairs import Repaired

_SHOWN_CHANGES = 20  # of a dry run on a screen; --json has them all


def show(
    source: list[str], /, *, write_mapping: Path | None = None, ask: bool = False, reader: Dated, json_: bool = False,
    force: bool = False,
) -> None:  # fmt: skip
    """Show what a source holds: how each column was understood, what was filled, every kind of issue."""
    from drainage.intake.matching.report import columns_as_plain, lost_answers
    from drainage.intake.matching.written import write_mapping as write
    from drainage.provenance import Provenance
    from drainage.writing import check_free

    if ask and (json_ or write_mapping is None or not (sys.stdin.isatty() and sys.stdout.isatty())):
        raise FormatError(in_both("ask_where"))
    if write_mapping is not None:
        check_free(write_mapping, ending=".toml", force=force)
    net = reader.read(source, (write_mapping,))
    origin = net.origin
    if json_:
        looked_at = {place: {"rows": rows, "looked_at": n} for place, (n, rows) in origin.looked_at.items()}
        facts = {"network": repr(net), "columns": columns_as_plain(origin), "left_over": origin.left_over}
        filled, issues = origin.filled or {}, counted(net.issues)
        print_json({**facts, "rows": looked_at, "filled": filled, "issues": issues}, Provenance.of(net))
    else:
        print_line(repr(net))
        for lost in lost_answers(origin):
            print_line(lost)
        for place in origin.columns:
            _print_columns(origin, place)
        print_issues(net.issues)
    if write_mapping is not None:
        write(net.replace(origin=_asked(origin)) if ask else net, write_mapping, force=force)
        say(str(write_mapping))


def _print_columns(origin: Origin, place: str) -> None:
    """Print how the columns of a file were understood, which of ours it lacks, and what is left over."""
    from drainage.intake.matching.report import not_found

    told = [(one, coded("how", one.how)) for one in origin.columns[place]]
    rows = [
        [one.column, " + ".join(one.sources), one.unit or "", how if one.sure else in_both("found_unsure", how=how),
         joined(one.why[: 2 if one.how == "both" else 1])]
        for one, how in told
    ]  # fmt: skip
    heads = ["column", "read from", "unit", "found by", "why"]
    said = [at for at in range(len(heads)) if at < 2 or any(row[at] for row in rows)]
    print_table(place, [heads[at] for at in said], [[row[at] for at in said] for row in rows])
    if place in origin.looked_at:
        sampled, of = origin.looked_at[place]
        print_wrapped(in_both("rows_looked_at", sampled=sampled, rows=of))
    if missing := not_found(origin, place):
        print_wrapped(in_both("columns_not_found", columns=joined(missing, ", ")))
    left = origin.left_over.get(place, {})
    if seems := [[name, what] for name, what in left.items() if what]:
        print_table("", ["left over", "seems to hold"], seems)
    if others := [name for name, what in left.items() if not what]:
        print_wrapped(in_both("columns_left_over", columns=joined(others, ", ")))


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
    import pandas as pd

    from drainage.maps.context import context_of
    from drainage.maps.layer import Layer
    from drainage.provenance import Provenance
    from drainage.result import Result

    *files, last = source
    if node is None and from_ is None and to is None and files and not Path(last).exists() and "=" not in last:
        source, node = files, last
    by_ends, sides = from_ is not None or to is not None, upstream + downstream
    if by_ends == (node is not None) or sides > (0 if by_ends else 1):
        raise FormatError(in_both("which_node"))
    if node is not None:
        from_, to = (node, None) if downstream else (None, node)
    out.check()
    net = reader.read(source, out.paths)
    from_, to = (one if one is None else str(net.nodes.index[net.node_positions([one])[0]]) for one in (from_, to))
    part = net if from_ is None else net.downstream_of(from_)
    if to is not None:
        if to not in part.nodes.index:
            raise TopologyError(in_both("not_below", node=to, above=from_))
        part = part.upstream_of(to)
    pipes, nodes = part.pipes, net.nodes.loc[part.nodes.index]  # of what kind a node is, the whole network says
    facts = {
        **({"from_node": from_, "to_node": to} if from_ and to else {"node_id": from_ or to}),
        "direction": "upstream" if from_ is None else "downstream",
        "pipes": len(pipes),
        "nodes": len(nodes),
        "length_km": round(float(pipes["length_m"].sum()) / 1000, 3),
        "outfalls": nodes.index[nodes["kind"] == "outfall"].tolist(),
    }  # fmt: skip
    drawn = Layer("pipes", pipes, "system", ("pipe_id", "system", "road", "diameter_mm"))
    result = Result(
        "trace", {"pipes": pipes, "nodes": nodes}, pd.Series(facts), (*context_of(net), drawn),
        provenance=Provenance.of(net),
    )  # fmt: skip
    out.print(result, pipe_ids=pipes.index.tolist(), node_ids=nodes.index.tolist())
    out.first("pipes", pipes, ("pipe_id", "from_node", "to_node", "system", "diameter_mm", "length_m", "road"))
    out.first("nodes", nodes, ("node_id", "kind", "system", "ground_m", "invert_m"))
    out.end(result)


def counted(issues: pd.DataFrame) -> list[dict[str, object]]:
    """Return how many issues there are of each kind."""
    counts = issues.groupby(["severity", "code"], sort=False).size().reset_index(name="count")
    return [{"severity": s, "code": c, "count": int(n)} for s, c, n in counts.itertuples(index=False, name=None)]


def print_issues(issues: pd.DataFrame) -> None:
    """Print how many issues there are of each kind, and the first of its code."""
    if issues.empty:
        print_line(in_both("no_issues"))
        return
    rows = []
    for kind in counted(issues):
        first = issues[issues["code"] == kind["code"]].iloc[0]
        rows.append([*kind.values(), told_issue(first)])
    print_table("issues", ["severity", "code", "count", "example"], rows)


def repair(
    source: list[str], /, *, tolerance: float | None = None, rules: str | None = None, swap_inverts: bool = False,
    undo: Path | None = None, log: Path | None = None, dry_run: bool = False, reader: Reader,
    output: Path | None = None, json_: bool = False, force: bool = False,
) -> None:  # fmt: skip
    """Snap, merge, split, turn, interpolate, drop duplicates: show what would change, or write it with -o."""
    from drainage.writing import check_free

    written = None if dry_run else output
    for path, ending in ((written, ".gpkg"), (None if dry_run else log, ".jsonl")):
        if path is not None:
            check_free(path, ending=ending, force=force)
    net = reader.whole(source, (written, log))
    if undo is not None:
        _undo(net, undo, written, force=force)
        return
    if tolerance is None:
        raise FormatError(in_both("no_tolerance"))
    from drainage.repairs import RULES
    from drainage.repairs import repair as repair_network

    chosen = RULES if rules is None else [rule.strip() for rule in rules.split(",")]
    repaired = repair_network(net, tolerance_m=tolerance, rules=chosen, swap_inverts=swap_inverts)
    _print_repaired(repaired, as_json=json_)
    if written is None:
        say(in_both("dry_run_repair"))
        return
    _write(repaired, written, log, force=force)


def _undo(net: DrainageNetwork, log: Path, output: Path | None, *, force: bool) -> None:
    from drainage.formats.geopackage import write_network
    from drainage.formats.repair_log import read_repair_log
    from drainage.repairs import undo_repair

    changes = read_repair_log(log)
    original = undo_repair(net, changes)
    say(in_both("taken_back", count=len(changes), network=repr(original)))
    if output is None:
        say(in_both("dry_run"))
        return
    write_network(original, output, force=force)
    say(output)


def _print_repaired(repaired: Repaired, *, as_json: bool) -> None:
    from drainage.formats.repair_log import plain_log
    from drainage.provenance import Provenance

    if as_json:
        proposals = repaired.proposals.to_dict("records")
        facts = {"summary": repaired.summary.to_dict(), "log": plain_log(repaired.log), "proposals": proposals}
        print_json(facts, Provenance.of(repaired.network))
        return
    print_table("repair", ["", ""], repaired.summary.items())
    shown = repaired.log[repaired.log["action"] != "column"].drop_duplicates(["rule", "feature_kind", "feature_id"])
    for title, table, columns in (
        ("changes made", shown, ["rule", "action", "feature_kind", "feature_id", "reason"]),
        ("proposals", repaired.proposals, ["rule", "feature_kind", "feature_id", "reason", "remedy"]),
    ):
        print_first(title, table, columns, most=_SHOWN_CHANGES)


def _write(repaired: Repaired, output: Path, log: Path | None, *, force: bool) -> None:
    from drainage.formats.geopackage import write_into, write_network
    from drainage.formats.repair_log import write_log_into

    if log is None:
        write_network(repaired.network, output, force=force)
        say(output)
        say(in_both("no_log"))
        return
    with _both(output, log, force=force) as (network_part, log_part):
        write_into(repaired.network, network_part)
        write_log_into(repaired.log, log_part)
    say(log)
    say(output)


@contextmanager
def _both(output: Path, log: Path, *, force: bool) -> Iterator[tuple[Path, Path]]:
    """Yield names to write both files to: they move in together or, in separate directories, the network first."""
    from drainage.writing import replacing_file, replacing_files

    if output.resolve().parent == log.resolve().parent:
        with replacing_files([output, log], force=force) as folder:
            yield folder / output.name, folder / log.name
    else:
        with (
            replacing_file(log, ending=".jsonl", force=force) as log_part,
            replacing_file(output, ending=".gpkg", force=force) as network_part,
        ):
            yield network_part, log_part
