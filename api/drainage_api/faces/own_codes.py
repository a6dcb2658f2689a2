"""Which of the codes of a column a collection can have: columns of the same name mean different things in several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from drainage import words
from drainage.report import Features
from drainage.said import Language

_SHAPES: Final = frozenset(
    ["circular", "rectangular", "egg", "elliptical", "horseshoe", "arch", "trapezoidal", "other"]
)
_MIXED: Final = frozenset(["clean", "combined", "unknown", "storm_in_sewage", "sewage_in_storm", "overflow"])
_NODES: Final = frozenset(
    ["manhole", "inlet", "outfall", "interceptor", "pump", "junction", "storage", "works", "user", "free_outfall"]
)
_ENTRIES: Final = frozenset(["sewage_into_storm", "storm_into_sewage"])
#: Column → collection → its codes; a collection that is not named has all of them.
_OWN: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "shape": {"pipes": _SHAPES, "mixed_flow": _SHAPES},
    "class": {
        "pipes": _MIXED,
        "mixed_flow": frozenset({"storm_in_sewage", "sewage_in_storm"}),
        "separation": frozenset({"separated", "combined", "storm only", "sewage only", "none"}),
    },
    "kind": {
        "nodes": _NODES,
        "inspection": _NODES,
        "misconnections": _ENTRIES | {"combined_below_separated", "sewage_at_storm_outfall"},
        "closures": _ENTRIES,
        "relief": frozenset({"clean", "enlarge", "parallel", "link", "relay", "storage"}),
    },
    "feature_kind": {"issue_lines": frozenset({"pipe"}), "changes": frozenset({"pipe", "node"})},
    "action": dict.fromkeys(("issue_points", "issue_lines"), frozenset()),
    "works": {"relief_points": frozenset()},
}


def own_codes(collection: str, column: str, features: Features, lang: Language) -> dict[str, str]:
    """Return the codes that a column of a collection can hold, or does hold, with their words; of texts alone."""
    known = words.codes(column)
    if not known or features.kinds.get(column) != "text":
        return {}
    own = _OWN.get(column, {}).get(collection)
    if own is not None:
        values, missing = features.values(column)
        own |= {str(one) for one in np.unique(values[~missing].astype(str))}
    at = words.LANGUAGES.index(lang)
    return {code: texts[at] for code, texts in known.items() if own is None or code in own}
