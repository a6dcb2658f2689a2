"""The terms of a contract: objects, their indicators with points and thresholds, grades, and how k makes the payment.

Nothing here has a default that would change what is paid: what a contract does not say is asked for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from drainage.errors import FormatError
from drainage.report.pay.bands import Band
from drainage.said import Said
from drainage.words import in_both


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """What is scored of each object of a kind.

    Parameters
    ----------
    name
        Its key.
    title
        What the contract calls it.
    measure
        What is measured, a key of `drainage.report.pay.measured.MEASURES`; None: only papers prove it.
    points
        Most points.
    bonus
        Whether they come on top of the total.
    better
        ``more`` or ``less``; None where it is not measured.
    none_at, full_at
        Measured values that give no points and all, what lies between gives its share; None where ``bands`` do.
    bands
        Points by bands of the measured value.
    defective
        Condition grades, as recorded, of pipes that count as defective.
    source
        Where the figures are from, and whether they are verified.
    """

    name: str
    title: Said
    measure: str | None
    points: float
    bonus: bool = False
    better: str | None = None
    none_at: float | None = None
    full_at: float | None = None
    bands: Sequence[Band] = ()
    defective: Sequence[str] = ()
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What objects of one kind are scored by.

    Parameters
    ----------
    name
        road, area, plot or town.
    points
        Sum of the points of all indicators but the bonus.
    bonus_from
        Score from which the bonus counts; None where there is no bonus.
    indicators
        In the order of the contract.
    """

    name: str
    points: float
    bonus_from: float | None
    indicators: Sequence[Indicator]


@dataclass(frozen=True, slots=True)
class Given:
    """Points that somebody gave for what only papers prove."""

    points: float
    by: str
    on: str


@dataclass(frozen=True, slots=True)
class Asked:
    """An object of the contract: its kind, its name in the data, its weight, and what was given for it."""

    kind: str
    name: str
    weight: float
    given: Mapping[str, Given]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayFormula:
    """payment = availability·(1 − linked) + (availability·linked + O&M)·k, of a year.

    Parameters
    ----------
    availability_yuan, om_yuan
        What is paid at most for what was built and for running it.
    linked_share
        Share of the first that is linked to performance, 0–1.
    k_floor, k_ceiling
        Least and largest k.
    floor_below, ceiling_from
        Scores below and from which they hold.
    k_at_floor
        k at the score ``floor_below``, from where it rises in a straight line to the ceiling.
    """

    availability_yuan: float
    om_yuan: float
    linked_share: float
    k_floor: float
    k_ceiling: float
    floor_below: float
    ceiling_from: float
    k_at_floor: float

    def k(self, score: float) -> float:
        """Return k of a score."""
        if score >= self.ceiling_from:
            return self.k_ceiling
        if score < self.floor_below:
            return self.k_floor
        risen = (score - self.floor_below) / (self.ceiling_from - self.floor_below)
        return self.k_at_floor + (self.k_ceiling - self.k_at_floor) * risen


@dataclass(frozen=True, slots=True, kw_only=True)
class PayTerms:
    """Terms of a contract, as `from_file` reads them.

    Parameters
    ----------
    name
        What the contract is called.
    example
        Whether they are an example and no contract; every output then says so.
    not_scored
        What happens to points that could not be scored: ``rescale`` (the others make the whole) or ``withhold`` (so
        does the score, but their share of what is linked to performance is held back until they are).
    nothing_to_do
        Points where there was nothing to do, such as no misconnection before the works: ``full`` or ``not_scored``.
    weights
        Sum of the weights of all objects.
    kinds, objects
        What is scored, and what of the town.
    grades
        Names of bands of the score.
    pay
        How the score makes the payment.
    source
        The file.

    Examples
    --------
    >>> import drainage as dr
    >>> terms = dr.report.PayTerms.from_file("docs/papers/pay-terms-example.toml")
    >>> terms.example, terms.not_scored, terms.weights, len(terms.objects), list(terms.kinds)
    (True, 'withhold', 1.0, 4, ['road', 'area', 'plot', 'town'])
    """

    name: str
    example: bool
    not_scored: str
    nothing_to_do: str
    weights: float
    kinds: Mapping[str, Kind]
    objects: Sequence[Asked]
    grades: Sequence[Band]
    pay: PayFormula
    source: str = "terms.toml"

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a TOML file; docs/papers/pay.md says what stands in it.

        Raises
        ------
        FormatError
            The file cannot be read, or is no TOML: the message has the line.
        SchemaError
            A key is missing, unknown or impossible, or sums, bands or thresholds do not fit: the message has its path.
        """
        file = Path(path)
        try:
            text = file.read_text(encoding="utf-8-sig")  # Windows editors put a mark before it
        except (OSError, UnicodeDecodeError) as error:
            raise FormatError(in_both("terms_unreadable", file=file.name, error=error)) from error
        return cls.from_toml(text, place=file.name)

    @classmethod
    def from_toml(cls, text: str, *, place: str = "terms.toml") -> Self:
        """Read terms from text; see `from_file`."""
        from drainage.report.pay.reading_terms import read_terms

        try:
            document = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise FormatError(in_both("terms_unreadable", file=place, error=error)) from error
        return cls(**read_terms(document, place), source=place)
