"""Totals of a bill by kind, what was warned of, and what was assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast

import pandas as pd

from drainage.plans.bill.bill_items import half_up
from drainage.plans.bill.item_kinds import KINDS, LAID, UNKNOWN
from drainage.plans.bill.price_list import Price, PriceList
from drainage.plans.bill.trench import Trench
from drainage.plans.bill.two_states import TwoStates
from drainage.said import Said, joined
from drainage.words import in_both

_COUNTED: Final = ("each", "place")
#: Key of the summary → the units in which it counts.
_BY_UNIT: Final = {"length_m_by_item": ("m",), "number_by_item": _COUNTED, "volume_m3_by_item": ("m3",)}

#: Prices that fit no item are named up to so many.
_NAMED: Final = 10


def sums_of(
    items: pd.DataFrame, pieces: pd.DataFrame, states: TwoStates, prices: PriceList | None, left: int
) -> dict[str, object]:
    """Return the totals of a bill; ``left`` is the number of edits that are not in it."""
    unused = _out_of_use(states, pieces)
    by_kind = pieces.groupby("item_kind")["work_quantity"].sum()
    found = {name: float(half_up(by_kind[name])) for name in KINDS if name in by_kind.index}
    told = {name: int(value) if KINDS[name].unit in _COUNTED else value for name, value in found.items()}
    by_unit = {key: {name: told[name] for name in told if KINDS[name].unit in units} for key, units in _BY_UNIT.items()}
    laid = pieces[pieces["item_kind"].isin(LAID)]

    def metres(rows: pd.Series) -> float:
        return round(float(laid.loc[rows, "work_quantity"].sum()), 2)

    unpriced = int(items["unit_price"].isna().sum())
    unfit = [] if prices is None else prices.unused(cast("list[dict[str, object]]", items.to_dict("records")))
    warned = [
        *([in_both("bill_works_on_unused", count=unused)] if unused else []),
        *([in_both("bill_without", count=unpriced, of=len(items))] if prices is not None and unpriced else []),
        *([_unfit(prices, unfit)] if prices is not None and unfit else []),
    ]
    return {
        "advice": joined(warned) if warned else None,
        "items": len(items),
        **{key: some for key, some in by_unit.items() if some},
        "laid_m": metres(laid["work_quantity"].notna()),
        "depth_unknown_m": metres(laid["depth_class"] == UNKNOWN),
        "size_unknown_m": metres(laid["pipe_size"] == UNKNOWN),
        "depth_filled_m": metres(laid["filled"].astype(bool)),
        "without_quantity": int(items["without_quantity"].sum()),
        "not_billed": left,
        "amount_total": None if unpriced == len(items) else float(half_up(items["amount"].sum())),
        "currency": None if prices is None else prices.currency,
        "items_without_price": unpriced,
    }


def assumptions(
    bounds: Sequence[float], bedding_m: float, level_m: float, moved_m: float, trench: Trench | None, *,
    by_network: bool,
) -> Mapping[str, Said]:  # fmt: skip
    """Return what a bill takes for granted, in words."""
    told = {
        "trench_depth": in_both(
            "bill_assumed_depth", bedding_m=bedding_m, classes=", ".join(f"{one:g}" for one in bounds)
        ),
        "laid_pipes": in_both("bill_assumed_laid", level_m=level_m, moved_m=moved_m),
        "closed_ends": in_both("bill_assumed_closed"),
        "rounded": in_both("bill_assumed_rounded"),
    }
    if by_network:
        told["by_ids"] = in_both("bill_assumed_ids")
    if trench is not None:
        space = (
            in_both("bill_space_remembered") if trench.working_space_m is None
            else in_both("bill_space", space_m=trench.working_space_m)
        )  # fmt: skip
        told["dug_trench"] = in_both(
            "bill_assumed_dug", space=space, slope=trench.side_slope, wall_pct=100 * trench.wall_share
        )
    return told


def _unfit(prices: PriceList, unfit: Sequence[Price]) -> Said:
    """Return which prices fit no item, in words."""
    places = [*(one.place for one in unfit[:_NAMED]), *(["…"] if len(unfit) > _NAMED else [])]
    return in_both("bill_prices_unfit", file=prices.source, count=len(unfit), places=joined(places, ", "))


def _out_of_use(states: TwoStates, pieces: pd.DataFrame) -> int:
    """Count pipes at which works are asked for though they are out of use before them."""
    unused = states.before.pipes.index[~states.before.in_use]
    return int(pieces.loc[pieces["feature_kind"] == "pipe", "feature_id"].drop_duplicates().isin(unused).sum())
