"""What was understood of a delivery, column by column, and what is missing without which answers are lost."""

from __future__ import annotations

from typing import Final

from drainage.origin import Origin
from drainage.said import Said
from drainage.schema.columns import Understood
from drainage.schema.layers import LAYERS
from drainage.words import in_both

#: Sentence → columns by layer, one of which at least is needed.
_NEEDED: Final = {
    "no_inverts_found": {
        "pipes": {"invert_from_m", "invert_to_m", "depth_from_m", "depth_to_m"},
        "nodes": {"invert_m", "depth_m"},
    },
    "no_ends_found": {"pipes": {"from_node", "to_node"}},
    "no_sizes_found": {"pipes": {"diameter_mm", "width_mm", "height_mm"}},
}


def layer_of(place: str) -> str:
    """Return the layer of a place of an origin, such as ``pipes: mains.shp``."""
    return place.partition(": ")[0]


def file_of(place: str) -> str:
    """Return the file of a place of an origin, as messages call it."""
    return place.partition(": ")[2]


def columns_as_plain(origin: Origin) -> dict[str, dict[str, dict[str, object]]]:
    """Return for each place and each of our columns what it was read from, how, and why, None where nothing was."""
    found = {place: {one.column: one for one in read} for place, read in origin.columns.items()}
    return {
        place: {ours: _as_plain(read.get(ours)) for ours in LAYERS[layer_of(place)].columns}
        for place, read in found.items()
    }


def not_found(origin: Origin, place: str) -> list[str]:
    """Return our columns that nothing at a place was read as."""
    read = {one.column for one in origin.columns[place]}
    return [ours for ours in LAYERS[layer_of(place)].columns if ours not in read]


def lost_answers(origin: Origin) -> list[Said]:
    """Say which of inverts, ends and sizes no file of a delivery has; nothing where its columns were not looked at."""
    found: dict[str, set[str]] = {}
    for place, read in origin.columns.items():
        found.setdefault(layer_of(place), set()).update(one.column for one in read)
    lost = [
        sentence
        for sentence, needed in _NEEDED.items()
        if not any(columns & found.get(layer, set()) for layer, columns in needed.items())
    ]
    return [in_both(sentence) for sentence in lost] if "pipes" in found else []


def _as_plain(one: Understood | None) -> dict[str, object]:
    if one is None:
        return {"read_from": None, "unit": None, "how": None, "sure": None, "why": []}
    return {
        "read_from": list(one.sources) if one.also else one.source,
        "unit": one.unit,
        "how": one.how,
        "sure": "yes" if one.sure else "no",
        "why": list(one.why),
    }
