"""Assumptions of a simulation where the network records nothing: one value, given to every engine."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import wraps
from typing import Final, ParamSpec, TypeVar

import geopandas as gpd
import pandas as pd

from drainage.errors import SimulationError
from drainage.hydraulics.runoff import uplift_share
from drainage.wants import expect
from drainage.words import in_both, keyword

P = ParamSpec("P")
R = TypeVar("R")

#: A level, m, or levels by minutes from the beginning of the storm (index).
Level = float | pd.Series
#: One of them for all outfalls, or outfall id → one of them.
Tailwater = Level | Mapping[str, Level]
#: Numbers that can be meant: name → least and most.
_BOUNDS: Final = {
    "runoff_coefficient": (0.0, 1.0),
    "inlet_time_min": (0.1, 120.0),
    "served_distance_m": (1.0, 5000.0),
}
#: Levels that can be meant, m above the datum of the network.
_LOWEST_M: Final = -500.0
_HIGHEST_M: Final = 9000.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Setup:
    """Assumptions of a simulation; an engine ignores those that do not apply to it.

    Parameters
    ----------
    catchments
        Polygons to use instead of those of the network, with ``node_id`` and ``runoff_coefficient`` or ``land_use``
        where known. EPA SWMM runs an .inp on its own.
    tailwater_m
        Level of the receiving water where the source gives none, m; without it the flood level of a waterway near the
        outfall, and without that the outfall is free. Or a series of levels by minutes from the beginning of the storm,
        interpolated linearly, the first and the last held; or a mapping from outfall id to a level or series, which
        overrides the source for the outfalls that it names. A screening, which has no time steps for it, uses the
        highest level.
    runoff_coefficient
        Ψ of ground whose catchment has neither Ψ nor a land use; 0.6 separates dense from fairly dense building (GB
        50014-2021, table 4.1.8-2).
    uplift_within
        In storms of 20 a and more every Ψ is raised, to 1 at most, by a share within the range of 4.1.8: 0 is the lower
        limit (the default, our choice), 1 the upper; None: not raised. An .inp has its own losses, so that more runs
        off in larger storms: there nothing is raised.
    inlet_time_min
        t1, min; 5-15 by GB 50014-2021, 4.1.11. For the screening: EPA SWMM has overland flow instead (`EngineOptions`).
    served_distance_m
        Distance within which ground drains to a storm pipe, if no catchments are given, m.

    Raises
    ------
    SimulationError
        A number is impossible.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    >>> high = dr.Setup(tailwater_m=18.5)
    >>> [round(dr.screen(net, storm, setup).balance["overflow_m3"]) for setup in (dr.Setup(), high)]
    [564, 564]
    """

    catchments: gpd.GeoDataFrame | None = None
    tailwater_m: Tailwater | None = None
    runoff_coefficient: float = 0.6
    uplift_within: float | None = 0.0
    inlet_time_min: float = 10.0
    served_distance_m: float = 50.0

    def __post_init__(self) -> None:
        for one in fields(self):
            expect("Setup", one.name, getattr(self, one.name), str(one.type), first=False)
        for name, (low, high) in _BOUNDS.items():
            if not low <= getattr(self, name) <= high:
                raise SimulationError(
                    in_both("not_within", name=keyword(name), value=getattr(self, name), low=low, high=high)
                )
        uplift_share(0.0, self.uplift_within)
        if self.tailwater_m is not None and not isinstance(self.tailwater_m, (pd.Series, Mapping)):
            check_level(self.tailwater_m)


def check_level(level_m: float) -> float:
    """Return a level of the receiving water that can be meant.

    Raises
    ------
    SimulationError
        It is out of range.
    """
    if not _LOWEST_M <= level_m <= _HIGHEST_M:
        raise SimulationError(in_both("tailwater_out", value=level_m))
    return level_m


def setup_keywords(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function also accept the fields of `Setup` as keywords, as it did formerly, with a warning."""
    names = tuple(one.name for one in fields(Setup))
    place = function.__qualname__.removesuffix(".__init__")

    @wraps(function)
    def taking(*args: P.args, **kwargs: P.kwargs) -> R:
        said = {name: kwargs.pop(name) for name in names if name in kwargs}
        if said:
            words = f"{', '.join(said)} of {place} will be removed soon; pass setup=Setup({next(iter(said))}=…)"
            warnings.warn(words, DeprecationWarning, stacklevel=2)
            kwargs["setup"] = replace(kwargs.get("setup") or Setup(), **said)  # type: ignore[type-var]  # a Setup
        return function(*args, **kwargs)

    return taking
