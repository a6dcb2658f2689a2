"""What goes to EPA SWMM and what comes back: how it is to run, a model, and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from drainage.arrays import Floats
from drainage.errors import SimulationError
from drainage.formats.inp.text.tokens import InpText, Units
from drainage.simulation.ground.catchments import Ground
from drainage.words import in_both


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Options of the engine for a network from a survey; an .inp has its own.

    Parameters
    ----------
    overland_m
        Length of overland flow, m; width of a catchment = area / this. Together with the slope it corresponds to the
        inlet time t1 = 5-15 min of GB 50014-2021, 4.1.11 (own choice, as for the demo city's reference run).
    overland_slope_m_per_m
        Slope of that way (own choice).
    overland_n
        Manning's n of paved ground: 0.011-0.013 (SWMM Reference Manual I, EPA/600/R-15/162A, table 3-5).
    depression_mm
        Depression storage of paved ground, mm. The manual's table 3-5 has 1.3-2.5; 0.5 because Ψ already counts losses.
    rain_step_min
        Step of the storm's hyetograph, min.
    routing_step_s
        Largest step, s; None: the time in which water of 5 m/s (GB 50014-2021, 5.2.5) passes a short pipe of the model.
    variable_step
        The engine shortens its step, for all pipes alike, to this share of the shortest time in which a wave passes a
        pipe; 0: the step is always ``routing_step_s`` (SWMM 5.2 User's Manual, appendix D).
    drain_min
        Time simulated after the storm, min.
    ponded_area_m2
        Area on which water ponds above each junction and from which it returns, m²; 0: overflow is lost.
    threads
        Processor cores that the engine uses. A second one saves a third of the time at best, but takes ten times as
        long if others compute on the same machine, because its threads wait by spinning (measured on two cores).

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    >>> ponds = dr.simulation.EngineOptions(ponded_area_m2=500.0)
    >>> [round(dr.simulate_swmm(net, storm, options=one).balance["lost_m3"]) for one in (None, ponds)]
    [544, 0]
    """

    overland_m: float = 60.0
    overland_slope_m_per_m: float = 0.004
    overland_n: float = 0.013
    depression_mm: float = 0.5
    rain_step_min: float = 5.0
    routing_step_s: float | None = None
    variable_step: float = 0.75
    drain_min: float = 120.0
    ponded_area_m2: float = 0.0
    threads: int = 1

    def __post_init__(self) -> None:
        """Refuse what the engine cannot mean."""
        for name, low in (("overland_m", 0.0), ("overland_slope_m_per_m", 0.0), ("overland_n", 0.0),
                          ("rain_step_min", 0.0)):  # fmt: skip
            if not getattr(self, name) > low:
                raise SimulationError(in_both("not_more_than", name=name, value=getattr(self, name), low=low))
        for name in ("depression_mm", "drain_min", "ponded_area_m2"):
            if not getattr(self, name) >= 0.0:
                raise SimulationError(in_both("expected_from_0", name=name, value=getattr(self, name)))
        if not 0.0 <= self.variable_step <= 2.0:
            raise SimulationError(
                in_both("not_within", name="variable_step", value=self.variable_step, low=0.0, high=2.0)
            )
        if self.routing_step_s is not None and not 0.1 <= self.routing_step_s <= 600.0:
            raise SimulationError(in_both("routing_step_out", value=self.routing_step_s))


class EngineModel(NamedTuple):
    """A model for the engine.

    Parameters
    ----------
    text
        The .inp.
    encoding
        Of its bytes.
    node_names, pipe_names
        Index the ids of the network: their names in the model; nodes and pipes that are not in it are left out.
    issues
        What was left out, renamed or seen otherwise than the network says.
    assumptions
        What the network did not say and what was taken instead.
    units
        Of the model.
    added_nodes
        Name of a node that stands beside one of the network (where a pump delivers, a pipe more ends) → its id.
    part
        Which part of a network this is, in words, where it was split: all but the text is of the whole. Else empty.
    origin
        The .inp that it was read from, whose folder holds the files that it names; None where it is composed.
    ground
        What drains to its nodes; None where it is an .inp, or no rain falls.
    watched
        Names of nodes and of links whose results are written at every reporting step.
    """

    text: str
    encoding: str
    node_names: pd.Series
    pipe_names: pd.Series
    issues: pd.DataFrame
    assumptions: dict[str, str]
    units: Units
    added_nodes: dict[str, str]
    part: str = ""
    origin: InpText | None = None
    ground: Ground | None = None
    watched: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @property
    def content(self) -> bytes:
        """The bytes of the file; UTF-8 if a name cannot be written in its encoding."""
        try:
            return self.text.encode(self.encoding)
        except UnicodeEncodeError:
            return self.text.encode("utf-8")


class EngineRun(NamedTuple):
    """What the engine found, in units of the model.

    Parameters
    ----------
    node_names, link_names
        Names in the order of the statistics.
    nodes, links
        Statistic → (n,) values; see `drainage.simulation.swmm.process`. Times are the engine's dates, hours where the
        name says time; ``firstFlooded`` and ``lastFlooded`` are minutes, by the reporting steps, nan where dry.
    node_invert
        (n_nodes,) invert.
    totals
        Volumes of the whole run by their name.
    rain_depth
        Mean depth of rain over the catchments, mm or in.
    rain
        End of each reporting step, min, and mean intensity of rain, mm/h or in/h.
    start
        Engine's date of the beginning.
    minutes
        Length of the run, min.
    errors_pct
        Continuity errors of runoff, routing and quality, %.
    warnings
        Number and text of each warning; those of time steps are left out.
    """

    node_names: list[str]
    link_names: list[str]
    nodes: dict[str, Floats]
    links: dict[str, Floats]
    node_invert: Floats
    totals: dict[str, float]
    rain_depth: float
    rain: tuple[Floats, Floats]
    start: float
    minutes: float
    errors_pct: tuple[float, float, float]
    warnings: tuple[tuple[int, str], ...] = ()
