"""Whether there is a desk for somebody, and how many notices wait for them there: told at the head of every page."""

from __future__ import annotations

from fastapi import Request

from drainage_api.access.keeper import keeper
from drainage_api.access.who import Verb, Who
from drainage_api.store.database import StoreError

_AT_THE_DESK: tuple[Verb, ...] = ("submit", "decide", "operate")


def unseen_of(request: Request, who: Who | None) -> int | None:
    """Return how many notices somebody has not seen; None where there is no desk for them.

    Parameters
    ----------
    who
        Who asks; None where nobody knows.
    """
    here = keeper(request)
    if who is None or here.vault is None or here.settings.public_only or not any(map(who.may, _AT_THE_DESK)):
        return None
    try:
        return here.vault.submissions.notices.unseen(who.key) if who.key else 0
    except StoreError:  # the head of a page that tells what is wrong
        return 0
