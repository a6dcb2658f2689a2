"""By what the layers of a period are told apart, and to which of them their columns point."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from drainage import words
from drainage.maps.desk.question_looks import NAMES, REFERS
from drainage.maps.layer import Layer
from drainage.maps.looks import THEMES
from drainage.said import Language, in_language


def keys_of(layers: Sequence[Layer]) -> list[str]:
    """Return a key for each layer: its theme, and where that is there twice, also of what its rows are.

    Examples
    --------
    >>> import geopandas as gpd
    >>> keys_of([Layer("roads", gpd.GeoDataFrame(geometry=[]), None)] * 2)
    ['roads/1', 'roads/2']
    """
    count = Counter(layer.theme for layer in layers)
    keys: list[str] = []
    for k, layer in enumerate(layers):
        of = _of_what(layer)
        key = layer.theme if count[layer.theme] == 1 else f"{layer.theme}/{of or k + 1}"
        keys.append(key if key not in keys else f"{key}/{k + 1}")
    return keys


def label_of(layer: Layer, key: str, lang: Language) -> str:
    """Return what a layer is called: the title of its theme, and what its rows are where that is there twice."""
    title = str(in_language(THEMES[layer.theme].title, lang))
    of = _of_what(layer) if "/" in key else ""
    said = words.code("feature_kind", of, lang) or (words.word(of, lang) if words.has_word(of) else "")
    return f"{title} · {said}" if said else title


def _of_what(layer: Layer) -> str:
    """Return the kind of the features, where they are of one, else the column of their ids."""
    kinds = [*layer.frame["feature_kind"].unique()] if "feature_kind" in layer.frame else []
    return str(kinds[0]) if len(kinds) == 1 else str(layer.frame.index.name or "")


def refers(columns: Sequence[str], themes: Mapping[str, Sequence[str]], ids: str) -> dict[str, list[str]]:
    """Return column → keys of the layers in which its ids lie, of those that are there.

    Parameters
    ----------
    columns
        Those of a layer.
    themes
        Theme → keys of the layers of it in the same period.
    ids
        The column of the ids of the layer itself, which points nowhere.
    """
    found = {
        name: [key for theme in REFERS[name] for key in themes.get(theme, ())]
        for name in columns
        if name in REFERS and name != ids
    }
    return {name: keys for name, keys in found.items() if keys}


def name_column(columns: Sequence[str], ids: int) -> int:
    """Return the position of the column by which people call a thing, else that of its ids; -1: neither."""
    return next((columns.index(name) for name in NAMES if name in columns), ids)
