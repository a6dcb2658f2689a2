"""`drainage balance` as its users run it: the demo city, factors by month, a network that says nothing of its water."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import openpyxl
import pytest

import drainage as dr
from drainage.words import one_language
from tests.analyses.water_balance.test_balance import town
from tests.support.command import Run
from tests.support.networks import build, save

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def run(run: Run) -> Run:
    return run.of("balance")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The town worked by hand in the tests of the balance."""
    dr.formats.write_network(town(), tmp_path / "town.gpkg")
    return tmp_path / "town.gpkg"


def test_months_and_a_wanted_flow_in_both_languages(run: Run, file: Path, tmp_path: Path) -> None:
    """Of 30 m³/d the river gets 20; in July users take none of the 70 that the pump lets through, and it gets all."""
    months = tmp_path / "months.csv"
    months.write_text("month,reclaimed_use\n" + "".join(f"{m},{int(m != 7)}\n" for m in range(1, 13)))
    code, out, _ = run(
        file, "--monthly", months, "--wanted-m3d", 30, "-o", tmp_path / "b.xlsx", "--map", tmp_path / "b.html"
    )
    assert code == 0
    assert "short of the ecological flow" in out
    assert "every month is the mean day" not in out
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx")["months"]
    names = [cell.value for cell in sheet[2]]
    july = dict(zip(names, [cell.value for cell in sheet[9]], strict=True))
    assert (july["month"], july["days"], july["wanted_short_m3d"]) == (7, 31, 0)
    assert july["replenished_m3d"] == pytest.approx(70.0)
    assert "dry_flow" in (tmp_path / "b.html").read_text()
    code, out, _ = run("--lang", "zh", file)
    assert code == 0
    assert "生态补水（m³/d）" in out
    assert "未给出月系数（--monthly）" in out


def test_json_has_the_balance_and_what_is_assumed(run: Run, file: Path) -> None:
    code, out, _ = run(file, "--infiltration-share", 0.1, "--json")
    assert code == 0
    said = json.loads(out)
    assert said["plant_inflow_m3d"] == pytest.approx(160 * 0.9 * 1.1)
    assert abs(said["residual_litres"]) < 1.0
    assert "infiltration 10 % of the sewage" in said["balance_assumptions"]


def test_what_is_missing_or_wrong_is_said_with_its_remedy(run: Run, file: Path, tmp_path: Path) -> None:
    bare = save(build(["a>b sewage", "b>c sewage"]), tmp_path / "bare.geojson")
    _, out, err = run(bare)
    assert "give --quota-l" in out + err
    code, _, err = run(file, "--return-share", 1.2)
    assert code == 1
    assert "return_share" in err
    months = tmp_path / "months.csv"
    months.write_text("month,water_use\n1,1\n2,1\n")
    code, _, err = run(file, "--monthly", months)
    assert code == 1
    assert "1 to 12, once each" in err


def test_every_remedy_is_whole_in_either_language() -> None:
    """A sentence that ends in English is cut where both languages stand in one cell."""
    from drainage.words import in_both

    values = {"m3d": 1234.5, "count": 2, "first": "a", "reach_m": 10.0, "length_km": 1.0, "network": "x"}
    for key in (
        "plant_over", "enlarge_plant", "demand_over", "check_supply", "sewage_open_end", "record_way_out",
        "record_source", "reclaimed_no_source", "reclaimed_no_plant", "record_plant", "reclaimed_no_size",
        "taken_unlimited",
        "user_no_demand", "record_demand", "no_sewer_near", "name_sewage_node", "sewage_unknown", "record_water_use",
        "sewage_node_unknown", "sewage_node_nearest", "people_outside", "draw_catchment", "users_uncounted",
        "give_user_rate",
    ):  # fmt: skip
        said = in_both(key, **values)
        assert one_language(said.both, "zh") == said.chinese, key
        assert one_language(said.both, "en") == str(said), key
