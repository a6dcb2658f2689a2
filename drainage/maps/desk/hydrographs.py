"""What happens over time at the points of a map, for the drawer of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from drainage.arrays import Floats
from drainage.maps.layer import Layer, OverTime
from drainage.said import Language
from drainage.words import phrase, unit, word

#: Points of a period whose series go into the page: the most important ones.
MOST: Final = 200


def hydrographs_of(
    groups: Mapping[str, Sequence[Layer]], keys: Sequence[str], lang: Language
) -> dict[str, dict[str, object] | list[str]]:
    """Return ``hydrographs``, key of the period → theme and id → series, and ``notes`` of what was left out."""
    found: dict[str, object] = {}
    notes: list[str] = []
    for key, layers in zip(keys, groups.values(), strict=True):
        for layer in layers:
            ids = layer.frame.index.astype(str)
            if layer.over_time is None or not len(ids):
                continue
            told = {id_: _told(one, lang) for id_, one in layer.over_time(ids[:MOST].tolist()).items()}
            found[key] = {"theme": layer.theme, "of": told, "note": phrase("hydrograph_mean", lang)}
            if len(ids) > MOST:
                notes.append(phrase("hydrographs_left_out", lang, most=MOST, count=len(ids)))
    return {"hydrographs": found, "notes": notes}


def _told(one: OverTime, lang: Language) -> dict[str, object]:
    return {
        "minutes": np.round(one.minutes, 1).tolist(),
        "series": [{**_named(name, lang), "values": _plain(values)} for name, values in one.series.items()],
        "marks": [
            {**_named(name, lang), "value": round(float(value), 3)}
            for name, value in one.marks.items()
            if np.isfinite(value)
        ],
    }


def _named(name: str, lang: Language) -> dict[str, object]:
    return {"key": name, "label": word(name, lang), "unit": unit(name)}


def _plain(values: Floats) -> list[float | None]:
    return [round(float(value), 3) if np.isfinite(value) else None for value in values]
