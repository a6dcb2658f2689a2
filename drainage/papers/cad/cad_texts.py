"""What is written beside pipes, nodes and roads of a drawing, and where: no text lies over another.

Heights are those of capitals, in mm on paper. A text for which there is no place is kept, and stands on a layer that is
switched off. All is done in millimetres on paper from a corner of the network, so that a scale changes nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from drainage.arrays import Bools, Floats
from drainage.fonts.letters import MM_PER_PT, width_mm
from drainage.papers.drawn.lettering import CAPITALS
from drainage.papers.pipe_sizes import size_texts
from drainage.schema.columns import column_of

#: Height of texts, and of names of roads and waters, mm on paper (our choice; GB/T 50103 and 50001 allow 2.5 and 3.5).
TEXT_MM: Final = 2.5
NAME_MM: Final = 3.5
#: From a line or a node to its text, and from one name of a road to its next, mm on paper (our choice).
_GAP_MM: Final = 0.8
_AGAIN_MM: Final = 400.0
_LEADING: Final = 1.6  # from line to line, heights


@dataclass(frozen=True, slots=True)
class Written:
    """A text with its place: the lower left corner of its capitals, mm on paper, and its turn in degrees.

    ``crowded`` says that others were there first.
    """

    text: str
    x: float
    y: float
    turn: float
    height_mm: float
    crowded: bool


def pipe_texts(pipes: pd.DataFrame) -> list[str]:
    """Return what is written along pipes: size in mm, length in m and slope in ‰, ? for one that is not known.

    Examples
    --------
    >>> known = {"diameter_mm": [400.0, np.nan], "length_m": 17.0, "invert_from_m": [2.0, np.nan], "invert_to_m": 1.932}
    >>> pipe_texts(pd.DataFrame(known))
    ['DN400-17.0-4.0‰', '?-17.0-?']
    """
    length, up, down = (column_of(pipes, name) for name in ("length_m", "invert_from_m", "invert_to_m"))
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = np.where(length > 0.0, 1000.0 * (up - down) / length, np.nan)
    rows = zip(size_texts(pipes), length, slope, strict=True)
    told = (["?" if size == "–" else size, _said(one), _said(i, "‰")] for size, one, i in rows)
    return ["" if set(parts) == {"?"} else "-".join(parts) for parts in told]


def level_texts(nodes: pd.DataFrame) -> list[str]:
    """Return what is written under the ids of nodes: ground/invert in m, ? for one that is not known.

    Examples
    --------
    >>> level_texts(pd.DataFrame({"ground_m": [20.77, np.nan], "invert_m": [17.343, np.nan]}))
    ['20.77/17.34', '']
    """
    levels = (column_of(nodes, name) for name in ("ground_m", "invert_m"))
    return ["" if a == b == "?" else f"{a}/{b}" for a, b in zip(*map(_levels, levels), strict=True)]


def along_pipes(lines: NDArray[np.object_], texts: Sequence[str], taken: Taken) -> list[Written | None]:
    """Place a text along the middle of each line, above or below it; None where there is no text.

    What is longer than the straight piece at the middle is crowded.
    """
    x, y, turn, straight = middles(lines)
    turn = readable(turn)
    wide = np.array([_width(text, TEXT_MM) for text in texts])
    sides = np.stack([_box(x, y, turn, wide, _GAP_MM), _box(x, y, turn, wide, -_GAP_MM - TEXT_MM)], axis=1)
    fits = (wide <= straight) & (wide > 0.0)
    chosen = taken.place(sides, fits, order=np.argsort(-straight, kind="stable"))
    up = np.where(chosen < 1, _GAP_MM, -_GAP_MM - TEXT_MM)
    return [
        _along(text, (x[k], y[k], turn[k]), wide[k], up[k], crowded=bool(chosen[k] < 0)) if text else None
        for k, text in enumerate(texts)
    ]


def beside_nodes(
    points: Floats, texts: Sequence[Sequence[str]], radius: Floats, taken: Taken
) -> list[list[Written | None]]:
    """Place lines of text to one of the four corners of each point; an empty line takes no place.

    Parameters
    ----------
    points
        (n, 2), mm on paper.
    radius
        (n,) of the sign at the point, mm.
    """
    wide = np.array([max(_width(text, TEXT_MM) for text in lines) for lines in texts])
    count = np.array([sum(map(bool, lines)) for lines in texts])
    tall = TEXT_MM * (1.0 + _LEADING * (count - 1))
    away = radius + _GAP_MM
    right, left, above, below = away, -away - wide, away * 0.3, -away * 0.3 - tall
    corners = [(right, above), (right, below), (left, above), (left, below)]
    low = [points + np.c_[dx, dy] for dx, dy in corners]
    boxes = np.stack([shapely.box(*at.T, *(at + np.c_[wide, tall]).T) for at in low], axis=1)
    chosen = taken.place(boxes, count > 0, order=np.argsort(-radius, kind="stable"))
    found = []
    for k, lines in enumerate(texts):
        dx, dy = (offsets[k] for offsets in corners[max(chosen[k], 0)])
        top, rows = points[k, 1] + dy + tall[k] - TEXT_MM, iter(range(len(lines)))
        found.append([
            Written(text, points[k, 0] + dx, top - TEXT_MM * _LEADING * next(rows), 0.0, TEXT_MM, bool(chosen[k] < 0))
            if text else None for text in lines
        ])  # fmt: skip
    return found


def names_along(lines: NDArray[np.object_], names: Sequence[str], taken: Taken) -> Iterator[Written]:
    """Yield the name of each line on its middle, and again at distances along a long one; their places are taken."""
    for line, name in zip(lines, names, strict=True):
        if not name or line is None or line.is_empty:
            continue
        parts = max(1, round(line.length / _AGAIN_MM))
        for part in range(parts):
            middle = np.array([substring(line, part / parts, (part + 1) / parts, normalized=True)])
            x, y, turn, _ = middles(middle)
            turn = readable(turn)
            wide = np.array([_width(name, NAME_MM)])
            taken.boxes.append(_box(x, y, turn, wide, -NAME_MM / 2.0, NAME_MM)[0])
            yield _along(name, (x[0], y[0], turn[0]), wide[0], -NAME_MM / 2.0, crowded=False, height=NAME_MM)


class Taken:
    """The places that are taken on paper: by texts, and by lines that texts had better not cross."""

    def __init__(self, lines: NDArray[np.object_]) -> None:
        self.boxes: list[shapely.Geometry] = []
        self._lines = shapely.STRtree(lines)

    def place(self, boxes: NDArray[np.object_], wanted: Bools, order: NDArray[np.intp]) -> NDArray[np.intp]:
        """Take for each row of boxes, (n, places), the first that is free; return its number, -1 where none is.

        In a first round a text keeps off the lines too.
        """
        chosen = np.full(len(boxes), -1, dtype=np.intp)
        for off_lines in (True, False):
            for place in range(boxes.shape[1]):
                left = order[(chosen[order] < 0) & wanted[order]]
                free = self._free(boxes[left, place], off_lines=off_lines)
                chosen[left[free]] = place
                self.boxes.extend(boxes[left[free], place])
        return chosen

    def _free(self, boxes: NDArray[np.object_], *, off_lines: bool) -> Bools:
        """Return which boxes are free, of two that overlap the first."""
        free = np.ones(len(boxes), dtype=np.bool_)
        for tree in (shapely.STRtree(self.boxes), *([self._lines] if off_lines else [])):
            free[tree.query(boxes, predicate="intersects")[0]] = False
        rows = np.flatnonzero(free)
        first, second = shapely.STRtree(boxes[rows]).query(boxes[rows], predicate="intersects")
        for late, early in zip(first[first > second], second[first > second], strict=True):
            if free[rows[early]]:
                free[rows[late]] = False
        return free


def middles(lines: NDArray[np.object_]) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the middle of each line, its direction there in degrees, and how long the straight piece there is."""
    coords, line = shapely.get_coordinates(lines, return_index=True)
    step = np.diff(coords, axis=0)
    own = np.diff(line) == 0
    length = np.hypot(*step.T) * own
    ends = np.cumsum(length)
    total = np.bincount(line[:-1], weights=length, minlength=len(lines))
    middle = np.cumsum(total) - total / 2.0
    at = np.minimum(np.searchsorted(ends, middle, side="left"), len(length) - 1)
    straight = length[at]
    share = np.divide(middle - (ends[at] - straight), straight, out=np.full(len(at), 0.5), where=straight > 0.0)
    place = coords[at] + share[:, None] * step[at]
    return place[:, 0], place[:, 1], np.degrees(np.arctan2(step[at, 1], step[at, 0])), np.minimum(straight, total)


def readable(turn: Floats) -> Floats:
    """Return directions turned so that texts along them are not upside down: above -90 and at most 90.

    Examples
    --------
    >>> readable(np.array([180.0, -90.0, 45.0])).tolist()
    [0.0, 90.0, 45.0]
    """
    return np.where(turn > 90.0, turn - 180.0, np.where(turn <= -90.0, turn + 180.0, turn))


def _along(
    text: str, at: tuple[float, float, float], wide: float, up: float, *, crowded: bool, height: float = TEXT_MM
) -> Written:
    x, y, turn = at
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    left, low = x - cos * wide / 2.0 - sin * up, y - sin * wide / 2.0 + cos * up
    return Written(text, float(left), float(low), float(turn), height, crowded)


def _box(x: Floats, y: Floats, turn: Floats, wide: Floats, up: float, tall: float = TEXT_MM) -> NDArray[np.object_]:
    """Return the place of a text that is centred on points, its foot so far above them, turned with their lines."""
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    across = [(-wide / 2.0, up), (wide / 2.0, up), (wide / 2.0, up + tall), (-wide / 2.0, up + tall)]
    rings = np.stack([np.c_[x + cos * dx - sin * dy, y + sin * dx + cos * dy] for dx, dy in across], axis=1)
    return np.asarray(shapely.polygons(rings))


def _width(text: str, height_mm: float) -> float:
    return width_mm(text, height_mm / CAPITALS / MM_PER_PT) if text else 0.0


def _said(value: float, unit: str = "") -> str:
    return f"{value:.1f}{unit}" if np.isfinite(value) else "?"


def _levels(values: Floats) -> list[str]:
    return [f"{value:.2f}" if np.isfinite(value) else "?" for value in values]
