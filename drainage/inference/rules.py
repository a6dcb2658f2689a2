"""The rules by which a reading says something, each with its clause, and the limits that they need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from drainage.arrays import Objects
from drainage.words import in_both

Scheme = Literal["cecs", "idde"]

#: Rule → its clause: T/CECS 758-2020 and DB4201/T 651-2021 as read in the project's notes, IDDE's numbers from memory.
#: What each concludes is the sentence ``verdict_…``.
RULES: Final = {
    "dry_flow": "T/CECS 758-2020, 4.2.2; DB4201/T 651-2021, 5.4.1",
    "dry": "T/CECS 758-2020, 4.2.2",
    "entry": "DB4201/T 651-2021, 5.5.3",
    "no_entry": "DB4201/T 651-2021, 5.5.3",
    "washing": "T/CECS 758-2020, 5.3.2 表1",
    "household": "T/CECS 758-2020, 5.3.2 表1",
    "septic": "T/CECS 758-2020, 5.3.2 表1",
    "clean": "T/CECS 758-2020, 5.3.4",
    "idde_sanitary": "EPA IDDE manual 2004, flow chart",
    "idde_washing": "EPA IDDE manual 2004, flow chart",
    "idde_tap": "EPA IDDE manual 2004, flow chart",
    "idde_natural": "EPA IDDE manual 2004, flow chart",
    "rise": "T/CECS 758-2020, 5.2.4-1",
    "load": "T/CECS 758-2020, 5.2.4-1",
    "infiltration": "T/CECS 758-2020, 5.2.4-3, 5.3.4",
    "storm_in_sewage": "T/CECS 758-2020, 4.2.3, 5.2.4-2",
    "storm_at_works": "T/CECS 758-2020, 4.2.3",
    "diluted_in_rain": "T/CECS 758-2020, 5.2.4-2",
    "more_than_used": "T/CECS 758-2020, 4.2.4",
    "backflow": "T/CECS 758-2020, 4.2.5",
    "surcharged": "T/CECS 758-2020, 4.2.7",
    "hidden_branch": "DB4201/T 651-2021, 5.5.9",
    "direct_discharge": "DB4201/T 651-2021, 5.5.3",
    "dye_seen": "T/CECS 758-2020, 5.3 (dye; clause not verified)",
    "closed": "T/CECS 758-2020, 8.2.1",
}


@dataclass(frozen=True, slots=True)
class SourceLimits:
    r"""Limits of the rules: each names its clause, or is our choice.

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

    Examples
    --------
    >>> import drainage as dr
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> net, text = dr.load_demo("2021-05-07"), "node_id,date,nh3n_mg_l,surfactant_mg_l\nYS0042,2021-05-01,12,1.0\n"
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "samples.csv").write_text(text)
    ...     evidence = dr.read_evidence(f"{folder}/samples.csv")
    >>> limits = dr.inference.SourceLimits(nh3n_mg_l=20.0)
    >>> [dr.find_sources(net, evidence, limits=one).verdicts["rule"].tolist() for one in (None, limits)]
    [['household'], ['washing']]
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


def tell(rule: pd.Series) -> dict[str, pd.Series]:
    """Return the clause of each rule, and what it concludes, as columns ``clause``, ``zh`` and ``en``."""
    said = {name: in_both(f"verdict_{name}") for name in RULES}
    return {
        "clause": rule.map(RULES),
        "zh": rule.map({name: text.chinese for name, text in said.items()}),
        "en": rule.map({name: str(text) for name, text in said.items()}),
    }


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
