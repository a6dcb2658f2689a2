"""A server whose submissions are computed in a moment: ``python -m tests.support.quick_server``, with its settings.

All is as in any server, but what the job of a submission asks of the library: its bytes come back as what was computed.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import partial

from drainage_api.jobs import computing, workforce
from drainage_api.jobs.kinds import Beforehand, Change, Kind, Order
from drainage_api.server import crew, run
from drainage_api.settings import from_environment
from drainage_api.store.submitting.listed import ids_in


def do(order: Order) -> Change:
    """Do as `drainage_api.jobs.computing.do`, with another function in the limited process."""
    store, identity = order.store, order.claim.subject
    one = store.submissions.get(identity)
    assert one is not None
    shutil.copyfile(store.objects.path(one.digest), order.room / "sent")
    parts = {"intake": lambda found: order.keep(lambda c: store.submissions.checked(c, identity, found))}
    told = order.run("tests.support.quick_job:compute", {}, parts if one.state == "received" else {})
    found = {**told, **computing.put(order)}
    return lambda connection: store.submissions.computed(connection, identity, found)


def check(order: Order) -> Change:
    """Do as `drainage_api.jobs.computing.check`, likewise."""
    store, identity = order.store, order.claim.subject
    one = store.submissions.get(identity)
    assert one is not None
    shutil.copyfile(store.objects.path(one.digest), order.room / "sent")
    found = order.run("tests.support.quick_job:check", {}, {})
    return lambda connection: store.submissions.checked(connection, identity, found)


KINDS: Mapping[str, Kind] = {"submission": Kind(do, computing.fail, Beforehand(check, ids_in("received")))}


def main() -> None:
    """Serve."""
    quick = partial(workforce.Workforce, kinds="tests.support.quick_server:KINDS")
    run.Workforce = crew.Workforce = quick  # type: ignore[attr-defined,assignment]  # as if it were its own
    run.run(from_environment())


if __name__ == "__main__":
    main()
