"""Crossings worked by hand: one storm pipe from west to east, and what crosses it.

The storm pipe S falls from 10.00 m at x = 0 to 9.00 m at x = 100; DN 1000, wall 0.1 m.

=====  ====  ======  =========  ==================================================  ========
pipe   at x  size    system     clear distance                                      state
=====  ====  ======  =========  ==================================================  ========
A        20  DN 300  sewage     9.80 − (8.00 + 0.30) − 0.10 − 0.03 = 1.37 below it  clear
B        50  DN 400  sewage     9.70 − (9.50 + 1.00) → −0.80 − 0.14 = −0.94         conflict
C        80  DN 200  reclaimed  10.60 − (9.20 + 1.00) − 0.10 − 0.02 = 0.28          tight
D        90  ?       sewage     no size                                             unknown
=====  ====  ======  =========  ==================================================  ========
"""

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

import drainage as dr
from drainage.analyses import find_crossings

ROWS = (
    ("S", "storm", 1000.0, 10.0, 9.0, [(0, 0), (100, 0)]),
    ("A", "sewage", 300.0, 8.2, 7.8, [(20, -50), (20, 50)]),
    ("B", "sewage", 400.0, 9.7, 9.7, [(50, -50), (50, 50)]),
    ("C", "reclaimed", 200.0, 10.6, 10.6, [(80, -50), (80, 50)]),
    ("D", "sewage", None, 8.0, 8.0, [(90, -50), (90, 50)]),
    ("E", "storm", 300.0, 12.0, 12.0, [(60, -50), (60, 50)]),
    ("F", "sewage", 300.0, 7.0, 7.0, [(100, 0), (100, -50)]),
)


def town() -> dr.DrainageNetwork:
    names, systems, sizes, upper, lower, lines = zip(*ROWS, strict=True)
    pipes = gpd.GeoDataFrame(
        {
            "pipe_id": names, "system": systems, "diameter_mm": sizes, "invert_from_m": upper, "invert_to_m": lower,
            "road": "磬山路",
        },
        geometry=[LineString(line) for line in lines],
        crs="EPSG:4548",
    )  # fmt: skip
    return dr.as_network(pipes)


def test_every_crossing_has_the_distance_worked_by_hand() -> None:
    result = find_crossings(town())
    found = result.tables["crossings"]
    told = list(
        found[["upper_pipe", "lower_pipe", "clearance"]].astype(str).itertuples(index=False, name=None)
    )  # the closest first; what is not known last
    assert told == [
        ("B", "S", "conflict"), ("C", "S", "tight"), ("S", "A", "clear"), ("S", "D", "unknown"),
    ]  # fmt: skip
    assert found["clear_m"].to_numpy() == pytest.approx([-0.94, 0.28, 1.37, np.nan], nan_ok=True)
    assert found["asked_m"].tolist() == [0.15, 0.40, 0.15, 0.15]
    assert [found[name].iloc[2] for name in ("upper_invert_m", "lower_crown_m")] == pytest.approx([9.80, 8.30])
    assert found.geometry.x.iloc[1] == pytest.approx(80.0)
    numbers = {name: result.summary[f"crossings_{name}"] for name in ("conflict", "tight", "clear", "unknown")}
    assert numbers == {"conflict": 1, "tight": 1, "clear": 1, "unknown": 1}


def test_a_wall_that_is_thicker_or_a_distance_that_is_longer_changes_the_state() -> None:
    found = find_crossings(town(), wall_share=0.0, least_clear_m=1.6).tables["crossings"].set_index("upper_pipe")
    assert found["clear_m"].loc["C"] == pytest.approx(0.40)
    assert found["clearance"].loc["C"] == "tight"
    assert found["clearance"].loc["S"].tolist() == ["tight", "unknown"]  # A: 1.50 m


def test_pipes_of_one_system_are_listed_if_asked_for() -> None:
    found = find_crossings(town(), same_system=True).tables["crossings"]
    assert ("E", "S") in set(zip(found["upper_pipe"], found["lower_pipe"], strict=True))


def test_crossings_of_pipes_of_unknown_system_are_counted_and_listed_if_asked_for() -> None:
    net = town().replace(pipes=town().pipes.assign(system="unknown"))
    result = find_crossings(net)
    assert (result.summary["crossings"], result.summary["crossings_left_out"]) == (0, 5)
    asked = find_crossings(net, same_system=True)
    assert (asked.summary["crossings"], asked.summary["crossings_left_out"]) == (5, 0)
    assert find_crossings(town()).summary["crossings_left_out"] == 0


def test_pipes_that_were_never_in_the_ground_together_do_not_cross() -> None:
    net = town()
    dates = {"commissioned": "2020-01-01", "abandoned": None}
    pipes = net.pipes.assign(**dict.fromkeys(dates))
    pipes.loc["S", "abandoned"] = "2010-01-01"
    pipes.loc["B", "commissioned"] = "2011-01-01"
    found = find_crossings(dr.as_network(pipes, nodes=net.nodes)).tables["crossings"]
    assert "B" not in set(found["upper_pipe"])


def test_without_coordinates_nothing_is_known() -> None:
    net = town()
    bare = [
        gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=table.geometry.to_numpy())
        for table in (net.pipes, net.nodes)
    ]
    assert "coordinates" in str(find_crossings(dr.DrainageNetwork(*bare, issues=net.issues)).not_known)


def test_a_negative_distance_is_refused() -> None:
    with pytest.raises(dr.errors.SchemaError, match="least_clear_m"):
        find_crossings(town(), least_clear_m=-0.1)
    with pytest.raises(dr.errors.SchemaError, match="wall_share"):
        find_crossings(town(), wall_share=-0.1)
