"""The looks of the map by theme and category, and all its words in Chinese and English.

Colours are those of Okabe and Ito, which readers with any colour vision tell apart; lines differ in dash as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field

BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PINK, YELLOW, BLACK, GREY = "#56B4E9", "#CC79A7", "#F0E442", "#000000", "#999999"


@dataclass(frozen=True, slots=True)
class Style:
    """How one category is drawn: label in Chinese and English, colour, width of line or radius of circle, dash."""

    zh: str
    en: str
    color: str
    size: float = 2.0
    dash: str = ""


@dataclass(frozen=True, slots=True)
class Theme:
    """How one kind of layer is drawn."""

    zh: str
    en: str
    styles: dict[str, Style] = field(default_factory=dict)
    other: Style = Style("其他", "other", GREY, 3)


_SEVERITY = {
    "error": Style("错误", "error", RED, 5),
    "warning": Style("警告", "warning", ORANGE, 4),
    "info": Style("提示", "info", GREY, 3),
}
THEMES: dict[str, Theme] = {
    "waterways": Theme("水系", "waterways", {}, Style("水系", "waterway", "#9ECAE1", 7)),
    "pipes": Theme(
        "管网（系统）",
        "pipes by system",
        {
            "storm": Style("雨水管", "storm", BLUE, 2),
            "sewage": Style("污水管", "sewage", RED, 2, "6 3"),
            "combined": Style("合流管", "combined", GREEN, 2.5, "10 3 2 3"),
            "reclaimed": Style("再生水管", "reclaimed", PINK, 2, "2 4"),
            "unknown": Style("系统未知", "unknown", GREY, 2),
        },
    ),
    "separation": Theme(
        "道路分流",
        "separation of roads",
        {
            "separated": Style("雨污分流", "separated", GREEN, 9),
            "combined": Style("合流", "combined", PINK, 9),
            "storm only": Style("仅雨水", "storm only", SKY, 9),
            "sewage only": Style("仅污水", "sewage only", ORANGE, 9),
            "none": Style("无管道", "none", "#BBBBBB", 9),
        },
    ),
    "mixed_flow": Theme(
        "混流管段",
        "mixed flow",
        {
            "sewage_in_storm": Style("雨水管中有污水", "sewage in storm", RED, 4),
            "storm_in_sewage": Style("污水管中有雨水", "storm in sewage", PINK, 4, "8 4"),
            "overflow": Style("溢流", "overflow", ORANGE, 4, "2 5"),
            "combined": Style("合流（原设计）", "combined as built", GREEN, 2, "10 3 2 3"),
            "clean": Style("未混流", "clean", "#AAAAAA", 1),
            "unknown": Style("未知", "unknown", GREY, 1),
        },
    ),
    "outfalls": Theme(
        "排口",
        "outfalls",
        {"True": Style("受混接影响", "fouled", RED, 6), "False": Style("未受影响", "clean", BLUE, 4)},
    ),
    "misconnections": Theme(
        "混接点",
        "misconnections",
        {
            "sewage_into_storm": Style("污水入雨水", "sewage into storm", RED, 6),
            "storm_into_sewage": Style("雨水入污水", "storm into sewage", PINK, 6),
            "combined_below_separated": Style("分流后又合流", "combined below separated", ORANGE, 5),
            "sewage_at_storm_outfall": Style("污水直排雨水口", "sewage at storm outfall", BLACK, 6),
        },
    ),
    "overflow_nodes": Theme(
        "溢流节点",
        "overflowing nodes",
        {"True": Style("溢流", "overflows", BLUE, 3), "False": Style("不溢流", "dry", GREY, 1)},
    ),
    "waterlogging": Theme(
        "易积水点",
        "waterlogging points",
        {
            "minor": Style("轻 0.05–0.15 m", "minor", "#9AC8E0", 8),
            "moderate": Style("中 0.15–0.30 m", "moderate", "#4292C6", 10),
            "major": Style("重 0.30–0.50 m", "major", "#08519C", 12),
            "severe": Style("严重 >0.50 m", "severe", "#3F007D", 14),
        },
    ),
    "reports": Theme(
        "上报积水点",
        "reported points",
        {
            "hit": Style("计算吻合", "computed too", BLACK, 5),
            "missed": Style("计算不能解释", "not explained", YELLOW, 6),
        },
    ),
    "quality": Theme("数据质量", "quality", _SEVERITY),
    "issues": Theme("数据问题", "issues", _SEVERITY),
}

COLUMNS: dict[str, str] = {
    "pipe_id": "管段 pipe",
    "node_id": "井号 node",
    "point_id": "积水点 point",
    "report_id": "上报号 report",
    "system": "系统 system",
    "class": "类别 class",
    "kind": "类型 kind",
    "grade": "等级 grade",
    "road": "道路 road",
    "diameter_mm": "管径 diameter mm",
    "material": "材质 material",
    "pipes_in": "接入管 pipes in",
    "pipes_out": "流出管 pipes out",
    "fouled_length_m": "影响长度 fouled m",
    "misconnection_count": "混接数 misconnections",
    "misconnections": "混接数 misconnections",
    "nearest_misconnection": "最近混接点 nearest",
    "nearest_m": "距离 distance m",
    "density_per_km": "密度 per km",
    "depth_m": "水深 depth m",
    "volume_m3": "水量 volume m³",
    "begins_at_return_period_a": "起始重现期 begins at, years",
    "cause": "成因 cause",
    "evidence": "依据 evidence",
    "evidence_zh": "依据",
    "reports": "对应上报 reports",
    "reported": "对应上报 reported",
    "from_m": "起点桩号 from m",
    "to_m": "终点桩号 to m",
    "effective": "有效分流 effective",
    "date": "日期 date",
    "note": "备注 note",
    "outcome": "核对 outcome",
    "code": "问题 issue",
    "rule": "规则 rule",
    "reason": "原因 reason",
    "action": "处理 action",
    "remedy": "建议 remedy",
    "feature_id": "要素 feature",
    "magnitude": "程度 magnitude",
    "unit": "单位 unit",
    "name": "名称 name",
}
CAUSES: dict[str, str] = {
    "own_capacity": "本段管径不足 own pipes too small",
    "downstream_bottleneck": "下游瓶颈 downstream bottleneck",
    "tailwater": "下游顶托 tailwater",
    "adverse_slope": "逆坡 adverse slope",
    "silt": "管道淤积 silt",
    "low_ground": "地势低洼 low ground",
}
