"""Registers that number their nodes independently: an id that two of them bear is one node only where it lies.

A register is a table of pipes, or a system within one where the table gives most of the ids that its systems share to
places apart. The user may say ``one_register = true`` in a mapping: then the same id is the same node everywhere.
"""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.intake.joining import Ends
from drainage.intake.same_place import same_place
from drainage.intake.spellings import ONE_PLACE_M
from drainage.positions import FAR_M, coordinates, coordinates_at
from drainage.schema import Issues
from drainage.words import coded, in_both

#: Column that keeps the number of the table from which a row came, until the pipes are joined.
TABLE: Final = "_table"
#: Column that keeps the id as it was written of a node whose id others bear elsewhere.
WRITTEN: Final = "_written"
AGREE_M = 0.1  # the accuracy of a total-station survey, our choice, as the tolerance within which ends meet
_APART_M = 2 * FAR_M  # no pipe ends so far from its own manhole
_MANY = 3  # fewer ends far apart are slips of the pen


def name_apart(table: gpd.GeoDataFrame, issues: Issues, *, one_register: bool) -> gpd.GeoDataFrame:
    """Name nodes that repeat an id at another place: ``12~sewage`` where their systems differ, else ``12~2``.

    Rows of one register are apart beyond 20 m, rows of two (files or systems) where their places do not agree. Rows
    that repeat an id at its place are left out: the first counts.
    """
    ids = table["node_id"]
    repeated = np.flatnonzero(ids.notna() & ids.duplicated(keep=False))
    if not len(repeated):
        return table
    rows = table.iloc[repeated]
    code, _ = pd.factorize(rows["node_id"])
    xy = coordinates(rows.geometry.to_numpy())
    system = rows["system"].astype(object).where(rows["system"].notna(), "").to_numpy()
    first = pd.Series(np.arange(len(rows))).groupby(code).transform("first").to_numpy()
    known = (system != "") & (system[first] != "")
    differ = known & (system != system[first])
    same = ~differ & (rows[TABLE].to_numpy() == rows[TABLE].to_numpy()[first])
    limit = np.select([same, differ], [FAR_M, AGREE_M], ONE_PLACE_M)
    away = np.hypot(*(xy - xy[first]).T)
    placed = np.isfinite(xy[:, 0])
    again = pd.Series(same_place(code.astype(np.intp), xy, AGREE_M)).duplicated().to_numpy() & placed
    apart = np.where(np.isfinite(away), away > limit, differ) & ~again
    apart &= not one_register
    kept = np.ones(len(table), np.bool_)
    kept[repeated[(first != np.arange(len(rows))) & ~apart]] = False
    reason, action = in_both("node_id_again"), in_both("first_row_used")
    issues.add("duplicate_id", "warning", "node", ids[~kept], reason, action)
    if apart.any():
        table = _renamed(table, repeated[apart], np.where(differ, system, "")[apart], away[apart], issues)
    return table[kept]


def _renamed(
    table: gpd.GeoDataFrame,
    rows: NDArray[np.intp],
    system: NDArray[np.object_],
    away: NDArray[np.float64],
    issues: Issues,
) -> gpd.GeoDataFrame:
    written = table["node_id"].iloc[rows].reset_index(drop=True)
    number = (written.groupby(written).cumcount() + 2).astype("str")
    new = _free(written + "~" + number.where(system == "", pd.Series(system)), set(table["node_id"].dropna()))
    reasons = [in_both("node_id_elsewhere") if np.isnan(d) else in_both("node_id_away", away_m=d) for d in away]
    issues.add("shared_id", "warning", "node", new, reasons, in_both("node_id_of_its_own"))
    ids, before = table["node_id"].to_numpy(dtype=object, copy=True), np.full(len(table), None, dtype=object)
    ids[rows], before[rows] = new, written
    columns = {"node_id": ids, WRITTEN: before}
    return table.assign(**{name: pd.Series(column, table.index, dtype="str") for name, column in columns.items()})


def separate(
    ends: Ends, system: pd.Series, table: NDArray[np.intp], nodes: gpd.GeoDataFrame | None, issues: Issues
) -> Ends:
    """Lead each end to the node that its register means, and give those that no layer has an id of their own.

    Where several nodes of the layer bear the id, an end takes the one at which it lies, else the one of its system,
    else the nearest. Else the registers that bear it meet where their places agree; of those that do not, the one that
    ends at the node of the layer, or is of its system, or is named first keeps the id, the others get ``12~sewage``.
    """
    kind, words = pd.factorize(system)
    kind, tables = np.tile(kind, 2), np.tile(table, 2)
    if nodes is not None and WRITTEN in nodes and nodes[WRITTEN].notna().any():
        ends = _at_twins(ends, words.to_numpy(dtype=object)[kind], nodes)
    register = _registers(ends, tables, kind, len(words))
    claims = _claims(ends, register, kind, words)
    if not len(claims):
        return ends
    claims = _owners(claims, nodes, ends.names)
    moved = claims[claims["moved"]]
    if not len(moved):
        return ends
    groups = moved.drop_duplicates(["name", "place"])
    written = ends.names[groups["name"]]
    taken = {*ends.names, *([] if nodes is None else nodes.index)}
    new = pd.Index(_free(pd.Series(written + "~" + groups["system"].to_numpy()), taken), dtype="str")
    reasons = [
        in_both("node_id_of_two", system=coded("system", one), away_m=away)
        for one, away in zip(groups["system"], groups["away"], strict=True)
    ]
    issues.add("shared_id", "warning", "node", new, reasons, in_both("kept_as_two_nodes"))
    number = pd.Series(len(ends.names) + np.arange(len(groups)), pd.MultiIndex.from_frame(groups[["name", "place"]]))
    at = number.reindex(pd.MultiIndex.from_frame(moved[["name", "place"]])).to_numpy()
    by_claim = pd.Series(at, pd.MultiIndex.from_frame(moved[["name", "register"]]))
    own = by_claim.reindex(pd.MultiIndex.from_arrays([ends.code, register])).to_numpy(dtype=np.float64)
    code = np.where(np.isfinite(own), np.nan_to_num(own).astype(np.intp), ends.code)
    return ends._replace(code=code, names=ends.names.append(new))


def _at_twins(ends: Ends, system: NDArray[np.object_], nodes: gpd.GeoDataFrame) -> Ends:
    """Lead the ends whose id several nodes bear each to one of these."""
    written = nodes[WRITTEN].fillna(pd.Series(nodes.index, nodes.index))
    twins = np.flatnonzero(written.isin(nodes[WRITTEN].dropna()))
    of_name = pd.DataFrame({"name": ends.names.get_indexer(pd.Index(written.iloc[twins])), "node": twins})
    rows = np.flatnonzero(np.isin(ends.code, of_name["name"][of_name["name"] >= 0]))
    if not len(rows):
        return ends
    pairs = pd.DataFrame({"name": ends.code[rows], "end": rows}).merge(of_name, on="name")
    end, node = pairs["end"].to_numpy(), pairs["node"].to_numpy()
    away = np.hypot(*(ends.xy[end] - coordinates(nodes.geometry.to_numpy())[node]).T)
    own = nodes["system"].astype("str").to_numpy(dtype=object)[node] == system[end]
    order = np.select([away <= ONE_PLACE_M, own & ~(away > _APART_M)], [0, 1], 2)
    best = pairs.assign(order=order, away=away).sort_values(["end", "order", "away", "node"]).drop_duplicates("end")
    names = ends.names.append(nodes.index[twins].difference(ends.names))
    code = ends.code.copy()
    code[best["end"]] = names.get_indexer(nodes.index[best["node"]])
    return ends._replace(code=code, names=names)


def _registers(ends: Ends, tables: NDArray[np.intp], kind: NDArray[np.intp], n_systems: int) -> NDArray[np.intp]:
    """Return the register of each end: its table, or its system there if most ids shared by systems lie apart."""
    fine = tables * n_systems + kind
    claims = _by_claim(ends, fine, _shared(ends.code, fine))
    if not len(claims):
        return fine
    claims["table"] = claims["register"] // n_systems
    claims["place"] = same_place(claims["name"].to_numpy(), claims[["x", "y"]].to_numpy(), AGREE_M)
    ids = claims.groupby(["table", "name"])["place"].agg(["nunique", "size"])
    ids = ids[ids["size"] > 1]
    apart = (ids["nunique"] > 1).groupby("table").mean()
    return np.where(np.isin(tables, apart.index[apart > 0.5]), fine, tables * n_systems)


def _shared(code: NDArray[np.intp], register: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return the ends whose id occurs in more than one register."""
    if not np.ptp(register):
        return np.zeros(len(code), np.bool_)
    n = int(code.max(initial=-1)) + 1
    low, high = np.full(n + 1, np.iinfo(np.intp).max), np.full(n + 1, -1)
    np.minimum.at(low, code, register)
    np.maximum.at(high, code, register)
    return np.asarray((code >= 0) & (low != high)[code])


def _by_claim(ends: Ends, register: NDArray[np.intp], rows: NDArray[np.bool_]) -> pd.DataFrame:
    """Return the location of each id in a register; ids that lead nowhere, such as 0, are not claims."""
    x, y = ends.xy[rows].T
    table = pd.DataFrame({"name": ends.code[rows], "register": register[rows], "x": x, "y": y})
    by_claim = table.groupby(["name", "register"], sort=False)
    middle = by_claim[["x", "y"]].transform("median")
    away = pd.Series(np.hypot(table["x"] - middle["x"], table["y"] - middle["y"]), index=table.index)
    typical = away.groupby([table["name"], table["register"]], sort=False).median()
    nowhere = typical.index[(typical > FAR_M) & (by_claim.size() >= _MANY)].get_level_values("name")
    claims = by_claim[["x", "y"]].median().reset_index()
    return claims[~claims["name"].isin(nowhere)].dropna(subset=["x"])


def _claims(ends: Ends, register: NDArray[np.intp], kind: NDArray[np.intp], words: pd.Index) -> pd.DataFrame:
    """Return the claims on ids that occur in several registers: register, its location of the node, and its system."""
    rows = _shared(ends.code, register)
    claims = _by_claim(ends, register, rows)
    first = pd.Series(kind[rows]).groupby([ends.code[rows], register[rows]], sort=False).first()
    of_claim = first.reindex(pd.MultiIndex.from_frame(claims[["name", "register"]])).to_numpy()
    return claims.assign(system=words.to_numpy(dtype=object)[of_claim])


def _owners(claims: pd.DataFrame, nodes: gpd.GeoDataFrame | None, names: pd.Index) -> pd.DataFrame:
    """Return which claims give up their id, and how far from its owner they lie."""
    name = claims["name"].to_numpy()
    at = np.full(len(claims), -1) if nodes is None else nodes.index.get_indexer(names[name])
    layer = np.full((len(claims), 2), np.nan) if nodes is None else coordinates_at(nodes.geometry, at)
    xy = claims[["x", "y"]].to_numpy()
    claims = claims.assign(place=same_place(name, xy, AGREE_M), off=np.hypot(*(xy - layer).T))
    off = claims["off"].to_numpy()
    word = np.full(len(claims), None, dtype=object)
    if nodes is not None:
        word[at >= 0] = nodes["system"].to_numpy(dtype=object)[at[at >= 0]]
    own = word == claims["system"].to_numpy()
    limit = np.where(own | pd.isna(word), ONE_PLACE_M, AGREE_M)
    rank = np.select([off <= limit, own, np.isfinite(off)], [0, 1, 2], 3)
    best = claims.assign(rank=rank).sort_values(["name", "rank", "off"], kind="stable").drop_duplicates("name")
    best = best.set_index("name").loc[name]
    keeps = (claims["place"].to_numpy() == best["place"].to_numpy()) | (off <= limit)
    keeps &= ~(off > _APART_M)
    home = np.where(np.isfinite(layer), layer, best[["x", "y"]].to_numpy())
    return claims.assign(moved=~keeps, away=np.hypot(*(xy - home).T))


def _free(names: pd.Series, taken: set[str]) -> list[str]:
    """Number names that are taken: ``12~sewage``, ``12~sewage2``."""
    free: list[str] = []
    for name in names:
        number, one = 2, str(name)
        while one in taken:
            one, number = f"{name}{number}", number + 1
        taken.add(one)
        free.append(one)
    return free
