"""Where the synthetic town lies: its frame, its ground, its river and its districts.

Local coordinates are metres east and north of a corner of EPSG:4548; nothing here is surveyed.
"""

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

Floats = NDArray[np.float64]

WEST_M, HEIGHT_M = 900.0, 5500.0
CENTRE = (3900.0, 2750.0)
ORIGIN_EN = (551084.189 - CENTRE[0], 3712774.524 - CENTRE[1])  # 117.55 °E, 33.54 °N in EPSG:4548
LOCAL_CRS = "EPSG:4548"
RIVER_NAME = "凤河"
FLOOD_BELOW_BANK_M = 1.35
RIVER = ((7230, 6100), (7130, 5200), (7010, 4300), (6700, 3350), (6120, 2450), (5520, 1650), (4980, 750), (4420, -500))
BANK_SETBACK_M = 120.0

DISTRICTS = (
    ("老城社区", 4300, 2250),
    ("南关社区", 4250, 1150),
    ("东关社区", 5450, 2750),
    ("西关社区", 3050, 2300),
    ("北关社区", 4000, 3500),
    ("钟灵社区", 2200, 3700),
    ("磬山社区", 1100, 4300),
    ("凤山社区", 1500, 2700),
    ("杨河社区", 3200, 4700),
    ("奇石社区", 5100, 4400),
    ("迎宾社区", 6200, 4700),
    ("开发区", 900, 1000),
    ("汴南社区", 2700, 700),
    ("滨河社区", 6200, 3550),
)


@dataclass
class Ground:
    """The surface of the town, with the hollows that are planted in it.

    Parameters
    ----------
    hollows
        Rows of x, y, depth and radius in metres.
    """

    hollows: list[tuple[float, float, float, float]] = field(default_factory=list)

    def level(self, x: Floats, y: Floats) -> Floats:
        """Level of the ground in metres: 24 m in the north-west, 19 m in the south-east."""
        base = 24.0 - 5.0 * np.clip((x - WEST_M + HEIGHT_M - y) / 9100.0, 0.0, 1.05)
        swell = 0.07 * np.sin(x / 610.0 + 0.4) * np.cos(y / 540.0)
        level = base + swell
        for hollow_x, hollow_y, depth_m, radius_m in self.hollows:
            share = np.hypot(x - hollow_x, y - hollow_y) / radius_m
            level = level - depth_m * np.clip(1.0 - share**2, 0.0, None)
        return np.asarray(level, dtype=np.float64)

    def at(self, x: float, y: float) -> float:
        """Level of the ground at one point, in metres, to the centimetre."""
        return round(float(self.level(np.array([x]), np.array([y]))[0]), 2)


def river_line() -> shapely.LineString:
    """Axis of the river in the direction of its flow, in warped local metres."""
    return shapely.LineString(warp(np.array(shapely.LineString(RIVER).segmentize(150.0).coords)))


def bank_line() -> shapely.LineString:
    """Axis of the riverside road, in unwarped local metres."""
    line = shapely.LineString(RIVER).offset_curve(-BANK_SETBACK_M)
    return line if isinstance(line, shapely.LineString) else line.geoms[0]


def flood_level(x: float, y: float) -> float:
    """Flood level of the river beside a point, in metres: a fixed depth below the general ground."""
    plain = 24.0 - 5.0 * np.clip((x - WEST_M + HEIGHT_M - y) / 9100.0, 0.0, 1.05)
    return round(float(plain) - FLOOD_BELOW_BANK_M, 2)


def warp(points: Floats) -> Floats:
    """Bend the straight plan, so that roads curve a little and keep their neighbours."""
    x, y = points[:, 0], points[:, 1]
    return np.column_stack(
        (
            x + 70.0 * np.sin(y / 950.0 + 0.7) + 25.0 * np.sin(x / 700.0),
            y + 60.0 * np.sin(x / 1100.0) + 20.0 * np.cos(y / 620.0),
        ),
    )


def district_of(x: float, y: float) -> str:
    """Name of the neighbourhood whose centre is nearest."""
    return min(DISTRICTS, key=lambda row: (row[1] - x) ** 2 + (row[2] - y) ** 2)[0]


def runoff_coefficient(x: float, y: float) -> float:
    """Comprehensive runoff coefficient by built density (GB 50014-2021, table 4.1.8-2)."""
    distance_m = np.hypot(x - 4200.0, y - 2300.0)
    if distance_m < 1300.0:
        return 0.65
    return 0.55 if distance_m < 2600.0 else 0.45


@cache
def _transformer() -> Transformer:
    return Transformer.from_crs(LOCAL_CRS, "EPSG:4326", always_xy=True)


def to_lonlat(points: Floats) -> Floats:
    """Turn local metres into WGS 84 longitude and latitude, to 7 decimals."""
    lon, lat = _transformer().transform(points[:, 0] + ORIGIN_EN[0], points[:, 1] + ORIGIN_EN[1])
    return np.round(np.column_stack((lon, lat)), 7)
