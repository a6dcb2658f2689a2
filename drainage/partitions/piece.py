"""One partition of a network on disk: its pipes and nodes, and what is given of them that hangs on the whole network.

A folder is named by its number and the digest of its files, so that it is never another than it is called.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.separation.along import Pieces
from drainage.arrays import Ints, Rows
from drainage.errors import FormatError
from drainage.network import DrainageNetwork
from drainage.partitions.exact_tables import read_exactly, write_exactly
from drainage.partitions.kept_folders import keep, made_beside
from drainage.partitions.memory import give_back
from drainage.simulation.ground.catchments import Ground
from drainage.simulation.screening.screen import Given
from drainage.words import in_both

#: Columns that are added to the pipes and nodes of a piece: their row in the whole, and the ends of pipes in the piece.
ROW: Final = "row_of_whole"
_TAIL, _HEAD = "tail_row", "head_row"
_CONSTANT, _TAILWATER, _TAKES = "given_constant_m3s", "given_tailwater_m", "given_takes"
_DIGITS: Final = 16


class Piece(NamedTuple):
    """A partition as a network of its own, with its rows in the whole; -1 for what only touches it.

    That is the other end of a pipe, and a pipe whose begin is another piece's, which answers for it.
    ``given`` is what a screening is given of it, None where no storm is screened; ``road_pieces`` are the straight
    pieces of road within reach, None where no separation is measured.
    """

    net: DrainageNetwork
    pipe_row: Ints
    node_row: Ints
    given: Given | None
    road_pieces: Pieces | None


class Cutting(NamedTuple):
    """What a piece is written of: tables of the whole network, perhaps with some columns, and the rows that it has.

    ``tail`` and ``head`` are rows of the piece; all else is as in `Piece`.
    """

    pipes: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame
    pipe_at: Rows
    node_at: Rows
    tail: Rows
    head: Rows
    pipe_row: Ints
    node_row: Ints
    roads: gpd.GeoDataFrame | None
    given: Given | None
    road_pieces: Pieces | None


@dataclass(frozen=True, slots=True)
class Laid:
    """A piece on disk: name of its folder, box of its nodes (west, south, east, north), m, and how many pipes."""

    name: str
    box: tuple[float, float, float, float]
    n_pipes: int


def lay(cut: Cutting, number: int, place: Path) -> Laid:
    """Write a piece into a folder of its own, unless it lies there already, whole."""
    of_pipes = {ROW: cut.pipe_row, _TAIL: cut.tail.astype(np.int32), _HEAD: cut.head.astype(np.int32)}
    of_nodes: dict[str, np.ndarray] = {ROW: cut.node_row}
    with made_beside(place) as folder:
        if (given := cut.given) is not None:
            ground = {"row": given.ground.row, "piece_ha": given.ground.piece_ha, "psi": given.ground.psi}
            write_exactly(pd.DataFrame(ground), folder / "ground.parquet")
            of_nodes |= {_CONSTANT: given.constant_m3s, _TAILWATER: given.tailwater_m, _TAKES: given.ground.takes}
        if cut.road_pieces is not None:
            write_exactly(pd.DataFrame(cut.road_pieces._asdict()), folder / "road_pieces.parquet")
        if cut.roads is not None:
            write_exactly(cut.roads, folder / "roads.parquet")
        write_exactly(cut.pipes, folder / "pipes.parquet", cut.pipe_at)
        write_exactly(cut.nodes, folder / "nodes.parquet", cut.node_at)
        write_exactly(pd.DataFrame(of_pipes), folder / "of_pipes.parquet")
        write_exactly(pd.DataFrame(of_nodes), folder / "of_nodes.parquet")
        name = f"{number:05}-{digest_of(folder)}"
        keep(folder, place / name, whole=lambda path: digest_of(path) == name[-_DIGITS:])
    west, south, east, north = (float(edge) for edge in cut.nodes.geometry.values[cut.node_at].total_bounds)  # noqa: PD011 - likewise
    return Laid(name, (west, south, east, north), len(cut.pipe_at))


def read_piece(folder: Path) -> Piece:
    """Read a piece.

    Raises
    ------
    FormatError
        One of its files is missing, cut or changed.
    """
    if digest_of(folder) != folder.name[-_DIGITS:]:
        raise FormatError(in_both("piece_changed", folder=folder))
    pipes, nodes = (gpd.GeoDataFrame(read_exactly(folder / f"{name}.parquet")) for name in ("pipes", "nodes"))
    of_pipes, of_nodes = (read_exactly(folder / f"of_{name}.parquet") for name in ("pipes", "nodes"))
    pipe_row, tail, head = (of_pipes[name].to_numpy() for name in (ROW, _TAIL, _HEAD))
    node_row, given, road_pieces = of_nodes[ROW].to_numpy(), None, None
    if (file := folder / "ground.parquet").is_file():
        constant, tailwater, takes = (of_nodes[name].to_numpy() for name in (_CONSTANT, _TAILWATER, _TAKES))
        row, piece_ha, psi = (column.to_numpy() for _, column in read_exactly(file).items())
        given = Given(Ground(row, piece_ha, psi, "", takes), None, constant, tailwater, {})
    if (file := folder / "road_pieces.parquet").is_file():
        road_pieces = Pieces(*(column.to_numpy() for _, column in read_exactly(file).items()))
    roads = folder / "roads.parquet"
    layers = {"roads": gpd.GeoDataFrame(read_exactly(roads))} if roads.is_file() else {}
    net = DrainageNetwork(pipes, nodes, ends=(tail, head), layers=layers)
    give_back()
    return Piece(net, pipe_row, node_row, given, road_pieces)


def digest_of(folder: Path) -> str:
    """Return the digest of the names and bytes of all files of a folder; of none where it is missing.

    What cannot be read has a digest of its own, which no piece has.
    """
    found = hashlib.sha256()
    for file in sorted(folder.glob("*")):
        try:
            with file.open("rb") as stream:
                found.update(file.name.encode() + hashlib.file_digest(stream, "sha256").digest())
        except OSError:
            return "cannot be read"
    return found.hexdigest()[:_DIGITS]
