"""How bad the defects of a pipe are: structural F and RI, functional G and MI, in the manner of CJJ 181-2012.

The text of CJJ 181 was not at hand.  What follows it was taken from two programs that use it (*seen*) or is written as
remembered (*from memory*); none of it is verified, and each number is a field of `ConditionRules` that a user with the
standard in hand can put right.

    F = max(P_max, ΣP·near / n)   over the structural defects      RI = 0.7 F + 0.1 K + 0.05 E + 0.15 T
    G = the same                  over the functional ones         MI = 0.8 G + 0.15 K + 0.05 E
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Floats
from drainage.errors import SchemaError
from drainage.words import in_both

CLASSES: Final = ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ")
_AREA: Final = {10.0: "centre 甲 中心区", 6.0: "trunk 乙 主干道", 3.0: "road 丙 一般道路", 0.0: "other 其他"}
_SOIL: Final = {
    0.0: "ordinary 一般土",
    6.0: "weak_swelling slightly_collapsible 弱膨胀土 弱湿陷土",
    8.0: "medium_swelling collapsible 中膨胀土 湿陷土",
    10.0: "silty_sand red_clay muck strong_swelling strongly_collapsible 粉砂 红黏土 淤泥 强膨胀土 强湿陷土",
}


def _points(words: Mapping[float, str]) -> dict[str, float]:
    return {name: points for points, names in words.items() for name in names.split()}


@dataclass(frozen=True, slots=True)
class ConditionRules:
    """Numbers used to score defects, none of them verified in CJJ 181-2012 itself.

    Parameters
    ----------
    grade_points
        P of grades 1 to 4. From memory.
    near_factor, near_m
        A defect whose next one of its kind begins more than the first and at most the second distance away, m, counts
        so many times. From memory; defects without a position, and those that are nearer still, count once: our choice.
    structural_weights
        Of F, K, E and T in RI. Seen.
    functional_weights
        Of G, K and E in MI. Seen.
    class_bounds
        RI or MI up to which a pipe is of class Ⅰ, Ⅱ and Ⅲ. From memory.
    counted_from
        K and E are 0 where F (or G) is less. Seen; for G by analogy.
    area_points
        K by the importance of the area. Numbers seen, words from memory.
    diameter_bounds_mm, diameter_points
        E: of pipes below the first bound, from there to the second, up to the third, and above. Seen.
    soil_points
        T by the soil around the pipe; 0 where F is 0. Seen.

    Examples
    --------
    >>> import drainage as dr
    >>> rules = dr.plans.ConditionRules(class_bounds=(1.0, 3.0, 6.0))
    >>> rules.class_bounds, rules.points_of("area", "centre"), rules.points_of("area", "road")
    ((1.0, 3.0, 6.0), 10.0, 3.0)
    """

    grade_points: tuple[float, float, float, float] = (0.5, 2.0, 5.0, 10.0)
    near_factor: float = 1.1
    near_m: tuple[float, float] = (1.0, 1.5)
    structural_weights: tuple[float, float, float, float] = (0.7, 0.1, 0.05, 0.15)
    functional_weights: tuple[float, float, float] = (0.8, 0.15, 0.05)
    class_bounds: tuple[float, float, float] = (1.0, 4.0, 7.0)
    counted_from: float = 4.0
    area_points: Mapping[str, float] = field(default_factory=lambda: _points(_AREA))
    diameter_bounds_mm: tuple[float, float, float] = (600.0, 1000.0, 1500.0)
    diameter_points: tuple[float, float, float, float] = (0.0, 3.0, 6.0, 10.0)
    soil_points: Mapping[str, float] = field(default_factory=lambda: _points(_SOIL))

    def points_of(self, kind: str, word: str) -> float:
        """Return K of an ``area`` or T of a ``soil``.

        Raises
        ------
        SchemaError
            No such word.
        """
        table = self.area_points if kind == "area" else self.soil_points
        if word not in table:
            what = in_both("area_kind" if kind == "area" else "soil_kind")
            raise SchemaError(in_both("no_such", what=what, name=word, known=", ".join(table)))
        return table[word]


def rate_pipes(
    defects: pd.DataFrame, size_mm: Floats, area_points: float, soil_points: float, rules: ConditionRules
) -> pd.DataFrame:
    """Rate pipes by the defects that were found in them.

    Parameters
    ----------
    defects
        One row per defect: ``pipe_row``, ``kind`` (structural or functional), ``points``, ``position_m`` and
        ``length_m`` (nan where unknown).
    size_mm
        (n_pipes,) diameter, or the larger side.
    area_points, soil_points
        K and T.
    rules
        The numbers.

    Returns
    -------
    (n_pipes,) rows: ``structural_f``, ``ri``, ``ri_class``, ``functional_g``, ``mi``, ``mi_class``; missing where no
    defect of the kind was found.
    """
    structural, functional = (
        _parameter(defects[defects["kind"] == kind], len(size_mm), rules) for kind in ("structural", "functional")
    )
    low, middle, high = rules.diameter_bounds_mm
    band = (size_mm >= low).astype(np.intp) + (size_mm > middle) + (size_mm > high)
    diameter_points = np.array(rules.diameter_points)[band]

    def index(parameter: Floats, weights: tuple[float, ...], soil: float) -> Floats:
        counts = parameter >= rules.counted_from
        area, size = (np.where(counts, points, 0.0) for points in (area_points, diameter_points))
        terms = (parameter, area, size, np.where(parameter > 0.0, soil, 0.0))
        weighted = [weight * term for weight, term in zip(weights, terms, strict=False)]
        return np.asarray(np.sum(weighted, axis=0).round(6))

    ri = index(structural, rules.structural_weights, soil_points)
    mi = index(functional, rules.functional_weights, 0.0)
    return pd.DataFrame(
        {
            "structural_f": structural,
            "ri": ri,
            "ri_class": classify(ri, rules),
            "functional_g": functional,
            "mi": mi,
            "mi_class": classify(mi, rules),
        }
    )


def classify(index: Floats, rules: ConditionRules) -> NDArray[np.object_]:
    """Return the class of RI or MI; a value on a bound falls in the lower class, nan in none."""
    names = np.array([*CLASSES, None], dtype=object)
    return np.asarray(names[np.where(np.isnan(index), len(CLASSES), np.searchsorted(rules.class_bounds, index))])


def _parameter(defects: pd.DataFrame, n_pipes: int, rules: ConditionRules) -> Floats:
    """Return F or G, (n_pipes,): the worst defect, or their mean with near ones raised, whichever is larger."""
    ordered = defects.sort_values(["pipe_row", "position_m"], kind="stable")
    pipe = ordered["pipe_row"].to_numpy(dtype=np.int64)
    points = ordered["points"].to_numpy(dtype=np.float64)
    begin = ordered["position_m"].to_numpy(dtype=np.float64)
    end = begin + np.nan_to_num(ordered["length_m"].to_numpy(dtype=np.float64))
    clear = np.full(len(ordered) + 1, np.nan)  # between each defect and the one before it
    clear[1:-1] = np.where(pipe[1:] == pipe[:-1], begin[1:] - end[:-1], np.nan)
    nearest = np.fmin(clear[:-1], clear[1:])
    near = (nearest > rules.near_m[0]) & (nearest <= rules.near_m[1])
    raised = points * np.where(near, rules.near_factor, 1.0)
    count = np.bincount(pipe, minlength=n_pipes)
    mean = np.divide(
        np.bincount(pipe, weights=raised, minlength=n_pipes), count, out=np.full(n_pipes, np.nan), where=count > 0
    )
    worst = np.full(n_pipes, -np.inf)
    np.maximum.at(worst, pipe, points)
    return np.asarray(np.where(count > 0, np.maximum(worst, mean), np.nan))
