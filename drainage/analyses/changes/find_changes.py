"""What is another in a later network: what is new, gone or abandoned, and what became of all else."""

from __future__ import annotations

from collections import Counter
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas.array import GeometryArray

from drainage.analyses.changes.beside import BESIDE_M
from drainage.analyses.changes.cell_pairs import SEPARATOR
from drainage.analyses.changes.change_rows import COLUMNS, Both
from drainage.analyses.changes.in_use import abandoned_records, day_of
from drainage.analyses.changes.kinds import CHANGES, NEW_LEVEL_M, changes_of_nodes, changes_of_pipes
from drainage.analyses.changes.one_town import check_one_crs, check_one_town
from drainage.analyses.changes.pairs import MOVED_M, NEAR_M, Pairs, pair_networks
from drainage.arrays import Bools, spread
from drainage.errors import SchemaError
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.positions import coordinates
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.schema.layers import LAYERS
from drainage.wants import wants
from drainage.words import in_both

_POPUP: Final = ("id_before", "id_after", "change", "attribute", "before", "after", "road", "length_m", "distance_m")


@wants
def find_changes(before: DrainageNetwork, after: DrainageNetwork, *, moved_m: float = MOVED_M) -> Result:
    """Find what has changed from a network to a later one, feature by feature, whatever their numbering.

    Pipes are paired by id at one place, then by place, then by id alone where the numbering was kept
    (`drainage.analyses.changes.pair_networks`).

    Parameters
    ----------
    before, after
        Two deliveries, or one source on two days (`DrainageNetwork.as_of`), in one CRS.
    moved_m
        From this distance on, m, a feature has moved; lines that are nowhere further apart lie on one course. The
        accuracy of a plan, our own choice.

    Returns
    -------
    Result
        ``changes``: a row for each pair of old and new and each kind of change that applies: ``feature_kind`` (pipe |
        node), ``id_before``, ``id_after`` (None where there is none), ``change``, ``attribute`` (columns that differ,
        separated by ``; ``) and their values ``before`` and ``after`` as text, ``road``, ``length_m``, ``distance_m``
        (Hausdorff distance of the lines, distance of the points), and the geometry after the change, else before.

        Kinds: added; removed (no record is left); abandoned (the record is kept, ``id_after`` is its id); separated (a
        combined pipe carries storm water or sewage now, or pipes for them were laid beside it: a row for each); relaid
        (on one course, with levels that differ by 0.01 m or more, new material and day, or with another id where the
        old pipe is recorded as abandoned); enlarged and reduced (by
        the clear area); turned; moved; renamed (nothing but the id); edited (anything else).

        ``kinds``: features and kilometres of each kind; ``attributes``: features of which a column differs. The summary
        counts features by kind and change, and names the columns of others, or of one side only, that differ almost
        everywhere: those are told once, and not pipe by pipe.

    Raises
    ------
    CrsError
        The networks have different CRSs, or one lies beside the other as a whole.
    SchemaError
        Nothing of one is in the other: two towns, or two layers; ``moved_m`` is not above 0.

    Examples
    --------
    >>> import drainage as dr
    >>> log = dr.analyses.find_changes(dr.load_demo("2018-12-31"), dr.load_demo("2021-05-07"))
    >>> int(log.summary["pipes_removed"])
    0
    """
    if not moved_m > 0.0:
        raise SchemaError(in_both("moved_out", value=moved_m))
    check_one_crs(before, after)
    pairs = check_one_town(before, after, pair_networks(before, after, moved_m=moved_m))
    gone = abandoned_records(after)
    pipes = Both("pipe", before.pipes, after.pipes, pairs.same, gone["pipe"], moved_m)
    nodes = Both("node", before.nodes, after.nodes, pairs.nodes, gone["node"], moved_m)
    turned, ends = _ends(before, after, pairs, pipes.moved)
    apart = _read_otherwise(before, after)
    still = np.zeros(len(pairs.nodes[0]), np.bool_)
    pipe_cells, node_cells = pipes.cells(turned, apart), nodes.cells(still, apart)
    pipe_cells.differs |= ends
    once = {**pipe_cells.tell_once(LAYERS["pipes"]), **node_cells.tell_once(LAYERS["nodes"])}
    table = pd.concat(
        [
            *pipes.unpaired(pairs.beside, pairs.idle, day_of(after)),
            pipes.beside(pairs.beside),
            *map(pipes.rows, changes_of_pipes(pipe_cells, pipes.moved, pipes.replaced(day_of(after)))),
            *nodes.unpaired(None, None, day_of(after), _ends_of_abandoned(after, gone["pipe"])),
            *map(nodes.rows, changes_of_nodes(node_cells, nodes.moved)),
        ],
        ignore_index=True,
    )
    geometry = GeometryArray(table["geometry"].to_numpy(dtype=object), crs=after.crs)
    changes = gpd.GeoDataFrame(table[list(COLUMNS)], geometry=geometry).rename_axis("row")
    return Result(
        "changes",
        {"changes": changes, "kinds": _kinds(changes), "attributes": _attributes(changes)},
        _summary(changes, before, after, pairs, once, moved_m),
        (
            *context_of(after),
            *(Layer("changes", changes[changes["feature_kind"] == kind], "change", _POPUP) for kind in CHANGES),
        ),
        provenance=Provenance.joined(map(Provenance.of, (before, after))),
    )


def _ends_of_abandoned(after: DrainageNetwork, gone: gpd.GeoDataFrame) -> pd.Index:
    """Return the nodes that abandoned pipes name: they are left out with them, and their records are kept, too."""
    named = pd.Index(pd.concat([gone["from_node"], gone["to_node"]]).dropna().unique())
    left_out: pd.Index = named[after.nodes.index.get_indexer(named) < 0]
    return left_out


def _read_otherwise(before: DrainageNetwork, after: DrainageNetwork) -> frozenset[str]:
    """Return the columns that became ours on one side only: there they are no longer under their own names."""
    read = [Counter(one.source for found in net.origin.columns.values() for one in found) for net in (before, after)]
    ours = {name for layer in (LAYERS["pipes"], LAYERS["nodes"]) for name in (*layer.columns, *layer.also)}
    return frozenset(name for name in {*read[0], *read[1]} - ours if read[0][name] != read[1][name])


def _ends(
    before: DrainageNetwork, after: DrainageNetwork, pairs: Pairs, moved: Bools
) -> tuple[Bools, dict[str, Bools]]:
    """(n_pairs,) the pipe runs the other way; it begins, or ends, at another node of those that were there.

    A pipe that has moved may end at another node: that is no change of its own.
    """
    rows_before, rows_after = pairs.same
    old, new = before.graph, after.graph
    became = spread(len(before.nodes), pairs.nodes[0], pairs.nodes[1], -1)
    was = spread(len(after.nodes), pairs.nodes[1], pairs.nodes[0], -1)
    tail, head = became[old.tail[rows_before]], became[old.head[rows_before]]
    new_tail, new_head = new.tail[rows_after], new.head[rows_after]
    same_name = _same_names(before, after, pairs)
    straight = (tail == new_tail) & (head == new_head) | np.logical_and(*same_name)
    crossed = (tail == new_head) & (head == new_tail) & ~straight
    turned = np.where(moved, pairs.turned, crossed | (pairs.turned & ~straight))
    place = coordinates(after.nodes.geometry.to_numpy())
    other = {}
    for name, mine, now, same in (
        ("from_node", np.where(turned, head, tail), new_tail, same_name[0]),
        ("to_node", np.where(turned, tail, head), new_head, same_name[1]),
    ):
        known = (mine >= 0) & (was[now] >= 0) & (mine != now) & ~moved & ~same
        known[known] = np.hypot(*(place[mine[known]] - place[now[known]]).T) >= MOVED_M
        other[name] = known
    return turned, other


def _same_names(before: DrainageNetwork, after: DrainageNetwork, pairs: Pairs) -> tuple[Bools, Bools]:
    """(n_pairs,) both record the same node at which the pipe begins, and at which it ends.

    Names that were given on reading, where the source records none, mean nothing.
    """
    if pairs.numbering_kept is not True:
        none = np.zeros(len(pairs.same[0]), np.bool_)
        return none, none
    found = []
    for name in ("from_node", "to_node"):
        recorded = [
            not net.origin.columns or any(one.column == name for read in net.origin.columns.values() for one in read)
            for net in (before, after)
        ]
        old, new = before.pipes[name].iloc[pairs.same[0]], after.pipes[name].iloc[pairs.same[1]]
        same = old.astype(str).to_numpy() == new.astype(str).to_numpy()
        found.append(np.asarray(same & all(recorded), np.bool_))
    return found[0], found[1]


def _kinds(changes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Tabulate features and kilometres of each kind of change; a feature that has several pairs counts once."""
    named = changes.assign(feature=changes["id_after"].fillna(changes["id_before"]))
    named = named.drop_duplicates(["feature_kind", "change", "feature"])
    by_kind = named.groupby(["feature_kind", "change"], sort=False)
    table = pd.DataFrame({"features": by_kind.size(), "length_km": by_kind["length_m"].sum() / 1000.0}).reset_index()
    order = pd.MultiIndex.from_tuples([(kind, change) for kind, told in CHANGES.items() for change in told])
    place = order.get_indexer(pd.MultiIndex.from_frame(table[["feature_kind", "change"]]))
    return table.iloc[np.argsort(place)].set_index("change")


def _attributes(changes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Tabulate the features of which a column differs."""
    told = changes.loc[changes["attribute"].notna() & ~changes["change"].isin(["moved", "abandoned", "renamed"])]
    each = told.assign(attribute=told["attribute"].str.split(SEPARATOR)).explode("attribute")
    counts = each.groupby(["feature_kind", "attribute"], sort=True).size().rename("features").reset_index()
    return counts.set_index("attribute")


def _summary(
    changes: gpd.GeoDataFrame, before: DrainageNetwork, after: DrainageNetwork, pairs: Pairs, once: dict[str, float],
    moved_m: float,
) -> pd.Series:  # fmt: skip
    counts = _kinds(changes).reset_index().set_index(["feature_kind", "change"])["features"]
    facts: dict[str, object] = {
        f"{kind}s_{change}": int(counts.get((kind, change), 0)) for kind, told in CHANGES.items() for change in told
    }
    touched = changes.loc[(changes["feature_kind"] == "pipe") & changes["id_before"].notna(), "id_before"].nunique()
    facts["pipes_unchanged"] = int((~pairs.idle[0]).sum()) - touched
    for when, net in (("before", before), ("after", after)):
        facts[f"length_{when}_km"] = round(float(net.pipes["length_m"].sum()) / 1000.0, 3)
    facts["numbering_kept"] = pairs.numbering_kept
    if once:
        facts["columns_told_once"] = ", ".join(f"{name} ({share:.0%})" for name, share in once.items())
    facts["assumptions"] = {
        "moved": in_both("changes_moved", moved_m=moved_m, near_m=NEAR_M),
        "level": in_both("changes_level", level_m=NEW_LEVEL_M),
        "beside": in_both("changes_beside", beside_m=BESIDE_M),
    }
    return pd.Series(facts, dtype=object, name="changes")
