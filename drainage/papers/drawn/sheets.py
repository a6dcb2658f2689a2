"""A sheet of paper as a list of what is drawn on it, in millimetres from its lower left corner.

Every kind of file is written from the same list, so that a millimetre is one in PDF and in DXF, and tests read the
list. Lines have widths in mm and texts have sizes in points, as offices specify them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from drainage.fonts.letters import MM_PER_PT, width_mm
from drainage.maps.looks import COLOURS, SYSTEMS, THEMES
from drainage.papers.drawn.lettering import CAPITALS

Point = tuple[float, float]
Align = Literal["left", "center", "right"]

#: Colours of ink, of what is said in a lower voice, of lines behind all others, of ground and of floods.
INK: Final = COLOURS["ink"]
MUTED: Final = COLOURS["muted"]
FAINT: Final = "#c9cfd6"
GROUND: Final = COLOURS["earth"]
FLOOD: Final = "#c3272b"
WATER: Final = "#dceaf5"
WALL: Final = "#d9dde2"
WHITE: Final = "#ffffff"
#: Dashes and gaps of the lines of systems, by which they stay apart without colour: half a mm for a pixel of the map.
SYSTEM_DASHES: Final = {
    system: tuple(0.5 * float(part) for part in THEMES["pipes"].styles[system].dash.split()) for system in SYSTEMS
}
#: Widths of lines, mm: of frames, of what counts, of divisions, of the rest.
FRAME_MM: Final = 0.7
MAIN_MM: Final = 0.5
MEDIUM_MM: Final = 0.25
THIN_MM: Final = 0.13


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on paper, mm."""

    left: float
    low: float
    right: float
    high: float

    def overlap(self, other: Box) -> float:
        """Return the area that two have in common, mm²."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        tall = min(self.high, other.high) - max(self.low, other.low)
        return wide * tall if wide > 0.0 and tall > 0.0 else 0.0

    def within(self, other: Box) -> bool:
        """Return whether it lies wholly in another."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.low >= other.low
            and self.high <= other.high
        )  # fmt: skip

    def grown(self, by_mm: float) -> Box:
        """Return one that is larger on all sides."""
        return Box(self.left - by_mm, self.low - by_mm, self.right + by_mm, self.high + by_mm)


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points; ``dash`` is the length of a dash and of a gap, mm; its ends are blunt or round."""

    points: tuple[Point, ...]
    width_mm: float
    color: str
    dash: tuple[float, float] | None
    z: float
    layer: str
    round_ends: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """An area within points, filled, edged or both; ``holes`` are left out of it."""

    points: tuple[Point, ...]
    fill: str | None
    edge: str | None
    width_mm: float
    z: float
    layer: str
    holes: tuple[tuple[Point, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle."""

    x: float
    y: float
    radius_mm: float
    fill: str | None
    edge: str
    width_mm: float
    z: float
    layer: str


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text whose capitals are centred on ``y``, turned round (x, y) against the clock."""

    x: float
    y: float
    text: str
    size_pt: float
    align: Align
    color: str
    bold: bool
    angle_deg: float
    halo_mm: float
    z: float
    layer: str

    @property
    def width_mm(self) -> float:
        """How long the line is, mm."""
        return width_mm(self.text, self.size_pt, bold=self.bold)

    @property
    def corners(self) -> tuple[Point, Point, Point, Point]:
        """What the letters take on paper, those that reach below the line included: from the lower left corner on."""
        left = -{"left": 0.0, "center": 0.5, "right": 1.0}[self.align] * self.width_mm
        right, half = left + self.width_mm, 0.46 * self.size_pt * MM_PER_PT
        cos, sin = _turn(self.angle_deg)
        first, second, third, fourth = (
            (self.x + along * cos - up * sin, self.y + along * sin + up * cos)
            for along, up in ((left, -half), (right, -half), (right, half), (left, half))
        )
        return first, second, third, fourth

    @property
    def box(self) -> Box:
        """The upright rectangle round its corners."""
        x, y = zip(*self.corners, strict=True)
        return Box(min(x), min(y), max(x), max(y))

    @property
    def base(self) -> Point:
        """Where the foot line of the letters passes the point by which they are aligned."""
        down = 0.5 * CAPITALS * self.size_pt * MM_PER_PT
        cos, sin = _turn(self.angle_deg)
        return self.x + down * sin, self.y - down * cos


Drawn = Line | Area | Circle | Text


@dataclass(eq=False)
class Sheet:
    """A sheet, mm wide and high, and what is drawn on it; ``title`` names it in lists of sheets."""

    width_mm: float
    height_mm: float
    title: str = ""
    drawn: list[Drawn] = field(default_factory=list)

    @property
    def texts(self) -> Iterator[Text]:
        """All texts, in the order in which they were drawn."""
        return (one for one in self.drawn if isinstance(one, Text))

    @property
    def by_depth(self) -> list[Drawn]:
        """What is drawn, from the hindmost to the foremost."""
        return sorted(self.drawn, key=lambda one: one.z)

    def line(
        self, points: Iterable[Sequence[float]], width: float = MEDIUM_MM, color: str = INK, *,
        dash: tuple[float, float] | None = None, z: float = 3, layer: str = "LINES", round_ends: bool = False,
    ) -> None:  # fmt: skip
        """Draw a line; nothing where it has no length."""
        told = _points(points)
        if len(told) > 1:
            self.drawn.append(Line(told, width, color, dash, z, layer, round_ends))

    def area(
        self, points: Iterable[Sequence[float]], fill: str | None = None, edge: str | None = None,
        width: float = THIN_MM, *, z: float = 2, layer: str = "AREAS", holes: Iterable[Iterable[Sequence[float]]] = (),
    ) -> None:  # fmt: skip
        """Draw an area."""
        left_out = tuple(_points(hole) for hole in holes)
        self.drawn.append(Area(_points(points), fill, edge, width, z, layer, left_out))

    def box(
        self, box: Box, fill: str | None = None, edge: str | None = None, width: float = THIN_MM, *, z: float = 2,
        layer: str = "AREAS",
    ) -> None:  # fmt: skip
        """Draw a rectangle."""
        corners = [(box.left, box.low), (box.right, box.low), (box.right, box.high), (box.left, box.high)]
        self.area(corners, fill, edge, width, z=z, layer=layer)

    def circle(
        self, center: Sequence[float], radius: float, fill: str | None = None, edge: str = INK,
        width: float = MEDIUM_MM, *, z: float = 4, layer: str = "LINES",
    ) -> None:  # fmt: skip
        """Draw a circle."""
        self.drawn.append(Circle(float(center[0]), float(center[1]), float(radius), fill, edge, width, z, layer))

    def text(
        self, at: Sequence[float], text: object, size: float = 8.0, *, align: Align = "left", color: str = INK,
        bold: bool = False, angle_deg: float = 0.0, halo: float = 0.0, z: float = 8,
        layer: str = "TEXT",
    ) -> Text:  # fmt: skip
        """Write a line of text and return it; an empty one is not written."""
        said = Text(float(at[0]), float(at[1]), str(text), size, align, color, bold, angle_deg, halo, z, layer)
        if said.text:
            self.drawn.append(said)
        return said


def _turn(angle_deg: float) -> Point:
    """Return the direction of an angle; exact where it is upright, so that boxes are too."""
    exact = {0.0: (1.0, 0.0), 90.0: (0.0, 1.0)}.get(angle_deg)
    return exact or (math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg)))


def _points(points: Iterable[Sequence[float]]) -> tuple[Point, ...]:
    found = ((float(x), float(y)) for x, y in points)
    return tuple(point for point in found if math.isfinite(point[0]) and math.isfinite(point[1]))
