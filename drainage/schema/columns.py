"""Which column of a file is which of ours: the alias catalogue and the report of how each was understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drainage.errors import SchemaError
from drainage.schema.codes import fold

_PIPE_ALIASES = {
    "pipe_id": "pipeid id facilityid assetid asset_id gis_featurekey gis_id unitid storm_sewer_id struct_id gid pipe_no pipe_number "
    "storm_id audkenni name 管段编号 管线编号 管道编号 管段号 编号 gdbh gxbh guid globalid objectid obj_id fid",
    "system": "system_type pipe_system watertype water_type flowtype flow_type facility system_recorded eflnttype innihald 管道类别 管道类型 管线类型 管类 "
    "排水类型 类型 gxlx gdlx gdlb pipe_category usage_current",
    "from_node": "from fromnode from_mh frommh fromid from_id start_node startnode upstreamid upstream_id upstream_node us_node us_feat us_end_id "
    "upstream_manhole_id inlet_node in_junid mainkey1 起点点号 起点编号 起点井号 上游井号 上游节点 起点 qddh qdbh sydh",
    "to_node": "to tonode to_mh tomh toid to_id end_node endnode downstreamid downstream_id downstream_node ds_node ds_feat ds_end_id "
    "downstream_manhole_id outlet_node out_junid mainkey2 终点点号 终点编号 终点井号 下游井号 下游节点 连接点号 终点 zddh zdbh ljdh xydh",
    "shape": "pipeshape pipe_shape pipeshp mainshape main_shape section_shape cross_section 断面形式 断面形状 管道形状 dmxs shapetype",
    "diameter_mm": "diameter dia diam diam_mm diam_m pipe_dia pipediam pipe_diam pipe_diameter nominal_diameter dn tvermal pipe_size us_pipe_si size_mm "
    "管径 管径mm 直径 公称直径 管径或断面 管径断面尺寸 断面尺寸 规格 gj gjdm guanjing",
    "width_mm": "width 宽 宽度 管宽 断面宽 kd shapedata2",
    "height_mm": "height 高 高度 管高 断面高 gd pipeht",
    "invert_from_m": "invert_from invert_up upelev up_elev upstream_invert upstreaminvert invert_upstream upselev inv_up_elv us_inv_ele start_il start_invelev "
    "from_elev_m from_elev upinvert us_invert inverup in_bottomele 起点管底高程 起点管内底高程 起点高程 起点底高程 上游管底高程 上游管底标高 起点管底标高 qdgc qdgdgc",
    "invert_to_m": "invert_to invert_down downelev down_elev downstream_invert downstreaminvert invert_downstream dwnelev inv_dn_elv ds_inv_ele end_il end_invelev "
    "to_elev_m to_elev downinvert ds_invert inverdown out_bottomele 终点管底高程 终点管内底高程 终点高程 终点底高程 下游管底高程 下游管底标高 终点管底标高 zdgc zdgdgc",
    "depth_from_m": "depth_from upsdpth us_depth 起点埋深 上游埋深 起点管底埋深 qdms",
    "depth_to_m": "depth_to dwndpth ds_depth 终点埋深 下游埋深 终点管底埋深 zdms",
    "ground_from_m": "ground_from start_gl start_covelev us_rm_e up_ground 起点地面高程 上游地面高程 qddmgc",
    "ground_to_m": "ground_to end_gl end_covelev ds_rm_e down_ground 终点地面高程 下游地面高程 zddmgc",
    "length_m": "length len pipe_len pipelen pipe_length length_asbuilt lengthasbuilt measuredlength measured_length grnd_length designlen 管长 长度 管段长度 gc",
    "material": "mat pipe_material pipe_matrl pipe_mat efnisgerd 材质 管材 管道材质 cz gcai",
    "manning_n": "manning n_manning roughness_n 糙率 粗糙系数 曼宁系数 roughness",
    "road": "street street_name streetname stname road_name roadname locdesc location_road 道路 所在道路 道路名称 路名 szdl dlmc",
    "area": "neighbourhood neighborhood district community estate drainagearea 小区 片区 区域 所在小区 所属片区 szqy xq",
    "commissioned": "install_date installdate instdate construction_date constructiondate dateinst install_year instyear inst_yr constr_year year_inst installed built "
    "建设年代 建成日期 竣工日期 投运日期 建设时间 建设年份 jsnd jsrq",
    "abandoned": "abandoned_date retired_date retireddate removal_date removaldate 废弃日期 废除日期 报废日期 停用日期 fqrq",
    "silt_share": "silt sediment_share 淤积比 淤积程度 淤积率 yjbl",
    "condition_grade": "condition grade_condition condition_rating structural_grade 缺陷等级 管道等级 结构等级 qxdj",
}
_NODE_ALIASES = {
    "node_id": "nodeid id facilityid assetid asset_id gis_featurekey struct_id manhole_id mh_id inlet_id well_id audkenni name 点号 井号 编号 管点编号 节点编号 "
    "物探点号 dh jdbh wtdh globalid objectid obj_id fid",
    "kind": "node_type structuretype structure_type struct_type feature_type type hlutur inlettype mhtype dischrgtyp 类型 附属物 井类型 特征 fsw tz node_kind",
    "system": "system_type watertype water_type flowtype 管道类别 管线类型 gxlx",
    "ground_m": "ground ground_elevation ground_level rim rim_elev rimelev rim_elev_m lidelevation lid_elevation topelev surface_ele cover_level haed 地面高程 井口高程 井盖高程 "
    "地面标高 dmgc",
    "invert_m": "invert invertelev invert_elev invert_elevation bottom_elev_m bottom_elev botele 井底高程 管底高程 井底标高 jdgc",
    "depth_m": "depth well_depth 井深 埋深 js",
    "water_level_m": "water_level tailwater tailwater_m flood_level_m 水位 洪水位 常水位",
    "area_ha": "area_ha catchment_area_ha 汇水面积",
    "runoff_coefficient": "runoff_coeff psi 径流系数",
    "road": "street streetname street_name locdesc road_name 道路 所在道路 道路名称 szdl",
}
_ROAD_ALIASES = {
    "road": "name road_name roadname street street_name streetname full_name road_id 道路 道路名称 路名 名称 dlmc",
    "road_class": "class highway type 道路等级 等级",
    "width_m": "width 路宽 红线宽度 宽度",
}
_CATCHMENT_ALIASES = {
    "catchment_id": "id subcatchment name 编号 汇水区编号",
    "node_id": "node outlet outlet_node manhole 井号 排入井号 点号",
    "runoff_coefficient": "psi runoff_coeff c 径流系数",
}
_REPORT_ALIASES = {
    "report_id": "id no 编号 序号",
    "date": "reported reported_at time datetime 日期 时间 上报时间",
    "depth_m": "depth ponding_depth_m 水深 积水深度",
    "road": "street location road_name 道路 地点 路段 位置",
    "note": "notes remark comment description 备注 说明 描述",
}
_WATERWAY_ALIASES = {
    "name": "waterway river name_zh 名称 河名",
    "flood_level_m": "flood_level water_level_m design_flood_level 洪水位 设计洪水位",
}
ALIASES: dict[str, dict[str, str]] = {
    "pipes": _PIPE_ALIASES,
    "nodes": _NODE_ALIASES,
    "roads": _ROAD_ALIASES,
    "catchments": _CATCHMENT_ALIASES,
    "reports": _REPORT_ALIASES,
    "waterways": _WATERWAY_ALIASES,
}

_UNIT_IN_NAME = re.compile(
    r"[\(（\[]\s*(mm|毫米|cm|厘米|m|米|in|inch|inches|ft|feet)\s*[\)）\]]|_(mm|cm|in|inch|ft|feet)$", re.IGNORECASE
)
METRES_PER_UNIT = {
    "mm": 0.001, "毫米": 0.001, "cm": 0.01, "厘米": 0.01, "m": 1.0, "米": 1.0, "in": 0.0254, "inch": 0.0254, "inches": 0.0254, "ft": 0.3048, "feet": 0.3048,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Understood:
    """How one column was read: its name in the file, our name and the unit that its name or values declare."""

    source: str
    column: str
    unit: str | None


def understand_columns(
    layer: str, names: Iterable[str], columns: Mapping[str, str] | None = None, *, place: str
) -> list[Understood]:
    """Match the columns of a file to ours.

    Parameters
    ----------
    layer
        ``pipes``, ``nodes``, ``roads``, ``catchments``, ``reports`` or ``waterways``.
    names
        Column names of the file.
    columns
        The user's own mapping, our name → name in the file; it wins over the catalogue.
    place
        Name of the file, for messages.

    Raises
    ------
    SchemaError
        The mapping names a column that is not there or is not ours, or two columns differ only by case.
    """
    present = [str(name) for name in names]
    catalogue = ALIASES[layer]
    chosen = {ours: theirs for ours, theirs in (columns or {}).items() if ours in catalogue}
    if missing := {ours: theirs for ours, theirs in chosen.items() if theirs not in present}:
        msg = f"{place}: columns={missing} names columns that the file does not have; it has: {', '.join(present)}"
        raise SchemaError(msg)
    by_fold: dict[str, list[str]] = {}
    for name in present:
        by_fold.setdefault(_bare(name), []).append(name)
    taken = set(chosen.values())
    for ours, text in catalogue.items():
        if ours in chosen:
            continue
        for alias in (ours, *text.split()):
            candidates = [name for name in by_fold.get(fold(alias), []) if name not in taken]
            exact = [name for name in candidates if name == ours]
            if len(candidates) > 1 and not exact:
                msg = f"{place}: columns {', '.join(candidates)} could each be '{ours}'; choose one with columns={{'{ours}': '{candidates[0]}'}}"
                raise SchemaError(msg)
            if candidates:
                chosen[ours] = (exact or candidates)[0]
                taken.add(chosen[ours])
                break
    return [Understood(theirs, ours, _unit(theirs)) for ours, theirs in chosen.items()]


def _bare(name: str) -> str:
    return fold(_UNIT_IN_NAME.sub("", name) if not name.isascii() or "(" in name or "[" in name else name)


def _unit(name: str) -> str | None:
    found = _UNIT_IN_NAME.search(name)
    return (found.group(1) or found.group(2)).lower() if found else None
