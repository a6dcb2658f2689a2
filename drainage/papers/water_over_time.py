"""Water at one place over time, by the engine: rain, flow and level, as numbers for hydrographs and sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.errors import SchemaError, SimulationError, TopologyError
from drainage.hydraulics.no_rain import NoRain
from drainage.hydraulics.rainfall import Storm
from drainage.measures import pipe_sections
from drainage.network import DrainageNetwork
from drainage.papers.pipe_sizes import size_texts
from drainage.papers.sections.way import ids_near
from drainage.provenance import Provenance
from drainage.said import Said
from drainage.schema.columns import column_of
from drainage.schema.ids import find_ids
from drainage.simulation.pipes import STORM_SYSTEMS
from drainage.simulation.screening.own_rain import OwnRain, own_rain
from drainage.simulation.setup import Setup
from drainage.simulation.swmm.engine_values import EngineOptions
from drainage.simulation.swmm.watched_series import EngineSeries, build_model, run_series
from drainage.wants import wants
from drainage.words import in_both

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Water this close below the ground counts as at it, m: the engine's own accuracy of levels is of that order.
AT_GROUND_M: Final = 0.005
_RAIN_STEP_MIN: Final = 1.0


@dataclass(frozen=True, eq=False)
class StormSeries:
    """What happens at a place in one storm.

    Parameters
    ----------
    name
        Of the storm.
    rain_min, rain_mm_h
        (n + 1,) ends of the steps of rain, min from its beginning, and (n,) its intensity in each, mm/h.
    minute
        (m,) ends of the steps of the engine, min from the beginning of the rain.
    inflow_m3s, outflow_m3s
        (m,) flow that enters a node, with what runs off to it, and that leaves it by pipes; of a pipe both are its
        flow.
    level_m
        (m,) level of the water at the node, or at the upper end of the pipe; nan where the engine has no such node.
    """

    name: Said
    storm: Storm
    rain_min: Floats
    rain_mm_h: Floats
    minute: Floats
    inflow_m3s: Floats
    outflow_m3s: Floats
    level_m: Floats


@dataclass(frozen=True, eq=False)
class WaterOverTime:
    """Rain, flow and level at a node or in a pipe, by storm.

    Parameters
    ----------
    kind
        ``node`` or ``pipe``.
    node_id
        The node, or that at the upper end of the pipe, to which the level belongs.
    ground_m, invert_m, crown_m
        Of the ground, of the lowest invert and of the highest crown there; nan where not known.
    capacity_m3s
        Full flow of the pipe by gravity; nan of a node.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    >>> water = dr.papers.trace_water(net, "YS1041", storm)
    >>> water.table().loc[::20, ["minute", "inflow_m3s", "level_m"]].head(3).round(2)
        minute  inflow_m3s  level_m
    0      1.0        0.00    19.02
    20    21.0        0.17    21.04
    40    41.0        0.11    21.04
    >>> round(water.minutes_at_ground(water.storms[0]))
    26
    """

    network: DrainageNetwork
    kind: Literal["node", "pipe"]
    feature_id: str
    node_id: str
    road: str
    size: str
    storms: tuple[StormSeries, ...]
    ground_m: float
    invert_m: float
    crown_m: float
    capacity_m3s: float

    @property
    def provenance(self) -> Provenance:
        """Where the numbers come from."""
        return Provenance.joined(Provenance.of(self.network, one.storm, engine="swmm") for one in self.storms)

    def table(self) -> pd.DataFrame:
        """Return all series as one table: a row a storm and minute."""
        frames = [
            pd.DataFrame(
                {
                    "storm": str(one.name),
                    "minute": one.minute,
                    "inflow_m3s": one.inflow_m3s,
                    "outflow_m3s": one.outflow_m3s,
                    "level_m": one.level_m,
                }
            )
            for one in self.storms
        ]
        return pd.concat(frames, ignore_index=True)

    def plot(self, *, lang: str | None = None) -> list[Axes]:
        """Plot the rain hanging from above, below it the flow, below that the level, on a new figure of pyplot.

        Of a node the flow that enters is drawn thick, and what leaves it by pipes thin.

        Parameters
        ----------
        lang
            ``zh`` or ``en``; None: the language of the reader.

        Returns
        -------
        The axes of rain, flow and level.

        Raises
        ------
        FormatError
            matplotlib is not installed.
        """
        from drainage.papers.water_figure import plot_water

        return plot_water(self, lang=lang)

    def minutes_at_ground(self, storm: StormSeries) -> float:
        """Return how long the water stands at the ground in a storm, min."""
        steps = np.diff(storm.minute, prepend=0.0)
        return float(steps[storm.level_m >= self.ground_m - AT_GROUND_M].sum())


@wants
def trace_water(
    net: DrainageNetwork, feature: str, storm: Storm | Sequence[Storm] | None = None, setup: Setup | None = None, *,
    options: EngineOptions | None = None, time_limit_s: float = 600.0,
) -> WaterOverTime:  # fmt: skip
    """Return flow and level at a node, or in a pipe, over time, as EPA SWMM computes them in one storm or several.

    Only the part of the network that is connected with it is run, as in the model of the whole.

    Parameters
    ----------
    net
        A network.
    feature
        Id of a node or of a pipe.
    storm
        The storms, the rarest last; None: the rain that the .inp carries from which the network was read.
    setup
        What the simulation takes for granted.
    options
        How the engine computes.
    time_limit_s
        Seconds after which it is stopped, each storm by itself.

    Raises
    ------
    TopologyError
        No such node or pipe.
    SchemaError
        No storm, and the network has no rain of its own.
    SimulationError
        A file of the network's own rain is not there; the engine fails, or does not model the place: it carries storm
        and combined water.

    Examples
    --------
    >>> import drainage as dr
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=1, duration_min=60)
    >>> found = dr.papers.trace_water(dr.load_demo("2018-12-31"), "YS1403", storm)
    >>> found.kind, found.storms[0].level_m.max() <= found.ground_m + 0.01
    ('node', np.True_)
    """
    if storm is None and net.origin.model is not None:
        storm = own_rain(net)
    storms = [storm] if isinstance(storm, Storm) else list(storm or ())
    if not storms:
        raise SchemaError(in_both("storm_unsaid"))
    setup = Setup() if setup is None else setup
    kind, name = _found(net, feature)
    pipes = net.pipes
    node = name if kind == "node" else str(pipes["from_node"].loc[name])
    touching = pipes[(pipes["from_node"] == node) | (pipes["to_node"] == node)]
    if kind == "pipe" and pipes["system"].loc[name] not in STORM_SYSTEMS:
        raise SimulationError(in_both("water_not_modelled", name=name))
    leaving = [name] if kind == "pipe" else touching.index[touching["from_node"] == node].tolist()
    series = tuple(
        _storm_series(net, kind, node, leaving, one, setup, options, time_limit_s) for one in storms
    )  # fmt: skip
    ends = np.where(
        touching["from_node"] == node, column_of(touching, "invert_from_m"), column_of(touching, "invert_to_m")
    )
    crowns = ends + pipe_sections(touching, 0.0).height_m
    row = net.nodes.loc[node]
    capacity = float(net.measures.capacity_m3s[pipes.index.get_loc(name)]) if kind == "pipe" else float("nan")
    road = (pipes["road"].loc[name] if kind == "pipe" else row.get("road")) or ""
    return WaterOverTime(
        net, kind, name, node, str(road) if pd.notna(road) else "",
        size_texts(pipes.loc[[name]])[0] if kind == "pipe" else "", series,
        float(column_of(net.nodes.loc[[node]], "ground_m")[0]), _edge(ends, np.fmin), _edge(crowns, np.fmax), capacity,
    )  # fmt: skip


def levels_at(
    net: DrainageNetwork, nodes: Sequence[str], minutes: Sequence[float], storm: Storm, setup: Setup
) -> list[Floats]:
    """Return the levels of nodes at some minutes after the beginning of a storm, by EPA SWMM.

    Raises
    ------
    SchemaError
        A minute is not within the time that the engine computes.
    SimulationError
        The engine fails, or does not model one of the nodes.
    """
    series = _run(net, nodes, [], storm, setup, None, 600.0)
    last = float(series.minute[-1])
    levels = []
    for minute in minutes:
        if not 0.0 < minute <= last + 1e-3:
            raise SchemaError(in_both("minute_out", minute=minute, last=last))
        at = int(np.abs(series.minute - minute).argmin())
        levels.append(series.level_m[at])
    return levels


def storm_name(storm: Storm) -> Said:
    """Name a storm by its return period, else by its depth."""
    period = float(storm.facts["return_period_a"])  # type: ignore[arg-type]  # a number
    if np.isfinite(period):
        return in_both("storm_of_period", period_a=period)
    if isinstance(storm, NoRain):
        return in_both("storm_without_rain")
    if isinstance(storm, OwnRain):
        return in_both("storm_of_model")
    return in_both("storm_of_depth", depth_mm=storm.facts["depth_mm"])


def _found(net: DrainageNetwork, feature: str) -> tuple[Literal["node", "pipe"], str]:
    """Return whether an id is that of a node or of a pipe, and how the network spells it."""
    wanted = pd.Index([feature], dtype="str")
    kinds: tuple[Literal["node", "pipe"], ...] = ("node", "pipe")
    for kind, table in zip(kinds, (net.nodes, net.pipes), strict=True):
        if (row := int(find_ids(wanted, table.index)[0])) >= 0:
            return kind, str(table.index[row])
    near = ids_near(feature, [*net.nodes.index, *net.pipes.index])
    network = net.source or in_both("the_network")
    raise TopologyError(in_both("no_such_feature", name=feature, network=network, near=near))


def _storm_series(
    net: DrainageNetwork, kind: str, node: str, leaving: Sequence[str], storm: Storm, setup: Setup,
    options: EngineOptions | None, time_limit_s: float,
) -> StormSeries:  # fmt: skip
    series = _run(net, [node], leaving, storm, setup, options, time_limit_s)
    edges = storm.bounds_min(_RAIN_STEP_MIN)
    rain = np.diff(storm.cumulative_mm(edges)) / np.diff(edges) * 60.0
    out = np.nansum(series.flow_m3s, axis=1)
    enters = series.inflow_m3s[:, 0] if kind == "node" else out
    return StormSeries(storm_name(storm), storm, edges, rain, series.minute, enters, out, series.level_m[:, 0])


def _run(
    net: DrainageNetwork, nodes: Sequence[str], pipes: Sequence[str], storm: Storm, setup: Setup,
    options: EngineOptions | None, time_limit_s: float,
) -> EngineSeries:  # fmt: skip
    carries = net.pipes[net.pipes["system"].isin(STORM_SYSTEMS)]
    known = set(carries["from_node"]) | set(carries["to_node"])
    there = [name for name in nodes if name in known]
    if not there:
        raise SimulationError(in_both("water_not_modelled", name=nodes[0]))
    own = isinstance(storm, NoRain) or (isinstance(storm, OwnRain) and net.origin.model is not None)
    rain = None if own else storm  # a model has inflows and gages of its own
    model = build_model(net, rain, setup, nodes=there, options=options)
    return run_series(model, net, nodes=nodes, pipes=pipes, time_limit_s=time_limit_s)


def _edge(levels: Floats, pick: np.ufunc) -> float:
    return float(pick.reduce(levels)) if len(levels) else float("nan")
