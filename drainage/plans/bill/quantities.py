"""The question put together: both states, pieces of work, items with prices, what is not in the bill, and the map."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.change_sets import ChangeSet, apply_changes
from drainage.errors import CrsError, SchemaError
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.plans.bill.bill_items import PRINTED, formulas_of, items_of, totals_of
from drainage.plans.bill.bill_sums import assumptions, sums_of
from drainage.plans.bill.item_kinds import KINDS
from drainage.plans.bill.node_works import node_works, unused_inlets
from drainage.plans.bill.pipe_works import PipeWorks
from drainage.plans.bill.price_list import PriceList
from drainage.plans.bill.trench import DEPTHS_M, Trench, check_depths, class_names
from drainage.plans.bill.two_states import PIECE, TwoStates
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import Said, joined
from drainage.wants import wants
from drainage.words import code, in_both

_POPUP: Final = (
    "works_there", "bill_items", "system", "pipe_size", "material", "work_quantity", "work_unit",
    "trench_least_m", "trench_most_m", "filled", "sets", "road",
)  # fmt: skip

_UNPRICED: Final = ("item_name", "work_unit", "work_quantity", "part", "features")
#: Kind of item → its words, in both languages.
_WORDS: Final = {
    name: Said(*(str(code("item_kind", name, lang)) for lang in ("en", "zh"))) for name in KINDS
}  # fmt: skip


@wants
def take_quantities(
    net: DrainageNetwork,
    changes: ChangeSet | Sequence[ChangeSet] | DrainageNetwork,
    prices: PriceList | str | Path | None = None,
    *,
    depths_m: Sequence[float] = DEPTHS_M,
    bedding_m: float = 0.2,
    least_level_m: float = 0.01,
    moved_m: float = 0.5,
    trench: Trench | None = None,
    on: str | None = None,
) -> Result:
    """Take the quantities of works: a bill 工程量清单 of what has to be laid, built, closed and cleaned, priced or not.

    Works are what differs between the network and the same network after them, feature by feature. A pipe that is new,
    or whose size, material, levels or line changes, is laid, and the old one taken up; so is a new pipe that joins the
    same nodes along the line of one that is given up, but for one that differs in its system alone. One more beside an
    old one is laid beside it. Any other pipe that is abandoned stays in the ground. Its end is closed wherever another
    pipe goes on using the node. What becomes known of a pipe, such as a size that nobody had recorded, is no work.

    Parameters
    ----------
    net
        The network before the works, as it lies on the day for which they are planned.
    changes
        The works: a change set, several that are made in order, such as `changes_of_relief`, `changes_of_closures` or
        `changes_of_cleaning` return, or the network after them with the same ids.
    prices
        Prices of the office, or the TOML file that holds them (docs/papers/bill.md); there are none in this package.
    depths_m
        Upper bounds of the classes of depth, m. The default is our choice.
    bedding_m
        Wall and bedding under the invert, m: the depth of a trench is that of the invert below the ground, and this.
        The default is our assumption; 0: down to the invert.
    least_level_m
        A pipe whose invert changes by more is laid again, a manhole whose invert falls by more deepened, m. Own choice.
    moved_m
        So is a pipe whose line moves by more, m. Own choice.
    trench
        What trenches look like, for the volume that is dug; None: not asked.
    on
        Day, YYYY-MM-DD, for what is abandoned without one; the quantities do not depend on it.

    Returns
    -------
    Result
        ``items`` (index ``bill_item``), what a report prints: ``item_name``, ``work_unit`` (m | m3 | each | place),
        ``work_quantity`` to two decimals, ``unit_price``, ``amount``, ``features``, ``item_note``. ``totals`` (index
        ``part``) of the parts A to G and, of a blank one, of all. ``item_keys``, of the same rows: what items are told
        apart by (``item_kind``, ``structure``, ``system``, ``was_system``, ``material``, ``pipe_size``,
        ``depth_class``, each of the last two *unknown* where nothing tells), the mean depth of the trench by length, of
        how many features a level was filled in at reading, which change sets ask for it, and the first ids.
        ``unpriced``: items without a price. ``pieces``: every piece, with ``bill_item``, feature and unrounded
        ``work_quantity``; a pipe is parted where the depth of its trench passes a bound. ``pipes`` and ``nodes``: the
        works at each, with geometry. ``not_billed``: edits that ask for no work, what the change sets could not
        express, and inlets that no pipe uses
        any more. In a workbook quantities, amounts and totals are formulas.

        Summary: metres, numbers and volumes by kind, ``amount_total`` of the items that have a price and
        ``items_without_price``, metres of unknown depth or size.

    Raises
    ------
    CrsError
        The two networks are in different systems.
    FormatError
        The file of prices cannot be read.
    SchemaError
        The change set does not fit the network; classes of depth that do not rise; a number below 0; a price that is
        unknown, negative, there twice, in another currency or unit, or by another class of depth.

    References
    ----------
    Classes of depth, bedding, and what counts as a work: own choice. Two decimals: GB 50857-2013 from memory.

    Examples
    --------
    >>> import drainage as dr
    >>> before, after = (dr.load_demo(day) for day in ("2018-12-31", "2021-05-07"))
    >>> bill = dr.plans.take_quantities(before, after)
    >>> bill.items["work_unit"].unique().tolist()
    ['m', 'each', 'place']
    """
    bounds = check_depths(depths_m)
    for name, value in (("bedding_m", bedding_m), ("least_level_m", least_level_m), ("moved_m", moved_m)):
        if not value >= 0.0:
            raise SchemaError(in_both("not_0_or_more", name=name, value=value))
    chosen = prices if prices is None or isinstance(prices, PriceList) else PriceList.from_file(prices)
    classes = class_names(bounds)
    if chosen is not None:
        chosen.check_depths(classes)
    after, sets = _after(net, changes, on)
    states = TwoStates(net, after, _asked(sets), bedding_m=bedding_m, same_m=moved_m)
    works = PipeWorks(states, bounds, level_m=least_level_m, moved_m=moved_m, trench=trench)
    found = [*works.pieces(), *node_works(states, bounds, level_m=least_level_m), *works.connections()]
    items, pieces = items_of(_together(found), chosen, classes)
    places = {f"{kind}s": _works_at(pieces, states, kind) for kind in ("pipe", "node")}
    left = _not_billed(sets, pieces, unused_inlets(states))
    tables = {**_item_tables(items), "pieces": pieces, **places, "not_billed": left}
    told = {
        **sums_of(items, pieces, states, chosen, len(left)),
        "assumptions": assumptions(bounds, bedding_m, least_level_m, moved_m, trench, by_network=not sets),
    }
    return Result(
        "bill_of_quantities",
        tables,
        pd.Series(told, dtype=object, name="bill_of_quantities"),
        (*context_of(net), *(Layer("bill", table, "item_kind", _POPUP) for table in places.values())),
        provenance=_origin(net, after, sets, chosen),
        not_known=_nothing_asked(sets),
        formulas=formulas_of(items, tables["totals"]),
    )


def _together(found: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return all pieces of work in one table, in the columns `PIECE`."""
    full = [one for one in found if len(one)]
    pieces = pd.concat(full, ignore_index=True) if full else pd.DataFrame(columns=list(PIECE))
    numbers = ("work_quantity", "trench_from_m", "trench_to_m")
    return pieces.astype({**dict.fromkeys(numbers, np.float64), "filled": bool})


def _item_tables(items: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {
        "items": items[[*PRINTED]],
        "totals": totals_of(items),
        "item_keys": items.drop(columns=[*PRINTED]),
        "unpriced": items.loc[items["unit_price"].isna(), [*_UNPRICED]],
    }


def _origin(
    net: DrainageNetwork, after: DrainageNetwork, sets: Sequence[ChangeSet], prices: PriceList | None
) -> Provenance:
    """Return the provenance of the network, with the change sets or the other network, and the prices, as sources."""
    before = Provenance.of(net)
    named = [str(one.name) for one in sets] or list(Provenance.of(after).source or ())
    source = dict.fromkeys([*(before.source or ()), *named, *([prices.source] if prices else [])])
    return replace(before, source=tuple(source))


def _after(
    net: DrainageNetwork, changes: ChangeSet | Sequence[ChangeSet] | DrainageNetwork, on: str | None
) -> tuple[DrainageNetwork, list[ChangeSet]]:
    """Return the network after the works, and the change sets that made it; none where it was given."""
    if isinstance(changes, DrainageNetwork):
        if changes.crs != net.crs:
            found = joined([str(one.crs and one.crs.to_string()) for one in (net, changes)], " / ")
            raise CrsError(in_both("compared_in_one_crs", found=found))
        return changes, []
    sets = [changes] if isinstance(changes, ChangeSet) else list(changes)
    day = on or net.origin.as_of or dt.date.today().isoformat()  # noqa: DTZ011 - any day will do
    return apply_changes(net, sets, on=day).network, sets


def _asked(sets: Sequence[ChangeSet]) -> dict[tuple[str, str], list[str]]:
    """Return layer and id → names of the change sets with an edit there."""
    found: dict[tuple[str, str], list[str]] = {}
    for each in sets:
        for one in each.changes:
            names = found.setdefault((one.layer, one.id), [])
            if str(each.name) not in names:
                names.append(str(each.name))
    return found


def _nothing_asked(sets: Sequence[ChangeSet]) -> Said | None:
    if sets and not any(each.changes for each in sets):
        return in_both("bill_nothing_asked", names=joined([each.name for each in sets], ", "))
    return None


def _not_billed(sets: Sequence[ChangeSet], pieces: pd.DataFrame, alone: Sequence[str]) -> pd.DataFrame:
    """List edits of features at which nothing is built, what no edit could say, and inlets that are left alone."""
    billed = set(zip(pieces["feature_kind"] + "s", pieces["feature_id"], strict=True)) if len(pieces) else set()
    rows: list[tuple[object, ...]] = []
    for each in sets:
        for number, one in enumerate(each.changes, 1):
            if (one.layer, one.id) not in billed:
                columns = ", ".join([*one.columns, *(["geometry"] if one.geometry is not None else [])])
                why = in_both("bill_no_work")
                rows.append((str(each.name), one.number or number, one.action, one.layer, one.id, columns, why))
        rows += [(str(each.name), None, None, None, None, None, told) for told in each.not_expressed]
    rows += [(None, None, None, "nodes", name, None, in_both("bill_left_alone")) for name in alone]
    names = ["set", "number", "action", "layer", "feature_id", "columns", "why_not_billed"]
    table = pd.DataFrame(rows, columns=names, dtype=object)
    return table.assign(number=table["number"].astype("Int64")).rename_axis("row")


def _works_at(pieces: pd.DataFrame, states: TwoStates, kind: str) -> gpd.GeoDataFrame:
    """Return the works at each pipe or node, the first of them by itself, and where it lies after them, else before."""
    own = pieces[(pieces["feature_kind"] == kind) & (pieces["item_kind"] != "dug")]
    by_id = own.groupby("feature_id", sort=False)
    table = by_id[["item_kind", "structure", "system", "was_system", "material", "pipe_size", "sets", "road"]].first()
    told = [joined((_WORDS[kind] for kind in dict.fromkeys(one)), ", ") for _, one in by_id["item_kind"]]
    table["works_there"] = pd.Series(told, table.index, dtype=object)
    table["bill_items"] = by_id["bill_item"].agg(lambda one: ", ".join(dict.fromkeys(one)))
    main = own["item_kind"] == own["feature_id"].map(table["item_kind"])
    table["work_quantity"] = own[main].groupby("feature_id")["work_quantity"].sum(min_count=1)
    table["work_unit"] = [KINDS[kind].unit for kind in table["item_kind"]]
    depths = by_id[["trench_from_m", "trench_to_m"]]
    table["trench_least_m"], table["trench_most_m"] = depths.min().min(axis=1), depths.max().max(axis=1)
    table["filled"] = by_id["filled"].any()
    table.index.name = f"{kind}_id"
    places = [getattr(side, f"{kind}s").geometry for side in (states.after, states.before)]
    shapes = places[0].reindex(table.index)
    shapes = shapes.where(table.index.isin(places[0].index), places[1].reindex(table.index))
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, crs=states.after.net.crs))
