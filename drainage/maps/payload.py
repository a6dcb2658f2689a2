"""Layers as compact JSON: each shape and each column of values stands in the page once, however many layers share it.

A layer with a hundred thousand pipes passes through array operations only; the loops here go over layers and columns.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.maps.layer import Layer
from drainage.maps.looks import THEMES, Style
from drainage.said import Language, Said, in_language, joined
from drainage.words import codes, heading, hidden, one_language, phrase

PLAN_WIDTH = 1000.0
MANY_ROWS = 200_000
_ORDER = {theme: rank for rank, theme in enumerate(THEMES)}


def pack(groups: Mapping[str, Sequence[Layer]], *, schematic: bool, lang: Language) -> dict[str, object]:
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
    columns = _Columns(lang)
    layers = [(label, layer) for label, group in groups.items() for layer in group]
    layers.sort(key=lambda pair: _ORDER[pair[1].theme])
    shapes = [in_degrees(layer.frame, schematic=schematic) for _, layer in layers]
    everything = np.concatenate([np.empty(0, dtype=object), *shapes])
    numbers, unique = _distinct(everything)
    cut = np.cumsum([0, *map(len, shapes)])
    packed: dict[str, list[dict[str, object]]] = {label: [] for label in groups}
    for k, (label, layer) in enumerate(layers):
        packed[label].append(_layer(layer, numbers[cut[k] : cut[k + 1]], columns, lang))
    return {
        "shapes": _shapes(unique, schematic=schematic),
        "columns": columns.packed,
        "periods": [{"label": one_language(label, lang), "layers": found} for label, found in packed.items()],
    }


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


def _layer(layer: Layer, shapes: NDArray[np.intp], columns: _Columns, lang: Language) -> dict[str, object]:
    theme = THEMES[layer.theme]
    frame = pd.DataFrame(layer.frame.drop(columns=layer.frame.geometry.name))
    if layer.frame.index.name and layer.frame.index.name not in frame:
        frame.insert(0, layer.frame.index.name, layer.frame.index)
    category, styles = _styles(layer)
    other = hidden(layer.popup, lang)
    names = [name for name in layer.popup if name in frame and name not in other]
    dropped = len(frame) > MANY_ROWS
    names = names[:1] if dropped else names
    note = phrase("ids_only", lang, most=MANY_ROWS) if dropped else ""
    looks = {key: style.label for key, style in theme.styles.items()}
    return {
        "theme": layer.theme,
        "label": in_language(theme.title, lang),
        "note": note,
        "shown": layer.shown,
        "opacity": theme.opacity,
        "listed": theme.listed,
        "lead": [names.index(name) for name in theme.lead if name in names],
        "text": [names.index(name) for name in theme.label if name in names],
        "columns": [
            columns.number(name, frame[name], looks if name == layer.category and not theme.bins else {})
            for name in names
        ],
        "styles": [_look(style, lang) for style in styles],
        "category": category.tolist(),
        "shapes": shapes.tolist(),
    }


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
    return {name: look[name] for name in ("color", "size", "dash", "shape")} | {"label": in_language(style.label, lang)}


@dataclass
class _Columns:
    """Columns of values, each once."""

    lang: Language
    packed: list[dict[str, object]] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, name: str, values: pd.Series, looks: Mapping[str, str]) -> int:
        known = {key: Said(english, chinese) for key, (chinese, english) in codes(name).items()} | dict(looks)
        column = {"key": str(name), "label": heading(str(name), self.lang), **_values(values, known, self.lang)}
        text = json.dumps(column)
        if text not in self._numbers:
            self._numbers[text] = len(self.packed)
            self.packed.append(column)
        return self._numbers[text]


def _values(values: pd.Series, words: Mapping[str, str], lang: Language) -> dict[str, object]:
    """Return the values, or, where many repeat, the distinct ones and the number of each (-1: none)."""
    if values.dtype == object:  # and so it stays: a text of it may be in both languages
        plain = [", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value for value in values]
        values = pd.Series(plain, dtype=object)
    if pd.api.types.is_float_dtype(values):
        codes, cells = _numbers(values.to_numpy(float, na_value=np.nan))
    else:
        codes, unique = pd.factorize(values)
        cells = [_cell(value, words, lang) for value in np.asarray(unique, dtype=object).tolist()]
    if 2 * len(cells) < len(codes):
        return {"values": cells, "codes": codes.tolist()}
    return {"values": np.array([*cells, None], dtype=object)[codes].tolist()}


def _numbers(values: NDArray[np.float64]) -> tuple[NDArray[np.intp], list[object]]:
    """Return codes and distinct numbers of sensible precision: three decimals below 10, two below 1000, then one."""
    values = np.where(np.isfinite(values), values, np.nan)
    size = np.abs(values)
    rounded = [np.round(values, 3), np.round(values, 2)]
    codes, unique = pd.factorize(np.select([size < 10, size < 1000], rounded, np.round(values, 1)))
    return codes, [int(number) if number.is_integer() else number for number in unique.tolist()]


def _cell(value: object, words: Mapping[str, str], lang: Language) -> object:
    """Make one value plain: text, a number or None."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        return _said(value, words, lang)
    if isinstance(value, bool):
        return in_language(words.get(str(value)), lang) or phrase("yes" if value else "no", lang)
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return _numbers(np.array([value]))[1][0] if np.isfinite(value) else None
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    return str(value)


def _said(value: str, words: Mapping[str, str], lang: Language) -> str:
    """Return codes parted by commas in words, any other text in one language."""
    parts = value.split(", ")
    if words and set(parts) <= set(words):
        return one_language(joined((words[part] for part in parts), ", "), lang)
    return one_language(value, lang)
