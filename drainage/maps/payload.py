"""Layers as compact JSON: each shape and each column of values stands in the page once, however many layers share it.

A layer with a hundred thousand pipes passes through array operations only; the loops here go over layers and columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.maps.desk.keys import keys_of, label_of, name_column, refers
from drainage.maps.desk.lists import most_important_first
from drainage.maps.desk.packed_columns import PackedColumns
from drainage.maps.desk.ways import ways_of
from drainage.maps.layer import Layer
from drainage.maps.looks import THEMES, Style
from drainage.said import Language, in_language
from drainage.words import hidden, one_language, phrase

PLAN_WIDTH = 1000.0
MANY_ROWS = 200_000
_ORDER = {theme: rank for rank, theme in enumerate(THEMES)}


def pack(groups: Mapping[str, Sequence[Layer]], *, schematic: bool, lang: Language) -> dict[str, Any]:
    """Return what the program on the page draws: shapes, columns, and per period its layers in drawing order.

    Parameters
    ----------
    groups
        Label of the period → its layers.
    schematic
        The layers have no CRS: their coordinates are scaled to a plan a thousand units wide.
    lang
        Language of labels and values.
    """
    columns = PackedColumns(lang)
    sorted_groups = {label: [*map(most_important_first, in_order(group))] for label, group in groups.items()}
    geometry = [in_degrees(layer.frame, schematic=schematic) for group in sorted_groups.values() for layer in group]
    numbers, unique = _distinct(np.concatenate([np.empty(0, dtype=object), *geometry]))
    cut = np.cumsum([0, *map(len, geometry)])
    shapes = iter([numbers[start:end] for start, end in pairwise(cut)])
    periods = []
    for label, group in sorted_groups.items():
        keys = keys_of(group)
        themes = {theme: [key for one, key in zip(group, keys, strict=True) if one.theme == theme] for theme in _ORDER}
        packed = [_layer(layer, key, themes, next(shapes), columns) for layer, key in zip(group, keys, strict=True)]
        way = ways_of(dict(zip(keys, group, strict=True)))
        periods.append({"label": one_language(label, lang), "layers": packed, "network": way})
    return {"shapes": _shapes(unique, schematic=schematic), "columns": columns.packed, "periods": periods}


def in_order(layers: Sequence[Layer]) -> list[Layer]:
    """Return layers as they lie on each other, the lowest first."""
    return sorted(layers, key=lambda layer: _ORDER[layer.theme])


def in_degrees(frame: gpd.GeoDataFrame, *, schematic: bool) -> NDArray[np.object_]:
    """Return geometry in longitude and latitude; None where a row has no place that can be drawn."""
    geometry = np.array((frame if schematic else frame.to_crs(4326)).geometry.array, dtype=object)
    geometry[~np.isfinite(shapely.bounds(geometry)).all(axis=-1)] = None
    return geometry


def _distinct(geometry: NDArray[np.object_]) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Return the number of the distinct shape of each row (-1: none), and the shapes."""
    numbers, _ = pd.factorize(pd.Series(shapely.to_wkb(geometry), dtype=object))
    present = np.flatnonzero(numbers >= 0)
    _, first = np.unique(numbers[present], return_index=True)
    return numbers, geometry[present[first]]


def _shapes(geometry: NDArray[np.object_], *, schematic: bool) -> dict[str, object]:
    """Points as differences of whole steps from one to the next; polygons by their rings."""
    step = 1e-3 if schematic else 1e-6
    flat, shape = shapely.get_parts(geometry, return_index=True)
    flat, within = shapely.get_parts(flat, return_index=True)  # a part of a collection may be a collection
    shape = shape[within]
    rings = np.where(shapely.get_type_id(flat) == 3, shapely.boundary(flat), flat)
    parts, within = shapely.get_parts(rings, return_index=True)
    shape = shape[within]
    coords, part = shapely.get_coordinates(parts, return_index=True)
    corner, scale = np.zeros(2), 1.0
    if schematic and len(coords):
        corner = coords.min(axis=0)
        scale = PLAN_WIDTH / max(float(np.ptp(coords, axis=0).max()), 1e-9)
    whole = np.rint((coords - corner) * (scale / step)).astype(np.int64)
    return {
        "step": step,
        "x": np.diff(whole[:, 0], prepend=0).tolist(),
        "y": np.diff(whole[:, 1], prepend=0).tolist(),
        "sizes": np.bincount(part, minlength=len(parts)).tolist(),
        "parts": np.bincount(shape, minlength=len(geometry)).tolist(),
        "areas": np.flatnonzero(shapely.get_dimensions(geometry) == 2).tolist(),
    }


def _layer(
    layer: Layer, key: str, themes: Mapping[str, Sequence[str]], shapes: NDArray[np.intp], columns: PackedColumns
) -> dict[str, object]:
    theme, lang = THEMES[layer.theme], columns.lang
    frame = pd.DataFrame(layer.frame.drop(columns=layer.frame.geometry.name))
    if layer.frame.index.name and layer.frame.index.name not in frame:
        frame.insert(0, layer.frame.index.name, layer.frame.index)
    category, styles = _styles(layer)
    names, note = _columns_shown(layer, frame, lang)
    ids = names.index(layer.frame.index.name) if layer.frame.index.name in names else -1
    looks = {code: style.label for code, style in theme.styles.items()}
    return {
        "theme": layer.theme,
        "key": key,
        "label": label_of(layer, key, lang),
        "note": note,
        "shown": layer.shown,
        "context": theme.context,
        "opacity": theme.opacity,
        "listed": theme.listed,
        "ids": ids,
        "name": name_column(names, ids),
        "refs": refers(names, themes, names[ids] if ids >= 0 else ""),
        "lead": [names.index(name) for name in theme.lead if name in names],
        "text": [names.index(name) for name in theme.label if name in names],
        "columns": [
            columns.number(name, _coded(layer, frame[name]), looks if name == layer.category and not theme.bins else {})
            for name in names
        ],
        "styles": [_look(style, lang) for style in styles],
        "category": category.tolist(),
        "shapes": shapes.tolist(),
    }


def _coded(layer: Layer, values: pd.Series) -> pd.Series:
    """Return the numbers of a category that are codes, such as grades, as codes."""
    theme = THEMES[layer.theme]
    codes = values.name == layer.category and theme.styles and not theme.bins
    return theme.categories(values) if codes and pd.api.types.is_numeric_dtype(values) else values


def _columns_shown(layer: Layer, frame: pd.DataFrame, lang: Language) -> tuple[list[str], str]:
    """Return the columns that go into the page, without those that say nothing, and what is said of those left out."""
    other = hidden(layer.popup, lang)
    names = [name for name in layer.popup if name in frame and name not in other]
    kept = [name for name in names if name == names[0] or frame[name].notna().any() or not len(frame)]
    if len(frame) > MANY_ROWS:
        return kept[:1], phrase("ids_only", lang, most=MANY_ROWS)
    return kept, ""


def _styles(layer: Layer) -> tuple[NDArray[np.intp], list[Style]]:
    """Return the number of the style of each row, and the styles in the order of the theme."""
    theme, frame = THEMES[layer.theme], layer.frame
    if not len(frame):
        return np.empty(0, np.intp), []
    if layer.category is None:
        return np.zeros(len(frame), np.intp), [theme.other]
    codes, names = pd.factorize(theme.categories(frame[layer.category]).to_numpy())
    known: list[object] = [*theme.styles]
    order = sorted(range(len(names)), key=lambda k: known.index(names[k]) if names[k] in known else len(known))
    place = np.empty(len(names) + 1, np.intp)
    place[order] = np.arange(len(names))
    place[-1] = len(names)  # code -1: no value
    other = theme.other
    unknown = {name: replace(other, label=name, dash="") if theme.styles else other for name in names}
    styles = [theme.styles.get(names[k], unknown[names[k]]) for k in order]
    return place[codes], [*styles, other] if (codes < 0).any() else styles


def _look(style: Style, lang: Language) -> dict[str, object]:
    """Return what the page draws a category by, and its label."""
    look = asdict(style)
    needed = {name: look[name] for name in ("color", "size", "dash", "shape")}
    more = {name: look[name] for name in ("pattern", "dark") if look[name]}
    return needed | more | {"label": in_language(style.label, lang)}
