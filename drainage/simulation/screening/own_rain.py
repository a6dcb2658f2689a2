"""The rain that an .inp carries, for a screening: that of each of its gages, and their mean over the catchments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from drainage.arrays import Floats
from drainage.errors import SimulationError
from drainage.formats.inp.edit.overrides import moment
from drainage.formats.inp.gages import GageRain, read_gages, simulated_min
from drainage.formats.inp.text.series import Tables
from drainage.formats.inp.text.tokens import InpText
from drainage.hydraulics.no_rain import NoRain
from drainage.hydraulics.rainfall import ObservedStorm, Storm
from drainage.network import DrainageNetwork
from drainage.words import in_both


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class OwnRain(ObservedStorm):
    """Rain of a model: what fell on its catchments in the mean, and at each gage.

    Parameters
    ----------
    gages
        Name in capitals → rain.
    """

    gages: Mapping[str, GageRain] = field(default_factory=dict)

    def of_gage(self, name: str, time_min: Floats) -> Floats:
        """Return the depth fallen at a gage by each time, mm; nothing at one that has no rain."""
        rain = self.gages.get(name)
        return np.zeros(len(time_min)) if rain is None else rain.until_mm(time_min)


def own_rain(net: DrainageNetwork) -> Storm:
    """Return the rain of a network's .inp within its simulation; `NoRain` where it has none.

    Raises
    ------
    SimulationError
        The network came from no .inp, or a file of its rain is not there.
    """
    model = net.origin.model
    if model is None:
        raise SimulationError(in_both("no_rain_of_its_own", network=net.source or in_both("network")))
    text = model.text
    name, minutes = Path(net.source or text.path).name, simulated_min(text)
    gages, lost = read_gages(text, Tables(text))
    used = _weights(net, text)
    if absent := [gage for gage in lost if gage.upper() in used]:
        rows = [row for row in text.rows("RAINGAGES") if row[0] in absent and len(row) > 5]
        series = {
            row[0].upper(): row[2] for row in text.rows("TIMESERIES") if len(row) > 2 and row[1].upper() == "FILE"
        }
        files = [series.get(row[5].upper(), row[5]) for row in rows]
        unread = ", ".join(absent[:5])
        raise SimulationError(in_both("rain_unread", file=name, gages=unread, files=", ".join(files[:3])))
    falls = {gage: gages[gage] for gage in used if gage in gages}
    if not any(rain.depth_mm.any() for rain in falls.values()) or text.options.get("IGNORE_RAINFALL", "NO").startswith(
        "YES"
    ):
        return NoRain(minutes or 360.0, name)
    edges = np.unique(np.concatenate(
        [[0.0], *(part for rain in falls.values() for part in (rain.begin_min, rain.begin_min + rain.length_min))]
    ))  # fmt: skip
    edges = edges[np.append(True, np.diff(edges) > 1e-6)]
    total = sum(used.values())
    mean = sum((used[gage] / total * rain.until_mm(edges) for gage, rain in falls.items()), np.zeros(len(edges)))
    notes = (in_both("rain_gages", count=len(falls)),) if len(falls) > 1 else ()
    begins = moment(text, "START", None)
    return OwnRain(
        edges, np.maximum(np.diff(mean), 0.0), in_both("rain_of_model", name=name),
        None if begins is None else np.datetime64(begins), notes, falls,
    )  # fmt: skip


def _weights(net: DrainageNetwork, text: InpText) -> dict[str, float]:
    """Return the area of ground of each gage, hm², RDII sewersheds included; names in capitals."""
    kept = None if net.catchments is None else {str(name).upper() for name in net.catchments.index}
    used: dict[str, float] = {}
    for row in text.rows("SUBCATCHMENTS"):
        if len(row) > 3 and kept is not None and row[0].upper() in kept:
            used[row[1].upper()] = used.get(row[1].upper(), 0.0) + max(_number(row[3]), 1e-9)
    seeping = {row[1].upper() for row in text.rows("RDII") if len(row) > 2}
    for row in text.rows("HYDROGRAPHS"):
        if len(row) == 2 and row[0].upper() in seeping:
            used.setdefault(row[1].upper(), 1e-9)
    return used


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return 0.0
