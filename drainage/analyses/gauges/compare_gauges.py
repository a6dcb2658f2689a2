"""Is the model right: computed levels and flows against measured ones through an event, and what would mend it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.gauges.gauge_limits import GaugeLimits
from drainage.analyses.gauges.gauge_remedies import Verdict, remedy_table, verdict_of
from drainage.analyses.gauges.gauge_scores import FITS, Doubt, doubt_of, gauge_table
from drainage.analyses.gauges.mending import Mended, Trial, concerned_by, knobs_of, mend
from drainage.analyses.gauges.placed import PlacedGauge, Watched, place_gauges
from drainage.arrays import Floats
from drainage.errors import SchemaError, SimulationError
from drainage.formats.rain.gauge_series import GaugeReadings
from drainage.hydraulics.rainfall import ObservedStorm, Storm
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import Said, joined
from drainage.schema import Issues
from drainage.simulation.pipes import STORM_SYSTEMS
from drainage.simulation.setup import Setup
from drainage.simulation.swmm.engine_values import EngineModel, EngineOptions
from drainage.simulation.swmm.model_rows import complete_pipes
from drainage.simulation.swmm.watched_series import EngineSeries, build_model, run_series
from drainage.wants import wants
from drainage.words import in_both

#: By which a parameter is searched.
SCORES: Final = ("nse", "kge")
#: Hours by which time zones differ at most.
_FARTHEST_H: Final = 14
_NO_OFFSETS: Final[Mapping[str, float]] = MappingProxyType({})
_POPUP: Final = (
    "quantity", "fit", "nse", "kge", "measured_peak", "computed_peak", "peak_off", "unit", "peak_late_min",
    "volume_off_pct", "bias", "gauge_doubt", "note",
)  # fmt: skip


@wants
def compare_with_gauges(  # noqa: PLR0913 - an event, how it is simulated, and how long is searched
    net: DrainageNetwork,
    observed: GaugeReadings,
    storm: Storm | None,
    setup: Setup = Setup(),
    *,
    begins: str | None = None,
    offsets_m: Mapping[str, float] = _NO_OFFSETS,
    score: str = "nse",
    most_runs: int = 12,
    limits: GaugeLimits | None = None,
    systems: Sequence[str] = STORM_SYSTEMS,
    options: EngineOptions | None = None,
    processes: int | None = None,
    time_limit_s: float = 600.0,
    progress: Callable[[float], None] | None = None,
) -> Result:
    """Compare what EPA SWMM computes in an event with what gauges measured, and find what would mend the difference.

    Each of runoff coefficient, roughness, silt and infiltration is changed alone, in the engine, until the gauges are
    met best. Nothing is changed in the network: the table `remedies` says what each would have to be. Gauges whose
    readings cannot be taken as they stand (another datum, unit or clock) are compared, but not searched by.

    Only the connected parts that hold a gauge are simulated, with the ground and the rain of the whole. What runs off
    and what infiltrates is changed upstream of the gauges, whence all their water comes; roughness and silt upstream,
    downstream (from where it backs up), and in both, of which the best is told.

    Parameters
    ----------
    net
        The network on the day of the event.
    observed
        Of `read_gauges`. Levels are in the datum of the network; the level of a pipe is that at its lower end, its
        depth counts from its invert there; the depth at a node counts from the lowest pipe end; the flow at a node is
        all that enters it.
    storm
        The rain of the event; None: the rain of the .inp that the network was read from.
    setup, systems, options
        As in `simulate_swmm`; readings later than ``options.drain_min`` after the rain are not compared.
    begins
        Local time at which the rain began, ISO, where the readings have dates and the rain has none.
    offsets_m
        Gauge → what is added to its levels, m, for one in another datum.
    score
        By which a parameter is searched: ``nse``, or ``kge`` (of depths and flows).
    most_runs
        Runs of the engine for each parameter and place; 0: no remedies are sought.
    limits
        From where on a gauge is judged, a parameter helps, and its value is plausible; None: those of `GaugeLimits`.
    processes, time_limit_s
        Runs side by side, None: one per core; seconds after which each run is stopped.
    progress
        Called repeatedly with the share that is done, 0-1.

    Returns
    -------
    Result
        ``gauges`` (index ``gauge``, points): readings, gaps, ``measured_peak`` and ``computed_peak`` at the moments of
        the readings, ``peak_off`` (computed - measured; its share of the water above the invert is ``peak_off_pct``),
        ``peak_late_min``, ``measured_m3`` and ``computed_m3`` (flows; gaps do not count), ``volume_off_pct``, ``bias``
        and ``bias_pct``, ``nse``, ``kge`` (of levels by their depths), ``fit``, ``gauge_doubt`` and its ``note``.
        ``series``: ``gauge``, ``minute``, ``measured``, ``computed``, ``mended`` (by the best remedy). ``remedies``
        (index ``rank``, best first): ``parameter``, ``changed_where``, mean ``value_now`` and ``value_needed``,
        ``score_before`` and ``score_after``, ``helps``, ``plausible`` and by which range, ``at_bound`` (the search
        ended there).

    Raises
    ------
    SchemaError
        No gauge is at a node or pipe of the network, or a parameter is out of range.
    SimulationError
        No reading falls into the simulated time, or the engine refuses the model.

    References
    ----------
    Nash & Sutcliffe (1970); Gupta et al. (2009); GB 50014-2021, tables 4.1.8-1 and 5.2.3; EPA SWMM 5.2.

    Examples
    --------
    >>> import drainage as dr
    >>> import pandas as pd
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=1, duration_min=60)
    >>> levels = {5: 19.1, 10: 19.3, 20: 20.6, 30: 21.0, 40: 20.9, 60: 20.2}
    >>> rows = [("YS1041", "node", "level", float(at), level, at) for at, level in levels.items()]
    >>> table = pd.DataFrame(rows, columns=["gauge", "at", "quantity", "minute", "value", "row"])
    >>> readings = dr.formats.GaugeReadings(table, begins=None, source="levels.csv")
    >>> compared = dr.analyses.compare_with_gauges(net, readings, storm, most_runs=0)
    >>> compared.gauges[["measured_peak", "computed_peak", "nse"]].round(2)
            measured_peak  computed_peak  nse
    gauge
    YS1041           21.0          21.04  0.8
    """
    if score not in SCORES:
        raise SchemaError(in_both("gauge_score", value=score, known=", ".join(SCORES)))
    if most_runs < 0:
        raise SchemaError(in_both("not_0_or_more", name="most_runs", value=most_runs))
    limits, asked = limits or GaugeLimits(), tuple(systems)
    written = complete_pipes(net, asked, Issues())
    gauges, lost = place_gauges(net, observed, offsets_m=offsets_m, written=written)
    watched = Watched.of(net, gauges)
    model = build_model(net, storm, setup, nodes=watched.node_ids, systems=asked, options=options)
    series = run_series(model, net, nodes=watched.node_ids, pipes=watched.pipe_ids, time_limit_s=time_limit_s)
    ahead_min, clock = _ahead(observed, storm, begins, series)
    gauges = [replace(one, minute=one.minute + ahead_min) for one in gauges]
    _check_overlap(observed, gauges, series)
    found = [one.computed(series, watched) for one in gauges]
    doubts = [doubt_of(net, one, there, series.minute[-1], limits) for one, there in zip(gauges, found, strict=True)]
    trusted = [one for one, doubt in zip(gauges, doubts, strict=True) if doubt.code is None]
    concerned = concerned_by(net, written, trusted)
    trial = Trial(net, storm, setup, options, asked, model, trusted, watched, concerned, score, time_limit_s)
    before = trial.score_of(series)
    mended: list[Mended] = []
    if most_runs > 0 and np.isfinite(before) and before < 1.0 - limits.tell_apart:
        mended = mend(trial, knobs_of(trial, limits), before, most_runs, processes=processes, progress=progress)
    remedies = remedy_table(mended, before, least_gain_share=limits.least_gain_share)
    table = gauge_table(net, gauges, found, doubts)
    summary = {
        **_of_gauges(table, lost, doubts),
        **_of_remedies(remedies, before, score, verdict_of(remedies, before, limits.tell_apart, asked=most_runs > 0)),
        "assumptions": _assumptions(model, observed, series, clock),
    }
    best = max(mended, key=lambda one: one.score, default=None)
    lines = _series_table(gauges, found, watched, best, observed, ahead_min)
    return Result(
        "gauges",
        {"gauges": table, "remedies": remedies, "series": lines},
        pd.Series(summary, dtype=object),
        (*context_of(net), Layer("gauges", table, "fit", _POPUP)),
        provenance=Provenance.of(net, storm, engine="swmm", beside=observed),
        not_known=None if trusted else in_both("gauges_all_doubted"),
    )


def _ahead(
    observed: GaugeReadings, storm: Storm | None, begins: str | None, series: EngineSeries
) -> tuple[float, Said]:
    """Return the minutes from the beginning of the simulation to minute 0 of the readings, and how the two are tied.

    Raises
    ------
    SimulationError
        The readings have dates and the rain has none.
    """
    if observed.begins is None:
        return 0.0, in_both("gauge_clock_minutes")
    if begins is not None:
        try:
            start = pd.Timestamp(begins)
        except ValueError as error:
            raise SimulationError(in_both("gauge_begins_unread", value=begins)) from error
    elif isinstance(storm, ObservedStorm) and storm.begins is not None:
        start = pd.Timestamp(storm.begins)
    elif storm is None:
        start = pd.Timestamp(series.begins)
    else:
        raise SimulationError(in_both("gauge_rain_no_date", file=observed.source, begin=str(observed.begins)[:16]))
    if start.tzinfo is not None:
        start = start.tz_localize(None)
    minutes = (pd.Timestamp(observed.begins) - start).total_seconds() / 60.0
    return minutes, in_both("gauge_clock_dates", begin=str(start)[:16])


def _check_overlap(observed: GaugeReadings, gauges: Sequence[PlacedGauge], series: EngineSeries) -> None:
    minute = np.concatenate([one.minute for one in gauges])
    if not ((minute >= 0.0) & (minute <= series.minute[-1])).any():
        hours = round(-float(minute.min()) / 60.0)
        zone = in_both("gauge_zone", hours=hours) if 0 < abs(hours) <= _FARTHEST_H else ""
        raise SimulationError(
            in_both("gauge_no_overlap", zone=zone, file=observed.source, first=minute.min(), last=minute.max(),
                    end=series.minute[-1])
        )  # fmt: skip


def _series_table(
    gauges: Sequence[PlacedGauge],
    found: Sequence[Floats],
    watched: Watched,
    best: Mended | None,
    observed: GaugeReadings,
    ahead_min: float,
) -> pd.DataFrame:
    """Return all readings, with what was computed at their moments and what the best remedy would make of it."""
    parts = []
    for gauge, computed in zip(gauges, found, strict=True):
        mended = np.full(len(computed), np.nan)
        if best is not None and best.series is not None:
            mended = gauge.computed(best.series, watched)
        part = {"gauge": gauge.name, "minute": gauge.minute, "measured": gauge.value, "computed": computed,
                "mended": mended}  # fmt: skip
        parts.append(pd.DataFrame(part))
    table = pd.concat(parts, ignore_index=True)
    if observed.begins is not None:
        begin = pd.Timestamp(observed.begins) - pd.Timedelta(minutes=ahead_min)
        moments = begin + pd.to_timedelta(table["minute"], unit="min")
        table.insert(1, "moment", moments.dt.round("s").astype(str))
    return table.set_axis(pd.RangeIndex(1, len(table) + 1, name="reading"))


def _of_gauges(table: gpd.GeoDataFrame, lost: Sequence[Said], doubts: Sequence[Doubt]) -> dict[str, object]:
    worst, fits = table["nse"].min(), table["fit"].value_counts()
    advice = [*lost, *(doubt.said for doubt in doubts if doubt.said)]
    return {
        **({"advice": joined(advice)} if advice else {}),
        "gauges_compared": len(table),
        "gauges_by_fit": {name: int(fits[name]) for name in FITS if name in fits},
        "gauges_doubted": sum(doubt.code is not None for doubt in doubts),
        "gauges_nowhere": len(lost),
        "nse_least": float(worst) if np.isfinite(worst) else None,
    }


def _of_remedies(remedies: pd.DataFrame, before: float, score: str, verdict: Verdict) -> dict[str, object]:
    return {
        "search_score": score,
        "score_before": float(before) if np.isfinite(before) else None,
        "score_after": float(remedies["score_after"].max()) if len(remedies) else None,
        "mending": verdict.code,
        "likely_parameter": verdict.likely,
        "mending_words": verdict.said,
        "engine_runs": 1 + int(remedies["engine_runs"].sum()),
        "engine_runs_failed": int(remedies["engine_runs_failed"].sum()),
    }


def _assumptions(model: EngineModel, observed: GaugeReadings, series: EngineSeries, clock: Said) -> dict[str, str]:
    return {
        **model.assumptions,
        "gauge_clock": clock,
        **({"gauge_file": joined(observed.notes)} if observed.notes else {}),
        "continuity_pct": in_both("gauge_continuity", runoff=series.errors_pct[0], routing=series.errors_pct[1]),
        "gauge_places": in_both("gauge_places"),
        "gauge_parameters": in_both("gauge_parameters"),
    }
