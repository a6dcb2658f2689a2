"""Whether every .inp of a collection is read, or refused with a reason of ours: never a bare exception.

Run ``python validation/read_public_models.py PLACE [PLACE …]``; a place is a folder, or the directory of a git
repository without a working tree, of which the newest commit is read. Nothing of it is kept. Prints how many were read
and refused, the reasons in groups, and each bare exception; ends with 1 if there is one.

``--write`` also writes each model that was read, whole and, of its middle node, upstream; ``--jobs`` says how many
processes share the work.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from functools import partial
from pathlib import Path
from typing import NamedTuple

from drainage import DrainageNetwork, read_network, write_inp
from drainage.errors import DrainageError

SHOWN = 3


class Outcome(NamedTuple):
    """What became of one file: ``read``, ``refused``, ``bare`` or ``warned``, and why."""

    path: str
    kind: str
    reason: str


def main() -> int:
    """Read all models of the places that are named; give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("places", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    found: list[Outcome] = []
    for place in given.places:
        with tempfile.TemporaryDirectory(prefix="models-") as folder:
            root = unpacked(place, Path(folder))
            models = sorted(path for path in root.rglob("*") if path.suffix.lower() == ".inp" and path.is_file())
            with multiprocessing.Pool(given.jobs) as pool:
                outcomes = pool.map(partial(read_one, root=root, write=given.write), models, chunksize=4)
        print_counts(str(place), outcomes)
        found += outcomes
    if len(given.places) > 1:
        print_counts("all", found)
    return int(any(outcome.kind in ("bare", "warned") for outcome in found))


def unpacked(place: Path, folder: Path) -> Path:
    """Return a folder of models: the place itself, or those of the newest commit of a repository, without links."""
    if not (place / "HEAD").is_file():
        return place
    git = ["git", "--git-dir", str(place)]
    listed = subprocess.run([*git, "ls-tree", "-r", "-z", "HEAD"], check=True, capture_output=True).stdout
    rows = [row.decode(errors="surrogateescape").split("\t", 1) for row in listed.split(b"\0") if row]
    for about, name in rows:
        mode, _, blob = about.split()
        if not name.lower().endswith(".inp") or mode not in ("100644", "100755"):
            continue
        content = subprocess.run([*git, "cat-file", "blob", blob], check=False, capture_output=True)
        if content.returncode:
            print(f"{place}: {name} is not in this copy")
            continue
        goal = folder / name
        goal.parent.mkdir(parents=True, exist_ok=True)
        goal.write_bytes(content.stdout)
    return folder


def read_one(path: Path, *, root: Path, write: bool) -> Outcome:
    """Read one model, and write it where that is asked for."""
    name = str(path.relative_to(root))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            net = read_network(path)
            if write and len(net.pipes):
                written(path, net)
    except DrainageError as error:
        return Outcome(name, "refused", str(error).replace(path.name, "NAME"))
    except Warning:
        return Outcome(name, "warned", traceback.format_exc(limit=-3))
    except Exception:  # noqa: BLE001 - to find any is what this is for
        return Outcome(name, "bare", traceback.format_exc(limit=-3))
    return Outcome(name, "read", "")


def written(path: Path, net: DrainageNetwork) -> None:
    """Write a model whole and in part, to nowhere that stays."""
    with tempfile.TemporaryDirectory() as folder:
        write_inp(net, None, Path(folder) / "whole.inp")
        part = net.upstream_of(str(net.nodes.index[len(net.nodes) // 2]))
        if len(part.pipes):
            write_inp(part, None, Path(folder) / f"part of {path.stem}.inp")


def print_counts(place: str, outcomes: list[Outcome]) -> None:
    """Print what became of a collection."""
    counts = Counter(outcome.kind for outcome in outcomes)
    print(f"{place}: {len(outcomes)} files, {counts['read']} read, {counts['refused']} refused, "
          f"{counts['bare']} bare exceptions, {counts['warned']} warnings")  # fmt: skip
    reasons: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.kind == "refused":
            reasons.setdefault(re.sub(r"'[^']*'|\d+|\[[^]]*\]", "…", outcome.reason)[:160], []).append(outcome.path)
    for reason, paths in sorted(reasons.items(), key=lambda pair: -len(pair[1])):
        more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
        print(f"  {len(paths)} × {reason} ({', '.join(paths[:SHOWN])}{more})")
    for outcome in outcomes:
        if outcome.kind in ("bare", "warned"):
            print(f"  {outcome.kind}: {outcome.path}\n{outcome.reason}")


if __name__ == "__main__":
    sys.exit(main())
