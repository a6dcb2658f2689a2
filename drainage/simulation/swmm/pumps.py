"""Pumps at outfalls as the engine knows them: the outfall becomes a sump, and a pump lifts from it to the river.

The column ``pump_m3s`` of the nodes says what a pump lifts there, ``pumped_to_m`` the level of the water that it lifts
to. The gate is shut: nothing comes in, and what is more than the pump lifts stands in the sump.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Floats
from drainage.formats.inp.edit.section_rows import tokens
from drainage.formats.inp.text.lines import drop_rows, join_tokens, table_lines
from drainage.formats.inp.text.tokens import InpText, split_line
from drainage.network import DrainageNetwork
from drainage.schema import Issues
from drainage.schema.columns import column_of
from drainage.words import in_both

#: Suffix of the outfall behind a sump.
RIVER: Final = "~river"
#: Water in the sump, m, at which the pump lifts all that it can; it lifts less below, none from a dry sump; own choice.
FULL_FROM_M: Final = 0.1
#: Head that a sump in an .inp bears, m, whose outfalls have no ground: it cannot overflow.
_SEALED_M: Final = 100.0


def pump_curves(names: pd.Series, capacity_m3s: Floats, *, length_m: float = 1.0, flow_m3s: float = 1.0) -> list[str]:
    """Write a curve of depth and flow for each pump, by its own name; the units are those of the model."""
    full = [FULL_FROM_M, 10.0 * FULL_FROM_M]
    depth, flow = np.array([0.0, *full]), np.array([0.0, 1.0, 1.0])
    return table_lines(
        pd.DataFrame(
            {
                "name": np.repeat(names.to_numpy(dtype=object), 3),
                "kind": ["PUMP4", "", ""] * len(names),
                "depth": tokens(np.tile(depth / length_m, len(names))),
                "flow": tokens(np.outer(capacity_m3s / flow_m3s, flow).ravel()),
            }
        )
    )


def add_pumps(sections: dict[str, list[str]], net: DrainageNetwork, text: InpText, issues: Issues) -> None:
    """Make sumps of the outfalls of an .inp that have a pump (in place).

    Parameters
    ----------
    issues
        Receives issues about nodes that are not its outfalls.
    """
    nodes, unit = net.nodes, text.units
    lifted = column_of(nodes, "pump_m3s", 0.0)
    rows = {row[0].upper(): row for line in sections.get("OUTFALLS", []) if (row := split_line(line))}
    wanted = lifted > 0.0
    can = wanted & nodes.index.str.upper().isin(rows)
    issues.add("pump_left_out", "warning", "node", nodes.index[wanted & ~can], in_both("no_outfall_of_inp"),
               in_both("draw_in_inp"))  # fmt: skip
    if not can.any():
        return
    old = [rows[name.upper()] for name in nodes.index[can]]
    river = column_of(nodes, "pumped_to_m")[can] / unit.length_m
    names = pd.DataFrame({"sump": [row[0] for row in old]}).assign(
        river=lambda table: table["sump"] + RIVER, pump=lambda table: table["sump"] + "~lift"
    )
    gone = set(names["sump"].str.upper())
    sections["OUTFALLS"] = drop_rows(sections["OUTFALLS"], lambda row: row[0].upper() in gone)
    places = {row[0].upper(): row[1:] for line in sections.get("COORDINATES", []) if (row := split_line(line))}
    bed, sealed = [row[1] for row in old], f"{_SEALED_M / unit.length_m:g}"
    written = {
        "JUNCTIONS": [names["sump"], bed, "0", "0", sealed, "0"],
        "OUTFALLS": [names["river"], bed, *_stage(river), "NO"],
        "PUMPS": [names["pump"], names["sump"], names["river"], names["pump"], "ON", "0", "0"],
    }
    for section, columns in written.items():
        table = pd.DataFrame(dict(enumerate(columns)), index=names.index)
        sections.setdefault(section, []).extend(table_lines(table)[1:])
    sections.setdefault("CURVES", []).extend(
        pump_curves(names["pump"], lifted[can], length_m=unit.length_m, flow_m3s=unit.flow_m3s)[1:]
    )
    sections.setdefault("COORDINATES", []).extend(
        join_tokens([river, *places[sump.upper()]])
        for sump, river in zip(names["sump"], names["river"], strict=True)
        if sump.upper() in places
    )


def _stage(level: Floats) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Return type and stage of outfalls; free where no level is known."""
    known = np.isfinite(level)
    return np.where(known, "FIXED", "FREE").astype(object), np.where(known, tokens(level), "").astype(object)
