"""`drainage backup` and `drainage restore`: the store of a server in one file, and back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from drainage.cli.printing import print_json, print_line, say
from drainage.cli.serving.stores import opened
from drainage.errors import FormatError
from drainage.formats.guard.before_opening import no_file
from drainage.words import in_both


def backup(*, output: Path, store: str | None = None, json_: bool = False) -> None:
    """Write all that a store holds to a file, of a server that runs."""
    with opened(store) as kept:
        from drainage_api.store.backup import back_up

        told = back_up(kept, output)
    if json_:
        print_json({"file": str(output), **asdict(told)}, None)
    else:
        print_line(in_both("backup_written", path=output, **asdict(told)))
    say(in_both("backup_keep_it"))


def restore(archive: Path, /, *, store: str | None = None, json_: bool = False) -> None:
    """Fill a new store with what a backup holds."""
    if not archive.is_file():
        raise FormatError(no_file(archive))
    with opened(store, make=True, to_restore=True) as kept:
        from drainage_api.store.backup import restore as fill

        told, shown = fill(archive, kept), kept.database.shown
    if json_:
        print_json({"store": shown, **asdict(told)}, None)
    else:
        print_line(in_both("restore_done", place=shown, **asdict(told)))
