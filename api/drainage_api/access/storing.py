"""What fails in the store, as answers: too early or too late, not taken, no room, not at the moment."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request, Response

from drainage import words
from drainage_api.access.check import Refused, later
from drainage_api.errors import problem
from drainage_api.store.database import StoreError
from drainage_api.store.objects import DamagedError
from drainage_api.store.reasons import reason_of
from drainage_api.store.submitting.moves import NotNow
from drainage_api.store.submitting.submitted import Refusal
from drainage_api.store.versions import Stale

log = logging.getLogger(__name__)


@contextmanager
def answered() -> Iterator[None]:
    """Say of what fails within what it means to a client.

    Raises
    ------
    Refused
        409 where it is too early or too late, 507 where the store has no room, 503 where it cannot be reached; what a
        refusal says.
    DamagedError
        What is kept is damaged, for which `answer_damage` has words.
    """
    try:
        yield
    except Refusal as refusal:
        raise Refused(refusal.status, refusal.said, {"Retry-After": "10"} if refusal.status == 429 else None) from None
    except NotNow as error:
        state, act = (words.all_of(name)[key] for name, key in (
            ("submission_states", error.state), ("submission_acts", error.act)))  # fmt: skip
        raise Refused(409, words.in_both("submission_not_now", state=state, act=act)) from None
    except Stale:
        raise Refused(409, words.in_both("submission_was_rebased")) from None
    except DamagedError:
        raise
    except StoreError as error:
        if reason_of(error) in {"no_room", "read_only"}:
            raise Refused(507, words.in_both("store_full")) from error
        raise later("store_not_now", 5.0) from error


async def answer_damage(request: Request, error: Exception) -> Response:
    """Say that what is kept is damaged, which no waiting mends: 500, with no time to come again."""
    log.error("the store is damaged: %s", error, extra={"told": {"path": request.url.path}})
    request.app.state.meter.add(damaged=1)
    said = words.in_both("object_damaged")
    return problem(request, 500, said.both, said=said)
