"""Pipes as a figure of matplotlib: by system, by a column, or by how full they run, with the nodes that overflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Objects
from drainage.errors import SchemaError
from drainage.maps.charts.canvas import Canvas, begin, families
from drainage.maps.looks import COLOURS, THEMES, Style, Theme
from drainage.positions import coordinates
from drainage.said import Language, in_language
from drainage.words import heading, in_both

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TALL_MM: Final = 160.0
_COLOURS: Final = tuple(COLOURS[name] for name in ("blue", "red", "green", "orange", "pink", "sky", "yellow"))
_POINT_PER_PX: Final = 0.5  # thinner than on a map into which one can zoom
_LARGEST: Final = 150.0  # area of the mark of the largest volume, points²


def plot_pipes(
    pipes: gpd.GeoDataFrame,
    nodes: gpd.GeoDataFrame,
    column: str | None = None,
    ax: Axes | None = None,
    *,
    lang: str | None = None,
    foot: Sequence[str] = (),
    **style: Any,  # noqa: ANN401 - of the lines, as matplotlib takes it
) -> Axes:
    """Plot pipes by their system, or by a column, and nodes as thin dots; ``foot`` stands below.

    Raises
    ------
    SchemaError
        The pipes have no such column.
    """
    named = "system" if column is None else column
    columns = pipes.columns.drop([pipes.geometry.name])
    if named not in columns:
        raise SchemaError(in_both("plot_without_column", column=column, has=", ".join(map(str, columns))))
    values = pipes[named]
    canvas = begin(ax, _TALL_MM, lang)
    ax = canvas.ax
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        lines = _lines(
            ax,
            np.asarray(pipes.geometry, dtype=object),
            {"array": values.to_numpy(np.float64, na_value=np.nan), **style},
        )
        ax.figure.colorbar(lines, ax=ax).set_label(heading(named, canvas.lang), fontfamily=families(), fontsize=7.5)
    else:
        theme = THEMES["pipes"]
        theme = theme if named == "system" else replace(theme, styles=_one_colour_each(values))
        _by_style(ax, pipes.geometry, values, theme, style, canvas.lang)
        _legend(ax, heading(named, canvas.lang))
    return _end(canvas, nodes.geometry, foot)


def plot_flow(
    lines: gpd.GeoSeries,
    points: gpd.GeoSeries,
    pipes: pd.DataFrame,
    nodes: pd.DataFrame,
    ax: Axes | None = None,
    *,
    lang: str | None = None,
    foot: Sequence[str] = (),
    **style: Any,  # noqa: ANN401 - of the lines, as matplotlib takes it
) -> Axes:
    """Plot the ``utilisation`` of pipes, and as marks whose area is the volume the ``overflow_m3`` of nodes."""
    canvas = begin(ax, _TALL_MM, lang)
    ax = canvas.ax
    _by_style(ax, lines, pipes["utilisation"], THEMES["utilisation"], style, canvas.lang)
    spilt = nodes["overflow_m3"].to_numpy(np.float64)
    spills = nodes["overflows"].to_numpy(bool) & (spilt > 0.0)
    if spills.any():
        x, y = coordinates(points).T[:, spills]
        most = spilt[spills].max()
        label = f"{heading('overflow_m3', canvas.lang)} ≤ {most:,.0f}"
        area = _LARGEST * spilt[spills] / most
        ax.scatter(x, y, s=area, color=COLOURS["blue"], alpha=0.6, marker="v", linewidths=0, zorder=3, label=label)
    _legend(ax, heading("utilisation", canvas.lang))
    return _end(canvas, points, foot)


def _end(canvas: Canvas, points: gpd.GeoSeries, foot: Sequence[str]) -> Axes:
    ax = canvas.ax
    x, y = coordinates(points).T
    ax.scatter(x, y, s=2.0, color=COLOURS["grey"], linewidths=0, zorder=0.9)
    ax.set_aspect("equal")
    ax.ticklabel_format(style="plain", useOffset=False)
    ax.autoscale_view()
    return canvas.finish("", foot)


def _lines(ax: Axes, shapes: Objects, style: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Draw lines, those of several parts in parts."""
    from matplotlib.collections import LineCollection

    parts, row = shapely.get_parts(shapes, return_index=True)
    told = {"linewidth": 2 * _POINT_PER_PX, **style}
    if "array" in told:
        told["array"] = np.asarray(told["array"])[row]
    try:
        lines = LineCollection([shapely.get_coordinates(part) for part in parts], **told)
    except AttributeError as error:
        raise TypeError(in_both("no_such_style", why=error)) from error
    return ax.add_collection(lines)


def _by_style(
    ax: Axes, shapes: gpd.GeoSeries, values: pd.Series, theme: Theme, style: Mapping[str, Any], lang: Language
) -> None:
    """Draw the lines of each category in its look, those of no category last."""
    keys = theme.categories(values)
    known = keys.where(keys.isin(theme.styles.keys()), None)
    for key, look in [*theme.styles.items(), (None, theme.other)]:
        these = known.isna() if key is None else known.eq(key)
        if not these.any():
            continue
        dash = tuple(float(part) * _POINT_PER_PX for part in look.dash.split())
        told = {"color": look.printed_color, "linewidth": look.size * _POINT_PER_PX, "linestyle": (0, dash or None)}
        label = in_language(look.label, lang)
        _lines(ax, np.asarray(shapes, dtype=object)[these.to_numpy()], {**told, "label": label, **style})


def _one_colour_each(values: pd.Series) -> dict[str, Style]:
    """Return a look for each of the most frequent values; all others are drawn as one."""
    frequent = map(str, values.value_counts().index[: len(_COLOURS)])
    return {key: Style(key, color) for key, color in zip(frequent, _COLOURS, strict=False)}


def _legend(ax: Axes, title: str) -> None:
    ax.legend(title=title, loc="best", frameon=False)
