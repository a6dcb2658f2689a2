"""Cross-sections of pipes and Manning's equation for the full section (GB 50014-2021, 5.2)."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A circular pipe (width equals height) or a box culvert; inner measures in millimetres."""

    width_mm: int
    height_mm: int
    shape: str = "circular"

    @property
    def area_m2(self) -> float:
        """Full area."""
        product = self.width_mm * self.height_mm / 1e6
        return product * math.pi / 4.0 if self.shape == "circular" else product

    @property
    def radius_m(self) -> float:
        """Hydraulic radius of the full section."""
        if self.shape == "circular":
            return self.height_mm / 4000.0
        return self.area_m2 / (2.0 * (self.width_mm + self.height_mm) / 1000.0)

    @property
    def height_m(self) -> float:
        """Inner height."""
        return self.height_mm / 1000.0

    def velocity(self, slope: float, manning_n: float) -> float:
        """Full velocity, m/s."""
        return float(self.radius_m ** (2.0 / 3.0)) * math.sqrt(max(slope, 0.0)) / manning_n

    def capacity(self, slope: float, manning_n: float) -> float:
        """Full flow, m³/s."""
        return self.area_m2 * self.velocity(slope, manning_n)

    def friction_slope(self, flow_m3s: float, manning_n: float) -> float:
        """Fall of the grade line of the full section, m/m."""
        return (flow_m3s * manning_n / (self.area_m2 * float(self.radius_m ** (2.0 / 3.0)))) ** 2


def circular(diameter_mm: int) -> Section:
    """Make a round section."""
    return Section(diameter_mm, diameter_mm)


DIAMETERS_MM = (300, 400, 500, 600, 700, 800, 900, 1000, 1200, 1350, 1500, 1650, 1800, 2000)
BOXES_MM = (
    (2400, 1800),
    (2800, 1800),
    (3000, 2000),
    (3400, 2000),
    (3600, 2200),
    (4000, 2200),
    (4600, 2200),
    (5200, 2400),
    (6000, 2400),
    (7000, 2400),
    (8000, 2500),
)
SERIES = (*(circular(diameter) for diameter in DIAMETERS_MM), *(Section(w, h, "rectangular") for w, h in BOXES_MM))


def minimum_slope(section: Section, manning_n: float, velocity_ms: float) -> float:
    """Slope at which the full section just reaches a velocity, m/m."""
    return (velocity_ms * manning_n / float(section.radius_m ** (2.0 / 3.0))) ** 2
