"""A storm as a figure: how hard it rains in each step of time, under a title that says which rain it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drainage.hydraulics.rainfall import Storm
from drainage.maps.charts.canvas import FAINT, begin
from drainage.maps.looks import COLOURS
from drainage.said import Language, in_language
from drainage.wants import wants
from drainage.words import all_of, phrase, with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@wants
def plot_storm(storm: Storm, ax: Axes | None = None, *, step_min: float = 1.0, lang: str | None = None) -> Axes:
    """Plot the hyetograph of a storm: mean intensity of each step, mm/min, over time, min.

    Parameters
    ----------
    storm
        A design storm, or rain of a gauge, which is drawn in its own intervals.
    ax
        Where to draw; None: on a new figure of pyplot.
    step_min
        Length of the steps of a design storm, min.
    lang
        ``zh`` or ``en``; None: the language of the reader.

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
    canvas = begin(ax, 90.0, lang)
    ax = canvas.ax
    edges = storm.bounds_min(step_min)
    ax.stairs(np.diff(storm.cumulative_mm(edges)) / np.diff(edges), edges, fill=True, color=COLOURS["blue"])
    said = all_of("figure")
    ax.set_xlabel(str(in_language(said["time"], canvas.lang)))
    ax.set_ylabel(str(in_language(said["intensity"], canvas.lang)))
    ax.set_xlim(0.0, float(edges[-1]))
    ax.set_ylim(bottom=0.0)
    ax.grid(visible=True, axis="y", color=FAINT, linewidth=0.35)
    return canvas.finish(_title(storm, canvas.lang))


def _title(storm: Storm, lang: Language) -> list[str]:
    """Say in two lines which rain it is, and where it comes from."""
    facts = storm.facts
    asked = [f"{facts['duration_min']:g} min", f"{facts['depth_mm']:.1f} mm"]
    if np.isfinite(storm.return_period_a):
        asked.insert(0, f"P = {facts['return_period_a']:g} a")
    if facts.get("climate_factor", 1.0) != 1.0:
        asked.append(f"× {facts['climate_factor']:g}")
    checked = phrase("verified" if facts["verified"] else "not_verified", lang) if "verified" in facts else ""
    name = [str(facts["formula"])] if "formula" in facts else []
    return [": ".join([*name, ", ".join(asked)]), with_unit(str(facts.get("source", "")), checked, lang)]
