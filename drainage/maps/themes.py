"""The looks of the map by theme and category, with their labels in Chinese and English.

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
        "道路有效分流覆盖率（标注：覆盖率 → 有效）",
        "roads by effective coverage (labels: coverage → effective)",
        _COVERAGE,
        Style("未算", "not measured", "#BBBBBB", 12),
        bins=(25.0, 50.0, 75.0),
        opacity=0.55,
        label=("road", "coverage_to_effective"),
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
    "capacity": Theme(
        "管道过流能力（重现期）",
        "return period that a pipe carries",
        {
            "0": Style("< 1 a", "", "#A50026", 5),
            "1": Style("1–2 a", "", "#F46D43", 5),
            "2": Style("2–3 a", "", "#FDAE61", 4),
            "3": Style("3–5 a", "", "#74ADD1", 4),
            "4": Style("≥ 5 a", "", "#313695", 3),
        },
        bins=(1.0, 2.0, 3.0, 5.0),
        lead=("carries_return_period_a",),
        listed=False,
    ),
    "self_cleansing": Theme(
        "流速不足以自净",
        "too slow to clean themselves",
        {"yes": Style("流速不足", "too slow", YELLOW, 5)},
        lead=("slow_at",),
        listed=False,
    ),
    "cleaning": Theme(
        "清淤管段",
        "runs to clean",
        {
            "overflow": Style("清淤可减少溢流", "avoids overflow", RED, 7),
            "with_others": Style("与其他管段同清才有效", "only together with others", ORANGE, 6),
            "not_tried": Style("未计算", "not computed", PINK, 5, "6 3"),
            "condition": Style("按状况清淤", "by its condition", BLACK, 4, "2 4"),
        },
        lead=("evidence_zh", "evidence"),
        label=("rank",),
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
    "relief": Theme(
        "整治工程",
        "relief works",
        {
            "clean": Style("清淤", "clean", YELLOW, 6),
            "relay": Style("翻建调坡", "lay again with a fall", PINK, 6),
            "enlarge": Style("扩径", "enlarge", GREEN, 6),
            "parallel": Style("增设并排管", "pipes side by side", BLUE, 6),
            "link": Style("新建连通管", "new link", BLACK, 6, "8 4"),
            "free_outfall": Style("排口闸泵", "gate and pump", RED, 8, shape="square"),
            "storage": Style("调蓄", "storage", SKY, 8, shape="square"),
        },
        lead=("text_zh", "text", "point_id"),
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
    "infiltration": Theme(
        "雨水入流强度（与平均之比）",
        "storm water into sewers (by the mean rate)",
        {
            "0": Style("< 1", "", "#C9D9E3", 2),
            "1": Style("1–2", "", "#FDCC8A", 4),
            "2": Style("2–4", "", "#FC8D59", 5),
            "3": Style("≥ 4", "", "#B30000", 7),
        },
        Style("未测", "not measured", GREY, 2, "2 4"),
        bins=(1.0, 2.0, 4.0),
        lead=("meter_id", "own_rdii_m3_per_km_mm"),
        listed=False,
    ),
    "mixing": Theme(
        "混接程度（最差指标）",
        "grade of mixing (worst indicator)",
        {
            "0": Style("无", "none", "#9AC8E0", 6),
            "1": Style("轻度", "light", YELLOW, 7),
            "2": Style("中度", "moderate", ORANGE, 8),
            "3": Style("重度", "heavy", RED, 9),
        },
        Style("指标不全", "not known", GREY, 5),
        opacity=0.6,
        lead=("grade", "decided_by"),
    ),
    "sewer_load": Theme(
        "超满流污水管",
        "sewers over capacity",
        {
            "over_in_dry": Style("旱天超满流", "over capacity in dry weather", RED, 7),
            "over_in_rain": Style("雨天超满流", "over capacity in rain", ORANGE, 6),
        },
        lead=("wet_utilisation", "dry_utilisation"),
    ),
    "meters": Theme(
        "流量计",
        "flow meters",
        {},
        Style("流量计", "flow meter", BLACK, 7, shape="diamond"),
        lead=("rank", "own_rdii_m3_per_km_mm"),
        label=("rank",),
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
