"""A storm as a figure: how hard it rains in each step of time, under a title that says which rain it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from drainage.hydraulics.rainfall import Storm
from drainage.maps.themes import BLUE
from drainage.wants import wants

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Fonts with Chinese that systems bring along, in order of preference; without any the figure speaks English.
CHINESE_FONTS: Final = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Heiti SC",
    "WenQuanYi Micro Hei",
)


@wants
def plot_storm(storm: Storm, ax: Axes | None = None, *, step_min: float = 1.0) -> Axes:
    """Plot the hyetograph of a storm: mean intensity of each step, mm/min, over time, min.

    Parameters
    ----------
    storm
        A design storm, or rain of a gauge, which is drawn in its own intervals.
    ax
        Where to draw; None: on a new figure of pyplot.
    step_min
        Length of the steps of a design storm, min.

    Returns
    -------
    The axes; the title names formula or gauge, source, whether that is verified, return period, duration and depth.

    Examples
    --------
    >>> import drainage as dr
    >>> from matplotlib.figure import Figure
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    >>> dr.maps.plot_storm(storm, Figure().add_subplot()).get_xlabel().endswith("time, min")
    True
    """
    import matplotlib as mpl
    from matplotlib import font_manager
    from matplotlib import pyplot as plt

    chinese = [name for name in CHINESE_FONTS if name in font_manager.get_font_names()][:1]
    family = [*mpl.rcParams["font.family"], *chinese]
    ax = plt.subplots(figsize=(8.0, 4.5), layout="constrained")[1] if ax is None else ax
    edges = storm.bounds_min(step_min)
    ax.stairs(np.diff(storm.cumulative_mm(edges)) / np.diff(edges), edges, fill=True, color=BLUE)
    ax.set_xlabel("时间 time, min" if chinese else "time, min", family=family)
    ax.set_ylabel("雨强 intensity, mm/min" if chinese else "intensity, mm/min", family=family)
    ax.set_title("\n".join(_title(storm, chinese=bool(chinese))), family=family, fontsize="medium", wrap=True)
    ax.set_xlim(0.0, float(edges[-1]))
    ax.set_ylim(bottom=0.0)
    return ax


def _title(storm: Storm, *, chinese: bool) -> list[str]:
    """Say in two lines which rain it is, and where it comes from."""
    facts = storm.facts
    asked = [f"{facts['duration_min']:g} min", f"{facts['depth_mm']:.1f} mm"]
    if np.isfinite(storm.return_period_a):
        asked.insert(0, f"P = {facts['return_period_a']:g} a")
    if facts.get("climate_factor", 1.0) != 1.0:
        asked.append(f"× {facts['climate_factor']:g}")
    said = ""
    if "verified" in facts:
        said = " (已核实 verified)" if facts["verified"] else " (未核实 not verified)"
        said = said if chinese else said.replace("已核实 ", "").replace("未核实 ", "")
    name = [str(facts["formula"])] if "formula" in facts else []
    return [": ".join([*name, ", ".join(asked)]), f"{facts.get('source', '')}{said}"]
