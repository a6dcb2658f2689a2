"""A street before its works: a storm drain, a sewer beside it, and a house drain that runs into the wrong one.

```
 a ──p0 storm 300──▶ b ──p1 storm 300──▶ c ──p2 storm 600──▶ out
                     ▲
       h ──p3 sewage 200
 s ──p4 sewage 300──▶ t ──p5 sewage 300──▶ works
```
The ground lies at 12 m everywhere, each pipe is 100 m long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import drainage as dr
from tests.support.drains import drain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BED = {"a": 11.0, "b": 10.8, "c": 10.6, "out": 10.4, "h": 11.2, "s": 9.5, "t": 9.2, "works": 8.9}
PIPES = ["a>b storm 300", "b>c storm 300", "c>out storm 600", "h>b sewage 200", "s>t sewage 300", "t>works sewage 300"]
PLACES = {
    "a": (500000.0, 3700000.0), "b": (500100.0, 3700000.0), "c": (500200.0, 3700000.0), "out": (500300.0, 3700000.0),
    "h": (500100.0, 3699900.0), "s": (500000.0, 3700010.0), "t": (500100.0, 3700010.0), "works": (500200.0, 3700010.0),
}  # fmt: skip


def street(**columns: Sequence[object]) -> dr.DrainageNetwork:
    """Return the street; other columns of pipes by keyword."""
    columns = {"material": ["concrete"] * 6, "silt_share": [0.3, 0.0, 0.0, 0.0, 0.0, 0.0], **columns}
    return drain(PIPES, BED, ground=12.0, places=PLACES, nodes={"invert_m": BED}, **columns)


def but_for(net: dr.DrainageNetwork, **pipes: Mapping[str, object]) -> dr.DrainageNetwork:
    """Return a network with other values of some pipes."""
    table = net.pipes
    for name, values in pipes.items():
        for column, value in values.items():
            table[column] = table[column].mask(table.index == name, value)
    return net.replace(pipes=table)


def edits(*changes: dr.change_sets.Change, name: str = "works.geojson") -> dr.change_sets.ChangeSet:
    """Return a change set of edits in the CRS of the street."""
    return dr.change_sets.ChangeSet(name=name, changes=changes, crs=street().crs)


def changed(pipe: str, **columns: object) -> dr.change_sets.Change:
    """Return an edit of a pipe."""
    return dr.change_sets.Change(action="change", layer="pipes", id=pipe, columns=columns)


def quantities(bill: dr.Result, *keys: str) -> Mapping[tuple[object, ...], float]:
    """Return kind and further columns of each item → its quantity; what is not told apart is left out."""
    items = bill.tables["items"].join(bill.tables["item_keys"])
    told = [
        tuple(one for one in (row[name] for name in ("item_kind", *keys)) if isinstance(one, str))
        for _, row in items.iterrows()
    ]
    assert len(set(told)) == len(told), "name more of the items"
    return dict(zip(told, np.asarray(items["work_quantity"]).tolist(), strict=True))
