"""Names along roads and waterways: Chinese sign by sign, downwards where the road is steep, others as one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from drainage.arrays import Floats
from drainage.fonts.letters import MM_PER_PT, width_mm
from drainage.papers.drawn.lettering import LEAST_PT
from drainage.papers.drawn.sheets import Sheet
from drainage.papers.system_map.label_field import Field, Track, covered_points

_STEP_MM: Final = 2.0
_BENT: Final = 400.0  # cost of a name that follows a bend, by what its chord lacks of its length
_FAR: Final = 0.012  # cost of a mm from the middle of its part
_ON_ROAD: Final = 1.0
_TALL: Final = 0.92  # height of a line of letters, as a share of their size
#: Pitch of signs, and size of letters, as shares of what is wished: what is tried one after another.
_TRIES: Final = ((1.55, 1.0), (1.3, 0.85), (1.1, 0.7))
_CJK: Final = "⺀"


@dataclass(frozen=True, slots=True)
class NameLook:
    """How a name is written: ``beside_mm`` from the line to the edge of what it names, ``pitch`` of its signs."""

    size_pt: float
    color: str
    bold: bool = False
    beside_mm: float = 0.0
    within: bool = False
    pitch: float = 1.0
    halo_mm: float = 0.0


def write_along(sheet: Sheet, field: Field, track: Track, name: str, look: NameLook, *, every_mm: float, most: float,
                layer: str) -> int:  # fmt: skip
    """Write a name along a line, once a part of it, where it costs at most ``most``; return how often it stands."""
    parts = max(1, round(track.length_mm / every_mm))
    edges = np.linspace(0.0, track.length_mm, parts + 1)
    return sum(
        any(_write(sheet, field, track, name, look, (low, high), share, most=most, layer=layer) for share in _TRIES)
        for low, high in pairwise(edges.tolist())
    )


def _write(
    sheet: Sheet, field: Field, track: Track, name: str, look: NameLook, part: tuple[float, float],
    share: tuple[float, float], *, most: float, layer: str,
) -> bool:  # fmt: skip
    """Write a name once between two places of a line, if it has a place there."""
    size = max(LEAST_PT, look.size_pt * share[1])
    em = size * MM_PER_PT
    spread = all(sign >= _CJK for sign in name)
    units = list(name) if spread else [name]
    pitch = em * share[0] * look.pitch
    steps = (np.arange(len(units)) - (len(units) - 1) / 2.0) * pitch
    wide = em if spread else width_mm(name, size, bold=look.bold)
    length = wide + 2 * float(steps[-1])
    middles = np.arange(part[0] + length / 2.0 + 0.5, part[1] - length / 2.0 - 0.5 + 1e-9, _STEP_MM)
    if not len(middles):
        return False
    angle, straight = track.chords(middles, length)
    asides = [0.0] if look.within else [one * (look.beside_mm + 0.62 * em) for one in (1.0, -1.0)] + [0.0]
    places = _places(track, middles, np.asarray(steps, np.float64), angle, asides)
    turned, forward = _readable(angle, steep=spread)
    turned, forward = np.tile(turned, len(asides)), np.tile(forward, len(asides))
    boxes = [covered_points(places[:, k], wide, em * _TALL, turned) for k in range(len(units))]
    cost = field.judge(np.concatenate(boxes, axis=1))
    middle = (part[0] + part[1]) / 2.0
    cost = cost + np.tile(_BENT * (1.0 - straight) + _FAR * np.abs(middles - middle), len(asides))
    cost += np.repeat([0.0 if look.within or one else _ON_ROAD for one in asides], len(middles))
    best = int(cost.argmin())
    if not cost[best] <= most:
        return False
    order = units if forward[best] else units[::-1]
    for unit, place in zip(order, places[best], strict=True):
        sheet.text(place, unit, size, align="center", color=look.color, bold=look.bold, angle_deg=float(turned[best]),
                   halo=look.halo_mm, z=8, layer=layer)  # fmt: skip
        field.take(place.tolist(), wide, em * _TALL, float(turned[best]))
    return True


def _places(track: Track, middles: Floats, steps: Floats, angle: Floats, asides: Sequence[float]) -> Floats:
    """Return where the signs stand, (n_asides × n_middles, n_signs, 2)."""
    along = track.at(middles[:, None] + steps[None, :])
    normal = np.stack([-np.sin(np.radians(angle)), np.cos(np.radians(angle))], axis=-1)[:, None, :]
    return np.concatenate([along + aside * normal for aside in asides])


def _readable(angle: Floats, *, steep: bool) -> tuple[Floats, np.ndarray]:
    """Return how signs are turned, and whether they follow the line; ``steep`` lines are written downwards upright."""
    angle = angle % 360.0
    left = (angle > 90.0) & (angle < 270.0)
    turned = np.where(left, angle - 180.0, np.where(angle >= 270.0, angle - 360.0, angle))
    if not steep:
        return turned, ~left
    down = ((angle > 50.0) & (angle < 130.0)) | ((angle > 230.0) & (angle < 310.0))
    upright = np.where(angle > 180.0, angle - 270.0, angle - 90.0)
    return np.where(down, upright, turned), np.where(down, angle > 180.0, ~left)
