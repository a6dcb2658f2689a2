"""What stands beside roads, counted for each: plots, plots that no sewer reaches, misconnections."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from drainage.analyses.separation.centre_lines import CentreLines
from drainage.analyses.separation.unserved import Plots
from drainage.arrays import Ints, Objects
from drainage.result import Result


def wrong_places(mixed: Result) -> Objects:
    """Return the places of misconnections, (n,)."""
    points = mixed.places("points")
    wrong = points["kind"].isin(["sewage_into_storm", "storm_into_sewage"]).to_numpy()
    places: Objects = np.asarray(points.geometry.array)[wrong]
    there: Objects = places[~np.asarray(shapely.is_missing(places))]
    return there


def with_counts(
    table: pd.DataFrame, group: Ints, roads: CentreLines, plots: Plots, mixed: Result | None, within_m: float
) -> pd.DataFrame:
    """Add ``misconnections`` (missing where nobody asked), ``plots`` and ``plots_without_sewer`` to roads or classes.

    Parameters
    ----------
    table
        A row for each road, or for each class of road.
    group
        (n_lines,) the row of the table to which each line of road belongs.
    within_m
        A misconnection belongs to the nearest road if it lies within so much of it.
    """
    lines = np.asarray(roads.lines.geometry.array)
    wrong = np.full(len(table), np.nan)
    if mixed is not None:
        _, near = shapely.STRtree(lines).query_nearest(wrong_places(mixed), max_distance=within_m, all_matches=False)
        wrong = np.bincount(group[near], minlength=len(table)).astype(np.float64)
    return plot_counts(table.assign(misconnections=wrong), plots, np.arange(len(plots.line)), group[plots.line])


def plot_counts(table: pd.DataFrame, plots: Plots, plot: Ints, group: Ints) -> pd.DataFrame:
    """Add ``plots`` and ``plots_without_sewer``: each of the plots, (n,), counts for the row in its group."""
    every = np.bincount(group, minlength=len(table))
    without = np.bincount(group[plots.without[plot]], minlength=len(table))
    return table.assign(plots=every, plots_without_sewer=without)
