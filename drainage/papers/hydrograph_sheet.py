"""Hydrographs as drawings: the rain hanging from above, below it the flow, below that the level: `plot_hydrograph`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from drainage.errors import SchemaError
from drainage.fonts.letters import broken, width_mm
from drainage.hydraulics.rainfall import Storm
from drainage.maps.looks import SYSTEMS
from drainage.network import DrainageNetwork
from drainage.papers.drawn.axes import Chart, draw_axes
from drainage.papers.drawn.labels import Labels, move_apart
from drainage.papers.drawn.lettering import LEAST_PT, fitted
from drainage.papers.drawn.paper import Paper, about_letters
from drainage.papers.drawn.sheets import FLOOD, GROUND, MUTED, Box, Sheet
from drainage.papers.rain_words import rains
from drainage.papers.sayings import saying
from drainage.papers.sections.elevation import OTHERS, RAREST
from drainage.papers.water_over_time import AT_GROUND_M, WaterOverTime, trace_water
from drainage.said import Said, in_language
from drainage.simulation.screening.own_rain import OwnRain
from drainage.simulation.setup import Setup
from drainage.simulation.swmm.engine_values import EngineOptions
from drainage.wants import wants
from drainage.words import in_both, language

if TYPE_CHECKING:
    from drainage.said import Language

#: The sheet, mm: as wide as the column of a report.
WIDE_MM: Final = 160.0
TALL_MM: Final = 118.0
#: Where texts may stand.
EDGE: Final = Box(2.0, 2.0, WIDE_MM - 2.0, TALL_MM - 2.0)
_LEFT, _RIGHT = 18.0, 132.0
_RAIN: Final = Box(_LEFT, 84.0, _RIGHT, 103.0)
_FLOW: Final = Box(_LEFT, 50.5, _RIGHT, 80.5)
_LEVEL: Final = Box(_LEFT, 17.5, _RIGHT, 46.5)
_SHADE: Final = "#f8e4e4"
_PT: Final = 7.0


@wants
def plot_hydrograph(
    net: DrainageNetwork, feature: str, storm: Storm | Sequence[Storm] | None = None, setup: Setup | None = None, *,
    options: EngineOptions | None = None, time_limit_s: float = 600.0, lang: str | None = None,
) -> Paper:  # fmt: skip
    """Draw rain, flow and level at a node, or in a pipe, over time, as EPA SWMM computes them.

    Of a node the flow that enters it is drawn thick and what leaves it by pipes thin; between them lies what overflows
    or is stored. Ground, crown and invert stand at the right edge; the time at which water stands at the ground in the
    last storm is shaded.

    Parameters
    ----------
    net, feature, storm, setup, options, time_limit_s
        As in `trace_water`, which returns the same as numbers; at most five storms.
    lang
        ``zh`` or ``en``; None: the language of the reader.

    Returns
    -------
    Paper
        One sheet of 160 × 118 mm, for the column of a report; `Paper.content` is the `WaterOverTime`.

    Raises
    ------
    TopologyError, SchemaError, SimulationError
        As `trace_water`.
    FormatError
        matplotlib, by whose letters texts are measured, is not installed: it comes with the extra ``papers``.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    >>> paper = dr.papers.plot_hydrograph(net, "YS1041", storm, lang="en")
    >>> round(float(paper.content.storms[0].inflow_m3s.max()), 2)
    0.27
    """
    chosen = language(lang)
    count = 1 if storm is None or isinstance(storm, Storm) else len(storm)
    if count > len(OTHERS) + 1:
        raise SchemaError(in_both("section_many_storms", count=count, most=len(OTHERS) + 1))
    water = trace_water(net, feature, storm, setup, options=options, time_limit_s=time_limit_s)
    sheet = draw_hydrograph(water, chosen)
    return Paper((sheet,), water, water.provenance, (*_about_gages(water), *about_letters([sheet])))


def _about_gages(water: WaterOverTime) -> list[Said]:
    """Return of which gages the rain is that a model carries, where there are several."""
    own = [one.storm for one in water.storms if isinstance(one.storm, OwnRain)]
    return [note for storm in own for note in storm.notes if isinstance(note, Said)]


def draw_hydrograph(water: WaterOverTime, lang: Language) -> Sheet:
    """Draw what was computed; see `plot_hydrograph`."""
    title = saying(f"hydrograph_{water.kind}", lang, name=water.feature_id, size=water.size)
    title += saying("along_roads", lang, roads=water.road) if water.road else ""
    sheet = Sheet(WIDE_MM, TALL_MM, title)
    said, size = fitted(title, 10.0, EDGE.right - _LEFT, bold=True)
    sheet.text((_LEFT, TALL_MM - 6.0), said, size, bold=True, layer="TITLE")
    last = max(float(one.minute[-1]) for one in water.storms)
    _draw_rain(sheet, water, last, lang)
    _draw_flow(sheet, water, last, lang)
    _draw_level(sheet, water, last, lang)
    sheet.text((_RIGHT, _LEVEL.low - 6.6), saying("minutes", lang), _PT, align="right", layer="AXES")
    _draw_foot(sheet, water, lang)
    return sheet


def _looks(water: WaterOverTime) -> list[tuple[str, tuple[float, float] | None]]:
    return [*OTHERS[: len(water.storms) - 1], RAREST]


def _draw_rain(sheet: Sheet, water: WaterOverTime, last: float, lang: Language) -> None:
    """Draw the rain as steps that hang, the first storm before the later ones, and name the storms at its right."""
    most = max(float(one.rain_mm_h.max()) for one in water.storms)
    chart = Chart(_RAIN, last, 0.0, most * 1.05 or 1.0, hanging=True)
    draw_axes(sheet, chart, saying("rain_axis", lang), times=False)
    for one, (color, _) in zip(reversed(water.storms), reversed(_looks(water)), strict=True):
        x, y = np.repeat(chart.x(one.rain_min), 2)[1:-1], np.repeat(chart.y(one.rain_mm_h), 2)
        outline = [(float(x[0]), _RAIN.high), *zip(x, y, strict=True), (float(x[-1]), _RAIN.high)]
        sheet.area(outline, color, z=2, layer="RAIN")
    for number, (one, (color, dash)) in enumerate(zip(water.storms, _looks(water), strict=True)):
        row = _RAIN.high - 2.0 - 4.0 * number
        sheet.line([(_RIGHT + 1.5, row), (_RIGHT + 8.0, row)], 0.45, color, dash=dash, z=7, layer="LEGEND")
        name, size = fitted(str(in_language(one.name, lang)), _PT, EDGE.right - _RIGHT - 9.0)
        sheet.text((_RIGHT + 9.0, row), name, size, color=color, layer="LEGEND")
    labels = Labels(Box(_LEFT + 1.0, _RAIN.low - 1.0, _RIGHT - 1.0, _RAIN.high - 0.5))
    for one in water.storms:
        labels.avoid_line(
            list(zip(chart.x(one.rain_min[1:]).tolist(), chart.y(one.rain_mm_h).tolist(), strict=True)), 3
        )
    for one, (color, _) in zip(water.storms, _looks(water), strict=True):
        k = int(one.rain_mm_h.argmax())
        at = float(chart.x(one.rain_min[k + 1])), float(chart.y(one.rain_mm_h[k]))
        _write(sheet, labels, at, saying("most_rain", lang, most=one.rain_mm_h[k]), color)


def _draw_flow(sheet: Sheet, water: WaterOverTime, last: float, lang: Language) -> None:
    """Draw what enters thick and what leaves thin, and say the highest of each storm."""
    flows = [one.inflow_m3s for one in water.storms] + [one.outflow_m3s for one in water.storms]
    most, least = (float(pick(np.concatenate(flows))) for pick in (np.nanmax, np.nanmin))
    chart = Chart(_FLOW, last, min(least, 0.0) * 1.1, max(most, 1e-3) * 1.12)
    draw_axes(sheet, chart, saying("flow_axis", lang), times=False)
    labels = Labels(Box(_LEFT + 1.0, _FLOW.low + 0.5, _RIGHT - 1.0, _FLOW.high))
    drawn = []
    for one, (color, dash) in zip(water.storms, _looks(water), strict=True):
        told = [(one.inflow_m3s, 0.5)] if water.kind == "pipe" else [(one.inflow_m3s, 0.5), (one.outflow_m3s, 0.2)]
        for flow, width in told:
            for part in chart.points(one.minute, flow):
                sheet.line(part, width, color, dash=dash if width > 0.3 else None, z=6, layer="FLOW")
                labels.avoid_line(part, 3)
            drawn.append((one, flow, color, "flow" if water.kind == "pipe" else "inflow" if width > 0.3 else "outflow"))
    if np.isfinite(water.capacity_m3s) and water.capacity_m3s <= chart.high:
        y = float(chart.y(water.capacity_m3s))
        sheet.line([(_LEFT, y), (_RIGHT, y)], 0.25, MUTED, dash=(2.4, 1.0), z=4, layer="FLOW")
        said, size = fitted(saying("capacity", lang, capacity=water.capacity_m3s), _PT, EDGE.right - _RIGHT - 1.2)
        sheet.text((_RIGHT + 1.2, y), said, size, color=MUTED, layer="FLOW")
    for one, flow, color, kind in drawn:
        k = int(np.nanargmax(flow))
        at = float(chart.x(one.minute[k])), float(chart.y(flow[k]))
        _write(sheet, labels, at, saying(f"most_{kind}", lang, most=flow[k]), color)


def _draw_level(sheet: Sheet, water: WaterOverTime, last: float, lang: Language) -> None:
    """Draw the level between invert and ground, and shade when the water of the last storm stands at the ground."""
    edges = [water.ground_m, water.invert_m, water.crown_m, *(float(np.nanmin(one.level_m)) for one in water.storms)]
    edges += [float(np.nanmax(one.level_m)) for one in water.storms]
    low, high = float(np.nanmin(edges)), float(np.nanmax(edges))
    margin = max(0.06 * (high - low), 0.05)
    chart = Chart(_LEVEL, last, low - margin, high + 2.0 * margin)
    draw_axes(sheet, chart, saying("level_axis", lang), times=True)
    rarest = water.storms[-1]
    wet = np.flatnonzero(rarest.level_m >= water.ground_m - AT_GROUND_M)
    if len(wet):
        begin, end = (float(chart.x(rarest.minute[k])) for k in (max(wet[0] - 1, 0), wet[-1]))
        sheet.box(Box(begin, _LEVEL.low, end, _LEVEL.high), _SHADE, z=0.5, layer="FLOOD")
    lines = [("ground_at", water.ground_m, GROUND, 0.4, None), ("crown_at", water.crown_m, MUTED, 0.2, (2.4, 1.0)),
             ("invert_at", water.invert_m, SYSTEMS["storm"], 0.35, None)]  # fmt: skip
    known = sorted((one for one in lines if np.isfinite(one[1])), key=lambda one: one[1])
    heights = np.array([float(chart.y(level)) for _, level, *_ in known])
    places, _ = move_apart(heights, np.full(len(known), 1.7), (_LEVEL.low - 2.0, _LEVEL.high + 3.0))
    for (key, level, color, width, dash), y, place in zip(known, heights, places, strict=True):
        sheet.line([(_LEFT, y), (_RIGHT, y)], width, color, dash=dash, z=4, layer="LEVELS")
        sheet.text((_RIGHT + 1.2, place), saying(key, lang, level_m=level), _PT, color=color, layer="LEVELS")
    labels = Labels(Box(_LEFT + 1.0, _LEVEL.low + 0.5, _RIGHT - 1.0, _LEVEL.high))
    for y in heights:
        labels.avoid_line([(_LEFT, y), (_RIGHT, y)], 2)
    for one, (color, dash) in zip(water.storms, _looks(water), strict=True):
        for part in chart.points(one.minute, one.level_m):
            sheet.line(part, 0.5, color, dash=dash, z=6, layer="LEVEL")
            labels.avoid_line(part, 3)
    if len(wet):
        said = saying("at_ground", lang, minutes=water.minutes_at_ground(rarest), storm=rarest.name)
        middle = float(chart.x(rarest.minute[(wet[0] + wet[-1]) // 2])) - width_mm(said, _PT) / 2.0 - 1.5
        _write(sheet, labels, (middle, float(chart.y(water.ground_m)) - 4.0), said, FLOOD, leader=False)


def _draw_foot(sheet: Sheet, water: WaterOverTime, lang: Language) -> None:
    """Say what computed it, for which rain, and what must be known of the data."""
    told = rains(((one.name, one.storm) for one in water.storms), lang)
    notice = [str(in_language(in_both("made_up_city"), lang))] if water.network.synthetic else []
    gages = [str(in_language(note, lang)) for note in _about_gages(water)]
    text = saying("between_notes", lang).join([saying("by_engine", lang), told, *gages, *notice])
    lines = broken(text, LEAST_PT, EDGE.right - _LEFT)
    for number, line in enumerate(lines[:2]):
        more = "…" if number == 1 and len(lines) > 2 else ""
        sheet.text(
            (_LEFT, 6.2 - 2.6 * number), line[: len(line) - len(more)] + more, LEAST_PT, color=MUTED, layer="NOTES"
        )


def _write(
    sheet: Sheet, labels: Labels, at: tuple[float, float], text: str, color: str, *, leader: bool = True
) -> None:
    place = labels.place(at, width_mm(text, _PT), 3.0, away=2.0)
    if place is None:
        return
    middle = (place.low + place.high) / 2.0
    if leader:
        near = place.left - 0.5 if place.left > at[0] else place.right + 0.5
        sheet.line([at, (near, middle)], 0.13, color, z=7, layer="TEXT")
    sheet.text((place.left, middle), text, _PT, color=color, halo=0.4)
