"""Why a point waterlogs: what would remove most of its overflow if it were removed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.analyses.waterlogging.points import Groups
from drainage.arrays import Bools, Floats, spread, texts_at
from drainage.said import Said
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.without import CAUSES, MOST_RERUNS, avoided_overflow
from drainage.simulation.state import FlowState
from drainage.words import in_both

#: A remedy that avoids less of a point's overflow is no cause (own choice).
LEAST_CAUSE_SHARE: Final = 0.05
#: Remedies whose shares differ by no more avoid the same, and what is broken is named before what was built so.
SAME_SHARE: Final = 0.05
#: No remedy tried avoids a share worth naming, or none could be tried.
UNEXPLAINED: Final = "unexplained"


def add_causes(
    state: FlowState, screening: Screening | None, points: gpd.GeoDataFrame, groups: Groups,
    progress: Callable[[float], None] | None = None, *, most_reruns: float = MOST_RERUNS,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Name as cause what avoids most, and say what each would avoid, by the screening (in place).

    Returns
    -------
    One row for each remedy worth naming and each point without one, see `causes_table`.
    """
    avoided, looked_at = np.zeros((len(points), len(CAUSES))), np.zeros(len(points), dtype=np.bool_)
    if screening is not None:
        point_of_node = spread(len(state.nodes), groups.row, groups.group, -1)
        most_swept = most_reruns * len(screening.arrays.node_row)
        found = avoided_overflow(screening, point_of_node, len(points), progress, most_swept=most_swept)
        avoided, looked_at = found.volume_m3, found.looked_at
    return explain(points, avoided, looked_at, by_itself=screening is state)


def explain(points: gpd.GeoDataFrame, avoided_m3: Floats, looked_at: Bools, *, by_itself: bool) -> gpd.GeoDataFrame:
    """Name the cause of each point by what is avoided without each of `CAUSES`, (n_points, 6), as `add_causes` does.

    ``by_itself`` tells that what was avoided was found by the engine that found the points.
    """
    avoided = pd.DataFrame(avoided_m3, index=points.index, columns=list(CAUSES))
    avoided = avoided.clip(lower=0.0).clip(upper=points["volume_m3"], axis=0).round(1)
    share = avoided.div(points["volume_m3"].clip(lower=0.1), axis=0)
    points["cause"] = name_causes(share)
    points["causes_looked_for"] = looked_at
    table = causes_table(points, share, _why_unexplained(share, looked_at, by_itself=by_itself))
    point = points.index.get_indexer(pd.Index(table["point_id"]))
    for language, column, mark in (("en", "evidence", "; "), ("zh", "evidence_zh", "；")):
        texts = texts_at(table[f"text_{language}"], point, np.arange(len(points)), mark)
        points[column] = pd.Series(texts, index=points.index, dtype=object)
    for name in CAUSES:
        points[f"avoided_{name}_m3"] = avoided[name]
    return table


def name_causes(share: pd.DataFrame) -> NDArray[np.object_]:
    """Name the remedy that avoids most; of those that avoid as much, what is broken before what was built so.

    Enlarging helps nearly everywhere, so it is named after the defects of the pipes (silt, slope) and the place
    (tailwater, low ground) where they avoid no less: the order of `CAUSES`.
    """
    most = share.max(axis=1).to_numpy()
    as_much = share.to_numpy() >= (most - SAME_SHARE)[:, None]
    names = np.array([*CAUSES, UNEXPLAINED], dtype=object)
    return names[np.where(most >= LEAST_CAUSE_SHARE, as_much.argmax(axis=1), len(CAUSES))]


def _why_unexplained(share: pd.DataFrame, looked_at: Bools, *, by_itself: bool) -> list[Said]:
    """Say of each point why no cause is named, should none be."""
    dry = np.zeros(len(share), dtype=np.bool_)
    if not by_itself:
        dry = ~(share > 0.0).any(axis=1).to_numpy()
    not_flooded, not_looked_for = in_both("cause_not_flooded"), in_both("cause_not_looked_for")
    none_avoids = in_both("cause_none_avoids", percent=100.0 * LEAST_CAUSE_SHARE)
    return [
        not_flooded if is_dry else none_avoids if looked else not_looked_for
        for is_dry, looked in zip(dry, looked_at, strict=True)
    ]


def causes_table(points: gpd.GeoDataFrame, share: pd.DataFrame, why: Sequence[Said]) -> gpd.GeoDataFrame:
    """List the remedies of each point that avoid enough to be named, the cause first.

    Returns
    -------
    Index ``cause_id`` (point and rank): ``point_id``, ``cause``, ``rank``, ``avoided_m3``, ``share_pct``, ``text_en``
    and ``text_zh``, at the place of the point; of an unexplained one a row that says why, without figures.
    """
    rows: list[tuple[object, ...]] = []
    remedied = {name: in_both(f"remedied_{name}") for name in CAUSES}
    most_first = np.argsort(-share.to_numpy(), axis=1, kind="stable").tolist()
    each = zip(points.index, points["cause"], points["volume_m3"].tolist(), why, strict=True)
    for (name, cause, volume, reason), shares, order in zip(each, share.to_numpy().tolist(), most_first, strict=True):
        if cause == UNEXPLAINED:
            rows.append((f"{name}-1", name, cause, 1, np.nan, np.nan, str(reason), reason.chinese))
            continue
        by_cause = dict(zip(CAUSES, shares, strict=True))
        others = [CAUSES[k] for k in order if CAUSES[k] != cause and shares[k] >= LEAST_CAUSE_SHARE]
        for rank, c in enumerate((cause, *others), start=1):
            avoided_m3, percent = by_cause[c] * max(volume, 0.1), 100.0 * by_cause[c]
            text = in_both("cause_avoids", cause=remedied[c], avoided_m3=avoided_m3, volume_m3=volume, percent=percent)
            figures = (round(avoided_m3, 1), round(percent, 1))
            rows.append((f"{name}-{rank}", name, c, rank, *figures, str(text), text.chinese))
    columns = ["cause_id", "point_id", "cause", "rank", "avoided_m3", "share_pct", "text_en", "text_zh"]
    table = pd.DataFrame(rows, columns=columns).astype({"cause_id": "str"}).set_index("cause_id")
    place = points.geometry.array[points.index.get_indexer(pd.Index(table["point_id"]))]
    return gpd.GeoDataFrame(table, geometry=place, crs=points.crs)
