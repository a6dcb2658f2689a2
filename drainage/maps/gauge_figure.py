"""Gauges as a figure: measured and computed series one above another, and what the best remedy would make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from drainage.errors import SchemaError
from drainage.maps.charts.canvas import FAINT, begin
from drainage.maps.looks import COLOURS
from drainage.said import in_language
from drainage.wants import wants
from drainage.words import all_of, code, in_both, with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS: Final = ("gauge", "minute", "measured", "computed")
#: Height of the panel of a gauge, mm.
TALL_MM: Final = 70.0


@wants
def plot_gauge(
    series: pd.DataFrame,
    ax: Axes | None = None,
    *,
    gauge: str | None = None,
    quantity: str = "",
    lang: str | None = None,
) -> Axes:
    """Plot what a gauge measured and what was computed for it, by minutes from the beginning of the rain.

    Parameters
    ----------
    series
        The table ``series`` of `compare_with_gauges`.
    ax
        Where to draw; None: on a new figure of pyplot.
    gauge
        Which gauge; None: the first.
    quantity
        ``level``, ``depth`` or ``flow``: what it measures, beside the axis with its unit.
    lang
        ``zh`` or ``en``; None: the language of the reader.

    Returns
    -------
    The axes: readings as dots, what was computed as a line, what the best remedy would make of it dashed.

    Raises
    ------
    SchemaError
        The table is another, or has no such gauge.

    Examples
    --------
    >>> import drainage as dr
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> rows = [("YS12", 5.0, 18.2, 18.1), ("YS12", 10.0, 18.6, 18.7), ("YS12", 15.0, 18.4, 18.5)]
    >>> series = pd.DataFrame(rows, columns=["gauge", "minute", "measured", "computed"])
    >>> ax = dr.maps.plot_gauge(series, Figure().add_subplot(), quantity="level")
    >>> [line.get_ydata().tolist() for line in ax.lines]
    [[18.2, 18.6, 18.4], [18.1, 18.7, 18.5]]
    """
    if missing := [name for name in _COLUMNS if name not in series]:
        raise SchemaError(in_both("figure_no_series", missing=", ".join(missing)))
    names = series["gauge"].unique()
    chosen = str(names[0]) if gauge is None and len(names) else gauge
    rows = series[series["gauge"] == chosen]
    if not len(rows):
        raise SchemaError(in_both("figure_no_gauge", gauge=chosen, known=", ".join(map(str, names[:5]))))
    canvas = begin(ax, TALL_MM, lang)
    ax = canvas.ax
    said = {key: str(in_language(text, canvas.lang)) for key, text in all_of("figure").items()}
    minute = rows["minute"].to_numpy(dtype=np.float64)
    ax.plot(minute, rows["measured"], "o", color=COLOURS["black"], markersize=3.0, label=said["measured"])
    ax.plot(minute, rows["computed"], "-", color=COLOURS["blue"], label=said["computed"])
    if "mended" in rows and rows["mended"].notna().any():
        ax.plot(minute, rows["mended"], "--", color=COLOURS["orange"], label=said["mended"])
    ax.set_xlabel(said["minutes"])
    unit = {"flow": "m³/s", "level": "m", "depth": "m"}.get(quantity, "")
    ax.set_ylabel(with_unit(code("quantity", quantity, canvas.lang) or "", unit, canvas.lang))
    ax.ticklabel_format(axis="y", style="plain", useOffset=False)
    ax.grid(visible=True, axis="y", color=FAINT, linewidth=0.35)
    canvas.legend()
    return canvas.finish(str(chosen))
