"""The pay sheet of what was accepted: from the version with which the contract began to the newest."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request, Response

import drainage as dr
from drainage import words
from drainage.report import PayTerms, compose_pay_sheet, read_report
from drainage_api.access.check import Reader, Refused, desk_of
from drainage_api.access.keeper import Vault, keeper
from drainage_api.access.storing import answered
from drainage_api.access.who import Who
from drainage_api.errors import IN_PARTS, LACKING, NOT_NOW, UNKNOWN, check_parameters
from drainage_api.models import PDF, XLSX
from drainage_api.routes.network import Lang
from drainage_api.routes.submissions import kept
from drainage_api.served.answers import language_of
from drainage_api.served.bodies import Body, send_body
from drainage_api.served.made import forget, made
from drainage_api.served.of_store import side_of
from drainage_api.served.served import served
from drainage_api.store.submitting.submitted import moment
from drainage_api.store.versions import Version
from drainage_api.work.pool import run

_TYPES: Final = {"pdf": PDF, "xlsx": XLSX}
_MOST: Final = 1_000  # submissions that are listed; own choice

router = APIRouter(tags=["Submissions"])

Since = Annotated[int, Query(ge=1, le=999_999_999, description="Version with which the contract began.")]
Form = Annotated[Literal["pdf", "xlsx"], Query(description="A document, or the workbook that computes it again.")]


@router.get(
    "/pay-sheet",
    operation_id="getPaySheet",
    response_class=Response,
    responses={200: {"content": {PDF: {}, XLSX: {}}}, **UNKNOWN, **NOT_NOW, **LACKING, **IN_PARTS},
)
async def give_pay_sheet(
    request: Request, who: Reader, since: Since = 1, f: Form = "pdf", lang: Lang = None
) -> Response:
    """Give out the pay sheet of what was accepted, by the terms of the settings.

    A contractor gets the objects on the roads of the key, as PDF, without the sum that depends on all.
    """
    check_parameters(request, {"since", "f", "lang"})
    desk, terms, spoken = desk_of(request), keeper(request).settings.terms, lang or language_of(request)
    if terms is None:
        raise Refused(404, words.in_both("pay_sheet_without_terms"))
    if f == "xlsx" and not who.whole:
        raise Refused(403, words.in_both("not_whole", name=who.name))
    first, last = await run(request, kept, _versions, desk, since)
    key = ("pay", first.number, last.number, f, spoken, who.key if who.roads else "", _age(terms))
    here = served(request)
    paid = made(here, key, lambda: _paid(desk, first, last, terms, who, spoken, f))
    try:
        body = await paid.wait()
    except dr.DrainageError as error:
        if str(error) == str(words.in_both("needs_extra_papers")):
            raise Refused(501, words.in_both("needs_extra_papers")) from error
        raise Refused(409, words.in_both("pay_sheet_not_now", why=error.said)) from error
    finally:
        if paid.failed:  # what was wrong, as with the store or an extra, may be right the next time
            forget(here, key)
    return send_body(request, body, filename=f"drainage-pay-{last.number}.{f}")


def _versions(desk: Vault, since: int) -> tuple[Version, Version]:
    first, last = desk.versions.get(since), desk.versions.head()
    if first is None or last is None:
        raise Refused(404, words.in_both("pay_sheet_version", number=since))
    if first.number == last.number:
        raise Refused(409, words.in_both("pay_sheet_nothing", number=since))
    return first, last


def _paid(desk: Vault, first: Version, last: Version, terms: Path, who: Who, lang: str, form: str) -> Body:
    asked = PayTerms.from_toml(_text(terms), place=terms.name)
    with answered():
        before, after = (read_report(side_of(desk.objects.tree(one.tree)), whole=True) for one in (first, last))
        accepted = _accepted(desk, first, last, who)
    paid = dr.pay_sheet(before, after, asked)
    with TemporaryDirectory() as folder:
        goal = Path(folder) / f"pay.{form}"
        if form == "xlsx":
            paid.to_excel(goal, lang=lang)
        else:
            compose_pay_sheet(paid, after, accepted=accepted, roads=who.roads, lang=lang).save(goal)
        return Body(goal.read_bytes(), _TYPES[form], compress=False)


def _accepted(desk: Vault, first: Version, last: Version, who: Who) -> list[dict[str, str]]:
    key = None if who.whole else who.key
    found, _ = desk.submissions.listed(key=key, states=("accepted",), limit=_MOST)
    return [
        {"submission": one.id, "accepted_on": moment(one.changed), "version": str(one.version), "digest": one.digest}
        for one in found if one.version is not None and first.number < one.version <= last.number
    ]  # fmt: skip


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.__class__.__name__  # the text would name a folder of the server
        raise dr.errors.FormatError(words.in_both("terms_unreadable", file=path.name, error=why)) from error


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
