"""Coordinate systems that are asked for and named (OGC API – Features, Part 2): the axes go as the system has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/{}"
_ADDRESS: Final = re.compile(r"https?://www\.opengis\.net/def/crs/EPSG/(?:0|[0-9.]{1,10})/([0-9]{4,6})")
_URN: Final = re.compile(r"urn:ogc:def:crs:EPSG:[0-9.]{0,10}:([0-9]{4,6})")
#: Offered of every network that lies on the Earth: degrees as GPS has them and those of CGCS2000.
_ALWAYS: Final = (4326, 4490)


@dataclass(frozen=True, slots=True)
class System:
    """A coordinate system as a client names it.

    Parameters
    ----------
    uri
        Its name.
    epsg
        Its number; None: CRS84, degrees with the longitude first.
    swapped
        Whether it has the north before the east.
    in_degrees
        Whether its east and west meet on the other side of the Earth.
    """

    uri: str
    epsg: int | None
    swapped: bool
    in_degrees: bool

    @property
    def crs(self) -> str:
        """The system for pyproj, which has the east first throughout here."""
        return "OGC:CRS84" if self.epsg is None else f"EPSG:{self.epsg}"

    @property
    def of_boxes(self) -> str | None:
        """The system for a box; None: the degrees in which features are indexed, as GPS has them."""
        return None if self.epsg in {None, 4326} else self.crs

    def box(self, numbers: Sequence[float]) -> tuple[float, float, float, float]:
        """Return west, south, east, north of a box as a client writes it."""
        one, two, three, four = (*numbers[:2], *numbers[len(numbers) // 2 :][:2])
        return (two, one, four, three) if self.swapped else (one, two, three, four)

    def plain(self, geometry: shapely.Geometry) -> shapely.Geometry:
        """Return a geometry as a client writes it with the east first."""
        return shapely.transform(geometry, _turned) if self.swapped else geometry


DEGREES: Final = System(CRS84, None, swapped=False, in_degrees=True)


def offered(crs: pyproj.CRS | None) -> list[System]:
    """Return the systems in which a network can be had, CRS84 first."""
    if crs is None:
        return []
    own = [code for code in (_code(crs), _code(crs.geodetic_crs)) if code is not None]
    return [DEGREES, *map(_numbered, dict.fromkeys([*own, *_ALWAYS]))]


def storage(crs: pyproj.CRS | None) -> System | None:
    """Return the system in which a network is kept, where it has a number."""
    code = _code(crs)
    return None if code is None else _numbered(code)


def named(text: str, among: Sequence[System]) -> System | None:
    """Return the system that a text names, if it is one of those that are offered."""
    found = _ADDRESS.fullmatch(text) or _URN.fullmatch(text)
    uri = _EPSG.format(int(found[1])) if found is not None else text.replace("https:", "http:", 1)
    if re.fullmatch(r"urn:ogc:def:crs:OGC:(1\.3)?:CRS84", text):
        uri = CRS84
    return next((system for system in among if system.uri == uri), None)


def transformed(geometry: shapely.Geometry, system: System, crs: pyproj.CRS) -> shapely.Geometry:
    """Return a geometry of a client in the system of the features, its long edges with points between."""
    plain, change = system.plain(geometry), _change(system.crs, crs)
    if change is None:
        return plain
    step = 0.01 if system.in_degrees else 1_000.0  # about a kilometre (own choice)
    if (length := float(shapely.length(plain))) > step:
        plain = shapely.segmentize(plain, max(step, length / 1_000))

    def changed(places: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(change.transform(places[:, 0], places[:, 1]))

    return shapely.transform(plain, changed)


@cache
def _change(source: str, target: pyproj.CRS) -> pyproj.Transformer | None:
    """Return what changes one system into another; None where they are one."""
    crs = pyproj.CRS.from_user_input(source)
    if crs.equals(target, ignore_axis_order=True):
        return None
    return pyproj.Transformer.from_crs(crs, target, always_xy=True)


@cache
def _numbered(code: int) -> System:
    crs = pyproj.CRS.from_epsg(code)
    north_first = crs.axis_info[0].direction.lower() == "north"
    return System(_EPSG.format(code), code, swapped=north_first, in_degrees=crs.is_geographic)


@cache
def _code(crs: pyproj.CRS | None) -> int | None:
    return None if crs is None else crs.to_epsg()


def _turned(places: NDArray[np.float64]) -> NDArray[np.float64]:
    return places[:, ::-1]
