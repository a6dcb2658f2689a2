"""Whether columns of a delivery are probably exchanged: each value can be, and all of them together cannot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from drainage.arrays import Bools
from drainage.change_sets import ChangeSet
from drainage.network import DrainageNetwork
from drainage.said import Said, joined
from drainage.words import in_both, in_heading

#: Fewer pipes tell nothing of a column; own choice.
_FEWEST: Final = 3
#: Share of pipes of which the level of one end is on another base than that of the other, or the length is elsewhere,
#: and of ends above ground, from which on the column is doubted; own choices.
_MANY: Final = 0.2
_MOST: Final = 0.5
#: A length is that of the line within this share; own choice: surveys measure between the centres of manholes.
_SAME_LENGTH: Final = 0.1
#: A pipe that falls or rises by more than this, m per m, and by more than so many metres, has two bases; own choices.
_STEEP: Final = 0.2
_STEP_M: Final = 3.0
_LEVELS: Final = ("invert_from_m", "invert_to_m")


def doubts_of(net: DrainageNetwork, changes: ChangeSet) -> list[Said]:
    """Return what speaks for exchanged columns in the pipes that works add or change.

    Parameters
    ----------
    net
        The network with the works.
    """
    told = [one for one in changes.changes if one.layer == "pipes" and one.action in {"add", "change"}]
    ids = [one.id for one in told if {"length_m", *_LEVELS} & set(one.columns)]
    pipes = net.pipes.loc[ids]
    if len(pipes) < _FEWEST or net.crs is None:
        return []
    drawn, length = pipes.geometry.length.to_numpy(), pipes["length_m"].to_numpy(np.float64)
    levels = {name: pipes[name].to_numpy(np.float64) for name in _LEVELS}
    return [*_lengths(drawn, length, levels), *_above_ground(net, pipes, levels), *_two_bases(drawn, levels)]


def _lengths(drawn: np.ndarray, length: np.ndarray, levels: dict[str, np.ndarray]) -> list[Said]:
    """Say which level is the length of the line, where what is called the length is not."""
    said = []
    for name, level in levels.items():
        known = np.isfinite(drawn) & np.isfinite(length) & np.isfinite(level)
        wrong = known & ~_near(length, drawn) & _near(level, drawn)
        if _share(wrong, known) > _MANY:
            counts = {"count": int(wrong.sum()), "of": int(known.sum())}
            said.append(in_both("exchanged_length", column=in_heading(name), length=in_heading("length_m"), **counts))
    return said


def _near(value: np.ndarray, drawn: np.ndarray) -> Bools:
    return np.asarray(np.abs(value - drawn) <= _SAME_LENGTH * drawn, np.bool_)


def _above_ground(net: DrainageNetwork, pipes: pd.DataFrame, levels: dict[str, np.ndarray]) -> list[Said]:
    ground = net.nodes["ground_m"]
    columns = zip(("from_node", "to_node"), levels.values(), strict=True)
    above = np.concatenate([level - ground.reindex(pipes[node]).to_numpy(np.float64) for node, level in columns])
    known = np.isfinite(above)
    if _share(above > 0, known) <= _MOST:
        return []
    return [in_both("exchanged_ground", count=int((above > 0).sum()), of=int(known.sum()))]


def _two_bases(drawn: np.ndarray, levels: dict[str, np.ndarray]) -> list[Said]:
    apart = np.abs(np.subtract(*levels.values()))
    known = np.isfinite(apart) & np.isfinite(drawn)
    wrong = known & (apart > np.maximum(_STEEP * drawn, _STEP_M))
    if _share(wrong, known) <= _MANY:
        return []
    first, last = (in_heading(name) for name in _LEVELS)
    return [in_both("exchanged_base", first=first, last=last, count=int(wrong.sum()), of=int(known.sum()))]


def _share(hit: np.ndarray, known: Bools) -> float:
    return float(hit[known].mean()) if int(known.sum()) >= _FEWEST else 0.0


def warning_of(doubts: Sequence[Said]) -> list[Said]:
    """Return the one sentence that stands before all others; none where nothing is doubted."""
    return [in_both("columns_exchanged", what=joined(doubts))] if doubts else []
