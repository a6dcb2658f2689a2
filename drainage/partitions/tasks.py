"""What one partition is asked: mixed flow, where its pipes run along roads, the storm; then the causes of its points.

A task reads its piece, writes its answer into a folder of its own, whole or not at all, and returns at once where that
answer lies there already. It may be run anywhere that sees the folder, and again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.mixed_flow.find import mixed_tables
from drainage.analyses.separation.along import Pieces
from drainage.analyses.separation.coverage import ANGLE_DEG, WITHIN_M, runs_of
from drainage.analyses.separation.named_roads import roads_by_name
from drainage.analyses.waterlogging.onset import pipe_table
from drainage.analyses.waterlogging.points import Groups
from drainage.analyses.waterlogging.points_in import RETURN_PERIODS_A, flooded_nodes, rank_points
from drainage.analyses.waterlogging.standard import times_of_nodes
from drainage.arrays import Ints, spread
from drainage.hydraulics.rainfall import Storm
from drainage.hydraulics.sewage import SewageRates
from drainage.partitions.exact_tables import read_exactly
from drainage.partitions.kept_folders import is_whole, keep_tables
from drainage.partitions.piece import ROW, Laid, Piece, read_piece
from drainage.positions import coordinates_at
from drainage.simulation.ensemble.digest import digest
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.screen import Given, model_given, screen_given
from drainage.simulation.screening.without import (
    CAUSES,
    MOST_RERUNS,
    avoided_overflow,
    flooded_parts,
    ground_around,
)
from drainage.simulation.setup import Setup

PIECES: Final = "pieces"
ANSWERS: Final = "answers"
#: Names of all roads, by which pieces number them.
ROADS: Final = "road_names.parquet"
#: Number of the group of a flooded node in its piece.
GROUP: Final = "group_in_piece"
TIMES: Final = ("standing_h", "drain_down_h", "begins_h", "ends_h")


@dataclass(frozen=True, eq=False)
class Asked:
    """What is asked of a piece: the storm (None: no rain), the assumptions, those about sewage, names of all roads.

    ``names`` is the digest of the file `ROADS`: pieces hold the numbers of roads only. ``flow`` says whether mixed flow
    is asked, where ``mixed`` says that it can be; ``local`` whether all else is, which hangs on places and storm parts.
    """

    storm: Storm | None
    setup: Setup
    mixed: bool
    rates: SewageRates
    names: str
    flow: bool = True
    local: bool = True


@dataclass(frozen=True, eq=False)
class Task:
    """A piece to be answered, in the folder of the work.

    Parameters
    ----------
    place
        The folder, by a path that every worker knows.
    laid
        The piece.
    asked
        What is asked.
    """

    place: Path
    laid: Laid
    asked: Asked

    @property
    def folder(self) -> Path:
        """Where its answer lies."""
        asked = self.asked
        told = (asked.storm, asked.setup, asked.mixed, asked.rates, asked.names, asked.flow, asked.local)
        said = digest(self.laid.name, *told)
        return self.place / ANSWERS / f"{self.laid.name[:5]}-{said[:16]}"

    @property
    def n_pipes(self) -> int:
        """How many pipes are read for it."""
        return self.laid.n_pipes


@dataclass(frozen=True, eq=False)
class CauseTask:
    """The causes of the points of a piece, to be found once it and those around it are answered.

    Parameters
    ----------
    of
        The piece and its answer.
    around
        Answers of the pieces so near that their ground tells whether a point lies low.
    all_turns
        Look at all points, and not only as far as the piece's share of the reruns goes.
    """

    of: Task
    around: tuple[Path, ...]
    all_turns: bool = False

    @property
    def folder(self) -> Path:
        """Where its answer lies."""
        said = digest([path.name for path in (self.of.folder, *self.around)], self.all_turns)
        return self.of.place / ANSWERS / f"{self.of.laid.name[:5]}-causes-{said[:16]}"

    @property
    def n_pipes(self) -> int:
        """How many pipes are read for it."""
        return self.of.n_pipes


def work(task: Task | CauseTask) -> pd.DataFrame:
    """Do a task, on any worker; what is found lies in its folder.

    Raises
    ------
    FormatError
        A file of the piece, or of an answer that it needs, is missing, cut or changed.
    """
    if not is_whole(task.folder):
        keep_tables(_answer(task) if isinstance(task, Task) else _causes(task), task.folder)
    return pd.DataFrame()


def _answer(task: Task) -> dict[str, pd.DataFrame]:
    asked, piece = task.asked, read_piece(task.place / PIECES / task.laid.name)
    tables: dict[str, pd.DataFrame] = {}
    if asked.flow and asked.mixed:
        mixed, judged = mixed_tables(piece.net, asked.rates)
        at = piece.net.nodes.index.get_indexer(pd.Index(mixed["points"]["node_id"]))
        mixed["points"][ROW] = piece.node_row[at]
        mixed["outfalls"][ROW] = piece.node_row[piece.net.nodes.index.get_indexer(mixed["outfalls"].index)]
        mixed["pipes"][ROW] = piece.pipe_row
        tables |= {f"mixed_flow.{name}": table for name, table in mixed.items()}
        tables["judged"] = pd.DataFrame([judged])
    if piece.road_pieces is not None:
        names = pd.Index(read_exactly(task.place / ROADS)["road"], name="road")
        tables |= _along_roads(piece, piece.road_pieces, names)
    if asked.storm is not None and piece.given is not None:
        tables |= _in_storm(piece, piece.given, asked.storm, asked.setup)
    return tables


def _along_roads(piece: Piece, pieces: Pieces, names: pd.Index) -> dict[str, pd.DataFrame]:
    """Return where pipes run along roads, with what a road must know of them, and pipes of another road."""
    net, own = piece.net, piece.pipe_row >= 0
    runs = runs_of(net, pieces, WITHIN_M, ANGLE_DEG)
    runs = runs.only(own[runs.pipe])
    otherwise = roads_by_name(net, names, runs)
    otherwise[ROW] = piece.pipe_row[net.pipes.index.get_indexer(otherwise.index)]
    along = pd.DataFrame(
        {
            ROW: piece.pipe_row[runs.pipe],
            **runs.along._asdict(),
            "left_m": runs.left_m,
            "system": net.pipes["system"].to_numpy(dtype=object)[runs.pipe],
        }
    )
    return {"runs": along, "separation.names": otherwise}


def _in_storm(piece: Piece, given: Given, storm: Storm, setup: Setup) -> dict[str, pd.DataFrame]:
    """Return flows and levels, and the nodes that flood with how long and in which groups; of its own rows only."""
    net, own_pipes, own_nodes = piece.net, piece.pipe_row >= 0, piece.node_row >= 0
    state = replace(screen_given(net, storm, setup, given), runs=())  # which nothing asks again here
    groups, flooded = flooded_nodes(state, state)
    times = times_of_nodes(state).iloc[groups.row]
    nodes = gpd.GeoDataFrame(state.nodes, geometry=net.nodes.geometry.array, crs=net.crs)
    model = flooded_parts(state)
    place = coordinates_at(net.nodes.geometry, model.node_row.astype(np.intp))
    told = {ROW: piece.node_row[groups.row], GROUP: groups.group, **{name: times[name].to_numpy() for name in TIMES}}
    whole = flooded.assign(**told)
    count, point = _points_of(whole, net.nodes.index)
    around = ground_around(place, model.nodes.ground_m, point[model.node_row])
    counts = {"points": count, "model_nodes": len(state.arrays.node_row), "model_pipes": len(state.arrays.pipe_row)}
    return {
        "waterlogging.pipes": pipe_table(state, state, RETURN_PERIODS_A).assign(**{ROW: piece.pipe_row})[own_pipes],
        "waterlogging.nodes": nodes.assign(**{ROW: piece.node_row})[own_nodes],
        "flooded": whole,
        "around": pd.DataFrame(around, columns=["x", "y", "ground_m"]),
        "counts": pd.DataFrame([counts]),
    }


def _points_of(flooded: gpd.GeoDataFrame, node_ids: pd.Index) -> tuple[int, Ints]:
    """Return how many points there are among the flooded nodes of a piece, and that of each of its nodes, -1 for none.

    Within a piece they rank as they do in the whole.
    """
    row = node_ids.get_indexer(flooded.index)
    number = flooded[GROUP].to_numpy()
    groups = Groups(row, number, int(number.max(initial=-1)) + 1)
    points, groups = rank_points(flooded.copy(), groups, flooded[list(TIMES)])
    return len(points), spread(len(node_ids), row, groups.group, -1)


def _causes(task: CauseTask) -> dict[str, pd.DataFrame]:
    of = task.of
    piece, storm, setup = read_piece(of.place / PIECES / of.laid.name), of.asked.storm, of.asked.setup
    if storm is None or piece.given is None:
        return {}
    flooded = read_exactly(of.folder / "flooded.parquet")
    count, point = _points_of(gpd.GeoDataFrame(flooded), piece.net.nodes.index)
    model = model_given(piece.net, storm, setup, piece.given)
    state = Screening(
        network=piece.net, storm=storm, setup=setup, method="screening", pipes=pd.DataFrame(),
        nodes=_flooding(of, piece), ground=piece.given.ground, arrays=model, standing=pd.DataFrame(), runs=(),
    )  # fmt: skip
    most = np.inf if task.all_turns else MOST_RERUNS * len(model.node_row)
    beyond = [read_exactly(folder / "around.parquet").to_numpy() for folder in task.around]
    found = avoided_overflow(state, point, count, most_swept=most, beyond=np.concatenate([np.zeros((0, 3)), *beyond]))
    told = pd.DataFrame(found.volume_m3, columns=list(CAUSES)).assign(looked_at=found.looked_at, turn=found.turn)
    return {"avoided": told, "swept": pd.DataFrame({"nodes": found.swept})}


def _flooding(task: Task, piece: Piece) -> pd.DataFrame:
    """Return what overflows at each node of a piece, and how high water stands; nothing where it is another piece's."""
    blanks = {"overflow_m3": 0.0, "overflows": False, "level_m": np.nan}
    told = read_exactly(task.folder / "waterlogging.nodes.parquet", [*blanks])
    own, count = np.flatnonzero(piece.node_row >= 0), len(piece.node_row)
    columns = {name: spread(count, own, told[name].to_numpy(), blank) for name, blank in blanks.items()}
    return pd.DataFrame(columns, index=piece.net.nodes.index)
