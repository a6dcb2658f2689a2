"""Rows of a layer made into features: those that are not lines or not in use set aside, each with a unique id."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.intake.joining import Joined
from drainage.positions import are_lines
from drainage.schema import Issues
from drainage.schema.issues import RowNames
from drainage.schema.layers import LayerModel
from drainage.schema.text.arrow_text import is_unique
from drainage.words import coded, in_both

_INACTIVE = ("abandoned", "planned", "private")


def names_of_rows(table: gpd.GeoDataFrame, column: str = "pipe_id") -> RowNames:
    """Return what issues call the rows: by id, else by number."""
    return RowNames(table[column], len(table))


def set_aside_inactive(pipes: gpd.GeoDataFrame, issues: Issues) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Split off the pipes that are abandoned, planned or private: kept, but no part of the network."""
    if pipes["ownership"].isna().all() and pipes["status"].isna().all():
        return pipes, pipes[:0]
    owner = pipes["ownership"].astype("str").str.strip().str.lower()
    private = owner.isin(["private", "priv", "pvt", "私有", "自管"]).to_numpy()
    status = pipes["status"].mask(private, "private")
    inactive = status.isin(_INACTIVE).to_numpy()
    for word, rows in pipes[inactive].groupby(status[inactive]):
        reason = in_both("pipes_inactive", count=len(rows), status=coded("status", word))
        issues.add("inactive", "info", "status", [word], reason, in_both("kept_in_layer", layer="inactive"))
    return pipes[~inactive], pipes[inactive]


def set_aside_inactive_nodes(joined: Joined, issues: Issues) -> tuple[Joined, gpd.GeoDataFrame]:
    """Split off the nodes that are abandoned, planned or private, but not those at which pipes in use meet."""
    nodes = joined.nodes
    if "status" not in nodes or nodes["status"].isna().all():
        return joined, nodes[:0]
    inactive = nodes["status"].isin(_INACTIVE).to_numpy()
    used = np.zeros(len(nodes), np.bool_)
    for row in (joined.tail, joined.head):
        used[row[row >= 0]] = True
    reasons = [in_both("inactive_in_use", status=coded("status", word)) for word in nodes["status"][inactive & used]]
    issues.add("inactive_node", "warning", "node", nodes.index[inactive & used], reasons, in_both("kept_in_network"))
    apart = inactive & ~used
    for word, rows in nodes[apart].groupby(nodes["status"][apart]):
        reason = in_both("nodes_inactive", count=len(rows), status=coded("status", word))
        issues.add("inactive", "info", "status", [word], reason, in_both("kept_in_layer", layer="inactive_nodes"))
    row = np.cumsum(~apart) - 1
    tail, head = (np.where(ends >= 0, row[ends], -1) for ends in (joined.tail, joined.head))
    return joined._replace(nodes=nodes[~apart], tail=tail, head=head), nodes[apart]


def lines_only(table: gpd.GeoDataFrame, issues: Issues) -> gpd.GeoDataFrame:
    """Merge the parts of a line; set other geometry aside, keeping the row if its ids still tell where it belongs."""
    ids = names_of_rows(table)
    if are_lines(table.geometry.values):
        return table
    kind = table.geometry.geom_type
    multi = (kind == "MultiLineString").to_numpy()
    if multi.any():
        merged = gpd.GeoSeries(table.geometry[multi]).line_merge()
        whole = (merged.geom_type == "LineString").to_numpy()
        rows = np.flatnonzero(multi)
        issues.add("multi_part", "info", "pipe", ids[rows[whole]], in_both("multi_part"), in_both("parts_joined"))
        reason, action = in_both("parts_apart"), in_both("draw_as_one_line")
        issues.add("multi_part", "error", "pipe", ids[rows[~whole]], reason, action)
        table.loc[table.index[rows[whole]], "geometry"] = merged[whole]
        kind = table.geometry.geom_type
    empty = (table.geometry.isna() | table.geometry.is_empty).to_numpy()
    other = ~empty & (kind != "LineString").to_numpy()
    left = other & ~multi
    reasons = [in_both("not_a_line", kind=k) for k in kind[left]]
    issues.add("not_a_line", "error", "pipe", ids[left], reasons, in_both("pipe_is_a_line"))
    issues.add("no_geometry", "warning", "pipe", ids[empty], in_both("no_geometry"), in_both("kept_if_placed"))
    if (other | empty).any():
        table.loc[table.index[other | empty], "geometry"] = None
    return table


def _report_damaged(ids: pd.Series, kind: str, issues: Issues) -> None:
    """Report which ids are damaged."""
    text = ids.astype("str")
    damaged = text[text.str.contains("\ufffd", regex=False)]
    issues.add("damaged_id", "error", kind, damaged, in_both("id_damaged"), in_both("kept_correct_source"))


def report_similar(ids: pd.Series | pd.Index, kind: str, issues: Issues) -> None:
    """Report ids that differ only by leading zeros: a spreadsheet turns ``01`` into ``1``."""
    text = pd.Series(ids).astype("str").reset_index(drop=True)
    padded = text.str.startswith("0")
    if not padded.any():
        return
    bare = text[padded].str.lstrip("0")
    twins = bare[bare.isin(text[~padded])]
    reasons = [in_both("leading_zeros", twin=twin) for twin in twins]
    issues.add("similar_id", "warning", kind, text[twins.index], reasons, in_both("kept_apart"))


def with_ids(table: gpd.GeoDataFrame, layer: LayerModel, issues: Issues) -> gpd.GeoDataFrame:
    """Index by id: blank ids are numbered, repeated ones get a suffix, and both are issues."""
    column, prefix, kind = layer.id, layer.prefix, layer.feature
    ids = table[column]
    blank = ids.isna()
    if blank.any():
        width = len(str(len(table)))
        taken = set(ids[~blank])
        while any(str(name).startswith(prefix) and str(name)[len(prefix) :].isdigit() for name in taken):
            prefix += "x"
        rows = np.flatnonzero(blank)
        ids = ids.mask(
            blank, pd.Series([f"{prefix}{row + 1:0{width}d}" for row in range(len(table))], index=table.index)
        )
        reason = in_both("rows_without_id", count=len(rows), of=len(table), column=column)
        action = in_both("rows_numbered", first=ids.iloc[rows[0]], last=ids.iloc[rows[-1]])
        issues.add("no_id", "warning" if len(rows) < len(table) else "info", "column", [column], reason, action)
    _report_damaged(ids, kind, issues)
    if kind != "node":  # of nodes their places tell more, see `drainage.intake.spellings`
        report_similar(ids, kind, issues)
    index = pd.Index(ids.astype("str"), name=column)
    if not is_unique(index):
        repeated = ids.duplicated(keep="first")
        number = ids.groupby(ids).cumcount()
        both = ids.isin(ids[repeated])
        shared = kind == "pipe" and bool((table["system"].groupby(ids).transform("nunique")[both] > 1).all())
        renamed = (ids.astype(str) + "~" + (number + 1).astype(str)).where(repeated, ids)
        reasons = [in_both("id_in_systems" if shared else "id_again", column=column, name=name) for name in ids[both]]
        issues.add(
            "shared_id" if shared else "duplicate_id",
            "warning" if shared else "error",
            kind,
            renamed[both],
            reasons,
            in_both("kept_with_suffix"),
        )
        index = pd.Index(renamed.astype("str"), name=column)
    return table.drop(columns=column).set_axis(index, axis=0)
