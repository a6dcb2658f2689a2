"""A storm formula as a figure: intensity by duration for some return periods, with what it was fitted to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from drainage.errors import SimulationError
from drainage.hydraulics.formulas import Q_OF_MM_PER_MIN, IntensityFormula
from drainage.maps.charts.canvas import FAINT, begin
from drainage.maps.charts.curves import name_ends, powers_of_ten
from drainage.maps.looks import COLOURS
from drainage.said import in_language
from drainage.wants import wants
from drainage.words import all_of, one_language, phrase, with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PERIODS_A: Final = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_COLOURS: Final = tuple(COLOURS[name] for name in ("sky", "green", "blue", "orange", "pink", "red"))
_BANDS_A: Final = (2.0, 10.0, 100.0)  # whose bounds are drawn: more would hide each other
_TICKS_MIN: Final = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 360, 720, 1440)
_POINTS: Final = 100


@wants
def plot_intensities(
    formula: IntensityFormula,
    ax: Axes | None = None,
    *,
    intensities: pd.DataFrame | None = None,
    lang: str | None = None,
) -> Axes:
    """Plot the intensities of a storm formula, mm/min, over duration, min, both on logarithmic axes.

    Parameters
    ----------
    formula
        The formula; a line for each of 2, 5, 10, 20, 50 and 100 a that it gives.
    ax
        Where to draw; None: on a new figure of pyplot.
    intensities
        Table ``intensities`` of `fit_storm_formula`: the points of the frequency curves, and as bands the bounds
        at 2, 10 and 100 a.
    lang
        ``zh`` or ``en``; None: the language of the reader.

    Returns
    -------
    The axes; the title names formula, source and whether it is verified.

    Examples
    --------
    >>> import drainage as dr
    >>> from matplotlib.figure import Figure
    >>> ax = dr.maps.plot_intensities(dr.read_storm_formula("310000"), Figure().add_subplot())
    >>> len(ax.get_lines())
    6
    """
    canvas = begin(ax, 110.0, lang)
    ax, ends = canvas.ax, list[tuple[str, float, float, str]]()
    minutes = np.geomspace(max(formula.valid_min[0], 0.5), formula.valid_min[1], _POINTS)
    for period, colour in zip(_PERIODS_A, _COLOURS, strict=True):
        try:
            curve = formula.intensity(minutes, period) / Q_OF_MM_PER_MIN
        except SimulationError:
            continue  # it gives nothing for this return period
        ax.plot(minutes, curve, color=colour, linewidth=1.4, label=f"P = {period:g} a")
        ends.append((f"P = {period:g} a", float(minutes[-1]), float(curve[-1]), colour))
        if intensities is not None:
            rows = intensities[intensities["return_period_a"] == period]
            at = rows["duration_min"].to_numpy()
            low, high = rows["low_mm_per_min"].to_numpy(), rows["high_mm_per_min"].to_numpy()
            if period in _BANDS_A:
                ax.fill_between(at, low, high, color=colour, alpha=0.15, linewidth=0)
            ax.scatter(at, rows["frequency_mm_per_min"].to_numpy(), color=colour, s=14)
    said = all_of("figure")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ticks = [one for one in _TICKS_MIN if minutes[0] <= one <= minutes[-1]]
    ax.set_xticks(ticks, [str(one) for one in ticks], minor=False)
    ax.set_xticks([], minor=True)
    powers_of_ten(ax)
    ax.grid(visible=True, which="major", color=FAINT, linewidth=0.35)
    ax.set_xlabel(str(in_language(said["duration"], canvas.lang)))
    ax.set_ylabel(str(in_language(said["intensity"], canvas.lang)))
    name_ends(canvas, ends)
    checked = phrase("verified" if formula.verified else "not_verified", canvas.lang)
    source = with_unit(one_language(formula.source, canvas.lang), checked, canvas.lang)
    return canvas.finish([repr(formula).strip("<>").partition(" ")[2].rpartition(",")[0], source])
