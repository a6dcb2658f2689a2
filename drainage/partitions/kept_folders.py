"""Folders of files that are whole or not there, whoever made them and however often."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pandas as pd

from drainage.partitions.exact_tables import write_exactly

_LIST: Final = "files.json"


@contextmanager
def made_beside(place: Path) -> Iterator[Path]:
    """Yield a new folder in a place to make something in; what `keep` has not moved away is removed."""
    place.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".making-", dir=place))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep(folder: Path, goal: Path, whole: Callable[[Path], bool]) -> None:
    """Move a folder where it belongs, unless what lies there is whole: then another made the same."""
    if goal.exists() and not whole(goal):
        with made_beside(goal.parent) as away:
            goal.rename(away / goal.name)
    with suppress(FileExistsError):
        try:
            folder.rename(goal)
        except OSError:
            if not whole(goal):
                raise


def keep_tables(tables: Mapping[str, pd.DataFrame], goal: Path) -> None:
    """Write tables into a folder, with a list of the files and their digests."""
    with made_beside(goal.parent) as folder:
        for name, table in tables.items():
            write_exactly(table, folder / f"{name}.parquet")
        listed = {file.name: _digest(file) for file in folder.iterdir()}
        (folder / _LIST).write_text(json.dumps(listed, indent=1), encoding="utf-8")
        keep(folder, goal, is_whole)


def is_whole(folder: Path) -> bool:
    """Return whether a folder holds what its list says, unchanged."""
    try:
        listed = json.loads((folder / _LIST).read_text(encoding="utf-8"))
        return all(_digest(folder / name) == said for name, said in listed.items())
    except (OSError, ValueError, AttributeError):
        return False


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
