"""What a report keeps of its answers comes back as it was."""

from __future__ import annotations

import hashlib
import json
import math
import re
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import drainage as dr
from drainage.errors import FormatError, SchemaError
from drainage.formats.rain.storm_as_json import storm_as_json, storm_of_json
from drainage.hydraulics.formulas import IntervalFormula, SingleFormulas
from drainage.hydraulics.no_rain import NoRain
from drainage.hydraulics.rainfall import ObservedStorm, Storm
from drainage.hydraulics.storm_of_depth import StormOfDepth
from drainage.report.directory import Report
from drainage.report.submitted.asked_alike import simulated_as
from drainage.simulation.screening import run_model
from drainage.simulation.screening.run_model import Run
from tests.support import demo
from tests.support.networks import build
from tests.support.small_inp import inp


@pytest.fixture(scope="module")
def kept(planned: Report, tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path]:
    """Give a report with all plans, and where it was written."""
    return planned, planned.write(tmp_path_factory.mktemp("kept") / "results")


def test_every_table_and_summary_comes_back(kept: tuple[Report, Path]) -> None:
    report, place = kept
    read = dr.report.read_report(place, whole=True)
    assert list(read.results) == list(report.results)
    assert {"relief", "closures", "cleaning", "inspection"} <= set(read.results)
    for name, result in report.results.items():
        again = read.results[name]
        assert list(again.tables) == list(result.tables)
        for table, rows in result.tables.items():
            found = again.tables[table]
            assert found.index.equals(rows.index), (name, table)
            assert isinstance(found, gpd.GeoDataFrame) == isinstance(rows, gpd.GeoDataFrame)
            for column in rows.columns:
                ours, theirs = rows[column], found[column]
                if ours.dtype.kind == "f":
                    np.testing.assert_array_equal(ours, theirs)
                elif ours.dtype.kind in "iub":
                    assert ours.tolist() == theirs.tolist(), (name, table, column)
        for key, value in result.summary.items():
            if isinstance(value, int | float | str) and not (isinstance(value, float) and math.isnan(value)):
                assert again.summary.to_dict()[key] == value, (name, key)


def test_state_and_network_come_back(kept: tuple[Report, Path]) -> None:
    """The levels are those of the answers, by whatever engine; nothing is run again."""
    report, place = kept
    read = dr.report.read_report(place, whole=True)
    assert report.state is not None
    assert read.state is not None
    pd.testing.assert_frame_equal(pd.DataFrame(read.state.nodes), pd.DataFrame(report.state.nodes), check_dtype=False)
    assert read.state.storm == report.state.storm
    assert read.state.setup.runoff_coefficient == report.state.setup.runoff_coefficient
    assert dict(read.network.layers).keys() == dict(report.network.layers).keys()
    assert read.network.pipes.index.equals(report.network.pipes.index)
    assert read.network.origin.as_of == "2018-12-31"


def test_what_is_said_in_two_languages_stays_so(kept: tuple[Report, Path]) -> None:
    _, place = kept
    read = dr.report.read_report(place, whole=True)
    assumed = read.results["waterlogging"].summary["assumptions"]["runoff_coefficient"]
    assert "where none is given" in assumed
    assert assumed.chinese != str(assumed)


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["network.gpkg", "summary.json", "answers/answers.json", "answers/quality.rules.parquet"]
)
def test_results_that_were_edited_are_named(planned: Report, tmp_path: Path, name: str) -> None:
    place = planned.write(tmp_path / "results")
    with (place / name).open("ab") as file:
        file.write(b" ")
    dr.report.read_report(place)
    with pytest.raises(FormatError, match=re.escape(f"changed or taken away since the analysis ({name})")):
        dr.report.read_report(place, whole=True)


def test_a_file_that_is_gone_is_named(planned: Report, tmp_path: Path) -> None:
    place = planned.write(tmp_path / "results")
    (place / "answers" / "state.nodes.parquet").unlink()
    with pytest.raises(FormatError, match=r"answers/state\.nodes\.parquet"):
        dr.report.read_report(place, whole=True)


def test_results_of_a_comparison_are_told_apart(tmp_path: Path) -> None:
    for name in ("summary.json", "comparison.gpkg"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(FormatError, match="results of drainage compare"):
        dr.report.read_report(tmp_path, whole=True)


def test_results_of_an_earlier_version_say_what_to_do(kept: tuple[Report, Path], tmp_path: Path) -> None:
    report, _ = kept
    place = report.write(tmp_path / "results")
    shutil.rmtree(place / "answers")
    mark = place / "drainage-files.json"
    listed = json.loads(mark.read_text(encoding="utf-8"))
    listed["files"] = {name: said for name, said in listed["files"].items() if not name.startswith("answers/")}
    mark.write_text(json.dumps(listed), encoding="utf-8")
    with pytest.raises(FormatError, match="run drainage analyze again"):
        dr.report.read_report(place, whole=True)


def test_catchments_that_were_given_are_kept(tmp_path: Path) -> None:
    """The flows of a setup with other ground are those of its results, not of the network's own."""
    net = build(["a>b storm", "b>out storm"])
    ground = gpd.GeoDataFrame(
        {"node_id": ["a"], "runoff_coefficient": [0.9]}, geometry=[net.nodes.geometry.iloc[0].buffer(40.0)], crs=net.crs
    )
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    report = dr.analyze(net, storm=storm, setup=dr.Setup(catchments=ground))
    read = dr.report.read_report(report.write(tmp_path / "results"), whole=True)
    assert read.state is not None
    assert read.state.setup.catchments is not None
    assert read.state.setup.catchments["runoff_coefficient"].tolist() == [0.9]


def test_a_model_in_its_own_rain_is_kept(tmp_path: Path) -> None:
    report = dr.analyze(dr.read_network(inp(tmp_path / "town.inp")))
    assert report.state is not None
    read = dr.report.read_report(report.write(tmp_path / "results"), whole=True)
    assert read.state is not None
    assert read.state.storm.depth_mm == pytest.approx(report.state.storm.depth_mm)
    assert read.state.nodes["overflow_m3"].tolist() == report.state.nodes["overflow_m3"].tolist()


@pytest.mark.long
@pytest.mark.parametrize(
    "changed",
    [
        {"questions": {"../../private": {"tables": ["t"]}}}, {"questions": {"quality": {"tables": ["../t"]}}},
        {"plan": ["../x"]}, {"version": 99}, {"questions": []}, {"unanswered": None},
    ],
    ids=str,
)  # fmt: skip
def test_no_file_elsewhere_is_read_and_what_was_changed_is_refused(
    planned: Report, tmp_path: Path, changed: dict[str, object]
) -> None:
    place = planned.write(tmp_path / "results")
    pd.DataFrame({"secret": [1]}).to_parquet(tmp_path / "private.t.parquet")
    file = place / "answers" / "answers.json"
    told = json.loads(file.read_text(encoding="utf-8")) | changed
    file.write_text(json.dumps({key: value for key, value in told.items() if value is not None}), encoding="utf-8")
    mark = place / "drainage-files.json"
    listed = json.loads(mark.read_text(encoding="utf-8"))
    listed["files"]["answers/answers.json"] = hashlib.sha256(file.read_bytes()).hexdigest()
    mark.write_text(json.dumps(listed), encoding="utf-8")
    with pytest.raises(FormatError, match="run drainage analyze again"):
        dr.report.read_report(place, whole=True)


def test_where_it_comes_from_stays_in_both_languages(kept: tuple[Report, Path]) -> None:
    report, place = kept
    read = dr.report.read_report(place, whole=True)
    assert read.provenance.as_dict("zh") == report.provenance.as_dict("zh")


def test_an_unknown_plan_is_named() -> None:
    with pytest.raises(SchemaError, match=r"no plan dig; expected some of relief, closures, cleaning, inspect"):
        dr.analyze(demo.quarters("2018-12-31"), also=("dig",))


def test_a_plan_without_what_it_needs_says_so() -> None:
    """Without a storm there are no points to relieve: the summary says so, and the other answers stand."""
    report = dr.analyze(demo.quarters("2018-12-31"), also=("relief", "closures"))
    assert "Waterlogging" in str(report.why_not("relief"))
    assert report.why_not("closures") is None


STORMS = [
    dr.DesignStorm(dr.read_storm_formula("demo"), 3, 120, 0.35, shape="blocks", climate_factor=1.1),
    StormOfDepth(50.0, 120.0),
    StormOfDepth(80.0, 60.0, formula=dr.read_storm_formula("demo")),
    NoRain(60.0, "a model"),
    ObservedStorm(np.array([0.0, 5.0, 12.0]), np.array([1.0, 4.0]), "gauge", np.datetime64("2020-07-01T02:00"), ("n",)),
    dr.DesignStorm(SingleFormulas(source="s", periods={2.0: (2000.0, 8.0, 0.7), 5.0: (2600.0, 8.0, 0.7)}), 5, 60),
    dr.DesignStorm(
        IntervalFormula(source="s", intervals={(2.0, 10.0): ((8.0, 3.0, 0.5), (8.0, 0.1, 0.5), (0.7, 0.0, 0.5))}), 5, 60
    ),
]


@pytest.mark.parametrize("storm", STORMS, ids=repr)
def test_every_kind_of_storm_comes_back(storm: Storm) -> None:
    again = storm_of_json(json.loads(json.dumps(storm_as_json(storm))))
    assert type(again) is type(storm)
    assert str(again.facts) == str(storm.facts)  # nan is not equal to itself
    minutes = np.linspace(0.0, storm.duration_min, 50)
    np.testing.assert_array_equal(again.cumulative_mm(minutes), storm.cumulative_mm(minutes))


def test_what_is_no_storm_is_refused() -> None:
    with pytest.raises(FormatError, match="cannot be kept or read back"):
        storm_of_json({"kind": "DesignStorm", "formula": 3})


def test_what_the_storm_did_is_kept_where_it_is_asked_for_and_asked_again_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A street of the demo, one pipe enlarged: the screening of a report read back is that of a new one, unrun."""
    net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    assert not dr.read_report(dr.analyze(net, storm=storm).write(tmp_path / "plain"), whole=True).runs
    read = dr.read_report(dr.analyze(net, storm=storm, keep=True).write(tmp_path / "kept"), whole=True)
    ran: list[Run] = []
    monkeypatch.setattr(run_model, "route_run", ran.append)
    simulate = simulated_as(read, None)
    assert simulate is not None
    same = simulate(read.network)
    assert not ran
    monkeypatch.undo()
    pd.testing.assert_frame_equal(same.nodes, dr.screen(net, storm).nodes, check_exact=True)
    wide = read.network.pipes.assign(diameter_mm=1000.0)
    wider = simulate(read.network.replace(pipes=wide))
    anew = dr.screen(net.replace(pipes=net.pipes.assign(diameter_mm=1000.0)), storm)
    pd.testing.assert_frame_equal(wider.nodes, anew.nodes, check_exact=True)


def test_runs_of_another_version_are_not_taken(tmp_path: Path) -> None:
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    report = dr.analyze(dr.load_demo("2018-12-31").upstream_of("YS1043"), storm=storm, keep=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("drainage.report.kept.__version__", "0.0.9")
        place = report.write(tmp_path / "kept")
    assert not dr.read_report(place, whole=True).runs
