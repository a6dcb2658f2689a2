"""From evidence to verdicts and chances: each rule on a network of a few pipes.

Truth: by hand. The street of most tests, all storm, 100 m each:

    a --> b --> c --> out
          d --> c
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from pandas.testing import assert_index_equal

import drainage as dr
from drainage.evidence import Evidence, empty_evidence
from tests.support.networks import build

if TYPE_CHECKING:
    from drainage.network import DrainageNetwork
    from drainage.result import Result

DRY = {"date": "2024-06-10", "last_rain": "2024-06-01"}


def street() -> DrainageNetwork:
    return build(["a>b storm", "b>c storm", "c>out storm", "d>c storm"], kinds={"out": "outfall"})


def rows(kind: str, *listed: dict[str, object]) -> pd.DataFrame:
    """Rows of one kind, on a dry day unless they say otherwise."""
    table = pd.DataFrame([DRY | row for row in listed]).reindex(columns=empty_evidence(kind).columns)
    table.index = pd.Index([f"{kind}:{k + 2}" for k in range(len(table))], name="row", dtype="str")
    return table.astype(dict(empty_evidence(kind).dtypes))


def judge(net: DrainageNetwork | None = None, **kinds: pd.DataFrame) -> Result:
    return dr.find_sources(net or street(), replace(Evidence(), **kinds))  # type: ignore[arg-type]  # tables only


def rules(result: Result) -> set[str]:
    return set(result.verdicts["rule"])


class TestChances:
    def test_a_wet_outfall_raises_all_above_and_a_dry_branch_falls(self) -> None:
        before = judge().reaches["probability"]
        looks = rows("inspections", {"node_id": "out", "flowing": True}, {"node_id": "d", "flowing": False})
        after = judge(inspections=looks).reaches
        assert (after["probability"] > before)[["p0", "p1", "p2"]].all()
        assert after["probability"]["p3"] < after["probability"]["p0"]
        assert after["observed"].dropna().to_dict() == {"p3": "dry"}

    def test_a_found_entry_is_likely_and_names_its_evidence(self) -> None:
        looks = rows(
            "inspections",
            {"node_id": "out", "flowing": True},
            {"node_id": "c", "pipe_id": "p1", "flowing": True},
            {"node_id": "b", "pipe_id": "p0", "flowing": False},
            {"node_id": "b", "entry": True},
        )
        found = judge(inspections=looks)
        assert found.reaches["probability"].idxmax() == "p1"
        assert found.reaches.loc["p1", "inferred"] == "likely"
        assert "inspections:5" in str(found.reaches.loc["p1", "evidence_rows"])
        assert found.summary["likely_reaches"] == 1

    def test_what_is_recorded_is_never_overwritten(self) -> None:
        net = street()
        reaches = judge(net, inspections=rows("inspections", {"node_id": "b", "entry": True})).reaches
        assert_index_equal(reaches.index, net.pipes.index)
        assert reaches["system_recorded"].tolist() == ["storm"] * 4
        assert reaches["system_designed"].isna().all()

    def test_rain_less_than_three_days_before_says_nothing(self) -> None:
        look = rows("inspections", {"node_id": "out", "flowing": True, "last_rain": "2024-06-08"})
        found = judge(inspections=look)
        assert found.reaches["probability"].max() < 0.02
        assert found.issues["code"].tolist() == ["not_dry"]

    def test_drawn_sewage_explains_the_flow_below(self) -> None:
        net = build(["a>b storm", "b>out storm", "w>b sewage"])
        wet = rows("inspections", {"node_id": "out", "flowing": True})
        assert judge(net, inspections=wet).summary["expected_sources"] < 0.1
        alone = build(["a>b storm", "b>out storm"])
        assert judge(alone, inspections=wet).summary["expected_sources"] > 0.2

    def test_a_closed_source_explains_what_was_seen_before(self) -> None:
        seen = [{"node_id": "out", "flowing": True}, {"node_id": "b", "entry": True}]
        closed = {"node_id": "b", "closed": True, "date": "2024-06-20"}
        found = judge(inspections=rows("inspections", *seen, closed))
        assert found.manholes["probability"]["b"] < 0.001
        assert found.reaches["probability"].max() < 0.02
        again = {"node_id": "out", "flowing": True, "date": "2024-06-25", "last_rain": "2024-06-01"}
        assert judge(inspections=rows("inspections", *seen, closed, again)).reaches["probability"].max() > 0.05


class TestRules:
    @pytest.mark.parametrize(
        ("nh3", "surfactant", "water", "used"),
        [
            (70, 1.3, "household", "wet"),
            (6, 3.5, "washing", "wet"),
            (70, 0.1, "septic", "wet"),
            (0.5, 0.05, "clean", "dry"),
        ],
    )
    def test_water_is_named_by_its_tracers(self, nh3: float, surfactant: float, water: str, used: str) -> None:
        """T/CECS 758-2020, 5.3.2: the means of table 1 for washing and faecal water; low surfactant: septic tank."""
        found = judge(samples=rows("samples", {"node_id": "c", "nh3n_mg_l": nh3, "surfactant_mg_l": surfactant}))
        assert found.verdicts[["rule", "used_as"]].iloc[0].tolist() == [water, used]
        assert found.verdicts["clause"].str.contains("5.3").all()

    def test_the_flow_chart_of_the_epa_is_an_option(self) -> None:
        sample = rows("samples", {"node_id": "c", "nh3n_mg_l": 5.0, "surfactant_mg_l": 0.5, "k_mg_l": 4.0})
        net, seen = street(), Evidence(samples=sample)
        assert rules(dr.find_sources(net, seen, tracers="idde")) == {"idde_sanitary"}
        assert rules(dr.find_sources(net, seen)) == set()

    def test_clean_water_explains_a_wet_manhole_of_the_same_day(self) -> None:
        look = rows("inspections", {"node_id": "c", "flowing": True})
        sample = rows("samples", {"node_id": "c", "nh3n_mg_l": 0.3, "cod_mg_l": 10})
        found = judge(inspections=look, samples=sample)
        assert rules(found) == {"clean"}
        assert found.reaches["probability"][["p0", "p1", "p3"]].max() < 0.015

    def test_a_concentration_that_rises_puts_the_source_between(self) -> None:
        """5.2.4-1: 5 mg/L at a, 40 at c and 5 at d: something enters at b or on the pipes to c, or at c."""
        samples = [{"node_id": n, "nh3n_mg_l": v} for n, v in (("a", 5.0), ("d", 5.0), ("c", 40.0))]
        found = judge(samples=rows("samples", *samples))
        rise = found.verdicts[found.verdicts["rule"] == "rise"].iloc[0]
        assert rise["node_id"] == "c"
        assert "5 at" in rise["reading"]
        chance = found.manholes["probability"]
        assert chance["b"] > 3 * chance["a"]
        assert chance["b"] > 3 * chance["d"]

    def test_meters_that_do_not_add_up_put_the_source_between(self) -> None:
        flows = [{"node_id": n, "flow_m3_per_day": q} for n, q in (("b", 80.0), ("d", 10.0), ("out", 200.0))]
        found = judge(flows=rows("flows", *flows))
        chance = found.manholes["probability"]
        assert chance["c"] > 0.1
        even = [{"node_id": n, "flow_m3_per_day": q} for n, q in (("b", 80.0), ("d", 10.0), ("out", 90.0))]
        assert judge(flows=rows("flows", *even)).manholes["probability"]["c"] < 0.5 * chance["c"]

    def test_a_river_in_the_pipe_is_backflow_and_no_source(self) -> None:
        sample = rows(
            "samples", {"node_id": "out", "nh3n_mg_l": 40, "surfactant_mg_l": 2, "level_m": 3.0, "river_level_m": 3.02}
        )
        found = judge(samples=sample)
        assert rules(found) == {"backflow"}
        assert found.reaches["probability"].max() < 0.02

    def test_a_hidden_branch_seen_by_the_camera(self) -> None:
        camera = rows("cctv", {"pipe_id": "p1", "code": "AJ"}, {"pipe_id": "p0", "code": "AJ", "discharging": False})
        found = judge(cctv=camera)
        assert found.reaches["probability"].idxmax() == "p1"
        assert found.verdicts["used_as"].tolist() == ["entry", "not used for sources"]

    def test_dye_that_appears_is_an_entry_above(self) -> None:
        dye = rows("dye", {"node_id": "b", "seen": True, "entered": "8 Main Street"})
        found = judge(dye=dye)
        assert found.manholes["flow_probability"]["b"] > 0.1
        assert "8 Main Street" in found.verdicts["reading"].iloc[0]

    def test_sewers_tell_of_infiltration_and_storm_water(self) -> None:
        net = build(["a>b storm", "s>t sewage", "t>w sewage"])
        samples = rows(
            "samples",
            {"node_id": "s", "nh3n_mg_l": 60, "hardness_mg_l": 160},
            {"node_id": "t", "nh3n_mg_l": 30, "hardness_mg_l": 300},
        )
        flows = rows(
            "flows",
            {"node_id": "t", "flow_m3_per_day": 100, "weather": "dry"},
            {"node_id": "t", "flow_m3_per_day": 400, "weather": "wet", "last_rain": None},
        )
        assert rules(judge(net, samples=samples, flows=flows)) == {"infiltration", "storm_in_sewage"}

    def test_water_above_the_crown_in_dry_weather_is_flagged(self) -> None:
        look = rows("inspections", {"node_id": "b", "depth_m": 0.5})
        assert "surcharged" in rules(judge(inspections=look))


class TestIssues:
    def test_unknown_places_and_contradictions_are_said_by_row_and_the_rest_is_used(self) -> None:
        looks = rows(
            "inspections",
            {"node_id": "nowhere", "flowing": True},
            {"node_id": "c", "flowing": True},
            {"node_id": "c", "flowing": False},
            {"node_id": "a", "pipe_id": "p3", "flowing": True},
            {"flowing": True},
            {"node_id": "d", "flowing": False, "flow_m3_per_day": 20.0},
            {"node_id": "out", "flowing": True},
        )
        found = judge(inspections=looks)
        said = dict(zip(found.issues["feature_id"], found.issues["code"], strict=True))
        assert said == {
            "inspections:2": "unknown_manhole",
            "inspections:3": "contradiction",
            "inspections:4": "contradiction",
            "inspections:5": "pipe_elsewhere",
            "inspections:6": "no_place",
            "inspections:7": "contradiction",
        }
        used = found.verdicts.loc[found.verdicts["used_as"] == "wet", "evidence_rows"]
        assert set(used) == {"inspections:5", "inspections:8"}

    def test_points_find_their_manhole(self) -> None:
        net = street()
        spot = net.nodes.to_crs(4326).get_coordinates().loc["b"]
        look = rows(
            "inspections", {"entry": True, "lon": spot.x, "lat": spot.y}, {"entry": True, "lon": 0.0, "lat": 0.0}
        )
        found = judge(net, inspections=look)
        assert found.verdicts["node_id"].tolist() == ["b"]
        assert found.issues["code"].tolist() == ["no_place"]


def test_keywords_change_the_answer() -> None:
    net, seen = street(), Evidence(inspections=rows("inspections", {"node_id": "out", "flowing": True}))
    low = dr.find_sources(net, seen, rates=dr.inference.SourceRates(reach_prior=0.001)).reaches["probability"]
    high = dr.find_sources(net, seen, rates=dr.inference.SourceRates(reach_prior=0.2)).reaches["probability"]
    assert (high > low).all()
    sample = Evidence(samples=rows("samples", {"node_id": "c", "nh3n_mg_l": 8, "surfactant_mg_l": 0.5}))
    assert rules(dr.find_sources(net, sample)) == set()
    assert rules(dr.find_sources(net, sample, limits=dr.inference.SourceLimits(surfactant_mg_l=0.4))) == {"washing"}
