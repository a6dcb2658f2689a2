"""The job of evidence: what it changes in the answers that evidence can change, on the head, with all before it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection

from drainage.said import Said
from drainage_api.jobs import limited
from drainage_api.jobs.kinds import Change, Kind, Order
from drainage_api.store.database import StoreError
from drainage_api.store.findings import Evidence
from drainage_api.store.opened import Store
from drainage_api.store.queue import LostError


def do(order: Order) -> Change:
    """Answer anew; return what is written with the end of the job."""
    store, identity = order.store, order.claim.subject
    one, head = store.evidence.get(identity), store.versions.head()
    if one is None:
        raise LostError(identity)
    if head is None:
        raise StoreError("no version yet")
    files = [_laid_out(order, piece) for piece in store.evidence.until(one)]
    told = order.run(f"{limited.__name__}:answer", {"base": str(store.objects.tree(head.tree)), "files": files}, {})
    document = store.objects.put(order.room / limited.DOCUMENT)
    found = {"document": document, "version": head.number, "changes": told["changes"]}
    return lambda connection: store.evidence.computed(connection, identity, found)


def fail(store: Store, connection: Connection, subject: str, said: Said) -> None:
    """Write of a piece of evidence that its job has failed."""
    store.evidence.failed(connection, subject, said)


EVIDENCE: Final = Kind(do, fail)


def _laid_out(order: Order, piece: Evidence) -> dict[str, Any]:
    """Return what the process is told of a file, whose name says of which piece it is."""
    file = order.lay_out(piece.digest, piece.filename, _ending(piece.filename), before=f"{piece.id}_")
    return {"kind": piece.kind, "file": file, "roads": piece.roads}


def _ending(filename: str) -> str:
    return "xlsx" if filename.lower().endswith(".xlsx") else "csv"
