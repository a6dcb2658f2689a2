"""Links of an .inp as pipes: conduits with their sections, and pumps, orifices, weirs and outlets that only connect."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Floats
from drainage.formats.inp.orient import turn_links
from drainage.formats.inp.sections import full_depth_m, measure_sections, shape_names
from drainage.formats.inp.text.series import Tables
from drainage.formats.inp.text.tokens import InpText, begins, match_names, numbers, one_row_per_id
from drainage.schema import Issues
from drainage.words import in_both

WIDEST_MM: Final = 20000.0  # the range of widths in the schema
_ENDS: Final = ("pipe_id", "from_node", "to_node")
#: Section → type of link and its columns as far as they are read.
_LINKS: Final = {
    "CONDUITS": ("conduit", (*_ENDS, "length", "roughness", "offset_from", "offset_to")),
    "PUMPS": ("pump", _ENDS),
    "ORIFICES": ("orifice", (*_ENDS, "opening", "offset_from")),
    "WEIRS": ("weir", (*_ENDS, "opening", "offset_from")),
    "OUTLETS": ("outlet", (*_ENDS, "offset_from")),
}
_SECTION_COLUMNS: Final = ("pipe_id", "shape", "geom1", "geom2", "geom3", "geom4", "barrels")


def read_links(text: InpText, tables: Tables, nodes: pd.DataFrame, issues: Issues) -> pd.DataFrame:
    """Read all links between nodes that there are.

    Parameters
    ----------
    nodes
        Index ``node_id`` with ``invert_m`` and ``kind``.

    Returns
    -------
    Index ``pipe_id`` in the order of the file, section by section: ends, ``link_type``, ``length_m``, ``manning_n``,
    inverts (node plus offset; missing where a pump has none), ``offset_from_m``, ``offset_to_m`` (heights above the
    nodes), the measures of `measure_sections`, and ``crown_depth_m``, the full depth that counts for the nodes.
    """
    parts = [
        text.table(section, columns).assign(link_type=kind, heading=section)
        for section, (kind, columns) in _LINKS.items()
    ]
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    rows = rows.reindex(columns=[*_LINKS["CONDUITS"][1], "opening", "link_type", "heading"])
    rows = _between_nodes(one_row_per_id(rows, "pipe", issues), nodes, issues)
    issues.add("no_pipes", "error", "file", [] if len(rows) else [text.path.name],
               in_both("nodes_without_links", count=len(nodes)), in_both("read_as_nodes"))  # fmt: skip
    sections = text.table("XSECTIONS", _SECTION_COLUMNS)
    sections["pipe_id"] = match_names(sections["pipe_id"], rows["pipe_id"])
    sections = sections[sections["pipe_id"].notna()].drop_duplicates("pipe_id", keep="last").set_index("pipe_id")
    sections = sections.reindex(rows["pipe_id"])
    rows = rows.set_index("pipe_id")
    rows.index = rows.index.astype("str")
    sections.index = rows.index
    conduit = rows["link_type"] == "conduit"
    measured = measure_sections(sections.where(conduit, None), text, tables)
    _report_sections(measured, sections, conduit, issues)
    measured["width_mm"] = _pipe_widths(measured, issues)
    unit = text.units.length_m
    pipes = rows[["from_node", "to_node", "link_type"]].astype(object)
    plain = rows.reset_index()
    pipes["length_m"] = np.where(conduit, numbers(plain, "length", issues, feature_kind="pipe") * unit, 0.0)
    recorded_n = numbers(plain, "roughness", issues, feature_kind="pipe")
    channel_n = measured.pop("manning_n").to_numpy()
    pipes["manning_n"] = np.where(np.isfinite(channel_n), channel_n, recorded_n)
    for end in ("from", "to"):
        invert = nodes["invert_m"].reindex(pipes[f"{end}_node"]).to_numpy()
        known = conduit | (rows["link_type"].isin(["orifice", "weir", "outlet"]) & (end == "from"))
        offset = numbers(plain, f"offset_{end}", issues, feature_kind="pipe") * unit
        offset = _heights(offset, invert, text, pipes.index, end, known.to_numpy(), issues)
        pipes[f"offset_{end}_m"] = np.where(known, offset, np.nan)
        pipes[f"invert_{end}_m"] = np.where(known, invert + offset, np.nan)
    pipes = _raise_crests(pipes.join(measured), nodes, text, issues)
    side = (pipes["link_type"] != "pump") & ~begins(rows["opening"], "BOTTOM")
    pipes["crown_depth_m"] = np.where(side, full_depth_m(sections, text, measured), np.nan)
    return turn_links(pipes, nodes, issues)


def _between_nodes(rows: pd.DataFrame, nodes: pd.DataFrame, issues: Issues) -> pd.DataFrame:
    """Set aside links whose ends are not nodes or are the same node."""
    ends = {end: match_names(rows[end], nodes.index) for end in ("from_node", "to_node")}
    unknown = ends["from_node"].isna() | ends["to_node"].isna()
    issues.add(
        "unknown_node",
        "error",
        "pipe",
        rows["pipe_id"][unknown],
        [
            in_both("link_ends_unknown", section=row.heading, first=row.from_node, last=row.to_node)
            for row in rows[unknown].itertuples()
        ],
        in_both("set_aside_refused"),
    )
    loop = ~unknown & (ends["from_node"] == ends["to_node"])
    looped = rows["pipe_id"][loop]
    issues.add("self_loop", "error", "pipe", looped, in_both("ends_where_begins"), in_both("put_aside"))
    return rows.assign(**ends)[~unknown & ~loop].reset_index(drop=True)


def _report_sections(measured: pd.DataFrame, sections: pd.DataFrame, conduit: pd.Series, issues: Issues) -> None:
    unknown = conduit & measured["shape"].isna() & ~shape_names(sections["shape"]).eq("DUMMY")
    issues.add(
        "unknown_section",
        "warning",
        "pipe",
        measured.index[unknown],
        [
            in_both("section_unmeasured", shape=shape, size=size)
            for shape, size in sections.loc[unknown, ["shape", "geom1"]].itertuples(index=False)
        ],
        in_both("not_judged_passes"),
    )
    dummies = measured.index[conduit & shape_names(sections["shape"]).eq("DUMMY")]
    issues.add("dummy_section", "info", "pipe", dummies, in_both("is_a_dummy"), in_both("not_judged_passes"))
    counts = conduit.index.to_series()[~conduit]
    issues.add(
        "regulators",
        "info",
        "file",
        ["links"] if len(counts) else [],
        in_both("links_that_regulate", count=len(counts), of=len(conduit)),
        in_both("read_without_size"),
    )


def _pipe_widths(measured: pd.DataFrame, issues: Issues) -> pd.Series:
    """Leave out widths that only rivers have and no pipe; their sections are measured all the same."""
    wide = (measured["width_mm"] > WIDEST_MM) & measured["section_area_m2"].notna()
    issues.add(
        "wide_section",
        "info",
        "pipe",
        measured.index[wide],
        [in_both("section_wide", width_m=width / 1000) for width in measured["width_mm"][wide]],
        in_both("width_left_out"),
    )
    return measured["width_mm"].mask(wide)


def _heights(
    offset: Floats, invert: Floats, text: InpText, ids: pd.Index, end: str, known: NDArray[np.bool_], issues: Issues
) -> Floats:
    """Return offsets as heights above the node; ``*``, missing ones and those below it are 0."""
    height = offset - invert if text.has_elevation_offsets else offset
    height = np.where(np.isnan(offset), 0.0, height)
    below = known & (height < 0.0)
    far = below & (height < -0.001 * 0.3048)  # what the engine passes over as rounding, ft
    said = in_both("upper_end" if end == "from" else "lower_end")
    issues.add(
        "negative_offset",
        "warning",
        "pipe",
        ids[far],
        [in_both("end_below_node", end=said, below_m=-h) for h in height[far]],
        in_both("raised_to_node"),
    )
    return np.where(below, 0.0, height)


def _raise_crests(pipes: pd.DataFrame, nodes: pd.DataFrame, text: InpText, issues: Issues) -> pd.DataFrame:
    """Raise crests of regulators to the invert of the node below, as the engine does in dynamic wave routing."""
    level = nodes["invert_m"].reindex(pipes["to_node"]).to_numpy()
    if not text.options.get("FLOW_ROUTING", "").startswith(("DYN", "DW")):
        return pipes
    low = (pipes["link_type"].isin(["orifice", "weir", "outlet"]) & (pipes["invert_from_m"] < level)).to_numpy()
    reason, action = in_both("crest_below_node"), in_both("raised_to_it")
    issues.add("crest_below_node", "warning", "pipe", pipes.index[low], reason, action)
    rise = np.where(low, level - pipes["invert_from_m"], 0.0)
    return pipes.assign(invert_from_m=pipes["invert_from_m"] + rise, offset_from_m=pipes["offset_from_m"] + rise)
