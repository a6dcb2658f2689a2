"""A storm formula as a figure: intensity by duration for some return periods, with what it was fitted to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from drainage.errors import SimulationError
from drainage.hydraulics.formulas import Q_OF_MM_PER_MIN, IntensityFormula
from drainage.maps.fonts import begin
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
    formula: IntensityFormula, ax: Axes | None = None, *, intensities: pd.DataFrame | None = None
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
    ax, lang, fonts = begin(ax, (8.0, 6.0))
    minutes = np.geomspace(max(formula.valid_min[0], 0.5), formula.valid_min[1], _POINTS)
    for period, colour in zip(_PERIODS_A, _COLOURS, strict=True):
        try:
            curve = formula.intensity(minutes, period) / Q_OF_MM_PER_MIN
        except SimulationError:
            continue  # it gives nothing for this return period
        ax.plot(minutes, curve, color=colour, label=f"P = {period:g} a")
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
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_formatter("{x:g}")
    ax.grid(visible=True, which="both", alpha=0.3)
    ax.set_xlabel(str(in_language(said["duration"], lang)), **fonts)
    ax.set_ylabel(str(in_language(said["intensity"], lang)), **fonts)
    checked = phrase("verified" if formula.verified else "not_verified", lang)
    source = with_unit(one_language(formula.source, lang), checked, lang)
    title = [repr(formula).strip("<>").partition(" ")[2].rpartition(",")[0], source]
    ax.set_title("\n".join(title), fontsize="medium", wrap=True, **fonts)
    ax.legend()
    return ax
