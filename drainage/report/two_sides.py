"""Two networks of one town, before and after the works: two sources, or two days of one; answered by one engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from drainage.analyses.outcome import measure_outcome
from drainage.days import day_in, on_day
from drainage.errors import FormatError
from drainage.network import DrainageNetwork
from drainage.report.directory import Report
from drainage.result import Result
from drainage.said import joined
from drainage.simulation.screening.answer import Screening
from drainage.simulation.state import FlowState
from drainage.spelt.named_sources import systems_of
from drainage.words import in_both

#: Two networks of one town, the one before first.
Nets = tuple[DrainageNetwork, DrainageNetwork]


class Side(NamedTuple):
    """One of two networks: the day that is asked of it, what it is called, as it lay on the day, and with all days."""

    name: str
    day: str | None
    label: str
    net: DrainageNetwork
    whole: DrainageNetwork


@dataclass(frozen=True)
class TwoSides:
    """What names two networks of one town.

    Parameters
    ----------
    source, other
        The source before and after; None: one source has both.
    before, after
        A day of each, YYYY-MM-DD; None: today.

    Raises
    ------
    FormatError
        One file without two days, or days that are no days, the same, or the wrong way round.
    """

    source: str
    other: str | None
    before: str | None
    after: str | None

    def __post_init__(self) -> None:
        """Refuse what is no pair."""
        source, other, before, after = self.source, self.other, self.before, self.after
        days = [None if day is None else day_in(day) for day in (before, after)]
        systems = [systems_of(word) for word in (source, other or source)]
        if systems[0] != systems[1]:
            raise FormatError(in_both("compare_systems", first=source, second=other))
        one_file = other in (None, source)
        if other is not None and Path(source).exists() and Path(other).exists():
            one_file = Path(source).samefile(other)
        if one_file and None in days:
            raise FormatError(in_both("compare_what") if other is None else in_both("compare_twice", path=source))
        if days[0] is not None and days[1] is not None:
            if days[0] > days[1]:
                raise FormatError(in_both("days_exchanged", before=before, after=after))
            if one_file and days[0] == days[1]:
                raise FormatError(in_both("days_equal", day=before))

    def read(self, read: Callable[[str], DrainageNetwork]) -> tuple[Side, Side]:
        """Read both by a function that takes the name of a source, each source once.

        Raises
        ------
        FormatError
            They are in two coordinate systems.
        """
        named = (("before", self.source, self.before), ("after", self.other or self.source, self.after))
        wholes = {path: read(path) for path in dict.fromkeys(path for _, path, _ in named)}
        sides: list[Side] = []
        for name, path, day in named:
            net = on_day(wholes[path], day, option=f"--{name}")
            first = sides[0].net if sides else net
            if net.crs != first.crs:
                ours, theirs = (in_both("no_crs") if one.crs is None else one.crs.to_string() for one in (first, net))
                raise FormatError(in_both("lies_elsewhere", path=path, theirs=theirs, source=self.source, ours=ours))
            label = joined([in_both(f"{name}_works"), day or Path(net.source).stem], " ")
            sides.append(Side(name, day, label, net, wholes[path]))
        return sides[0], sides[1]


class BothReports(NamedTuple):
    """All answers of two networks by one engine, and which one ran; None where no rain was simulated."""

    reports: tuple[Report, Report]
    ran: str | Sequence[str] | None


def by_one_engine(
    nets: Nets, answer: Callable[[DrainageNetwork], Report], screened: Callable[[DrainageNetwork], Report]
) -> BothReports:
    """Return all answers of two networks by one engine.

    Parameters
    ----------
    nets
        The networks.
    answer
        What answers all questions about a network, by an engine that it may choose by itself.
    screened
        The same by a screening, for both where two engines were chosen.
    """
    made = [answer(net) for net in nets]
    ran = [report.provenance.engine for report in made]
    if ran[0] != ran[1] and None not in ran:
        made, ran = [screened(net) for net in nets], ["screening"]
    return BothReports((made[0], made[1]), ran[0])


def outcome_of(
    nets: Nets, both: BothReports, changes: Result, simulate: Callable[[DrainageNetwork], FlowState], **how: Any,  # noqa: ANN401 - keywords of `measure_outcome`
) -> Result:  # fmt: skip
    """Measure what lies between two networks by their answers, in the storm and by the engine that gave them.

    Parameters
    ----------
    nets, both
        The networks and their answers.
    changes
        What differs between them, as `find_changes` found it.
    simulate
        Function that runs the storm of the answers by their engine; a screening is asked itself, which is quicker.
    how
        Other keywords of `measure_outcome`.
    """
    state = both.reports[0].state
    again = state.after if isinstance(state, Screening) else simulate
    answers = [report.results for report in both.reports]
    return measure_outcome(*nets, answers=answers, changes=changes, simulate=None if both.ran is None else again, **how)
