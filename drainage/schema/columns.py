"""Which column of a file is which of ours: the alias catalogue and the report of how each was understood."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from drainage.errors import SchemaError
from drainage.schema.codes import fold

#: Our layers → our columns → names under which they are met, separated by blanks; the file says where they come from.
ALIASES: dict[str, dict[str, str]] = tomllib.loads((Path(__file__).parent / "aliases.toml").read_text(encoding="utf-8"))

_UNIT_IN_NAME = re.compile(
    r"[\(（\[]\s*(mm|毫米|cm|厘米|m|米|in|inch|inches|ft|feet)\s*[\)）\]]|_(mm|cm|in|inch|ft|feet)$", re.IGNORECASE
)
METRES_PER_UNIT = {
    **dict.fromkeys(("mm", "毫米"), 0.001),
    **dict.fromkeys(("cm", "厘米"), 0.01),
    **dict.fromkeys(("m", "米"), 1.0),
    **dict.fromkeys(("in", "inch", "inches"), 0.0254),
    **dict.fromkeys(("ft", "feet"), 0.3048),
}


@dataclass(frozen=True, slots=True)
class Understood:
    """How one column was read: its name in the file, our name and the unit that its name or values declare."""

    source: str
    column: str
    unit: str | None


def understand_columns(
    layer: str, names: Iterable[str], columns: Mapping[str, str] | None = None, *, place: str
) -> list[Understood]:
    """Match the columns of a file to ours.

    Parameters
    ----------
    layer
        ``pipes``, ``nodes``, ``roads``, ``catchments``, ``reports`` or ``waterways``.
    names
        Column names of the file.
    columns
        The user's own mapping, our name → name in the file; it wins over the catalogue.
    place
        Name of the file, for messages.

    Raises
    ------
    SchemaError
        The mapping names a column that is not there or is not ours, or two columns differ only by case.
    """
    present = [str(name) for name in names]
    catalogue = ALIASES[layer]
    chosen = {ours: theirs for ours, theirs in (columns or {}).items() if ours in catalogue}
    if missing := {ours: theirs for ours, theirs in chosen.items() if theirs not in present}:
        msg = f"{place}: columns={missing} names columns that the file does not have; it has: {', '.join(present)}"
        raise SchemaError(msg)
    by_fold: dict[str, list[str]] = {}
    for name in present:
        by_fold.setdefault(_bare(name), []).append(name)
    taken = set(chosen.values())
    for ours, text in catalogue.items():
        if ours in chosen:
            continue
        for alias in (ours, *text.split()):
            candidates = [name for name in by_fold.get(fold(alias), []) if name not in taken]
            exact = [name for name in candidates if name == ours]
            if len(candidates) > 1 and not exact:
                remedy = f"choose one with columns={{'{ours}': '{candidates[0]}'}}"
                msg = f"{place}: columns {', '.join(candidates)} could each be '{ours}'; {remedy}"
                raise SchemaError(msg)
            if candidates:
                chosen[ours] = (exact or candidates)[0]
                taken.add(chosen[ours])
                break
    return [Understood(theirs, ours, _unit(theirs)) for ours, theirs in chosen.items()]


def _bare(name: str) -> str:
    return fold(_UNIT_IN_NAME.sub("", name) if not name.isascii() or "(" in name or "[" in name else name)


def _unit(name: str) -> str | None:
    found = _UNIT_IN_NAME.search(name)
    return (found.group(1) or found.group(2)).lower() if found else None
