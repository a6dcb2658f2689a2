"""From an EPA SWMM .inp to pipes, nodes and catchments, and the text that they were read from."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.formats.crs import metric_crs, settle_crs
from drainage.formats.inp.coordinates import draw_pipes, place_nodes
from drainage.formats.inp.links import read_links
from drainage.formats.inp.nodes import read_nodes, settle_ground, tags_of
from drainage.formats.inp.subcatchments import read_catchments
from drainage.formats.inp.text.files import report_files
from drainage.formats.inp.text.series import Tables
from drainage.formats.inp.text.tokens import InpText, read_text
from drainage.schema import Issues
from drainage.schema.issues import RowNames
from drainage.schema.layers import LAYERS, LayerModel
from drainage.schema.ranges import keep_in_range


class InpModel(NamedTuple):
    """An EPA SWMM model as tables, and its text for those who write or run it.

    Parameters
    ----------
    pipes
        Index ``pipe_id``; the columns of pipes and ``link_type`` (conduit, pump, orifice, weir, outlet), ``barrels``,
        ``offset_from_m``, ``offset_to_m``, ``section_area_m2``, ``section_radius_m``, ``shape_recorded``, ``tag``.
        Links that are not conduits have neither size nor length.
    nodes
        Index ``node_id``; the columns of nodes and ``inflow_m3s``, ``kind_source``, ``ground_source``, ``node_type``,
        ``max_depth_m``, ``surcharge_depth_m``, ``ponded_area_m2``, ``tag``.
    catchments
        Index ``catchment_id``; ``node_id``, ``area_ha``, ``runoff_coefficient``; None where the model has none.
    issues
        What was doubted, filled or left out.
    text
        Sections, options and units as they stand in the file: nothing of it is lost.
    crs
        That of its coordinates, as it was declared; None: not known.
    """

    pipes: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame
    catchments: gpd.GeoDataFrame | None
    issues: pd.DataFrame
    text: InpText
    crs: str | None = None


def read_inp(path: str | Path, *, crs: str | None = None, allow_outside: bool = False) -> InpModel:
    """Read an EPA SWMM model.

    Ground is invert + maximum depth, at least the crown of the pipes, as the engine takes it; offsets become inverts;
    outfalls whose level changes take the highest; constant inflow is the sum of dry weather averages, baselines and
    means of inflow series. What that leaves out is said in the issues.

    Parameters
    ----------
    path
        The .inp; SWMM 5.0 to 5.2, any unit of flow, either kind of offsets.
    crs
        CRS of its coordinates, which the file does not tell; without it the plan is schematic.
    allow_outside
        Read, and let the engine read, files that it names and that lie outside its folder.

    Raises
    ------
    FormatError
        No such file, no SWMM model (an EPANET model is named as such), no node in it, or a series that is needed lies
        in a file outside the model's folder.
    CrsError
        The declared CRS is unknown.

    References
    ----------
    EPA SWMM 5.2 User's Manual (EPA/600/R-22/030), appendix D: input file format.
    """
    issues = Issues()
    text = read_text(path, issues, allow_outside=allow_outside)
    tables = Tables(text)
    report_files(text, issues)
    nodes = read_nodes(text, tables, issues)
    links = read_links(text, tables, nodes, issues)
    placed = place_nodes(text, settle_ground(nodes, links, issues), issues)
    if crs is not None:
        placed = settle_crs(placed, text.path, crs, issues)
    pipes = draw_pipes(text, links.drop(columns="crown_depth_m"), placed)
    catchments = read_catchments(text, placed, links, issues)
    if crs is not None:
        metric = metric_crs(placed)
        pipes, placed = pipes.to_crs(metric), placed.to_crs(metric)
        catchments = None if catchments is None else catchments.to_crs(metric)
    pipes["system"] = "unknown"
    pipes["tag"] = tags_of(text, "LINK", pipes.index)
    pipes = keep_in_range(_complete(pipes, LAYERS["pipes"]), LAYERS["pipes"], RowNames(pipes.index, len(pipes)), issues)
    placed = _complete(placed.assign(kind_source="recorded"), LAYERS["nodes"])
    placed = keep_in_range(placed, LAYERS["nodes"], RowNames(placed.index, len(placed)), issues)
    return InpModel(pipes, placed, catchments, issues.frame(), text, crs)


def _complete(frame: gpd.GeoDataFrame, layer: LayerModel) -> gpd.GeoDataFrame:
    """Add the columns of a layer that a model does not have, empty, and give texts one type."""
    for column in layer.attributes:
        kind = layer.columns[column].kind
        if kind == "date":
            frame[column] = pd.Series(pd.NaT, frame.index, dtype="datetime64[ms]")
        elif kind == "number":
            frame[column] = frame.get(column, np.nan)
        else:
            frame[column] = pd.Series(frame.get(column), frame.index, dtype=object)
    return frame[[*layer.attributes, *frame.columns.drop([*layer.attributes])]]
