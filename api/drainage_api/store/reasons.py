"""Why a store cannot be read or written, as far as the system told it: what is to be done about it differs."""

from __future__ import annotations

import errno
from typing import Final, Literal

from sqlalchemy.exc import OperationalError

from drainage_api.store.database import StoreError
from drainage_api.store.objects import DamagedError

Reason = Literal["no_room", "read_only", "unreachable", "busy", "damaged", "other"]

_BY_NUMBER: Final[dict[int | None, Reason]] = {
    errno.ENOSPC: "no_room",
    errno.EDQUOT: "no_room",
    errno.EFBIG: "no_room",
    errno.EROFS: "read_only",
    errno.EACCES: "read_only",
    errno.EPERM: "read_only",
}
#: Of PostgreSQL: the condition, or the first two signs of its class.
_BY_STATE: Final[dict[str, Reason]] = {
    "53100": "no_room", "25006": "read_only", "42501": "read_only", "55P03": "busy", "53300": "busy",
    "08": "unreachable", "28": "unreachable", "57": "unreachable", "3D": "unreachable", "XX": "damaged",
}  # fmt: skip
#: SQLite tells some of them in words alone.
_BY_WORDS: Final[dict[str, Reason]] = {
    "disk is full": "no_room",
    "readonly": "read_only",
    "unable to open": "read_only",
    "locked": "busy",
    "malformed": "damaged",
    "not a database": "damaged",
}


def reason_of(error: StoreError) -> Reason:
    """Return why the store failed."""
    if isinstance(error, DamagedError):
        return "damaged"
    cause = error.__cause__
    if isinstance(cause, OSError):
        by_number = _BY_NUMBER.get(cause.errno, "other")
        return "unreachable" if isinstance(cause, (ConnectionError, TimeoutError)) else by_number
    of_driver = getattr(cause, "orig", cause)
    state = getattr(of_driver, "sqlstate", "")
    if state:
        return _BY_STATE.get(state) or _BY_STATE.get(state[:2], "other")
    if state is None and isinstance(cause, OperationalError):  # PostgreSQL gave no answer
        return "unreachable"
    said = str(of_driver)
    return next((reason for words, reason in _BY_WORDS.items() if words in said), "other")
