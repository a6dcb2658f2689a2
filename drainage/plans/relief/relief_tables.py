"""What relief says of each point, and in sum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.waterlogging.causes import UNEXPLAINED
from drainage.arrays import Bools, Floats, spread
from drainage.network import DrainageNetwork
from drainage.plans.relief.judge import Points, SecondRun, Target
from drainage.plans.relief.links import lowest_inverts
from drainage.plans.relief.works import KINDS, Decided
from drainage.result import Result
from drainage.said import joined
from drainage.simulation.screening.answer import Screening
from drainage.simulation.state import FlowState
from drainage.words import coded, in_both

#: A point of the screening that the engine finds within the standard as it is.
NOT_CONFIRMED: Final = "not_confirmed"
SOLVED: Final = ("works", "other_works", "storage", UNEXPLAINED, NOT_CONFIRMED)
#: Kinds of works that lay a pipe.
DUG: Final = ("relay", "enlarge", "parallel", "link")


def point_table(
    table: gpd.GeoDataFrame, points: Points, screening: Screening, linked: Screening, decided: Sequence[Decided],
    works: gpd.GeoDataFrame, margin: Floats, excess_m3: Floats, confirmed: Bools,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Tabulate for each point its overflow before and after, and what is built for it.

    Parameters
    ----------
    table
        The points as they were found.
    linked
        The screening with the new links alone; what else is built is in ``decided``.
    margin
        (n_points,) runoff that was added, as a share.
    excess_m3
        (n_points,) what would have to be held back without any works.
    confirmed
        (n_points,) no engine finds the point within the standard as it is.
    """
    found = table[["rank", "road", "grade", "cause", "depth_m", "worst_node", table.geometry.name]].copy()
    found["doubt"] = table.get("doubt")
    before = screening.nodes["overflow_m3"].to_numpy(dtype=np.float64)
    after = linked.nodes["overflow_m3"].to_numpy(dtype=np.float64).copy()
    for one in decided:
        after[one.remedies.model.node_row] = one.volume_m3
    found["before_m3"] = points.total(before).round(1)
    found["after_m3"] = points.total(after).round(1)
    rank = ("other_works", "works", "storage")
    said = {k: [one.solved[k] for one in decided if k in one.solved] for k in range(points.number)}
    solved = pd.Series([max(said[k], key=rank.index, default=rank[0]) for k in said], found.index, dtype=object)
    with_link = works.loc[works["kind"] == "link", "point_id"]
    solved = solved.mask(found.index.isin(with_link) & (solved == rank[0]), "works")
    solved = solved.mask(found["before_m3"] == 0.0, UNEXPLAINED)
    found["solved"] = solved.mask(~confirmed, NOT_CONFIRMED)
    found["smallest"] = [all(one.smallest.get(k, True) for one in decided) for k in said]
    found["storage_instead_m3"] = excess_m3.round(1)
    found["margin_pct"] = (100.0 * margin).round(1)
    for kind in ("clean", *DUG):
        length = works[works["kind"] == kind].groupby("point_id")["length_m"].sum()
        found[f"{kind}_m"] = length.reindex(found.index).fillna(0.0).astype(np.float64).round(1)
    laid = works[works["kind"].isin(DUG)].groupby("point_id")["volume_m3"].sum()
    found["laid_m3"] = laid.reindex(found.index).fillna(0.0).astype(np.float64).round(1)
    found["works"] = works.groupby("point_id").size().reindex(found.index).fillna(0).astype(int)
    return found


def reports_of(waterlogging: Result) -> pd.Series:
    """Return the reports that each point explains, separated by commas (index: points)."""
    reports = waterlogging.tables["reports"]
    explained = reports[reports["point_id"].notna()]
    by_point = pd.Series(explained.index.astype(str), explained["point_id"].to_numpy(), dtype=object)
    return by_point.groupby(level=0).agg(", ".join)


def summarise(
    works: gpd.GeoDataFrame, table: gpd.GeoDataFrame, state: FlowState, second: SecondRun | None, points: Points,
    target: Target, least_cover_m: float, alarm: str | None,
) -> pd.Series:  # fmt: skip
    """Put the totals together; an alarm stands first."""
    dug = works["kind"].isin(DUG)
    return pd.Series(
        {
            **({} if alarm is None else {"alarm": alarm}),
            "points": len(table),
            "solved": {how: int((table["solved"] == how).sum()) for how in SOLVED},
            "works": {kind: int((works["kind"] == kind).sum()) for kind in KINDS},
            "laid_m": round(float(works.loc[dug, "length_m"].sum()), 1),
            "new_pipe_m": round(float(works["new_pipe_m"].sum()), 1),
            "cleaned_m": round(float(works.loc[works["kind"] == "clean", "length_m"].sum()), 1),
            "storage_m3": round(float(works.loc[works["kind"] == "storage", "volume_m3"].sum()), 1),
            "storage_smaller": int((table["laid_m3"] > table["storage_instead_m3"]).sum()),
            "before_m3": round(float(table["before_m3"].sum()), 1),
            "after_m3": round(float(table["after_m3"].sum()), 1),
            "return_period_a": float(state.storm.return_period_a),
            "second_run": None if second is None else _second_run_facts(table, second, points, target),
            "assumptions": {
                "standard": in_both("relief_standard", target=target.words),
                "order": in_both("relief_order"),
                "cover": in_both("relief_cover", cover_m=least_cover_m),
                "sizes": in_both("relief_sizes"),
                **{name: text for name, text in state.assumptions.items() if name == "engine_chosen"},
            },
        },
        dtype=object,
        name="relief",
    )


def _second_run_facts(table: gpd.GeoDataFrame, second: SecondRun, points: Points, target: Target) -> dict[str, object]:
    """Return how many of the planned points meet the standard in the second run, and what else it finds."""
    planned = ~table["solved"].isin([UNEXPLAINED, NOT_CONFIRMED])
    elsewhere = np.where(points.of_node < 0, target.excess_m3(second.before), 0.0)
    said = [joined([row.feature_id, row.reason, row.action], ": ") for row in second.otherwise().itertuples()]
    return {
        "within": int((table["second_run_within"][planned] == "yes").sum()),
        "of": int(planned.sum()),
        "nodes_in_no_point": int((elsewhere > 0.0).sum()),
        "in_no_point_m3": round(float(elsewhere.sum()), 1),
        **({"otherwise_than_planned": said} if said else {}),
    }


def alarm_words(
    net: DrainageNetwork, screening: Screening, table: gpd.GeoDataFrame, least_cover_m: float, least_mm: float,
    *, judged: bool,
) -> str | None:  # fmt: skip
    """Return a warning if most planned points are solved by storage only, and why that may be; else None.

    Parameters
    ----------
    table
        Of `point_table`.
    least_cover_m, least_mm
        Earth over the smallest pipe, and its diameter.
    judged
        An engine was asked.
    """
    stored = table[table["solved"] == "storage"]
    of = int(table["solved"].isin(["works", "other_works", "storage"]).sum())
    if 2 * len(stored) <= of:
        return None
    row = net.node_positions(stored["worst_node"])
    ground = screening.nodes["ground_m"].to_numpy(dtype=np.float64)[row]
    drowned = receiving_level_m(screening)[row] > ground
    shallow = ground - lowest_inverts(net)[row] - least_cover_m < least_mm / 1000.0
    codes = stored["doubt"].dropna().astype(str)
    codes = codes[codes != ""]
    named = codes.str.split(r", ?", regex=True).explode().value_counts().index
    doubts = joined((coded("doubt", name) for name in named), ", ")
    dry = int((table["solved"] == NOT_CONFIRMED).sum())
    reasons = (
        (len(codes), in_both("alarm_doubt", count=len(codes), doubts=doubts)),
        (int(drowned.sum()), in_both("alarm_drowned", count=int(drowned.sum()))),
        (int(shallow.sum()), in_both("alarm_shallow", count=int(shallow.sum()))),
        (dry, in_both("alarm_dry", count=dry)),
    )
    why = joined(words for number, words in reasons if number) or in_both("alarm_no_pipe")
    ask = "" if judged else in_both("alarm_ask")
    return joined([in_both("alarm", count=len(stored), of=of, why=why), ask], "")


def receiving_level_m(screening: Screening) -> Floats:
    """(n_nodes,) highest level of the water that the part of each node drains into, -inf where it is free."""
    model = screening.arrays
    highest = np.full(len(model.group_ptr) - 1, -np.inf)
    np.fmax.at(highest, model.part, model.nodes.tailwater_m)
    return spread(len(screening.nodes), model.node_row, highest[model.part], -np.inf)
