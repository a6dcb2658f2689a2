"""Units of readings beside the network, as the names of columns and the cells say them."""

from __future__ import annotations

import re

from drainage.schema.codes import fold
from drainage.schema.layers import EVIDENCE

TRACERS = tuple(name for name, one in EVIDENCE["samples"].columns.items() if one.unit in {"mg/L", "µS/cm"})
_SUFFIX = {"mg_l": "mg/l", "ug_l": "ug/l", "us_cm": "us/cm", "ms_cm": "ms/cm", "l_s": "l/s", "m3_s": "m3/s"}
_SUFFIX |= {"m3_h": "m3/h", "m3_d": "m3/d", "m3_per_day": "m3/d", "pct": "%", "cm": "cm", "mm": "mm", "m": "m"}
_BRACKETS = re.compile(r"[\(（\[]([^\)）\]]{0,60})[\)）\]]")  # bounded: many opening brackets take no time


def plain_unit(text: str) -> str:
    """Reduce a unit to letters: no blanks, ³ as 3, µ as u, lower case."""
    for sign, letter in (("³", "3"), ("µ", "u"), ("μ", "u"), ("·", ""), (" ", "")):
        text = text.replace(sign, letter)
    return text.lower()


def split_unit(name: str) -> tuple[str, str | None]:
    """Part the name of a column from its unit: ``NH3-N (mg/L)``, ``flow_l_s``; None where it names none."""
    brackets = _BRACKETS.search(name)
    if brackets:
        return fold(_BRACKETS.sub(" ", name)), plain_unit(brackets.group(1))
    folded = fold(name)
    for suffix, unit in _SUFFIX.items():
        if folded.endswith(f"_{suffix}"):
            return folded.removesuffix(f"_{suffix}"), unit
    return folded, None
