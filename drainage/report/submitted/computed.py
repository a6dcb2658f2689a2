"""What delivered works change: the network with them analysed as its base was, and both compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from drainage.analyses.outcome import measure_outcome
from drainage.change_sets.standing import with_planned
from drainage.errors import FormatError
from drainage.formats.raster import Dem
from drainage.maps.page_file import Page
from drainage.network import DrainageNetwork
from drainage.report.comparison import Comparison, compare_reports
from drainage.report.directory import Report
from drainage.report.pay import PayTerms
from drainage.report.submitted.asked_alike import area_type_of, ask_alike, named_alike, simulated_as
from drainage.report.submitted.change_told import document_of
from drainage.report.submitted.map_of_roads import draw_roads
from drainage.report.submitted.pay_moved import pay_moved
from drainage.report.submitted.understanding import Delivery
from drainage.result import Result
from drainage.simulation.screening.answer import Screening
from drainage.wants import wants
from drainage.words import in_both

#: Storms that are run to tell works of one delivery apart, by the screening alone: it takes a tenth of a second where
#: EPA SWMM takes minutes; own choice.
_MOST_RUNS: Final = 20


@dataclass(frozen=True, eq=False)
class Computed:
    """A delivery beside its base.

    Parameters
    ----------
    base, after
        The reports without the works and with them.
    comparison
        Both with what the works did.
    document
        The same as plain JSON, row by row with the road of each: docs/server/deliveries.md has its members.
    day
        Day of the result, YYYY-MM-DD; None: neither the base nor the delivery names one.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> report = dr.analyze(dr.load_demo("2018-12-31").upstream_of("YS1043"))
    >>> wider = dr.change_sets.Change(action="change", layer="pipes", id="YSL2986", columns={"diameter_mm": 1000.0})
    >>> edits = dr.change_sets.ChangeSet(name="wider", changes=[wider], crs=report.network.crs)
    >>> with TemporaryDirectory() as folder:
    ...     delivered = dr.report.read_delivery(dr.formats.write_change_set(edits, f"{folder}/wider.geojson"), report)
    >>> done = dr.report.compute_delivery(report, delivered)
    >>> done.day, done.document["counts"]
    ('2018-12-31', {'add': 0, 'change': 1, 'abandon': 0, 'remove': 0, 'unchanged': 0})
    """

    base: Report
    after: Report
    comparison: Comparison
    document: Mapping[str, object]
    day: str | None

    def map_of(self, roads: Sequence[str]) -> Page:
        """Return the map of both sides that shows what lies on some roads, and names nothing that lies on others."""
        return draw_roads(self.comparison, roads)


@wants
def compute_delivery(
    base: Report,
    delivery: Delivery,
    *,
    terms: PayTerms | None = None,
    first: Report | None = None,
    dem: Dem | None = None,
    step: Callable[[str], None] = lambda _: None,
) -> Computed:
    """Analyse a network with delivered works as its base was analysed, and compare both.

    The result is of the day of the base, or of the last day that the delivery tells, whichever is later. What nobody
    delivered stands: a day until then on which the base records that a pipe will be abandoned is no fact, and is left
    out; later ones are kept.

    Parameters
    ----------
    base
        The report that the delivery was read for, with its answers (`drainage.report.read_report`, ``whole=True``).
    delivery
        From `read_delivery`.
    terms
        By which works are paid; None: nothing is told of pay.
    first
        The report on the town before any of the works that are paid by the terms; None: the base.
    dem
        Raster of the ground, where the base was asked with one; else its waterlogging cannot be compared.
    step
        Called with the name of each step when it begins.

    Raises
    ------
    FormatError
        The base was read without its answers.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    >>> report = dr.analyze(dr.load_demo("2018-12-31").upstream_of("YS1043"), storm=storm)
    >>> wider = dr.change_sets.Change(action="change", layer="pipes", id="YSL2986", columns={"diameter_mm": 1000.0})
    >>> edits = dr.change_sets.ChangeSet(name="wider", changes=[wider], crs=report.network.crs)
    >>> with TemporaryDirectory() as folder:
    ...     delivered = dr.report.read_delivery(dr.formats.write_change_set(edits, f"{folder}/wider.geojson"), report)
    >>> done = dr.report.compute_delivery(report, delivered)
    >>> [one.summary["waterlogging"]["volume_m3"] for one in (done.base, done.after)]
    [563.9, 173.8]
    """
    if not base.results:
        raise FormatError(in_both("delivery_base_read_back", base=base.network.source))
    day = _last_day(base, delivery)
    settled = [one.id for one in delivery.changes.changes if one.layer == "pipes" and "abandoned" in one.columns]
    before = _with_looks(base, with_planned(delivery.before, base.network, day).network, dem)
    after_net, left_out = with_planned(_built(base, delivery, day), base.network, day, settled)
    after = ask_alike(base, after_net, dem=dem, plans=True, step=step)
    step("comparison")
    outcome = _outcome(base, before, after, dem)
    labels = tuple(in_both(f"{side}_works") for side in ("before", "after"))
    comparison = compare_reports(before, after, labels=labels, outcome=outcome)
    step("pay")
    paid = pay_moved(before, after, terms, first)
    document = document_of(delivery, outcome, before, after, paid, left_out)
    return Computed(before, after, comparison, document, day)


def _last_day(base: Report, delivery: Delivery) -> str | None:
    """Return the last day that the base or the delivery tells."""
    told = [one.columns.get(name) for one in delivery.changes.changes for name in ("commissioned", "abandoned")]
    days = [pd.Timestamp(str(day)) for day in (base.network.origin.as_of, *told) if day is not None]
    return str(max(days).date()) if days else None


def _built(base: Report, delivery: Delivery, day: str | None) -> DrainageNetwork:
    """Return the network with the works, as it lies on the day of the result, with what was found on reading it."""
    net = delivery.applied.network
    net = net if day is None else net.as_of(day)
    issues, quality = base.network.issues, base.results.get("quality")
    if quality is not None:  # findings of the base are found anew, or no longer
        found = pd.MultiIndex.from_frame(quality.tables["findings"][["feature_id", "rule"]].astype(str))
        issues = issues[~pd.MultiIndex.from_frame(issues[["feature_id", "code"]].astype(str)).isin(found)]
    there = issues["feature_id"].isin(net.pipes.index) | issues["feature_id"].isin(net.nodes.index)
    about = issues["feature_kind"].isin(["pipe", "node"])
    return named_alike(base, net.replace(issues=issues[there | ~about]), [delivery.name])


def _with_looks(base: Report, net: DrainageNetwork, dem: Dem | None) -> Report:
    """Return the base as it stands on its day; answers that were read back are drawn again: no report keeps looks."""
    results = dict(base.results)
    if not any(one.layers for one in results.values()):
        drawn = ask_alike(base, net, dem=dem, plans=False, step=lambda _: None).results
        looks = {name: one.layers for name, one in drawn.items()}
        results = {name: replace(one, layers=looks.get(name, ())) for name, one in results.items()}
    state = None if base.state is None else replace(base.state, network=net)
    return replace(base, network=net, results=results, state=state)


def _outcome(base: Report, before: Report, after: Report, dem: Dem | None) -> Result:
    """Measure what the works did, told apart where the storm is quickly run again, from the works on."""
    quick = base.state is not None and base.state.method != "swmm"
    again = after.state.after if isinstance(after.state, Screening) else simulated_as(base, dem)
    return measure_outcome(
        before.network,
        after.network,
        answers=(before.results, after.results),
        simulate=again if quick else None,
        dem=dem,
        area_type=area_type_of(base),
        most_runs=_MOST_RUNS,
    )
