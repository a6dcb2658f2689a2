"""What the camera found, pipe by pipe: only the last survey of a pipe counts, and what cannot be scored is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Floats
from drainage.hydraulics.manning import circular_silt_share
from drainage.inference.locate import place_rows
from drainage.network import DrainageNetwork
from drainage.plans.cleaning.condition import ConditionRules
from drainage.said import Said
from drainage.schema import Issues
from drainage.schema.codes import fold
from drainage.schema.defects import CODE_OF, DEFECTS, NAMES
from drainage.words import in_both

#: Of other functional defects a share says nothing of the bed: roots and obstacles do not lie on it.
DEPOSIT = "CJ"
_COLUMNS = (
    "pipe_id", "code", "kind", "defect_zh", "defect_en", "grade", "points", "position_m", "length_m", "clock",
    "silt_share", "date", "pipe_row",
)  # fmt: skip


def read_defects(net: DrainageNetwork, cctv: pd.DataFrame, rules: ConditionRules, issues: Issues) -> pd.DataFrame:
    """Return the defects of the last survey of each pipe.

    Parameters
    ----------
    cctv
        Findings as `Evidence` holds them.
    issues
        Takes what could not be used.

    Returns
    -------
    Index ``row``: ``pipe_row``, ``pipe_id``, ``date``, ``code``, ``kind``, ``defect_zh``, ``defect_en``, ``grade``,
    ``points`` (nan without a grade), ``position_m``, ``length_m``, ``clock``, ``silt_share`` (deposits only, by the
    height of the pipe).
    """
    _, pipe_row = place_rows(net, cctv, issues)
    nowhere = (pipe_row < 0) & cctv["pipe_id"].isna().to_numpy()
    issues.add("no_pipe", "error", "row", cctv.index[nowhere], in_both("names_no_pipe"), in_both("not_used"))
    found = cctv.assign(pipe_row=pipe_row)[pipe_row >= 0]
    last = found["date"].groupby(found["pipe_row"]).transform("max")
    old = (found["date"] < last).to_numpy()
    issues.add("superseded", "info", "row", found.index[old], in_both("surveyed_again"), in_both("not_used"))
    found = found[~old]

    code = found["code"].astype("str").map(fold, na_action="ignore").map(CODE_OF, na_action="ignore")
    unknown = code.isna().to_numpy()
    said = found["code"].fillna("").astype("str")[unknown]
    known = Said(" ".join(DEFECTS), "、".join(DEFECTS))
    reasons = [in_both("defect_unknown", text=text, known=known) for text in said]
    issues.add("unknown_defect_code", "error", "row", found.index[unknown], reasons, in_both("correct_the_code"))
    found, code = found[~unknown], code[~unknown]

    grade = found["grade"].to_numpy(dtype=np.float64)
    whole = np.isfinite(grade) & (grade == np.floor(grade))
    issues.add("no_grade", "warning", "row", found.index[~whole], in_both("no_grade_given"), in_both("not_scored"))
    points = np.full(len(found), np.nan)
    points[whole] = np.array(rules.grade_points)[grade[whole].astype(np.intp) - 1]
    row = found["pipe_row"].to_numpy(dtype=np.intp)
    defects = found[["pipe_row", "date", "grade", "position_m", "length_m", "clock"]].assign(
        pipe_id=net.pipes.index[row],
        code=code,
        kind=code.map(DEFECTS),
        defect_zh=code.map({name: chinese for name, (chinese, _) in NAMES.items()}),
        defect_en=code.map({name: english for name, (_, english) in NAMES.items()}),
        points=points,
        silt_share=_silt_share(net, found, row, (code == DEPOSIT).to_numpy()),
    )
    return defects[list(_COLUMNS)]


def _silt_share(net: DrainageNetwork, found: pd.DataFrame, row: NDArray[np.intp], deposit: NDArray[np.bool_]) -> Floats:
    """Return the depth of deposits relative to the height: as stated, else from the area filled of a box or circle."""
    depth, area = (found[name].to_numpy(dtype=np.float64) for name in ("silt_share", "section_loss_share"))
    box = net.pipes["shape"].isin(["rectangular", "trapezoidal"]).to_numpy()[row]
    by_area = np.where(box, area, circular_silt_share(area))
    return np.where(deposit, np.where(np.isnan(depth), by_area, depth), np.nan)


def observed_silt(defects: pd.DataFrame, length_m: Floats) -> tuple[Floats, Floats]:
    """Return the deepest deposit seen in each pipe, (n_pipes,) relative to its height, and the length of deposits, m.

    The length is that of all deposits with a share, at most the pipe's; the pipe's where one of them tells none.
    """
    silted = defects[defects["silt_share"].notna()]
    by_pipe = silted.groupby("pipe_row")
    row = by_pipe.size().index.to_numpy(dtype=np.intp)
    share, silted_m = np.full(len(length_m), np.nan), length_m.copy()
    share[row] = by_pipe["silt_share"].max().to_numpy()
    told = by_pipe["length_m"].sum(skipna=False).to_numpy(dtype=np.float64)
    silted_m[row] = np.fmin(np.where(told > 0.0, told, np.nan), length_m[row])
    return share, silted_m
