"""What a simulation says: flows in pipes and levels at nodes, whichever engine found them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from drainage.hydraulics.rainfall import Storm
from drainage.metres import Area
from drainage.network import DrainageNetwork
from drainage.schema import Issues
from drainage.simulation.setup import Setup

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from drainage.maps.notebook import NotebookMap


@dataclass(frozen=True, eq=False)
class FlowState:
    """Flows and levels of a network in a storm.

    Parameters
    ----------
    network, storm, setup
        The network, the storm and the assumptions of the simulation.
    method
        ``screening``, or the name of the engine.
    pipes
        Index ``pipe_id``, one row per pipe: ``flow_m3s`` (peak that wants to pass, by the rational
        method in a screening), ``capacity_m3s`` (full-bore, by gravity), ``utilisation`` (flow by
        capacity), ``surcharged``, ``passed_m3s`` (peak that did pass), ``judged``; nan where not
        simulated.
    nodes
        Index ``node_id``, one row per node: ``area_ha`` (own catchment), ``level_m`` (highest grade
        line, at most the ground), ``ground_m``, ``freeboard_m``, ``overflow_m3s`` (peak),
        ``overflow_m3`` (all that leaves the pipes, lost or ponded), ``overflows``, ``judged`` (False: data
        are missing, so that no overflow was looked for), ``overflow_h`` (hours in which it overflows); of a screening
        ``doubt``: why it cannot be trusted there (`drainage.simulation.screening.doubt.DOUBTS`), missing where nothing
        speaks against it.
    assumptions
        What the network does not state and what was assumed instead: name → value and reason.
    balance
        Water of the storm, m³: ``runoff_m3`` = ``outflow_m3`` + ``lost_m3`` + ``ponded_m3`` + ``dried_m3`` +
        ``stored_m3`` + ``error_m3``. ``overflow_m3`` is all that left the pipes at nodes: ``lost_m3`` for good, the
        rest to stand above them and come back, of which ``ponded_m3`` still stands at the end. ``dried_m3`` evaporated
        or infiltrated, ``stored_m3`` is the increase of water in the pipes from start to end, ``error_m3`` the
        continuity error of the engine. In a screening all overflow is lost, and missing water counts as stored.
    issues
        For an engine: differences between the network and what the engine was given or ran, including its own warnings.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    >>> state = dr.screen(net, storm)
    >>> state.nodes[["level_m", "freeboard_m", "overflow_m3"]].round(2)
             level_m  freeboard_m  overflow_m3
    node_id
    YS1039     21.10          0.0        18.42
    YS1040     21.07          0.0       102.47
    YS1041     21.04          0.0       225.65
    YS1042     21.01          0.0       217.37
    YS1043       NaN          NaN         0.00
    """

    network: DrainageNetwork
    storm: Storm
    method: str
    pipes: pd.DataFrame
    nodes: pd.DataFrame
    assumptions: Mapping[str, str] = field(default_factory=dict)
    balance: Mapping[str, float] = field(default_factory=dict)
    setup: Setup = field(default_factory=Setup, repr=False)
    issues: pd.DataFrame = field(default_factory=lambda: Issues().frame(), repr=False)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        lang: str | None = None,
        **style: Any,  # noqa: ANN401 - of the lines, as matplotlib takes it
    ) -> Axes:
        """Plot the pipes by flow over capacity, and the overflowing nodes as marks whose area is the volume.

        Parameters
        ----------
        ax
            Where to draw; None: a new pyplot figure.
        lang
            ``zh`` or ``en``; None: the language of the reader.
        style
            Style of the lines, passed to `matplotlib.collections.LineCollection`, such as ``linewidth=2``.

        Returns
        -------
        The axes, with equal scales to the east and to the north.
        """
        from drainage.maps.figure import plot_flow
        from drainage.maps.provenance import foot_of
        from drainage.provenance import Provenance

        lines, points = self.network.pipes.geometry, self.network.nodes.geometry
        foot = foot_of(Provenance.of_state(self), lang)
        return plot_flow(lines, points, self.pipes, self.nodes, ax, lang=lang, foot=foot, **style)

    def explore(self, *, within: Area | None = None) -> NotebookMap:
        """Return a map of folium for notebooks: pipes by flow over capacity, nodes that overflow: see `Result`."""
        from drainage.maps.context import around
        from drainage.maps.layer import Layer
        from drainage.maps.notebook import notebook_map
        from drainage.provenance import Provenance

        net = self.network
        pipes = gpd.GeoDataFrame(self.pipes, geometry=net.pipes.geometry)
        nodes = gpd.GeoDataFrame(self.nodes, geometry=net.nodes.geometry)
        flows = Layer("utilisation", pipes, "utilisation", ("pipe_id", *self.pipes))
        spills = Layer("overflow_nodes", nodes[nodes["overflows"]], "overflows", ("node_id", *self.nodes))
        shown = (*around(net), flows, spills)
        return notebook_map(shown, title="network", provenance=Provenance.of_state(self), within=within)

    def __repr__(self) -> str:
        """Return counts and the storm in one line."""
        overflowing = int(self.nodes["overflows"].sum())
        surcharged = int(self.pipes["surcharged"].sum())
        judged = int(self.nodes["judged"].sum())
        return (
            f"<FlowState {self.method}: {surcharged:,} pipes surcharged, {overflowing:,} of "
            f"{judged:,} judged nodes overflow {self.nodes['overflow_m3'].sum():,.0f} m³, "
            f"{self.storm!r}>"
        )

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Answer to the names of before `Setup` and `Screening`, with a warning."""
            if name not in {"model", "screening", "ground", "standing", "inlet_time_min", "uplift_within"}:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            warnings.warn(f"FlowState.{name} will be removed in the next version; see setup and screen()",
                          DeprecationWarning, stacklevel=2)  # fmt: skip
            return getattr(self if name == "model" else self.setup, {"model": "arrays"}.get(name, name), None)

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(repr(self))}</p>{self.nodes.describe().to_html()}"
