"""What works would do to a model: pipes cleaned, laid again with a fall, enlarged or doubled, outfalls freed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from drainage.arrays import Bools, Floats, Ints
from drainage.hydraulics import manning
from drainage.measures import PIPE
from drainage.schema.columns import column_of
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.model import ScreeningModel
from drainage.simulation.screening.without import MENDED_SLOPE, without_silt

#: Inner diameters to choose from, mm: customary sizes of reinforced concrete pipes. From memory of GB/T 11836, not
#: verified; give those that the contractor can buy.
PIPE_SIZES_MM: Final = (
    300, 400, 500, 600, 700, 800, 900, 1000, 1100, 1200, 1350, 1500, 1650, 1800, 2000, 2200, 2400, 2600, 2800, 3000,
)  # fmt: skip
#: Earth that stays over a pipe under a carriageway, m. GB 50014-2021, 5.3.7.
LEAST_COVER_M: Final = 0.7
#: Pipes side by side in place of one, at most; own choice.
MOST_BARRELS: Final = 4


class Works(NamedTuple):
    """Works at a model: cleaned, laid again and how many steps larger, (n_edges,) each; outfalls freed, (n_nodes,)."""

    clean: Bools
    relay: Bools
    steps: Ints
    free: Bools

    @classmethod
    def none(cls, model: ScreeningModel) -> Works:
        """Nothing done yet."""
        n_edges, n_nodes = len(model.head), len(model.node_row)
        return cls(
            np.zeros(n_edges, np.bool_), np.zeros(n_edges, np.bool_),
            np.zeros(n_edges, np.int64), np.zeros(n_nodes, np.bool_),
        )  # fmt: skip


class Laid(NamedTuple):
    """Pipes as they would be after works, (n_edges,) each; the diameter is nan where the pipe is not a circle."""

    diameter_mm: Floats
    barrels: Floats
    z_up_m: Floats
    z_down_m: Floats


@dataclass(frozen=True, eq=False)
class Remedies:
    """A model and what can be done to each of its pipes.

    A circle gives way to the next larger ones of ``sizes_mm`` as long as its crown keeps the least cover, then to
    several of the largest side by side; a pipe of another shape to several of its own, up to `MOST_BARRELS`.
    Inverts stay where they are, unless a pipe is laid again.

    Parameters
    ----------
    model
        The network as it is.
    silt_m, clean_m3s, clean_area_m2, clean_height_m
        (n_edges,) depth of the silt, and conveyance and section without it.
    diameter_mm, barrels
        (n_edges,) as they lie; nan where no circle.
    sizes_mm
        (n_sizes,) diameters to choose from, rising.
    first, count
        (n_edges,) place of the first larger size, and how many of them find cover.
    """

    model: ScreeningModel
    silt_m: Floats
    clean_m3s: Floats
    clean_area_m2: Floats
    clean_height_m: Floats
    diameter_mm: Floats
    barrels: Floats
    sizes_mm: Floats
    first: Ints
    count: Ints

    @classmethod
    def of(cls, state: Screening, model: ScreeningModel, sizes_mm: tuple[float, ...], least_cover_m: float) -> Remedies:
        """Measure what can be done; ``state`` is the screening from which the model was taken."""
        pipes, row = state.network.pipes, model.pipe_row
        clean = without_silt(state, model) or model
        height = clean.pipes.height_m
        shape = pipes["shape"].fillna("circular").to_numpy(dtype=object)[row] if "shape" in pipes else "circular"
        diameter = np.where(shape == "circular", column_of(pipes, "diameter_mm")[row], np.nan)
        sizes = np.array(sorted(sizes_mm), dtype=np.float64)
        ground = model.nodes.ground_m
        room_m = np.fmin(ground[model.tail] - clean.pipes.z_up_m, ground[model.head] - clean.pipes.z_down_m)
        room_mm = np.nan_to_num((room_m - least_cover_m) * 1000.0, nan=0.0)
        first = np.searchsorted(sizes, diameter, "right")
        last = np.searchsorted(sizes, np.fmax(room_mm, diameter), "right")
        return cls(
            model=model,
            silt_m=height - model.pipes.height_m,
            clean_m3s=clean.pipes.conveyance_m3s,
            clean_area_m2=clean.pipes.area_m2,
            clean_height_m=height,
            diameter_mm=diameter,
            barrels=column_of(pipes, "barrels", 1.0)[row],
            sizes_mm=sizes,
            first=first,
            count=np.where(np.isfinite(diameter), np.maximum(last - first, 0), 0),
        )

    @property
    def can_grow(self) -> Bools:
        """(n_edges,) a pipe of known size and levels."""
        return np.asarray(np.isfinite(self.clean_m3s) & (self.model.pipes.passes == PIPE))

    @property
    def most_steps(self) -> Ints:
        """(n_edges,) how many steps each pipe can grow."""
        return np.where(self.can_grow, self.count + MOST_BARRELS - 1, 0)

    def size(self, steps: Ints) -> tuple[Floats, Floats]:
        """Return diameter, mm, and number of barrels after so many steps, (n_edges,) each."""
        largest = np.where(self.count > 0, self._larger(self.count), self.diameter_mm)
        diameter = np.where(steps == 0, self.diameter_mm, np.where(steps <= self.count, self._larger(steps), largest))
        return diameter, self.barrels + np.maximum(steps - self.count, 0)

    def _larger(self, steps: Ints) -> Floats:
        return np.asarray(self.sizes_mm[np.clip(self.first + steps - 1, 0, len(self.sizes_mm) - 1)])

    def conveyance_m3s(self, steps: Ints) -> Floats:
        """Return the conveyance K of Q = K √S after so many steps, of clean pipes, (n_edges,)."""
        diameter, barrels = self.size(steps)
        circle = manning.conveyance(manning.circular_section(diameter), self.model.pipes.manning_n) * barrels
        own = self.clean_m3s * barrels / self.barrels
        return np.where((steps > 0) & np.isfinite(diameter), circle, own)

    def laid(self, works: Works) -> Laid:
        """Return the pipes as they would be laid."""
        pipes = self.model.pipes
        emptied = works.clean | (works.steps > 0) | works.relay
        z_up = pipes.z_up_m - np.where(emptied, self.silt_m, 0.0)
        z_down = pipes.z_down_m - np.where(emptied, self.silt_m, 0.0)
        if works.relay.any():
            from drainage.simulation.screening.routing import along_flow

            new_up, new_down = along_flow.lay_downhill(
                self.model.ptr,
                self.model.head,
                np.where(works.relay, z_up, np.nan),
                np.where(works.relay, z_down, np.nan),
                MENDED_SLOPE * pipes.length_m,
            )
            z_up, z_down = np.where(works.relay, new_up, z_up), np.where(works.relay, new_down, z_down)
        return Laid(*self.size(works.steps), z_up, z_down)

    def apply(self, works: Works) -> ScreeningModel:
        """Return the model with the works done; shares of forks stay as they are."""
        pipes = self.model.pipes
        laid = self.laid(works)
        emptied = works.clean | (works.steps > 0) | works.relay
        grown = works.steps > 0
        circle = manning.circular_section(laid.diameter_mm)
        is_circle = grown & np.isfinite(laid.diameter_mm)
        area = np.where(is_circle, circle.area_m2 * laid.barrels, self.clean_area_m2 * laid.barrels / self.barrels)
        height = np.where(is_circle, circle.height_m, self.clean_height_m)
        return replace(
            self.model.with_pipes(
                conveyance_m3s=np.where(emptied, self.conveyance_m3s(works.steps), pipes.conveyance_m3s),
                area_m2=np.where(emptied, area, pipes.area_m2),
                height_m=np.where(emptied, height, pipes.height_m),
                z_up_m=laid.z_up_m,
                z_down_m=laid.z_down_m,
            ),
            nodes=self.model.nodes._replace(tailwater_m=np.where(works.free, np.nan, self.model.nodes.tailwater_m)),
        )

    def carried_on(self, works: Works) -> Works:
        """Return works in which no enlarged pipe runs into a smaller one: what lies below it grows as well."""
        from drainage.simulation.screening import reach_kernels

        if not works.steps.any():
            return works
        steps = reach_kernels.grow_below(
            self.model.ptr, self.model.head, works.steps, self.diameter_mm, self.first, self.count, self.sizes_mm
        )
        return works._replace(steps=steps)
