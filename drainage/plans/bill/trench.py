"""How deep a trench is along a pipe, in which classes of depth its metres lie, and what is dug for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from drainage.arrays import Floats, Ints
from drainage.errors import SchemaError
from drainage.plans.bill.item_kinds import UNKNOWN
from drainage.words import in_both

#: Upper bounds of the classes of depth, m; beyond the last is a class of its own. Own choice, no standard's.
DEPTHS_M: Final = (1.5, 2.0, 3.0, 4.0, 5.0, 6.0)
#: Outer diameter up to which (mm) → space to work in at each side of a pipe, m. From memory of GB 50268-2008, table
#: 4.3.2, for concrete pipes with rigid joints: not verified.
WORKING_SPACE_M: Final = ((500.0, 0.4), (1000.0, 0.5), (1500.0, 0.6), (3000.0, 0.8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trench:
    """What a trench looks like across, for the volume that is dug.

    Parameters
    ----------
    working_space_m
        Space to work in at each side of the pipe, m; None: by the outer diameter as in GB 50268-2008, table 4.3.2, as
        it is remembered (`WORKING_SPACE_M`): not verified.
    side_slope
        Metres by which each side leans outwards for a metre of height; 0, upright sides, by default: our assumption.
    wall_share
        Thickness of the wall of a pipe as a share of its inner width, where nothing is recorded of it. Our assumption:
        a tenth.

    Raises
    ------
    SchemaError
        A number below 0.

    Examples
    --------
    >>> import drainage as dr
    >>> import numpy as np
    >>> trench = dr.plans.Trench(working_space_m=0.4, side_slope=0.33)
    >>> width_m = trench.width_m(np.array([600.0]))
    >>> dug_m3 = trench.volume_m3(width_m, length_m=np.array([50.0]), begin_m=np.array([1.8]), end_m=np.array([2.2]))
    >>> width_m.round(2).tolist(), dug_m3.round(1).tolist()
    ([1.52], [218.2])
    """

    working_space_m: float | None = None
    side_slope: float = 0.0
    wall_share: float = 0.1

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for name in ("working_space_m", "side_slope", "wall_share"):
            value = getattr(self, name)
            if value is not None and not value >= 0.0:
                raise SchemaError(in_both("not_0_or_more", name=name, value=value))

    def width_m(self, inner_mm: Floats) -> Floats:
        """(n,) width of the floor of the trench of each pipe, by its inner width, m: B = D + 2 b."""
        outer_mm = inner_mm * (1.0 + 2.0 * self.wall_share)
        if self.working_space_m is not None:
            return np.asarray(outer_mm / 1000.0 + 2.0 * self.working_space_m)
        bounds, spaces = np.array(WORKING_SPACE_M).T
        space = spaces[np.minimum(np.searchsorted(bounds, np.nan_to_num(outer_mm)), len(spaces) - 1)]
        return np.asarray(outer_mm / 1000.0 + 2.0 * space)

    def volume_m3(self, width_m: Floats, length_m: Floats, begin_m: Floats, end_m: Floats) -> Floats:
        """(n,) earth dug along a length over which the depth runs straight from ``begin_m`` to ``end_m``.

        A trench t deep has the section B t + m t², whose mean along a straight floor is B (a + b) / 2 + m (a² + a b +
        b²) / 3.
        """
        upright = width_m * (begin_m + end_m) / 2.0
        leaning = self.side_slope * (begin_m**2 + begin_m * end_m + end_m**2) / 3.0
        return np.asarray(length_m * (upright + leaning))


class Stretches(NamedTuple):
    """Parts of pipes, each within one class of depth; (n,) each, ``pipe`` being the row of the pipe."""

    pipe: Ints
    depth_class: Ints
    length_m: Floats
    begin_m: Floats
    end_m: Floats


def check_depths(depths_m: Sequence[float]) -> tuple[float, ...]:
    """Return bounds of classes of depth.

    Raises
    ------
    SchemaError
        There is none, one is not above 0, or they do not rise.
    """
    bounds = tuple(float(one) for one in depths_m)
    if not bounds or not bounds[0] > 0.0 or not np.all(np.diff(bounds) > 0.0) or not np.isfinite(bounds).all():
        raise SchemaError(in_both("bill_depths", value=", ".join(f"{one:g}" for one in bounds) or "–"))
    return bounds


def class_names(bounds: Sequence[float]) -> list[str]:
    """Return what classes are called, m; the last is that of unknown depth.

    Examples
    --------
    >>> class_names((1.5, 2.0, 3.0))
    ['≤1.5', '1.5–2', '2–3', '>3', 'unknown']
    """
    between = [f"{low:g}–{high:g}" for low, high in pairwise(bounds)]
    return [f"≤{bounds[0]:g}", *between, f">{bounds[-1]:g}", UNKNOWN]


def classes_of(depth_m: Floats, bounds: Sequence[float]) -> Ints:
    """(n,) number of the class of each depth; a depth on a bound is of the shallower one, NaN of the last."""
    number = np.searchsorted(np.array(bounds), depth_m, side="left")
    return np.where(np.isnan(depth_m), len(bounds) + 1, number).astype(np.int64)


def split_by_depth(length_m: Floats, begin_m: Floats, end_m: Floats, bounds: Sequence[float]) -> Stretches:
    """Part pipes where the depth of their trench passes a bound; it runs straight from one end to the other.

    Parameters
    ----------
    length_m, begin_m, end_m
        (n_pipes,) length, and depth of the trench at both ends; a pipe with an unknown depth stays whole.
    bounds
        Of the classes, rising, m.

    Examples
    --------
    Of 60 m that fall from 1 m to 4 m of depth 10 m lie above 1.5 m, 10 m between there and 2 m, 40 m below.

    >>> parts = split_by_depth(np.array([60.0]), np.array([1.0]), np.array([4.0]), (1.5, 2.0))
    >>> parts.length_m.round(6).tolist(), parts.depth_class.tolist()
    ([10.0, 10.0, 40.0], [0, 1, 2])
    """
    edges = np.array([-np.inf, *bounds, np.inf])
    low, high = np.fmin(begin_m, end_m), np.fmax(begin_m, end_m)
    known = np.isfinite(begin_m) & np.isfinite(end_m)
    level = known & (low == high)
    rows, classes, shares, begins, ends = [], [], [], [], []
    for number, (above, below) in enumerate(pairwise(edges)):
        top, bottom = np.clip(low, above, below), np.clip(high, above, below)
        at = np.flatnonzero(known & ~level & (bottom > top))
        falls = end_m[at] > begin_m[at]
        rows.append(at)
        classes.append(np.full(len(at), number))
        shares.append((bottom[at] - top[at]) / (high[at] - low[at]))
        begins.append(np.where(falls, top[at], bottom[at]))
        ends.append(np.where(falls, bottom[at], top[at]))
    whole = np.flatnonzero(level | ~known)
    depth = np.where(known, begin_m, np.nan)[whole]
    rows.append(whole)
    classes.append(classes_of(depth, bounds))
    shares.append(np.ones(len(whole)))
    begins.append(depth)
    ends.append(depth)
    pipe, depth_class = np.concatenate(rows), np.concatenate(classes)
    share, begin, end = map(np.concatenate, (shares, begins, ends))
    order = np.lexsort((depth_class, pipe))
    length = (share * length_m[pipe])[order]
    return Stretches(pipe[order], depth_class[order], length, begin[order], end[order])
