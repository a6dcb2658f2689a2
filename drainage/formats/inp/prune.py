"""What is gone from a network taken out of its .inp: its rows in all sections, and the water's way out at the cut."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from drainage.formats.inp.lines import drop_rows
from drainage.formats.inp.text import split_line

if TYPE_CHECKING:
    from collections.abc import Collection

    import geopandas as gpd
    import pandas as pd

    from drainage.schema import Issues

    Sections = dict[str, list[str]]

#: Section → places of the names in its rows, by what they name.
_NODES: Final = {
    **dict.fromkeys(("JUNCTIONS", "OUTFALLS", "STORAGE", "DIVIDERS", "COORDINATES", "INFLOWS", "DWF", "RDII"), (0,)),
    "TREATMENT": (0,),
    "INLET_USAGE": (2,),
    "GROUNDWATER": (2,),
    **dict.fromkeys(("CONDUITS", "PUMPS", "ORIFICES", "WEIRS", "OUTLETS"), (1, 2)),
}
_LINKS: Final = dict.fromkeys(
    ("CONDUITS", "PUMPS", "ORIFICES", "WEIRS", "OUTLETS", "XSECTIONS", "LOSSES", "VERTICES", "INLET_USAGE"), (0,)
)
_CATCHMENTS: Final = dict.fromkeys(
    ("SUBCATCHMENTS", "SUBAREAS", "INFILTRATION", "COVERAGES", "LOADINGS", "LID_USAGE", "GROUNDWATER", "GWF",
     "POLYGONS"), (0,)
)  # fmt: skip
_TAGS: Final = {"NODE": 0, "LINK": 1, "SUBC": 2}


def prune(sections: Sections, *, nodes: pd.Index, pipes: pd.Index, catchments: pd.Index, issues: Issues) -> None:
    """Leave out the rows of nodes, pipes and catchments that are gone (in place); rules that name one go with it."""
    if not (len(nodes) or len(pipes) or len(catchments)):
        return
    gone_nodes, gone_pipes, gone_catchments = (
        {str(name).upper() for name in names} for names in (nodes, pipes, catchments)
    )
    _follow_outlets(sections, gone_nodes, gone_catchments)
    for places, gone in ((_NODES, gone_nodes), (_LINKS, gone_pipes), (_CATCHMENTS, gone_catchments)):
        for section, at in places.items():
            if section in sections and gone:
                sections[section] = drop_rows(sections[section], partial(_names_one, at, gone))
    tagged = (gone_nodes, gone_pipes, gone_catchments)
    if "TAGS" in sections:
        sections["TAGS"] = drop_rows(
            sections["TAGS"],
            lambda row: (kind := _TAGS.get(row[0][:4].upper())) is not None and _name(row, 1) in tagged[kind],
        )
    _prune_rules(sections, gone_nodes | gone_pipes, issues)
    _prune_report(sections, gone_nodes | gone_pipes | gone_catchments)
    issues.add("catchment_left_out", "info", "catchment", catchments, "drains to a node that is not in this part",
               "left out with it")  # fmt: skip


def add_ends(
    sections: Sections,
    before: gpd.GeoDataFrame,
    after: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    at_invert: str,
    issues: Issues,
) -> None:
    """Let the water out where the pipes below are gone, by a dummy conduit to an outfall beside the node (in place).

    Parameters
    ----------
    before
        Pipes as they were read.
    after
        Pipes and nodes that are left.
    at_invert
        How the file writes an offset at the invert of a node: 0, or ``*`` where offsets are elevations.
    """
    pipes, nodes = after
    left = set(before["from_node"]) - set(pipes["from_node"])
    ends = nodes.index[nodes.index.isin(left) & (nodes["kind"] != "outfall")]
    inverts = {
        row[0].upper(): row[1]
        for section in ("JUNCTIONS", "STORAGE", "DIVIDERS")
        for line in sections.get(section, ())
        if len(row := split_line(line)) > 1
    }
    for name in ends:
        out = f"{name}~out"
        sections.setdefault("OUTFALLS", []).append(f"{out}  {inverts[name.upper()]}  FREE  NO")
        sections.setdefault("CONDUITS", []).append(f"{out}  {name}  {out}  1  0.01  {at_invert}  {at_invert}")
        sections.setdefault("XSECTIONS", []).append(f"{out}  DUMMY  0  0  0  0")
    issues.add("cut_end", "warning", "node", ends, "the pipes below it are not in this part",
               "drains freely to an outfall NAME~out; water from below cannot back up")  # fmt: skip


def _follow_outlets(sections: Sections, nodes: Collection[str], catchments: set[str]) -> None:
    """Add the catchments that drain to what is gone, one after another."""
    rows = [row for line in sections.get("SUBCATCHMENTS", ()) if len(row := split_line(line)) > 2]
    while True:
        lost = {
            row[0].upper() for row in rows if row[2].upper() in nodes or row[2].upper() in catchments
        } - catchments  # fmt: skip
        if not lost:
            return
        catchments |= lost


def _prune_rules(sections: Sections, gone: Collection[str], issues: Issues) -> None:
    rules: list[list[str]] = [[]]
    for line in sections.get("CONTROLS", ()):
        if split_line(line)[:1] and split_line(line)[0].upper() == "RULE":
            rules.append([])
        rules[-1].append(line)
    stale = [rule for rule in rules if any(token.upper() in gone for line in rule for token in split_line(line)[1:])]
    if stale:
        sections["CONTROLS"] = [line for rule in rules if rule not in stale for line in rule]
        names = [split_line(rule[0])[1] for rule in stale]
        issues.add("rule_left_out", "warning", "rule", names, "names an element that is not in this part", "left out")


def _prune_report(sections: Sections, gone: Collection[str]) -> None:
    """Take names that are gone out of the lists of what to report."""
    kept = []
    for line in sections.get("REPORT", ()):
        row = split_line(line)
        if len(row) > 1 and row[0].upper().startswith(("NODE", "LINK", "SUBC")):
            names = [name for name in row[1:] if name.upper() not in gone]
            if names:
                kept.append("  ".join([row[0], *names]))
            continue
        kept.append(line)
    if "REPORT" in sections:
        sections["REPORT"] = kept


def _names_one(at: tuple[int, ...], gone: Collection[str], row: list[str]) -> bool:
    return any(_name(row, place) in gone for place in at)


def _name(row: list[str], place: int) -> str:
    return row[place].upper() if len(row) > place else ""
