"""`drainage audit`: whether the log of who read what is whole, and everything that was kept."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from drainage.cli.printing import print_json, print_line
from drainage.cli.serving.stores import opened
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage_api.store.audit import Verdict
    from drainage_api.store.whole import Checked


def audit(*, store: str | None = None, json_: bool = False) -> None:
    """Verify the chain of the audit log and the digest of every object; exit code 2 if one does not hold."""
    with opened(store) as kept:
        from drainage_api.store.whole import check_objects

        verdict, checked = kept.verified(), check_objects(kept)
    whole = verdict.broken is None and checked.whole
    if json_:
        print_json({**verdict.as_dict(), **asdict(checked), "whole": whole}, None)
    else:
        _print(verdict)
        _print_objects(checked)
    sys.exit(0 if whole else 2)


def _print_objects(checked: Checked) -> None:
    for digest in checked.missing:
        print_line(in_both("object_is_missing", digest=digest))
    for digest in checked.damaged:
        print_line(in_both("object_is_damaged", digest=digest))
    if checked.whole:
        print_line(in_both("objects_whole", count=checked.objects))
    else:
        print_line(in_both("objects_how_mended"))


def _print(verdict: Verdict) -> None:
    if verdict.torn:
        print_line(in_both("audit_torn", lines=", ".join(map(str, verdict.torn))))
    if verdict.lost:
        print_line(in_both("audit_lost", count=verdict.lost))
    if verdict.broken is not None:
        why = in_both(f"audit_why_{verdict.why}")
        print_line(in_both("audit_broken", line=verdict.broken, entries=verdict.entries, why=why))
    elif verdict.entries:
        print_line(in_both("audit_whole", entries=verdict.entries, first=verdict.first, last=verdict.last))
    else:
        print_line(in_both("audit_empty"))
