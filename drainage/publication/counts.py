"""How much a public page shows, and what it could not: for the terminal, and for who publishes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from drainage.publication.contents import Told
from drainage.publication.town import Town


class RainCounts(NamedTuple):
    """One rain: its key, grade 0-5 and depth; stretches under water and solved; points under water on no stretch."""

    key: str
    grade: int
    depth_mm: float
    wet: int
    solved: int
    unplaced: int


@dataclass(frozen=True)
class Counts:
    """What a page shows.

    Parameters
    ----------
    roads, stretches
        Streets of the page.
    roads_left_out
        Reason → lines or roads of the layer that are no streets of their own: ``no_street``, ``unnamed``, ``far``,
        ``short``.
    rains
        Each rain, from the least to the most.
    judged
        Share of the nodes of storm drains of which is known whether they overflow, 0-1.
    sightings, sightings_unplaced
        Reports of flooded places that are on the page, and those that lie near no street.

    Examples
    --------
    >>> import drainage as dr
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    >>> report = dr.analyze(dr.load_demo("2018-12-31"), storm=storm)
    >>> counts = dr.publication.page_of_report(report).counts
    >>> counts.roads, counts.stretches, counts.rains[0].wet, counts.judged
    (33, 276, 19, 1.0)
    """

    roads: int
    stretches: int
    roads_left_out: Mapping[str, int]
    rains: Sequence[RainCounts]
    judged: float
    sightings: int
    sightings_unplaced: int

    def as_dict(self) -> dict[str, object]:
        """Return the same as plain values."""
        return {
            "roads": self.roads,
            "stretches": self.stretches,
            "roads_left_out": dict(self.roads_left_out),
            "rains": [one._asdict() for one in self.rains],
            "judged": self.judged,
            "sightings": self.sightings,
            "sightings_unplaced": self.sightings_unplaced,
        }


def count(town: Town, told: Sequence[Told], *, judged: float, shown: int, reported: int) -> Counts:
    """Count what a page shows; ``shown`` of the ``reported`` places are on it."""
    rains = [
        RainCounts(
            one.rain.key, one.rain.grade, round(one.rain.storm.depth_mm, 1), int((one.now.depth > 0).sum()),
            len(one.since), one.now.unplaced,
        )
        for one in told
    ]  # fmt: skip
    return Counts(len(town.names), town.count, town.left_out, rains, judged, shown, reported - shown)
