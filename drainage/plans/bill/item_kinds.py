"""What can stand in a bill: the kinds of items, the part of the bill in which each stands, and its unit."""

from __future__ import annotations

from typing import Final, NamedTuple


class ItemKind(NamedTuple):
    """A kind of item.

    Parameters
    ----------
    part
        Letter of the part of the bill.
    unit
        ``m``, ``m3``, ``each`` of what is built, or ``place`` where something is done to a pipe.
    """

    part: str
    unit: str


#: Pipes laid; taken up, given up or otherwise used; manholes and structures; connections; storage; cleaning; earth.
PARTS: Final = ("A", "B", "C", "D", "E", "F", "G")
KINDS: Final = {
    "laid_new": ItemKind("A", "m"),
    "laid_larger": ItemKind("A", "m"),
    "laid_other": ItemKind("A", "m"),
    "laid_again": ItemKind("A", "m"),
    "laid_beside": ItemKind("A", "m"),
    "taken_up": ItemKind("B", "m"),
    "given_up": ItemKind("B", "m"),
    "system_changed": ItemKind("B", "m"),
    "node_new": ItemKind("C", "each"),
    "node_deepened": ItemKind("C", "each"),
    "node_given_up": ItemKind("C", "each"),
    "device_new": ItemKind("C", "each"),
    "device_gone": ItemKind("C", "each"),
    "flap_gate": ItemKind("C", "each"),
    "outfall_pump": ItemKind("C", "each"),
    "closed": ItemKind("D", "place"),
    "reconnected": ItemKind("D", "place"),
    "joined": ItemKind("D", "place"),
    "stored": ItemKind("E", "m3"),
    "cleaned": ItemKind("F", "m"),
    "dug": ItemKind("G", "m3"),
}
LAID: Final = ("laid_new", "laid_larger", "laid_other", "laid_again", "laid_beside")
#: Kinds whose items are told apart by the depth of the trench, or of the manhole.
BY_DEPTH: Final = (*LAID, "node_new", "node_deepened", "dug")
#: Kinds whose items are told apart by size.
BY_SIZE: Final = tuple(name for name in KINDS if name not in {"dug", "stored", "device_new", "device_gone"})
#: What an item is told apart by, beside its kind; a price may name each.
KEYS: Final = ("structure", "system", "was_system", "material", "pipe_size", "depth_class")
#: The size or depth that nothing tells.
UNKNOWN: Final = "unknown"
