"""The drawn plan: manholes and pipes as the generator builds them, before they become files."""

from dataclasses import dataclass, field
from datetime import date

from city.ground import Ground
from city.sections import Section

PREFIX = {"storm": "YS", "sewage": "WS", "combined": "HS", "reclaimed": "ZS"}


@dataclass
class Node:
    """A manhole, inlet, outfall, interceptor, pump, works or user of reclaimed water."""

    node_id: str
    x: float
    y: float
    system: str
    ground_m: float
    kind: str = "manhole"
    road: str = ""
    water_level_m: float | None = None
    area_ha: float = 0.0
    runoff_coefficient: float = 0.0
    capacity_m3_per_day: float | None = None
    water_use_m3_per_day: float | None = None
    note: str = ""


@dataclass
class Pipe:
    """A pipe from one node to another; levels are inverts in metres."""

    pipe_id: str
    system: str
    tail: str
    head: str
    length_m: float
    road: str
    chain: int
    section: Section
    invert_from_m: float = 0.0
    invert_to_m: float = 0.0
    material: str = "钢筋混凝土"
    manning_n: float = 0.013
    commissioned: date = date(2005, 6, 30)
    abandoned: date | None = None
    silt_share: float = 0.0
    condition_grade: int = 1
    flow_m3s: float = 0.0
    least_slope: float = 0.0  # that a sewer was designed for; 0: that at which it lies

    @property
    def slope(self) -> float:
        """Fall of the invert per length, m/m."""
        return (self.invert_from_m - self.invert_to_m) / self.length_m

    def exists_on(self, day: date) -> bool:
        """Tell whether the pipe is in service on a day."""
        return self.commissioned <= day and (self.abandoned is None or self.abandoned > day)


@dataclass
class Chain:
    """The pipes of one system along one piece of road, from upstream to downstream."""

    number: int
    system: str
    road: str
    edge: int
    is_branch: bool
    pipes: list[str] = field(default_factory=list)
    combined_before: bool = False
    built_by_works: bool = False


@dataclass
class Plan:
    """Everything that is drawn; pipes of one system leave a node at most once in the design."""

    ground: Ground
    nodes: dict[str, Node] = field(default_factory=dict)
    pipes: dict[str, Pipe] = field(default_factory=dict)
    chains: list[Chain] = field(default_factory=list)
    counters: dict[str, int] = field(default_factory=dict)

    def add_node(self, x: float, y: float, system: str, road: str, kind: str = "manhole") -> Node:
        """Draw a node; its id carries the survey code of its system and a running number."""
        node = Node(self.number(PREFIX[system]), round(x, 2), round(y, 2), system, self.ground.at(x, y), kind, road)
        self.nodes[node.node_id] = node
        return node

    def add_pipe(self, system: str, tail: str, head: str, road: str, chain: int, section: Section) -> Pipe:
        """Draw a pipe; its length is the distance of its nodes."""
        a, b = self.nodes[tail], self.nodes[head]
        length_m = round(((a.x - b.x) ** 2 + (a.y - b.y) ** 2) ** 0.5, 2)
        pipe = Pipe(self.number(PREFIX[system] + "L"), system, tail, head, length_m, road, chain, section)
        self.pipes[pipe.pipe_id] = pipe
        return pipe

    def number(self, prefix: str) -> str:
        """Next id of a series."""
        self.counters[prefix] = self.counters.get(prefix, 0) + 1
        return f"{prefix}{self.counters[prefix]:04d}"
