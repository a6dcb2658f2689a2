"""What a long section shows, as numbers: stations, pipes, crossings and grade lines along a way.

The drawing is made of these tables alone; whoever wants the numbers, or checks the drawing, reads them here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.analyses.quality.crossings import find_crossings
from drainage.arrays import Bools, Floats
from drainage.errors import SchemaError
from drainage.measures import pipe_sections
from drainage.network import DrainageNetwork
from drainage.papers.pipe_sizes import size_texts
from drainage.papers.sections.way import Way, find_way
from drainage.papers.water_over_time import levels_at, storm_name
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import Said, joined
from drainage.schema.columns import column_of
from drainage.simulation.state import FlowState
from drainage.wants import wants
from drainage.words import coded, in_both

#: Columns of `LongSection.crossings`.
CROSSING_COLUMNS: Final = ("on_pipe", "chainage_m", "system", "size", "invert_m", "height_m", "clear_m", "clearance")
_BESIDE_M: Final = 0.5  # what lies this far from the way is looked at for crossings
_FILLED: Final = "recorded"


@dataclass(frozen=True, eq=False)
class GradeLine:
    """Levels of water along a way.

    Parameters
    ----------
    name
        Of which storm, and when.
    level_m
        (n_stations,) highest level, or that at ``at_min``; at most the ground; nan where not known.
    overflow_m3
        (n_stations,) all that leaves the pipes at each node; nan where not known.
    at_min
        Minutes after the beginning of the rain; None: the highest level of each node, whenever it was.
    state
        What it was read from.
    """

    name: Said
    level_m: Floats
    overflow_m3: Floats
    state: FlowState
    at_min: float | None = None


@dataclass(frozen=True, eq=False)
class LongSection:
    """A way through a network, as numbers.

    Parameters
    ----------
    stations
        One row a node of the way, in its order: ``node_id``, ``kind``, ``chainage_m`` from the first, ``ground_m``,
        ``ground_filled`` (not recorded), ``invert_in_m`` and ``invert_out_m`` of the pipes that arrive and leave,
        ``invert_m`` the lower and ``crown_m`` the higher of the two, ``invert_depth_m`` from the ground to that invert,
        ``cover_m`` from the ground to that crown; nan where not known.
    pipes
        Index ``pipe_id``, one row a pipe: ``from_node``, ``to_node``, ``chainage_from_m``, ``chainage_to_m``,
        ``invert_up_m``, ``invert_down_m`` in the order of the way, ``filled_up``, ``filled_down`` (not recorded),
        ``height_m`` of the bore, ``size``, ``slope_m_per_m``, ``length_m``, ``system``, ``road``, ``against_flow``,
        ``levels_known``.
    crossings
        Index ``pipe_id``, one row a crossing of another pipe: `CROSSING_COLUMNS`, distances between outer walls.
    grade_lines
        Levels of water, by storm.
    points
        Index ``node_id``, points of waterlogging whose worst node lies on the way: ``point_id``, ``road``, ``cause``,
        ``depth_m`` of the water above the ground.
    remarks
        What must be known of the drawing: gaps, levels that were filled in, pipes that are walked against their flow.
    wall_share
        Thickness of walls as a share of the inner height.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> section = dr.papers.trace_section(net, "YS1039", "YS1043")
    >>> section.stations[["node_id", "chainage_m", "ground_m", "invert_m"]].round(2)
      node_id  chainage_m  ground_m  invert_m
    0  YS1039        0.00     21.10     19.80
    1  YS1040       51.31     21.07     19.37
    2  YS1041       92.13     21.04     19.02
    3  YS1042      146.46     21.01     18.61
    4  YS1043      194.16     20.98     18.57
    """

    network: DrainageNetwork
    stations: pd.DataFrame
    pipes: pd.DataFrame
    crossings: pd.DataFrame
    grade_lines: tuple[GradeLine, ...]
    points: pd.DataFrame
    remarks: tuple[Said, ...]
    wall_share: float

    @property
    def length_m(self) -> float:
        """Length of the way, m."""
        return float(self.stations["chainage_m"].iloc[-1])

    @property
    def provenance(self) -> Provenance:
        """Where the numbers come from; of several storms all are told."""
        states = [line.state for line in self.grade_lines]
        if not states:
            return Provenance.of(self.network)
        return Provenance.joined(Provenance.of_state(state) for state in states)


@wants
def trace_section(
    net: DrainageNetwork, start: str, end: str, *, via: Sequence[str] = (),
    state: FlowState | Sequence[FlowState] = (), at_min: Sequence[float] = (),
    waterlogging: Result | None = None, against_flow: bool = False, wall_share: float = 0.1,
) -> LongSection:  # fmt: skip
    """Return the numbers of a long section along the shortest way between two nodes.

    Parameters
    ----------
    net
        A network.
    start, end
        Ids of the first and the last node.
    via
        Ids of nodes through which the way leads, in its order.
    state
        Simulated storms whose highest levels are shown, the rarest last.
    at_min
        Minutes after the beginning of the last storm at which levels are shown too. EPA SWMM is run for them, whatever
        made the state.
    waterlogging
        The answer of `find_waterlogging` for the last storm: which points of waterlogging lie on the way.
    against_flow
        Pipes may be walked against their flow too.
    wall_share
        Thickness of walls as a share of the inner height, where nothing is recorded of it. Our assumption: a tenth.

    Returns
    -------
    LongSection
        Chainage adds up the recorded lengths of pipes. Levels are those of the network, those that were filled in when
        it was read are marked. Crossings are those of `find_crossings`, of every system; a pipe crosses where its line
        does in plan, at a level between its two inverts.

    Raises
    ------
    TopologyError
        An unknown node, or no way between two nodes.
    SchemaError
        A state of another network, minutes without a state or beyond its end, or a share of the wall below 0.
    SimulationError
        EPA SWMM fails, or does not model the way: it carries storm and combined water.

    Examples
    --------
    >>> import drainage as dr
    >>> found = dr.papers.trace_section(dr.load_demo("2018-12-31"), "YS1400", "YS1404")
    >>> found.pipes["size"].tolist()
    ['DN1200', 'DN1350', 'DN1500', 'DN400']
    """
    if not wall_share >= 0.0:
        raise SchemaError(in_both("not_0_or_more", name="wall_share", value=wall_share))
    states = [state] if isinstance(state, FlowState) else list(state)
    way = find_way(net, [start, *via, end], against_flow=against_flow)
    pipes = _pipes_of(net, way)
    stations = _stations_of(net, way, pipes)
    crossings = _crossings_of(net, way, pipes, wall_share)
    if len(at_min) and not states:
        raise SchemaError(in_both("minutes_without_state"))
    highest = [_grade_line(one, stations["node_id"], states) for one in states]
    lines = (*highest[:-1], *_lines_at(net, stations["node_id"], at_min, states[-1]), *highest[-1:]) if states else ()
    points = _points_of(waterlogging, stations["node_id"])
    return LongSection(
        net, stations, pipes, crossings, lines, points, (*_readings(way), *_remarks(net, stations, pipes, lines)),
        wall_share,
    )  # fmt: skip


def _pipes_of(net: DrainageNetwork, way: Way) -> pd.DataFrame:
    """Return the pipes of a way, seen in its direction."""
    rows, nodes = net.pipes.iloc[way.pipe], net.nodes.index.to_numpy(dtype=object)[way.node]
    up, down = _in_order(way.turned, column_of(rows, "invert_from_m"), column_of(rows, "invert_to_m"))
    filled_up, filled_down = _in_order(way.turned, _filled(rows, "invert_from"), _filled(rows, "invert_to"))
    length = np.nan_to_num(column_of(rows, "length_m"))
    reached = np.concatenate([[0.0], np.cumsum(length)])
    height = pipe_sections(rows, 0.0).height_m
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (up - down) / np.where(length > 0.0, length, np.nan)
    return pd.DataFrame(
        {
            "from_node": nodes[:-1],
            "to_node": nodes[1:],
            "chainage_from_m": reached[:-1],
            "chainage_to_m": reached[1:],
            "invert_up_m": up,
            "invert_down_m": down,
            "filled_up": filled_up & np.isfinite(up),
            "filled_down": filled_down & np.isfinite(down),
            "height_m": height,
            "size": size_texts(rows),
            "slope_m_per_m": slope,
            "length_m": length,
            "system": rows["system"].fillna("unknown").to_numpy(dtype=object),
            "road": rows["road"].fillna("").astype(str).to_numpy(dtype=object),
            "against_flow": way.turned,
            "levels_known": np.isfinite(up) & np.isfinite(down) & np.isfinite(height),
        },
        index=rows.index,
    )


def _stations_of(net: DrainageNetwork, way: Way, pipes: pd.DataFrame) -> pd.DataFrame:
    """Return the nodes of a way, with the levels of the pipes that arrive and leave."""
    rows = net.nodes.iloc[way.node]
    ground = column_of(rows, "ground_m")
    blank = np.array([np.nan])
    arriving = np.concatenate([blank, pipes["invert_down_m"].to_numpy(np.float64)])
    leaving = np.concatenate([pipes["invert_up_m"].to_numpy(np.float64), blank])
    tall = pipes["height_m"].to_numpy(np.float64)
    crowns = np.array([arriving + np.concatenate([blank, tall]), leaving + np.concatenate([tall, blank])])
    invert, crown = np.fmin(arriving, leaving), np.fmax(*crowns)
    source = rows.get("ground_source", pd.Series(_FILLED, rows.index))
    return pd.DataFrame(
        {
            "node_id": rows.index.to_numpy(dtype=object),
            "kind": rows["kind"].to_numpy(dtype=object),
            "chainage_m": np.append(0.0, pipes["chainage_to_m"].to_numpy(np.float64)),
            "ground_m": ground,
            "ground_filled": (source.notna() & (source != _FILLED)).to_numpy() & np.isfinite(ground),
            "invert_in_m": arriving,
            "invert_out_m": leaving,
            "invert_m": invert,
            "crown_m": crown,
            "invert_depth_m": ground - invert,
            "cover_m": ground - crown,
        }
    )


def _crossings_of(net: DrainageNetwork, way: Way, pipes: pd.DataFrame, wall_share: float) -> pd.DataFrame:
    """Return the other pipes that cross the way in plan, by chainage."""
    lines = np.asarray(net.pipes.geometry, dtype=object)[way.pipe]
    drawn = ~(shapely.is_missing(lines) | shapely.is_empty(lines))
    if net.crs is None or not drawn.any():
        return pd.DataFrame(columns=list(CROSSING_COLUMNS), index=pd.Index([], name="pipe_id", dtype="str"))
    near = net.clip(shapely.union_all(shapely.buffer(lines[drawn], _BESIDE_M)))
    found = find_crossings(near, wall_share=wall_share, same_system=True).tables["crossings"]
    upper, lower = found["upper_pipe"].isin(pipes.index), found["lower_pipe"].isin(pipes.index)
    found = found[upper ^ lower]
    ours_above = upper[upper ^ lower].to_numpy()
    ours = found["upper_pipe"].where(ours_above, found["lower_pipe"])
    other = found["lower_pipe"].where(ours_above, found["upper_pipe"])
    tall = np.where(ours_above, found["lower_size_mm"], found["upper_size_mm"]) / 1000.0
    invert = np.where(ours_above, found["lower_crown_m"] - tall, found["upper_invert_m"])
    row = pipes.index.get_indexer(pd.Index(ours))
    along = shapely.line_locate_point(lines[row], found.geometry.to_numpy(), normalized=True)
    along = np.where(way.turned[row], 1.0 - along, along)
    table = near.pipes.loc[other]
    crossings = pd.DataFrame(
        {
            "on_pipe": ours.to_numpy(dtype=object),
            "chainage_m": pipes["chainage_from_m"].to_numpy()[row] + along * pipes["length_m"].to_numpy()[row],
            "system": table["system"].to_numpy(dtype=object),
            "size": size_texts(table),
            "invert_m": invert,
            "height_m": tall,
            "clear_m": found["clear_m"].to_numpy(),
            "clearance": found["clearance"].to_numpy(dtype=object),
        },
        index=pd.Index(other.to_numpy(dtype=object), name="pipe_id", dtype="str"),
    )
    return crossings.sort_values("chainage_m", kind="stable")


def _grade_line(state: FlowState, nodes: pd.Series, states: Sequence[FlowState]) -> GradeLine:
    """Return the highest levels of a state along the way."""
    table = state.nodes.reindex(nodes)
    if not nodes.isin(state.nodes.index).any():
        raise SchemaError(in_both("state_of_other_network", node=nodes.iloc[0], storm=repr(state.storm)))
    judged = table["judged"].fillna(False).to_numpy(np.bool_)  # noqa: FBT003 - a node that is not there
    level = np.where(judged, column_of(table, "level_m"), np.nan)
    return GradeLine(_name_of(state, states), level, column_of(table, "overflow_m3"), state)


def _name_of(state: FlowState, states: Sequence[FlowState]) -> Said:
    """Name a state by its storm; by its engine too where several engines are compared."""
    rain, several = storm_name(state.storm), len({one.method for one in states}) > 1
    return joined([rain, coded("engine", state.method)], " ") if several else rain


def _lines_at(net: DrainageNetwork, nodes: pd.Series, minutes: Sequence[float], state: FlowState) -> list[GradeLine]:
    """Return the levels at some minutes of a storm, which the engine is run for."""
    names = [str(name) for name in nodes]
    levels = levels_at(net, names, minutes, state.storm, state.setup) if len(minutes) else []
    none = np.full(len(names), np.nan)
    return [
        GradeLine(in_both("storm_at", storm=storm_name(state.storm), minute=minute), level, none, state, float(minute))
        for minute, level in zip(minutes, levels, strict=True)
    ]


def _points_of(waterlogging: Result | None, nodes: pd.Series) -> pd.DataFrame:
    """Return the points of waterlogging at nodes of the way."""
    told = ["point_id", "road", "cause", "depth_m"]
    if waterlogging is None:
        return pd.DataFrame(columns=told, index=pd.Index([], name="node_id", dtype="str"))
    table = pd.DataFrame(waterlogging.tables["points"]).rename_axis("point_id").reset_index()
    table = table[table["worst_node"].isin(nodes)].drop_duplicates("worst_node")
    return table.set_index(pd.Index(table["worst_node"], name="node_id"))[told]


def bare_inverts(pipes: pd.DataFrame) -> pd.Series:
    """Return which pipes of a section have both inverts but no size: of these only the invert is drawn."""
    return pipes["invert_up_m"].notna() & pipes["invert_down_m"].notna() & pipes["height_m"].isna()


def _readings(way: Way) -> list[Said]:
    """Return which ids were read as others."""
    return [in_both("section_read_as", written=written, name=name) for written, name in way.read.items()]


def _remarks(
    net: DrainageNetwork, stations: pd.DataFrame, pipes: pd.DataFrame, lines: Sequence[GradeLine]
) -> tuple[Said, ...]:
    """Return what must be known of the drawing."""
    dry = np.any([np.isnan(line.level_m) for line in lines], axis=0) if lines else np.zeros(len(stations), np.bool_)
    bare_pipes = bare_inverts(pipes)
    gaps = pipes.index[~(pipes["levels_known"] | bare_pipes)]
    bare = stations["node_id"][stations["ground_m"].isna()]
    filled = pipes["filled_up"] | pipes["filled_down"]
    told: Mapping[str, pd.Index | pd.Series] = {
        "section_gaps": gaps,
        "section_no_size": pipes.index[bare_pipes],
        "section_no_ground": bare,
        "section_ground_filled": stations["node_id"][stations["ground_filled"]],
        "section_no_water": stations["node_id"][dry],
        "section_filled": pipes.index[filled],
        "section_against": pipes.index[pipes["against_flow"]],
    }
    said = [in_both(key, count=len(ids), ids=_first(ids)) for key, ids in told.items() if len(ids)]
    if net.crs is None:
        said.append(in_both("section_schematic"))
    return tuple(said)


def _first(ids: pd.Index | pd.Series, most: int = 4) -> str:
    names = ", ".join(map(str, ids[:most]))
    return names if len(ids) <= most else f"{names} …"


def _filled(rows: gpd.GeoDataFrame, end: str) -> Bools:
    name = f"{end}_source"
    if name not in rows:
        return np.zeros(len(rows), np.bool_)
    return np.asarray((rows[name].notna() & (rows[name] != _FILLED)).to_numpy(np.bool_))


def _in_order(turned: Bools, first: Floats | Bools, second: Floats | Bools) -> tuple[Floats, Floats]:
    return np.where(turned, second, first), np.where(turned, first, second)
