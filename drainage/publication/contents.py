"""What the public page knows, all of it: one mapping of plain values, made of a town and of water on its stretches.

========== =========================================================================================================
``city``, ``synthetic``, ``made``, ``url``, ``post``, ``tel``, ``pass``  what the page says of itself
``date``, ``before``, ``days``  day of the network, day before the works, days of works in between
``rains``, ``default``  the rains, each with its water as signs, one a stretch; the key of the first to be shown
``formula``, ``engine``, ``judged``  by which formula it rains, what computed it, of what share of the drains
``roads``, ``st``  roads with their spellings and rank; stretches: road and both crossings
``size``, ``geo``, ``l``, ``town``, ``river``, ``rname``, ``water``, ``wname``  the drawing
``seen``  what people reported: stretch, depth in steps of 5 cm, month
========== =========================================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.arrays import Ints
from drainage.publication.by_stretch import DEPTH_CM, Water, stretches_of, up_to
from drainage.publication.drawing import drawn
from drainage.publication.rains import FIRST, Rain, formula_of
from drainage.publication.spelling import spelt
from drainage.publication.town import Town

#: Signs of classes: dry, and 1 to 52.
_SIGNS: Final = np.array(list(".ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
_CLASSES: Final = {sign: number for number, sign in enumerate(_SIGNS.tolist())}


@dataclass(frozen=True, eq=False)
class Told:
    """A rain on the streets of a town.

    Parameters
    ----------
    rain
        The rain.
    now
        Water on the day of the page.
    before
        Water before the works; None where that was not asked.
    since
        Stretch that was under water before and is dry now → number of the day of works on which it was first dry.
    """

    rain: Rain
    now: Water
    before: Water | None = None
    since: Mapping[int, int] = field(default_factory=dict)

    def signs(self) -> dict[str, object]:
        """Return the rain as the page holds it."""
        return {
            **self.rain.told(),
            "n": _signs(self.now.depth),
            "t": _signs(self.now.time),
            "w": _signs(self.now.after),
            "b": "" if self.before is None else _signs(self.before.depth),
            "s": {str(stretch): day for stretch, day in sorted(self.since.items())},
            "o": self.now.unplaced,
        }


def contents_of(
    town: Town, told: Sequence[Told], said: Mapping[str, object], *, date: str, before: str | None,
    days: Sequence[str], method: str, synthetic: bool, sightings: Sequence[Sequence[object]],
    judged: float,
) -> dict[str, object]:  # fmt: skip
    """Return all that a page knows.

    Parameters
    ----------
    town
        Its streets.
    told
        The rains, from the least to the most.
    said
        What the page says of itself (`drainage.publication.imprint.Imprint.told`).
    date, before, days
        Day of the network, "" where it has no history; day before the works; days of works.
    method
        What computed it.
    synthetic
        The data are made up.
    sightings
        What people reported (`seen`).
    judged
        Share of the nodes of storm drains that could be judged, 0-1.
    """
    keys = [one.rain.key for one in told]
    roads = [[name, *spelt(name), int(rank)] for name, rank in zip(town.names, town.ranks, strict=True)]
    return {
        **said,
        "synthetic": synthetic,
        "date": date,
        "before": before,
        "days": list(days),
        "rains": [one.signs() for one in told],
        "default": FIRST if FIRST in keys else keys[len(keys) // 2],
        "formula": formula_of([one.rain.storm for one in told]),
        "engine": {"name": method},
        "judged": judged,
        "roads": roads,
        "st": np.column_stack([town.road, town.ends]).tolist(),
        "seen": list(sightings),
        **drawn(town),
    }


def seen(town: Town, sightings: gpd.GeoDataFrame | None) -> list[list[object]]:
    """Return what people reported, sorted: stretch, depth in steps of 5 cm (0: not told), month ("": not told)."""
    if sightings is None or not len(sightings):
        return []
    rows = sightings if "road" in sightings else sightings.assign(road="")
    stretch = stretches_of(town, rows)
    told = zip(stretch, depth_classes(rows), months_of(rows), strict=True)
    found = [(int(at), int(deep), month) for at, deep, month in told if at >= 0]
    return [list(one) for one in sorted(found)]


def depth_classes(rows: pd.DataFrame) -> Ints:
    """Return the steps of 5 cm up to which people saw water, (n,), 0 where they did not tell."""
    told = pd.to_numeric(rows["depth_m"], errors="coerce") if "depth_m" in rows else pd.Series(np.nan, rows.index)
    return up_to(100.0 * np.asarray(told.clip(lower=0.0), dtype=np.float64), DEPTH_CM)


def months_of(rows: pd.DataFrame) -> list[str]:
    """Return the months in which people saw water, "" where they did not tell."""
    if "date" not in rows:
        return [""] * len(rows)
    days = pd.to_datetime(rows["date"], errors="coerce")
    return ["" if pd.isna(day) else f"{day:%Y-%m}" for day in days]


def _signs(classes: Ints) -> str:
    return "".join(_SIGNS[classes]).rstrip(".")


def classes_of(signs: str, count: int) -> Ints:
    """Return the classes that the signs of a rain stand for, (count,), 0 for dry; what is not written is dry.

    Examples
    --------
    >>> classes_of(".Da", 4).tolist()
    [0, 4, 27, 0]
    """
    return np.array([_CLASSES[sign] for sign in signs.ljust(count, ".")], dtype=np.int64)
