"""Where pipes cross in plan, and how far apart they are in height."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.analyses.quality.findings import filled
from drainage.analyses.quality.places import NEAR_M, Places
from drainage.analyses.quality.view import View
from drainage.arrays import Bools, Floats, Ints
from drainage.errors import SchemaError
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.schema.codes import UNDER_PRESSURE, spell
from drainage.wants import wants
from drainage.words import in_both

#: How the two pipes of a crossing lie: in one place, closer than asked for, well apart, or not known.
CLEARANCES: Final = ("conflict", "tight", "clear", "unknown")
#: GB 50014-2021, 5.15.4 and appendix C: reclaimed water above drains, 0.40 m clear.
RECLAIMED_CLEAR_M: Final = 0.40
_ENDS: Final = ("upper", "lower")
_POPUP: Final = (
    "clearance", "clear_m", "asked_m", "road", "upper_pipe", "upper_system", "lower_pipe", "lower_system",
    "upper_invert_m", "lower_crown_m",
)  # fmt: skip


@wants
def find_crossings(
    net: DrainageNetwork, *, least_clear_m: float = 0.15, wall_share: float = 0.1, same_system: bool = False
) -> Result:
    """Find every place where two pipes cross in plan without a common node, and their clear distance in height.

    Parameters
    ----------
    net
        A network with coordinates; only pipes that were ever in the ground together cross.
    least_clear_m
        Clear distance that two drains should keep, m. From memory of GB 50289, not verified: set your own. Between
        reclaimed water and a drain 0.40 m is asked for (GB 50014-2021, appendix C), whatever is set here.
    wall_share
        Thickness of a wall as a share of the inner height, where nothing is recorded of it. Our assumption: a tenth.
    same_system
        Pipes of one system that cross without a node are a fault of the drawing (rule ``crossing_without_node`` of
        `check_quality`) and left out unless asked for.

    Returns
    -------
    Result
        ``crossings`` (points, index ``crossing``), the closest first: of the upper and the lower pipe ``…_pipe``,
        ``…_system``, ``…_size_mm``; ``upper_invert_m``, ``lower_crown_m``, both of the bore; ``clear_m`` between the
        outer walls, negative where they overlap; ``asked_m``; ``clearance`` conflict (at most 0) | tight (less than
        asked) | clear | unknown (a level or size is missing); ``road``; ``filled`` (a level behind it was not
        recorded). Levels run straight from one invert of a pipe to the other; that of a pipe under pressure is
        taken for that of its bore too. Summary: number of crossings by clearance, of those left out since
        neither pipe says of which system it is, and what was assumed.

    Raises
    ------
    SchemaError
        A distance or share below 0.

    References
    ----------
    GB 50014-2021, 5.15.4 and appendix C.

    Examples
    --------
    >>> import drainage as dr
    >>> found = dr.analyses.find_crossings(dr.load_demo("2021-05-07")).tables["crossings"]
    >>> found["clear_m"].is_monotonic_increasing
    True
    """
    for name, value in (("least_clear_m", least_clear_m), ("wall_share", wall_share)):
        if not value >= 0.0:
            raise SchemaError(in_both("not_0_or_more", name=name, value=value))
    view = View(net)
    met = Places(view, NEAR_M, NEAR_M).meetings
    pair, chainage = met.crossing.reshape(-1, 2), met.chainage.reshape(-1, 2)
    kept = view.drain[pair].all(axis=1)
    unsaid = 0
    if not same_system:
        upper, lower = net.pipes["system"].to_numpy(dtype=object)[pair.T]
        unsaid = int((kept & (upper == "unknown") & (lower == "unknown")).sum())
        kept &= upper != lower
    table = _table(view, pair[kept], chainage[kept], least_clear_m, wall_share)
    counts = table["clearance"].value_counts()
    summary = pd.Series(
        {
            "crossings": len(table),
            **{f"crossings_{name}": int(counts.get(name, 0)) for name in CLEARANCES},
            "crossings_filled": int(table["filled"].sum()),
            "crossings_left_out": unsaid,
            "crossings_assumed": in_both("crossings_assumed", wall_pct=100 * wall_share, least_clear_m=least_clear_m),
        },
        dtype=object,
    )
    layers = (*context_of(net), Layer("crossings", table, "clearance", _POPUP))
    return Result(
        "crossings", {"crossings": table}, summary, layers, provenance=Provenance.of(net), not_known=_not_known(view)
    )


def _not_known(view: View) -> str | None:
    return None if view.metric else in_both("crossings_no_place", network=view.net.source or in_both("the_network"))


def _table(view: View, pair: Ints, chainage: Floats, least_clear_m: float, wall_share: float) -> gpd.GeoDataFrame:
    """One row a crossing, the closest first."""
    invert = view.level_at(pair, chainage)
    bore = view.size[pair] / 1000.0
    below = invert[:, 1] > invert[:, 0]  # the first of the pair is the lower one
    upper, lower = np.where(below, pair.T[::-1], pair.T)
    upper_invert, lower_invert = np.where(below, invert.T[::-1], invert.T)
    upper_bore, lower_bore = np.where(below, bore.T[::-1], bore.T)
    crown = lower_invert + lower_bore
    clear = upper_invert - crown - wall_share * (upper_bore + lower_bore)
    asked = np.where(_reclaimed(view, pair), np.maximum(RECLAIMED_CLEAR_M, least_clear_m), least_clear_m)
    state = np.select([np.isnan(clear), clear <= 0.0, clear < asked], [3, 0, 1], 2)
    columns: dict[str, object] = {}
    for end, row in zip(_ENDS, (upper, lower), strict=True):
        columns[f"{end}_pipe"] = view.pipes.index.to_numpy(dtype=object)[row]
        columns[f"{end}_system"] = view.pipes["system"].to_numpy(dtype=object)[row]
        columns[f"{end}_size_mm"] = view.size[row]
    table = gpd.GeoDataFrame(
        {
            **columns,
            "upper_invert_m": upper_invert,
            "lower_crown_m": crown,
            "clear_m": clear,
            "asked_m": asked,
            "clearance": spell(CLEARANCES, state),
            "road": view.pipes["road"].to_numpy(dtype=object)[upper],
            "filled": filled(view)[pair].any(axis=1),
        },
        geometry=shapely.line_interpolate_point(np.asarray(view.pipes.geometry.array)[pair[:, 0]], chainage[:, 0]),
        crs=view.net.crs,
    )
    table = table.sort_values(["clear_m", "upper_pipe", "lower_pipe"], ignore_index=True)
    return table.set_axis(pd.Index([f"X{k + 1}" for k in range(len(table))], name="crossing", dtype="str"))


def _reclaimed(view: View, pair: Ints) -> Bools:
    pressed = view.pipes["system"].isin(UNDER_PRESSURE).to_numpy()
    return np.asarray(pressed[pair].any(axis=1))
