"""The receiving water at outfalls: one level for all, a level each, or a level that changes with time."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from drainage.errors import SimulationError
from drainage.formats.inp.edit.design_rain import clock
from drainage.formats.inp.edit.section_rows import tokens
from drainage.network import DrainageNetwork
from drainage.said import joined
from drainage.schema.ids import find_ids
from drainage.simulation.setup import Level, Tailwater, check_level
from drainage.words import in_both


@dataclass(frozen=True, slots=True)
class ReceivingWater:
    """What a tailwater means for a network.

    Parameters
    ----------
    at_start, at_highest
        The network whose ``water_level_m`` has, where the water changes, its level at the beginning of the storm and
        the highest from then on.
    level_m
        Level at outfalls that record none, m.
    steady
        Outfall id → its own level, m.
    series
        Outfall id → level by minutes from the beginning of the storm.
    names
        Outfall id → name of its series in the model.
    """

    at_start: DrainageNetwork
    at_highest: DrainageNetwork
    level_m: float | None
    steady: Mapping[str, float] = field(default_factory=dict)
    series: Mapping[str, pd.Series] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> dict[str, str]:
        """What to say of levels given by outfall; nothing where none is."""
        said = [in_both("level_by_outfall", count=len(self.steady))] if self.steady else []
        if self.series:
            low, high = (float(pick([pick(levels) for levels in self.series.values()])) for pick in (np.min, np.max))
            said.append(in_both("level_changes", count=len(self.series), low=low, high=high))
        return {"tailwater_by_outfall": in_both("level_as_given", levels=joined(said))} if said else {}

    def rows(self, outfalls: Collection[str], *, metres_per_unit: float = 1.0) -> pd.DataFrame:
        """Write the series of some outfalls for [TIMESERIES]; the engine holds the last level to the end."""
        named = {self.names[outfall]: self.series[outfall] for outfall in outfalls if outfall in self.names}
        parts = [
            pd.DataFrame(
                {
                    "name": name,
                    "time": [clock(minute) for minute in levels.index],
                    "level": tokens(levels.to_numpy(dtype=np.float64) / metres_per_unit),
                }
            )
            for name, levels in named.items()
        ]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["name", "time", "level"])


def receiving_water(
    net: DrainageNetwork, tailwater_m: Tailwater | None, *, taken: Collection[str] = ()
) -> ReceivingWater:
    """Settle the level at each outfall.

    Parameters
    ----------
    net
        The network.
    tailwater_m
        As in `Setup`.
    taken
        Names of series, in capitals, that the model has already.

    Raises
    ------
    SimulationError
        A level is out of range, times do not increase, or a named node is not an outfall.
    """
    if not isinstance(tailwater_m, (pd.Series, Mapping)):
        return ReceivingWater(net, net, tailwater_m)
    named = _by_outfall(net, tailwater_m)
    changing = {node: level for node, level in named.items() if isinstance(level, pd.Series)}
    steady = {node: check_level(level) for node, level in named.items() if not isinstance(level, pd.Series)}
    # Outfalls that share a series share it in the model.
    settled = {id(level): _from_the_beginning(level) for level in changing.values()}
    numbered = (f"TAILWATER_{number}" for number in itertools.count(1))
    name_of = dict(zip(settled, (name for name in numbered if name not in taken), strict=False))
    series = {node: settled[id(level)] for node, level in changing.items()}
    return ReceivingWater(
        _with_levels(net, steady | {node: float(levels.iloc[0]) for node, levels in series.items()}),
        _with_levels(net, steady | {node: float(levels.max()) for node, levels in series.items()}),
        None,
        steady,
        series,
        {node: name_of[id(level)] for node, level in changing.items()},
    )


def _by_outfall(net: DrainageNetwork, tailwater_m: pd.Series | Mapping[str, Level]) -> dict[str, Level]:
    """Name the outfalls that a tailwater is for; one series is for those of which the source says nothing."""
    nodes = net.nodes
    outfall = (nodes["kind"] == "outfall").to_numpy()
    if isinstance(tailwater_m, pd.Series):
        return dict.fromkeys(nodes.index[outfall & nodes["water_level_m"].isna().to_numpy()], tailwater_m)
    written = pd.Index([str(name) for name in tailwater_m], dtype="str")
    row = find_ids(written, nodes.index[outfall])
    if wrong := sorted(written[row < 0]):
        network = net.source or in_both("the_network")
        raise SimulationError(in_both("tailwater_no_outfall", names=", ".join(wrong[:5]), network=network))
    return dict(zip(nodes.index[outfall][row], tailwater_m.values(), strict=True))


def _with_levels(net: DrainageNetwork, level_m: Mapping[str, float]) -> DrainageNetwork:
    nodes = net.nodes
    given = pd.Series(level_m, dtype=np.float64).reindex(nodes.index)
    return net.replace(nodes=nodes.assign(water_level_m=given.fillna(nodes["water_level_m"])))


def _from_the_beginning(levels: pd.Series) -> pd.Series:
    """Cut a series at the beginning of the storm, where a level between two times lies on the line between them."""
    minute = pd.to_numeric(pd.Series(levels.index), errors="coerce").to_numpy(dtype=np.float64)
    level = levels.to_numpy(dtype=np.float64)
    if not len(minute) or not np.isfinite(minute).all() or not (np.diff(minute) >= 1.0 / 60.0).all():
        raise SimulationError(in_both("tailwater_no_series"))
    for one in level:
        check_level(float(one))
    later = minute > 0.0
    return pd.Series(
        np.concatenate([[np.interp(0.0, minute, level)], level[later]]),
        index=pd.Index(np.concatenate([[0.0], minute[later]]), name="minute"),
    )
