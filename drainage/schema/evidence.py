"""The data model of evidence: kinds of readings beside the network, their columns, units and possible values."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from drainage.schema.codes import fold

#: Kind of evidence → our column → names under which it is met, separated by blanks.
EVIDENCE: dict[str, dict[str, str]] = tomllib.loads(
    (Path(__file__).parent / "evidence.toml").read_text(encoding="utf-8")
)
KINDS_OF_EVIDENCE = tuple(EVIDENCE)
TRACERS = (
    "nh3n_mg_l",
    "cod_mg_l",
    "surfactant_mg_l",
    "k_mg_l",
    "fluoride_mg_l",
    "conductivity_us_cm",
    "hardness_mg_l",
)
TEXTS = ("node_id", "pipe_id", "code", "clock", "entered", "weather")
TIMES = ("date", "last_rain")
YES_NO = ("flowing", "entry", "closed", "seen", "discharging")

#: What cannot be: wide bounds of ours, so that a slip of unit or decimal point is said. Unit of the column.
POSSIBLE = {
    "nh3n_mg_l": (0.0, 1000.0),
    "cod_mg_l": (0.0, 50_000.0),
    "surfactant_mg_l": (0.0, 1000.0),
    "k_mg_l": (0.0, 2000.0),
    "fluoride_mg_l": (0.0, 500.0),
    "conductivity_us_cm": (0.0, 100_000.0),
    "hardness_mg_l": (0.0, 10_000.0),
    "depth_m": (0.0, 30.0),
    "flow_m3_per_day": (0.0, 1e7),
    "level_m": (-500.0, 9000.0),
    "river_level_m": (-500.0, 9000.0),
    "dry_hours": (0.0, 10_000.0),
    "grade": (1.0, 4.0),
    "position_m": (0.0, 5000.0),
    "length_m": (0.0, 5000.0),
    "silt_share": (0.0, 1.0),
    "section_loss_share": (0.0, 1.0),
}
_CONCENTRATION = {"mg/l": 1.0, "ug/l": 0.001, "g/l": 1000.0, "g/m3": 1.0, "ppm": 1.0, "毫克/升": 1.0, "微克/升": 0.001}
_FLOW = {
    **dict.fromkeys(("m3/d", "m3/day", "cmd", "t/d", "吨/天", "立方米/天"), 1.0),
    **dict.fromkeys(("m3/h", "cmh", "立方米/小时"), 24.0),
    **dict.fromkeys(("m3/s", "cms"), 86_400.0),
    **dict.fromkeys(("l/s", "lps", "升/秒"), 86.4),
    **dict.fromkeys(("l/min",), 1.44),
}
_SHARE = {"%": 0.01, "％": 0.01}
_METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001, "米": 1.0, "厘米": 0.01, "毫米": 0.001}
#: Our column → unit → factor to the unit in its name; the unit is sought folded of blanks and superscripts.
UNITS: dict[str, dict[str, float]] = {
    **dict.fromkeys([name for name in POSSIBLE if name.endswith("_mg_l")], _CONCENTRATION),
    "conductivity_us_cm": {"us/cm": 1.0, "ms/cm": 1000.0, "ms/m": 10.0},
    "flow_m3_per_day": _FLOW,
    **dict.fromkeys(("depth_m", "level_m", "river_level_m", "position_m", "length_m"), _METRES),
    **dict.fromkeys(("silt_share", "section_loss_share"), _SHARE),
    "grade": {"级": 1.0},
    "dry_hours": {"h": 1.0, "d": 24.0, "小时": 1.0, "天": 24.0},
}
_SUFFIX = {"mg_l": "mg/l", "ug_l": "ug/l", "us_cm": "us/cm", "ms_cm": "ms/cm", "l_s": "l/s", "m3_s": "m3/s"}
_SUFFIX |= {"m3_h": "m3/h", "m3_d": "m3/d", "m3_per_day": "m3/d", "pct": "%", "cm": "cm", "mm": "mm", "m": "m"}
_BRACKETS = re.compile(r"[\(（\[]([^\)）\]]{0,60})[\)）\]]")  # bounded: many opening brackets take no time


def plain_unit(text: str) -> str:
    """Reduce a unit to letters: no blanks, ³ as 3, µ as u, lower case."""
    for sign, letter in (("³", "3"), ("µ", "u"), ("μ", "u"), ("·", ""), (" ", "")):
        text = text.replace(sign, letter)
    return text.lower()


def split_unit(name: str) -> tuple[str, str | None]:
    """Part the name of a column from its unit: ``NH3-N (mg/L)``, ``flow_l_s``; None where it names none."""
    brackets = _BRACKETS.search(name)
    if brackets:
        return fold(_BRACKETS.sub(" ", name)), plain_unit(brackets.group(1))
    folded = fold(name)
    for suffix, unit in _SUFFIX.items():
        if folded.endswith(f"_{suffix}"):
            return folded.removesuffix(f"_{suffix}"), unit
    return folded, None
