"""What a repair changed and proposes, on a screen; and the same as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from drainage.telling.text_tables import TextTable, Told, first_rows

if TYPE_CHECKING:
    from drainage.repairs import Repaired

#: Changes that are told; the log has them all.
_MOST: Final = 20


def repair_facts(repaired: Repaired) -> dict[str, object]:
    """Return the summary, the log and the proposals of a repair as plain values."""
    from drainage.formats.repair_log import plain_log

    proposals = repaired.proposals.to_dict("records")
    return {"summary": repaired.summary.to_dict(), "log": plain_log(repaired.log), "proposals": proposals}


def repair_told(repaired: Repaired) -> Iterator[Told]:
    """Tell what a repair changed and proposes, a line for each feature."""
    yield TextTable("repair", ["", ""], list(repaired.summary.items()))
    shown = repaired.log[repaired.log["action"] != "column"].drop_duplicates(["rule", "feature_kind", "feature_id"])
    columns = ["rule", "action", "feature_kind", "feature_id", "reason"]
    yield from first_rows("changes made", shown, columns, most=_MOST)
    columns = ["rule", "feature_kind", "feature_id", "reason", "remedy"]
    yield from first_rows("proposals", repaired.proposals, columns, most=_MOST)
