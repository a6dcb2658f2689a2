"""What has become of each waterlogging point: which later point it is, and whether it is better or worse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from drainage.arrays import Bools, Floats, Objects, Rows, marked
from drainage.positions import coordinates

#: What can become of a point.
FATES: Final = ("solved", "eased", "unchanged", "worse", "new", "unknown")
#: Verdicts on the standard, the best first.
_VERDICTS: Final = ("yes", "unknown", "no")


class Limits(NamedTuple):
    """From where on a point has changed, and is the same: all our own choices, as `measure_outcome` says."""

    changed_share: float
    near_m: float


@dataclass(frozen=True, eq=False)
class Wet:
    """Points of one state by the numbers of nodes that both networks share.

    Parameters
    ----------
    points
        Table ``points`` of waterlogging.
    point_at
        (count,) row of the point that a node belongs to, -1 for none.
    overflow_m3
        (count,) what overflows at each node, NaN where that was not judged or there is no such node.
    doubt
        (count,) why that is not to be trusted, as codes; empty where nothing speaks against it.
    """

    points: gpd.GeoDataFrame
    point_at: Rows
    overflow_m3: Floats
    doubt: Objects

    @classmethod
    def of(cls, points: gpd.GeoDataFrame, nodes: pd.DataFrame, number: Rows, count: int) -> Wet:
        """Make it of all nodes of a network, which tell ``overflow_m3``, ``judged``, ``point_id`` and ``doubt``."""
        at = np.full(count, -1)
        at[number] = points.index.get_indexer(pd.Index(nodes["point_id"], dtype=object))
        overflow = np.full(count, np.nan)
        overflow[number] = nodes["overflow_m3"].where(nodes["judged"]).to_numpy(dtype=np.float64)
        doubt = np.full(count, "", dtype=object)
        if "doubt" in nodes:
            doubt[number] = nodes["doubt"].astype(object).where(nodes["doubt"].notna(), "").to_numpy()
        return cls(points, at, overflow, doubt)

    @property
    def places(self) -> Floats:
        """X and y of the points, (n_points, 2)."""
        return coordinates(self.points.geometry.to_numpy())

    @property
    def roads(self) -> Objects:
        """Roads of the points, empty where they have none."""
        road = self.points["road"].to_numpy(dtype=object)
        return np.where(pd.isna(road), "", road)


@dataclass(frozen=True, eq=False)
class Watched:
    """The points before, and the nodes at which each of them is looked for later.

    Parameters
    ----------
    before
        The points before.
    point_at
        (count,) row of the point that is looked for at a node, -1 for none: at its own nodes and, where one of them is
        gone, at the later nodes near it.
    """

    before: Wet
    point_at: Rows

    @classmethod
    def of(cls, before: Wet, after_numbers: Rows, place: Floats, near_m: float) -> Watched:
        """Look for points at their nodes, and near those of them that are gone."""
        at = before.point_at.copy()
        there = marked(len(at), after_numbers)
        gone = np.flatnonzero((at >= 0) & ~there & np.isfinite(place).all(axis=1))
        free = np.flatnonzero((at < 0) & there & np.isfinite(place).all(axis=1))
        if len(gone) and len(free):
            distance, nearest = KDTree(place[gone]).query(place[free], distance_upper_bound=near_m)
            near = np.isfinite(distance)
            at[free[near]] = at[gone[np.asarray(nearest)[near]]]
        return cls(before, at)

    def fates(self, now: Wet, limits: Limits) -> pd.DataFrame:
        """Tell what has become of each point in another state.

        Returns
        -------
        Row by row of the points: ``fate``, ``now`` (rows of the points that it is now), ``volume_m3`` and ``judged``
        (share of its nodes that were judged; NaN volume where none was), ``verdict`` on the standard.
        """
        touch = self._touching(now, limits.near_m)
        n = len(self.before.points)
        watched = (self.point_at >= 0) & np.isfinite(now.overflow_m3)
        owner = self.point_at.copy()
        first = touch.drop_duplicates("now").set_index("now")["point"]
        beyond = (owner < 0) & (now.point_at >= 0)
        owner[beyond] = first.reindex(now.point_at[beyond]).fillna(-1).to_numpy(dtype=np.intp)
        counts = (owner >= 0) & np.isfinite(now.overflow_m3)
        volume = np.bincount(owner[counts], now.overflow_m3[counts], n)
        own = self.before.point_at >= 0
        of_own = np.bincount(self.before.point_at[own], minlength=n)
        seen = np.bincount(self.point_at[watched], minlength=n)
        is_there = marked(n, touch["point"].to_numpy())
        judged = (seen > 0) | is_there
        verdict = self._verdict(now, touch, n)
        then = self.before.points["within_standard"].to_numpy(dtype=object)
        was = self.before.points["volume_m3"].to_numpy(dtype=np.float64)
        kept = (then == "no") & (verdict == "yes")
        broken = (then == "yes") & (verdict == "no")
        fate = np.select(
            [~judged, ~is_there | kept, broken, volume > was * (1.0 + limits.changed_share),
             volume < was * (1.0 - limits.changed_share)],
            ["unknown", "solved", "worse", "worse", "eased"], "unchanged",
        )  # fmt: skip
        by_point = touch.groupby("point")["now"].agg(list).reindex(range(n))
        return pd.DataFrame(
            {
                "fate": fate.astype(object),
                "now": [one if isinstance(one, list) else [] for one in by_point],
                "volume_m3": np.where(judged, volume, np.nan),
                "judged": np.minimum(seen / np.maximum(of_own, 1), 1.0),
                "verdict": pd.Series(verdict, dtype=object).where(is_there, None),
            }
        )

    def _touching(self, now: Wet, near_m: float) -> pd.DataFrame:
        """Return pairs of a point before and one now, those that share most first: by nodes, else by road and place."""
        both = (self.point_at >= 0) & (now.point_at >= 0)
        shared = pd.DataFrame({"point": self.point_at[both], "now": now.point_at[both]})
        counted = shared.value_counts().reset_index().sort_values("count", ascending=False, kind="stable")
        pairs = pd.DataFrame(counted[["point", "now"]])
        left = np.setdiff1d(np.arange(len(now.points)), pairs["now"])
        if not len(left) or not len(self.before.points):
            return pairs
        tree = KDTree(self.before.places)
        near = tree.query_ball_point(now.places[left], near_m)
        found = [(one, k) for k, some in zip(left, near, strict=True) for one in some]
        close = pd.DataFrame(found, columns=["point", "now"]).astype(np.intp)
        one, other = self.before.roads[close["point"]], now.roads[close["now"]]
        same = (one == other) | (one == "") | (other == "")
        return pd.DataFrame(pd.concat([pairs, close[same]], ignore_index=True))

    def _verdict(self, now: Wet, touch: pd.DataFrame, n: int) -> Objects:
        """(n,) the worst verdict on the points that each is now."""
        rank = pd.Index(_VERDICTS).get_indexer(pd.Index(now.points["within_standard"]))
        worst = np.zeros(n, np.intp)
        np.maximum.at(worst, touch["point"].to_numpy(dtype=np.intp), rank[touch["now"].to_numpy(dtype=np.intp)])
        return np.array(_VERDICTS, dtype=object)[worst]


def newly_there(watched: Watched, now: Wet, known: Bools, limits: Limits) -> pd.DataFrame:
    """Tell of the points that no point before has become.

    Parameters
    ----------
    known
        (count,) a node that was there before and was not judged then is not known.

    Returns
    -------
    ``now``, the row of the point, and ``fate``: new, or unknown where nothing was known of its nodes before.
    """
    seen = watched.fates(now, limits)["now"]
    rest = np.setdiff1d(np.arange(len(now.points)), [k for one in seen for k in one])
    at = np.flatnonzero(now.point_at >= 0)
    some = marked(len(now.points), now.point_at[at[known[at]]])
    return pd.DataFrame({"now": rest, "fate": np.where(some[rest], "new", "unknown")})
