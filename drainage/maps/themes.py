"""The looks of the map by theme and category, and all its words in Chinese and English.

Colours are those of Okabe and Ito, which readers with any colour vision tell apart; lines differ in dash and width
as well, points in shape. Coverage and depth, which have an order, go from light to dark.
"""

from __future__ import annotations

from dataclasses import dataclass, field

BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PINK, YELLOW, BLACK, GREY = "#56B4E9", "#CC79A7", "#F0E442", "#000000", "#8C8C8C"


@dataclass(frozen=True, slots=True)
class Style:
    """How one category is drawn.

    Parameters
    ----------
    zh, en
        Label.
    color
        Of the line, or of the inside of the mark.
    size
        Width of the line or radius of the mark, px.
    dash
        Lengths of dash and gap, px, parted by blanks; empty: a whole line.
    shape
        Of the mark: circle, square, diamond, up, down, ring or cross.
    """

    zh: str
    en: str
    color: str
    size: float = 2.0
    dash: str = ""
    shape: str = "circle"


@dataclass(frozen=True, slots=True)
class Theme:
    """How one kind of layer is drawn, in the order in which kinds lie on each other.

    Parameters
    ----------
    zh, en
        Label.
    styles
        Category → look; with ``bins`` one look per bin, from the lowest.
    other
        Look of a category that is not in ``styles``.
    bins
        Upper edges (not included) of the bins of a category that is a number.
    opacity
        Of lines and areas, 0-1.
    lead
        Columns that say why; they stand in the popup before all others.
    label
        Columns written beside the feature on the map.
    listed
        Whether the features stand in the list under the map.
    """

    zh: str
    en: str
    styles: dict[str, Style] = field(default_factory=dict)
    other: Style = Style("其他", "other", GREY, 3)
    bins: tuple[float, ...] = ()
    opacity: float = 1.0
    lead: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    listed: bool = True


_SEVERITY = {
    "error": Style("错误", "error", RED, 6, shape="cross"),
    "warning": Style("警告", "warning", ORANGE, 5, shape="cross"),
    "info": Style("提示", "info", GREY, 4, shape="cross"),
}
_COVERAGE = {
    "0": Style("< 25 %", "", "#A6611A", 12),
    "1": Style("25–50 %", "", "#DFC27D", 12),
    "2": Style("50–75 %", "", "#80CDC1", 12),
    "3": Style("≥ 75 %", "", "#018571", 12),
}
_GRADES = {
    "minor": ("轻", "minor", "#9AC8E0"),
    "moderate": ("中", "moderate", "#4292C6"),
    "major": ("重", "major", "#08519C"),
    "severe": ("严重", "severe", "#3F007D"),
}
THEMES: dict[str, Theme] = {
    "waterways": Theme("水系", "waterways", {}, Style("水系", "waterway", "#B9D9EB", 8), listed=False),
    "ponds": Theme(
        "积水范围",
        "water on the ground",
        {
            str(k): Style(f"{depth} m", "", color, 1)
            for k, (depth, (_, _, color)) in enumerate(
                zip(("< 0.15", "0.15–0.30", "0.30–0.50", "≥ 0.50"), _GRADES.values(), strict=True)
            )
        },
        bins=(0.15, 0.30, 0.50),
        opacity=0.6,
        listed=False,
    ),
    "roads": Theme(
        "道路分流覆盖率",
        "roads by coverage",
        _COVERAGE,
        Style("未算", "not measured", "#BBBBBB", 12),
        bins=(25.0, 50.0, 75.0),
        opacity=0.55,
        label=("road", "coverage_pct"),
    ),
    "separation": Theme(
        "路段管道",
        "stretches of road",
        {
            "separated": Style("雨污分流", "separated", "#018571", 9),
            "combined": Style("合流", "combined", PINK, 9),
            "storm only": Style("仅雨水", "storm only", SKY, 9),
            "sewage only": Style("仅污水", "sewage only", ORANGE, 9),
            "none": Style("无管道", "none", "#BBBBBB", 9),
        },
        opacity=0.55,
        label=("road",),
    ),
    "mixed_flow": Theme(
        "混流管段（色带）",
        "mixed flow (bands)",
        {
            "clean": Style("未混流", "clean", "#9A9A9A", 1),
            "combined": Style("合流（原设计）", "combined as built", "#9A9A9A", 1),
            "unknown": Style("未知", "unknown", "#9A9A9A", 1),
            "storm_in_sewage": Style("污水管中有雨水", "storm water in sewage pipe", ORANGE, 5),
            "sewage_in_storm": Style("雨水管中有污水", "sewage in storm pipe", PINK, 5),
            "overflow": Style("截流井溢流管", "overflow pipe of interceptor", BLACK, 5, "3 3"),
        },
        listed=False,
    ),
    "pipes": Theme(
        "管网（系统）",
        "pipes by system",
        {
            "storm": Style("雨水管", "storm", BLUE, 2),
            "sewage": Style("污水管", "sewage", RED, 2, "6 3"),
            "combined": Style("合流管", "combined", GREEN, 2, "10 3 2 3"),
            "reclaimed": Style("再生水管", "reclaimed", PINK, 2, "2 4"),
            "unknown": Style("系统未知", "unknown", GREY, 2),
        },
        listed=False,
    ),
    "overflow_nodes": Theme(
        "溢流节点",
        "overflowing nodes",
        {
            "True": Style("溢流", "overflows", BLUE, 4, shape="down"),
            "False": Style("不溢流", "dry", GREY, 2),
            "shallow": Style("< 0.05 m", "shallow", "#DCEBF5", 4, shape="down"),
            **{key: Style(zh, en, color, 4.5, shape="down") for key, (zh, en, color) in _GRADES.items()},
        },
        Style("无积水", "no ponding", GREY, 3, shape="down"),
    ),
    "outfalls": Theme(
        "排口",
        "outfalls",
        {
            "True": Style("受混接影响", "fouled", RED, 6, shape="square"),
            "False": Style("未受影响", "clean", BLUE, 5, shape="square"),
        },
    ),
    "quality": Theme("数据质量", "quality findings", _SEVERITY, lead=("reason",)),
    "issues": Theme("读入时的问题", "issues on reading", _SEVERITY, lead=("reason",)),
    "changes": Theme(
        "成果变更",
        "changes between deliveries",
        {
            "added": Style("新增", "added", GREEN, 6, shape="up"),
            "removed": Style("删除", "removed", RED, 6, "3 3", shape="cross"),
            "moved": Style("移位", "moved", ORANGE, 5, shape="diamond"),
            "changed": Style("属性变更", "attribute changed", BLUE, 4, shape="square"),
        },
    ),
    "misconnections": Theme(
        "混接点",
        "misconnections",
        {
            "sewage_into_storm": Style("污水入雨水", "sewage into storm", PINK, 7, shape="up"),
            "storm_into_sewage": Style("雨水入污水", "storm into sewage", ORANGE, 7, shape="down"),
            "combined_below_separated": Style("分流后又合流", "combined below separated", GREEN, 6, shape="diamond"),
            "sewage_at_storm_outfall": Style("污水直排雨水口", "sewage at storm outfall", BLACK, 7, shape="diamond"),
        },
    ),
    "freed": Theme(
        "混接改造效果",
        "what closing frees",
        {
            "True": Style("可消除混流", "freed by the plan", GREEN, 5),
            "False": Style("仍混流", "still mixed", PINK, 5),
        },
        listed=False,
    ),
    "closures": Theme(
        "混接改造次序",
        "misconnections to close",
        {
            "True": Style("先改", "close first", GREEN, 8, shape="diamond"),
            "False": Style("后改", "later", GREY, 6, shape="diamond"),
        },
        lead=("rank", "freed_m"),
        label=("rank",),
    ),
    "sources": Theme(
        "未绘污水源（概率）",
        "undrawn sources (chance)",
        {
            "0": Style("< 5 %", "", "#C9D9E3", 2),
            "1": Style("5–20 %", "", "#FDCC8A", 4),
            "2": Style("20–50 %", "", "#FC8D59", 5),
            "3": Style("≥ 50 %", "", "#B30000", 7),
        },
        bins=(0.05, 0.2, 0.5),
        lead=("probability", "observed"),
        listed=False,
    ),
    "inspection_route": Theme(
        "开井路线", "way between openings", {}, Style("直线连接", "straight lines", BLACK, 2, "4 4"), listed=False
    ),
    "openings": Theme(
        "建议开井",
        "manholes to open",
        {
            "True": Style("待开井", "to open", GREEN, 7, shape="diamond"),
        },
        Style("待开井", "to open", GREEN, 7, shape="diamond"),
        lead=("visit", "gain_bits"),
        label=("visit",),
    ),
    "waterlogging": Theme(
        "易积水点",
        "waterlogging points",
        {
            key: Style(f"{zh} {depth} m", en, color, size)
            for (key, (zh, en, color)), depth, size in zip(
                _GRADES.items(), ("0.05–0.15", "0.15–0.30", "0.30–0.50", "> 0.50"), (9, 10.5, 12, 14), strict=True
            )
        },
        lead=("cause", "evidence_zh", "evidence"),
        label=("rank",),
    ),
    "reports": Theme(
        "上报积水点",
        "reported points",
        {
            "hit": Style("计算吻合", "computed too", BLACK, 15, shape="ring"),
            "missed": Style("计算不能解释", "not explained", YELLOW, 6, shape="square"),
            "superseded": Style("上报后已改造", "works since the report", GREEN, 6, shape="square"),
        },
        lead=("explanation",),
    ),
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
    "sewage_m3d": "污水量 sewage m³/d",
    "sewage_by": "水量依据 sewage known by",
    "outfalls": "影响排口 outfalls reached",
    "fouled_by": "来源混接点 fouled by",
    "freed": "消除混流 freed",
    "freed_at": "第几处改造后消除 freed at rank",
    "freed_alone_m": "单独改造可消除 freed alone m",
    "freed_m": "累计消除 freed so far m",
    "freed_outfalls": "累计消除排口 outfalls freed so far",
    "cost": "费用 cost",
    "receiving_node": "接纳井 receiving manhole",
    "receiving_m": "接驳距离 distance to it m",
    "connection": "接驳方式 connection",
    "dry_room": "旱季余量 room in dry weather",
    "dry_pipe": "旱季最不利管段 worst pipe, dry",
    "dry_utilisation": "旱季负荷率 utilisation, dry",
    "wet_room": "雨季余量 room in wet weather",
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
    "rank": "序号 rank",
    "match": "核对 match",
    "explanation": "解释 explanation",
    "level_m": "水位 level m",
    "ground_m": "地面 ground m",
    "overflow_m3": "溢流量 overflow m³",
    "severity": "级别 severity",
    "length_m": "长度 length m",
    "coverage_pct": "分流覆盖率（雨污管俱全）coverage (both pipes) %",
    "effective_pct": "有效覆盖率（扣除混流）effective (less mixed) %",
    "separated_m": "雨污分流 separated m",
    "combined_m": "合流 combined m",
    "storm_only_m": "仅雨水 storm only m",
    "sewage_only_m": "仅污水 sewage only m",
    "none_m": "无管道 none m",
    "fouled": "受混接影响 fouled",
    "mixed": "混流 mixed",
    "ponding_area_m2": "积水面积 ponding area m²",
    "area_m2": "面积 area m²",
    "duration_min": "积水历时 duration min",
    "drain_down_h": "退水时间 drain-down h",
    "within_standard": "符合标准（GB 50014 4.1.5）within the standard",
    "worst_node": "最重节点 worst node",
    "probability": "污水源概率 chance of a source",
    "observed": "现场所见 observed",
    "evidence_rows": "证据 evidence",
    "approximate": "近似 approximate",
    "gain_bits": "信息量 information, bits",
    "visit": "路线序号 visit",
    "flow_probability": "有水概率 chance of flow",
    "clause": "条文 clause",
    "reading": "读数 reading",
}
CAUSES: dict[str, str] = {
    "own_capacity": "本段管径不足 own pipes too small",
    "downstream_bottleneck": "下游瓶颈 downstream bottleneck",
    "tailwater": "下游顶托 tailwater",
    "adverse_slope": "逆坡 adverse slope",
    "silt": "管道淤积 silt",
    "low_ground": "地势低洼 low ground",
    "unexplained": "筛查不能解释 not explained by the screening",
}

_REPORTED = {"hit": "计算吻合 computed and reported", "missed": "计算不能解释 not explained"}
_ROOM = {"enough": "足够 enough", "short": "不足 short", "unknown": "未知 unknown"}
# Column → value in the data → word; the category column of a layer takes the labels of its styles.
WORDS: dict[str, dict[str, str]] = {
    "cause": CAUSES,
    "system": {key: f"{style.zh} {style.en}" for key, style in THEMES["pipes"].styles.items()},
    "match": _REPORTED,
    "kind": {key: f"{style.zh} {style.en}" for key, style in THEMES["misconnections"].styles.items()},
    "sewage_by": {
        "measured": "实测 measured",
        "users": "按用户数 by users",
        "assumed": "按管径假定 assumed by diameter",
        "unknown": "未知 unknown",
    },
    "connection": {
        "gravity": "重力 gravity",
        "pump": "需提升 pump",
        "unknown": "高程未知 unknown",
        "none": "附近无 none",
    },
    "dry_room": _ROOM,
    "wet_room": _ROOM,
    "reported": {**_REPORTED, "false_alarm": "无上报 computed, not reported"},
}

# Path in the summary of a report → label, unit and factor.
FIGURES: dict[tuple[str, str], tuple[str, str, float]] = {
    ("mixed_flow", "misconnections"): ("混接点 misconnections", "", 1),
    ("mixed_flow", "mixed_length_km"): ("混流管道 mixed pipes", "km", 1),
    ("mixed_flow", "density_per_km"): ("混接密度 density", "/km", 1),
    ("waterlogging", "points"): ("易积水点 waterlogging", "", 1),
    ("separation", "coverage_share"): ("分流覆盖率 coverage", "%", 100),
    ("separation", "effective_share"): ("有效覆盖率 effective", "%", 100),
}
TITLES: dict[str, str] = {
    "quality": "数据质量 Data quality",
    "mixed_flow": "雨污混流 Mixed flow",
    "waterlogging": "易积水点 Waterlogging",
    "separation": "道路雨污分流 Separation of roads",
    "sources": "未绘污水源 Undrawn sewage sources",
    "inspection": "开井计划 Manholes to open",
    "closures": "混接改造次序 Misconnections to close",
}
