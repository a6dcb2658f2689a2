"""The rains of the public page: which are asked of a network, and by which words and key the page knows a rain."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from drainage.errors import SimulationError
from drainage.hydraulics.formulas import IntensityFormula
from drainage.hydraulics.rainfall import DesignStorm, ObservedStorm, Storm
from drainage.hydraulics.storm_of_depth import StormOfDepth
from drainage.words import in_both

_SAID: Final = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
#: Key of the rain with which a page opens that holds it.
FIRST: Final = str(_SAID["default"])
#: Up to this length the amounts of 12 h count, min.
_HALF_DAY_MIN: Final = 720.0


class Rain(NamedTuple):
    """A rain: the key by which the page knows it, and the storm."""

    key: str
    storm: Storm

    @property
    def grade(self) -> int:
        """Its grade, 0-5 (`grade_of`)."""
        return grade_of(self.storm.depth_mm, self.storm.duration_min)

    def told(self) -> dict[str, object]:
        """Return what the page tells of it: grade 0-5, return period (0: none), millimetres, minutes, day if observed.

        References
        ----------
        GB/T 28592-2012, table 1.
        """
        storm = self.storm
        period = storm.return_period_a
        begins = storm.begins if type(storm) is ObservedStorm else None  # that of a model fell on no day
        return {
            "k": self.key,
            "g": self.grade,
            "P": _plain(period) if math.isfinite(period) else 0,
            "mm": round(storm.depth_mm),
            "min": round(storm.duration_min),
            "day": "" if begins is None else str(begins.astype("datetime64[D]")),
        }


def grade_of(depth_mm: float, duration_min: float) -> int:
    """Return the grade of a rain: 0 light, 1 moderate, 2 heavy, 3 storm, 4 heavy storm, 5 the heaviest.

    Examples
    --------
    >>> grade_of(29.9, 120.0), grade_of(30.0, 120.0), grade_of(30.0, 1440.0)
    (2, 3, 2)
    """
    limits: list[float] = _SAID["grades_12h_mm" if duration_min <= _HALF_DAY_MIN else "grades_24h_mm"]
    return max(sum(round(depth_mm, 1) >= limit for limit in limits) - 1, 0)


def rains_of(formula: IntensityFormula) -> list[Rain]:
    """Return the rains that the page offers, by a formula, from the least to the most; those it does not cover are out.

    Raises
    ------
    SimulationError
        The formula covers none of the return periods.
    """
    minutes = float(_SAID["duration_min"])
    found, refused = list[Rain](), list[SimulationError]()
    for said in _SAID["rain"]:
        try:
            storm = _storm(formula, said, minutes)
            depths = storm.depth_mm > 0.0
        except SimulationError as error:
            refused.append(error)
            continue
        found += [Rain(said["key"], storm)] if depths else []
    if not any(math.isfinite(rain.storm.return_period_a) for rain in found):
        raise refused[0]
    return sorted(found, key=lambda rain: rain.storm.depth_mm)


def rain_of(storm: Storm) -> Rain:
    """Return a storm with its key: that of the page's rain of the same return period or depth, if it is one."""
    if math.isfinite(storm.return_period_a):
        return Rain(f"p{_plain(storm.return_period_a)}", storm)
    if isinstance(storm, StormOfDepth):
        return Rain(f"m{_plain(round(storm.depth_mm, 1))}", storm)
    return Rain("own", storm)


def formula_of(storms: Sequence[Storm]) -> dict[str, object]:
    """Return the name of the formula of storms, and whether it is verified; "" and False where there is none."""
    formulas = [found for storm in storms if (found := getattr(storm, "formula", None)) is not None]
    if not formulas:
        return {"name": "", "verified": False}
    formula = formulas[0]
    return {"name": formula.name or in_both("storm_formula"), "verified": bool(formula.verified)}


def _storm(formula: IntensityFormula, said: dict[str, float], minutes: float) -> Storm:
    """Return a rain; one of a depth has a usual shape where the formula gives none."""
    if "return_period_a" in said:
        return DesignStorm(formula, float(said["return_period_a"]), minutes)
    depth_mm = float(said["depth_mm"])
    try:
        shaped = StormOfDepth(depth_mm, minutes, formula=formula)
        return shaped if shaped.depth_mm > 0.0 else StormOfDepth(depth_mm, minutes)
    except SimulationError:
        return StormOfDepth(depth_mm, minutes)


def _plain(number: float) -> float:
    return int(number) if float(number).is_integer() else round(float(number), 2)
