"""Pipes as a figure of matplotlib: by system, by a column, or by how full they run, with the nodes that overflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Objects
from drainage.errors import SchemaError
from drainage.maps.hyetograph import chinese_fonts, load_pyplot
from drainage.maps.themes import BLUE, GREEN, GREY, ORANGE, PINK, RED, SKY, THEMES, YELLOW, Style
from drainage.positions import coordinates
from drainage.words import Language, heading, language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Upper edges (not included) of flow by capacity; from 1 on more wants to pass than the pipe carries by gravity.
_EDGES: Final = (0.5, 0.8, 1.0)
_FULL: Final = {
    0: Style("< 0.5", "< 0.5", SKY),
    1: Style("0.5–0.8", "0.5–0.8", BLUE),
    2: Style("0.8–1", "0.8–1", ORANGE, 3),
    3: Style("≥ 1", "≥ 1", RED, 4),
    None: Style("未计算", "not simulated", GREY, 1),
}
_COLOURS: Final = (BLUE, RED, GREEN, ORANGE, PINK, SKY, YELLOW)
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
        raise SchemaError(f"plot: the pipes have no column {column!r}; they have {', '.join(map(str, columns))}")
    values = pipes[named]
    ax, lang, fonts = _begin(ax)
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        lines = _lines(
            ax,
            np.asarray(pipes.geometry, dtype=object),
            {"array": values.to_numpy(np.float64, na_value=np.nan), **style},
        )
        ax.figure.colorbar(lines, ax=ax).set_label(heading(named, lang), **fonts)
    else:
        looks = THEMES["pipes"].styles if named == "system" else _one_colour_each(values)
        _by_style(ax, pipes.geometry, values, looks, style, lang)
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
    ax, lang, fonts = _begin(ax)
    used = pipes["utilisation"].to_numpy(np.float64)
    bins = pd.Series(np.searchsorted(_EDGES, used, side="right"), pipes.index, dtype=object)
    _by_style(ax, lines, bins.mask(np.isnan(used), None), _FULL, style, lang)
    spilt = nodes["overflow_m3"].to_numpy(np.float64)
    spills = nodes["overflows"].to_numpy(bool) & (spilt > 0.0)
    if spills.any():
        x, y = coordinates(points).T[:, spills]
        most = spilt[spills].max()
        label = f"{heading('overflow_m3', lang)} ≤ {most:,.0f}"
        area = _LARGEST * spilt[spills] / most
        ax.scatter(x, y, s=area, color=BLUE, alpha=0.6, marker="v", linewidths=0, zorder=3, label=label)
    _legend(ax, heading("utilisation", lang), fonts)
    return _end(ax, points)


def _begin(ax: Axes | None) -> tuple[Axes, Language, dict[str, Any]]:
    """Return the axes, the language that can be written on them, and its fonts."""
    plt = load_pyplot()
    chinese = chinese_fonts()
    lang = language() if chinese else "en"
    ax = plt.subplots(figsize=(8.0, 8.0), layout="constrained")[1] if ax is None else ax
    return ax, lang, {"family": [*plt.rcParams["font.family"], *chinese]}


def _end(ax: Axes, points: gpd.GeoSeries) -> Axes:
    x, y = coordinates(points).T
    ax.scatter(x, y, s=2.0, color=GREY, linewidths=0, zorder=0.9)
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
    ax: Axes,
    shapes: gpd.GeoSeries,
    keys: pd.Series,
    looks: Mapping[Any, Style],
    style: Mapping[str, Any],
    lang: Language,
) -> None:
    """Draw the lines of each key in its look; keys without one in grey."""
    known = keys.where(keys.isin(looks.keys()), None).astype(object)
    for key, look in {**looks, None: looks.get(None, THEMES["pipes"].other)}.items():
        these = known.isna() if key is None else known.eq(key)
        if not these.any():
            continue
        dash = tuple(float(part) * _POINT_PER_PX for part in look.dash.split())
        told = {"color": look.color, "linewidth": look.size * _POINT_PER_PX, "linestyle": (0, dash or None)}
        label = look.zh if lang == "zh" else look.en
        _lines(ax, np.asarray(shapes, dtype=object)[these.to_numpy()], {**told, "label": label, **style})


def _one_colour_each(values: pd.Series) -> dict[Any, Style]:
    """Return a look for each of the most frequent values; all others are drawn as one."""
    frequent = values.value_counts().index[: len(_COLOURS)]
    return {key: Style(str(key), str(key), color) for key, color in zip(frequent, _COLOURS, strict=False)}


def _legend(ax: Axes, title: str, fonts: Mapping[str, Any]) -> None:
    legend = ax.legend(title=title, prop=dict(fonts), loc="best", frameon=False)
    legend.get_title().set(**fonts)
