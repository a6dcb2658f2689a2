"""Code lists: how systems, kinds of node, shapes and materials are written in the wild, and our one word for each.

Chinese survey codes YS/WS/HS and the digits 1–3 follow practice seen in survey applications (not read in CJJ 61 or
GB/T 51187 themselves); English and French-Canadian forms were met in municipal open data.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SYSTEMS = ("storm", "sewage", "combined", "reclaimed", "unknown")
KINDS = ("manhole", "inlet", "outfall", "interceptor", "pump", "works", "storage", "junction")
SHAPES = ("circular", "rectangular", "egg", "trapezoidal", "other")
STATUSES = ("in_use", "abandoned", "planned", "private")
#: Surfaces and densities of building of GB 50014-2021, tables 4.1.8-1 and 4.1.8-2.
LAND_USES = (
    "paved", "block_paved", "graded_gravel", "gravel", "unpaved", "green", "dense", "fairly_dense", "sparse",
)  # fmt: skip
FLAP_GATES = ("yes", "no")
#: Code list → our words.
WORDS = {"system": SYSTEMS, "kind": KINDS, "shape": SHAPES, "status": STATUSES, "land_use": LAND_USES,
         "flap_gate": FLAP_GATES}  # fmt: skip

_SYSTEM_WORDS = {
    "storm": "storm stm st sto stormwater storm_water storm_sewer storm_drain storm_main rain rainwater surface_water "
    "sw stmp d ys y 雨水 雨 雨水管 雨水管道 雨水管线 1 drainage regnvatn ofanvatn overland 9023",
    "sewage": "sewage sanitary san sanp sanitary_sewer sanitary_waste_water sanitary_main waste_water wastewater foul "
    "foul_water ss s ws w 污水 污 污水管 污水管道 污水管线 2 skolp skólp sewer 4526",
    "combined": "combined cmb com comb combo comp combined_sewer combined_waste_water combined_main hs h 合流 "
    "雨污合流 雨污合流管 合流管 合流管道 合流制 雨污 3 blandað blandad 4516 4522",
    "reclaimed": "reclaimed reclaimed_water recycled recycled_water reuse zs z 中水 再生水 再生水管 中水管",
    "unknown": "unknown 未知 不明 其他 4 other",
}
_KIND_WORDS = {
    "manhole": "manhole mh maintenance_hole 检查井 窨井 雨水井 污水井 jcj stmh std cbmh cbm catchbasin_manhole "
    "catch_basin_manhole drp dcbmh dcm icm chm drop_structure offset_sump sump brunnur",
    "inlet": "inlet catchbasin catch_basin cb dcb dicb double_catchbasin lawn_basin ditch_inlet pipe_inlet "
    "cb_top_inlet cb_side_inlet cb_top_inlet_w_offset_sump "
    "cb_side_inlet_w_offset_sump gully 雨水口 雨水篦 雨水箅 ysk ysb",
    "outfall": "outfall outlet of discharge_point endi 排放口 排口 出水口 排水口 pk csk",
    "interceptor": "interceptor overflow_chamber diversion cso 截流井 溢流井 截污井 jlj",
    "pump": "pump pump_station lift_station pumping_station 泵站 提升泵站 泵 bz",
    "works": "works wwtp treatment_plant sewage_works wwtw 污水厂 污水处理厂 净水厂 wsc",
    "storage": "storage tank pond detention soakaway 调蓄池 蓄水池 tsc",
    "junction": "junction tee node bend cap plug cleanout 三通 四通 节点 转折点 变径 变坡 接户 起点",
}
_SHAPE_WORDS = {
    "circular": "circular circle cir c round 圆 圆形 圆管 1 pipe",
    "rectangular": "rectangular rect closed_rect rect_closed box box_culvert square 矩形 方 方形 方沟 方涵 矩 5",
    "egg": "egg egg_shaped ovoid elliptical ellipse oval oblong arch arched horseshoe e 椭圆 蛋形 4",
    "trapezoidal": "trapezoidal trapezoid open_channel ditch 梯形 2 明渠",
    "other": "other 其他 不规则 irregular 6",
}

_STATUS_WORDS = {
    "in_use": "in_use active act in_service gravity live existing operational open constructed built completed "
    "complete 使用 使用中 在用 正常 ins a i",
    "abandoned": "abandoned abn abd retired removed decommissioned inactive disused out_of_service "
    "废弃 废除 报废 停用 已废 dead",
    "planned": "planned proposed pro future design approved under_construction 规划 计划 拟建 在建",
    "private": "private pvt non_city 私有 自管",
}

_LAND_USE_WORDS = {
    "paved": "paved roof roofs building road roads street asphalt concrete pavement square parking impervious 屋面 "
    "屋顶 建筑 道路 路面 沥青 混凝土 沥青路面 混凝土路面 混凝土或沥青路面 各种屋面 广场 停车场 硬化地面 不透水面",
    "block_paved": "block_paved stone_blocks surface_treated 大块石铺砌路面 大块石铺砌 块石路面 "
    "沥青表面处理的碎石路面 沥青表面各种的碎石路面",
    "graded_gravel": "graded_gravel graded_crushed_stone 级配碎石路面 级配碎石",
    "gravel": "gravel dry_stone crushed_stone brick 干砌砖石 干砌砖石路面 碎石路面 干砌砖石或碎石路面 碎石",
    "unpaved": "unpaved earth dirt bare_soil bare 非铺砌土路面 非铺砌土地面 土路 裸地 土路面",
    "green": "green park parks grass lawn greenspace green_space garden 绿地 公园 公园或绿地 草地 草坪 绿化",
    "dense": "dense dense_building city_centre 建筑密集区 城镇建筑密集区 密集区",
    "fairly_dense": "fairly_dense fairly_dense_building 建筑较密集区 城镇建筑较密集区 较密集区",
    "sparse": "sparse sparse_building 建筑稀疏区 城镇建筑稀疏区 稀疏区",
}

_FLAP_GATE_WORDS = {
    "yes": "yes y true t 1 flap flap_gate flap_valve 有 是 设 已设 有拍门 设拍门 拍门",
    "no": "no n false f 0 无 否 未设 不设 无拍门 未设拍门",
}

_SAYS_NOTHING = {"", "unknown", "unk", "na", "n_a", "none", "null", "未知", "不详"}


def _lookup(words: dict[str, str]) -> dict[str, str]:
    return {word: name for name, text in words.items() for word in text.split()}


#: Code list → word in a file, folded → our word.
MEANINGS = {
    "system": _lookup(_SYSTEM_WORDS),
    "kind": _lookup(_KIND_WORDS),
    "shape": _lookup(_SHAPE_WORDS),
    "status": _lookup(_STATUS_WORDS),
    "land_use": _lookup(_LAND_USE_WORDS),
    "flap_gate": _lookup(_FLAP_GATE_WORDS),
}


def fold(text: str) -> str:
    """Reduce a code or column name to what matters: NFKC, lower case, runs of other signs as one underscore."""
    folded = unicodedata.normalize("NFKC", text).strip().lower()
    return "_".join("".join(c if c.isalnum() else " " for c in folded).split())


def spell(words: Sequence[str], rows: NDArray[np.integer]) -> pd.api.extensions.ExtensionArray:
    """Return the word of each row, (n,); -1 is missing. Text of few words, a million times, without an object each."""
    return pd.array(words, dtype="str").take(rows.astype(np.intp, copy=False), allow_fill=True)


def decode(values: pd.Series, word_list: dict[str, str]) -> pd.Series:
    """Translate codes into our words; None where the value is missing, ``?`` where the code is not in the list."""
    codes, unique = pd.factorize(values)
    names: list[str | None] = []
    for value in unique:
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        folded = fold(text)
        names.append(word_list.get(folded, None if folded in _SAYS_NOTHING else "?"))
    lookup = pd.Series([*names, None], dtype="object")
    return pd.Series(lookup.to_numpy()[codes], index=values.index, dtype="object")
