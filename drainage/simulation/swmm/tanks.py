"""Tanks at manholes as the engine knows them: the manhole becomes a storage node that is wide just below the ground.

What would overflow fills it instead, and drains back into the pipes. The column ``tank_m3`` of the nodes says how much
each holds; what is more overflows there.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import pandas as pd

from drainage.formats.inp.edit.section_rows import tokens
from drainage.formats.inp.text.lines import drop_rows, table_lines
from drainage.formats.inp.text.names import engine_names
from drainage.formats.inp.text.tokens import InpText, split_line
from drainage.network import DrainageNetwork
from drainage.schema import Issues
from drainage.schema.columns import column_of
from drainage.words import in_both

#: The tank is wide in so much below the ground, m, or in the upper half of a shallower manhole; own choice.
BAND_M: Final = 0.3
#: Area of the manhole itself, m²: the engine's own for a junction, 12.566 ft². SWMM 5.2 User's Manual, MIN_SURFAREA.
MANHOLE_M2: Final = 1.167


def tank_sections(
    nodes: pd.DataFrame, *, metres_per_unit: float = 1.0, taken: Collection[str] = ()
) -> dict[str, list[str]]:
    """Write manholes with tanks as storage nodes and their curves.

    Parameters
    ----------
    nodes
        ``name``, ``invert_m``, ``depth_m`` (more than 0), ``start_m``, ``sealed_m`` and ``tank_m3``.
    taken
        Names of curves that are in use.
    """
    unit = metres_per_unit
    curve = engine_names(pd.Index([f"{name}~tank" for name in nodes["name"]]), prefix="T", taken=taken).to_numpy()
    levels = {column: tokens(nodes[column].to_numpy(dtype=np.float64) / unit) for column in
              ("invert_m", "depth_m", "start_m", "sealed_m")}  # fmt: skip
    storage = pd.DataFrame(
        {
            "name": nodes["name"].to_numpy(),
            "bed": levels["invert_m"],
            "depth": levels["depth_m"],
            "start": levels["start_m"],
            "kind": "TABULAR",
            "curve": curve,
            "surcharge": levels["sealed_m"],
            "evaporation": 0,
        }
    )
    depth = nodes["depth_m"].to_numpy(dtype=np.float64)
    band = np.minimum(BAND_M, depth / 2.0)
    area = nodes["tank_m3"].to_numpy(dtype=np.float64) / band + MANHOLE_M2
    at = np.column_stack([np.zeros(len(depth)), 0.999 * (depth - band), depth - band, depth])
    wide = np.column_stack([*[np.full(len(depth), MANHOLE_M2)] * 2, area, area])
    curves = pd.DataFrame(
        {
            "name": np.repeat(curve, 4),
            "kind": ["STORAGE", "", "", ""] * len(depth),
            "depth": tokens(at.ravel() / unit),
            "area": tokens(wide.ravel() / unit**2),
        }
    )
    return {"STORAGE": table_lines(storage), "CURVES": table_lines(curves)}


def add_tanks(sections: dict[str, list[str]], net: DrainageNetwork, text: InpText, issues: Issues) -> None:
    """Make storage nodes of the junctions of an .inp that have a tank (in place).

    Parameters
    ----------
    issues
        Takes the nodes that can have none: basins, dividers, outfalls, nodes of unknown ground.
    """
    nodes = net.nodes
    volume = column_of(nodes, "tank_m3", 0.0)
    wanted = volume > 0.0
    if not wanted.any():
        return
    depth = column_of(nodes, "ground_m") - column_of(nodes, "invert_m")
    rows = {row[0].upper(): row for line in sections.get("JUNCTIONS", []) if (row := split_line(line))}
    junction = nodes.index.str.upper().isin(rows)
    can = wanted & junction & (depth > 0.0)
    issues.add("tank_left_out", "warning", "node", nodes.index[wanted & ~can], in_both("no_junction"),
               in_both("draw_in_inp"))  # fmt: skip
    names = nodes.index[can]
    unit = text.units.length_m
    start, sealed = (
        np.array([float(row[place]) if len(row := rows[name.upper()]) > place else 0.0 for name in names]) * unit
        for place in (3, 4)
    )
    built = pd.DataFrame(
        {
            "name": names,
            "invert_m": column_of(nodes, "invert_m")[can],
            "depth_m": depth[can],
            "start_m": start,
            "sealed_m": sealed,
            "tank_m3": volume[can],
        }
    )
    gone = set(names.str.upper())
    sections["JUNCTIONS"] = drop_rows(sections["JUNCTIONS"], lambda row: row[0].upper() in gone)
    curves = {row[0] for line in sections.get("CURVES", []) if (row := split_line(line))}
    for name, lines in tank_sections(built, metres_per_unit=unit, taken=curves).items():
        sections.setdefault(name, []).extend(lines)
