"""What else works changed: roads, misconnections, outfalls and figures of both sides beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage import words
from drainage.analyses.outcome.both_sides import SIDES, BothSides, Side
from drainage.analyses.outcome.works_done import WorksDone
from drainage.analyses.water_balance.balance_of_water import measure_balance
from drainage.arrays import Rows
from drainage.hydraulics.sewage import SewageRates
from drainage.network import DrainageNetwork
from drainage.result import Result
from drainage.said import Said
from drainage.simulation.dry_weather import SEWERS, sewer_sewage
from drainage.workbooks.figures import label, leaves

#: Findings of mixed flow that are misconnections.
_MISCONNECTIONS: Final = ("sewage_into_storm", "storm_into_sewage")
#: Questions whose figures stand beside each other.
_COMPARED: Final = ("mixed_flow", "separation", "waterlogging")
_SHARES: Final = ("coverage", "effective")

Answers = Mapping[Side, Mapping[str, Result]]


def answered(answers: Answers, question: str) -> dict[Side, Result] | None:
    """Return the answers of both sides to a question; None where a side has none or nothing is known."""
    found = {side: answers[side].get(question) for side in SIDES}
    known = {side: one for side, one in found.items() if one is not None and one.not_known is None}
    return known if len(known) == len(SIDES) else None


def roads_beside(answers: Answers) -> pd.DataFrame:
    """Return the coverage of each road before and after, index ``road``; missing where a side lacks the road."""
    columns = ["length_m", *(f"{name}_{when}_pct" for name in _SHARES for when in (*SIDES, "change"))]
    found = answered(answers, "separation")
    if found is None:
        return pd.DataFrame(columns=columns, index=pd.Index([], name="road", dtype=object), dtype=np.float64)
    tables = {side: one.tables["roads"] for side, one in found.items()}
    names = tables["after"].index.union(tables["before"].index, sort=False)
    both = {side: table.reindex(names) for side, table in tables.items()}
    roads = pd.DataFrame({"length_m": both["after"]["length_m"].fillna(both["before"]["length_m"])})
    for name in _SHARES:
        for side in SIDES:
            roads[f"{name}_{side}_pct"] = both[side][f"{name}_pct"].round(1)
        roads[f"{name}_change_pct"] = (roads[f"{name}_after_pct"] - roads[f"{name}_before_pct"]).round(1)
    return roads[columns].rename_axis("road")


def misconnections_beside(both: BothSides, answers: Answers, works: WorksDone) -> gpd.GeoDataFrame:
    """Return the misconnections of either side, index ``finding``: their fates, and which works touch them."""
    columns = ["fate", "kind", "node_before", "node_after", "road", "fouled_before_m", "fouled_after_m", "touched_by"]
    found = answered(answers, "mixed_flow")
    if found is None:
        return _no_rows(columns, "finding", both)
    sides = {}
    for side in SIDES:
        points = found[side].tables["points"]
        points = points[points["kind"].isin(_MISCONNECTIONS)]
        at = _numbers(both, side, pd.Index(points["node_id"], dtype=object))
        sides[side] = points.set_axis(pd.MultiIndex.from_arrays([at, points["kind"]], names=["node", "kind"]))
    keys = sides["before"].index.union(sides["after"].index, sort=False)
    old, new = (sides[side].reindex(keys) for side in SIDES)
    was, is_ = old["node_id"].notna().to_numpy(), new["node_id"].notna().to_numpy()
    fate = np.select([was & ~is_, was & is_], ["closed", "remaining"], "new")
    touching = works.at_nodes(keys.get_level_values("node").to_numpy(dtype=np.intp))
    table = pd.DataFrame(
        {
            "fate": fate.astype(object),
            "kind": keys.get_level_values("kind").to_numpy(dtype=object),
            "node_before": old["node_id"].astype(object).where(was, None).to_numpy(),
            "node_after": new["node_id"].astype(object).where(is_, None).to_numpy(),
            "road": new["road"].astype(object).fillna(old["road"].astype(object)).to_numpy(),
            "fouled_before_m": old["fouled_length_m"].to_numpy(dtype=np.float64).round(1),
            "fouled_after_m": new["fouled_length_m"].to_numpy(dtype=np.float64).round(1),
            "touched_by": touching,
        },
        index=pd.Index([f"M{k + 1}" for k in range(len(keys))], name="finding", dtype="str"),
    )
    places = np.where(is_, new.geometry.to_numpy(), old.geometry.to_numpy())
    order = np.argsort(pd.Index(["closed", "remaining", "new"]).get_indexer(pd.Index(table["fate"])), kind="stable")
    frame = gpd.GeoDataFrame(table, geometry=places, crs=both.after.crs).iloc[order]
    return frame.set_axis(table.index)


def outfalls_beside(both: BothSides, answers: Answers) -> gpd.GeoDataFrame:
    """Return each outfall of either side, index ``outfall``: whether sewage reached it before, and reaches it now."""
    columns = ["fate", "node_before", "node_after", "misconnections_before", "misconnections_after"]
    found = answered(answers, "mixed_flow")
    if found is None:
        return _no_rows(columns, "outfall", both)
    sides = {}
    for side in SIDES:
        table = found[side].tables["outfalls"]
        sides[side] = table.assign(name=table.index).set_axis(_numbers(both, side, table.index))
    keys = sides["before"].index.union(sides["after"].index, sort=False)
    old, new = (sides[side].reindex(keys) for side in SIDES)
    was, is_ = (one["fouled"].eq(True).to_numpy() for one in (old, new))  # noqa: FBT003 - missing is not true
    here = [one["name"].notna().to_numpy() for one in (old, new)]
    fate = np.select(
        [was & is_, was & ~is_ & here[1], was & ~here[1], is_], ["fouled", "cleaned", "gone", "newly_fouled"], "clean"
    )
    table = pd.DataFrame(
        {
            "fate": fate.astype(object),
            "node_before": old["name"].astype(object).where(here[0], None).to_numpy(),
            "node_after": new["name"].astype(object).where(here[1], None).to_numpy(),
            **{f"misconnections_{side}": one["misconnections"].to_numpy(dtype=np.float64)
               for side, one in zip(SIDES, (old, new), strict=True)},
        },
        index=pd.Index([f"O{k + 1}" for k in range(len(keys))], name="outfall", dtype="str"),
    )  # fmt: skip
    places = np.where(here[1], new.geometry.to_numpy(), old.geometry.to_numpy())
    return gpd.GeoDataFrame(table, geometry=places, crs=both.after.crs)


def figures_beside(both: BothSides, answers: Answers, rates: SewageRates) -> pd.DataFrame:
    """Return the numbers of the summaries before and after, index ``figure``; missing where not measured."""
    told: dict[Side, dict[tuple[str, ...], float]] = {}
    for side in SIDES:
        told[side] = _of_network(both.network(side), rates)
        for question in _COMPARED:
            answer = answers[side].get(question)
            if answer is None or answer.not_known is not None:
                continue
            for path, value in leaves(answer.summary.to_dict()).items():
                if isinstance(value, (int, float)) and not isinstance(value, bool):
                    told[side][question, *path] = float(value)
    paths = list(dict.fromkeys([*told["before"], *told["after"]]))
    values = {str(side): [told[side].get(one, np.nan) for one in paths] for side in SIDES}
    table = pd.DataFrame(values, index=pd.Index([".".join(path) for path in paths], name="figure", dtype=object))
    table.insert(0, "word", list(map(_word, paths)))
    return table.assign(change=(table["after"] - table["before"]).round(6))


def _word(path: tuple[str, ...]) -> str:
    """Return what a figure is, in both languages: the question, and the words for its keys with the unit."""
    said = {}
    for lang in words.LANGUAGES:
        title = words.question(path[0], lang)
        title = words.word(path[0], lang) if title == path[0] else title
        said[lang] = f"{title} · {label(path[1:], lang)}"
    return Said(said["en"], said["zh"]).both


def _of_network(net: DrainageNetwork, rates: SewageRates) -> dict[tuple[str, ...], float]:
    pipes = net.pipes
    km = (pipes.groupby("system", sort=False)["length_m"].sum() / 1000).round(3)
    return {
        ("network", "pipes"): float(len(pipes)),
        **{("network", "length_km", str(name)): float(value) for name, value in km.items()},
        ("network", "dry_flow_to_plant_m3d"): dry_flow_to_plant(net, rates),
    }


def dry_flow_to_plant(net: DrainageNetwork, rates: SewageRates) -> float:
    """Return the sewage that reaches the treatment works, m³/d.

    As it was measured, or by users; else by the water balance of the ground; NaN where none of these is known.
    """
    head = net.graph.head
    arrives = net.kinds.among("works")[head] & net.systems.among(*SEWERS)
    flow = sewer_sewage(net, rates).m3d[arrives]
    known = float(flow.sum()) if len(flow) else float("nan")
    if np.isfinite(known) or (net.catchments is None and "blocks" not in net.layers):
        return known
    balance = measure_balance(net)
    return float("nan") if balance.not_known else float(balance.summary["plant_inflow_m3d"])


def _numbers(both: BothSides, side: Side, names: pd.Index) -> Rows:
    return both.number[side][both.network(side).nodes.index.get_indexer(names)]


def _no_rows(columns: list[str], index: str, both: BothSides) -> gpd.GeoDataFrame:
    table = pd.DataFrame(columns=columns, index=pd.Index([], name=index, dtype="str"), dtype=object)
    return gpd.GeoDataFrame(table, geometry=[], crs=both.after.crs)
