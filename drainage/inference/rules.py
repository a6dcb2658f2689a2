"""The rules by which a reading says something, each with its clause, and the limits that they need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from drainage.arrays import Objects

Scheme = Literal["cecs", "idde"]


class Rule(NamedTuple):
    """What a rule concludes, and where it stands."""

    clause: str
    zh: str
    en: str


#: Clauses of T/CECS 758-2020 and DB4201/T 651-2021 as read in the project's notes; IDDE's numbers from memory.
RULES: dict[str, Rule] = {
    "dry_flow": Rule(
        "T/CECS 758-2020, 4.2.2; DB4201/T 651-2021, 5.4.1", "旱天有水流，疑有污水或外水", "flows in dry weather"
    ),
    "dry": Rule("T/CECS 758-2020, 4.2.2", "旱天无水流，上游无持续来水", "no flow in dry weather"),
    "entry": Rule("DB4201/T 651-2021, 5.5.3", "井内见未绘支管排水", "an undrawn branch discharges here"),
    "no_entry": Rule("DB4201/T 651-2021, 5.5.3", "井内未见未绘支管", "no undrawn branch seen"),
    "washing": Rule("T/CECS 758-2020, 5.3.2 表1", "表面活性剂高、氨氮低：洗涤废水", "washing water by its tracers"),
    "household": Rule("T/CECS 758-2020, 5.3.2 表1", "各特征因子均高：生活污水", "household sewage by its tracers"),
    "septic": Rule("T/CECS 758-2020, 5.3.2 表1", "氨氮高、表面活性剂低：化粪池溢流", "septic overflow by its tracers"),
    "clean": Rule("T/CECS 758-2020, 5.3.4", "各因子均低：地下水等清水", "ground or other clean water by its tracers"),
    "idde_sanitary": Rule("EPA IDDE manual 2004, flow chart", "氨氮/钾大于 1：生活污水", "sanitary by NH3/K"),
    "idde_washing": Rule("EPA IDDE manual 2004, flow chart", "表面活性剂高：洗涤废水", "washing water by detergents"),
    "idde_tap": Rule("EPA IDDE manual 2004, flow chart", "氟化物高：自来水", "tap water by fluoride"),
    "idde_natural": Rule("EPA IDDE manual 2004, flow chart", "天然水或地下水", "natural or ground water"),
    "rise": Rule(
        "T/CECS 758-2020, 5.2.4-1", "下游浓度高于上游：其间有污水接入", "higher below than above: an entry between"
    ),
    "load": Rule(
        "T/CECS 758-2020, 5.2.4-1", "下游水量或负荷高于上游：其间有接入", "more flow or load below than above"
    ),
    "infiltration": Rule(
        "T/CECS 758-2020, 5.2.4-3, 5.3.4",
        "污水管浓度下降、硬度上升：地下水入渗",
        "ground water enters the sewer between",
    ),
    "storm_in_sewage": Rule("T/CECS 758-2020, 4.2.3, 5.2.4-2", "雨天污水管流量明显增大", "storm water in a sewer"),
    "storm_at_works": Rule(
        "T/CECS 758-2020, 4.2.3", "雨天污水厂或泵站进水量明显增大：雨水混入", "more inflow to works or a pump in rain"
    ),
    "diluted_in_rain": Rule(
        "T/CECS 758-2020, 5.2.4-2",
        "雨天下游浓度低于上游：其间有雨水混入",
        "weaker below than above in rain: storm water",
    ),
    "more_than_used": Rule(
        "T/CECS 758-2020, 4.2.4",
        "旱天流量大于产生的污水量：有外水入渗",
        "more flow in dry weather than sewage there is",
    ),
    "backflow": Rule("T/CECS 758-2020, 4.2.5", "井水位与河道水位一致：河水倒灌", "the river stands in the pipe"),
    "surcharged": Rule("T/CECS 758-2020, 4.2.7", "旱天水位高于管顶", "stands above the crown in dry weather"),
    "hidden_branch": Rule("DB4201/T 651-2021, 5.5.9", "支管暗接", "a branch joins the pipe between manholes"),
    "direct_discharge": Rule("DB4201/T 651-2021, 5.5.3", "污水直排", "sewage discharges into the pipe"),
    "dye_seen": Rule("T/CECS 758-2020, 5.3 (dye; clause not verified)", "染色示踪可见", "dye was seen"),
    "closed": Rule("T/CECS 758-2020, 8.2.1", "此处混接已整改", "the source here was closed"),
}


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """Limits of the rules: each names its clause, or is our choice.

    Parameters
    ----------
    surfactant_mg_l
        High from this value on: the minimum of either water in T/CECS 758-2020, 5.3.2, table 1.
    nh3n_mg_l
        High above this: the maximum of washing water in the same table.
    clean_nh3n_mg_l, clean_cod_mg_l
        Water is clean up to these values: class V of GB 3838-2002, from memory.
    idde_surfactant_mg_l, idde_fluoride_mg_l, idde_nh3_k
        The flow chart of the EPA IDDE manual (2004), from memory.
    rise_share
        A concentration counts as higher downstream if it is higher by this share: two samples with 10 % error each,
        twice their spread. Our choice; the clause says "higher".
    storm_in_sewage_times
        Ratio of the flow in rain to that in dry weather from which it is "clearly higher". Our choice.
    flow_error_share
        Standard error of a flow or load. Our choice.
    source_m3_per_day, source_nh3n_mg_l
        Flow of a typical undrawn source (its spread is as large) and its ammonia. Our choice.
    least_flow_m3_per_day
        A smaller reading of a meter counts as none. Our choice.
    backflow_m
        Level and river agree within this. Our choice.
    """

    surfactant_mg_l: float = 0.83
    nh3n_mg_l: float = 9.6
    clean_nh3n_mg_l: float = 2.0
    clean_cod_mg_l: float = 40.0
    idde_surfactant_mg_l: float = 0.25
    idde_fluoride_mg_l: float = 0.25
    idde_nh3_k: float = 1.0
    rise_share: float = 0.28
    storm_in_sewage_times: float = 1.5
    flow_error_share: float = 0.2
    source_m3_per_day: float = 70.0
    source_nh3n_mg_l: float = 40.0
    least_flow_m3_per_day: float = 2.0
    backflow_m: float = 0.1


SEWAGE = ("washing", "household", "septic", "idde_sanitary", "idde_washing")
CLEAN = ("clean", "idde_tap", "idde_natural")


def name_water(samples: pd.DataFrame, limits: SourceLimits, scheme: Scheme) -> Objects:
    """Name the kind of water of each sample: a name of `RULES`, or None where its tracers do not decide.

    T/CECS 758-2020, 5.3.2: surfactant high and ammonia low is washing water, both high household sewage, ammonia high
    and surfactant low the overflow of a septic tank. A value between clean and high names nothing.
    """
    nh3, cod, surfactant, k, fluoride = (
        samples[name].to_numpy(dtype=np.float64)
        for name in ("nh3n_mg_l", "cod_mg_l", "surfactant_mg_l", "k_mg_l", "fluoride_mg_l")
    )
    if scheme == "idde":
        soapy = surfactant > limits.idde_surfactant_mg_l
        ratio = np.divide(nh3, k, out=np.full(len(k), np.nan), where=k > 0)
        known = np.isfinite(surfactant)
        choices = [
            (soapy & (ratio > limits.idde_nh3_k), "idde_sanitary"),
            (soapy & (ratio <= limits.idde_nh3_k), "idde_washing"),
            (known & ~soapy & (fluoride > limits.idde_fluoride_mg_l), "idde_tap"),
            (known & ~soapy & (fluoride <= limits.idde_fluoride_mg_l), "idde_natural"),
        ]
    else:
        soapy, ammonia = surfactant >= limits.surfactant_mg_l, nh3 > limits.nh3n_mg_l
        choices = [
            (soapy & ammonia, "household"),
            (soapy & (nh3 <= limits.nh3n_mg_l), "washing"),
            (ammonia, "septic"),
            ((nh3 <= limits.clean_nh3n_mg_l) & ~(cod > limits.clean_cod_mg_l) & ~soapy, "clean"),
        ]
    named = np.full(len(samples), None, dtype=object)
    for mask, name in reversed(choices):
        named[mask] = name
    if scheme == "cecs":  # ammonia alone tells sewage, not which
        named[(named == "septic") & ~np.isfinite(surfactant)] = "household"
    return named
