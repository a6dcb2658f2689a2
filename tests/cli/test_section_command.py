"""`drainage section` and `hydrograph`: from files to drawings, and what they say of what is asked wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import drainage as dr
from drainage.cli import app
from tests.papers.test_section import street
from tests.support import demo
from tests.support.small_inp import inp

DAY = ("--as-of", "2018-12-31")


def run(*words: object, lang: str = "en") -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(word) for word in words], env={"DRAINAGE_LANG": lang, "COLUMNS": "200"})
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The part of the demo city that drains to one outfall, by way of YS1403, as a file."""
    path = tmp_path_factory.mktemp("town") / "town.gpkg"
    dr.write_network(demo.city("2018-12-31").upstream_of("YS2502"), path)
    return path


def test_a_section_is_drawn_and_its_numbers_are_listed(town: Path, tmp_path: Path) -> None:
    ends = ("--from", "YS1400", "--to", "YS1404", "--return-period", "5,1")
    code, told, said = run(
        "section", town, *DAY, *ends, "-o", tmp_path / "s.svg", "--project", "某县", "--waterlogging"
    )
    assert code == 0, said
    assert "K0+" not in told
    assert "192.48" in told
    drawn = (tmp_path / "s.svg").read_text(encoding="utf-8")
    assert drawn.index("Max level P=1 a") < drawn.index("Max level P=5 a")
    assert "某县" in drawn
    assert "cause: downstream bottleneck" in drawn
    code, told, said = run("section", town, *DAY, *ends, "-o", tmp_path / "s.svg")
    assert code == 1
    assert "exists" in said
    code, told, said = run("section", town, *DAY, *ends, "--via", "YS1402", "--json", lang="zh")
    numbers = json.loads(told)
    assert [row["node_id"] for row in numbers["stations"]] == ["YS1400", "YS1401", "YS1402", "YS1403", "YS1404"]
    assert [line["storm"] for line in numbers["grade_lines"]] == ["P=1 a", "P=5 a"]
    assert "-o" in said


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The street of `tests.papers.test_section` as a file."""
    path = tmp_path_factory.mktemp("street") / "street.gpkg"
    dr.write_network(street(), path)
    return path


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--from", "d", "--to", "a"), "exchange the two"),
        (("--from", "a", "--to", "x"), "no pipes connect a and x"),
        (("--from", "a", "--to", "bb"), "the most similar ids: b"),
        (("--from", "a", "--to", "d", "-o", "s.docx"), ".pdf, .png, .svg, .dxf"),
        (("--from", "a", "--to", "d", "--at-min", "soon"), "--at-min soon"),
        (("--from", "a", "--to", "d", "--up", "5"), "at 1:5 upwards"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_line(small: Path, words: tuple[str, ...], message: str) -> None:
    code, _, said = run("section", small, "--as-of", "2020-01-01", *words)
    assert code == 1
    assert message in said.splitlines()[-1]


def test_without_rain_a_section_has_no_grade_line(small: Path) -> None:
    code, told, said = run("section", small, "--as-of", "2020-01-01", "--from", "a", "--to", "d", "--json")
    assert code == 0, said
    assert "no rain is given" in said
    assert json.loads(told)["grade_lines"] == []


def test_a_hydrograph_is_drawn_and_its_highest_are_listed(town: Path, tmp_path: Path) -> None:
    asked = ("--at", "YS1403", "--return-period", "1", "--duration", "60")
    code, told, said = run("hydrograph", town, *DAY, *asked, "-o", tmp_path / "h.dxf")
    assert code == 0, said
    assert (tmp_path / "h.dxf").exists()
    assert "P=1 a" in told
    code, told, _ = run("hydrograph", town, *DAY, *asked, "--json")
    numbers = json.loads(told)
    assert max(numbers["series"]["level_m"]) == pytest.approx(numbers["highest"]["level_m"][0], abs=1e-3)
    code, _, said = run("hydrograph", town, *DAY, "--at", "YS14033")
    assert (code, "YS1403" in said) == (1, True)


def test_a_model_without_a_formula_is_drawn_in_its_own_rain(tmp_path: Path) -> None:
    code, told, said = run("hydrograph", inp(tmp_path / "small.inp"), "--at", "J2", "-o", tmp_path / "h.svg")
    assert code == 0, said
    assert "own rain" in told
    assert "自带降雨" in run("hydrograph", tmp_path / "small.inp", "--at", "J2", lang="zh")[1]
    assert "own rain 5.8 mm" in (tmp_path / "h.svg").read_text(encoding="utf-8")
    code, _, said = run("hydrograph", inp(tmp_path / "small.inp"), "--at", "J2", "--depth-mm", 30, "--json")
    assert code == 0, said


def test_sheets_of_a_longer_run_are_taken_away_and_named(small: Path, tmp_path: Path) -> None:
    ends = ("--as-of", "2020-01-01", "--from", "a", "--to", "d", "-o", tmp_path / "s.dxf")
    assert run("section", small, *ends, "--along", "500")[0] == 0
    several = sorted(path.name for path in tmp_path.iterdir())
    assert len(several) > 1
    code, _, said = run("section", small, *ends, "--force")
    assert code == 0, said
    assert [path.name for path in tmp_path.iterdir()] == ["s.dxf"]
    assert f"removed, sheets of an earlier run: {', '.join(several)}" in said
