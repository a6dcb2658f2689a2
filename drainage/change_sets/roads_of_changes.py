"""On which road each edit lies: as it says, else by the pipes that it joins; and whether that is one of somebody's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import pandas as pd
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from drainage.change_sets.absent_ids import AbsentIds
from drainage.change_sets.change_set import Change, ChangeSet
from drainage.change_sets.where_roads_lie import WITHIN_M, RoadPlaces
from drainage.network import DrainageNetwork
from drainage.said import Said, joined
from drainage.schema.ids import fold_name, fold_names
from drainage.words import in_both

_SHOWN: Final = 6
_ELSEWHERE: Final = {"pipes": "road_elsewhere", "nodes": "node_elsewhere"}
#: A pipe this near to the middle of another lies beside it in one street, m: half the width of a wide one; own choice.
_BESIDE_M: Final = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class OnRoads:
    """A change set whose new pipes lie on roads.

    Parameters
    ----------
    changes
        New pipes without a road have that of the pipes which they join; names are spelt as the network does.
    roads
        Road of each edit, None where it has none.
    decided, problems
        What was decided, and which edits lie on roads of others.
    """

    changes: ChangeSet
    roads: list[str | None]
    decided: list[Said] = field(default_factory=list)
    problems: list[Said] = field(default_factory=list)


def place_on_roads(net: DrainageNetwork, changes: ChangeSet, own: Sequence[str] = ()) -> OnRoads:
    """Tell the road of each edit.

    A pipe lies on the road that it names. A new one that names none lies on that of the pipes which it joins: where
    these have several, on one of ``own``, else on the most frequent; so do chains of such pipes. Where none of them is
    of ``own``, the pipe that lies beside its middle counts before them. A node lies on the road of its pipes, one of
    ``own`` first, else on the road that it names.

    Parameters
    ----------
    own
        Roads of the one whose edits these are: all others are problems. Empty: all roads are.
    """
    wanted = set(fold_names(pd.Index(list(own), dtype="str")))
    spelt = _spellings(net)
    known = _Known(net, wanted)
    edits = [_spelled(one, spelt) for one in changes.changes]
    roads: list[str | None] = [known.road_of(one) for one in edits]
    claimed = [_road(one.columns.get("road")) for one in edits]
    placed = _place_new(edits, roads, known)
    edits = [
        replace(one, columns={**one.columns, "road": roads[k]}) if k in placed else one for k, one in enumerate(edits)
    ]
    _place_nodes(edits, roads, known)
    found = OnRoads(replace(changes, changes=edits), roads)
    if placed:
        names = joined(dict.fromkeys(str(roads[k]) for k in placed), ", ")
        found.decided.append(in_both("road_by_joined", count=len(placed), roads=names))
    if wanted:
        absent = AbsentIds(net, own)
        found.problems.extend(_of_others(edits, roads, claimed, known, changes.name, own, absent))
        found.problems.extend(_elsewhere(edits, roads, known, RoadPlaces(net, edits), changes.name))
    return found


class _Known:
    """Roads of the pipes of a network, and of those at each node."""

    def __init__(self, net: DrainageNetwork, wanted: set[str]) -> None:
        self.wanted = wanted
        pipes = net.pipes
        road = pipes["road"].astype(object).where(pipes["road"].notna(), None)
        self.of_pipe = dict(zip(pipes.index, road, strict=True))
        self.at_node: dict[str, Counter[str]] = {}
        for column in ("from_node", "to_node"):
            for node, name in zip(pipes[column], road, strict=True):
                if name is not None and str(name).strip():
                    self.at_node.setdefault(str(node), Counter())[str(name)] += 1
        named = pipes["road"].notna().to_numpy()
        self._tree = shapely.STRtree(pipes.geometry.to_numpy()[named])
        self._beside = pipes["road"].to_numpy(dtype=object)[named]
        self._nodes = net.nodes.index
        self.of_node = dict(net.nodes["road"]) if "road" in net.nodes else {}
        self.ends = dict(zip(pipes.index, zip(pipes["from_node"], pipes["to_node"], strict=True), strict=True))

    def has(self, one: Change) -> bool:
        """Return whether the network has the pipe or node of an edit."""
        return one.id in (self.of_pipe if one.layer == "pipes" else self._nodes)

    def is_own(self, road: str | None) -> bool:
        """Return whether a road is one of those wanted."""
        return road is not None and fold_name(road) in self.wanted

    def road_of(self, one: Change) -> str | None:
        """Return the road of a pipe: its own, else that of the pipes at its ends."""
        if one.layer != "pipes":
            return None
        told = _road(self.of_pipe.get(one.id)) if one.action != "add" else _road(one.columns.get("road"))
        if told is None and one.action != "add":
            return self.at(self.ends.get(one.id, ()))
        return told

    def at(self, nodes: Sequence[object], *, own: bool = False) -> str | None:
        """Return the road of the pipes at some nodes: one of those wanted, else, unless ``own``, the most frequent."""
        votes = sum((self.at_node.get(str(node), Counter()) for node in nodes if node is not None), Counter[str]())
        ranked = sorted(votes, key=lambda name: (not self.is_own(name), -votes[name], name))
        return ranked[0] if ranked and (not own or self.is_own(ranked[0])) else None

    def beside(self, line: BaseGeometry | None) -> str | None:
        """Return the road of the pipe that lies beside the middle of a line; None where none does."""
        if not isinstance(line, LineString):
            return None
        middle = shapely.line_interpolate_point(line, 0.5, normalized=True)
        near = self._tree.query_nearest(middle, max_distance=_BESIDE_M, all_matches=False)
        return self._beside[near[0]] if len(near) else None


def _road(said: object) -> str | None:
    return None if said is None or pd.isna(said) or not str(said).strip() else str(said).strip()  # type: ignore[call-overload]


def _spellings(net: DrainageNetwork) -> Mapping[str, str]:
    names = pd.Index(pd.unique(net.pipes["road"].dropna()), dtype="str")
    return dict(zip(fold_names(names), names, strict=True))


def _spelled(one: Change, spelt: Mapping[str, str]) -> Change:
    """Spell a road as the network does."""
    road = _road(one.columns.get("road"))
    if road is None:
        return one
    known = spelt.get(fold_name(road), road)
    return one if known == one.columns["road"] else replace(one, columns={**one.columns, "road": known})


def _place_new(edits: Sequence[Change], roads: list[str | None], known: _Known) -> set[int]:
    """Give new pipes without a road that of other pipes (in place); return which.

    First that of the pipes which they join, chain by chain, as far as it is one of those wanted; then that of the pipe
    beside them; then that of any pipes which they join.
    """
    new = [k for k, one in enumerate(edits) if one.layer == "pipes" and one.action == "add"]
    for k in [k for k in new if roads[k] is not None]:
        _count(edits[k], str(roads[k]), known)
    open_ = [k for k in new if roads[k] is None]
    blank = list(open_)
    if known.wanted:
        _spread(edits, roads, open_, known, lambda one: known.at(_ends(one), own=True))
        _spread(edits, roads, open_, known, lambda one: known.beside(one.geometry))
    _spread(edits, roads, open_, known, lambda one: known.at(_ends(one)))
    return {k for k in blank if roads[k] is not None}


def _spread(
    edits: Sequence[Change], roads: list[str | None], open_: list[int], known: _Known,
    road_of: Callable[[Change], str | None],
) -> None:  # fmt: skip
    """Give pipes roads until no more can be told (in place)."""
    while open_:
        found = {k: road for k in open_ if (road := road_of(edits[k])) is not None}
        if not found:
            return
        for k, road in found.items():
            roads[k] = road
            _count(edits[k], road, known)
        open_[:] = [k for k in open_ if k not in found]


def _ends(one: Change) -> list[object]:
    return [one.columns.get(column) for column in ("from_node", "to_node")]


def _count(one: Change, road: str, known: _Known) -> None:
    for node in _ends(one):
        if node is not None:
            known.at_node.setdefault(str(node), Counter())[road] += 1


def _place_nodes(edits: Sequence[Change], roads: list[str | None], known: _Known) -> None:
    """Tell the road of nodes (in place)."""
    for k, one in enumerate(edits):
        if one.layer == "nodes":
            named = _road(known.of_node.get(one.id)) if one.action != "add" else _road(one.columns.get("road"))
            by_pipes = known.at([one.id])
            roads[k] = by_pipes if by_pipes is not None and (named is None or known.is_own(by_pipes)) else named


def _of_others(
    edits: Sequence[Change], roads: Sequence[str | None], claimed: Sequence[str | None], known: _Known, name: str,
    own: Sequence[str], absent: AbsentIds,
) -> Iterator[Said]:  # fmt: skip
    """Yield which edits lie on roads of others, or move a pipe to one.

    A road is named where the file itself claims it, and not where the network alone tells it.
    """
    mine = joined(list(own)[:_SHOWN], ", ")
    for one, road, said in zip(edits, roads, claimed, strict=True):
        place = one.place(name)
        if one.layer not in {"pipes", "nodes"}:
            yield in_both("at_place", place=place, what=in_both("layer_not_yours", layer=one.layer))
        elif one.action != "add" and not known.has(one):
            yield in_both("at_place", place=place, what=absent.say(one.layer, one.id))
        elif road is None:
            key = "new_without_road" if one.action == "add" else "there_without_road"
            yield in_both("at_place", place=place, what=in_both(key, own=mine))
        elif not known.is_own(road):
            told = one.action == "add" and road == said
            what = in_both("road_not_yours", road=road, own=mine) if told else in_both("road_hidden", own=mine)
            yield in_both("at_place", place=place, what=what)
        elif (to := _road(one.columns.get("road"))) is not None and not known.is_own(to):
            yield in_both("at_place", place=place, what=in_both("road_not_yours", road=to, own=mine))


def _elsewhere(
    edits: Sequence[Change], roads: Sequence[str | None], known: _Known, places: RoadPlaces, name: str
) -> Iterator[Said]:
    """Yield which pipes and nodes count as of an own road and lie away from it."""
    for one, road in zip(edits, roads, strict=True):
        said = _ELSEWHERE.get(one.layer)
        if said is not None and road is not None and known.is_own(road) and places.is_elsewhere(one, road):
            yield in_both("at_place", place=one.place(name), what=in_both(said, road=road, within_m=WITHIN_M))
