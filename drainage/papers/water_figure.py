"""Rain, flow and level over time on axes of matplotlib, for who goes on by himself: `WaterOverTime.plot`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from drainage.maps.charts.canvas import DASHES, FAINT, INK, MUTED, SERIES, Canvas, panels
from drainage.maps.charts.curves import name_ends
from drainage.maps.provenance import foot_of
from drainage.papers.sayings import saying
from drainage.said import in_language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from drainage.papers.water_over_time import WaterOverTime

_TALL_MM: Final = 130.0
_HEIGHTS: Final = (1.0, 1.7, 1.7)


def plot_water(water: WaterOverTime, *, lang: str | None = None) -> list[Axes]:
    """Plot rain, flow and level; see `drainage.papers.water_over_time.WaterOverTime.plot`."""
    rain, flow, level = panels(_HEIGHTS, _TALL_MM, lang)
    for position, one in enumerate(water.storms):
        color, name = SERIES[position % len(SERIES)], str(in_language(one.name, rain.lang))
        rain.ax.stairs(one.rain_mm_h, one.rain_min, fill=not position, color=color, label=name, linewidth=1.2)
        dash = DASHES[position % len(DASHES)]
        flow.ax.plot(one.minute, one.inflow_m3s, color=color, linestyle=dash, linewidth=1.4, label=name)
        if water.kind == "node":
            flow.ax.plot(one.minute, one.outflow_m3s, color=color, linestyle=dash, linewidth=0.7)
        level.ax.plot(one.minute, one.level_m, color=color, linestyle=dash, linewidth=1.4, label=name)
    last = max(float(one.minute[-1]) for one in water.storms)
    rain.ax.set_ylim(top=0.0, bottom=1.08 * max(float(one.rain_mm_h.max()) for one in water.storms))
    rain.ax.spines["bottom"].set_visible(False)
    rain.ax.spines["top"].set_visible(True)
    rain.ax.tick_params(axis="x", length=0)
    flow.ax.set_xlim(0.0, last)
    _draw_levels(level, water, last)
    for canvas, axis in ((rain, "rain_axis"), (flow, "flow_axis"), (level, "level_axis")):
        canvas.ax.set_ylabel(saying(axis, canvas.lang))
        canvas.ax.grid(visible=True, axis="y", color=FAINT, linewidth=0.35)
    level.ax.set_xlabel(saying("minutes", level.lang))
    level.ax.ticklabel_format(axis="y", style="plain", useOffset=False)
    rain.legend()
    rain.finish(saying(f"hydrograph_{water.kind}", rain.lang, name=water.feature_id, size=water.size))
    flow.finish("")
    level.finish("", foot_of(water.provenance, level.lang))
    return [one.ax for one in (rain, flow, level)]


def _draw_levels(canvas: Canvas, water: WaterOverTime, last: float) -> None:
    """Draw ground, crown and invert across, and name them at the right."""
    told = [("ground_at", water.ground_m), ("crown_at", water.crown_m), ("invert_at", water.invert_m)]
    known = [(key, level) for key, level in told if np.isfinite(level)]
    for key, level in known:
        canvas.ax.axhline(level, color=INK if key == "ground_at" else MUTED, linewidth=0.7, linestyle=(0, (4, 2)))
    canvas.ax.margins(y=0.08)
    canvas.ax.autoscale_view(scalex=False)
    name_ends(canvas, [(saying(key, canvas.lang, level_m=level), last, level, MUTED) for key, level in known])
