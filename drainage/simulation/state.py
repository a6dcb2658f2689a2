"""What a simulation says: flows in pipes and levels at nodes, whichever engine found them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drainage.schema import Issues

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.simulation.ground.catchments import Runoff
    from drainage.simulation.screening.model import ScreeningModel


@dataclass(frozen=True, eq=False)
class FlowState:
    """Flows and levels of a network in a storm.

    Parameters
    ----------
    network, storm
        What was simulated.
    method
        ``screening``, or the name of the engine.
    pipes
        Index ``pipe_id``, one row a pipe: ``flow_m3s`` (peak that wants to pass, by the rational
        method in a screening), ``capacity_m3s`` (full-bore, by gravity), ``utilisation`` (flow by
        capacity), ``surcharged``, ``passed_m3s`` (peak that did pass), ``judged``; nan where not
        simulated.
    nodes
        Index ``node_id``, one row a node: ``area_ha`` (own catchment), ``level_m`` (highest grade
        line, at most the ground), ``ground_m``, ``freeboard_m``, ``overflow_m3s`` (peak),
        ``overflow_m3`` (all that leaves the pipes, lost or ponded), ``overflows``, ``judged`` (False: data
        are missing, so that no overflow was looked for), ``overflow_h`` (hours in which it overflows); of a screening
        ``doubt``: why it cannot be trusted there (`drainage.simulation.screening.doubt.DOUBTS`), missing where
        nothing speaks against it.
    assumptions
        What the network did not say and what was taken instead: name → value and why.
    balance
        Water of the storm, m³: ``runoff_m3`` = ``outflow_m3`` + ``lost_m3`` + ``ponded_m3`` + ``dried_m3`` +
        ``stored_m3`` + ``error_m3``. ``overflow_m3`` is all that left the pipes at nodes: ``lost_m3`` for good, the
        rest to stand above them and come back, of which ``ponded_m3`` still stands at the end. ``dried_m3`` evaporated
        or seeped away, ``stored_m3`` is what the pipes hold more at the end than at the start, ``error_m3`` what the
        engine could not keep count of. In a screening all overflow is lost, and what is missing counts as stored.
    model
        Sorted arrays of a screening, by which questions can ask again under other conditions.
    screening
        Of a state of another engine: a screening of the same network and storm, for the same purpose.
    standing
        Of a screening: index ``node_id``, ``standing_h`` (hours in which water stands, until the
        pipes that leave the node have taken it back, as if they had none but this to take),
        ``drain_down_h`` (hours of them after the rain; 24: a day or more), ``begins_h`` and ``ends_h`` (when the first
        water stands and the last is gone, from the start of the rain); nan where none overflows.
    ground, uplift_within
        Of a screening: the ground of the nodes, and where within its bounds Ψ is raised in rare storms.
    issues
        Of an engine: what it was given or took otherwise than the network says, its own warnings included.
    """

    network: DrainageNetwork
    storm: Storm
    method: str
    pipes: pd.DataFrame
    nodes: pd.DataFrame
    assumptions: Mapping[str, str] = field(default_factory=dict)
    balance: Mapping[str, float] = field(default_factory=dict)
    model: ScreeningModel | None = field(default=None, repr=False)
    inlet_time_min: float = 10.0
    screening: FlowState | None = field(default=None, repr=False)
    standing: pd.DataFrame | None = field(default=None, repr=False)
    ground: Runoff | None = field(default=None, repr=False)
    uplift_within: float | None = None
    issues: pd.DataFrame = field(default_factory=lambda: Issues().frame(), repr=False)

    def __repr__(self) -> str:
        """Give counts and the storm in one line."""
        overflowing = int(self.nodes["overflows"].sum())
        surcharged = int(self.pipes["surcharged"].sum())
        judged = int(self.nodes["judged"].sum())
        return (
            f"<FlowState {self.method}: {surcharged:,} pipes surcharged, {overflowing:,} of "
            f"{judged:,} judged nodes overflow {self.nodes['overflow_m3'].sum():,.0f} m³, "
            f"{self.storm!r}>"
        )

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(repr(self))}</p>{self.nodes.describe().to_html()}"
