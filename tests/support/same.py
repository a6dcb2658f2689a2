"""Networks that are one and the same: rows, order, columns, types, and every bit of every shape."""

from __future__ import annotations

from pandas.testing import assert_frame_equal

from drainage.formats.marks import layers_of
from drainage.network import DrainageNetwork


def assert_same(one: DrainageNetwork, other: DrainageNetwork) -> None:
    """Compare all tables of two networks."""
    tables, others = layers_of(one), layers_of(other)
    assert tables.keys() == others.keys()
    for name, table in tables.items():
        assert table.geometry.to_wkb().tolist() == others[name].geometry.to_wkb().tolist(), name
        assert_frame_equal(table, others[name], check_exact=True, obj=name)
