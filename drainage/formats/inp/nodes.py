"""Nodes of an .inp: junctions, outfalls, dividers and storage units, their levels, tailwater and constant inflows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.errors import FormatError
from drainage.formats.inp.gages import minutes_of, simulated_min
from drainage.formats.inp.node_inflows import mean_m3s
from drainage.formats.inp.outfall_rows import is_gated
from drainage.formats.inp.text.series import Tables
from drainage.formats.inp.text.tokens import InpText, begins, match_names, numbers, one_row_per_id
from drainage.schema import Issues
from drainage.words import in_both

_COLUMNS: Final = ("node_id", "invert", "max_depth", "init_depth", "surcharge_depth", "ponded_area")
#: Number of tokens of a divider before its maximum depth, by its type.
_DIVIDER_TOKENS: Final = {"OVERFLOW": 4, "CUTOFF": 5, "TABULAR": 5, "WEIR": 7}


def read_nodes(text: InpText, tables: Tables, issues: Issues) -> pd.DataFrame:
    """Read all nodes, without their ground, which needs the links (`settle_ground`).

    Raises
    ------
    FormatError
        There is none.

    Returns
    -------
    Index ``node_id``: ``kind``, ``node_type`` (junction, outfall, divider, storage), ``invert_m``, ``max_depth_m`` as
    recorded, ``surcharge_depth_m``, ``ponded_area_m2``, ``water_level_m``, ``flap_gate`` (of outfalls: yes or no),
    ``inflow_m3s``, ``tag``.
    """
    storage = _regrouped(text, "STORAGE", lambda row: 6 if row[4:5] and row[4].upper().startswith("TAB") else 8)
    dividers = _regrouped(text, "DIVIDERS", divider_tokens)
    outfalls = text.table("OUTFALLS", ("node_id", "invert", "type", "stage"))
    parts = [
        text.table("JUNCTIONS", _COLUMNS).assign(node_type="junction"),
        outfalls.assign(node_type="outfall"),
        dividers.assign(node_type="divider"),
        storage.assign(node_type="storage"),
    ]
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    rows = rows.reindex(columns=[*_COLUMNS, "type", "stage", "node_type"])
    rows = one_row_per_id(rows, "node", issues)
    if not len(rows):
        raise FormatError(in_both("inp_without_nodes", file=text.path.name))
    unit = text.units.length_m
    nodes = pd.DataFrame(
        {
            "kind": rows["node_type"].map(
                {"junction": "manhole", "divider": "manhole", "outfall": "outfall", "storage": "storage"}
            ).astype(object),
            "node_type": rows["node_type"].astype(object),
            "invert_m": numbers(rows, "invert", issues, feature_kind="node") * unit,
            "max_depth_m": numbers(rows, "max_depth", issues, feature_kind="node", default=0.0) * unit,
            "surcharge_depth_m": numbers(rows, "surcharge_depth", issues, feature_kind="node", default=0.0) * unit,
            "ponded_area_m2": numbers(rows, "ponded_area", issues, feature_kind="node", default=0.0) * unit**2,
            "water_level_m": _tailwater(rows, tables, issues) * unit,
        }
    )  # fmt: skip
    nodes.index = pd.Index(rows["node_id"].astype("str"), name="node_id")
    nodes["flap_gate"] = _flap_gates(text, nodes.index)
    nodes["tag"] = tags_of(text, "NODE", nodes.index)
    nodes["inflow_m3s"] = _inflows(text, tables, nodes.index, issues) * text.units.flow_m3s
    return nodes


def settle_ground(nodes: pd.DataFrame, pipes: pd.DataFrame, issues: Issues) -> pd.DataFrame:
    """Add ``ground_m`` and ``depth_m``: invert + maximum depth, but at least the highest crown of a link.

    So does the engine, but for storage units without surcharge depth. ``ground_source`` says which: recorded or crown.
    """
    at = [
        (pipes["from_node"], pipes["offset_from_m"] + pipes["crown_depth_m"]),
        (pipes["to_node"], (pipes["offset_to_m"] + pipes["crown_depth_m"]).where(pipes["link_type"] == "conduit")),
    ]
    crowns = pd.concat([pd.Series(depth.to_numpy(), index=node.to_numpy()) for node, depth in at])
    crown = crowns.groupby(level=0).max().reindex(nodes.index).fillna(0.0)
    fixed = (nodes["node_type"] == "storage") & (nodes["surcharge_depth_m"] <= 0)
    recorded = nodes["max_depth_m"]
    raised = ~fixed & (crown > recorded + 1e-9)
    depth = recorded.where(~raised, crown)
    none = raised & (recorded <= 0) & (nodes["node_type"] != "outfall")
    issues.add("no_depth", "warning", "node", nodes.index[none], in_both("depth_is_zero"), in_both("ground_by_crown"))
    low = raised & (recorded > 0)
    issues.add(
        "depth_below_crown",
        "warning",
        "node",
        nodes.index[low],
        [in_both("depth_below_crown", depth_m=a, crown_m=b) for a, b in zip(recorded[low], crown[low], strict=True)],
        in_both("ground_raised"),
    )
    nothing = nodes.index[(depth <= 0) & (nodes["node_type"] != "outfall")]
    issues.add("no_depth", "warning", "node", nothing, in_both("depth_without_crown"), in_both("ground_unknown"))
    return nodes.assign(
        depth_m=depth.where(depth > 0),
        ground_m=(nodes["invert_m"] + depth).where(depth > 0),
        ground_source=raised.map({True: "crown", False: "recorded"}).astype(object).where(depth > 0, None),
    )


def tags_of(text: InpText, kind: str, ids: pd.Index) -> pd.Series:
    """Return the tags of nodes (``NODE``) or links (``LINK``), missing where there is none."""
    rows = text.table("TAGS", ("kind", "name", "tag"))
    rows = rows[begins(rows["kind"], kind)]
    named = match_names(rows["name"], ids)
    tags = pd.Series(rows["tag"].to_numpy(dtype=object), index=named.to_numpy(dtype=object), dtype=object)
    return tags[~tags.index.duplicated(keep="last")].reindex(ids)


def _regrouped(text: InpText, section: str, tokens_before: Callable[[list[str]], int]) -> pd.DataFrame:
    """Read a section in which the surcharge depth and what follows stand behind parameters of varying number."""
    rows = []
    for row in text.rows(section):
        first = tokens_before(row)
        rest = [*row[first:], None, None, None, None]
        if section == "STORAGE":
            rows.append([*row[:4], *[None] * (4 - len(row[:4])), rest[0], None])
        else:
            rows.append([row[0], row[1] if len(row) > 1 else None, *rest[:4]])
    return pd.DataFrame(rows, columns=list(_COLUMNS), dtype=object)


def divider_tokens(row: list[str]) -> int:
    """Return the place of the maximum depth in the row of a divider."""
    word = row[3].upper() if len(row) > 3 else ""
    return next((count for name, count in _DIVIDER_TOKENS.items() if word.startswith(name[:4])), 4)


def _tailwater(rows: pd.DataFrame, tables: Tables, issues: Issues) -> Floats:
    """Return the stage of outfalls in units of the file: fixed, or the highest of its curve or series; else missing."""
    level = np.full(len(rows), np.nan)
    fixed, tidal = begins(rows["type"], "FIXED"), begins(rows["type"], "TIDAL")
    level[fixed] = numbers(rows[fixed], "stage", issues, feature_kind="node")
    for row in np.flatnonzero(tidal | begins(rows["type"], "TIMESERIES")):
        name = str(rows["stage"].iloc[row])
        read = tables.curve(name) if tidal.iloc[row] else tables.series(name)
        found = read is not None and len(read) > 0
        if read is not None and found:
            level[row] = np.nanmax(read[:, 1])
        issues.add(
            "changing_stage" if found else "no_stage",
            "info" if found else "warning",
            "node",
            [rows["node_id"].iloc[row]],
            in_both("level_changes_by" if found else "level_unread", name=name),
            in_both("highest_taken" if found else "free_outfall_taken"),
        )
    return level


def _flap_gates(text: InpText, ids: pd.Index) -> pd.Series:
    gates = pd.Series({row[0]: "yes" if is_gated(row) else "no" for row in text.rows("OUTFALLS")}, dtype=object)
    return gates.reindex(ids)


def _inflows(text: InpText, tables: Tables, ids: pd.Index, issues: Issues) -> Floats:
    """Sum the constant inflows of each node in units of the file: dry weather average, baseline, mean of the series."""
    dry = text.table("DWF", ("node_id", "constituent", "average"))
    dry = dry[begins(dry["constituent"], "FLOW")].reset_index(drop=True)
    direct = text.table("INFLOWS", ("node_id", "constituent", "series", "type", "mfactor", "sfactor", "baseline"))
    direct = direct[begins(direct["constituent"], "FLOW")].reset_index(drop=True)
    scale = numbers(direct, "sfactor", issues, feature_kind="node", default=1.0)
    value = numbers(direct, "baseline", issues, feature_kind="node", default=0.0)
    for row in np.flatnonzero(direct["series"].notna() & ~direct["series"].isin(["", "*"])):
        node, name = direct["node_id"].iloc[row], direct["series"].iloc[row]
        series = tables.series(name)
        if series is not None:
            series = series[np.argsort(series[:, 0], kind="stable")]
            value[row] += scale[row] * mean_m3s(
                minutes_of(series[:, 0], text), series[:, 1], simulated_min(text) * 60.0
            )
        issues.add(
            "inflow_series",
            "info" if series is not None else "warning",
            "node",
            [node],
            in_both("inflow_unread" if series is None else "inflow_of_series", name=name),
            in_both("left_out" if series is None else "series_in_time"),
        )
    seeping = [row[0] for row in text.rows("RDII")]
    issues.add("rdii", "info", "node", seeping, in_both("takes_rdii"), in_both("rdii_in_time"))
    patterned = [row[0] for row in text.rows("DWF") if len(row) > 3 and any(row[3:7])]
    issues.add("pattern", "info", "node", patterned, in_both("takes_patterns"), in_both("pattern_in_time"))
    names = pd.concat([dry["node_id"], direct["node_id"]], ignore_index=True)
    amount = np.concatenate([numbers(dry, "average", issues, feature_kind="node", default=0.0), value])
    node = match_names(names, ids)
    lost = names[node.isna()]
    issues.add("unknown_node", "error", "node", lost, in_both("inflow_at_no_node"), in_both("left_out"))
    return pd.Series(amount).groupby(node.to_numpy()).sum().reindex(ids).fillna(0.0).to_numpy(dtype=np.float64)
