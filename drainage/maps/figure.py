"""Pipes as a figure of matplotlib: by system, by a column, or by how full they run, with the nodes that overflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Objects
from drainage.errors import SchemaError
from drainage.maps.fonts import begin
from drainage.maps.looks import COLOURS, THEMES, Style, Theme
from drainage.positions import coordinates
from drainage.said import Language, in_language
from drainage.words import heading, in_both

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE: Final = (8.0, 8.0)  # inches
_COLOURS: Final = tuple(COLOURS[name] for name in ("blue", "red", "green", "orange", "pink", "sky", "yellow"))
_POINT_PER_PX: Final = 0.5  # thinner than on a map into which one can zoom
_LARGEST: Final = 150.0  # area of the mark of the largest volume, points²


def plot_pipes(
    pipes: gpd.GeoDataFrame,
    nodes: gpd.GeoDataFrame,
    column: str | None = None,
    ax: Axes | None = None,
    **style: Any,  # noqa: ANN401 - of the lines, as matplotlib takes it
) -> Axes:
    """Plot pipes by their system, or by a column, and nodes as thin dots.

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
    ax, lang, fonts = begin(ax, _SIZE)
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        lines = _lines(
            ax,
            np.asarray(pipes.geometry, dtype=object),
            {"array": values.to_numpy(np.float64, na_value=np.nan), **style},
        )
        ax.figure.colorbar(lines, ax=ax).set_label(heading(named, lang), **fonts)
    else:
        theme = THEMES["pipes"]
        theme = theme if named == "system" else replace(theme, styles=_one_colour_each(values))
        _by_style(ax, pipes.geometry, values, theme, style, lang)
        _legend(ax, heading(named, lang), fonts)
    return _end(ax, nodes.geometry)


def plot_flow(
    lines: gpd.GeoSeries,
    points: gpd.GeoSeries,
    pipes: pd.DataFrame,
    nodes: pd.DataFrame,
    ax: Axes | None = None,
    **style: Any,  # noqa: ANN401 - of the lines, as matplotlib takes it
) -> Axes:
    """Plot the ``utilisation`` of pipes, and as marks whose area is the volume the ``overflow_m3`` of nodes."""
    ax, lang, fonts = begin(ax, _SIZE)
    _by_style(ax, lines, pipes["utilisation"], THEMES["utilisation"], style, lang)
    spilt = nodes["overflow_m3"].to_numpy(np.float64)
    spills = nodes["overflows"].to_numpy(bool) & (spilt > 0.0)
    if spills.any():
        x, y = coordinates(points).T[:, spills]
        most = spilt[spills].max()
        label = f"{heading('overflow_m3', lang)} ≤ {most:,.0f}"
        area = _LARGEST * spilt[spills] / most
        ax.scatter(x, y, s=area, color=COLOURS["blue"], alpha=0.6, marker="v", linewidths=0, zorder=3, label=label)
    _legend(ax, heading("utilisation", lang), fonts)
    return _end(ax, points)


def _end(ax: Axes, points: gpd.GeoSeries) -> Axes:
    x, y = coordinates(points).T
    ax.scatter(x, y, s=2.0, color=COLOURS["grey"], linewidths=0, zorder=0.9)
    ax.set_aspect("equal")
    ax.ticklabel_format(style="plain", useOffset=False)
    ax.autoscale_view()
    return ax


def _lines(ax: Axes, shapes: Objects, style: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Draw lines, those of several parts in parts."""
    from matplotlib.collections import LineCollection

    parts, row = shapely.get_parts(shapes, return_index=True)
    told = {"linewidth": 2 * _POINT_PER_PX, **style}
    if "array" in told:
        told["array"] = np.asarray(told["array"])[row]
    return ax.add_collection(LineCollection([shapely.get_coordinates(part) for part in parts], **told))


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
        told = {"color": look.color, "linewidth": look.size * _POINT_PER_PX, "linestyle": (0, dash or None)}
        label = in_language(look.label, lang)
        _lines(ax, np.asarray(shapes, dtype=object)[these.to_numpy()], {**told, "label": label, **style})


def _one_colour_each(values: pd.Series) -> dict[str, Style]:
    """Return a look for each of the most frequent values; all others are drawn as one."""
    frequent = map(str, values.value_counts().index[: len(_COLOURS)])
    return {key: Style(key, color) for key, color in zip(frequent, _COLOURS, strict=False)}


def _legend(ax: Axes, title: str, fonts: Mapping[str, Any]) -> None:
    legend = ax.legend(title=title, prop=dict(fonts), loc="best", frameon=False)
    legend.get_title().set(**fonts)
