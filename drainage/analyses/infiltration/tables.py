"""The tables of the measurement: meters, events and sewers."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.infiltration.capacity import Load
from drainage.analyses.infiltration.flow_series import Series
from drainage.analyses.infiltration.limits import InfiltrationLimits
from drainage.analyses.infiltration.own_sewers import Catchments
from drainage.arrays import Floats, Rows
from drainage.hydraulics import infiltration
from drainage.hydraulics.infiltration import HOURS, DryWeather, RainEvents, WetWeather
from drainage.network import DrainageNetwork

_MODERATE_MM = (10.0, 25.0)  # 中雨 of 24 h, GB/T 28592-2012, table 1


def table_of_meters(
    net: DrainageNetwork,
    series: Series,
    above: Catchments,
    dry: DryWeather,
    events: RainEvents,
    wet: WetWeather,
    use: Floats,
    limits: InfiltrationLimits,
) -> gpd.GeoDataFrame:
    """Return one row per meter, in the order of the series."""
    adf, mdf = dry.mean_m3_per_day, dry.night_m3h * HOURS
    by_use = infiltration.infiltration_by_water_use(adf, use, limits.returned_share)
    by_night = infiltration.infiltration_by_night(adf, mdf, limits.day_share or np.nan)
    rdii, rain, number = _totals(wet.rdii_m3, events)
    own, own_rain, own_number = _totals(above.own(wet.rdii_m3), events)
    own_rate = _per_km_mm(own, above.own_km, own_rain)
    rated = np.isfinite(own_rate)
    mean = own[rated].sum() / max((above.own_km * own_rain)[rated].sum(), np.finfo(float).tiny)
    all_own = np.nansum(own)
    names = series.meter_id.to_numpy(dtype=object)
    peak_dry = dry.pattern_m3h.max(axis=1)
    table = gpd.GeoDataFrame(
        {
            "node_id": net.nodes.index.astype("str").take(series.node_row),
            "pipe_id": net.pipes.index.astype("str").take(series.pipe_row, fill_value=np.nan),
            "kind": net.nodes["kind"].to_numpy()[series.node_row],
            "next_meter": pd.Index(names).astype("str").take(above.next, fill_value=np.nan),
            "length_km": above.length_km,
            "own_length_km": above.own_km,
            "dry_days": dry.days.sum(axis=1),
            "consecutive_dry_days": infiltration.longest_run(dry.days),
            "adf_m3_per_day": adf,
            "mdf_m3_per_day": mdf,
            "water_use_m3_per_day": use,
            "sewage_m3_per_day": limits.returned_share * use,
            "wet_m3_per_day": wet.mean_m3_per_day,
            "infiltration_by_use_m3_per_day": by_use,
            "infiltration_by_night_m3_per_day": by_night,
            "own_infiltration_by_use_m3_per_day": above.own(by_use),
            "own_infiltration_by_night_m3_per_day": above.own(by_night),
            "events": number,
            "rdii_m3": rdii,
            "rdii_m3_per_km_mm": _per_km_mm(rdii, above.length_km, rain),
            "own_events": own_number,
            "own_rdii_m3": own,
            "own_rdii_m3_per_km_mm": own_rate,
            "times_mean": own_rate / mean if mean > 0 else np.full(len(own), np.nan),
            "own_share_pct": 100.0 * own / all_own if all_own > 0 else np.full(len(own), np.nan),
            "peak_m3h": largest(wet.peak_m3h),
            "peak_ratio": np.divide(largest(wet.peak_m3h), peak_dry, out=np.full(len(own), np.nan), where=peak_dry > 0),
            "approximate": above.approximate,
            "evidence_rows": series.evidence_rows,
        },
        index=series.meter_id,
        geometry=net.nodes.geometry.to_numpy()[series.node_row],
        crs=net.crs,
    )
    table.insert(0, "rank", table["own_rdii_m3_per_km_mm"].rank(ascending=False, method="first").astype("Int64"))
    return table


def table_of_events(series: Series, above: Catchments, events: RainEvents, wet: WetWeather) -> pd.DataFrame:
    """Return one row per event and meter."""
    n_events, n_meters = wet.rdii_m3.shape
    own = above.own(wet.rdii_m3)
    rain = events.depth_mm[:, None]
    within_a_day = events.end_h - events.begin_h <= HOURS
    moderate = within_a_day & (events.depth_mm >= _MODERATE_MM[0]) & (events.depth_mm < _MODERATE_MM[1])
    of_event = {
        "event": np.arange(1, n_events + 1),
        "begins": series.time(events.begin_h),
        "ends": series.time(events.end_h),
        "rain_mm": events.depth_mm,
        "moderate_rain": moderate,
    }
    of_both = {
        "rdii_m3": wet.rdii_m3,
        "own_rdii_m3": own,
        "rdii_m3_per_km_mm": _per_km_mm(wet.rdii_m3, above.length_km, rain),
        "own_rdii_m3_per_km_mm": _per_km_mm(own, above.own_km, rain),
        "peak_m3h": wet.peak_m3h,
        "times_dry": wet.times_dry,
    }
    table = pd.DataFrame(
        {name: np.repeat(values, n_meters) for name, values in of_event.items()}
        | {"meter_id": np.tile(series.meter_id.to_numpy(dtype=object), n_events)}
        | {name: values.ravel() for name, values in of_both.items()}
    )
    row = [f"E{event}:{meter}" for event, meter in zip(table["event"], table["meter_id"], strict=True)]
    return table.set_axis(pd.Index(row, name="event_meter", dtype="str"))


def table_of_sewers(net: DrainageNetwork, above: Catchments, meters: gpd.GeoDataFrame, load: Load) -> gpd.GeoDataFrame:
    """Return one row per sewer that has a meter below or above it; ``meters`` in the order of the series."""
    kept = (above.own_meter >= 0) | np.isfinite(load.wet_m3s) | np.isfinite(load.dry_m3s)
    pipes, owner = net.pipes[kept], above.own_meter[kept]
    rows = np.where(owner >= 0, owner, len(meters))  # one behind the last: no meter
    by_meter = meters[["rank", "own_rdii_m3_per_km_mm", "times_mean", "approximate"]].reset_index()
    told = by_meter.reindex(rows).set_axis(pipes.index)
    capacity = load.capacity_m3s[kept]

    def by_capacity(flow: Floats) -> Floats:
        return np.asarray(np.divide(flow, capacity, out=np.full(len(capacity), np.nan), where=capacity > 0))

    table = gpd.GeoDataFrame(
        {
            **{name: told[name] for name in told},
            "approximate": told["approximate"].astype("boolean"),
            "dry_peak_m3s": load.dry_m3s[kept],
            "wet_peak_m3s": load.wet_m3s[kept],
            "capacity_m3s": capacity,
            "dry_utilisation": by_capacity(load.dry_m3s[kept]),
            "wet_utilisation": by_capacity(load.wet_m3s[kept]),
            "load": load.word[kept],
        },
        index=pipes.index,
        geometry=pipes.geometry,
    )
    return table.join(pipes[["from_node", "to_node", "length_m", "diameter_mm", "road"]])


def _totals(rdii: Floats, events: RainEvents) -> tuple[Floats, Floats, Rows]:
    """Sum over the events that were measured: m³, mm and their number, (n_meters,); nan m³ where there is none."""
    known = np.isfinite(rdii)
    number = known.sum(axis=0)
    total = np.where(number > 0, np.nan_to_num(rdii).sum(axis=0), np.nan)
    return total, (known * events.depth_mm[:, None]).sum(axis=0), number


def _per_km_mm(rdii_m3: Floats, length_km: Floats, rain_mm: Floats) -> Floats:
    """m³/(km·mm), the unit of the explanation of T/CECS 1764-2024, 5.1; nan without sewers or rain."""
    base = length_km * rain_mm
    blank = np.full(np.broadcast(rdii_m3, base).shape, np.nan)
    return np.asarray(np.divide(rdii_m3, base, out=blank, where=base > 0))


def largest(of_events: Floats) -> Floats:
    """(n_meters,) largest over the events, nan where none was measured."""
    filled = np.where(np.isnan(of_events), -np.inf, of_events).max(axis=0, initial=-np.inf)
    return np.where(np.isfinite(filled), filled, np.nan)
