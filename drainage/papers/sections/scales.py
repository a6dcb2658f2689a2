"""Scales of a long section, and how it is cut into sheets of A3.

The first scale along the way at which the whole fits one sheet is taken, else 1:1000 on several sheets; upwards the
first at which every sheet holds its levels. Own choice of scales: those that offices use for long sections.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from drainage.arrays import Floats
from drainage.errors import NotKnownError, SchemaError
from drainage.papers.drawn.sheets import Box
from drainage.papers.sections.band import FAN_MM, HEAD_MM, Band, lay_band
from drainage.papers.sections.long_section import LongSection
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.said import Language

#: A3 lying, its frame with the binding edge at the left, and what lies above and below the drawing, mm. The frame is
#: that of GB/T 14689, from memory, not verified.
WIDE_MM: Final = 420.0
TALL_MM: Final = 297.0
FRAME: Final = Box(25.0, 5.0, 415.0, 292.0)
TITLE_MM: Final = 24.0
FOOT_MM: Final = 40.0
#: Room above the ground for what is said of floods, and below the pipes for labels of crossings, mm.
ABOVE_MM: Final = 18.0
BELOW_MM: Final = 8.0
#: The same where no water is shown, and where the room is short.
_ABOVE_DRY_MM: Final = 8.0
_ABOVE_LEAST_MM: Final = 10.0
_BELOW_LEAST_MM: Final = 1.0
#: Where the vertical scale is less than so many times the horizontal, depths and heads can hardly be read: our choice.
LEAST_EXAGGERATION: Final = 5.0
#: Denominators of scales along the way for one sheet, and of those that a very long pipe needs.
ALONG: Final = (500, 1000, 2000)
ALONG_OF_SEVERAL: Final = (1000, 2000, 5000, 10000, 20000)
UP: Final = (50, 100, 200, 500, 1000, 2000)
_FIRST_MM: Final = 6.0  # from the headings to the first manhole
_LAST_MM: Final = 5.0  # from the last manhole to the frame


@dataclass(frozen=True, eq=False)
class Piece:
    """What stands on one sheet.

    Parameters
    ----------
    first, last
        Stations at its ends.
    along, up
        Denominators of the scales.
    datum_m
        Level at the foot of the drawing.
    top_m
        Level at its top.
    band
        Values below it.
    """

    first: int
    last: int
    along: int
    up: int
    datum_m: float
    top_m: float
    band: Band
    begin_m: float

    @property
    def foot_mm(self) -> float:
        """Height on paper of the datum."""
        return self.band_top_mm + FAN_MM

    @property
    def band_top_mm(self) -> float:
        """Height on paper of the upper edge of the band."""
        return FRAME.low + FOOT_MM + self.band.height_mm

    @property
    def step_m(self) -> float:
        """Step of the staff of levels: a centimetre on paper."""
        return self.up / 100.0

    def x(self, chainage_m: Floats | float) -> Floats:
        """Return the place on paper of a chainage, mm."""
        return FRAME.left + HEAD_MM + _FIRST_MM + (np.asarray(chainage_m) - self.begin_m) * 1000.0 / self.along

    def y(self, level_m: Floats | float) -> Floats:
        """Return the place on paper of a level, mm."""
        return self.foot_mm + (np.asarray(level_m) - self.datum_m) * 1000.0 / self.up


def cut_into_pieces(
    section: LongSection, lang: Language, *, along: int | None = None, up: int | None = None
) -> list[Piece]:
    """Choose the scales and cut a section into sheets.

    Parameters
    ----------
    along, up
        Denominators of the scales; None: chosen.

    Raises
    ------
    NotKnownError
        No level is known along the whole way.
    SchemaError
        A scale is not positive, or too large for a pipe or for the levels of a sheet.
    """
    for name, value in (("along", along), ("up", up)):
        if value is not None and not 0 < value < np.inf:
            raise SchemaError(in_both("section_scale_sign", name=name, value=value))
    if not np.isfinite(_levels(section, 0, len(section.stations) - 1)).any():
        ends = section.stations["node_id"].iloc[[0, -1]]
        raise NotKnownError(in_both("section_without_levels", start=ends.iloc[0], end=ends.iloc[1]))
    cuts, chosen = _cuts(section, lang, along)
    bands = [_band(section, first, last, chosen, lang) for first, last in cuts]
    ranges = [_range(section, first, last) for first, last in cuts]
    for scale in (up,) if up is not None else UP:
        pieces = [
            _piece(section, cut, (chosen, scale), band, levels)
            for cut, band, levels in zip(cuts, bands, ranges, strict=True)
        ]
        found = [piece for piece in pieces if piece is not None]
        if len(found) == len(pieces):
            return found
    deepest = max(high - low for low, high in ranges)
    raise SchemaError(in_both("section_scale_up", up=up or UP[-1], levels_m=deepest, known=", ".join(map(str, UP))))


def _cuts(section: LongSection, lang: Language, along: int | None) -> tuple[list[tuple[int, int]], int]:
    """Return first and last station of each sheet, and the scale along the way."""
    last = len(section.stations) - 1
    for scale in ALONG if along is None else ():
        if _fits(section, 0, last, scale, lang):
            return [(0, last)], scale
    for scale in ALONG_OF_SEVERAL if along is None else (along,):
        cuts = [(0, 1)]
        for station in range(2, last + 1):
            first, _ = cuts[-1]
            if _fits(section, first, station, scale, lang):
                cuts[-1] = (first, station)
            else:
                cuts.append((station - 1, station))
        if all(_fits(section, *cut, scale, lang) for cut in cuts):
            return cuts, scale
    longest = float(section.pipes["length_m"].max())
    scale = along if along is not None else ALONG_OF_SEVERAL[-1]
    raise SchemaError(in_both("section_scale_along", along=scale, length_m=longest))


def _fits(section: LongSection, first: int, last: int, along: int, lang: Language) -> bool:
    reached = section.stations["chainage_m"].to_numpy()
    room = FRAME.right - _LAST_MM - FRAME.left - HEAD_MM - _FIRST_MM
    if (reached[last] - reached[first]) * 1000.0 / along > room:
        return False
    return _band(section, first, last, along, lang).fits


def _band(section: LongSection, first: int, last: int, along: int, lang: Language) -> Band:
    reached = section.stations["chainage_m"].to_numpy()[first : last + 1]
    x = FRAME.left + HEAD_MM + _FIRST_MM + (reached - reached[0]) * 1000.0 / along
    return lay_band(section, first, last, x, (FRAME.left + HEAD_MM, FRAME.right), lang)


def _levels(section: LongSection, first: int, last: int) -> Floats:
    """Return all levels that a sheet must hold; of a pipe without a size its inverts."""
    stations, pipes = section.stations.iloc[first : last + 1], section.pipes.iloc[first:last]
    wall = section.wall_share * np.nan_to_num(pipes["height_m"].to_numpy(np.float64))
    reached = stations["chainage_m"].to_numpy()
    here = section.crossings
    here = here[here["chainage_m"].between(reached[0], reached[-1])]
    across, tall = here["invert_m"].to_numpy(np.float64), here["height_m"].to_numpy(np.float64)
    crowns = [pipes[end].to_numpy() + pipes["height_m"].to_numpy() + wall for end in ("invert_up_m", "invert_down_m")]
    return np.concatenate(
        [
            stations["ground_m"].to_numpy(),
            *(pipes[end].to_numpy() - wall for end in ("invert_up_m", "invert_down_m")),
            *crowns,
            across,
            across + tall,
            *(line.level_m[first : last + 1] for line in section.grade_lines),
        ]
    )


def _range(section: LongSection, first: int, last: int) -> tuple[float, float]:
    """Return the lowest and the highest level of a sheet; of one without any those of the whole way."""
    levels = _levels(section, first, last)
    if not np.isfinite(levels).any():
        levels = _levels(section, 0, len(section.stations) - 1)
    return float(np.nanmin(levels)), float(np.nanmax(levels))


def _piece(
    section: LongSection, cut: tuple[int, int], scales: tuple[int, int], band: Band, levels: tuple[float, float]
) -> Piece | None:
    """Return a piece with its levels in the middle of the room for them; None where they do not fit.

    The datum is a whole step of the staff; where the room is short, it is nearer below the lowest level.
    """
    along, up = scales
    step, foot = up / 100.0, FRAME.low + FOOT_MM + band.height_mm + FAN_MM
    above = ABOVE_MM if section.grade_lines else _ABOVE_DRY_MM
    room = (FRAME.high - TITLE_MM - foot) / 10.0  # in steps, as all below
    lowest, highest = levels[0] / step, levels[1] / step
    for high_mm, low_mm in ((above, BELOW_MM), (min(above, _ABOVE_LEAST_MM), _BELOW_LEAST_MM)):
        low = np.floor(lowest - low_mm / 10.0)
        spare = room - high_mm / 10.0 - (highest - low)
        if spare >= 0.0:
            datum = (low - np.floor(0.5 * spare)) * step
            begin = float(section.stations["chainage_m"].iloc[cut[0]])
            return Piece(*cut, along, up, float(datum), float((np.ceil(highest) + 1) * step), band, begin)
    return None
