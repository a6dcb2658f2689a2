"""The offsets of Chinese web maps, GCJ-02 and BD-09, and their inverse: degrees in, degrees out.

Both are (n, 2) arrays of longitude and latitude. WGS 84 and CGCS2000 differ by less than a decimetre and count as one
here. The formulas are not published officially; they are those that every open implementation uses (checked against
wandergis/coordtransform, MIT: 117.55 E, 33.54 N becomes 117.55555324, 33.53837197).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from drainage.arrays import Floats

_A: Final = 6378245.0  # semi-major axis of the Krassovsky ellipsoid, m
_EE: Final = 0.00669342162296594323  # its squared eccentricity
_BD_PI: Final = np.pi * 3000.0 / 180.0
_EXACT_DEG: Final = 1e-10  # about 0.01 mm
_MOST_STEPS: Final = 30


def wgs84_to_gcj02(lonlat: Floats) -> Floats:
    """Shift positions as Chinese web maps do: by 300–700 m."""
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    wave = (20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + wave
    north += (20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi / 3.0 * y)) * 2.0 / 3.0
    north += (160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi / 30.0 * y)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + wave
    east += (20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi / 3.0 * x)) * 2.0 / 3.0
    east += (150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)) * 2.0 / 3.0
    latitude = np.radians(lonlat[:, 1])
    flat = 1.0 - _EE * np.sin(latitude) ** 2
    d_lat = np.degrees(north / (_A * (1.0 - _EE) / flat**1.5))
    d_lon = np.degrees(east / (_A / np.sqrt(flat) * np.cos(latitude)))
    return np.asarray(lonlat + np.column_stack([d_lon, d_lat]))


def gcj02_to_bd09(lonlat: Floats) -> Floats:
    """Shift GCJ-02 positions once more, as Baidu's maps do."""
    x, y = lonlat[:, 0], lonlat[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_PI)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_PI)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def gcj02_to_wgs84(lonlat: Floats) -> Floats:
    """Remove the shift of GCJ-02, to better than a millimetre."""
    return _invert(wgs84_to_gcj02, lonlat)


def bd09_to_wgs84(lonlat: Floats) -> Floats:
    """Remove the shifts of BD-09, to better than a millimetre."""
    return gcj02_to_wgs84(_invert(gcj02_to_bd09, lonlat))


def _invert(shift: Callable[[Floats], Floats], shifted: Floats) -> Floats:
    """Find the positions that are shifted to the given ones: the shift changes little over its own length."""
    true = shifted.copy()
    for _ in range(_MOST_STEPS):
        error = shifted - shift(true)
        true += error
        if not len(error) or np.nanmax(np.abs(error)) < _EXACT_DEG:
            break
    return true
