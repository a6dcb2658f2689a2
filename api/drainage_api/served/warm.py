"""What is begun as soon as a load is there, so that nobody waits for it: the public page, and the walk along pipes."""

from __future__ import annotations

import logging
from threading import Thread

import numpy as np

import drainage as dr
from drainage_api.served.public_face import public_face
from drainage_api.served.served import Served

log = logging.getLogger(__name__)


def warm(here: Served) -> None:
    """Begin the public page, and compile what /trace walks with; return at once."""
    public_face(here).begin().add_done_callback(lambda done: _note(done.exception()))
    Thread(target=_walk, args=(here,), name="first walk", daemon=True).start()


def _walk(here: Served) -> None:
    """Look an id up and walk from it, on each side: what both need is kept, and the walk compiled if it is worth it."""
    for version in here.versions or ("",):
        net = here.report(version).network
        if not net.graph.n_nodes:
            continue
        first = np.array([net.nodes.index.get_loc(net.nodes.index[0])], dtype=np.int32)
        net.graph.upstream(first)
        net.graph.downstream(first)
        here.frames(version)["pipes"].index.get_indexer(net.pipes.index[:1])


def _note(error: BaseException | None) -> None:
    if isinstance(error, dr.DrainageError):
        log.info("no page for the public: %s", error)
    elif error is not None:
        log.error("no page for the public", exc_info=error)
