"""Which files are sheets that an earlier run wrote under the same name, and that a new run of fewer would leave."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from drainage.provenance import KEYS


def sheet_files(goal: Path, count: int) -> list[Path]:
    """Return the files of so many sheets: the goal itself, of several ``NAME-1`` and on; a PDF holds all in one."""
    several = count > 1 and goal.suffix.lower() != ".pdf"
    return [_numbered(goal, number) for number in range(1, count + 1)] if several else [goal]


def earlier_sheets(goal: Path, count: int) -> list[Path]:
    """Return the sheets of an earlier run, of another number of sheets, beside those that are written now.

    Only files that carry the provenance of this package, numbered without a gap, are taken for such; never a PDF.
    """
    if goal.suffix.lower() == ".pdf":
        return []
    now = sheet_files(goal, count)
    return [path for path in [goal, *_in_turn(goal)] if path not in now and _is_ours(path)]


def _in_turn(goal: Path) -> Iterator[Path]:
    """Yield the numbered files that are there, from the first to the last before a gap."""
    numbered = (_numbered(goal, number) for number in itertools.count(1))
    return itertools.takewhile(lambda path: path.is_file() and not path.is_symlink(), numbered)


def _numbered(goal: Path, number: int) -> Path:
    return goal.with_name(f"{goal.stem}-{number}{goal.suffix}")


def _is_ours(path: Path) -> bool:
    """Tell whether all ten facts of a provenance stand in a file, as text."""
    if path.is_symlink() or not path.is_file():
        return False
    content = path.read_bytes()
    return all(key.encode() in content for key in KEYS)
