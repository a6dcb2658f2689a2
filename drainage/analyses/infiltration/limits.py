"""What the measurement takes as given: the numbers of the clauses, and choices of ours that say so."""

from __future__ import annotations

from dataclasses import dataclass

from drainage.errors import SchemaError
from drainage.words import in_both


@dataclass(frozen=True, slots=True)
class InfiltrationLimits:
    """Limits for `measure_infiltration`: each names its clause, or is our choice.

    Parameters
    ----------
    dry_h
        Hours after rain from which a day is dry: DB4201/T 651-2021, 5.4.1.
    dry_days
        Required number of consecutive dry days: T/CECS 1764-2024, 5.2.2. Fewer are used but reported.
    returned_share
        K, share of the water used that returns as sewage: 0.8 to 0.9 in T/CECS 1764-2024, 5.2.4; the middle is our
        choice.
    most_returned_share
        Dry-weather flow above this share of the water used is more than sewage can account for (T/CECS 758-2020,
        4.2.4): the upper end of K.
    day_share
        X of T/CECS 1764-2024, 5.2.5, the share of the mean daily sewage that is not the minimum flow of the night. It
        depends on the place, so there is no default: without it that method is left out.
    gap_h
        Hours without rain that separate two events. Our choice.
    recession_h
        Hours after the rain that still belong to an event. Our choice.
    least_rain_mm
        Less rain is not an event: it neither ends dry weather nor is it measured. Our choice.
    night_h
        First hour of the night and the hour after its last, for MDF. Our choice.
    storm_times
        Ratio of the flow in an event to that of the same hours of dry days from which it is "clearly higher" (T/CECS
        758-2020, 5.2.4-2). Our choice.

    Raises
    ------
    SchemaError
        A number that cannot be.

    Examples
    --------
    >>> import drainage as dr
    >>> limits = dr.analyses.InfiltrationLimits(dry_days=3, night_h=(2, 4))
    >>> limits.dry_days, limits.night_h, limits.returned_share
    (3, (2, 4), 0.85)
    """

    dry_h: float = 72.0
    dry_days: int = 7
    returned_share: float = 0.85
    most_returned_share: float = 0.9
    day_share: float | None = None
    gap_h: float = 6.0
    recession_h: float = 24.0
    least_rain_mm: float = 1.0
    night_h: tuple[int, int] = (0, 6)
    storm_times: float = 1.5

    def __post_init__(self) -> None:
        """Refuse impossible values."""
        for name in ("returned_share", "most_returned_share", "day_share"):
            value = getattr(self, name)
            if value is not None and not 0.0 < value <= 1.0:
                raise SchemaError(in_both("not_a_share", name=name, value=value))
        for name in ("dry_h", "recession_h", "least_rain_mm"):
            if not 0.0 <= getattr(self, name) < float("inf"):
                raise SchemaError(in_both("not_from_0", name=name, value=getattr(self, name)))
        for name in ("gap_h", "dry_days", "storm_times"):
            if not 0.0 < getattr(self, name) < float("inf"):
                raise SchemaError(in_both("not_positive", name=name, value=getattr(self, name)))
        first, last = self.night_h
        if not 0 <= first < last <= 24:
            raise SchemaError(in_both("not_a_night", hours=self.night_h))
