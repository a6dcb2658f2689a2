"""Why a point waterlogs: what would remove most of its overflow if it were removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from drainage.analyses.waterlogging.return_periods import screening_of
from drainage.simulation.counterfactual import CAUSES, avoided_overflow

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from drainage.analyses.waterlogging.points import Groups
    from drainage.simulation.state import FlowState

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

#: Smaller shares of the overflow are not worth a word.
LEAST_EVIDENCE_SHARE: Final = 0.02
#: Share of the overflow that a defect must explain to be the cause before any enlarging is tried.
DECISIVE_SHARE: Final = 0.5
#: What an engine floods and the screening does not, so that taking defects away there tells nothing.
UNEXPLAINED: Final = "unexplained"
_CAUSE_TEXT: Final = {
    "silt": ("the silt taken out", "管道淤积"),
    "adverse_slope": ("adverse slopes mended", "逆坡"),
    "tailwater": ("low water at the outfalls", "下游顶托"),
    "low_ground": ("the ground raised to its surroundings", "地势低洼"),
    "own_capacity": ("its own pipes enlarged", "本段管径不足"),
    "downstream_bottleneck": ("the pipes downstream enlarged", "下游瓶颈"),
}
_UNEXPLAINED_TEXT: Final = (
    "a screening of the same storm does not flood here: no cause can be told by it",
    "同一降雨的筛查在此处不积水，无法判定成因",
)


def add_causes(state: FlowState, points: gpd.GeoDataFrame, groups: Groups) -> None:
    """Name as cause what avoids most, and say what each would avoid, by the screening; else it is unexplained."""
    screening = screening_of(state)
    point_of_node = np.full(len(state.nodes), -1)
    point_of_node[groups.row] = groups.group
    found = np.zeros((len(points), len(CAUSES)))
    if screening is not None:
        found = avoided_overflow(screening, point_of_node, len(points))
    avoided = pd.DataFrame(found, index=points.index, columns=list(CAUSES))
    avoided = avoided.clip(lower=0.0).clip(upper=points["volume_m3"], axis=0).round(1)
    share = avoided.div(points["volume_m3"].clip(lower=0.1), axis=0)
    points["cause"] = name_causes(share)
    if screening is not state:
        points["cause"] = points["cause"].mask(~(avoided > 0.0).any(axis=1), UNEXPLAINED)
    points["evidence"] = _evidence(points, avoided, 0)
    points["evidence_zh"] = _evidence(points, avoided, 1)
    for name in CAUSES:
        points[f"avoided_{name}_m3"] = avoided[name]


def name_causes(share: pd.DataFrame) -> NDArray[np.object_]:
    """Name what explains half of the overflow, what is broken before what was built so.

    Enlarging helps nearly everywhere, so it is named last: when neither a defect of the pipes
    (silt, slope) nor the place (tailwater, low ground) is decisive.
    """
    if not len(share):
        return np.empty(0, dtype=object)
    cause = share.idxmax(axis=1)
    for kinds, least in ((CAUSES[4:], 0.0), (CAUSES[2:4], DECISIVE_SHARE), (CAUSES[:2], DECISIVE_SHARE)):
        these = share[list(kinds)]
        decisive = (these.max(axis=1) >= least) & (these.max(axis=1) > 0.0)
        cause = cause.where(~decisive, these.idxmax(axis=1))
    return cause.where(share.max(axis=1) > 0.0, "own_capacity").to_numpy(dtype=object)


def _evidence(points: gpd.GeoDataFrame, avoided: pd.DataFrame, language: int) -> list[str]:
    """Say of each point what each remedy would avoid, the cause first."""
    texts = []
    for name, cause, volume in zip(points.index, points["cause"], points["volume_m3"], strict=True):
        if cause == UNEXPLAINED:
            texts.append(_UNEXPLAINED_TEXT[language])
            continue
        row = avoided.loc[name]
        others = [
            c for c in row.sort_values(ascending=False).index if c != cause and row[c] >= LEAST_EVIDENCE_SHARE * volume
        ]
        parts = []
        for c in (cause, *others):
            words = _CAUSE_TEXT[c][language]
            percent = 100.0 * row[c] / max(volume, 0.1)
            parts.append(
                f"with {words}: {row[c]:.0f} of {volume:.0f} m³ avoided ({percent:.0f} %)"
                if language == 0
                else f"消除{words}可减少{row[c]:.0f}/{volume:.0f} m³（{percent:.0f} %）"
            )
        texts.append(("; " if language == 0 else "；").join(parts))
    return texts
