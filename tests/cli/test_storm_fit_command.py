"""`drainage storm`: a formula fitted to a gauge, checked, drawn and listed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from tests.support.command import Run
from tests.support.years_of_rain import exact_years, law


@pytest.fixture
def maxima(tmp_path: Path) -> Path:
    """Return a table of 30 years that lie on the frequency curves of Shanghai's formula, to 0.01 mm."""
    made = exact_years(law(), 30)
    path = tmp_path / "maxima.csv"
    rows = {
        "year": np.repeat(made.years, len(made.durations_min)),
        "duration_min": np.tile(made.durations_min, len(made.years)),
        "depth_mm": made.depth_mm.round(2).ravel(),
    }
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_a_fit_writes_a_formula_that_the_other_commands_read(run: Run, maxima: Path, tmp_path: Path) -> None:
    city, book = tmp_path / "city.toml", tmp_path / "fit.xlsx"
    goals = ("-o", city, "-o", book, "--curves", tmp_path / "city.svg")
    code, out, err = run("storm", "--fit", maxima, *goals, "--name", "灵璧", "--replicas", "20")
    assert code == 0, err
    assert "1,600" in out
    assert "B.0.5" in out
    code, out, _ = run("storm", city, "--json")
    told = json.loads(out)
    assert code == 0
    assert told["storm"]["formula"] == "灵璧"
    assert told["storm"]["depth_mm"] == pytest.approx(67.39, abs=0.05)
    assert told["formula_check"]["checks_by_verdict"] == {"good": 9, "doubtful": 1, "wrong": 0}
    sheets = openpyxl.load_workbook(book).sheetnames
    assert {"intensities", "distributions", "frequencies", "maxima", "periods"} <= {*sheets}
    assert "<svg" in (tmp_path / "city.svg").read_text(encoding="utf-8")


def test_nothing_is_written_over_without_force(run: Run, maxima: Path, tmp_path: Path) -> None:
    city = tmp_path / "city.toml"
    city.write_text("mine", encoding="utf-8")
    code, _, err = run("storm", "--fit", maxima, "-o", city)
    assert code == 1
    assert "city.toml" in err
    assert city.read_text(encoding="utf-8") == "mine"


def test_the_fit_speaks_chinese(run: Run, maxima: Path) -> None:
    code, out, _ = run("storm", "--fit", maxima, "--replicas", "20", "--lang", "zh")
    assert code == 0
    assert "频率分布" in out
    assert "适线法" in out


def test_few_years_are_refused_with_the_option_that_allows_them(run: Run, maxima: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.csv"
    table = pd.read_csv(maxima)
    table[table["year"] > 1997].to_csv(few, index=False)
    code, _, err = run("storm", "--fit", few)
    assert code == 1
    assert "lower --least-years" in err
    code, out, _ = run("storm", "--fit", few, "--least-years", "3", "--replicas", "20")
    assert code == 0
    assert out.startswith("only 3 years of record")


def test_the_registered_formulas_are_listed_with_their_source(run: Run) -> None:
    code, out, _ = run("storm", "--list")
    assert code == 0
    assert "DB31/T 1043-2017" in out
    code, out, _ = run("storm", "--list", "--json")
    rows = {row["formula"]: row for row in json.loads(out)["formulas"]}
    assert rows["shanghai"]["verified"] is True
    assert rows["guangzhou"]["verified"] is False


def test_a_wrong_formula_ends_with_two(run: Run, tmp_path: Path) -> None:
    """With n = 1.4 and b = 10 rain of an hour would be shallower than that of 25 min."""
    city = tmp_path / "odd.toml"
    city.write_text('source = "made up"\nA = 20000\nC = 0.8\nb = 10\nn = 1.4\n', encoding="utf-8")
    code, out, err = run("storm", city, "--curves", tmp_path / "odd.png")
    assert code == 2
    assert "25 min 2 a" in out
    assert "the formula is wrong" in err
    assert (tmp_path / "odd.png").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["demo", "--list"], "one at a time"),
        (["--storm-formula", "demo", "--list"], "one at a time"),
        (["--list", "--curves", "x.png"], "one at a time"),
        (["--depth-mm", "50", "--curves", "x.png"], "--curves"),
        (["demo", "--curves", "x.gif"], ".png"),
    ],
)
def test_what_does_not_go_together_is_refused(run: Run, words: list[str], said: str, tmp_path: Path) -> None:
    code, _, err = run("storm", *(str(tmp_path / one) if one.startswith("x.") else one for one in words))
    assert code == 1
    assert said in err
