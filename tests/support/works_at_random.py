"""Works made at random on a network: some of each kind, with the changes that a comparison should find."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.network import DrainageNetwork

#: id before, id after, kind of change.
Expected = tuple[str | None, str | None, str]
#: Columns of pipes that another value is written to.
_EDITED: Final = "note_of_owner"


class Worked(NamedTuple):
    """A network before and after works, and what was done."""

    before: DrainageNetwork
    after: DrainageNetwork
    done: set[Expected]


def work_at(net: DrainageNetwork, rng: np.random.Generator, *, each: int = 20) -> Worked:
    """Do so many works of each kind, as far as there are pipes for them, each at pipes of its own."""
    pipes = net.pipes
    pipes[_EDITED] = "A"
    pipes = pipes.astype(dict.fromkeys(("material", "road", "status"), object))
    before = net.replace(pipes=pipes)
    free = rng.permutation(np.flatnonzero(_lone(pipes)))
    done: set[Expected] = set()
    after = pipes.copy()
    for kind, fits, do in _WORKS:
        chosen = free[fits(pipes)[free]][:each]
        free = free[~np.isin(free, chosen)]
        for row in chosen:
            after, told = do(after, pipes.index[row], rng)
            done |= {(*pair, kind) for pair in told}
    return Worked(before, _network(net, after), done)


def renumbered(
    net: DrainageNetwork, rng: np.random.Generator, done: set[Expected]
) -> tuple[DrainageNetwork, set[Expected]]:
    """Number all pipes and nodes anew, by the same kind of numbers."""
    pipes, nodes = net.pipes, net.nodes
    name = dict(zip(pipes.index, rng.permutation([f"Q{k}" for k in range(len(pipes))]), strict=True))
    node = dict(zip(nodes.index, rng.permutation([f"M{k}" for k in range(len(nodes))]), strict=True))
    pipes = pipes.rename(index=name)
    pipes["from_node"], pipes["to_node"] = pipes["from_node"].map(node), pipes["to_node"].map(node)
    inactive = net.layers.get("inactive")
    other = net.replace(
        pipes=pipes.rename_axis("pipe_id"),
        nodes=nodes.rename(index=node).rename_axis("node_id"),
        layers={} if inactive is None else {"inactive": inactive.rename(index=name)},
    )
    return other, {(old, name.get(new, new), kind) for old, new, kind in done if kind != "renamed"}


def shuffled(net: DrainageNetwork, rng: np.random.Generator) -> DrainageNetwork:
    """Put the rows of all tables in another order."""
    pipes, nodes = net.pipes, net.nodes
    return net.replace(pipes=pipes.iloc[rng.permutation(len(pipes))], nodes=nodes.iloc[rng.permutation(len(nodes))])


def _lone(pipes: gpd.GeoDataFrame) -> np.ndarray:
    """(n_pipes,) long enough to be worked at, and not drawn twice."""
    lines = pipes.geometry.to_numpy()
    twice = pd.Series(shapely.to_wkb(shapely.normalize(lines))).duplicated(keep=False).to_numpy()
    return np.asarray((shapely.length(lines) > 5.0) & ~twice)


def _network(net: DrainageNetwork, pipes: gpd.GeoDataFrame) -> DrainageNetwork:
    gone = pipes["status"].eq("abandoned")
    layers = {"inactive": pipes[gone]} if gone.any() else {}
    return net.replace(pipes=pipes[~gone], layers=layers)


Ids = list[tuple[str | None, str | None]]
Done = tuple[gpd.GeoDataFrame, Ids]


def _set(pipes: gpd.GeoDataFrame, name: str, **values: object) -> Done:
    """Write cells of one pipe."""
    table: Any = pipes
    for column, value in values.items():
        if isinstance(value, shapely.Geometry):
            table.loc[[name], "geometry"] = gpd.GeoSeries([value], index=[name], crs=pipes.crs)
        else:
            table.loc[name, column] = value
    return pipes, [(name, name)]


def _cells(pipes: gpd.GeoDataFrame, name: str) -> Any:  # noqa: ANN401 - cells of any type
    return pipes.loc[name]


def _like(pipes: gpd.GeoDataFrame, name: str, new: str, line: shapely.Geometry, **cells: str) -> gpd.GeoDataFrame:
    """Give a pipe like another along another line."""
    pipe = pipes.loc[[name]].assign(**cells)
    pipe.index = pd.Index([new], name="pipe_id")
    return pipe.set_geometry(gpd.GeoSeries([line], pipe.index, crs=pipes.crs))


def _add(pipes: gpd.GeoDataFrame, name: str, _: np.random.Generator) -> Done:
    """Lay a pipe like another from its beginning in another direction."""
    old = _cells(pipes, name).geometry
    line = shapely.affinity.rotate(old, 60.0, origin=old.coords[0])
    return _joined(pipes, _like(pipes, name, f"new-{name}", line)), [(None, f"new-{name}")]


def _joined(*tables: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.concat(tables))


def _remove(pipes: gpd.GeoDataFrame, name: str, _: np.random.Generator) -> Done:
    return pipes.drop(index=name), [(name, None)]


def _abandon(pipes: gpd.GeoDataFrame, name: str, _: np.random.Generator) -> Done:
    return _set(pipes, name, status="abandoned")


def _relay(pipes: gpd.GeoDataFrame, name: str, rng: np.random.Generator) -> Done:
    by_m, pipe = float(rng.choice([-0.3, 0.05, 0.4])), _cells(pipes, name)
    return _set(pipes, name, invert_from_m=pipe["invert_from_m"] + by_m, invert_to_m=pipe["invert_to_m"] + by_m)


def _relay_new(pipes: gpd.GeoDataFrame, name: str, _: np.random.Generator) -> Done:
    return _set(pipes, name, material="HDPE-X", commissioned=pd.Timestamp("2026-05-01"))


def _enlarge(pipes: gpd.GeoDataFrame, name: str, rng: np.random.Generator) -> Done:
    return _set(pipes, name, diameter_mm=_cells(pipes, name)["diameter_mm"] + float(rng.choice([50, 100, 300])))


def _reduce(pipes: gpd.GeoDataFrame, name: str, _: np.random.Generator) -> Done:
    return _set(pipes, name, diameter_mm=_cells(pipes, name)["diameter_mm"] * 0.8)


def _turn(pipes: gpd.GeoDataFrame, name: str, _: np.random.Generator) -> Done:
    """Exchange the ends, and what is recorded of them."""
    pipe = _cells(pipes, name)
    ends = [(f"{part}_from_m", f"{part}_to_m") for part in ("invert", "depth", "ground")] + [("from_node", "to_node")]
    cells = {one: pipe[other] for pair in ends for one, other in (pair, pair[::-1])}
    return _set(pipes, name, **cells, geometry=pipe.geometry.reverse())


def _move(pipes: gpd.GeoDataFrame, name: str, rng: np.random.Generator) -> Done:
    far, way = float(rng.choice([0.6, 2.0, 8.0])), rng.uniform(0.0, 2.0 * np.pi)
    line = shapely.affinity.translate(_cells(pipes, name).geometry, far * np.cos(way), far * np.sin(way))
    return _set(pipes, name, geometry=line)


def _rename(pipes: gpd.GeoDataFrame, name: str, _: np.random.Generator) -> Done:
    return pipes.rename(index={name: f"re-{name}"}), [(name, f"re-{name}")]


def _edit(pipes: gpd.GeoDataFrame, name: str, rng: np.random.Generator) -> Done:
    return _set(pipes, name, **({_EDITED: "B"} if rng.random() < 0.5 else {"road": "Other Street"}))


def _separate(pipes: gpd.GeoDataFrame, name: str, rng: np.random.Generator) -> Done:
    """Lay a storm pipe and a sewer in place of a combined one, 0 to 3 m beside it."""
    pair = []
    for system, sign in (("storm", 1.0), ("sewage", -1.0)):
        line = shapely.offset_curve(_cells(pipes, name).geometry, sign * float(rng.choice([0.2, 1.0, 3.0])))
        pair.append(_like(pipes, name, f"{system}-{name}", line, system=system))
    ids: Ids = [(name, str(new.index[0])) for new in pair]
    return _joined(pipes.drop(index=name), *pair), ids


def _has(*columns: str) -> Callable[[gpd.GeoDataFrame], np.ndarray]:
    return lambda pipes: pipes[list(columns)].notna().all(axis=1).to_numpy()


#: Kind of change, which pipes it can be made at, and how it is made.
_WORKS: Final[tuple[tuple[str, Callable[[gpd.GeoDataFrame], np.ndarray], Callable[..., Done]], ...]] = (
    ("separated", lambda pipes: pipes["system"].eq("combined").to_numpy(), _separate),
    ("relaid", _has("invert_from_m", "invert_to_m"), _relay),
    ("relaid", _has("material", "commissioned"), _relay_new),
    ("enlarged", _has("diameter_mm"), _enlarge),
    ("reduced", _has("diameter_mm"), _reduce),
    ("turned", lambda pipes: pipes["from_node"].ne(pipes["to_node"]).to_numpy(), _turn),
    *((kind, _has("geometry"), do) for kind, do in (
        ("added", _add), ("removed", _remove), ("abandoned", _abandon), ("moved", _move), ("renamed", _rename),
        ("edited", _edit),
    )),
)  # fmt: skip
