"""Kinds of jobs that do little, for tests: what is done with a subject shows in a table of the store beside."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, insert

from drainage.said import Said
from drainage_api.jobs.kinds import Change, Kind, Order
from drainage_api.store.opened import Store
from drainage_api.store.tables import notices


def note(connection: Connection, subject: str, state: str, words: str = "") -> None:
    """Write that something was done: twice is seen."""
    row = {"key": "test", "submission": subject, "at": 0.0, "state": state, "words": words}
    connection.execute(insert(notices), row)


def do(order: Order) -> Change:
    """Call the function whose name comes first in the subject, ``name:argument``."""
    name, _, argument = order.claim.subject.partition(":")
    given = {"argument": argument}
    parts = {"found": lambda found: order.keep(lambda c: note(c, order.claim.subject, "part", found["found"]))}
    answer = order.run(f"tests.support.job_work:{name}", given, parts)
    digest = order.store.objects.put(str(answer["answer"]).encode())
    return lambda connection: note(connection, order.claim.subject, "done", digest)


def fail(store: Store, connection: Connection, subject: str, said: Said) -> None:
    """Write that it failed."""
    del store
    note(connection, subject, "failed", said.chinese)


KINDS: Mapping[str, Kind] = {"test": Kind(do, fail)}
