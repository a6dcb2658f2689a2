"""A network that came from an .inp, as that .inp: what was changed is changed in its lines, all else is verbatim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from drainage.arrays import Bools
from drainage.errors import SimulationError
from drainage.formats.inp.edit.placing import FilePlaces, move_places
from drainage.formats.inp.edit.prune import add_ends, dividers_to_junctions, prune
from drainage.formats.inp.edit.section_rows import ellipse_rows, section_rows, tokens
from drainage.formats.inp.outfall_rows import outfall_words
from drainage.formats.inp.text.lines import edit_rows, table_lines
from drainage.formats.inp.text.tokens import split_line
from drainage.intake.joining import Joined
from drainage.intake.missing_levels import complete_levels
from drainage.said import joined
from drainage.schema import Issues
from drainage.words import in_both

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

    from drainage.formats.inp.parse import InpModel
    from drainage.formats.inp.text.tokens import InpText
    from drainage.network import DrainageNetwork

    Sections = dict[str, list[str]]
    Edits = dict[str, dict[int, str]]

#: Type of link → its section and the places of its offsets (upper, lower end).
_LINKS: Final = {
    "conduit": ("CONDUITS", {"from": 5, "to": 6}),
    "pump": ("PUMPS", {}),
    "orifice": ("ORIFICES", {"from": 4}),
    "weir": ("WEIRS", {"from": 4}),
    "outlet": ("OUTLETS", {"from": 3}),
}
_NODES: Final = {"junction": "JUNCTIONS", "outfall": "OUTFALLS", "divider": "DIVIDERS", "storage": "STORAGE"}
_SIZES: Final = ("shape", "diameter_mm", "width_mm", "height_mm", "silt_share", "barrels")


def edit_model(net: DrainageNetwork, model: InpModel, issues: Issues) -> Sections:
    """Write a network into the model that it was read from.

    Levels, lengths, roughness, sections, ends, tailwater, places of pipes and nodes, and outlet, area and impervious
    share of catchments are carried over where they differ from what was read. Rows of what is gone are left out
    throughout the file; new pipes and nodes are added as conduits, junctions and outfalls. A node whose pipes below
    are gone drains freely out of the model.

    Parameters
    ----------
    net
        The network, as read or changed since.
    model
        What it was read from.
    issues
        Takes what cannot be said in the file.

    Returns
    -------
    Name of a section → its lines.
    """
    sections = {name: list(lines) for name, lines in model.text.sections.items()}
    pipes_before, nodes_before, *_ = complete_levels(Joined.of(model.pipes, model.nodes), Issues())
    pipes, nodes = net.pipes, net.nodes
    _check_names([*nodes.index.difference(nodes_before.index), *pipes.index.difference(pipes_before.index)])
    lost_node, lost_pipe = nodes_before.index.difference(nodes.index), pipes_before.index.difference(pipes.index)
    prune(sections, nodes=lost_node, pipes=lost_pipe, catchments=_lost_catchments(net, model), issues=issues)
    unit = model.text.units.length_m
    _edit_nodes(sections, model.text, nodes_before, nodes, issues)
    _edit_pipes(sections, model.text, (pipes_before, nodes_before), (pipes, nodes), issues)
    _edit_catchments(sections, model, net, issues)
    _add_nodes(sections, nodes[~nodes.index.isin(nodes_before.index)], unit)
    new = pipes[~pipes.index.isin(pipes_before.index)]
    _add_pipes(sections, new, nodes, model.text, issues)
    places = FilePlaces(model, nodes_before, issues)
    move_places(sections, "COORDINATES", nodes_before, nodes, places)
    move_places(sections, "VERTICES", pipes_before, pipes, places)
    if len(lost_pipe):
        at = "*" if model.text.has_elevation_offsets else "0"
        add_ends(sections, pipes_before, (pipes, nodes), at, model.text.units.flow_m3s, issues)
        dividers_to_junctions(sections, pipes_before, lost_pipe)
    if "CONDUITS" in sections and "CONDUITS" not in model.text.sections:
        sections["XSECTIONS"] = sections.pop("XSECTIONS")  # the engine wants a conduit before its cross-section
    return sections


def _check_names(names: Iterable[object]) -> None:
    """Refuse new names that would be other rows or none in the file."""
    wrong = [repr(str(name)) for name in names if split_line(str(name)) != [str(name)] or str(name).startswith("[")]
    if wrong:
        raise SimulationError(in_both("no_name_of_swmm", names=joined(wrong[:5], ", ")))


def _edit_nodes(
    sections: Sections, text: InpText, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, issues: Issues
) -> None:
    unit = text.units.length_m
    before, after = _common(before, after)
    depth = {True: before["ground_m"] - before["invert_m"], False: after["ground_m"] - after["invert_m"]}
    for kind, section in _NODES.items():
        here = (before["node_type"] == kind).to_numpy()
        if not here.any():
            continue
        edits: Edits = {}
        _put(edits, before, here & _differs(before["invert_m"], after["invert_m"]), 1, after["invert_m"] / unit)
        if kind == "outfall":
            _put_stages(edits, text, before, after, here)
        else:
            deeper = here & _differs(depth[True], depth[False])
            if kind == "divider":
                _put_divider_depths(edits, text, before.index[deeper], depth[False] / unit)
            else:
                _put(edits, before, deeper, 2, depth[False] / unit)
            where = {"surcharge_depth_m": 4, "ponded_area_m2": 5} if kind == "junction" else {}
            for column, power in (("surcharge_depth_m", 1), ("ponded_area_m2", 2)):
                if column not in after:
                    continue
                changed = here & _differs(before[column], after[column])
                if column in where:
                    _put(edits, before, changed, where[column], after[column] / unit**power)
                else:
                    _cannot(issues, before.index[changed], column, "node")
        sections[section] = edit_rows(sections.get(section, []), edits)
    if "inflow_m3s" in after:
        _cannot(issues, after.index[_differs(before["inflow_m3s"], after["inflow_m3s"])], "inflow_m3s", "node")


def _put_stages(edits: Edits, text: InpText, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, here: Bools) -> None:
    """Set the fixed stage and flap gate of outfalls, or none, where they differ; what follows stays."""
    moved = here & _differs(before["water_level_m"], after["water_level_m"])
    gate = after["flap_gate"].map({"yes": "YES", "no": "NO"}).fillna("")
    gated = here & (gate != "").to_numpy() & (after["flap_gate"] != before["flap_gate"]).to_numpy()
    rows = {row[0].upper(): row for row in text.rows("OUTFALLS")}
    levels = tokens(after["water_level_m"].to_numpy(dtype=np.float64) / text.units.length_m)
    for place in np.flatnonzero(moved | gated).tolist():
        name = str(before.index[place]).upper()
        stage = ["FREE"] if levels[place] == "*" else ["FIXED", str(levels[place])]
        edits.setdefault(name, {}).update(
            outfall_words(
                rows[name], stage=stage if moved[place] else (), gate=gate.iloc[place] if gated[place] else ""
            )
        )


def _put_divider_depths(edits: Edits, text: InpText, names: pd.Index, depth: pd.Series) -> None:
    from drainage.formats.inp.nodes import divider_tokens

    rows = {row[0].upper(): row for row in text.rows("DIVIDERS")}
    for name in names:
        place = divider_tokens(rows[name.upper()])
        edits.setdefault(name.upper(), {})[place] = str(tokens(depth[[name]].to_numpy())[0])


def _edit_pipes(
    sections: Sections,
    text: InpText,
    old: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    new: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    issues: Issues,
) -> None:
    unit = text.units.length_m
    offsets = {
        end: [_offsets(pipes, nodes, end, text)[~pipes.index.duplicated()] for pipes, nodes in (old, new)]
        for end in ("from", "to")
    }
    before, after = _common(old[0], new[0])
    for kind, (section, places) in _LINKS.items():
        here = (before["link_type"] == kind).to_numpy()
        if not here.any():
            continue
        first = {row[0].upper(): row[1].upper() for row in text.rows(section) if len(row) > 1}
        written = np.array([first.get(name.upper(), "") for name in before.index], dtype=object)
        turned = written != before["from_node"].str.upper().to_numpy(dtype=object)
        edits: Edits = {}
        for end, other in (("from", "to"), ("to", "from")):
            changed = here & (before[f"{end}_node"] != after[f"{end}_node"]).to_numpy()
            place = {"from": 1, "to": 2}
            _put(edits, before, changed & ~turned, place[end], after[f"{end}_node"])
            _put(edits, before, changed & turned, place[other], after[f"{end}_node"])
            was, is_ = (part.reindex(before.index) for part in offsets[end])
            changed = here & _differs(was, is_) & is_.notna().to_numpy()
            for rows, written_end in ((changed & ~turned, end), (changed & turned, other)):
                if written_end in places:
                    _put(edits, before, rows, places[written_end], is_ / unit)
        if kind == "conduit":
            _put(edits, before, here & _differs(before["length_m"], after["length_m"]), 3, after["length_m"] / unit)
            _put(edits, before, here & _differs(before["manning_n"], after["manning_n"]), 4, after["manning_n"])
        sections[section] = edit_rows(sections.get(section, []), edits)
    _edit_sections(sections, text, before, after, issues)


def _edit_sections(
    sections: Sections, text: InpText, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, issues: Issues
) -> None:
    changed = np.zeros(len(before), dtype=np.bool_)
    for column in _SIZES:
        if column not in after:
            continue
        if column == "shape":
            changed |= (before[column].fillna("") != after[column].fillna("")).to_numpy()
        else:
            changed |= _differs(before[column], after[column])
    conduit = (before["link_type"] == "conduit").to_numpy()
    _cannot(issues, before.index[changed & ~conduit], in_both("its_size"), "pipe")
    changed &= conduit
    if not changed.any():
        return
    rows = _section_table(sections, after[changed], text, issues)
    edits: Edits = {
        str(name).upper(): {place: str(token) for place, token in enumerate(row, start=1)}
        for name, *row in rows.itertuples(name=None)
    }
    sections["XSECTIONS"] = edit_rows(sections.get("XSECTIONS", []), edits)


def _section_table(sections: Sections, pipes: gpd.GeoDataFrame, text: InpText, issues: Issues) -> pd.DataFrame:
    """Write sections in units of the file; the curves of ellipses are added."""
    in_units = pipes.copy(deep=False)
    for column in ("diameter_mm", "width_mm", "height_mm"):
        in_units[column] = in_units[column] / text.units.length_m
    written = section_rows(in_units)
    sizeless, silted = pipes.index[~written.known], pipes.index[written.bed_m > 0]
    issues.add("no_section", "error", "pipe", sizeless, in_both("has_no_size"), in_both("written_as_dummy"))
    issues.add("silt_raises_bed", "warning", "pipe", silted, in_both("only_in_circles"), in_both("written_less_high"))
    curves = ellipse_rows(written.ellipses)
    if len(curves):
        sections.setdefault("CURVES", []).extend(table_lines(curves))
    return written.rows


def _edit_catchments(sections: Sections, model: InpModel, net: DrainageNetwork, issues: Issues) -> None:
    if model.catchments is None or net.catchments is None:
        return
    before, after = _common(model.catchments, net.catchments)
    edits: Edits = {}
    for column, place, factor in (("area_ha", 3, model.text.units.area_ha), ("runoff_coefficient", 4, 0.01)):
        _put(edits, before, _differs(before[column], after[column]), place, after[column] / factor)
    moved = (before["node_id"].fillna("") != after["node_id"].fillna("")) & after["node_id"].isin(net.nodes.index)
    _put(edits, before, moved.to_numpy(), 2, after["node_id"])
    sections["SUBCATCHMENTS"] = edit_rows(sections.get("SUBCATCHMENTS", []), edits)
    added = net.catchments.index.difference(model.catchments.index)
    issues.add("not_written", "warning", "catchment", added, in_both("catchment_is_new"), in_both("add_to_inp"))


def _lost_catchments(net: DrainageNetwork, model: InpModel) -> pd.Index:
    """Name the catchments that no longer exist, or whose node no longer exists."""
    if model.catchments is None:
        return pd.Index([])
    kept = model.catchments if net.catchments is None else net.catchments
    gone = model.catchments.index.difference(kept.index)
    stranded = kept.index[~kept["node_id"].isin(net.nodes.index) & kept["node_id"].isin(model.nodes.index)]
    return gone.union(stranded)


def _add_nodes(sections: Sections, nodes: gpd.GeoDataFrame, unit: float) -> None:
    if not len(nodes):
        return
    outfall = (nodes["kind"] == "outfall").to_numpy()
    invert = nodes["invert_m"].to_numpy(dtype=np.float64) / unit
    depth = (nodes["ground_m"] - nodes["invert_m"]).clip(lower=0.0).fillna(0.0).to_numpy() / unit
    stage = nodes["water_level_m"].to_numpy(dtype=np.float64) / unit
    junctions = pd.DataFrame({"name": nodes.index, "invert": tokens(invert), "depth": tokens(depth)})[~outfall]
    kind = np.where(np.isfinite(stage), "FIXED", "FREE")
    level = np.where(np.isfinite(stage), tokens(stage), "")
    gated = np.where(nodes["flap_gate"] == "yes", "YES", "NO")
    outfalls = pd.DataFrame(
        {"name": nodes.index, "invert": tokens(invert), "type": kind, "stage": level, "gated": gated}
    )[outfall]
    for section, table in (("JUNCTIONS", junctions), ("OUTFALLS", outfalls)):
        if len(table):
            sections.setdefault(section, []).extend(table_lines(table))


def _add_pipes(
    sections: Sections, pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, text: InpText, issues: Issues
) -> None:
    if not len(pipes):
        return
    unit = text.units.length_m
    ends = {end: tokens((_offsets(pipes, nodes, end, text) / unit).to_numpy()) for end in ("from", "to")}
    conduits = pd.DataFrame(
        {
            "name": pipes.index,
            "from": pipes["from_node"].to_numpy(),
            "to": pipes["to_node"].to_numpy(),
            "length": tokens(pipes["length_m"].to_numpy() / unit),
            "roughness": tokens(pipes["manning_n"].to_numpy()),
            "offset_from": ends["from"],
            "offset_to": ends["to"],
        }
    )
    nameless = pipes.index[pipes["manning_n"].isna()]
    issues.add("no_roughness", "error", "pipe", nameless, in_both("has_no_roughness"), in_both("engine_refuses"))
    sections.setdefault("CONDUITS", []).extend(table_lines(conduits))
    rows = _section_table(sections, pipes, text, issues).rename_axis("name").reset_index()
    sections.setdefault("XSECTIONS", []).extend(table_lines(rows))


def _offsets(pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, end: str, text: InpText) -> pd.Series:
    """Return offsets as the file has them, in metres: elevations, or heights above the node."""
    invert = pipes[f"invert_{end}_m"].astype(np.float64)
    if text.has_elevation_offsets:
        return invert
    return invert - nodes["invert_m"].reindex(pipes[f"{end}_node"]).to_numpy(dtype=np.float64)


def _common(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    shared = before.index[before.index.isin(after.index)]
    return before.loc[shared], after.loc[shared]


def _differs(before: pd.Series, after: pd.Series) -> Bools:
    a, b = (part.to_numpy(dtype=np.float64) for part in (before, after))
    return np.asarray(~np.isclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True))


def _put(edits: Edits, frame: pd.DataFrame, rows: Bools, place: int, values: pd.Series) -> None:
    """Note new tokens of the marked rows."""
    chosen = values[rows]
    texts = chosen.astype(str) if chosen.dtype == object or isinstance(chosen.dtype, pd.StringDtype) else tokens(
        chosen.to_numpy(dtype=np.float64)
    )  # fmt: skip
    for name, token in zip(frame.index[rows], texts, strict=True):
        edits.setdefault(str(name).upper(), {})[place] = str(token)


def _cannot(issues: Issues, ids: pd.Index, column: str, kind: str) -> None:
    issues.add("not_written", "warning", kind, ids, in_both("changed_unsaid", column=column), in_both("change_in_inp"))
