"""Basins: how much water a storage node holds before it overflows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.formats.inp.text.series import Tables
from drainage.formats.inp.text.tokens import match_names
from drainage.network import DrainageNetwork
from drainage.schema.columns import column_of
from drainage.simulation.pipes import known_ground

#: A basin is measured in so many slices.
_SLICES: Final = 100


def basins(net: DrainageNetwork) -> tuple[Floats, Floats]:
    """Measure the storage nodes of an .inp.

    Returns
    -------
    (n_nodes,) m³ below the ground, 0 where nothing is known of a volume; and the level of the bed, m.

    References
    ----------
    EPA SWMM 5.2 User's Manual (EPA/600/R-22/030), appendix D, [STORAGE].
    """
    nodes = net.nodes
    volume, bed = np.zeros(len(nodes)), column_of(nodes, "invert_m")
    model = net.origin.model
    if model is None:
        return volume, bed
    rows = model.text.rows("STORAGE")
    names = match_names(pd.Series([row[0] for row in rows], dtype=object), nodes.index)
    depth = known_ground(net) - bed
    unit, tables = model.text.units.length_m, Tables(model.text)
    for at, row in zip(nodes.index.get_indexer(pd.Index(names)), rows, strict=True):
        if at >= 0 and depth[at] > 0.0:
            heights = np.linspace(0.0, depth[at] / unit, _SLICES + 1)
            volume[at] = np.trapezoid(_surface(row, tables, heights), heights) * unit**3
    return volume, bed


def _surface(  # noqa: PLR0911 - a shape, a line
    row: Sequence[str], tables: Tables, height: Floats
) -> Floats:
    """Return the surface of a basin at heights above its bed, in units of the file; 0 where it cannot be read."""
    shape = row[4].upper() if len(row) > 4 else ""
    if shape.startswith("TAB"):
        curve = tables.curve(row[5]) if len(row) > 5 else None
        return np.zeros(len(height)) if curve is None or not len(curve) else np.interp(height, curve[:, 0], curve[:, 1])
    try:
        first, second, third = (float(word) for word in (*row[5:8], "0", "0", "0")[:3])
    except ValueError:
        return np.zeros(len(height))
    if shape.startswith("CYL"):  # axes of the ellipse
        return np.full(len(height), np.pi / 4.0 * first * second)
    if shape.startswith("CON"):  # axes of the base, and the run of its sides to their rise
        run = second / first if first > 0.0 else 0.0
        return np.asarray(np.pi * (first / 2.0 + third * height) * (second / 2.0 + third * run * height))
    if shape.startswith("PYR"):
        return np.asarray((first + 2.0 * third * height) * (second + 2.0 * third * height))
    if shape.startswith("PARA"):  # axes at a full height
        return np.asarray(np.pi / 4.0 * first * second * height / (third or np.inf))
    return np.asarray(first * height**second + third)
