"""What stands in the title block of a drawing of a network: of what it is, and of which day."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from drainage.papers.sayings import saying

if TYPE_CHECKING:
    from drainage.network import DrainageNetwork
    from drainage.provenance import Provenance
    from drainage.said import Language


def project_of(provenance: Provenance, project: str) -> str:
    """Return the name of a project: the given one, else that of its only source; of several it is left blank.

    ``pipes.geojson`` is ``pipes``.
    """
    sources = list(provenance.source or ())
    return project or (PurePath(sources[0]).stem if len(sources) == 1 else "")


def is_dated(net: DrainageNetwork) -> bool:
    """Return whether any pipe of the source of a network has a day on which it was laid or abandoned."""
    tables = [net.pipes, *([] if net.origin.not_there is None else [net.origin.not_there])]
    return any(bool(table[name].notna().any()) for table in tables for name in ("commissioned", "abandoned"))


def day_of_state(net: DrainageNetwork, lang: Language) -> str:
    """Return the day of which a network is; that it is not known where no pipe has one, – of the whole history.

    Pipes without dates lie there on every day, so that a day which somebody chose says nothing about them.
    """
    if not is_dated(net):
        return saying("day_unknown", lang)
    return net.origin.as_of or "–"
