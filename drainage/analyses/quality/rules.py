"""The catalogue: one value per rule, read from ``rules.toml`` beside it; what a rule found is a `Hits`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drainage import words
from drainage.arrays import Bools, Floats, Ints
from drainage.said import Said
from drainage.schema.issues import Severity

FAMILIES = ("geometry", "topology", "levels", "sizes", "hydraulics", "attributes", "naming")


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is checked.

    Parameters
    ----------
    id
        Name of the rule, as it stands in findings and profiles.
    family
        One of `FAMILIES`.
    kind
        What a finding is about: ``pipe`` or ``node``.
    severity
        ``error``: cannot be true or cannot be used; ``warning``: probably wrong, or a clause violated with
        consequences; ``info``: worth knowing.
    unit
        Unit of the magnitude, empty where there is none.
    clause
        Standard and clause of the threshold, in both languages; "our choice" where no standard gives one.
    zh, en
        What holds where the rule fires.
    remedy_zh, remedy_en
        What to do about it.
    limits
        Numbers that a profile may change; the unit stands in the name.
    """

    id: str
    family: str
    kind: str
    severity: Severity
    unit: str
    clause: Said
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    limits: Mapping[str, float] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """What holds, in both languages."""
        return f"{self.zh} {self.en}"

    @property
    def remedy(self) -> str:
        """What to do, in both languages."""
        return f"{self.remedy_zh} {self.remedy_en}"


class Hits(NamedTuple):
    """What a rule found.

    ``rows`` are row numbers of the pipes or nodes, ``magnitude`` says how bad each is (NaN where nothing is measured),
    ``checked`` is how many features could be judged at all, ``other`` the row of the other feature of a pair, which
    is a pipe unless ``other_kind`` says node. In a ``mutual`` pair either feature could stand first.
    """

    rule: str
    rows: Ints
    magnitude: Floats
    checked: int
    other: Ints | None = None
    other_kind: str = "pipe"
    mutual: bool = False


def hits(rule: str, mask: Bools, magnitude: NDArray[np.generic] | None = None, *, checked: Bools | None = None) -> Hits:
    """Make the outcome of a rule from a mask over all features; without ``checked`` all of them were judged."""
    rows = np.flatnonzero(mask)
    found = np.full(len(rows), np.nan) if magnitude is None else np.asarray(magnitude, np.float64)[rows]
    return Hits(rule, rows, found, len(mask) if checked is None else int(np.count_nonzero(checked)))


def _read() -> dict[str, Rule]:
    text = (Path(__file__).parent / "rules.toml").read_text(encoding="utf-8")
    reasons, remedies, clauses = (words.all_of(table) for table in ("rules", "remedies", "clauses"))
    return {
        name: Rule(
            id=name,
            zh=reasons[name].chinese,
            en=str(reasons[name]),
            remedy_zh=remedies[name].chinese,
            remedy_en=str(remedies[name]),
            clause=clauses[name],
            **row,
        )
        for name, row in tomllib.loads(text).items()
    }


RULES: Mapping[str, Rule] = _read()
