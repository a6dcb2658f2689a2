"""Where the water that left the pipes comes to rest on the ground: overflow poured on a raster."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Ints
from drainage.formats.raster import Dem, check_crs
from drainage.hydraulics.depressions import OUTSIDE, Filled, fill_depressions, find_depressions
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import joined
from drainage.simulation.state import FlowState
from drainage.wants import wants


class Standing(NamedTuple):
    """Ponds on a raster, and which of them takes the water of each node: (n_nodes,) pond, 0 for none."""

    filled: Filled
    pond_of_node: Ints
    lost_m3: float
    beside_m3: float


@wants
def ponding_on_dem(state: FlowState, dem: Dem) -> Result:
    """Spread the overflow of a storm over the ground: which ponds it forms, how deep and how large.

    The water of a node flows down from its cell to a depression and fills it; when that is full, the rest flows over
    its lowest saddle into the next, and depressions that are full to a common saddle become one pond. The whole volume
    is assumed to stand at once: none returns to the pipes or soaks into the soil. Water that reaches the border of the
    raster leaves it.

    Parameters
    ----------
    state
        Flows and levels in a storm.
    dem
        Ground levels in the CRS of the network.

    Returns
    -------
    Result
        Tables ``ponds`` (index ``pond_id``, largest first: ``depth_m``, ``mean_depth_m``, ``level_m``, ``volume_m3``,
        ``area_m2`` and outline) and ``nodes`` (overflowing nodes, index ``node_id``: ``pond_id`` of the pond in which
        its depression lies, None where its water leaves the raster at once, ``depth_m`` at the node itself).

    Raises
    ------
    CrsError
        The raster is in another CRS.

    References
    ----------
    Barnes, Callaghan, Wickert 2021, doi:10.5194/esurf-9-105-2021.

    Examples
    --------
    >>> import drainage as dr
    >>> import numpy as np
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    >>> west, south, east, north = net.nodes.total_bounds
    >>> ground = np.full((20, 30), 20.5)
    >>> ground[10:12, 10:20] = 20.0
    >>> dem = dr.formats.Dem(ground, west - 100, north + 110, 10.0, 10.0, net.crs)
    >>> dr.analyses.ponding_on_dem(dr.screen(net, storm), dem).ponds[["depth_m", "volume_m3", "area_m2"]]
             depth_m  volume_m3  area_m2
    pond_id
    S1          0.06    120.896   2000.0
    """
    standing = stand_on_dem(state, dem)
    ponds, name_of = pond_table(standing.filled, dem)
    nodes = _node_table(state, standing, dem, name_of)
    volume = float(state.nodes["overflow_m3"].sum())
    summary = pd.Series(
        {
            "ponds": len(ponds),
            "overflow_m3": round(volume, 1),
            "standing_m3": round(float(ponds["volume_m3"].sum()), 1),
            "left_the_raster_m3": round(standing.lost_m3, 1),
            "beside_the_raster_m3": round(standing.beside_m3, 1),
            "area_m2": round(float(ponds["area_m2"].sum()), 1),
            "largest_depth_m": round(float(ponds["depth_m"].max()), 3) if len(ponds) else 0.0,
            "assumptions": {**state.assumptions, "ground": joined((dem.words, *dem.remarks))},
        },
        dtype=object,
        name="ponding",
    )
    shown = ("pond_id", "depth_m", "volume_m3", "area_m2", "level_m")
    layers = (*context_of(state.network), Layer("ponds", ponds, "depth_m", shown))
    return Result(
        "ponding", {"ponds": ponds, "nodes": nodes}, summary, layers, provenance=Provenance.of_state(state, beside=dem)
    )


def stand_on_dem(state: FlowState, dem: Dem) -> Standing:
    """Pour the overflow of each node on its cell.

    Raises
    ------
    CrsError
        The raster is in another CRS.
    """
    check_crs(state.network, dem)
    found = find_depressions(dem.ground_m, cell_width_m=dem.cell_width_m, cell_height_m=dem.cell_height_m)
    cell = dem.cells_at(np.asarray(state.network.nodes.geometry.array))
    pool = np.where(cell >= 0, found.pool.reshape(-1)[cell], -1)
    volume = state.nodes["overflow_m3"].to_numpy(dtype=np.float64)
    on = pool >= 0
    poured = np.bincount(pool[on], weights=volume[on], minlength=len(found.capacity)) / dem.cell_area_m2
    filled = fill_depressions(dem.ground_m, found, poured)
    pond = np.where(on & (volume > 0.0), filled.standing[np.maximum(pool, 0)], OUTSIDE)
    pond = np.where(filled.water[pond] > 0.0, pond, OUTSIDE)
    return Standing(filled, pond.astype(np.int64), filled.lost * dem.cell_area_m2, float(volume[~on].sum()))


def measure_ponds(filled: Filled, dem: Dem) -> pd.DataFrame:
    """Measure the ponds; index their number, sorted: depth_m (deepest), mean_depth_m, level_m, volume_m3, area_m2."""
    wet = filled.pond > OUTSIDE
    frame = pd.DataFrame({"pond": filled.pond[wet], "depth_m": filled.depth_m[wet]})
    by_pond = frame.groupby("pond")["depth_m"].agg(["max", "mean", "sum", "size"])
    return pd.DataFrame(
        {
            "depth_m": by_pond["max"],
            "mean_depth_m": by_pond["mean"],
            "level_m": filled.level_m[by_pond.index.to_numpy()],
            "volume_m3": by_pond["sum"] * dem.cell_area_m2,
            "area_m2": by_pond["size"] * dem.cell_area_m2,
        }
    )


def pond_table(filled: Filled, dem: Dem) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Tabulate the ponds, the largest first; also return the name of each number of `Filled`."""
    ponds = measure_ponds(filled, dem).sort_values("volume_m3", ascending=False, kind="stable")
    outlines = dem.outlines(filled.pond).reindex(ponds.index)
    names = pd.Series([f"S{k + 1}" for k in range(len(ponds))], index=ponds.index, dtype=object)
    frame = gpd.GeoDataFrame(ponds.round(3), geometry=outlines.array, crs=dem.crs)
    frame.index = pd.Index(names, name="pond_id", dtype="str")
    return frame, names


def pond_names(standing: Standing, name_of: pd.Series) -> NDArray[np.object_]:
    """Return the name of the pond that takes the water of each node, (n_nodes,), None for none."""
    name = np.full(len(standing.filled.level_m), None, dtype=object)
    name[name_of.index.to_numpy(dtype=np.intp)] = name_of.to_numpy(dtype=object)
    return name[standing.pond_of_node]


def _node_table(state: FlowState, standing: Standing, dem: Dem, name_of: pd.Series) -> gpd.GeoDataFrame:
    row = np.flatnonzero(state.nodes["overflows"].to_numpy())
    nodes = state.network.nodes.iloc[row]
    cell = dem.cells_at(np.asarray(nodes.geometry.array))
    depth = np.where(cell >= 0, standing.filled.depth_m.reshape(-1)[cell], np.nan)
    return gpd.GeoDataFrame(
        {
            "overflow_m3": state.nodes["overflow_m3"].to_numpy()[row],
            "pond_id": pond_names(standing, name_of)[row],
            "depth_m": depth.round(3),
        },
        index=nodes.index,
        geometry=nodes.geometry.array,
        crs=state.network.crs,
    )
