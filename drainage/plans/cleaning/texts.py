"""Why a run should be cleaned, in Chinese and English."""

from __future__ import annotations

import math

import pandas as pd

from drainage.simulation.screening.model import LEAST_OVERFLOW_M3

_SOURCE = {"observed": ("seen by camera", "CCTV所见"), "recorded": ("recorded", "已有记录")}


def evidence_texts(runs: pd.DataFrame, overflow_m3: float, language: int) -> list[str]:
    """Describe for each run what cleaning avoids and what lies in it; language 0 is English, 1 Chinese."""
    texts = []
    for run in runs.itertuples():
        parts = [_of_overflow(run, overflow_m3)[language], *(part[language] for part in _of_state(run))]
        texts.append(("; " if language == 0 else "；").join(part for part in parts if part))
    return texts


def _of_overflow(run: object, overflow_m3: float) -> tuple[str, str]:
    avoided, left_out, freed, priority = (
        getattr(run, name) for name in ("avoided_m3", "left_out_m3", "nodes_freed", "priority")
    )
    percent = 100.0 * avoided / max(overflow_m3, 0.1)
    if priority == "not_tried":
        return "something overflows above it, but its gain was not computed", "其上游有溢流，但未计算清淤效果"
    if priority == "overflow":
        return (
            f"cleaned alone it avoids {avoided:.0f} of {overflow_m3:.0f} m³ ({percent:.0f} %), {freed} nodes freed",
            f"单独清淤可减少溢流{avoided:.0f}/{overflow_m3:.0f} m³（{percent:.0f} %），{freed}个节点不再溢流",
        )
    if priority == "with_others":
        return (
            f"cleaned alone it avoids nothing; left out when all others are cleaned, {left_out:.0f} m³ come back",
            f"单独清淤无效果；其余管段清淤而此段不清，溢流增加{left_out:.0f} m³",
        )
    if avoided <= -LEAST_OVERFLOW_M3:
        return (
            f"cleaned alone it passes {-avoided:.0f} m³ more overflow on to the pipes below",
            f"单独清淤会使下游溢流增加{-avoided:.0f} m³",
        )
    return "no overflow avoided in this storm: ranked by condition", "本次降雨下不减少溢流，按管段状况排序"


def _of_state(run: object) -> list[tuple[str, str]]:
    share, volume, source, mi, mi_class, risk = (
        getattr(run, name) for name in ("silt_share", "silt_volume_m3", "silt_source", "mi", "mi_class", "at_risk_pct")
    )
    parts = []
    if share > 0.0:
        en, zh = zip(*(_SOURCE[name] for name in source.split(", ")), strict=True)
        parts.append(
            (
                f"{volume:.1f} m³ of silt, up to {share:.0%} of the height ({', '.join(en)})",
                f"淤积{volume:.1f} m³，最深占管高{share:.0%}（{'、'.join(zh)}）",
            )
        )
    if not math.isnan(mi):
        parts.append((f"MI up to {mi:.2f} (class {mi_class})", f"MI最大{mi:.2f}（{mi_class}级）"))
    if risk > 0.0:
        parts.append((f"{risk:.0f} % of its length cannot clean itself", f"{risk:.0f} %的长度流速不足以自净"))
    return parts
