"""The job of a submission: it is understood and checked, applied to its base, analysed as that was, and compared."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from drainage.said import Said
from drainage_api.jobs import limited
from drainage_api.jobs.kinds import Change, Kind, Order
from drainage_api.store.opened import Store
from drainage_api.store.queue import LostError
from drainage_api.store.submitting.moves import NotNow
from drainage_api.store.submitting.records import Submission
from drainage_api.store.versions import Version, Versions

#: Ending under which a file of each kind is read.
_ENDINGS: Final[Mapping[str, str]] = {"geojson": "geojson", "gpkg": "gpkg", "xlsx": "xlsx", "dxf": "dxf", "shp": "zip"}


def do(order: Order) -> Change:
    """Check and compute a submission; return what is written with the end of its job."""
    store, identity = order.store, order.claim.subject
    one = store.submissions.get(identity)
    if one is None:
        raise LostError(identity)
    parts = {"intake": lambda intake: order.keep(_in_time(lambda c: store.submissions.checked(c, identity, intake)))}
    told = order.run(f"{limited.__name__}:compute", _given(order, one), parts if one.state == "received" else {})
    found = {**told, **put(order)}
    return _in_time(lambda connection: store.submissions.computed(connection, identity, found))


def fail(store: Store, connection: Connection, subject: str, said: Said) -> None:
    """Write of a submission that its job has failed, where it still waited for it."""
    one = store.submissions.get(subject, connection)
    if one is not None and one.state in {"received", "checked"}:
        store.submissions.failed(connection, subject, said)


SUBMISSION: Final = Kind(do, fail)


def _in_time(change: Change) -> Change:
    """Return a change that is lost where the submission was withdrawn meanwhile."""

    def changed(connection: Connection) -> None:
        try:
            change(connection)
        except NotNow as late:
            raise LostError(str(late)) from late

    return changed


def _given(order: Order, one: Submission) -> dict[str, Any]:
    """Return what the process is given: files that were checked, and plain values."""
    store = order.store
    base = store.versions.get(one.base)
    if base is None:
        raise LostError(one.id)
    file = order.lay_out(one.digest, one.filename, _ENDINGS.get(one.kind, one.kind))
    terms = order.settings.terms
    first = _before_the_works(store.versions, base) if terms is not None else base
    return {
        "file": file,
        "kind": None if one.kind == "geojson" else one.kind,  # a change set begins as GeoJSON does
        "roads": one.roads,
        "base": str(store.objects.tree(base.tree)),
        "first": None if first.number == base.number else str(store.objects.tree(first.tree)),
        "terms": None if terms is None else str(terms.resolve()),
        "sightings": store.sightings.shown_frame(),
    }


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
