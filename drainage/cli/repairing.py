"""`drainage repair`: a dry run by default, the repaired network and its log with ``-o``, back with ``--undo``."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from drainage.cli.inputs import Reader
from drainage.cli.printing import print_json, print_table, say
from drainage.errors import FormatError
from drainage.words import in_both

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drainage.network import DrainageNetwork
    from drainage.repairs import Repaired

_SHOWN = 20  # changes and proposals of a dry run on a screen; --json has them all


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
    _print(repaired, as_json=json_)
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
    say(str(output))


def _print(repaired: Repaired, *, as_json: bool) -> None:
    from drainage.formats.repair_log import plain_log
    from drainage.provenance import Provenance

    if as_json:
        proposals = repaired.proposals.to_dict("records")
        facts = {"summary": repaired.summary.to_dict(), "log": plain_log(repaired.log), "proposals": proposals}
        print_json(facts, Provenance.of(repaired.network))
        return
    print_table("repair", ["", ""], [[str(name), str(value)] for name, value in repaired.summary.items()])
    shown = repaired.log[repaired.log["action"] != "column"].drop_duplicates(["rule", "feature_kind", "feature_id"])
    for title, table, columns in (
        ("changes made", shown, ["rule", "action", "feature_kind", "feature_id", "reason"]),
        ("proposals", repaired.proposals, ["rule", "feature_kind", "feature_id", "reason", "remedy"]),
    ):
        if len(table):
            rows = [list(row) for row in table[columns].head(_SHOWN).itertuples(index=False)]
            print_table(f"{title}: {len(rows)} of {len(table)}", columns, rows)


def _write(repaired: Repaired, output: Path, log: Path | None, *, force: bool) -> None:
    from drainage.formats.geopackage import write_into, write_network
    from drainage.formats.repair_log import write_log_into

    if log is None:
        write_network(repaired.network, output, force=force)
        say(str(output))
        say(in_both("no_log"))
        return
    with _both(output, log, force=force) as (network_part, log_part):
        write_into(repaired.network, network_part)
        write_log_into(repaired.log, log_part)
    say(str(log))
    say(str(output))


@contextmanager
def _both(output: Path, log: Path, *, force: bool) -> Iterator[tuple[Path, Path]]:
    """Give names to write both to: they move in together, or, in directories of their own, the network first."""
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
