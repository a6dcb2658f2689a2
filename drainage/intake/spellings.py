"""Ids that are written in several ways, ``N3`` and ``Ｎ 03``: one id where they lie at one place, else two."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.intake.features import report_similar
from drainage.intake.joining import Ends
from drainage.intake.same_place import crowded, same_place
from drainage.positions import coordinates
from drainage.schema import Issues
from drainage.schema.ids import KnownIds, fold_ids
from drainage.words import in_both

ONE_PLACE_M = 0.5  # half the width of a manhole; a choice of ours


def spell_alike(ends: Ends, nodes: gpd.GeoDataFrame | None, issues: Issues) -> tuple[Ends, gpd.GeoDataFrame | None]:
    """Unify, at one place, ids that differ only in width, case, blanks, hyphens, underscores or zeros.

    That of the layer of nodes wins, else the one met first. Ends without a place take the only node of the layer that
    can be meant. Rows of the layer at one place that differ so are one node, the first of them.
    """
    layer = pd.Index([], dtype="str") if nodes is None else nodes.index
    in_layer = layer.get_indexer(ends.names) >= 0 if len(layer) else np.zeros(len(ends.names), np.bool_)
    named = ends.code >= 0
    located = np.isfinite(ends.xy[:, 0])
    lost = named & ~in_layer[ends.code] if len(layer) else named
    nowhere = np.flatnonzero(lost & ~located) if len(layer) else np.zeros(0, np.intp)
    names = layer.append(ends.names[~in_layer]) if len(layer) else ends.names
    number = np.append(names.get_indexer(ends.names), -1)[ends.code] if len(layer) else ends.code
    spots = np.flatnonzero(lost & located)
    if not len(layer) and len(spots) == len(ends.code):  # the usual survey with ids, worth telling apart at a million
        xy, name = ends.xy, ends.code
        near = np.flatnonzero(crowded(name, xy, ONE_PLACE_M))
    else:
        of_layer = np.empty((0, 2)) if nodes is None else coordinates(nodes.geometry)
        xy = np.concatenate([of_layer, ends.xy[spots]])
        name = np.concatenate([np.arange(len(layer)), number[spots]])
        near = np.flatnonzero(np.isfinite(xy[:, 0]))
        near = near[crowded(name[near], xy[near], ONE_PLACE_M)]
    new = number
    if len(near):
        new, merged = _one_name(near, name, xy, names, spots, len(layer), new)
        nodes = _without(nodes, merged, names, issues)
        new = merged[new]
    if len(nowhere):
        row = KnownIds(layer).find(ends.names[ends.code[nowhere]])
        new = new.copy()
        new[nowhere] = np.where(row >= 0, row, new[nowhere])
    if nodes is not None:
        report_similar(nodes.index, "node", issues)
    changed = np.flatnonzero(named & (new != number))
    if not len(changed):
        return ends, nodes
    pairs = pd.DataFrame({"was": number[changed], "new": new[changed]}).drop_duplicates()
    reasons = [in_both("id_written_otherwise", name=now) for now in names[pairs["new"]]]
    issues.add("spelling", "info", "node", names[pairs["was"]], reasons, in_both("one_node_alike"))
    return ends._replace(code=np.where(named, new, -1), names=names), nodes


def _one_name(
    near: NDArray[np.intp],
    name: NDArray[np.intp],
    xy: NDArray[np.float64],
    names: pd.Index,
    spots: NDArray[np.intp],
    n_layer: int,
    new: NDArray[np.intp],
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rename the ends at places where ids of one fold meet; and tell which name each name of the layer gives way to."""
    used, of_name = np.unique(name[near], return_inverse=True)
    fold, _ = pd.factorize(fold_ids(names[used]))
    label = same_place(fold[of_name].astype(np.intp), xy[near], ONE_PLACE_M)
    first = pd.Series(name[near]).groupby(label).transform("min").to_numpy()  # the layer comes first
    new = new.copy()
    ends = near >= n_layer
    new[spots[near[ends] - n_layer]] = first[ends]
    merged = np.arange(len(names))
    merged[name[near[~ends]]] = first[~ends]
    return new, merged


def _without(
    nodes: gpd.GeoDataFrame | None, merged: NDArray[np.intp], names: pd.Index, issues: Issues
) -> gpd.GeoDataFrame | None:
    gone = np.flatnonzero(merged != np.arange(len(merged)))
    if nodes is None or not len(gone):
        return nodes
    reasons = [in_both("id_otherwise_at_place", name=name) for name in names[merged[gone]]]
    issues.add("spelling", "info", "node", names[gone], reasons, in_both("one_node_first_row"))
    return nodes.drop(index=names[gone])
