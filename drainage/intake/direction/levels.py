"""Lines whose ids record no direction, compared with the pipes that they meet by the levels of both.

What is said of a line is the same whichever way its neighbours are drawn: each of them is taken both ways.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from drainage.arrays import Bools, Floats, Ints
from drainage.intake.joining import Joined
from drainage.schema import Issues
from drainage.schema.columns import column_of
from drainage.words import in_both

MEET_MM: Final = 50  # levels that differ less may be one, as in `drainage.repairs.turn`: a choice of ours, no standard


class Compared(NamedTuple):
    """Lines by what their levels say of the way they are drawn; masks, (n_pipes,). All others say nothing."""

    agree: Bools  # they meet a neighbour as drawn, and none with their ends exchanged
    opposed: Bools  # they meet neighbours at both ends with their ends exchanged, and at neither as drawn
    doubtful: Bools  # the same at one end only


def compare_levels(joined: Joined, asked: Bools) -> Compared:
    """Compare lines with their neighbours as drawn and with both ends exchanged.

    As drawn any level nearby counts; exchanged only the lower end of one line at the upper end of the next. Lines that
    fall less than twice the tolerance look alike both ways and say nothing.
    """
    pipes, tail, head = joined.pipes, joined.tail, joined.head
    upper, lower = (column_of(pipes, f"invert_{end}_m") for end in ("from", "to"))
    known = np.isfinite(upper) & np.isfinite(lower) & (tail != head) & (tail >= 0) & (head >= 0)
    if "link_type" in pipes:
        known &= (pipes["link_type"] == "conduit").to_numpy()
    rows = np.flatnonzero(known)
    compared = Compared(*np.zeros((3, len(pipes)), np.bool_))
    if not len(rows):
        return compared
    levels = np.rint(1000 * np.stack([upper[rows], lower[rows]])).astype(np.int64)
    levels -= levels.min()
    span = int(levels.max()) + 2 * MEET_MM + 1
    low, high = levels.min(axis=0), levels.max(axis=0)
    ends = np.stack([tail[rows], head[rows]]) * span
    drawn, exchanged = ends + levels, ends + levels[::-1]
    steep = asked[rows] & (high - low > 2 * MEET_MM)
    if not steep.any():
        return compared
    both, of_level = np.concatenate([drawn, exchanged]), np.concatenate([levels, levels[::-1]])
    tops, feet = both[of_level >= high - MEET_MM], both[of_level <= low + MEET_MM]
    fits = _near(both.ravel(), drawn[:, steep]) > 1  # one of those near is its own
    at_top = levels[::-1][:, steep] == high[steep]
    crossed = exchanged[:, steep]
    fits_exchanged = np.where(at_top, _near(feet, crossed), _near(tops, crossed)) > 0
    stays, turns = fits.any(axis=0), fits_exchanged.any(axis=0)
    opposed = fits_exchanged.all(axis=0) & ~stays
    for mask, found in zip(compared, (stays & ~turns, opposed, turns & ~stays & ~opposed), strict=True):
        mask[rows[steep]] = found
    return compared


def _near(keys: Ints, asked: Ints) -> Ints:
    """Count the keys within the tolerance of each one asked for."""
    keys = np.sort(keys)
    return np.searchsorted(keys, asked + MEET_MM, "right") - np.searchsorted(keys, asked - MEET_MM, "left")


def turn_to_levels(joined: Joined, turned: Bools, issues: Issues) -> Joined:
    """Turn lines whose inverts are named by the flow, which they are drawn against: what is named of each end stays."""
    rows = np.flatnonzero(turned)
    if not len(rows):
        return joined
    pipes = joined.pipes.copy(deep=False)
    lines, first, last = np.array(pipes.geometry.array), pipes["from_node"], pipes["to_node"]
    lines[rows] = shapely.reverse(lines[rows])
    pipes = pipes.set_geometry(gpd.GeoSeries(lines, index=pipes.index, crs=pipes.crs))
    pipes["from_node"], pipes["to_node"] = first.where(~turned, last), last.where(~turned, first)
    upper, lower = _levels_of(joined, rows)
    reasons = [in_both("levels_fit_turned", upper=a, lower=b) for a, b in zip(upper, lower, strict=True)]
    issues.add("drawn_against_flow", "warning", "pipe", pipes.index[rows], reasons, in_both("turned_to_levels"))
    tail, head = np.where(turned, joined.head, joined.tail), np.where(turned, joined.tail, joined.head)
    return joined._replace(pipes=pipes, tail=tail, head=head)


def report_doubtful(joined: Joined, doubtful: Bools, exchanged: Bools, issues: Issues) -> None:
    """Report lines whose levels agree with one neighbour only if turned, and those whose inverts seem exchanged."""
    for code, mask, action in (
        ("levels_against_line", doubtful, "left_check_direction"),
        ("inverts_exchanged", exchanged, "left_exchange_inverts"),
    ):
        rows = np.flatnonzero(mask)
        upper, lower = _levels_of(joined, rows)
        reasons = [in_both(code, upper=a, lower=b) for a, b in zip(upper, lower, strict=True)]
        issues.add(code, "warning", "pipe", joined.pipes.index[rows], reasons, in_both(action))


def _levels_of(joined: Joined, rows: Ints) -> tuple[Floats, Floats]:
    upper, lower = (column_of(joined.pipes, f"invert_{end}_m")[rows] for end in ("from", "to"))
    return upper, lower
