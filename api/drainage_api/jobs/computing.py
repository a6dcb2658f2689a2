"""The job of a submission: it is understood and checked, applied to its base, analysed as that was, and compared."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from drainage.said import Said
from drainage_api.jobs import limited
from drainage_api.jobs.kinds import Beforehand, Change, Kind, Order
from drainage_api.store.opened import Store
from drainage_api.store.queue import LostError
from drainage_api.store.submitting.listed import ids_in
from drainage_api.store.submitting.moves import NotNow
from drainage_api.store.submitting.records import Submission
from drainage_api.store.versions import Version, Versions

#: Ending under which a file of each kind is read.
_ENDINGS: Final[Mapping[str, str]] = {"geojson": "geojson", "gpkg": "gpkg", "xlsx": "xlsx", "dxf": "dxf", "shp": "zip"}


def do(order: Order) -> Change:
    """Check and compute a submission; return what is written with the end of its job."""
    store, identity = order.store, order.claim.subject
    one = _asked(order)
    parts = {"intake": lambda intake: order.keep(_in_time(lambda c: store.submissions.checked(c, identity, intake)))}
    told = order.run(f"{limited.__name__}:compute", _given(order, one), parts if one.state == "received" else {})
    found = {**told, **put(order)}
    return _in_time(lambda connection: store.submissions.computed(connection, identity, found))


def check(order: Order) -> Change:
    """Check a submission alone, which takes a part of the time; return what is written."""
    store, identity = order.store, order.claim.subject
    intake = order.run(f"{limited.__name__}:check", _to_read(order, _asked(order)), {})
    return _in_time(lambda connection: store.submissions.checked(connection, identity, intake))


def fail(store: Store, connection: Connection, subject: str, said: Said) -> None:
    """Write of a submission that its job has failed, where it still waited for it."""
    one = store.submissions.get(subject, connection)
    if one is not None and one.state in {"received", "checked"}:
        store.submissions.failed(connection, subject, said)


SUBMISSION: Final = Kind(do, fail, Beforehand(check, ids_in("received")))


def _asked(order: Order) -> Submission:
    one = order.store.submissions.get(order.claim.subject)
    if one is None:
        raise LostError(order.claim.subject)
    return one


def _in_time(change: Change) -> Change:
    """Return a change that is lost where the submission was withdrawn meanwhile."""

    def changed(connection: Connection) -> None:
        try:
            change(connection)
        except NotNow as late:
            raise LostError(str(late)) from late

    return changed


def _to_read(order: Order, one: Submission) -> dict[str, Any]:
    """Return what the process is given to read: files that were checked, and plain values."""
    return {
        "file": order.lay_out(one.digest, one.filename, _ENDINGS.get(one.kind, one.kind)),
        "kind": None if one.kind == "geojson" else one.kind,  # a change set begins as GeoJSON does
        "roads": one.roads,
        "base": str(order.store.objects.tree(_base(order.store, one).tree)),
        "sightings": order.store.sightings.shown_frame(),
    }


def _given(order: Order, one: Submission) -> dict[str, Any]:
    """Return what it is given to compute."""
    store, terms, base = order.store, order.settings.terms, _base(order.store, one)
    first = _before_the_works(store.versions, base) if terms is not None else base
    return _to_read(order, one) | {
        "first": None if first.number == base.number else str(store.objects.tree(first.tree)),
        "terms": None if terms is None else str(terms.resolve()),
    }


def _base(store: Store, one: Submission) -> Version:
    base = store.versions.get(one.base)
    if base is None:
        raise LostError(one.id)
    return base


def _before_the_works(versions: Versions, base: Version) -> Version:
    """Return the version that was read from elsewhere, from which a base was made by submissions."""
    here = base
    while here.submission is not None and here.parent is not None:
        before = versions.get(here.parent)
        if before is None:
            break
        here = before
    return here


def put(order: Order) -> dict[str, str]:
    """Keep what the process has left; return the digests."""
    objects, result = order.store.objects, order.room / limited.RESULT
    found = {"tree": objects.put_tree(result / "after"), "document": objects.put(order.room / limited.DOCUMENT)}
    shutil.rmtree(result / "after")
    found["page"] = objects.put_tree(result)
    for mark in limited.MAPS_IN.values():
        if (own := order.room / limited.OWN_MAP.format(mark)).is_file():
            found[f"own_map{mark}"] = objects.put(own)
    return found
