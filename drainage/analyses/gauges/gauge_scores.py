"""How each gauge and its computed series agree, and what in its readings cannot be taken as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.analyses.gauges.gauge_limits import GaugeLimits
from drainage.analyses.gauges.placed import PlacedGauge
from drainage.arrays import Floats
from drainage.hydraulics.goodness import bias, kling_gupta, nash_sutcliffe, percent_bias, share_off, volume
from drainage.network import DrainageNetwork
from drainage.said import Said, joined
from drainage.schema.columns import column_of
from drainage.words import in_both

#: Scores by which a gauge is called good, fair or poor: NSE above 0.75 and 0.50, as Moriasi et al. (2007) are
#: remembered for monthly flows (not verified); for single events our choice.
GOOD: Final = 0.75
FAIR: Final = 0.5
FITS: Final = ("good", "fair", "poor", "unknown")
#: Levels so far below the invert or above the ground are of another datum or unit, m (our choice).
_BELOW_M: Final = 0.3
_ABOVE_M: Final = 1.0
#: A flow so many times the pipe's own is of another unit (our choice).
_TIMES: Final = 20.0
#: So well two series must go together once the one is shifted, and no better before, to call it a matter of the clock.
_TOGETHER: Final = 0.9
_APART: Final = 0.6


class Doubt(NamedTuple):
    """What is wrong with a gauge, as a code and in words; neither where nothing is."""

    code: str | None = None
    said: Said | str = ""


def gauge_table(
    net: DrainageNetwork, gauges: Sequence[PlacedGauge], found: Sequence[Floats], doubts: Sequence[Doubt]
) -> gpd.GeoDataFrame:
    """Return one row a gauge: its place, its readings, and errors of what was computed."""
    rows = [_row(gauge, computed, doubt) for gauge, computed, doubt in zip(gauges, found, doubts, strict=True)]
    points = [_place(net, gauge) for gauge in gauges]
    index = pd.Index([gauge.name for gauge in gauges], name="gauge", dtype="str")
    table = pd.DataFrame(rows, index=index)
    table["note"] = pd.Series([row["note"] for row in rows], index=index, dtype=object)
    table["gauge_doubt"] = table["gauge_doubt"].astype("str").where(table["gauge_doubt"].notna())
    return gpd.GeoDataFrame(table, geometry=np.array([*points, None], dtype=object)[:-1], crs=net.crs)


def _row(gauge: PlacedGauge, computed: Floats, doubt: Doubt) -> dict[str, object]:
    both = np.isfinite(computed) & np.isfinite(gauge.value)
    is_flow = gauge.quantity == "flow"
    measured, there = gauge.value[both], computed[both]
    minute = gauge.minute[both]
    told: dict[str, object] = {
        "feature_kind": gauge.kind,
        "feature_id": gauge.feature_id,
        "quantity": gauge.quantity,
        "unit": "m³/s" if is_flow else "m",
        "readings": len(gauge.value),
        "readings_compared": int(both.sum()),
        "readings_missing": int(np.isnan(gauge.value).sum()),
        "gaps": int((np.diff(gauge.gap.astype(np.int8), prepend=0) == 1).sum()),
    }
    if not both.any():
        nothing = dict.fromkeys(_FIGURES, np.nan)
        return {**told, **nothing, "fit": "unknown", "gauge_doubt": doubt.code, "note": doubt.said or None}
    peaks = [int(np.argmax(one)) for one in (measured, there)]
    zeroed = [gauge.above_zero(one) for one in (there, measured)]
    volumes = [volume(gauge.minute, np.where(both, one, np.nan), gauge.gap) for one in (gauge.value, computed)]
    nse = nash_sutcliffe(there, measured)
    figures = dict(
        zip(
            _FIGURES,
            (
                measured[peaks[0]],
                there[peaks[1]],
                there[peaks[1]] - measured[peaks[0]],
                share_off(*(float(one.max()) for one in zeroed)),
                minute[peaks[0]],
                minute[peaks[1]],
                minute[peaks[1]] - minute[peaks[0]],
                volumes[0] if is_flow else np.nan,
                volumes[1] if is_flow else np.nan,
                share_off(volumes[1], volumes[0]) if is_flow else np.nan,
                bias(there, measured),
                percent_bias(*zeroed),
                nse,
                kling_gupta(*zeroed),
            ),
            strict=True,
        )
    )
    return {**told, **figures, "fit": fit_of(nse), "gauge_doubt": doubt.code, "note": doubt.said or None}


_FIGURES: Final = (
    "measured_peak", "computed_peak", "peak_off", "peak_off_pct", "measured_peak_min", "computed_peak_min",
    "peak_late_min", "measured_m3", "computed_m3", "volume_off_pct", "bias", "bias_pct", "nse", "kge",
)  # fmt: skip


def fit_of(nse: float) -> str:
    """Return good, fair, poor or unknown by the efficiency of Nash and Sutcliffe."""
    if np.isnan(nse):
        return "unknown"
    return "good" if nse >= GOOD else "fair" if nse >= FAIR else "poor"


def _place(net: DrainageNetwork, gauge: PlacedGauge) -> shapely.Geometry | None:
    """Return the point of a node; of a pipe its middle."""
    if gauge.pipe < 0:
        return net.nodes.geometry.iloc[gauge.node]
    line = net.pipes.geometry.iloc[gauge.pipe]
    return None if line is None else line.interpolate(0.5, normalized=True)


def doubt_of(net: DrainageNetwork, gauge: PlacedGauge, computed: Floats, end_min: float, limits: GaugeLimits) -> Doubt:
    """Find what keeps a gauge from being compared: no readings in time, another datum, unit or clock.

    Parameters
    ----------
    end_min
        End of the simulated time, min.
    """
    both = np.isfinite(computed) & np.isfinite(gauge.value)
    inside = (gauge.minute >= 0.0) & (gauge.minute <= end_min)
    if inside.any() and np.isnan(computed[inside]).all():
        return Doubt("outside_model", in_both("gauge_outside_model", gauge=gauge.name))
    if both.sum() < limits.least_readings:
        return Doubt(
            "few_readings", in_both("gauge_few", gauge=gauge.name, count=int(both.sum()), least=limits.least_readings)
        )
    measured, there = gauge.value[both], computed[both]
    if gauge.quantity == "flow":
        wrong = _flow_doubt(net, gauge, measured)
    else:
        wrong = _datum(net, gauge, measured, there, limits.datum_m)
    return wrong or _clock(gauge, gauge.minute[both], measured, there)


def _flow_doubt(net: DrainageNetwork, gauge: PlacedGauge, measured: Floats) -> Doubt | None:
    capacity = net.measures.capacity_m3s
    rows = [gauge.pipe] if gauge.pipe >= 0 else np.flatnonzero(net.graph.tail == gauge.node)
    own = float(np.nansum(capacity[rows]))
    most = float(measured.max())
    if own > 0.0 and most > _TIMES * own:
        return Doubt("unit", in_both("gauge_unit_off", gauge=gauge.name, most=most, capacity=own))
    return None


def _datum(net: DrainageNetwork, gauge: PlacedGauge, measured: Floats, there: Floats, datum_m: float) -> Doubt | None:
    """Find levels that cannot be in the datum of the network; nothing is shifted."""
    zero = gauge.bottom_m if gauge.quantity == "level" else 0.0
    top = float(column_of(net.nodes, "ground_m")[gauge.node]) - (gauge.bottom_m if gauge.quantity == "depth" else 0.0)
    offset = float(np.median(measured - there))
    told = {"gauge": gauge.name, "offset_m": offset, "low_m": float(measured.min()), "high_m": float(measured.max())}
    remedy = in_both("gauge_datum_remedy" if gauge.quantity == "level" else "gauge_depth_remedy", gauge=gauge.name,
                     offset_m=-offset)  # fmt: skip
    if abs(offset) < datum_m:
        return None  # what is computed stands there too
    if np.median(measured) < zero - _BELOW_M:
        said = in_both("gauge_below", **told, bottom_m=zero)
    elif np.isfinite(top) and np.median(measured) > top + _ABOVE_M:
        said = in_both("gauge_above", **told, ground_m=top)
    elif gauge.quantity == "level" and nash_sutcliffe(there + offset, measured) >= FAIR:
        said = in_both("gauge_shifted", **told)
    else:
        return None
    return Doubt("datum", joined([said, remedy]))


def _clock(gauge: PlacedGauge, minute: Floats, measured: Floats, there: Floats) -> Doubt:
    """Find a series that agrees only when it is shifted by whole hours, as a time zone would."""
    if np.ptp(measured) <= 0.0 or np.ptp(there) <= 0.0 or np.corrcoef(measured, there)[0, 1] >= _APART:
        return Doubt()
    for hours in sorted((h for h in range(-12, 13) if h), key=abs):
        moved = np.interp(minute - 60.0 * hours, minute, measured, left=np.nan, right=np.nan)
        both = np.isfinite(moved)
        if both.sum() < len(minute) / 2 or np.ptp(moved[both]) <= 0.0 or np.ptp(there[both]) <= 0.0:
            continue
        if np.corrcoef(moved[both], there[both])[0, 1] >= _TOGETHER:
            return Doubt("clock", in_both("gauge_clock", gauge=gauge.name, hours=hours))
    return Doubt()
