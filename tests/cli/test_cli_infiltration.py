"""`drainage infiltration` as its users run it: files in, ranking out, and what is wrong or missing is said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from tests.analyses.test_infiltration import RAIN_AT, day, flow, readings, street
from tests.support.command import Run
from tests.support.networks import save

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def survey(tmp_path: Path) -> tuple[str, ...]:
    """Sewers, a meter file of b and c in L/s, and a gauge; two hours of rain, 20 mm."""
    levels = {"invert_from_m": [9.0, 8.4, 9.0, 8.0], "invert_to_m": [8.4, 8.0, 8.0, 7.6]}
    pipes = save(street(**levels), tmp_path / "pipes.geojson")
    table = readings({"c": flow(day(), 40.0), "b": flow(day(1.0, 2.0), 6.0)})
    table = pd.DataFrame(
        {"井号": table["node_id"], "时间": table["date"], "流量(L/s)": table["flow_m3_per_day"] / 86.4}
    )
    table.to_csv(tmp_path / "flows.csv", index=False)
    hours = pd.date_range("2024-05-28 01:00", "2024-06-13", freq="h")
    fallen = [10.0 if RAIN_AT < hour <= RAIN_AT + pd.Timedelta(hours=2) else 0.0 for hour in hours]
    pd.DataFrame({"time": hours, "depth_mm": fallen}).to_csv(tmp_path / "rain.csv", index=False)
    return (str(pipes), "--evidence", str(tmp_path / "flows.csv"), "--rain", str(tmp_path / "rain.csv"))


@pytest.fixture
def run(run: Run) -> Run:
    return run.of("infiltration")


def test_the_summary_for_machines(run: Run, survey: tuple[str, ...]) -> None:
    """C takes in 3·40 m³ in 0.3 km, own (120 − 18)/(0.2·20) = 25.5; BI of c: 240 − 0.8·200 = 80 m³/d."""
    code, out, err = run(*survey, "--json", "--water-use", "c=200", "--returned-share", "0.8")
    assert code == 0, err
    summary = json.loads(out)
    assert summary["rdii_m3"] == pytest.approx(120.0, abs=0.01)
    assert summary["highest_at"] == "c"
    assert summary["highest_own_rdii_m3_per_km_mm"] == pytest.approx(25.5, abs=0.01)
    assert summary["infiltration_by_use_m3_per_day"] == pytest.approx(80.0, abs=0.01)
    assert summary["meters_without_water_use"] == 1
    assert "b: no water use is given" in err


def test_tables_and_map_are_written_and_never_over_another(run: Run, survey: tuple[str, ...], tmp_path: Path) -> None:
    for name in ("m.csv", "m.geojson", "m.xlsx", "m.gpkg"):
        code, out, err = run(*survey, "-o", tmp_path / name)
        assert code == 0, err
        assert "meters (2 of 2)" in out
    table = pd.read_csv(tmp_path / "m.csv", encoding="utf-8-sig")
    assert table["meter_id"].tolist() == ["c", "b"]
    assert pd.read_excel(tmp_path / "m.xlsx", sheet_name=None, engine="openpyxl").keys() >= {
        "meters",
        "sewers",
        "events",
    }
    assert len(json.loads((tmp_path / "m.geojson").read_text(encoding="utf-8"))["features"]) == 2
    code, _, err = run(*survey, "-o", tmp_path / "m.csv")
    assert code == 1
    assert "already exists" in err
    code, _, err = run(*survey, "--map", tmp_path / "m.html")
    assert code == 0, err
    assert "storm water into sewers" in (tmp_path / "m.html").read_text(encoding="utf-8")


def test_slips_are_told_with_their_remedy(run: Run, survey: tuple[str, ...], tmp_path: Path) -> None:
    for words, told in (
        ((*survey, "--water-use", "c"), "METER=M3_PER_DAY"),
        ((*survey, "--water-use", "z=5"), "no such meter"),
        ((survey[0], *survey[3:]), "--evidence is missing"),
        ((*survey, "--gap", "0"), "gap_h"),
        ((*survey, "--recession", "-1"), "recession_h"),
        ((*survey, "--day-share", "2"), "day_share"),
    ):
        code, _, err = run(*words)
        assert code == 1
        assert told in err
    (tmp_path / "rain.csv").write_text("minute,depth_mm\n60,1\n120,0\n", encoding="utf-8")
    code, _, err = run(*survey)
    assert code == 1
    assert "no dates" in err
