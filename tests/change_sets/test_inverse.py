"""A change set and its inverse are the identity, and the inverse of the inverse does again what the change set did.

Random change sets of every kind, on the demo city and on a real one, in memory and through files.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import drainage as dr
from drainage.change_sets import Change, ChangeSet
from drainage.network import DrainageNetwork
from tests.support import demo
from tests.support.same import assert_same

CITY = Path(__file__).parents[2].parent / "shared" / "networks" / "cities" / "penticton"


@cache
def real_city() -> DrainageNetwork:
    if not CITY.is_dir():
        pytest.skip("no city beside the repository")
    return dr.read_network({"storm": CITY / "mains.geojson", "sewage": CITY / "sanitary_mains.geojson"})


def random_edits(net: DrainageNetwork, seed: int, size: int) -> ChangeSet:
    """Draw edits of all kinds: cells of all types, places, pipes laid and abandoned, columns that come."""
    random = np.random.default_rng(seed)
    pipes, nodes = net.pipes, net.nodes
    chosen = random.choice(len(pipes), size=3 * size, replace=False)
    changes: list[Change] = []
    for row in chosen[:size]:
        options: list[tuple[str, object]] = [
            ("diameter_mm", float(random.integers(20, 2000))), ("invert_from_m", float(random.normal(20, 3))),
            ("material", None), ("road", "新路"), ("length_m", None), ("commissioned", "1999-07-31"),
            ("condition_grade", None), ("barrels", 2), ("silt_share", float(random.random())), ("system", "combined"),
            ("flow_m3d", 3.25), ("to_node", str(nodes.index[int(random.integers(len(nodes)))])),
        ]  # fmt: skip
        picked = random.choice(len(options), size=3, replace=False)
        line = shapely.transform(pipes.geometry.iloc[row], lambda xy: xy + random.normal(0, 1, xy.shape))
        columns = {name: value for name, value in (options[k] for k in picked) if name != "commissioned"}
        place = line if random.random() < 0.4 else None
        changes.append(Change(action="change", layer="pipes", id=pipes.index[row], columns=columns, geometry=place))
    free = [row for row in chosen[size : 2 * size] if pipes["abandoned"].isna().iloc[row]]
    for row in free:
        day = {"abandoned": "2033-03-03"}
        changes.append(Change(action="abandon", layer="pipes", id=pipes.index[row], columns=day))
    for k, row in enumerate(random.choice(len(nodes), size=size, replace=False)):
        at = shapely.get_coordinates(nodes.geometry.iloc[row])[0]
        place = shapely.Point(at + random.normal(0, 20, 2))
        changes.append(Change(action="add", layer="nodes", id=f"new{k}", columns={"ground_m": 21.5}, geometry=place))
        ends = {"from_node": f"new{k}", "to_node": nodes.index[row], "system": "storm"}
        line = shapely.LineString([place, at])
        changes.append(Change(action="add", layer="pipes", id=f"newP{k}", columns=ends, geometry=line))
        if random.random() < 0.5:
            other = {"kind": "outfall"} if random.random() < 0.5 else {"ground_m": None, "flap_gate": "yes"}
            moved = None if random.random() < 0.5 else shapely.Point(at + 1.0)
            changes.append(
                Change(action="change", layer="nodes", id=nodes.index[row], columns=other, geometry=moved)
            )  # fmt: skip
    order = random.permutation(len(changes))
    return ChangeSet(name=f"random {seed}", changes=[changes[k] for k in order], crs=net.crs)


@pytest.mark.long
@pytest.mark.parametrize("city", ["demo", "real"])
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**31), size=st.integers(1, 12))
def test_the_inverse_is_the_identity_and_its_inverse_the_effect_again(city: str, seed: int, size: int) -> None:
    net = demo.whole_city() if city == "demo" else real_city()
    done = dr.apply_changes(net, random_edits(net, seed, size))
    back = dr.apply_changes(done.network, done.inverse)
    assert_same(back.network, net)
    again = dr.apply_changes(back.network, back.inverse)
    assert_same(again.network, done.network)
    assert_same(dr.repairs.undo_repair(done.network, done.log), net)


@pytest.mark.long
@pytest.mark.parametrize("city", ["demo", "real"])
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**31))
def test_so_it_is_through_files(city: str, seed: int) -> None:
    whole = demo.whole_city() if city == "demo" else real_city()
    with TemporaryDirectory() as folder:
        place = Path(folder)
        dr.write_network(whole, place / "old.gpkg")
        net = dr.read_network(place / "old.gpkg")
        dr.formats.write_change_set(random_edits(net, seed, 5), place / "edits.geojson")
        done = dr.apply_changes(net, dr.read_change_set(place / "edits.geojson"))
        dr.write_network(done.network, place / "new.gpkg")
        dr.formats.write_change_set(done.inverse, place / "inverse.geojson")
        new = dr.read_network(place / "new.gpkg")
        assert_same(new, done.network)
        back = dr.apply_changes(new, dr.read_change_set(place / "inverse.geojson"))
        assert_same(back.network, net)
        dr.write_network(back.network, place / "back.gpkg")
        assert_same(dr.read_network(place / "back.gpkg"), net)
        dr.formats.write_change_set(back.inverse, place / "again.geojson")
        again = dr.apply_changes(back.network, dr.read_change_set(place / "again.geojson"))
        assert_same(again.network, new)


def test_a_set_of_nothing_changes_nothing() -> None:
    net = demo.whole_city()
    done = dr.apply_changes(net, ChangeSet(name="nothing"))
    assert_same(done.network, net)
    assert done.log.empty
    assert done.effects.empty
    assert not done.inverse.changes
