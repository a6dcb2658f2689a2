"""Code lists: how systems, kinds of node, shapes and materials are written in the wild, and our one word for each.

Chinese survey codes YS/WS/HS and the digits 1–3 follow practice seen in survey applications (not read in CJJ 61 or
GB/T 51187 themselves); English and French-Canadian forms were met in municipal open data. Numbers of four digits are
those of the Swiss VSA-DSS as in the value lists of QGEP and TEKSI (github.com/teksi/wastewater, datamodel).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SYSTEMS = ("storm", "sewage", "combined", "reclaimed", "unknown")
KINDS = ("manhole", "inlet", "outfall", "interceptor", "pump", "works", "storage", "junction")
SHAPES = ("circular", "rectangular", "egg", "elliptical", "horseshoe", "arch", "trapezoidal", "other")
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
    "storm": "storm stm st sto stormwater storm_water storm_sewer storm_drain storm_main rain rainwater "
    "surface_water sw stmp sd strm d ys y 雨水 雨 雨水管 雨水管道 雨水管线 雨水管网 1 drainage regnvatn ofanvatn "
    "overland regenwasser regenabwasser niederschlagswasser reinabwasser pluvial pluviale kr hwa eaux_pluviales "
    "eau_pluviale aguas_pluviales hemelwater rwa 9023 4514 4520",
    "sewage": "sewage sanitary san sanp sanitary_sewer sanitary_waste_water sanitary_main waste_water wastewater "
    "foul foul_water ss sas sanitary_sewage sew s ws w 污水 污 污水管 污水管道 污水管线 污水管网 生活污水 2 skolp "
    "skólp sewer ks schmutzwasser schmutzabwasser eaux_usees eaux_usées aguas_residuales residual vuilwater dwa "
    "4526 4524",
    "combined": "combined cmb com comb combo comp combined_sewer combined_waste_water combined_main hs h 合流 "
    "雨污合流 雨污合流管 合流管 合流管道 合流制 雨污 雨污水 3 blandað blandad mischwasser mischabwasser unitaire "
    "eaux_mixtes unitario gemengd gmd km cso 4516 4522",
    "reclaimed": "reclaimed reclaimed_water recycled recycled_water reuse zs z 中水 再生水 再生水管 中水管",
    "unknown": "unknown 未知 不明 其他 4 other 4571 5322",
}
_KIND_WORDS = {
    "manhole": "manhole mh maintenance_hole 检查井 窨井 雨水井 污水井 jcj stmh std cbmh cbm catchbasin_manhole "
    "catch_basin_manhole drp dcbmh dcm icm chm drop_structure offset_sump sump brunnur chamber inspection_chamber "
    "circ_manhole rect_manhole sewer_manhole storm_manhole sanitary_manhole schacht kontrollschacht regard pozo "
    "inspectieput 检修井 暗井",
    "inlet": "inlet catchbasin catch_basin cb dcb dicb double_catchbasin lawn_basin ditch_inlet pipe_inlet "
    "cb_top_inlet cb_side_inlet cb_top_inlet_w_offset_sump cb_side_inlet_w_offset_sump gully curb_inlet gutter "
    "netgully 雨水口 雨水篦 雨水箅 收水井 ysk ysb strasseneinlauf imbornal kolk",
    "outfall": "outfall outlet of discharge_point endi auslauf einleitstelle exutoire 排放口 排口 出水口 排水口 pk csk",
    "interceptor": "interceptor overflow_chamber diversion cso 截流井 溢流井 截污井 jlj",
    "pump": "pump pump_station lift_station pumping_station 泵站 提升泵站 泵 bz",
    "works": "works wwtp treatment_plant sewage_works wwtw 污水厂 污水处理厂 净水厂 wsc",
    "storage": "storage sewer_storage overflow_storage owerflow_storage basin tank pond detention soakaway 调蓄池 "
    "蓄水池 tsc",
    "junction": "junction tee node bend cap plug cleanout 三通 四通 节点 转折点 变径 变坡 接户 起点",
}
_SHAPE_WORDS = {
    "circular": "circular circle circ cir c ci round filled_circular force_main kreis kreisprofil rund circulaire "
    "rond circolare redondo 圆 圆形 圆管 圆型 圆形管 1 pipe 3350",
    "rectangular": "rectangular rectangle rect closed_rect rect_closed rect_open open_rect box box_culvert "
    "culvert_box square rechteck rechteck_geschlossen rechteck_offen rechteckprofil rectangulaire dalot rechthoek "
    "rechthoekig rettangolare cuadrado 矩形 方 方形 方沟 方涵 矩 箱涵 方渠 暗渠 矩形渠 盖板沟 5 3353",
    "egg": "egg egg_shaped egg_shape eggshape ovoid ovoide ovoïde ovoidale ovoidal ei eiprofil ei_b_h_2_3 eiform "
    "eivormig e 蛋形 卵形 蛋型 4 3351",
    "elliptical": "elliptical ellipse oval oblong horiz_ellipse vert_ellipse horizontal_ellipse vertical_ellipse "
    "horizontal_elliptical vertical_elliptical elipse eliptica elíptica ellipsenprofil elliptique 椭圆 椭圆形 "
    "椭圆管",
    "horseshoe": "horseshoe horse_shoe herradura fer_a_cheval hufeisen 马蹄形 马蹄 马蹄型",
    "arch": "arch arched arc pipe_arch archpipe arch_pipe 拱 拱形 拱涵 拱型 拱管",
    "trapezoidal": "trapezoidal trapezoid trapez trapez_offen trapezium open_channel ditch 梯形 梯形渠 2 明渠 "
    "offenes_profil 3354",
    "other": "other 其他 不规则 irregular special custom 6 spezialprofil 3355 basket_handle baskethandle bogen "
    "maul maulprofil mouth profil_en_voute haube haubenprofil semielliptical gothic catenary semicircular 3352",
}

_STATUS_WORDS = {
    "in_use": "in_use inuse active act in_service inservice on_service gravity live existing exist existing_asset "
    "operational operating open constructed built as_built completed complete commissioned normal 使用 使用中 "
    "在用 正常 正常使用 现状 已建 运行 运行中 完好 ins a i in_betrieb vorhanden in_betrieb_provisorisch "
    "en_service en_servicio operational_tentative operational_will_be_suspended 8493 6530 6533",
    "abandoned": "abandoned aban aba abn abd abandoned_in_place aip retired ret removed rem remove decommissioned "
    "decom inactive disused dis disposed demolished destroyed obsolete unused disconnected not_in_use "
    "out_of_service oos closed capped plugged sealed blocked_off filled deleted 废弃 废除 报废 停用 已废 已废弃 "
    "拆除 已拆除 封堵 已封堵 封闭 未使用 不使用 闲置 弃用 注销 dead ausser_betrieb außer_betrieb stillgelegt "
    "rückgebaut hors_service abandonne abandonné fuera_de_servicio obsoleto inoperative "
    "abanndoned_suspended_not_filled abanndoned_suspended_unknown abanndoned_filled 3633 6523 6524 6532",
    "planned": "planned plan proposed prp prop pro future design designed approved under_construction undcons uc "
    "construction in_construction not_built unbuilt reserved project 规划 计划 拟建 在建 预留 未建 设计 新建中 "
    "待建 geplant projekt projet planifie planifié planificado proyecto other_planned other_project "
    "other_calculation_alternative 7959 6529 6526",
    "private": "private pvt priv non_city 私有 自管 私人",
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

#: Words for "not known", folded.
SAYS_NOTHING = frozenset(("", "unknown", "unk", "na", "n_a", "none", "null", "nan", "未知", "不详", "3027", "3357"))

_MATERIAL_WORDS = (
    "concrete reinforced_concrete prestressed_concrete rcp pccp pvc upvc cpvc hdpe polyethylene polypropylene "
    "vitrified_clay vcp vct clay stoneware cast_iron ductile_iron steel corrugated_steel corrugated_metal cmp csp "
    "brick frp grp asbestos_cement fibreglass beton steinzeug stahl gusseisen hormigon hormigón polietileno "
    "混凝土 钢筋混凝土 钢筋砼 砼 钢 钢管 铸铁 球墨铸铁 塑料 玻璃钢 陶土 陶管 砖 砖砌 石棉水泥 双壁波纹管 pe pp ac "
    "ci di st vc con conc abs"
)


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
#: Words by which a column of materials is known; which roughness each has is told by `drainage.hydraulics.manning`.
MATERIALS = dict.fromkeys(_MATERIAL_WORDS.split(), "material")
#: Columns whose codes are those of one program: code list → name of the column, folded → names of columns that only the
#: tables of that program have → code, folded → our word. Giswater: value_state (github.com/Giswater/giswater_dbmodel);
#: RAEPA: VAL_RAEPA_TYP_RESEAU_ASS.
_GISWATER = ("arc_id", "node_1", "expl_id", "sector_id", "state_type", "arccat_id", "nodecat_id", "sys_top_elev")
_OF_PROGRAM: dict[str, dict[str, tuple[tuple[str, ...], dict[str, str]]]] = {
    "status": {"state": (_GISWATER, {"0": "abandoned", "1": "in_use", "2": "planned"})},
    "system": {"typreseau": (("idnini", "zamont"), {"01": "storm", "02": "sewage", "03": "combined"})},
}


def words_of_program(code_list: str, source: str, others: Iterable[str]) -> dict[str, str]:
    """Return the codes that a column has in the tables of a program, told by its name and by a column beside it."""
    marks, words = _OF_PROGRAM.get(code_list, {}).get(fold(source), ((), {}))
    return dict(words) if {fold(name) for name in others} & set(marks) else {}


def fold(text: str) -> str:
    """Reduce a code or column name to what matters: NFKC, lower case, runs of other signs as one underscore."""
    folded = unicodedata.normalize("NFKC", text).strip().lower()
    return "_".join("".join(c if c.isalnum() else " " for c in folded).split())


def spell(words: Sequence[str], rows: NDArray[np.integer]) -> pd.api.extensions.ExtensionArray:
    """Return the word of each row, (n,); -1 is missing. Text of few words, a million times, without an object each."""
    return pd.array(words, dtype="str").take(rows.astype(np.intp, copy=False), allow_fill=True)


def decode(values: pd.Series, word_list: Mapping[str, str]) -> pd.Series:
    """Translate codes into our words; None where the value is missing, ``?`` where the code is not in the list."""
    codes, unique = pd.factorize(values)
    names: list[str | None] = []
    for value in unique:
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        folded = fold(text)
        names.append(word_list.get(folded, None if folded in SAYS_NOTHING else "?"))
    lookup = pd.Series([*names, None], dtype="object")
    return pd.Series(lookup.to_numpy()[codes], index=values.index, dtype="object")
