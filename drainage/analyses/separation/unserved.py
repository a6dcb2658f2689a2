"""Plots beside a road that no sewer reaches."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from drainage.analyses.separation.centre_lines import CentreLines
from drainage.arrays import Bools, Ints, Objects
from drainage.network import DrainageNetwork
from drainage.simulation.dry_weather import SEWERS


class Plots(NamedTuple):
    """The plots beside roads: a place in each, the row of the line of road, and those without a sewer in reach."""

    places: Objects
    line: Ints
    without: Bools
    missed: gpd.GeoDataFrame

    @property
    def judged(self) -> int:
        """How many lie beside a road."""
        return len(self.places)


def unserved_plots(net: DrainageNetwork, roads: CentreLines, within_m: float, reach_m: float) -> Plots:
    """Find the plots, blocks or else catchments, within reach of a road but of no sewer or combined pipe."""
    ground = net.layers.get("blocks", net.catchments)
    if ground is None or not len(ground):
        return Plots(
            np.empty(0, object), np.empty(0, np.int64), np.zeros(0, np.bool_), _table(net, ground, roads, [], [], [])
        )
    ground = ground[ground.geometry.notna() & ~ground.geometry.is_empty]
    outlines = np.asarray(ground.geometry.array)
    lines = np.asarray(roads.lines.geometry.array)
    (plot, line) = shapely.STRtree(lines).query_nearest(outlines, max_distance=within_m, all_matches=False)
    sewer = net.systems.among(*SEWERS) & net.pipes.geometry.notna().to_numpy()
    away = np.full(len(plot), np.inf)
    if sewer.any():
        tree = shapely.STRtree(np.asarray(net.pipes.geometry.array)[sewer])
        (row, _), distance = tree.query_nearest(outlines[plot], return_distance=True, all_matches=False)
        away[row] = distance
    without = away > reach_m
    missed = _table(net, ground, roads, plot[without], line[without], away[without])
    return Plots(shapely.point_on_surface(outlines[plot]), line, without, missed)


def _table(
    net: DrainageNetwork, ground: gpd.GeoDataFrame | None, roads: CentreLines, plot: object, line: object, away: object
) -> gpd.GeoDataFrame:
    rows = np.asarray(plot, np.intp)
    names = roads.lines["road"].to_numpy(dtype=object)[np.asarray(line, np.intp)]
    far = np.asarray(away, np.float64)
    columns = {"road": names, "to_sewer_m": np.where(np.isinf(far), np.nan, far)}
    if ground is None:
        return gpd.GeoDataFrame(columns, geometry=[], crs=net.crs).rename_axis("plot")
    kept = [name for name in ("people", "users") if name in ground]
    found = ground.iloc[rows][kept].assign(**columns)
    table = gpd.GeoDataFrame(found, geometry=ground.geometry.iloc[rows], crs=net.crs).rename_axis("plot")
    return table.sort_values(["road", "to_sewer_m"], ascending=[True, False], kind="stable")
