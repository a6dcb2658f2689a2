"""From pieces of work to the items of a bill: what is alike is one item, with a code, its words and its price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.plans.bill.item_kinds import BY_DEPTH, BY_SIZE, KEYS, KINDS, PARTS, UNKNOWN
from drainage.plans.bill.price_list import PriceList
from drainage.said import Said, joined
from drainage.schema.codes import SYSTEMS
from drainage.words import coded, in_both

#: Decimals of quantities in m and m³, and of amounts: as GB 50857-2013 is remembered, not verified.
DECIMALS: Final = 2
#: Features of an item that are named in its row; all stand in the table of pieces.
_NAMED: Final = 20
#: How a depth is told: where it is known, and where not.
_OF_TRENCH: Final = ("bill_depth", "bill_depth_unknown")
_OF_SHAFT: Final = ("bill_shaft", "bill_shaft_unknown")
#: What a report prints of an item, and what else is known of it.
PRINTED: Final = (
    "item_name", "work_unit", "work_quantity", "unit_price", "amount", "currency", "features",
    "price_source", "item_note",
)  # fmt: skip
_COLUMNS: Final = (
    *PRINTED, "part", "item_kind", *KEYS, "mean_trench_m", "filled_features", "without_quantity", "sets",
    "feature_ids",
)  # fmt: skip
_FORMULAS: Final = {
    "work_quantity": f"=ROUND(SUMIFS({{pieces.work_quantity}},{{pieces.bill_item}},{{bill_item}}),{DECIMALS})",
    "amount": f'=IF(ISNUMBER({{unit_price}}),ROUND({{work_quantity}}*{{unit_price}},{DECIMALS}),"")',
}
_TOTALS: Final = {
    "items": "=COUNTIFS({item_keys.part},{part})",
    "items_without_price": '=COUNTIFS({item_keys.part},{part},{items.unit_price},"")',
    "amount": '=IF({items}={items_without_price},"",SUMIFS({items.amount},{item_keys.part},{part}))',
}
_WHOLE: Final = {
    "items": "=ROWS({items.unit_price})",
    "items_without_price": "=COUNTBLANK({items.unit_price})",
    "amount": '=IF({items}={items_without_price},"",SUM({items.amount}))',
}


def half_up(values: Floats | float) -> Floats:
    """Return numbers rounded as a bill and a workbook round them: a half goes up.

    Examples
    --------
    >>> half_up(np.array([1.005, 2.675, 0.125])).tolist()
    [1.01, 2.68, 0.13]
    """
    scale = 10.0**DECIMALS
    return np.asarray(np.floor(values * scale + 0.5 + 1e-7) / scale)


def items_of(
    pieces: pd.DataFrame, prices: PriceList | None, classes: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the items with all that is known of them, index ``bill_item``, and the pieces with the code of their item.

    Parameters
    ----------
    pieces
        In the columns of `drainage.plans.bill.two_states.PIECE`.
    prices
        Of the office.
    classes
        Names of the classes of depth, in their order.
    """
    keyed = _keyed(pieces)
    order = _ordered(keyed, classes)
    groups = keyed.assign(_order=order).groupby(["item_kind", *KEYS], dropna=False, sort=False)
    number = groups.ngroup().to_numpy()
    first = groups["_order"].transform("first").to_numpy() if len(keyed) else np.zeros(0)
    rank = pd.DataFrame({"group": number, "order": first}).drop_duplicates().sort_values("order")
    rows, codes, count, together = [], {}, dict.fromkeys(PARTS, 0), dict(iter(keyed.groupby(number)))
    for group in rank["group"]:
        row = _row(together[group])
        part = str(row["part"])
        count[part] += 1
        codes[group] = f"{part}-{count[part]:03d}"
        rows.append({"bill_item": codes[group], **_priced(row, prices)})
    items = pd.DataFrame(rows, columns=["bill_item", *_COLUMNS]).set_index("bill_item")
    for name in ("item_name", "item_note"):
        items[name] = pd.Series([row[name] for row in rows], items.index, dtype=object)
    numbers = ["work_quantity", "unit_price", "amount", "mean_trench_m"]
    items = items.astype(dict.fromkeys(numbers, np.float64))
    coded_pieces = keyed.assign(bill_item=[codes[group] for group in number])
    coded_pieces = coded_pieces.sort_values("bill_item", kind="stable", ignore_index=True).rename_axis("row")
    front = ["bill_item", "item_kind", "feature_kind", "feature_id", "work_quantity"]
    return items, coded_pieces[[*front, *coded_pieces.columns.drop(front)]]


def formulas_of(items: pd.DataFrame, totals: pd.DataFrame) -> dict[str, dict[str, list[str | None]]]:
    """Return the formulas of both tables for a workbook, in which prices may be changed."""
    known = items["without_quantity"].to_numpy() < items["features"].to_numpy()
    quantity: list[str | None] = [_FORMULAS["work_quantity"] if one else None for one in known]
    amount: list[str | None] = [_FORMULAS["amount"] if one else None for one in known]
    parts = len(totals) - 1
    return {
        "items": {"work_quantity": quantity, "amount": amount},
        "totals": {name: [*[text] * parts, _WHOLE[name]] for name, text in _TOTALS.items()},
    }


def totals_of(items: pd.DataFrame) -> pd.DataFrame:
    """Return items, those without a price, and amount of each part of the bill, and of all in a row of a blank part."""
    rows = {
        part: (in_both(f"bill_part_{part}"), items[items["part"] == part])
        for part in PARTS
        if (items["part"] == part).any()
    }
    rows[""] = (in_both("bill_whole"), items)
    table = {
        part: {
            "part_name": name,
            "items": len(own),
            "items_without_price": int(own["unit_price"].isna().sum()),
            "amount": float(half_up(own["amount"].sum(min_count=1))),
            "currency": next(iter(own["currency"].dropna()), None),
        }
        for part, (name, own) in rows.items()
    }
    found = pd.DataFrame.from_dict(table, orient="index").rename_axis("part")
    return found.assign(part_name=pd.Series([name for name, _ in rows.values()], found.index, dtype=object))


def _keyed(pieces: pd.DataFrame) -> pd.DataFrame:
    """Leave out of each piece what its kind is not told apart by."""
    kind = pieces["item_kind"]
    told = pieces.copy()
    told["depth_class"] = told["depth_class"].where(kind.isin(BY_DEPTH), None)
    told["pipe_size"] = told["pipe_size"].where(kind.isin(BY_SIZE), None)
    for name in KEYS:
        told[name] = told[name].astype(object).where(told[name].notna(), None)
    return told


def _ordered(pieces: pd.DataFrame, classes: Sequence[str]) -> np.ndarray:
    """(n,) place of each piece by kind, structure, system, size, material and depth."""

    def rank(column: str, order: Sequence[str]) -> np.ndarray:
        at = {name: number for number, name in enumerate(order)}
        return np.array([at.get(value, len(at)) for value in pieces[column]], np.int64)

    size = [_size_mm(text) for text in pieces["pipe_size"]]
    words = [pd.factorize(pieces[name].fillna("~"), sort=True)[0] for name in ("material", "structure", "was_system")]
    by = (rank("depth_class", classes), words[0], np.array(size), words[2], rank("system", SYSTEMS), words[1],
          rank("item_kind", list(KINDS)))  # fmt: skip
    place = np.empty(len(pieces), np.int64)
    place[np.lexsort(by)] = np.arange(len(pieces))
    return place


def _size_mm(text: object) -> float:
    """Return a number by which sizes are put in order; what has sides behind what is round."""
    if not isinstance(text, str) or text == UNKNOWN:
        return np.inf
    plain = text.removeprefix("DN").partition(" ")[0]
    wide, _, tall = plain.partition("×")
    return float(wide) + (1e6 * float(tall) if tall else 0.0)


def _row(own: pd.DataFrame) -> dict[str, object]:
    """Return an item of the pieces that are alike."""
    first = own.iloc[0]
    kind = KINDS[str(first["item_kind"])]
    amounts = own["work_quantity"].to_numpy(dtype=np.float64)
    known = np.isfinite(amounts)
    quantity = float(amounts[known].sum()) if known.any() else np.nan
    depth = (own["trench_from_m"].to_numpy(np.float64) + own["trench_to_m"].to_numpy(np.float64)) / 2.0
    weighed = known & np.isfinite(depth)
    by_feature = own.groupby("feature_id", sort=False)
    names = list(by_feature.groups)
    sets = dict.fromkeys(name for text in own["sets"] for name in str(text).split(", ") if name)
    mean = np.average(depth[weighed], weights=amounts[weighed]) if amounts[weighed].sum() > 0.0 else np.nan
    filled = int(by_feature["filled"].any().sum())
    unmeasured = int(own.loc[~known, "feature_id"].nunique())
    return {
        "item_name": _named(first, _conduit(own)), "item_note": _note(filled, unmeasured), "work_unit": kind.unit,
        "work_quantity": float(half_up(quantity)), "part": kind.part, "item_kind": first["item_kind"],
        **{name: first[name] for name in KEYS}, "mean_trench_m": round(float(mean), 3), "features": len(names),
        "filled_features": filled, "without_quantity": unmeasured, "sets": ", ".join(sets),
        "feature_ids": ", ".join([*map(str, names[:_NAMED]), *(["…"] if len(names) > _NAMED else [])]),
    }  # fmt: skip


def _note(filled: int, unmeasured: int) -> Said | None:
    """Return what has to be known of the quantity of an item."""
    told = [
        *([in_both("bill_note_filled", count=filled)] if filled else []),
        *([in_both("bill_note_unmeasured", count=unmeasured)] if unmeasured else []),
    ]
    return joined(told) if told else None


def _conduit(own: pd.DataFrame) -> Said:
    """Return what is worked at: pipes, or of what has sides box culverts, or conduits where not all are rectangular."""
    if "×" not in str(own["pipe_size"].iloc[0]):
        return in_both("bill_pipe")
    return in_both("bill_box" if set(own["shape"].dropna()) <= {"rectangular"} else "bill_conduit")


def _named(piece: pd.Series, conduit: Said) -> Said:
    """Return what an item is, in words: the work, then what it is told apart by."""
    kind = str(piece["item_kind"])

    def said(name: str) -> Said | str:
        value = piece[name]
        if not isinstance(value, str):
            return ""
        return coded(name, value) if name in {"system", "was_system", "structure"} or value == UNKNOWN else value

    told: dict[str, object] = {"conduit": conduit, **{name: said(name) for name in KEYS}}
    depth = piece["depth_class"]
    if isinstance(depth, str):
        known, unknown = _OF_SHAFT if kind.startswith("node") else _OF_TRENCH
        told["depth_class"] = in_both(unknown if depth == UNKNOWN else known, depth=depth)
    if isinstance(piece["pipe_size"], str) and piece["pipe_size"] == UNKNOWN:
        told["pipe_size"] = in_both("bill_size_unknown")
    told["material"] = (
        in_both("bill_material", material=piece["material"]) if isinstance(piece["material"], str) else ""
    )
    return in_both(f"bill_item_{kind}", **told)


def _priced(row: Mapping[str, object], prices: PriceList | None) -> dict[str, object]:
    found = None if prices is None else prices.price_of(row)
    quantity = float(row["work_quantity"])  # type: ignore[arg-type]  # made of numbers above
    if found is None or prices is None or found.price is None or not np.isfinite(quantity):
        return {**row, "unit_price": np.nan, "amount": np.nan, "currency": None, "price_source": None}
    amount = float(half_up(quantity * found.price))
    return {
        **row,
        "unit_price": found.price,
        "amount": amount,
        "currency": prices.currency,
        "price_source": found.source,
    }
