"""Why a point waterlogs: what would remove most of its overflow if it were removed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.analyses.waterlogging.points import Groups
from drainage.arrays import Bools, spread
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.without import CAUSES, Avoided, avoided_overflow
from drainage.simulation.state import FlowState

#: A remedy that avoids less of a point's overflow is no cause (own choice).
LEAST_CAUSE_SHARE: Final = 0.05
#: Remedies whose shares differ by no more avoid the same, and what is broken is named before what was built so.
SAME_SHARE: Final = 0.05
#: No remedy tried avoids a share worth naming, or none could be tried.
UNEXPLAINED: Final = "unexplained"
_CAUSE_TEXT: Final = {
    "silt": ("the silt taken out", "管道淤积"),
    "adverse_slope": ("adverse slopes mended", "逆坡"),
    "tailwater": ("low water at the outfalls", "下游顶托"),
    "low_ground": ("the ground raised to its surroundings", "地势低洼"),
    "own_capacity": ("its own pipes enlarged", "本段管径不足"),
    "downstream_bottleneck": ("the pipes downstream enlarged", "下游瓶颈"),
}
#: Why a point is unexplained.
_NOT_FLOODED: Final = (
    "a screening of the same storm does not flood here, so it shows no cause",
    "同一降雨的筛查在此处不积水，无法判定成因",
)
_NONE_AVOIDS: Final = (
    f"no remedy tried avoids {100.0 * LEAST_CAUSE_SHARE:.0f} % of the water by itself",
    f"所试各项措施单独均不能减少 {100.0 * LEAST_CAUSE_SHARE:.0f} % 的积水，成因不明",
)
_NOT_LOOKED_FOR: Final = (
    "not looked for: raised ground and larger pipes were tried only for the points with most water",
    "未逐项试算：抬高地面和扩大管径只对积水量最大的积水点试算",
)


def add_causes(
    state: FlowState, screening: Screening | None, points: gpd.GeoDataFrame, groups: Groups,
    progress: Callable[[float], None] | None = None,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Name as cause what avoids most, and say what each would avoid, by the screening (in place).

    Returns
    -------
    One row for each remedy worth naming and each point without one, see `causes_table`.
    """
    point_of_node = spread(len(state.nodes), groups.row, groups.group, -1)
    found = Avoided(np.zeros((len(points), len(CAUSES))), np.zeros(len(points), dtype=np.bool_))
    if screening is not None:
        found = avoided_overflow(screening, point_of_node, len(points), progress)
    avoided = pd.DataFrame(found.volume_m3, index=points.index, columns=list(CAUSES))
    avoided = avoided.clip(lower=0.0).clip(upper=points["volume_m3"], axis=0).round(1)
    share = avoided.div(points["volume_m3"].clip(lower=0.1), axis=0)
    points["cause"] = name_causes(share)
    points["causes_looked_for"] = found.looked_at
    table = causes_table(points, share, _why_unexplained(share, found.looked_at, screening, state))
    for language, column, mark in (("en", "evidence", "; "), ("zh", "evidence_zh", "；")):
        texts = table[f"text_{language}"].groupby(table["point_id"], sort=False).agg(mark.join)
        points[column] = texts.reindex(points.index).astype(object)
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


def _why_unexplained(
    share: pd.DataFrame, looked_at: Bools, screening: Screening | None, state: FlowState
) -> list[tuple[str, str]]:
    """Return for each point, in both languages, why no cause would be named."""
    dry = np.zeros(len(share), dtype=np.bool_)
    if screening is not state:
        dry = ~(share > 0.0).any(axis=1).to_numpy()
    return [
        _NOT_FLOODED if is_dry else _NONE_AVOIDS if looked else _NOT_LOOKED_FOR
        for is_dry, looked in zip(dry, looked_at, strict=True)
    ]


def causes_table(points: gpd.GeoDataFrame, share: pd.DataFrame, why: Sequence[tuple[str, str]]) -> gpd.GeoDataFrame:
    """List the remedies of each point that avoid enough to be named, the cause first.

    Returns
    -------
    Index ``cause_id`` (point and rank): ``point_id``, ``cause``, ``rank``, ``avoided_m3``, ``share_pct``, ``text_en``
    and ``text_zh``, at the place of the point; of an unexplained one a row that says why, without figures.
    """
    rows = []
    for name, cause, volume, reasons in zip(points.index, points["cause"], points["volume_m3"], why, strict=True):
        if cause == UNEXPLAINED:
            rows.append((name, cause, 1, np.nan, np.nan, *reasons))
            continue
        row = share.loc[name]
        others = [c for c in row.sort_values(ascending=False, kind="stable").index if c != cause]
        worth = [cause, *(c for c in others if row[c] >= LEAST_CAUSE_SHARE)]
        for rank, c in enumerate(worth, start=1):
            avoided_m3, percent = row[c] * max(volume, 0.1), 100.0 * row[c]
            text, text_zh = _CAUSE_TEXT[c]
            rows.append(
                (
                    name,
                    c,
                    rank,
                    round(avoided_m3, 1),
                    round(percent, 1),
                    f"with {text}: {avoided_m3:.0f} of {volume:.0f} m³ avoided ({percent:.0f} %)",
                    f"消除{text_zh}可减少{avoided_m3:.0f}/{volume:.0f} m³（{percent:.0f} %）",
                )
            )
    columns = ["point_id", "cause", "rank", "avoided_m3", "share_pct", "text_en", "text_zh"]
    table = pd.DataFrame(rows, columns=columns)
    table.index = pd.Index([f"{row.point_id}-{row.rank}" for row in table.itertuples()], name="cause_id", dtype="str")
    place = points.geometry.reindex(table["point_id"])
    return gpd.GeoDataFrame(table, geometry=place.array, crs=points.crs)
