"""`drainage audit`, `backup` and `restore`: whether all that a server keeps is whole, in one file, and back."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

from drainage.cli.printing import print_either, say
from drainage.cli.serving.stores import opened
from drainage.errors import FormatError
from drainage.formats.guard.before_opening import no_file
from drainage.words import in_both


def audit(*, store: str | None = None, json_: bool = False) -> None:
    """Verify the chain of the audit log and the digest of every object; exit code 2 if one does not hold."""
    with opened(store) as kept:
        from drainage_api.store.whole import check_objects

        verdict, checked = kept.verified(), check_objects(kept)
    whole = verdict.broken is None and checked.whole
    facts = {**verdict.as_dict(), **asdict(checked), "whole": whole}
    print_either(facts, [*verdict.told(), *checked.told()], as_json=json_)
    sys.exit(0 if whole else 2)


def backup(*, output: Path, store: str | None = None, json_: bool = False) -> None:
    """Write all that a store holds to a file, of a server that runs."""
    with opened(store) as kept:
        from drainage_api.store.backup import back_up

        told = asdict(back_up(kept, output))
    print_either({"file": str(output), **told}, [in_both("backup_written", path=output, **told)], as_json=json_)
    say(in_both("backup_keep_it"))


def restore(archive: Path, /, *, store: str | None = None, json_: bool = False) -> None:
    """Fill a new store with what a backup holds."""
    if not archive.is_file():
        raise FormatError(no_file(archive))
    with opened(store, make=True, to_restore=True) as kept:
        from drainage_api.store.backup import restore as fill

        told, shown = asdict(fill(archive, kept)), kept.database.shown
    print_either({"store": shown, **told}, [in_both("restore_done", place=shown, **told)], as_json=json_)
