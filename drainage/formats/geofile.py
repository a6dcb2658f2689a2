"""Vector files to frames: one guarded door to GDAL, and what a file says of itself that a reader must know."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.errors import EmptyLayerError, FormatError
from drainage.formats.containers import holds_nodes, system_in_name
from drainage.formats.guard.before_opening import JSON_ENDINGS
from drainage.formats.guard.gdal import read_file
from drainage.formats.guard.geojson_guard import (
    report_crs_member,
    report_cut_answer,
    report_links,
    report_repeated_keys,
)
from drainage.said import joined
from drainage.schema import Issues
from drainage.words import in_both

_PIPE_LAYERS = ("YS", "WS", "HS", "雨水", "污水", "storm", "sewage")
#: A diameter as it is written beside a pipe: DN300, d300, Φ300.
_SIZE: Final = re.compile(r"(?<![A-Za-z])(?:DN|[Dd]|[ΦφØ⌀])\s?[0-9]{2,4}(?![0-9])")


def open_layer(file: Path, table: str | None, crs: str | None, issues: Issues) -> gpd.GeoDataFrame:
    """Read one layer of a file as it stands, in its own coordinates.

    Parameters
    ----------
    file
        Looked at before (`drainage.formats.guard.before_opening.check_path`).
    table
        Layer of a file that holds several (`drainage.formats.containers.parts_of`).
    crs
        What the user says of its coordinate system, None where the file shall tell it.
    issues
        Takes what was found about the file.

    Raises
    ------
    FormatError
        The file is not what its extension says, or cannot be parsed; the driver's own words and place are passed on.
    """
    frame = read_file(file, table)
    for code, severity, reason, action in frame.attrs.pop("remarks", ()):
        issues.add(code, severity, "file", [file.name], reason, action)
    if not len(frame):
        raise EmptyLayerError(in_both("empty_layer", file=file.name))
    if not isinstance(frame, gpd.GeoDataFrame):
        raise FormatError(in_both("no_geometry_column", file=file.name))
    if file.suffix.lower() == ".dxf":
        frame = _pipes_of_drawing(frame, file, issues)
    if file.suffix.lower() in JSON_ENDINGS:
        report_repeated_keys(file, issues)
        report_cut_answer(file, issues)
        report_links(file, crs, issues)
        if crs is None:
            report_crs_member(file, issues)
    return frame


def _pipes_of_drawing(frame: gpd.GeoDataFrame, file: Path, issues: Issues) -> gpd.GeoDataFrame:
    """Keep the lines of a drawing that stand on a layer whose name tells a system; say what is left out.

    Lines on layers of nodes, such as ``YSPOINT``, are the signs of manholes.
    """
    system = frame["Layer"].map(lambda name: system_in_name(str(name)), na_action="ignore")
    signs = np.array([holds_nodes(str(name)) for name in frame["Layer"]], dtype=np.bool_)
    pipes = system.notna() & ~signs & frame.geom_type.isin(["LineString", "MultiLineString"])
    for name, rows in frame[~pipes].groupby("Layer"):
        issues.add(
            "drawing_layer",
            "info",
            "layer",
            [f"{file.name}: {name}"],
            in_both("not_on_pipe_layer", count=len(rows)),
            in_both("pipe_layers_named", names=joined(_PIPE_LAYERS, ", ")),
        )
    _report_sizes(frame, file, issues)
    if not pipes.any():
        found = sorted(frame["Layer"].dropna().astype(str).unique())[:8]
        raise FormatError(in_both("no_layer_tells_system", file=file.name, found=joined(found, ", ")))
    return frame[pipes].rename(columns={"EntityHandle": "pipe_id"}).assign(system=system[pipes])


def _report_sizes(frame: gpd.GeoDataFrame, file: Path, issues: Issues) -> None:
    """Report texts of a drawing that tell a size: which line they are of nobody can be sure, so none is read."""
    texts = frame["Text"].dropna().astype(str) if "Text" in frame else pd.Series(dtype="str")
    sizes = texts[texts.str.contains(_SIZE)]
    if len(sizes):
        reason = in_both("drawing_sizes", count=len(sizes), first=sizes.iloc[0].strip()[:40])
        issues.add("drawing_sizes", "warning", "file", [file.name], reason, in_both("drawing_sizes_remedy"))
