"""Lines that name no ends: turned where the levels of their neighbours prove it, whole layers said.

M0 ---> M1 ---> … ---> M8          40 m a pipe, L0 … L7, each falling 0.4 m
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.network import DrainageNetwork
from tests.cities.deliveries import source_of
from tests.conftest import SHARED

E, N = 551000.0, 3712000.0


def chain(
    backwards: Collection[int] = (), count: int = 8, columns: Mapping[str, object] | None = None
) -> gpd.GeoDataFrame:
    """Draw a chain whose inverts are named by the flow, some lines of it drawn against it."""
    shapes = [shapely.LineString([(E + 40 * i, N), (E + 40 * (i + 1), N)]) for i in range(count)]
    shapes = [line.reverse() if i in backwards else line for i, line in enumerate(shapes)]
    table = {
        "pipe_id": [f"L{i}" for i in range(count)],
        "system": "storm",
        "invert_from_m": [20 - 0.4 * i for i in range(count)],
        "invert_to_m": [19.6 - 0.4 * i for i in range(count)],
        "diameter_mm": [300 + 100 * (i // 4) for i in range(count)],
        **(columns or {}),
    }
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4548)


def said(net: DrainageNetwork, code: str) -> list[str]:
    return net.issues.loc[net.issues["code"] == code, "feature_id"].tolist()


def xs(net: DrainageNetwork) -> list[tuple[float, float]]:
    lines = net.pipes.geometry.to_numpy()
    first, last = (shapely.get_x(shapely.get_point(lines, at)) - E for at in (0, -1))
    return list(zip(first.round(6).tolist(), last.round(6).tolist(), strict=True))


FORWARDS = [(40.0 * i, 40.0 * (i + 1)) for i in range(8)]


class TestASingleLine:
    @pytest.mark.parametrize("backwards", [[3], [1, 4], [2, 3], [4, 5, 6]])
    def test_is_turned_where_it_fits_its_neighbours_only_so(self, backwards: list[int]) -> None:
        net = dr.as_network(chain(backwards))
        assert said(net, "drawn_against_flow") == [f"L{i}" for i in backwards]
        assert xs(net) == FORWARDS
        assert net.pipes["from_node"].tolist()[1:] == net.pipes["to_node"].tolist()[:-1]
        assert net.pipes["invert_from_m"].tolist() == pytest.approx([20 - 0.4 * i for i in range(8)])

    def test_is_said_with_its_evidence(self) -> None:
        issues = dr.as_network(chain([3])).issues.set_index("code").loc["drawn_against_flow"]
        assert issues["reason"] == (
            "its inverts of 18.80 and 18.40 m fit those of its neighbours at both ends only with the line turned"
        )
        assert issues["severity"] == "warning"

    def test_at_the_end_of_the_network_is_said_and_stays(self) -> None:
        net = dr.as_network(chain([0]))
        assert said(net, "levels_against_line") == ["L0"]
        assert said(net, "drawn_against_flow") == []
        assert xs(net)[0] == (40.0, 0.0)

    def test_that_is_flat_stays(self) -> None:
        level = {
            "invert_from_m": [20 - 0.04 * i for i in range(8)],
            "invert_to_m": [19.96 - 0.04 * i for i in range(8)],
        }
        net = dr.as_network(chain([3], columns=level))
        assert xs(net)[3] == (160.0, 120.0)
        assert said(net, "drawn_against_flow") == []

    def test_beside_unknown_levels_stays(self) -> None:
        unknown = {"invert_to_m": [np.nan if i == 2 else 19.6 - 0.4 * i for i in range(8)]}
        assert said(dr.as_network(chain([3], columns=unknown)), "drawn_against_flow") == []

    def test_that_names_its_ends_stays(self) -> None:
        """The ids agree with the drawing; both may be wrong, but nothing proves it."""
        ends = [(i + 1, i) if i == 3 else (i, i + 1) for i in range(8)]
        named = {"from_node": [f"M{a}" for a, _ in ends], "to_node": [f"M{b}" for _, b in ends]}
        net = dr.as_network(chain([3], columns=named))
        assert xs(net)[3] == (160.0, 120.0)

    def test_that_rises_between_lines_that_fall_has_its_inverts_exchanged(self) -> None:
        table = chain()
        row = table.index[3]
        table.loc[row, ["invert_from_m", "invert_to_m"]] = table.loc[row, ["invert_to_m", "invert_from_m"]].to_numpy()
        net = dr.as_network(table)
        assert said(net, "inverts_exchanged") == ["L3"]
        assert net.pipes["invert_from_m"].iloc[3] == pytest.approx(18.4), "said and left"
        assert xs(net) == FORWARDS

    def test_with_a_true_adverse_slope_stays(self) -> None:
        level = {"invert_from_m": [20, 19, 18, 18.5, 18, 17, 16, 15], "invert_to_m": [19, 18, 18.5, 18, 17, 16, 15, 14]}
        assert xs(dr.as_network(chain(columns=level))) == FORWARDS

    def test_of_two_that_arrive_at_one_level_none_is_turned(self) -> None:
        """Two feet at one place are no way through it: turned, L1 would begin where nothing leaves."""
        level = {"invert_from_m": [20.0, 19.5, 19.5], "invert_to_m": [19.0, 19.0, 18.8]}
        assert said(dr.as_network(chain(count=3, columns=level)), "drawn_against_flow") == []


class TestTurning:
    @given(st.sets(st.integers(1, 10), max_size=5), st.integers(0, 10**6))
    def test_gives_the_network_that_was_drawn_rightly(self, backwards: set[int], seed: int) -> None:
        falls = np.random.default_rng(seed).uniform(0.15, 2.0, 12).cumsum()
        levels = {"invert_from_m": 50 - np.concatenate([[0], falls[:-1]]), "invert_to_m": 50 - falls}
        net, truth = (dr.as_network(chain(some, count=12, columns=levels)) for some in (backwards, ()))
        assert xs(net) == xs(truth)
        assert set(said(net, "drawn_against_flow")) == {f"L{i}" for i in backwards}

    @given(st.sets(st.integers(0, 11)), st.integers(0, 10**6))
    def test_is_done_once(self, backwards: set[int], seed: int) -> None:
        levels = np.random.default_rng(seed).uniform(10, 11, (2, 12)).round(1)
        once = dr.as_network(chain(backwards, 12, {"invert_from_m": levels[0], "invert_to_m": levels[1]}))
        bare = once.pipes.reset_index().assign(from_node=None, to_node=None)
        again = dr.as_network(bare[["pipe_id", "system", "invert_from_m", "invert_to_m", "diameter_mm", "geometry"]])
        assert xs(again) == xs(once)


class TestAWholeLayer:
    def test_drawn_with_the_flow_is_said_with_figures(self) -> None:
        net = dr.as_network(chain(count=30))
        layer = net.issues.set_index("code").loc["layer_direction"]
        assert (layer["severity"], layer["feature_id"]) == ("info", "storm")
        assert "30 pipes of storm record neither from_node nor to_node; 30 of 30 graded pipes fall" in layer["reason"]
        assert "30 fit as drawn" in layer["reason"]
        assert "sizes grow downstream at 7 joints and shrink at 0" in layer["reason"]

    def test_drawn_against_the_flow_is_said_and_stays(self) -> None:
        net = dr.as_network(chain(range(30), count=30))
        assert said(net, "layer_against_flow") == ["storm"]
        assert said(net, "drawn_against_flow") == said(net, "levels_against_line") == []
        assert xs(net)[0] == (40.0, 0.0)

    def test_without_levels_is_judged_by_sizes(self) -> None:
        bare = {"invert_from_m": np.nan, "invert_to_m": np.nan, "diameter_mm": [300 + 100 * i for i in range(30)]}
        assert said(dr.as_network(chain(count=30, columns=bare)), "layer_direction") == ["storm"]
        assert said(dr.as_network(chain(range(30), count=30, columns=bare)), "layer_against_flow") == ["storm"]

    def test_that_leaves_its_outfalls_is_doubtful(self) -> None:
        """Three chains of ten that grow in size as drawn, but begin at outfalls."""
        bare = {
            "invert_from_m": np.nan,
            "invert_to_m": np.nan,
            "diameter_mm": [300 + 100 * (i % 10) for i in range(30)],
        }
        lines = chain(count=30, columns=bare)
        lines.geometry = [
            shapely.LineString(np.add(line.coords, (0, 500 * (i // 10)))) for i, line in enumerate(lines.geometry)
        ]
        at = [lines.geometry.iloc[i].coords[0] for i in (0, 10, 20)]
        nodes = gpd.GeoDataFrame(
            {"node_id": ["O1", "O2", "O3"], "kind": "outfall"}, geometry=[shapely.Point(xy) for xy in at], crs=4548
        )
        net = dr.as_network(lines, nodes=nodes)
        assert said(net, "layer_direction_unsure") == ["storm"]
        (reason,) = net.issues.loc[net.issues["code"] == "layer_direction_unsure", "reason"]
        assert "0 lead to an outfall, 3 begin at one" in reason

    def test_of_which_nothing_is_known_is_unsure(self) -> None:
        bare = {"invert_from_m": np.nan, "invert_to_m": np.nan, "diameter_mm": 300}
        assert said(dr.as_network(chain(count=30, columns=bare)), "layer_direction_unsure") == ["storm"]

    def test_whose_ends_are_named_is_not_asked(self) -> None:
        ends = {"from_node": [f"M{i}" for i in range(30)], "to_node": [f"M{i + 1}" for i in range(30)]}
        assert dr.as_network(chain(count=30, columns=ends)).issues.empty


@pytest.mark.long
@pytest.mark.skipif(not (SHARED / "networks").is_dir(), reason="needs the real networks beside the checkout")
class TestCities:
    def test_three_storm_sewers_of_delta_are_turned(self) -> None:
        """By eye: 938088 from 76.17 to 76.01 lies between 77.40 → 76.19 at its end and 75.99 → 75.91 at its start."""
        net = dr.read_network(source_of(SHARED / "networks", "delta"))
        issues = net.issues[(net.issues["code"] == "drawn_against_flow") & (net.issues["severity"] == "warning")]
        assert "938088" in set(issues["feature_id"])
        assert len(issues) == 3
        assert net.pipes.loc["938088", "invert_from_m"] == pytest.approx(76.17, abs=0.005)

    @pytest.mark.parametrize("city", ["ottawa", "burnaby", "portcoquitlam", "delta"])
    def test_of_lines_drawn_backwards_those_with_proof_are_turned_back(self, city: str) -> None:
        truth = dr.read_network(source_of(SHARED / "networks", city))
        named = ["pipe_id", "system", "invert_from_m", "invert_to_m", "diameter_mm", "geometry"]
        table = truth.pipes.reset_index()[named]
        table = table[truth.pipes["invert_from_source"].eq("recorded").to_numpy()].reset_index(drop=True)
        chosen = np.random.default_rng(7).random(len(table)) < 0.3
        lines = table.geometry.to_numpy().copy()
        lines[chosen] = shapely.reverse(lines[chosen])
        straight, mixed = dr.as_network(table), dr.as_network(table.set_geometry(lines, crs=table.crs))
        same = shapely.equals_exact(straight.pipes.geometry.to_numpy(), mixed.pipes.geometry.to_numpy())
        turned = mixed.pipes.index.isin(said(mixed, "drawn_against_flow"))
        assert turned.sum() > 0.1 * chosen.sum()
        assert same[turned & chosen].all(), "what is turned is turned back"
        assert turned[~chosen].sum() <= 5, "and next to nothing else"
