"""What the meters and samples of sewers say by the rules of T/CECS 758-2020, each with its clause and readings."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.infiltration.limits import InfiltrationLimits
from drainage.inference.findings import of_sewers
from drainage.inference.rules import SourceLimits, tell
from drainage.network import DrainageNetwork

_STATIONS = ("pump", "works")
_COLUMNS = ("rule", "node_id", "pipe_id", "evidence_rows", "reading")


def judge(
    net: DrainageNetwork,
    meters: gpd.GeoDataFrame,
    events: pd.DataFrame,
    samples: pd.DataFrame,
    limits: InfiltrationLimits,
) -> pd.DataFrame:
    """Return one row per rule and place: its clause and words, ``evidence_rows`` and ``reading``."""
    parts = [_storm(net, meters, events, limits), _more_than_used(meters, limits), _of_samples(net, samples)]
    found = pd.concat(parts, ignore_index=True)
    for at, (part, texts) in enumerate(tell(found["rule"]).items(), start=1):
        found.insert(at, part, texts)
    return found.set_axis(pd.Index([f"V{k + 1}" for k in range(len(found))], name="verdict_id", dtype="str"))


def _storm(
    net: DrainageNetwork, meters: gpd.GeoDataFrame, events: pd.DataFrame, limits: InfiltrationLimits
) -> pd.DataFrame:
    """Rules 4.2.3 and 5.2.4-2: the flow of an event is clearly higher than that of the same hours of dry days."""
    clear = events[(events["times_dry"] > limits.storm_times).to_numpy()]
    worst = clear.sort_values("times_dry", ascending=False).drop_duplicates("meter_id").set_index("meter_id")
    here = meters.loc[meters.index.isin(worst.index)]
    kind = net.nodes["kind"].reindex(here["node_id"]).to_numpy(dtype=object)
    number = clear["meter_id"].value_counts()
    reading = [
        f"{row.times_dry:.2f} × dry weather in the event of {row.begins:%Y-%m-%d %H:%M} ({row.rain_mm:g} mm); "
        f"clearly higher in {count} events"
        for row, count in zip(worst.reindex(here.index).itertuples(), number.reindex(here.index), strict=True)
    ]
    rule = np.where(np.isin(kind, _STATIONS), "storm_at_works", "storm_in_sewage")
    return _rows(here, rule, reading)


def _more_than_used(meters: gpd.GeoDataFrame, limits: InfiltrationLimits) -> pd.DataFrame:
    """Rule 4.2.4, by the upper end of K in T/CECS 1764-2024, 5.2.4."""
    most = limits.most_returned_share * meters["water_use_m3_per_day"]
    here = meters[(meters["adf_m3_per_day"] > most).to_numpy()]
    share = f"{limits.most_returned_share:.0%}"
    flow, used = (here[name].to_numpy(dtype=np.float64) for name in ("adf_m3_per_day", "water_use_m3_per_day"))
    reading = [
        f"{adf:.4g} m³/d in dry weather; {share} of the {use:.4g} m³/d used is {most_sewage:.4g}"
        for adf, use, most_sewage in zip(flow, used, limits.most_returned_share * used, strict=True)
    ]
    return _rows(here, "more_than_used", reading)


def _rows(here: pd.DataFrame, rule: object, reading: list[str]) -> pd.DataFrame:
    columns = {name: here[name].to_numpy(dtype=object) for name in ("node_id", "pipe_id", "evidence_rows")}
    return pd.DataFrame({"rule": rule, **columns, "reading": reading}, columns=list(_COLUMNS))


def _of_samples(net: DrainageNetwork, samples: pd.DataFrame) -> pd.DataFrame:
    """Rules 5.2.4-2 and 5.2.4-3: what grows weaker along the flow, in rain by storm water, else by infiltration."""
    beside = samples.assign(cell=-1)  # no storm manholes: every sample here is of the sewers
    found = pd.concat(
        of_sewers(net, {"samples": beside, "flows": _no_flows(beside)}, SourceLimits())
        or [pd.DataFrame(columns=["rule", "rows", "node_row", "pipe_row", "reading"])]
    )
    found = found[found["rule"] != "storm_in_sewage"]
    node, pipe = (found[name].to_numpy(dtype=np.intp) for name in ("node_row", "pipe_row"))
    places = {
        "node_id": net.nodes.index.astype("str").take(node, fill_value=np.nan),
        "pipe_id": net.pipes.index.astype("str").take(pipe, fill_value=np.nan),
    }
    words = {"evidence_rows": found["rows"], "reading": found["reading"]}
    return pd.DataFrame({"rule": found["rule"], **places, **words}, columns=list(_COLUMNS))


def _no_flows(samples: pd.DataFrame) -> pd.DataFrame:
    return samples[:0].assign(weather=pd.Series(dtype="str"))
