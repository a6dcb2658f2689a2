"""What is gone from a network taken out of its .inp: its rows in all sections, and the water's way out at the cut."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from drainage.formats.inp.edit.rules import prune_rules
from drainage.formats.inp.nodes import divider_tokens
from drainage.formats.inp.outfall_rows import gate_place
from drainage.formats.inp.text.lines import drop_rows, join_tokens
from drainage.formats.inp.text.tokens import split_line
from drainage.words import in_both

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

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
#: Adjustments that name a catchment.
_OF_CATCHMENT: Final = ("N-PERV", "DSTORE", "INFIL")
_LID_DRAIN: Final = 9
#: What leaves a storage unit at a cut at a depth of 1 (own choice: it holds nothing back).
WIDE_OUTLET_M3S: Final = 10.0
#: Interface files that hold a value for each element of the whole model.
_WHOLE: Final = ("HOTSTART", "RUNOFF")


def prune(sections: Sections, *, nodes: pd.Index, pipes: pd.Index, catchments: pd.Index, issues: Issues) -> None:
    """Leave out the rows of nodes, pipes and catchments that are gone (in place).

    Rules that name one go with it; where a row only ends with a name that is gone, the name goes and the row stays.
    """
    if not (len(nodes) or len(pipes) or len(catchments)):
        return
    gone_nodes, gone_pipes, gone_catchments = (
        {str(name).upper() for name in names} for names in (nodes, pipes, catchments)
    )
    _follow_outlets(sections, gone_nodes, gone_catchments)
    _say_lost_exchange(sections, gone_nodes, gone_pipes | gone_catchments, issues)
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
    if "ADJUSTMENTS" in sections:
        sections["ADJUSTMENTS"] = drop_rows(
            sections["ADJUSTMENTS"],
            lambda row: row[0].upper().startswith(_OF_CATCHMENT) and _name(row, 1) in gone_catchments,
        )
    _clear_ends(sections, gone_nodes, gone_pipes, gone_catchments)
    _drop_whole_files(sections, issues)
    if "CONTROLS" in sections:
        sections["CONTROLS"], left_out = prune_rules(sections["CONTROLS"], gone_nodes, gone_pipes)
        issues.add("rule_left_out", "warning", "rule", left_out, in_both("names_what_is_gone"), in_both("left_out"))
    _prune_report(sections, gone_nodes | gone_pipes | gone_catchments)
    reason, action = in_both("drains_elsewhere"), in_both("left_out_with_it")
    issues.add("catchment_left_out", "info", "catchment", catchments, reason, action)


def add_ends(
    sections: Sections,
    before: gpd.GeoDataFrame,
    after: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    at_invert: str,
    flow_m3s: float,
    issues: Issues,
) -> None:
    """Drain nodes whose pipes below are gone, by a dummy conduit to an outfall beside the node (in place).

    A storage unit, which no dummy conduit may leave, has an outlet instead.

    Parameters
    ----------
    before
        Pipes as they were read.
    after
        Pipes and nodes that are left.
    at_invert
        How the file writes an offset at the invert of a node: 0, or ``*`` where offsets are elevations.
    flow_m3s
        Unit of flow.
    """
    pipes, nodes = after
    left = set(before["from_node"]) - set(pipes["from_node"])
    inverts = {
        row[0].upper(): row[1]
        for section in ("JUNCTIONS", "STORAGE", "DIVIDERS")
        for line in sections.get(section, ())
        if len(row := split_line(line)) > 1
    }
    ends = [name for name in nodes.index[nodes.index.isin(left)] if name.upper() in inverts]
    storage = {row[0].upper() for line in sections.get("STORAGE", ()) if (row := split_line(line))}
    for name in ends:
        out = f"{name}~out"
        sections.setdefault("OUTFALLS", []).append(f"{out}  {inverts[name.upper()]}  FREE  NO")
        if name.upper() in storage:
            sections.setdefault("OUTLETS", []).append(
                f"{out}  {name}  {out}  {at_invert}  FUNCTIONAL/DEPTH  {WIDE_OUTLET_M3S / flow_m3s:g}  0.5  NO"
            )
            continue
        sections.setdefault("CONDUITS", []).append(f"{out}  {name}  {out}  1  0.01  {at_invert}  {at_invert}")
        sections.setdefault("XSECTIONS", []).append(f"{out}  DUMMY  0  0  0  0")
    issues.add("cut_end", "warning", "node", ends, in_both("pipes_below_gone"), in_both("drains_freely"))


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


def _say_lost_exchange(sections: Sections, nodes: set[str], others: set[str], issues: Issues) -> None:
    """Report rows that are dropped though their first name stays: their water would involve a removed node."""
    for section, kind, what in (
        ("GROUNDWATER", "catchment", in_both("its_groundwater")),
        ("INLET_USAGE", "pipe", in_both("its_inlets")),
    ):
        rows = [row for line in sections.get(section, ()) if (row := split_line(line))]
        lost = [row[0] for row in rows if _name(row, 2) in nodes and row[0].upper() not in others]
        reason = in_both("flows_elsewhere", what=what)
        issues.add("exchange_left_out", "warning", kind, lost, reason, in_both("left_out"))


def _clear_ends(sections: Sections, nodes: set[str], pipes: set[str], catchments: set[str]) -> None:
    """Take names that are gone from the ends of rows that stay."""

    def cleared_drain(row: list[str]) -> list[str]:
        lost = _name(row, _LID_DRAIN) in nodes | catchments
        return [*row[:_LID_DRAIN], "*", *row[_LID_DRAIN + 1 :]] if lost else row

    def cleared_route(row: list[str]) -> list[str]:
        route = gate_place(row) + 1
        return row[:route] if _name(row, route) in catchments else row

    def cleared_anchor(row: list[str]) -> list[str]:
        return [*row[:3], "", *row[4:]] if _name(row, 3) in nodes | catchments else row

    def cleared_profile(row: list[str]) -> list[str]:
        return [row[0], *(name for name in row[1:] if name.upper() not in pipes)]

    for section, cleared in (("LID_USAGE", cleared_drain), ("OUTFALLS", cleared_route), ("LABELS", cleared_anchor),
                             ("PROFILES", cleared_profile)):  # fmt: skip
        if section in sections:
            sections[section] = [_rewritten(line, cleared) for line in sections[section]]


def _rewritten(line: str, change: Callable[[list[str]], list[str]]) -> str:
    row = split_line(line)
    new = change(row) if row else row
    return line if new == row else join_tokens(new)


def _drop_whole_files(sections: Sections, issues: Issues) -> None:
    """Leave out interface files that the engine takes for the whole model only."""

    def is_whole(row: list[str]) -> bool:
        return row[0].upper().startswith("USE") and _name(row, 1).startswith(_WHOLE)

    rows = [row for line in sections.get("FILES", ()) if (row := split_line(line))]
    whole = [row[-1] for row in rows if is_whole(row)]
    issues.add("file_of_whole", "warning", "file", whole, in_both("states_of_whole"), in_both("left_out"))
    if rows:
        sections["FILES"] = drop_rows(sections["FILES"], is_whole)


def dividers_to_junctions(sections: Sections, before: gpd.GeoDataFrame, pipes: pd.Index) -> None:
    """Make junctions of the dividers of which a pipe that leaves them is gone: the engine wants both (in place).

    Parameters
    ----------
    before
        Pipes as they were read.
    pipes
        Those that are gone.
    """
    cut = {str(node).upper() for node in before.loc[before.index.isin(pipes), "from_node"]}
    for line in list(sections.get("DIVIDERS", ())):
        row = split_line(line)
        if row and row[0].upper() in cut:
            sections["DIVIDERS"].remove(line)
            sections.setdefault("JUNCTIONS", []).append(join_tokens([*row[:2], *row[divider_tokens(row) :]]))


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
