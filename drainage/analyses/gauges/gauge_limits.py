"""From where on a gauge is judged, a parameter helps, and its value is plausible."""

from __future__ import annotations

from dataclasses import dataclass, fields

from drainage.errors import SchemaError
from drainage.words import in_both


@dataclass(frozen=True, slots=True)
class GaugeLimits:
    """Limits for `compare_with_gauges`; all are our choice.

    Parameters
    ----------
    least_readings
        A gauge with fewer readings in the simulated time is not judged.
    datum_m
        Levels that differ from the computed ones by so much or more, m, and stand below the invert, far above the
        ground, or agree but for that constant, are taken for those of another datum.
    least_gain_share
        A parameter helps if it makes up for this share of what the score lacks of 1.
    tell_apart
        Parameters whose scores differ by less cannot be told apart. Where the score of the network as it is lacks less
        than this of 1, nothing needs mending.
    infiltration_m3_per_day_per_km
        Up to this, infiltration is plausible, m³/(d·km) of pipe; no standard bounds that of old pipes.
    most_silt_share
        Up to this share of the height, silt is plausible.

    Raises
    ------
    SchemaError
        A number that cannot be.

    Examples
    --------
    >>> import drainage as dr
    >>> limits = dr.analyses.GaugeLimits(least_readings=3, datum_m=1.0)
    >>> limits.least_readings, limits.datum_m, limits.most_silt_share
    (3, 1.0, 0.5)
    """

    least_readings: int = 5
    datum_m: float = 0.5
    least_gain_share: float = 0.25
    tell_apart: float = 0.01
    infiltration_m3_per_day_per_km: float = 200.0
    most_silt_share: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        for one in fields(self):
            if not getattr(self, one.name) >= 0.0:
                raise SchemaError(in_both("not_0_or_more", name=one.name, value=getattr(self, one.name)))
        if not self.most_silt_share <= 1.0:
            value = self.most_silt_share
            raise SchemaError(in_both("not_within", name="most_silt_share", value=value, low=0.0, high=1.0))
