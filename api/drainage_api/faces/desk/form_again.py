"""A form that was refused, shown again with the reason at its field: for browsers without a script, and with one."""

from __future__ import annotations

import re
from typing import Final

from fastapi import Request, Response

from drainage_api.access.check import Refused, known
from drainage_api.access.who import Who
from drainage_api.faces.desk.desk_page import OnTheDesk, desk_page
from drainage_api.faces.desk.whole_submission import whole_submission
from drainage_api.store.database import StoreError

#: Answers that say what is wrong with what stands in a form; others are no matter of the form.
_OF_THE_FORM: Final = frozenset({400, 409, 413, 415, 422, 429})
_UPLOADS: Final = ("/submissions", "/evidence")
_OF_ONE: Final = re.compile(r"/submissions/(S-\d{8}-[0-9A-Z]{5})/(decision|appeal|withdrawal)", re.ASCII)


def form_again(request: Request, status: int, said: str) -> Response | None:
    """Return the page of a form that was refused; None where it was none of the desk, or its page cannot be shown."""
    if request.method != "POST" or status not in _OF_THE_FORM:
        return None
    who, path = known(request), request.url.path
    if who is None or who.role == "public":
        return None
    fields = getattr(request.state, "fields", {})
    if path in _UPLOADS:
        shown = {"kind": "", **fields} if path == _UPLOADS[1] else fields
        return desk_page(request, who, OnTheDesk(), refused=said, status=status, fields=shown)
    return _of_one(request, who, path, status, said, fields) if _OF_ONE.fullmatch(path) else None


def _of_one(request: Request, who: Who, path: str, status: int, said: str, fields: dict[str, str]) -> Response | None:
    written = fields.get("comment") or fields.get("words") or ""
    try:
        return whole_submission(request, who, path.split("/")[2], refused=said, kept_words=written, status=status)
    except (Refused, StoreError):
        return None
