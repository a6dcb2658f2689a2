"""A list of prices to fill in: one row for each item of a bill."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from drainage.errors import FormatError, SchemaError
from drainage.plans.bill.item_kinds import KEYS
from drainage.result import Result
from drainage.schema.columns import as_toml
from drainage.wants import wants
from drainage.words import in_both
from drainage.writing import replacing_file


@wants
def write_price_list(bill: Result, path: str | Path, *, currency: str = "CNY", force: bool = False) -> Path:
    """Write a list of prices with a row for each item of a bill, which `PriceList` reads when the prices are filled in.

    What the bill has a price for keeps it; all others are ``""``, which means that there is none yet.

    Parameters
    ----------
    bill
        Answer of `take_quantities`.
    path
        A name that ends in ``.toml``.
    currency
        Code of the currency; that of the bill, where it has prices, goes before it.
    force
        Replace an existing file.

    Raises
    ------
    FormatError
        Another extension, or the file exists and ``force`` is False.
    SchemaError
        The bill has no items.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> wider = dr.change_sets.Change(action="change", layer="pipes", id="YSL2986", columns={"diameter_mm": 1000.0})
    >>> bill = dr.plans.take_quantities(net, dr.change_sets.ChangeSet(name="wider", changes=[wider]))
    >>> with TemporaryDirectory() as folder:
    ...     prices = dr.plans.PriceList.from_file(dr.plans.write_price_list(bill, f"{folder}/prices.toml"))
    >>> [(one.kind, one.unit, one.price) for one in prices.prices]
    [('laid_larger', 'm', None), ('taken_up', 'm', None)]
    """
    goal = Path(path)
    if goal.suffix.lower() != ".toml":
        raise FormatError(in_both("expected_ending", file=goal.name, endings=".toml"))
    items = bill.tables["items"].join(bill.tables["item_keys"])
    if not len(items):
        raise SchemaError(in_both("bill_no_items", file=goal.name))
    paid = items["currency"].dropna()
    made = bill.provenance
    lines = [
        _comment(in_both("bill_price_head").both),
        _comment(f"drainage {made.version}, {made.made_at}"),
        *([_comment(made.notice)] if made.notice else []),
        f"currency = {_text(paid.iloc[0] if len(paid) else currency)}",
    ]
    for code, item in items.iterrows():
        lines += ["", _comment(f"{code} {getattr(item['item_name'], 'both', item['item_name'])}"), "[[prices]]"]
        lines.append(f"kind = {_text(item['item_kind'])}")
        lines += [f"{name} = {_text(item[name])}" for name in KEYS if isinstance(item[name], str)]
        lines.append(f"unit = {_text(item['work_unit'])}")
        known = pd.notna(item["unit_price"])
        lines.append(f"price = {float(item['unit_price'])!r}" if known else 'price = ""')
        lines.append(f"source = {_text(item['price_source'] if isinstance(item['price_source'], str) else '')}")
    with replacing_file(goal, ending=".toml", force=force) as part:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return goal


def _text(value: object) -> str:
    return as_toml([str(value)])


def _comment(text: object) -> str:
    """Return a comment of one line: what would break it is a blank."""
    return "# " + " ".join("".join(sign if sign.isprintable() else " " for sign in str(text)).split())
