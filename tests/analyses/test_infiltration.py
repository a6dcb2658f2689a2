"""Infiltration and inflow from flow meters: by hand, with a planted inflow, and that nothing is lost between meters.

Truth: by hand. The sewers of most tests, 100 m each, with meters at b and c:

    a --> b --> c --> works
          d --> c
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.arrays import Floats
from drainage.evidence import Evidence, empty_evidence
from drainage.hydraulics import infiltration
from tests.support.examples import examples
from tests.support.networks import build

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drainage.network import DrainageNetwork
    from drainage.result import Result


BEGINS = pd.Timestamp("2024-06-01")
RAIN_AT = pd.Timestamp("2024-06-10 10:00")  # two hours, 20 mm
N_DAYS = 12


def street(**columns: Sequence[object]) -> DrainageNetwork:
    pipes = ["a>b sewage", "b>c sewage", "d>c sewage", "c>works sewage"]
    return build(pipes, kinds={"works": "works"}, places=None, **columns)


def shower(
    *, begins: str = "2024-05-28", depth_mm: float = 20.0, at: pd.Timestamp = RAIN_AT
) -> dr.hydraulics.ObservedStorm:
    """Rain of two hours in a record by the hour that lasts to the end of the readings."""
    first = pd.Timestamp(begins)
    hours = int((BEGINS + pd.Timedelta(days=N_DAYS) - first) / pd.Timedelta(hours=1))
    steps = np.zeros(hours)
    start = int((at - first) / pd.Timedelta(hours=1))
    steps[start : start + 2] = depth_mm / 2
    return dr.hydraulics.ObservedStorm(np.linspace(0.0, 60.0 * hours, hours + 1), steps, "gauge", first.to_datetime64())


def day(night: float = 4.0, rest: float = 12.0) -> Floats:
    """Flow by hour: six hours of night, eighteen others; 4 and 12 m³/h make 240 m³/d."""
    return np.array([night] * 6 + [rest] * 18)


def flow(pattern: Floats, inflow: float = 0.0, n_days: int = N_DAYS) -> Floats:
    """Days of a pattern with an inflow, m³/h, in the three hours from the beginning of the rain on."""
    series = np.tile(pattern, n_days)
    start = int((RAIN_AT - BEGINS) / pd.Timedelta(hours=1))
    series[start : start + 3] += inflow
    return series


def readings(meters: Mapping[str, Floats], per_hour: int = 1) -> pd.DataFrame:
    """Rows of evidence: flows in m³/h by manhole, read ``per_hour`` times."""
    parts = []
    for node, series in meters.items():
        time = BEGINS + pd.to_timedelta(np.arange(len(series) * per_hour) * 60 / per_hour, unit="min")
        parts.append(
            pd.DataFrame({"node_id": node, "date": time, "flow_m3_per_day": np.repeat(series, per_hour) * 24.0})
        )
    table = pd.concat(parts, ignore_index=True).reindex(columns=empty_evidence("flows").columns)
    table.index = pd.Index([f"meters.csv:{k + 2}" for k in range(len(table))], name="row", dtype="str")
    return table.astype(dict(empty_evidence("flows").dtypes))


def measure(
    meters: Mapping[str, Floats] | pd.DataFrame,
    *,
    net: DrainageNetwork | None = None,
    rain: dr.hydraulics.ObservedStorm | None = None,
    use: Mapping[str, float] | None = None,
    samples: pd.DataFrame | None = None,
    **limits: float,
) -> Result:
    flows = meters if isinstance(meters, pd.DataFrame) else readings(meters)
    evidence = replace(Evidence(), flows=flows, samples=empty_evidence("samples") if samples is None else samples)
    chosen = dr.analyses.InfiltrationLimits(**limits)  # type: ignore[arg-type]  # numbers by name
    return dr.measure_infiltration(net or street(), evidence, rain or shower(), water_use_m3_per_day=use, limits=chosen)


def _days(result: Result) -> list[int]:
    return [int(result.meters[name].loc["c"]) for name in ("dry_days", "consecutive_dry_days")]


def codes(result: Result) -> set[str]:
    return set(result.issues["code"])


def test_meters_that_all_name_unknown_manholes_are_said_by_row() -> None:
    with pytest.raises(dr.errors.SchemaError, match=r"meters.csv:2: no manhole 'XX1' in the network"):
        measure({"XX1": flow(day())})


class TestDryWeather:
    def test_infiltration_by_the_water_use_and_by_the_night(self) -> None:
        """ADF = 6·4 + 18·12 = 240, MDF = 4·24 = 96 m³/d.

        BI = 240 − 0.8·250 = 40; BI = 240 − (240 − 96)/0.9 = 80.
        """
        one = measure({"c": flow(day())}, use={"c": 250.0}, returned_share=0.8, day_share=0.9).meters.loc["c"]
        assert one["adf_m3_per_day"] == pytest.approx(240.0)
        assert one["mdf_m3_per_day"] == pytest.approx(96.0)
        assert one["infiltration_by_use_m3_per_day"] == pytest.approx(40.0)
        assert one["infiltration_by_night_m3_per_day"] == pytest.approx(80.0)

    def test_days_count_from_72_hours_after_rain_and_not_on_the_day_of_rain(self) -> None:
        """The rain of 10 June from 10:00 to 12:00 leaves 1 to 9 June; its 72 h end on the 13th, past the end."""
        one = measure({"c": flow(day())})
        assert _days(one) == [9, 9]
        assert "few_dry_days" not in codes(one)

    def test_before_the_record_of_rain_nobody_knows_whether_it_was_dry(self) -> None:
        """A record from 1 June on makes 4 to 9 June dry: six days, fewer than the seven of 5.2.2, which is said."""
        one = measure({"c": flow(day())}, rain=shower(begins="2024-06-01"))
        assert one.meters.loc["c", "dry_days"] == 6
        assert "few_dry_days" in codes(one)
        assert one.summary["consecutive_dry_days_least"] == 6

    def test_a_day_with_an_hour_unread_is_not_used(self) -> None:
        table = readings({"c": flow(day())})
        table = table.drop(table.index[5 * 24 + 3])
        assert _days(measure(table)) == [8, 5]

    def test_a_series_without_a_dry_day_gives_no_number_and_says_so(self) -> None:
        one = measure({"c": flow(day())}, rain=shower(at=pd.Timestamp("2024-06-01 03:00")), dry_h=300.0)
        assert one.meters["adf_m3_per_day"].isna().all()
        assert one.meters["rdii_m3"].isna().all()
        assert "no_dry_day" in codes(one)

    def test_what_is_not_given_is_missing_and_said(self) -> None:
        one = measure({"c": flow(day())})
        columns = ["infiltration_by_use_m3_per_day", "infiltration_by_night_m3_per_day"]
        assert one.meters[columns].isna().all(axis=None)
        assert one.summary[columns].isna().all()
        assert {"no_water_use", "no_day_share"} <= codes(one)

    def test_more_dry_days_may_be_wanted_and_the_night_is_where_one_says(self) -> None:
        """The least hour from 6 to 24 is 12 m³/h: 288 m³/d."""
        result = measure({"c": flow(day())}, dry_days=10, night_h=(6, 24))  # type: ignore[arg-type]  # two hours
        assert "few_dry_days" in codes(result)
        assert result.meters.loc["c", "mdf_m3_per_day"] == pytest.approx(288.0)

    def test_readings_within_an_hour_are_averaged(self) -> None:
        table = readings({"c": flow(day())}, per_hour=4)
        table["flow_m3_per_day"] *= np.tile([0.9, 1.1, 1.0, 1.0], len(table) // 4)
        assert measure(table).meters.loc["c", "adf_m3_per_day"] == pytest.approx(240.0)


class TestRain:
    def test_rdii_per_km_and_mm_of_nested_meters(self) -> None:
        """20 mm. c takes in 3·10 = 30 m³, b of it 18; own of c: 12 m³ in 0.2 km, of b 18 m³ in 0.1 km.

        c: 30/(0.3·20) = 5, own 12/(0.2·20) = 3; b: 18/(0.1·20) = 9 m³/(km·mm). Mean 5: b 1.8 times, c 0.6 times.
        """
        result = measure({"c": flow(day(), 10.0), "b": flow(day(1.0, 2.0), 6.0)})
        meters = result.meters
        assert meters.index.tolist() == ["b", "c"]
        assert meters["rank"].tolist() == [1, 2]
        assert meters["next_meter"].fillna("").tolist() == ["c", ""]
        assert meters["rdii_m3"].tolist() == pytest.approx([18.0, 30.0])
        assert meters["rdii_m3_per_km_mm"].tolist() == pytest.approx([9.0, 5.0])
        assert meters["own_rdii_m3"].tolist() == pytest.approx([18.0, 12.0])
        assert meters["own_rdii_m3_per_km_mm"].tolist() == pytest.approx([9.0, 3.0])
        assert meters["times_mean"].tolist() == pytest.approx([1.8, 0.6])
        assert meters["own_share_pct"].tolist() == pytest.approx([60.0, 40.0])
        assert result.summary["rdii_m3"] == pytest.approx(30.0)
        assert result.sewers["meter_id"].fillna("").to_dict() == {"p0": "b", "p1": "c", "p2": "c", "p3": ""}

    def test_the_peak_is_held_against_that_of_dry_days(self) -> None:
        """12 + 18 against 12 m³/h."""
        assert measure({"c": flow(day(), 18.0)}).meters.loc["c", "peak_ratio"] == pytest.approx(2.5)

    def test_an_event_with_an_hour_unread_is_not_measured(self) -> None:
        table = readings({"c": flow(day(), 10.0)})
        table = table[table["date"] != RAIN_AT + pd.Timedelta(hours=5)]
        result = measure(table)
        assert result.events["rdii_m3"].isna().all()
        assert result.meters.loc["c", "events"] == 0
        assert "events_missed" in codes(result)

    def test_a_lower_meter_that_reads_less_is_told(self) -> None:
        result = measure({"c": flow(day(), 2.0), "b": flow(day(1.0, 2.0), 6.0)})
        assert result.meters.loc["c", "own_rdii_m3"] == pytest.approx(-12.0)
        assert "loses_water" in codes(result)

    def test_a_meter_in_one_arriving_pipe_has_that_pipe(self) -> None:
        table = readings({"c": flow(day(), 10.0)}).assign(pipe_id="p1")
        result = measure(table)
        assert result.meters.index.tolist() == ["c/p1"]
        assert result.meters["length_km"].tolist() == pytest.approx([0.2])

    def test_the_planted_inflow_is_located_in_its_reach(self) -> None:
        """Ten meters in a row, a kilometre of sewer; storm water enters above m6 only."""
        chain = build([f"m{k}>m{k + 1} sewage" for k in range(10)])
        meters = {f"m{k}": flow(day() * k, 25.0 if k >= 6 else 0.0) for k in range(1, 11)}
        result = measure(meters, net=chain)
        assert result.meters.index[0] == "m6"
        assert result.meters.loc["m6", "own_share_pct"] == pytest.approx(100.0)
        assert result.sewers.loc[result.sewers["rank"] == 1].index.tolist() == ["p5"]

    @pytest.mark.parametrize(
        ("limit", "value", "rdii"),
        [("recession_h", 0.0, 20.0), ("least_rain_mm", 30.0, np.nan)],
    )
    def test_limits_are_obeyed(self, limit: str, value: float, rdii: float) -> None:
        """The inflow lasts an hour longer than the rain: without recession 2 of its 3 hours count."""
        chosen = {limit: value}
        found = measure({"c": flow(day(), 10.0)}, **chosen)  # type: ignore[arg-type]  # one number by name
        assert found.meters["rdii_m3"].tolist() == pytest.approx([rdii], nan_ok=True)


def test_the_gap_parts_events_and_the_next_event_ends_the_window_of_the_last() -> None:
    """Rain in hours 0, 1 and 7: one event with a gap of 6 h, two with one of 5 h; the first window then ends at 7."""
    edges, steps = np.arange(9.0), [2.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4.0]
    whole = infiltration.rain_events(edges, steps, gap_h=6.0, least_mm=0.0)
    parted = infiltration.rain_events(edges, steps, gap_h=5.0, least_mm=0.0)
    assert whole.depth_mm.tolist() == [7.0]
    assert parted.depth_mm.tolist() == [3.0, 4.0]
    assert infiltration.event_windows(parted, 48, recession_h=24.0).tolist() == [[0, 7], [7, 32]]
    assert infiltration.event_windows(parted, 30, recession_h=24.0).tolist() == [[0, 7], [0, 0]]


@st.composite
def forests(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Sewers as a tree, every node to one with a smaller number, some nodes of it with meters, the root always."""
    n = draw(st.integers(2, 12))
    pipes = [f"n{k}>n{draw(st.integers(0, k - 1))} sewage" for k in range(1, n)]
    metered = draw(st.sets(st.integers(1, n - 1)))
    return pipes, ["n0", *(f"n{k}" for k in sorted(metered))]


@examples(25)
@given(forests(), st.integers(0, 2**31))
def test_between_nested_meters_nothing_is_lost(sewers: tuple[list[str], list[str]], seed: int) -> None:
    """Own volumes, lengths and infiltrations of a tree add up to what its lowest meter has, whatever the readings."""
    pipes, metered = sewers
    random = np.random.default_rng(seed)
    series = {node: flow(random.uniform(1.0, 9.0, 24), random.uniform(0.0, 20.0)) for node in metered}
    use = {node: random.uniform(10.0, 90.0) for node in metered}
    result = measure(series, net=build(pipes, kinds={"n0": "works"}), use=use)
    meters = result.meters
    assert meters["own_rdii_m3"].sum() == pytest.approx(meters.loc["n0", "rdii_m3"])
    assert meters["own_length_km"].sum() == pytest.approx(meters.loc["n0", "length_km"])
    assert meters["length_km"]["n0"] == pytest.approx(0.1 * len(pipes))
    own = meters["own_infiltration_by_use_m3_per_day"].sum()
    assert own == pytest.approx(meters.loc["n0", "infiltration_by_use_m3_per_day"])


@examples(25)
@given(st.lists(st.sampled_from([0.0, 0.0, 0.0, 1.0, 4.0]), min_size=1, max_size=60), st.integers(1, 10))
def test_events_hold_all_the_rain_and_lie_apart(steps: list[float], gap: int) -> None:
    events = infiltration.rain_events(np.arange(len(steps) + 1), steps, gap_h=gap, least_mm=0.0)
    assert events.depth_mm.sum() == pytest.approx(sum(steps))
    assert (events.begin_h[1:] - events.end_h[:-1] >= gap).all()
    for begin, end in zip(events.begin_h, events.end_h, strict=True):
        dry, longest = 0, 0
        for step in steps[int(begin) : int(end)]:
            dry = 0 if step else dry + 1
            longest = max(longest, dry)
        assert longest < gap


class TestCapacity:
    def test_rain_over_the_capacity_of_the_sewer_below(self) -> None:
        """DN 300, slope 0.004, n 0.013: 61.2 L/s. 36 m³/h are 10 L/s dry; with 200 m³/h more, 65.6 L/s in rain."""
        levels = {"invert_from_m": [9.0, 8.4, 9.0, 8.0], "invert_to_m": [8.4, 8.0, 8.0, 7.6]}
        net = street(**levels, manning_n=[0.013] * 4)
        result = measure({"c": flow(day(12.0, 36.0), 200.0)}, net=net)
        sewer = result.sewers.loc["p3"]
        assert sewer["capacity_m3s"] == pytest.approx(0.06116, abs=1e-4)
        assert sewer["dry_utilisation"] == pytest.approx(0.01 / 0.06116, abs=1e-3)
        assert sewer["wet_utilisation"] == pytest.approx(236 / 3600 / 0.06116, abs=1e-3)
        assert sewer["load"] == "over_in_rain"
        assert result.summary["sewers_over_in_rain"] == 1
        assert result.sewers.loc["p0", "load"] == "unknown"

    def test_branches_add_up_below_their_confluence_and_a_flat_sewer_has_no_fall(self) -> None:
        net = street(invert_from_m=[9.0, 8.0, 8.5, 8.0], invert_to_m=[8.0, 8.0, 8.0, 7.0])
        result = measure({"b": flow(day(3.6, 3.6)), "d": flow(day(7.2, 7.2))}, net=net)
        assert result.sewers.loc["p3", "dry_peak_m3s"] == pytest.approx(0.003)
        assert result.sewers.loc["p1", "load"] == "no_fall"


class TestVerdicts:
    def test_flow_clearly_higher_in_rain_names_clause_and_reading(self) -> None:
        """In the 26 h from 10:00 on dry days carry 20·12 + 6·4 = 264 m³; with 3·60 more 444, 1.68 times."""
        found = measure({"c": flow(day(), 60.0)}).verdicts
        assert found["rule"].tolist() == ["storm_in_sewage"]
        assert "5.2.4-2" in found["clause"].iloc[0]
        assert found["reading"].iloc[0].startswith("1.68 × dry weather in the event of 2024-06-10 10:00 (20 mm)")
        assert found["evidence_rows"].iloc[0] == f"meters.csv:2 … meters.csv:{1 + N_DAYS * 24}"
        assert not len(measure({"c": flow(day(), 60.0)}, storm_times=1.7).verdicts)

    def test_at_the_works_it_is_the_rule_of_the_works(self) -> None:
        assert measure({"works": flow(day(), 60.0)}).verdicts["rule"].tolist() == ["storm_at_works"]

    def test_more_flow_in_dry_weather_than_sewage_there_is(self) -> None:
        """240 m³/d against 0.9 of 260 and of 270 m³/d: 234 and 243."""
        found = measure({"c": flow(day())}, use={"c": 260.0}).verdicts
        assert found["rule"].tolist() == ["more_than_used"]
        assert "234" in found["reading"].iloc[0]
        assert not len(measure({"c": flow(day())}, use={"c": 270.0}).verdicts)

    @pytest.mark.parametrize(("dry_hours", "rule"), [(200.0, "infiltration"), (2.0, "diluted_in_rain")])
    def test_samples_that_grow_weaker_along_the_sewer(self, dry_hours: float, rule: str) -> None:
        taken = pd.DataFrame({"node_id": ["b", "c"], "nh3n_mg_l": [40.0, 20.0], "dry_hours": dry_hours})
        taken["date"] = pd.Timestamp("2024-06-05")
        taken.index = pd.Index(["lab.csv:2", "lab.csv:3"], name="row", dtype="str")
        taken = taken.reindex(columns=empty_evidence("samples").columns).astype(dict(empty_evidence("samples").dtypes))
        found = measure({"c": flow(day())}, samples=taken).verdicts
        assert found[["rule", "node_id", "evidence_rows"]].to_numpy().tolist() == [[rule, "c", "lab.csv:3"]]


class TestBadInput:
    def test_rows_that_cannot_be_used_are_issues_and_the_rest_is_used(self) -> None:
        table = readings({"c": flow(day())})
        bad = table.iloc[:4].set_axis(["x:1", "x:2", "x:3", "x:4"], axis=0)
        bad.loc["x:1", "node_id"] = "nowhere"
        bad.loc["x:2", "date"] = pd.NaT
        bad.loc["x:3", "flow_m3_per_day"] = np.nan
        result = measure(pd.concat([table, bad]))
        assert {"unknown_manhole", "no_time", "no_flow", "repeated_reading"} <= codes(result)
        assert result.meters.loc["c", "adf_m3_per_day"] == pytest.approx(240.0)

    def test_a_meter_of_a_storm_drain_is_not_of_the_sewers(self) -> None:
        net = build(["a>b sewage", "s>t storm"])
        with pytest.raises(dr.errors.SchemaError, match="no reading of a flow meter"):
            measure({"s": flow(day())}, net=net)
        both = measure({"b": flow(day()), "s": flow(day())}, net=net)
        assert both.meters.index.tolist() == ["b"]
        assert "not_a_sewer" in codes(both)

    def test_rain_without_dates_is_refused(self) -> None:
        rain = dr.hydraulics.ObservedStorm(np.array([0.0, 60.0]), np.array([5.0]), "gauge")
        with pytest.raises(dr.errors.SchemaError, match="no dates"):
            measure({"c": flow(day())}, rain=rain)

    def test_a_water_use_of_no_meter_or_of_nothing_is_refused(self) -> None:
        with pytest.raises(dr.errors.SchemaError, match="no such meter"):
            measure({"c": flow(day())}, use={"z": 1.0})
        with pytest.raises(dr.errors.SchemaError, match="positive"):
            measure({"c": flow(day())}, use={"c": 0.0})

    @pytest.mark.parametrize(
        "limits",
        [{"returned_share": 1.2}, {"day_share": 0.0}, {"gap_h": 0.0}, {"recession_h": -1.0}, {"night_h": (6, 6)}],
    )
    def test_limits_that_cannot_be_are_refused(self, limits: dict[str, float]) -> None:
        with pytest.raises(dr.errors.SchemaError, match="expected"):
            dr.analyses.InfiltrationLimits(**limits)  # type: ignore[arg-type]  # numbers by name
