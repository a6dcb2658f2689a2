"""What a filter holds for each feature, as arrays: values that may be missing, and truths that may be unknown.

Every array has one entry per feature, or one for all where nothing depends on the feature.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from drainage import words
from drainage.said import Said
from drainage.words import in_both
from drainage_api.asked.times import NotATimeError, read_instant
from drainage_api.asked.trees import NoFilterError

Bools: TypeAlias = NDArray[np.bool_]
Kind = Literal["number", "text", "boolean", "time"]

COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "=": np.equal, "<>": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal
}  # fmt: skip
ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "%": np.mod, "div": np.floor_divide, "^": np.power
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Where a condition holds and where it does not; unknown elsewhere, as where a value is missing."""

    yes: Bools
    no: Bools

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.yes & other.yes, self.no | other.no)

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.yes | other.yes, self.no & other.no)

    def __invert__(self) -> Truth:
        return Truth(self.no, self.yes)


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """The values of a part, and where they are missing."""

    kind: Kind
    values: NDArray[Any]
    null: Bools

    def known(self, found: object, *others: Values) -> Truth:
        """Return a condition on these values: unknown where one of them is missing."""
        known = ~self.null
        for other in others:
            known = known & ~other.null
        found = np.asarray(found, dtype=bool)
        return Truth(found & known, ~found & known)


NOTHING_MISSING: Final = np.zeros((), dtype=bool)


def kind_said(kind: Kind) -> Said:
    """Return the word for a kind of values."""
    return words.all_of("value_kinds")[kind]


def constant(value: str | float) -> Values:
    """Return one value for all features: a text, a number or a truth."""
    kind: Kind = "boolean" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    return Values(kind, np.array(value, dtype=object if kind == "text" else None), NOTHING_MISSING)


def compare(op: str, left: Values, right: Values) -> Truth:
    """Compare values of one kind.

    Raises
    ------
    NoFilterError
        They are of two kinds.
    """
    left, right = alike(left, right)
    return left.known(COMPARISONS[op](left.values, right.values), right)


def alike(left: Values, right: Values) -> tuple[Values, Values]:
    """Return values that can be compared: a text beside a time is read as one.

    Raises
    ------
    NoFilterError
        They cannot.
    """
    if left.kind == "time" and right.kind == "text":
        return left, _as_time(right)
    if left.kind == "text" and right.kind == "time":
        return _as_time(left), right
    if left.kind != right.kind:
        raise NoFilterError(in_both("filter_unlike", left=kind_said(left.kind), right=kind_said(right.kind)))
    return left, right


def one_of(value: Values, options: Sequence[Values]) -> Truth:
    """Tell where a value is one of several."""
    pairs = [alike(value, option) for option in options]
    if all(option.values.ndim == 0 for _, option in pairs):
        listed = np.array([option.values[()] for _, option in pairs], dtype=pairs[0][1].values.dtype)
        if value.kind == "text":
            found = np.asarray(pc.is_in(_arrow(value), pa.array(listed, pa.string())))
            return value.known(found.reshape(np.shape(value.values)))
        return value.known(np.isin(value.values, listed))
    found_in = [compare("=", value, option) for option in options]
    held = found_in[0]
    for other in found_in[1:]:
        held = held | other
    return held


def calculate(op: str, left: Values, right: Values) -> Values:
    """Calculate with numbers; what cannot be calculated, as x / 0, is missing.

    Raises
    ------
    NoFilterError
        They are no numbers.
    """
    if {left.kind, right.kind} != {"number"}:
        raise NoFilterError(in_both("filter_wants_numbers", op=op))
    with np.errstate(all="ignore"):
        found = np.asarray(ARITHMETIC[op](left.values.astype(float), right.values.astype(float)))
    return Values("number", found, left.null | right.null | ~np.isfinite(found))


def like(value: Values, pattern: Values) -> Truth:
    """Tell where a text has a pattern: % for any characters, _ for one, each itself after a backslash.

    Raises
    ------
    NoFilterError
        They are no texts, or the pattern is not the same for all features.
    """
    if (value.kind, pattern.kind) != ("text", "text") or pattern.values.ndim:
        raise NoFilterError(in_both("filter_like"))
    found = np.asarray(pc.match_like(_arrow(value), str(pattern.values[()])))
    return value.known(found.reshape(np.shape(value.values)))


def folded(value: Values, *, accents: bool) -> Values:
    """Return texts without regard to case, or to accents.

    Raises
    ------
    NoFilterError
        They are no texts.
    """
    if value.kind != "text":
        raise NoFilterError(in_both("filter_wants_texts"))
    texts = _arrow(value)
    if accents:
        apart = pc.utf8_normalize(texts, form="NFD")
        changed = pc.replace_substring_regex(apart, pattern=r"\p{Mn}", replacement="")
    else:
        changed = pc.utf8_lower(texts)
    return Values("text", changed.to_numpy(zero_copy_only=False).reshape(np.shape(value.values)), value.null)


def _arrow(value: Values) -> pa.Array:
    flat = np.where(value.null, "", value.values).reshape(-1)
    return pa.array(flat, pa.string())


def _as_time(value: Values) -> Values:
    text = value.values[()] if value.values.ndim == 0 else ""
    try:
        return Values("time", np.array(read_instant(str(text))), value.null)
    except NotATimeError as error:
        raise NoFilterError(in_both("filter_wants_time", text=str(text)[:40])) from error
