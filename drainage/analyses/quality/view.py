"""What all rules look at: the columns of a network as arrays, and which pipes arrive where which pipe leaves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Bools, Floats, Ints, marked, ranges, spread
from drainage.graph import FlowGraph
from drainage.hydraulics.manning import manning_n_of_material
from drainage.measures import has_sides, recorded_height_mm
from drainage.network import DrainageNetwork
from drainage.schema.codes import UNDER_PRESSURE
from drainage.schema.columns import column_of

#: Columns in which deliveries say that a pipe runs under pressure, and the words by which they do.
PRESSURE_COLUMNS = ("pressure", "flow_regime", "line_type", "pipe_type", "pipe_class", "main_type", "压力", "管道性质")
PRESSURE_WORDS = ("pressur", "force", "压力", "有压", "rising main")
#: At these nodes water is lifted, stored or parted on purpose: rules on joints do not apply.
SPECIAL_KINDS = ("pump", "storage", "works", "interceptor")


class Joints(NamedTuple):
    """Every pair of a pipe that arrives at a node and one that leaves it, sorted by ``lower``."""

    upper: Ints
    lower: Ints


class Lines(NamedTuple):
    """The lines of all pipes: vertices in order, and the vertices of pipe *k*: ``ptr[k]`` to ``ptr[k + 1]``."""

    xy: Floats
    ptr: Ints


@dataclass(frozen=True, eq=False)
class View:
    """The network as the rules see it; pipe arrays have one entry per pipe, node arrays one per node."""

    net: DrainageNetwork

    @cached_property
    def pipes(self) -> gpd.GeoDataFrame:
        """The table of pipes."""
        return self.net.pipes

    @cached_property
    def nodes(self) -> gpd.GeoDataFrame:
        """The table of nodes."""
        return self.net.nodes

    @cached_property
    def graph(self) -> FlowGraph:
        """Edge *k* is pipe *k*."""
        return self.net.graph

    @cached_property
    def metric(self) -> bool:
        """Coordinates are metres of this world, not a schematic plan."""
        return self.net.crs is not None

    @cached_property
    def tail(self) -> Ints:
        """(n_pipes,) node at which each pipe begins."""
        return self.graph.tail.astype(np.int64)

    @cached_property
    def head(self) -> Ints:
        """(n_pipes,) node at which each pipe ends."""
        return self.graph.head.astype(np.int64)

    @cached_property
    def leaving(self) -> Ints:
        """(n_nodes,) number of pipes that leave."""
        return np.bincount(self.tail, minlength=len(self.nodes))

    @cached_property
    def arriving(self) -> Ints:
        """(n_nodes,) number of pipes that arrive."""
        return np.bincount(self.head, minlength=len(self.nodes))

    @cached_property
    def present(self) -> Bools:
        """(n_pipes,) True where no day of abandonment is recorded: what lies there now."""
        return self.pipes["abandoned"].isna().to_numpy()

    @cached_property
    def leaving_now(self) -> Ints:
        """(n_nodes,) number of pipes that leave, without abandoned ones."""
        return np.bincount(self.tail[self.present], minlength=len(self.nodes))

    @cached_property
    def arriving_now(self) -> Ints:
        """(n_nodes,) number of pipes that arrive, without abandoned ones."""
        return np.bincount(self.head[self.present], minlength=len(self.nodes))

    def of_kind(self, *kinds: str) -> Bools:
        """(n_nodes,) True where a node is of one of the kinds."""
        return self.nodes["kind"].isin(kinds).to_numpy()

    @cached_property
    def supplied(self) -> Bools:
        """(n_nodes,) True where pipes of a system under pressure meet, which forks, loops and ends where it is used."""
        pressed = self.pipes["system"].isin(UNDER_PRESSURE).to_numpy()
        return marked(len(self.nodes), self.tail[pressed], self.head[pressed])

    @cached_property
    def recorded_kind(self) -> Bools:
        """(n_nodes,) True where the source says the kind."""
        return (self.nodes["kind_source"] == "recorded").to_numpy()

    @cached_property
    def ends(self) -> Bools:
        """(n_nodes,) True at outfalls and works, where water leaves the network."""
        return self.of_kind("outfall", "works")

    @cached_property
    def special(self) -> Bools:
        """(n_nodes,) True where water is lifted, stored or parted on purpose."""
        return self.of_kind(*SPECIAL_KINDS)

    @cached_property
    def system(self) -> Ints:
        """(n_pipes,) 0 storm, 1 sewage, 2 combined, 3 any other."""
        return _system_numbers(self.pipes["system"])

    @cached_property
    def node_system(self) -> Ints:
        """(n_nodes,) recorded system of each node, numbered as ``system``."""
        if "system" not in self.nodes:
            return np.full(len(self.nodes), 3, np.int64)
        return _system_numbers(self.nodes["system"])

    @cached_property
    def drain(self) -> Bools:
        """(n_pipes,) True for pipes proper, False for pumps, weirs and the like of a model."""
        if "link_type" not in self.pipes:
            return np.ones(len(self.pipes), np.bool_)
        return (self.pipes["link_type"].isna() | (self.pipes["link_type"] == "conduit")).to_numpy()

    @cached_property
    def gravity(self) -> Bools:
        """(n_pipes,) True for pipes that run by gravity.

        Not those that leave a pump or go on rising from there, those that a column says to be under pressure, nor
        those of a system that is.
        """
        pumped = self.of_kind("pump")
        pressed = pumped[self.tail] | ~self.drain | self.pipes["system"].isin(UNDER_PRESSURE).to_numpy()
        if pumped.any():
            pressed |= self.graph.downstream(pumped, self.fall < 0).edges
        for column in PRESSURE_COLUMNS:
            if column in self.pipes and not pd.api.types.is_numeric_dtype(self.pipes[column]):
                codes, words = pd.factorize(self.pipes[column])
                says = [any(mark in str(word).lower() for mark in PRESSURE_WORDS) for word in words]
                pressed |= np.array([*says, False], np.bool_)[codes]
        return ~pressed

    @cached_property
    def invert_from(self) -> Floats:
        """(n_pipes,) m."""
        return column_of(self.pipes, "invert_from_m")

    @cached_property
    def invert_to(self) -> Floats:
        """(n_pipes,) m."""
        return column_of(self.pipes, "invert_to_m")

    @cached_property
    def fall(self) -> Floats:
        """(n_pipes,) m, NaN where an invert is unknown."""
        return self.invert_from - self.invert_to

    @cached_property
    def length(self) -> Floats:
        """(n_pipes,) m."""
        return column_of(self.pipes, "length_m")

    @cached_property
    def slope(self) -> Floats:
        """(n_pipes,) m/m."""
        return np.asarray(self.fall / np.maximum(self.length, 0.01))

    @cached_property
    def size(self) -> Floats:
        """(n_pipes,) diameter, or height of a box, mm."""
        return recorded_height_mm(self.pipes)

    @cached_property
    def has_sides(self) -> Bools:
        """(n_pipes,) no circle, and measured by width and height, whatever diameter is recorded besides."""
        return has_sides(self.pipes)

    @cached_property
    def area(self) -> Floats:
        """(n_pipes,) m²: circle by diameter, box by width and height."""
        box = column_of(self.pipes, "width_mm") * column_of(self.pipes, "height_mm") / 1e6
        circle = np.pi / 4 * (column_of(self.pipes, "diameter_mm") / 1000) ** 2
        return np.where(np.isnan(circle) | self.has_sides, box, circle)

    @cached_property
    def ground(self) -> Floats:
        """(n_nodes,) m."""
        return column_of(self.nodes, "ground_m")

    @cached_property
    def material_n(self) -> Floats:
        """(n_pipes,) Manning's n by material, NaN where the material is unknown."""
        return self.by_word("material", manning_n_of_material)

    def by_word(self, column: str, value_of: object) -> Floats:
        """Return a number per pipe that a function gives for each different word of a column."""
        if column not in self.pipes:
            return np.full(len(self.pipes), np.nan)
        codes, words = pd.factorize(self.pipes[column])
        found = [value_of(str(word)) for word in words]  # type: ignore[operator]  # a function of the caller
        return np.array([*found, np.nan], np.float64)[codes]

    @cached_property
    def velocity(self) -> Floats:
        """(n_pipes,) velocity of a circular pipe that runs full, m/s, GB 50014-2021, 5.2.2; NaN where not known."""
        radius = column_of(self.pipes, "diameter_mm") / 4000
        return np.asarray(radius ** (2 / 3) * np.sqrt(np.maximum(self.slope, 0)) / self.net.measures.manning_n)

    @cached_property
    def joints(self) -> Joints:
        """All pairs of a pipe that arrives at a node and one that leaves it, in the ground at one time."""
        ptr, edge = self.graph.arriving
        count = np.diff(ptr)[self.tail]
        lower = np.repeat(np.arange(len(self.tail)), count)
        upper = edge[ranges(ptr[self.tail], count)].astype(np.int64)
        lives = self.together(upper, lower)
        return Joints(upper[lives], lower[lives])

    @cached_property
    def node_xy(self) -> Floats:
        """(n_nodes, 2), NaN where a node has no place."""
        points = self.nodes.geometry.to_numpy()
        return np.column_stack([shapely.get_x(points), shapely.get_y(points)])

    @cached_property
    def lines(self) -> Lines:
        """Vertices of all pipes."""
        xy, index = shapely.get_coordinates(self.pipes.geometry.to_numpy(), return_index=True)
        ptr = np.zeros(len(self.pipes) + 1, np.int64)
        np.cumsum(np.bincount(index, minlength=len(self.pipes)), out=ptr[1:])
        return Lines(xy, ptr)

    @cached_property
    def drawn_length(self) -> Floats:
        """(n_pipes,) length of the line, m; NaN where there is none."""
        xy, ptr = self.lines
        step = np.zeros(len(xy) + 1)
        step[2:] = np.hypot(*np.diff(xy, axis=0).T)
        total = np.cumsum(step)
        drawn = np.diff(ptr) >= 2
        first, last = ptr[:-1][drawn], ptr[1:][drawn] - 1
        return spread(len(self.pipes), drawn, total[last + 1] - total[first + 1])

    @cached_property
    def days(self) -> tuple[Floats, Floats]:
        """(n_pipes,) day of commissioning and of abandonment, counted from 1970-01-01; NaN where not known."""
        begin, end = (
            np.where(self.pipes[c].isna(), np.nan, self.pipes[c].to_numpy("datetime64[D]").astype(np.float64))
            for c in ("commissioned", "abandoned")
        )
        return begin, end

    @cached_property
    def life(self) -> tuple[Floats, Floats]:
        """(n_pipes,) day from which and day until which each pipe lies in the ground; infinite where not known."""
        begin, end = self.days
        return np.nan_to_num(begin, nan=-np.inf), np.nan_to_num(end, nan=np.inf)

    def level_at(self, pipe: Ints, chainage: Floats) -> Floats:
        """Return the invert of pipes at a chainage of their lines, m, straight from one end to the other."""
        share = chainage / np.maximum(self.drawn_length[pipe], 1e-9)
        return np.asarray(self.invert_from[pipe] - share * self.fall[pipe])

    def together(self, one: Ints, two: Ints) -> Bools:
        """Return which pairs of pipes were ever in the ground at the same time."""
        begin, end = self.life
        return np.asarray((begin[one] < end[two]) & (begin[two] < end[one]))


def _system_numbers(names: pd.Series) -> Ints:
    codes, words = pd.factorize(names)
    number = {"storm": 0, "sewage": 1, "combined": 2}
    return np.array([*(number.get(str(word), 3) for word in words), 3], np.int64)[codes]
