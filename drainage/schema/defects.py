"""Defects that a camera finds in pipes, by the codes of CJJ 181-2012.

Codes and their split into structural and functional ones were seen in two survey applications, not in the standard.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from drainage.schema.codes import fold


class Defect(NamedTuple):
    """A kind of defect; ``structural`` ones weaken the pipe, ``functional`` ones hinder the flow and can be cleaned."""

    kind: Literal["structural", "functional"]
    zh: str
    en: str


DEFECTS: Final = {
    "PL": Defect("structural", "破裂", "crack or break"),
    "BX": Defect("structural", "变形", "deformation"),
    "FS": Defect("structural", "腐蚀", "corrosion"),
    "CK": Defect("structural", "错口", "displaced joint"),
    "QF": Defect("structural", "起伏", "sag"),
    "TJ": Defect("structural", "脱节", "open joint"),
    "TL": Defect("structural", "接口材料脱落", "joint material hanging in"),
    "AJ": Defect("structural", "支管暗接", "hidden branch"),
    "CR": Defect("structural", "异物穿入", "object through the wall"),
    "SL": Defect("structural", "渗漏", "infiltration"),
    "CJ": Defect("functional", "沉积", "deposit"),
    "JG": Defect("functional", "结垢", "encrustation"),
    "ZW": Defect("functional", "障碍物", "obstacle"),
    "CQ": Defect("functional", "残墙坝根", "remains of a wall or dam"),
    "SG": Defect("functional", "树根", "roots"),
    "FZ": Defect("functional", "浮渣", "floating scum"),
}
#: Code or Chinese name, folded → code.
CODE_OF: Final = {fold(name): code for code, defect in DEFECTS.items() for name in (code, defect.zh)} | {
    fold("坝根"): "CQ",
    fold("残墙"): "CQ",
    fold("暗接"): "AJ",
}
