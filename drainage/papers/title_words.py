"""What stands in the title block of a drawing of a network: of which day it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drainage.papers.sayings import saying

if TYPE_CHECKING:
    from drainage.network import DrainageNetwork
    from drainage.said import Language


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
