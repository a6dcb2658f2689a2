"""Which changed pipes are one piece of work: those that touch each other on one road, old and new together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.analyses.changes.cell_pairs import SEPARATOR
from drainage.analyses.outcome.both_sides import SIDES, BothSides, Side
from drainage.arrays import Ints32, Rows, texts_at
from drainage.graph import connect

#: Kinds of change that are works. Of the others a new number or another course on the plan changes the record only,
#: and an edit changes the water only where it is one of `_BEARS`.
KINDS: Final = ("added", "removed", "abandoned", "separated", "relaid", "enlarged", "reduced", "turned", "edited")
#: Columns of pipes and nodes on which flow depends.
_BEARS: Final = frozenset({
    "from_node", "to_node", "system", "length_m", "diameter_mm", "width_mm", "height_mm", "shape", "barrels",
    "invert_from_m", "invert_to_m", "depth_from_m", "depth_to_m", "manning_n", "material", "silt_share", "link_type",
    "kind", "node_type", "invert_m", "ground_m", "water_level_m", "tank_m3", "pump_m3s", "area_ha", "flap_gate",
})  # fmt: skip


@dataclass(frozen=True, eq=False)
class WorksDone:
    """Pieces of work.

    Parameters
    ----------
    table
        One row for each, the longest first, index ``works_id``.
    pipe
        Side → (n_pipes,) number of the piece that a pipe of that side belongs to, -1 where it has not changed.
    nodes
        Number of the piece and number of a node that it touches, (n,) each.
    """

    table: gpd.GeoDataFrame
    pipe: dict[Side, Rows]
    nodes: tuple[Rows, Rows]

    def at_nodes(self, nodes: Rows) -> list[str]:
        """(n,) the pieces that touch each of some nodes, separated by commas; empty where none does."""
        here = np.isin(self.nodes[1], nodes)
        return texts_at(self.table.index[self.nodes[0][here]], self.nodes[1][here], nodes)


def group_works(both: BothSides, changes: gpd.GeoDataFrame) -> WorksDone:
    """Put changed pipes and nodes together to pieces of work.

    Parameters
    ----------
    both
        The networks.
    changes
        Table ``changes`` of `find_changes`.

    Returns
    -------
    Of each piece the table tells ``road``, ``kinds`` of change and how many pipes of each, ``length_m`` laid (or given
    up, where nothing was laid), ``laid_from`` and ``laid_to``.
    """
    told = changes[_is_work(changes)]
    pipes, nodes = told[told["feature_kind"] == "pipe"], told[told["feature_kind"] == "node"]
    row = {side: _rows(both, side, "pipes", pipes) for side in SIDES}
    at = _rows(both, "after", "nodes", nodes)
    n_before, n_after = len(both.before.pipes), len(both.after.pipes)
    count = n_before + n_after
    number: dict[Side, Rows] = {
        "before": row["before"],
        "after": np.where(row["after"] >= 0, row["after"] + n_before, -1),
    }
    own_nodes = np.unique(at[at >= 0])
    own_nodes = own_nodes[~np.isin(own_nodes, _touched(both, row))]
    label = _labels(both, number, count)
    marks = np.unique(np.concatenate([one[one >= 0] for one in number.values()]))
    found, code = np.unique(label[marks], return_inverse=True)
    piece = np.full(count, -1)
    piece[marks] = code
    return _tell(both, told, piece, len(found), own_nodes)


def _is_work(changes: gpd.GeoDataFrame) -> np.ndarray:
    kind = changes["change"]
    edited = (kind == "edited").to_numpy()
    attributes = changes["attribute"].to_numpy(dtype=object)
    bears = np.array([bool(_BEARS.intersection(str(one).split(SEPARATOR))) for one in attributes], np.bool_)
    of_pipe = (changes["feature_kind"] == "pipe") & kind.isin(KINDS)
    return np.where(edited, bears, of_pipe)


def _rows(both: BothSides, side: Side, layer: str, told: pd.DataFrame) -> Rows:
    """(n_told,) row of what a change is told of, -1 where that side does not have it."""
    ids = told[f"id_{side}"]
    if side == "after":  # of what is gone the later source only keeps the record
        ids = ids.mask(told["change"].isin(["abandoned", "removed"]))
    return np.asarray(getattr(both.network(side), layer).index.get_indexer(pd.Index(ids, dtype=object)), np.intp)


def _touched(both: BothSides, row: dict[Side, Rows]) -> Rows:
    rows = {side: one[one >= 0] for side, one in row.items()}
    return np.unique(np.concatenate([end[rows[side]] for side in SIDES for end in both.ends[side]]))


def _labels(both: BothSides, number: dict[Side, Rows], count: int) -> Ints32:
    """(count,) label of each pipe, those before first: alike where they touch on one road, or took over."""
    roads = pd.factorize(np.concatenate([_road(both, side) for side in SIDES]), use_na_sentinel=True)[0]
    changed = np.unique(np.concatenate([one[one >= 0] for one in number.values()]))
    tails, heads = (np.concatenate([getattr(both.ends[side], end) for side in SIDES]) for end in ("tail", "head"))
    keys = np.concatenate([np.column_stack([end[changed], roads[changed]]) for end in (tails, heads)])
    _, key = np.unique(keys, axis=0, return_inverse=True)
    took_over = (number["before"] >= 0) & (number["after"] >= 0)
    one = np.concatenate([np.tile(changed, 2), number["before"][took_over]])
    other = np.concatenate([count + key.ravel(), number["after"][took_over]])
    return connect((one, other), count + int(key.max(initial=-1)) + 1)[:count]


def _road(both: BothSides, side: Side) -> np.ndarray:
    pipes = both.network(side).pipes
    return pipes["road"].to_numpy(dtype=object) if "road" in pipes else np.full(len(pipes), None, dtype=object)


def _tell(both: BothSides, told: pd.DataFrame, piece: Rows, count: int, own_nodes: Rows) -> WorksDone:
    """Tell what each piece is, a node that was changed alone last; the longest first."""
    n_before = len(both.before.pipes)
    of: dict[Side, Rows] = {"before": piece[:n_before], "after": piece[n_before:]}
    km = _lengths(both, of, count)
    order = np.argsort(-km, kind="stable")
    rank = np.empty(count, np.intp)
    rank[order] = np.arange(count)
    of = {side: np.append(rank, [-1])[one] for side, one in of.items()}
    total = count + len(own_nodes)
    parts = []
    for side in SIDES:
        rows = np.flatnonzero(of[side] >= 0)
        parts += [np.column_stack([of[side][rows], end[rows]]) for end in both.ends[side]]
    parts.append(np.column_stack([count + np.arange(len(own_nodes)), own_nodes]))
    nodes = np.unique(np.concatenate(parts), axis=0)
    table = pd.DataFrame(index=pd.Index([f"W{k + 1}" for k in range(total)], name="works_id", dtype="str"))
    table["road"] = _main_road(both, of, total, own_nodes)
    kinds = _kinds(both, told, of, own_nodes, count)
    table["kinds"] = [", ".join(name for name in KINDS if name in one) for one in kinds]
    for name in KINDS:
        table[f"pipes_{name}"] = [one.get(name, 0) for one in kinds]
    table["length_m"] = np.concatenate([km[order], np.zeros(len(own_nodes))]).round(1)
    table["laid_from"], table["laid_to"] = _days(both, of, total)
    shapes = _shapes(both, of, count)
    places = np.asarray(both.after.nodes.geometry.array)[own_nodes]
    geometry = np.concatenate([shapes, places]) if total else np.zeros(0, dtype=object)
    frame = gpd.GeoDataFrame(table, geometry=geometry, crs=both.after.crs)
    return WorksDone(frame, of, (nodes[:, 0].astype(np.intp), nodes[:, 1].astype(np.intp)))


def _lengths(both: BothSides, of: dict[Side, Rows], count: int) -> np.ndarray:
    """(count,) length that was laid, of pieces of which nothing was, that was given up, m."""
    found = {}
    for side in SIDES:
        here = of[side] >= 0
        length = np.nan_to_num(both.network(side).pipes["length_m"].to_numpy(dtype=np.float64))
        found[side] = np.bincount(of[side][here], length[here], count)
    return np.where(found["after"] > 0.0, found["after"], found["before"])


def _kinds(
    both: BothSides, told: pd.DataFrame, of: dict[Side, Rows], own_nodes: Rows, count: int
) -> list[dict[str, int]]:
    """Count the changed pipes of each piece by kind of change; of a node that was changed alone the node."""
    pipes = told[told["feature_kind"] == "pipe"]
    piece = np.full(len(pipes), -1)
    for side in SIDES:
        row = _rows(both, side, "pipes", pipes)
        piece = np.where(row >= 0, of[side][row], piece)
    counted = pd.DataFrame({"piece": piece, "change": pipes["change"].to_numpy()}).value_counts().reset_index()
    kinds: list[dict[str, int]] = [{} for _ in range(count)]
    for number, change, n in counted[counted["piece"] >= 0].itertuples(index=False):
        kinds[number][change] = n
    return [*kinds, *({"edited": 1} for _ in own_nodes)]


def _main_road(both: BothSides, of: dict[Side, Rows], total: int, own_nodes: Rows) -> np.ndarray:
    """(total,) the road that most of the pipes of a piece name; None where none does."""
    rows = [pd.DataFrame({"piece": of[side], "road": _road(both, side)}) for side in SIDES]
    named = pd.concat(rows)
    named = named[(named["piece"] >= 0) & named["road"].notna()]
    road = np.full(total, None, dtype=object)
    if len(named):
        most = named.groupby("piece")["road"].agg(lambda names: names.value_counts().index[0])
        road[most.index.to_numpy()] = most.to_numpy(dtype=object)
    if "road" in both.after.nodes and len(own_nodes):
        names = both.after.nodes["road"].to_numpy(dtype=object)[own_nodes]
        names[pd.isna(names)] = None
        road[total - len(own_nodes) :] = names
    return road


def _days(both: BothSides, of: dict[Side, Rows], total: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last day on which pipes of each piece were laid, as text, None if unrecorded.

    A pipe that bears the same day on both sides was not laid again, or nobody recorded when.
    """
    day = {side: pd.to_datetime(both.network(side).pipes["commissioned"]).to_numpy() for side in SIDES}
    old, new = both.pairs.same
    laid = (of["after"] >= 0) & ~np.isnat(day["after"])
    laid[new] &= ~(day["after"][new] == day["before"][old])
    ends = pd.Series(day["after"][laid]).groupby(of["after"][laid]).agg(["min", "max"])
    found = []
    for name in ("min", "max"):
        text = np.full(total, None, dtype=object)
        if len(ends):
            text[ends.index.to_numpy()] = ends[name].dt.strftime("%Y-%m-%d").to_numpy(dtype=object)
        found.append(text)
    return found[0], found[1]


def _shapes(both: BothSides, of: dict[Side, Rows], count: int) -> np.ndarray:
    """(count,) the lines of each piece, after the works, else before."""
    shapes = np.full(count, None, dtype=object)
    for side in SIDES:
        rows = np.flatnonzero(of[side] >= 0)
        lines = np.asarray(both.network(side).pipes.geometry.array)[rows]
        order = np.argsort(of[side][rows], kind="stable")
        pieces = of[side][rows][order]
        for number, part in zip(*_split(pieces, lines[order]), strict=True):
            shapes[number] = shapely.multilinestrings(shapely.get_parts(part))
    return shapes


def _split(pieces: Rows, lines: np.ndarray) -> tuple[Rows, list[np.ndarray]]:
    numbers, first = np.unique(pieces, return_index=True)
    return numbers, np.split(lines, first[1:]) if len(numbers) else []
