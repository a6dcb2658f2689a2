"""What is done at pipes: laid, taken up, given up, put to another system, cleaned, closed, led elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Bools, Floats, Ints
from drainage.plans.bill.item_kinds import UNKNOWN
from drainage.plans.bill.trench import Trench, class_names, split_by_depth
from drainage.plans.bill.two_states import Side, TwoStates
from drainage.schema.columns import column_of

#: Cleaning takes out at least so much of the silt, as a share of the height: less is how numbers are written.
_LEAST_CLEANED: Final = 0.005


class PipeWorks:
    """Works at the pipes of a network.

    Parameters
    ----------
    states
        The network before and after.
    bounds
        Of the classes of depth, m.
    level_m, moved_m
        A pipe is laid again whose invert changes, or whose line moves, by more.
    trench
        For what is dug; None: that is not asked.
    """

    def __init__(
        self, states: TwoStates, bounds: Sequence[float], *, level_m: float, moved_m: float, trench: Trench | None
    ) -> None:  # fmt: skip
        """Compare the pipes that stay."""
        self._states, self._bounds, self._trench = states, bounds, trench
        was, now = states.stay
        before, after = states.before, states.after
        resized = before.sizes[was] != after.sizes[now]
        resized &= (before.sizes[was] != UNKNOWN) & (after.sizes[now] != UNKNOWN)
        grown = resized & (after.area_mm2[now] > before.area_mm2[was])
        put = _differs(before, after, "system", was, now)
        renewed = states.successor & (~put | _laid_later(before, after, was, now))
        other = resized | renewed | _differs(before, after, "material", was, now)
        again = _moved(before, after, was, now, level_m, moved_m)
        pipe = before.conduit[was] & after.conduit[now]
        self._laid = pipe & (other | again)
        self._kind = np.select([grown, other], ["laid_larger", "laid_other"], "laid_again").astype(object)
        self._more = np.where(pipe & ~self._laid, after.barrels[now] - before.barrels[was], 0.0)

    def pieces(self) -> Iterator[pd.DataFrame]:
        """Yield the pieces of work, kind by kind."""
        states = self._states
        before, after = states.before, states.after
        was, now = states.stay
        new = states.new[after.conduit[states.new]]
        gone = states.gone[before.conduit[states.gone]]
        yield from self._laid_pieces("laid_new", new, after.barrels[new])
        for kind in ("laid_larger", "laid_other", "laid_again"):
            rows = now[self._laid & (self._kind == kind)]
            yield from self._laid_pieces(kind, rows, after.barrels[rows])
        yield from self._laid_pieces("laid_beside", now[self._more > 0], self._more[self._more > 0])
        fewer = self._more < 0
        old = np.concatenate([was[self._laid], was[fewer]])
        count = np.concatenate([before.barrels[was[self._laid]], -self._more[fewer]])
        yield self._lengths("taken_up", before, old, count)
        yield self._lengths("given_up", before, gone, before.barrels[gone])
        yield from self._kept_pieces(was, now)
        yield from self._devices()

    def _laid_pieces(self, kind: str, rows: Ints, count: Floats) -> Iterator[pd.DataFrame]:
        """Yield the metres laid by depth of the trench, and what is dug for them if that is asked."""
        side = self._states.after
        begin, end = (depth[rows] for depth in side.depths_m)
        parts = split_by_depth(side.length_m[rows], begin, end, self._bounds)
        at, names = rows[parts.pipe], np.array(class_names(self._bounds), dtype=object)
        of_trench = {
            "depth_class": names[parts.depth_class],
            "trench_from_m": parts.begin_m,
            "trench_to_m": parts.end_m,
            "filled": side.filled[at],
        }
        lengths = parts.length_m * count[parts.pipe]
        material = side.text("material", at)
        yield self._states.pipe_pieces(kind, side, at, lengths, material=material, **of_trench)
        if self._trench is not None:
            width = self._trench.width_m(side.sizes_mm[0][at])
            volume = self._trench.volume_m3(width, lengths, parts.begin_m, parts.end_m)
            dug = self._states.pipe_pieces("dug", side, at, volume, **of_trench)
            yield dug.assign(pipe_size=None, system=None)

    def _lengths(self, kind: str, side: Side, rows: Ints, count: Floats, **more: object) -> pd.DataFrame:
        material = side.text("material", rows)
        length = side.length_m[rows] * count
        return self._states.pipe_pieces(kind, side, rows, length, material=material, **more)

    def _kept_pieces(self, was: Ints, now: Ints) -> Iterator[pd.DataFrame]:
        """Yield what is done at pipes that stay in the ground: another system, cleaning."""
        before, after = self._states.before, self._states.after
        pipe = before.conduit[was] & ~self._laid
        changed = np.flatnonzero(pipe & _differs(before, after, "system", was, now))
        rows = now[changed]
        said = {"was_system": before.text("system", was[changed])}
        yield self._lengths("system_changed", after, rows, after.barrels[rows], **said)
        silt = column_of(before.pipes, "silt_share")[was] - column_of(after.pipes, "silt_share")[now]
        cleaned = now[pipe & (np.nan_to_num(silt) > _LEAST_CLEANED)]
        yield self._lengths("cleaned", after, cleaned, after.barrels[cleaned]).assign(material=None)

    def _devices(self) -> Iterator[pd.DataFrame]:
        """Yield pumps, weirs, orifices and outlets that come and go."""
        sides = (
            ("device_new", self._states.after, self._states.new),
            ("device_gone", self._states.before, self._states.gone),
        )
        for kind, side, rows in sides:
            there = rows[~side.conduit[rows]]
            yield self._states.pipe_pieces(kind, side, there, structure=side.text("link_type", there)).assign(
                pipe_size=None
            )

    def connections(self) -> Iterator[pd.DataFrame]:
        """Yield ends that are closed, pipes led to another node, and new pipes that meet an old manhole.

        An end is closed where another pipe goes on using its node: at a pipe that is given up, and at one that ends
        elsewhere from now on.
        """
        states = self._states
        before, after = states.before, states.after
        was, now = states.stay
        for end in ("from_node", "to_node"):
            left = before.pipes[end].to_numpy(dtype=object)
            ends_now = after.pipes[end].to_numpy(dtype=object)
            led = before.conduit[was] & (left[was] != ends_now[now])
            gone = states.gone[before.conduit[states.gone]]
            freed = np.concatenate([gone, was[led]])
            yield states.pipe_pieces("closed", before, freed[[name in states.used_after for name in left[freed]]])
            yield states.pipe_pieces("reconnected", after, now[led & ~self._laid])
            new = states.new[after.conduit[states.new]]
            yield states.pipe_pieces("joined", after, new[[name in states.used_before for name in ends_now[new]]])


def _differs(before: Side, after: Side, column: str, was: Ints, now: Ints) -> Bools:
    """Return where a known word becomes another known one; what is found out about a pipe is no work."""
    then, later = before.text(column, was), after.text(column, now)
    told = [one not in {None, UNKNOWN} and other not in {None, UNKNOWN} for one, other in zip(then, later, strict=True)]
    return np.array(told, np.bool_) & np.asarray(then != later, np.bool_)


def _laid_later(before: Side, after: Side, was: Ints, now: Ints) -> Bools:
    """Return which pipes are recorded as commissioned later than those in whose place they are."""
    then, later = (side.pipes["commissioned"].to_numpy()[rows] for side, rows in ((before, was), (after, now)))
    return np.asarray(later > then, np.bool_)


def _moved(before: Side, after: Side, was: Ints, now: Ints, level_m: float, moved_m: float) -> Bools:
    """Return which pipes lie at another level or along another line."""
    found = np.zeros(len(was), np.bool_)
    for end in ("invert_from_m", "invert_to_m"):
        change = np.abs(column_of(after.pipes, end)[now] - column_of(before.pipes, end)[was])
        found |= np.nan_to_num(change) > level_m + 1e-9
    then, later = (np.asarray(side.pipes.geometry.array)[rows] for side, rows in ((before, was), (after, now)))
    redrawn = np.flatnonzero(
        ~shapely.equals_exact(then, later) & ~shapely.is_missing(then) & ~shapely.is_missing(later)
    )
    found[redrawn] |= shapely.hausdorff_distance(then[redrawn], later[redrawn]) > moved_m
    return found
