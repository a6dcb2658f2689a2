"""Water that an .inp lets into its nodes: hydrographs, dry weather flow, seeping rain; and the soils of its ground."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.formats.inp.gages import minutes_of
from drainage.formats.inp.text.series import Tables
from drainage.formats.inp.text.tokens import InpText, begins, match_names

_MM: Final = {True: 1.0, False: 25.4}


class Hydrograph(NamedTuple):
    """Inflow of a node by time, min from the start of the simulation and m³/s; none before and after."""

    node: str
    minute: Floats
    m3s: Floats


class PatternedFlow(NamedTuple):
    """Mean inflow of a node, m³/s, and names of the patterns that vary it; of a baseline too."""

    node: str
    m3s: float
    patterns: tuple[str, ...]


class Sewershed(NamedTuple):
    """Ground of which rain seeps into a node, hm², and its triangles (`drainage.hydraulics.rdii`) by month and gage."""

    node: str
    area_ha: float
    gage: str
    triangles: Floats


def read_hydrographs(text: InpText, tables: Tables, nodes: pd.Index) -> list[Hydrograph]:
    """Read the time series of [INFLOWS] that are flows."""
    direct = text.table("INFLOWS", ("node_id", "constituent", "series", "type", "mfactor", "sfactor"))
    direct = direct[begins(direct["constituent"], "FLOW") & direct["series"].notna()]
    names, found = match_names(direct["node_id"], nodes), []
    for node, row in zip(names, direct.itertuples(), strict=True):
        series = tables.series(str(row.series)) if row.series not in {"", "*"} and isinstance(node, str) else None
        if series is not None and len(series):
            series = series[np.argsort(series[:, 0], kind="stable")]
            flow = series[:, 1] * _float(row.sfactor, 1.0) * text.units.flow_m3s
            found.append(Hydrograph(node, minutes_of(series[:, 0], text), flow))
    return found


def mean_m3s(minute: Floats, m3s: Floats, span_s: float) -> float:
    """Return the mean of a hydrograph over a simulation of so many seconds, or over its own span if unknown."""
    ends = np.array([0.0, span_s / 60.0]) if span_s > 0.0 else np.array([minute[0], minute[-1]], dtype=np.float64)
    length_s = float(ends[1] - ends[0]) * 60.0
    if length_s <= 0.0:
        return float(m3s[-1])
    return float(np.diff(volume_until(minute, m3s, ends))[0] / length_s)


def volume_until(minute: Floats, m3s: Floats, time_min: Floats) -> Floats:
    """Return the volume of a piecewise linear hydrograph up to each time, m³."""
    if len(minute) < 2:
        return np.zeros(len(time_min))
    length = np.diff(minute)
    total = np.concatenate([[0.0], np.cumsum(0.5 * (m3s[1:] + m3s[:-1]) * length)])
    within = np.clip(time_min, minute[0], minute[-1])
    at = np.clip(np.searchsorted(minute, within, side="right") - 1, 0, len(minute) - 2)
    now = np.interp(within, minute, m3s)
    return np.asarray(total[at] + 0.5 * (m3s[at] + now) * (within - minute[at])) * 60.0


def read_patterned(text: InpText, nodes: pd.Index) -> list[PatternedFlow]:
    """Read dry weather flows and baselines that follow patterns."""
    known = {row[0].upper() for row in text.rows("PATTERNS")}
    spelled = {str(name).upper(): str(name) for name in nodes}
    found = []
    for row in text.rows("DWF"):
        if len(row) > 3 and row[1].upper().startswith("FLOW") and row[0].upper() in spelled:
            named = tuple(word.upper() for word in row[3:7] if word.upper() in known)
            if named:
                found.append(PatternedFlow(spelled[row[0].upper()], _float(row[2], 0.0) * text.units.flow_m3s, named))
    for row in text.rows("INFLOWS"):
        patterned = len(row) > 7 and row[1].upper().startswith("FLOW") and row[7].upper() in known
        if patterned and row[0].upper() in spelled:
            amount = _float(row[6], 0.0) * text.units.flow_m3s
            found.append(PatternedFlow(spelled[row[0].upper()], amount, (row[7].upper(),)))
    return found


def pattern_factors(text: InpText, names: Sequence[str], moments: Sequence[dt.datetime]) -> Floats:
    """Return the product of some patterns at moments; at weekends a weekend pattern replaces the hourly one.

    References
    ----------
    EPA SWMM 5.2 User's Manual (EPA/600/R-22/030), appendix D, [DWF] and [PATTERNS].
    """
    by_name: dict[str, tuple[str, list[float]]] = {}
    for row in text.rows("PATTERNS"):
        kind, values = by_name.get(row[0].upper(), ("", []))
        told = len(row) > 1 and row[1].upper()[:4] in {"MONT", "DAIL", "HOUR", "WEEK"}
        by_name[row[0].upper()] = (
            row[1].upper()[:4] if told else kind,
            values + [_float(w, 1.0) for w in row[1 + told :]],
        )
    chosen = dict(by_name[name] for name in names if name in by_name)
    factor = np.ones(len(moments))
    for kind, values in chosen.items():
        padded = np.ones(31)
        padded[: len(values)] = values[:31]
        at = np.array(
            [{"MONT": m.month - 1, "DAIL": (m.weekday() + 1) % 7}.get(kind, m.hour) for m in moments], np.intp
        )
        free = np.array([m.weekday() >= 5 for m in moments], np.bool_)
        counts = (
            free if kind == "WEEK" else ~free if kind == "HOUR" and "WEEK" in chosen else np.ones(len(at), np.bool_)
        )
        factor *= np.where(counts, padded[at], 1.0)
    return factor


def read_sewersheds(text: InpText, nodes: pd.Index, month: int) -> list[Sewershed]:
    """Read [RDII] with the unit hydrographs that hold in a month."""
    gage: dict[str, str] = {}
    parts: dict[str, dict[str, list[float]]] = {}
    metric = text.units.length_m == 1.0
    for row in text.rows("HYDROGRAPHS"):
        name = row[0].upper()
        if len(row) == 2:
            gage[name] = row[1].upper()
        elif len(row) > 5 and _in_month(row[1], month):
            words = row[2:]
            if words[0].upper()[:4] in {"SHOR", "MEDI", "LONG"}:
                told = [_float(word, 0.0) for word in [*words[1:7], *["0"] * 6][:6]]
                parts.setdefault(name, {})[words[0].upper()[:4]] = told
            else:
                numbers = [_float(word, 0.0) for word in [*words[:12], *["0"] * 12][:12]]
                for at, kind in enumerate(("SHOR", "MEDI", "LONG")):
                    parts.setdefault(name, {})[kind] = [*numbers[3 * at : 3 * at + 3], *numbers[9:12]]
    spelled = {str(name).upper(): str(name) for name in nodes}
    found = []
    for row in text.rows("RDII"):
        if len(row) > 2 and row[0].upper() in spelled and row[1].upper() in parts:
            triangles = np.array(list(parts[row[1].upper()].values()), dtype=np.float64)
            triangles[:, 3:] *= _MM[metric]
            area = _float(row[2], 0.0) * text.units.area_ha
            found.append(Sewershed(spelled[row[0].upper()], area, gage.get(row[1].upper(), ""), triangles))
    return found


def read_soils(text: InpText, ids: pd.Index) -> tuple[Floats, list[str]]:
    """Read what `drainage.hydraulics.overland` wants of catchments, and their gages; area and share are those there.

    Returns
    -------
    (n_catchments, 16), and the name of the gage of each in capitals.
    """
    metric = text.units.length_m == 1.0
    mm = _MM[metric] / 1000.0
    areas = {row[0].upper(): row for row in text.rows("SUBAREAS")}
    soils = {row[0].upper(): row for row in text.rows("INFILTRATION")}
    from drainage.hydraulics import overland

    rows = {row[0].upper(): row for row in text.rows("SUBCATCHMENTS")}
    usual = text.options.get("INFILTRATION", "HORTON")
    table = np.zeros((len(ids), 16))
    gages = []
    for at, name in enumerate(ids):
        row = rows.get(str(name).upper(), [])
        area = [*areas.get(str(name).upper(), [])[1:], *[""] * 8]
        gages.append(row[1].upper() if len(row) > 1 else "")
        here = table[at]
        here[overland.AREA] = _float(row[3] if len(row) > 3 else "", 0.0) * text.units.area_ha * 1e4
        here[overland.IMPERVIOUS] = min(max(_float(row[4] if len(row) > 4 else "", 0.0) / 100.0, 0.0), 1.0)
        here[overland.WIDTH] = _float(row[5] if len(row) > 5 else "", 0.0) * text.units.length_m
        here[overland.SLOPE] = _float(row[6] if len(row) > 6 else "", 0.0) / 100.0
        here[overland.N_PAVED], here[overland.N_PERVIOUS] = _float(area[0], 0.01), _float(area[1], 0.1)
        here[overland.KEEPS_PAVED], here[overland.KEEPS_PERVIOUS] = (_float(word, 0.0) * mm for word in area[2:4])
        here[overland.NO_STORAGE] = min(max(_float(area[4], 0.0) / 100.0, 0.0), 1.0)
        over = {"P": overland.ON_PERVIOUS, "I": overland.ON_PAVED}.get(area[5][:1].upper(), overland.OUTLET)
        here[overland.RUNS_OVER], here[overland.RUN_SHARE] = over, _float(area[6], 100.0) / 100.0
        soil = soils.get(str(name).upper(), [])[1:]
        method = next((word.upper() for word in soil[3:] if word[:1].isalpha()), usual)
        here[overland.SOIL :] = _soil(method, [_float(word, 0.0) for word in [*soil, *["0"] * 5][:5]], mm)
    return table, gages


def _soil(method: str, told: list[float], mm: float) -> list[float]:
    from drainage.hydraulics import overland

    day = 86400.0
    if method.startswith(("GREEN", "MODIFIED_G")):
        return [overland.GREEN_AMPT, told[0] * mm, told[1] * mm / 3600.0, told[2], 0.0]
    if method.startswith(("CURVE", "SCS")):
        return [overland.CURVE_NUMBER, told[0], 0.0, 0.0, (told[2] or 7.0) * day]
    kind = overland.MODIFIED_HORTON if method.startswith("MOD") else overland.HORTON
    return [kind, told[0] * mm / 3600.0, told[1] * mm / 3600.0, told[2] / 3600.0, (told[3] or 7.0) * day]


def _in_month(word: str, month: int) -> bool:
    names = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
    return word.upper().startswith("ALL") or word.upper().startswith(names[month - 1])


def _float(word: object, default: float) -> float:
    try:
        return float(str(word))
    except ValueError:
        return default
