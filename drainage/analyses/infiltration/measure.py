"""How much water enters the sewers in dry weather and after rain, and in which part: from flow meters along the flow.

The sewers above a meter that are above no other meter are its *own*. What a meter reads less what the meters next above
it read came in there: of nested meters the own parts add up to what the lowest one reads. The sewers are taken as a
forest (`drainage.inference.forest`): at a fork all water follows one pipe, and what a fork touches is ``approximate``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.infiltration.capacity import Load, load_sewers
from drainage.analyses.infiltration.flow_series import Series, events_of, read_series
from drainage.analyses.infiltration.limits import InfiltrationLimits
from drainage.analyses.infiltration.own_sewers import Catchments
from drainage.analyses.infiltration.tables import largest, table_of_events, table_of_meters, table_of_sewers
from drainage.analyses.infiltration.verdicts import judge
from drainage.arrays import Floats
from drainage.errors import SchemaError
from drainage.evidence import Evidence
from drainage.hydraulics import infiltration
from drainage.hydraulics.infiltration import HOURS, RainEvents
from drainage.hydraulics.rainfall import ObservedStorm
from drainage.inference.forest import StormForest
from drainage.inference.locate import locate
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.schema import Issues
from drainage.wants import wants
from drainage.words import in_both

_SEWER_POPUP = ("pipe_id", "meter_id", "rank", "own_rdii_m3_per_km_mm", "times_mean", "approximate")
_LOAD_POPUP = ("pipe_id", "load", "dry_utilisation", "wet_utilisation", "capacity_m3s", "diameter_mm", "road")
_METER_POPUP = ("meter_id", "rank", "own_rdii_m3_per_km_mm", "own_share_pct", "adf_m3_per_day", "peak_ratio")


@wants
def measure_infiltration(
    net: DrainageNetwork,
    evidence: Evidence,
    rain: ObservedStorm,
    *,
    water_use_m3_per_day: Mapping[str, float] | None = None,
    limits: InfiltrationLimits | None = None,
) -> Result:
    """Measure infiltration and inflow to sewers in dry weather and after rain, and which sewers they overload.

    Parameters
    ----------
    net
        A network with pipes recorded as sewage, on the day of the measurement (``net.as_of``).
    evidence
        Readings of flow meters in ``flows``, with ``date`` to the minute; several within an hour are averaged.
        ``samples`` of sewers are judged too.
    rain
        The record of a gauge with dates (`drainage.read_observed_rain`), in the same local time as the meters. Readings
        before its beginning or after its end count as neither dry nor wet.
    water_use_m3_per_day
        Qg by ``meter_id`` (the manhole, or ``manhole/pipe``): water used upstream of the meter. Where it is not given,
        the infiltration by water use is missing.
    limits
        Limits from the clauses, and our own, see `InfiltrationLimits`.

    Returns
    -------
    Result
        Tables:

        ``meters`` (index ``meter_id``, the own part that takes in most storm water per km and mm first)
            ``rank``, ``next_meter`` below it, ``length_km`` of sewers above it and ``own_length_km``, ``dry_days`` used
            and the longest run ``consecutive_dry_days``, ``adf_m3_per_day``, ``mdf_m3_per_day`` (of the night),
            ``sewage_m3_per_day`` (K Qg), ``wet_m3_per_day`` (mean of the hours of all events),
            ``infiltration_by_use_m3_per_day``, ``infiltration_by_night_m3_per_day``, ``events`` measured,
            ``rdii_m3`` of them, ``rdii_m3_per_km_mm``; the same of the own part, ``own_…``, over the events that all
            meters of the difference measured; ``times_mean`` (own rate by that of all metered sewers),
            ``own_share_pct`` of all RDII; ``peak_ratio`` (largest hour of an event by that of dry days);
            ``approximate``.
        ``sewers`` (index ``pipe_id``; sewers above or below a meter)
            ``meter_id`` whose own they are, its ``rank``, rate and ``times_mean``; ``dry_peak_m3s``, ``wet_peak_m3s``
            of the meters next above, ``capacity_m3s``, ``dry_utilisation``, ``wet_utilisation``, ``load`` (over_in_dry
            | over_in_rain | no_fall | within | unknown).
        ``events``
            One row per event and meter: ``event``, ``begins``, ``ends``, ``rain_mm``, ``moderate_rain``
            (10 to 24.9 mm within a day, T/CECS 758-2020, 5.2), ``rdii_m3``, ``own_rdii_m3``, their rates, ``peak_m3h``,
            ``times_dry``. Missing where an hour was not read.
        ``dry_pattern`` (index ``hour``, a column per meter)
            Mean flow of dry days, m³/h.
        ``verdicts``
            One row per rule and place, with its clause and readings.
        ``issues``
            What could not be used, and what is missing.

    Raises
    ------
    SchemaError
        No pipe is recorded as sewage, no meter measures one, the rain has no dates, or a water use names no meter.

    References
    ----------
    T/CECS 1764-2024: 5.2.2 (dry days), 5.2.4, 5.2.5 (infiltration), explanation of 5.1 (RDII in m³/(km·mm)).
    T/CECS 758-2020: 4.2.3, 4.2.4, 5.2.4. DB4201/T 651-2021: 5.4.1.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2021-05-07")
    >>> meters, rain = dr.read_evidence("meters.csv"), dr.read_observed_rain("rain.csv")  # doctest: +SKIP
    >>> dr.measure_infiltration(net, meters, rain).meters["own_rdii_m3_per_km_mm"]  # doctest: +SKIP
    """
    limits = limits or InfiltrationLimits()
    if rain.begins is None:
        raise SchemaError(in_both("rain_no_dates", rain=rain.source))
    issues = Issues()
    issues.extend(evidence.issues)
    sewers = StormForest.from_network(net, "sewage")
    measured = replace(Evidence(), flows=evidence.flows, samples=evidence.samples)
    placed = locate(net, sewers, measured, issues)
    series = read_series(net, sewers, placed["flows"], rain.begins, issues)
    use = _water_use(series, water_use_m3_per_day, issues)
    events, known_h = events_of(rain, rain.begins, series.begins, limits)
    days = infiltration.dry_days(events, series.n_days, known_h=(known_h[0], known_h[1]), dry_h=limits.dry_h)
    dry = infiltration.dry_weather(series.flow_m3h, days, night_h=limits.night_h)
    windows = infiltration.event_windows(events, series.flow_m3h.shape[1], recession_h=limits.recession_h)
    wet = infiltration.wet_weather(series.flow_m3h, dry.pattern_m3h, windows)
    above = Catchments(net, sewers, series)
    meters = table_of_meters(net, series, above, dry, events, wet, use, limits)
    _say_missing(meters, events, issues, limits)
    event_rows = table_of_events(series, above, events, wet)
    load = load_sewers(net, sewers, series.cell, dry.pattern_m3h.max(axis=1), largest(wet.peak_m3h))
    pipes = table_of_sewers(net, above, meters, load)
    verdicts = judge(net, meters, event_rows, placed["samples"], limits)
    meters = meters.sort_values(["rank", "own_length_km"], kind="stable")
    pattern = pd.DataFrame(dry.pattern_m3h.T, columns=series.meter_id, index=pd.RangeIndex(HOURS, name="hour"))
    tables = {
        "meters": meters,
        "sewers": pipes,
        "events": event_rows,
        "dry_pattern": pattern,
        "verdicts": verdicts,
        "issues": issues.frame(),
    }
    over = pipes[pipes["load"].isin(["over_in_dry", "over_in_rain"])]
    layers = (
        *context_of(net),
        Layer("infiltration", pipes[pipes["meter_id"].notna()], "times_mean", _SEWER_POPUP),
        Layer("sewer_load", over, "load", _LOAD_POPUP),
        Layer("meters", meters, "kind", _METER_POPUP),
    )
    return Result(
        "infiltration",
        tables,
        _summary(tables, events, above, load, limits),
        layers,
        provenance=Provenance.of(net, rain, beside=evidence),
    )


def _water_use(series: Series, given: Mapping[str, float] | None, issues: Issues) -> Floats:
    if wrong := set(given or {}) - set(series.meter_id):
        names, known = ", ".join(sorted(wrong)), ", ".join(series.meter_id[:5])
        raise SchemaError(in_both("no_such_meter", names=names, known=known))
    use = pd.Series(given or {}, dtype="float64").reindex(series.meter_id)
    if (bad := use[(use <= 0) | np.isinf(use)]).size:
        raise SchemaError(in_both("water_use_out", name=bad.index[0], value=bad.iloc[0]))
    reason, remedy = in_both("no_water_use"), in_both("give_water_use")
    issues.add("no_water_use", "info", "meter", use.index[use.isna()], reason, remedy)
    return np.asarray(use, dtype=np.float64)


def _say_missing(meters: gpd.GeoDataFrame, events: RainEvents, issues: Issues, limits: InfiltrationLimits) -> None:
    none = meters.index[meters["dry_days"] == 0]
    issues.add("no_dry_day", "error", "meter", none, in_both("no_dry_day"), in_both("no_dry_flow"))
    few = meters[(meters["dry_days"] > 0) & (meters["consecutive_dry_days"] < limits.dry_days)]
    reasons = [in_both("few_dry_days", days=days, wanted=limits.dry_days) for days in few["consecutive_dry_days"]]
    issues.add("few_dry_days", "warning", "meter", few.index, reasons, in_both("measure_longer"))
    if limits.day_share is None:
        reason, remedy = in_both("no_day_share"), in_both("give_day_share")
        issues.add("no_day_share", "info", "measurement", ["day_share"], reason, remedy)
    missed = meters[(meters["dry_days"] > 0) & (meters["events"] < len(events.depth_mm))]
    of = len(events.depth_mm)
    reasons = [in_both("events_missed", count=of - n, of=of) for n in missed["events"]]
    action = in_both("events_count")
    issues.add("events_missed", "warning", "meter", missed.index, reasons, action)
    lost = meters.index[(meters["own_rdii_m3"] < 0).to_numpy()]
    issues.add("loses_water", "warning", "meter", lost, in_both("loses_water"), in_both("look_between"))


def _summary(
    tables: Mapping[str, pd.DataFrame],
    events: RainEvents,
    above: Catchments,
    load: Load,
    limits: InfiltrationLimits,
) -> pd.Series:
    meters, pipes, verdicts = tables["meters"], tables["sewers"], tables["verdicts"]
    lowest = meters[meters["next_meter"].isna()]
    return pd.Series(
        {
            "meters": len(meters),
            "metered_length_km": float(above.own_km.sum()),
            "events": len(events.depth_mm),
            "rain_mm": float(events.depth_mm.sum()),
            "dry_days_least": int(meters["dry_days"].min()),
            "consecutive_dry_days_least": int(meters["consecutive_dry_days"].min()),
            "consecutive_dry_days_wanted": limits.dry_days,
            "infiltration_by_use_m3_per_day": _sum(lowest["infiltration_by_use_m3_per_day"]),
            "infiltration_by_night_m3_per_day": _sum(lowest["infiltration_by_night_m3_per_day"]),
            "meters_without_water_use": int(meters["water_use_m3_per_day"].isna().sum()),
            "returned_share_K": limits.returned_share,
            "day_share_X": limits.day_share,
            "rdii_m3": _sum(lowest["rdii_m3"]),
            "highest_own_rdii_m3_per_km_mm": float(meters["own_rdii_m3_per_km_mm"].max()),
            "highest_at": meters.index[0] if meters["rank"].notna().any() else None,
            **{
                f"sewers_{word}": int((pipes["load"] == word).sum())
                for word in ("over_in_dry", "over_in_rain", "no_fall")
            },
            "sewers_of_unknown_load": int((pipes["load"] == "unknown").sum()),
            "manning_n": load.manning_n,
            **{f"verdicts_{rule}": int(n) for rule, n in verdicts["rule"].value_counts(sort=False).items()},
            "rows_with_issues": len(tables["issues"]),
        },
        dtype=object,
    )


def _sum(column: pd.Series) -> float | None:
    """Sum of a column, None where a part is missing: never a part for the whole."""
    return None if column.isna().any() else float(column.sum())
