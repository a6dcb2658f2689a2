"""What went wrong, for people."""

from __future__ import annotations

from fastapi import Request, Response

from drainage import words
from drainage_api.access.check import known
from drainage_api.faces.desk.form_again import form_again
from drainage_api.faces.pages_html import html, text
from drainage_api.served.answers import face_of, language_of

_IN_WORDS = (400, 401, 403, 404, 405, 406, 409, 413, 415, 421, 422, 429, 501, 503, 507)


def problem_page(request: Request, status: int, detail: str) -> Response | None:
    """Return a page of an error; None for who does not ask for one."""
    if face_of(request, "json", "html") != "html":
        return None
    lang = language_of(request)
    reason = text(f"status_{status if status in _IN_WORDS else 500}", lang)
    said = words.one_language(detail, lang)
    if (again := form_again(request, status, said)) is not None:
        return again
    sign_in = status in {401, 403}
    return html(
        request, "problem.html", who=known(request), status=status, number=status, reason=reason, detail=said,
        sign_in=sign_in,
    )  # fmt: skip
