"""`drainage pay` as its users run it: two files or two days of one, and what is no pair of sides."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import openpyxl
import pytest

from tests.support.command import Run
from tests.support.networks import save
from tests.support.pay_terms import TEXT, street

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """The street before and after its works, its terms, and files that are no other side of it."""
    (tmp_path / "terms.toml").write_text(TEXT, encoding="utf-8")
    made = {"terms": str(tmp_path / "terms.toml")}
    for name, after in (("before", False), ("after", True)):
        made[name] = str(save(street(after=after), tmp_path / f"{name}.geojson"))
    frame = gpd.read_file(made["after"])
    frame.to_crs(4549).to_file(tmp_path / "other_crs.gpkg")
    frame.set_geometry(frame.translate(0.3)).to_file(tmp_path / "other_town.gpkg")
    return made | {name: str(tmp_path / f"{name}.gpkg") for name in ("other_crs", "other_town")}


def test_two_files_are_scored_and_written(run: Run, files: dict[str, str], tmp_path: Path) -> None:
    """Without a layer of roads the road is drawn by its pipes.

    Beside the 400 m of storm pipe they are the 50 m of w1 and of w2 that lie beyond 30 m from it: separated are 200 of
    500 m, 4 points, 45 of 80 in all. 0.6 × 56.25 + 0.4 × 66.667 = 60.4167.
    """
    words = ("pay", files["before"], files["after"], "--terms", files["terms"])
    code, out, err = run(*words, "-o", tmp_path / "pay.xlsx", "--map", tmp_path / "pay.html")
    assert code == 0, err
    assert "lines of the pay sheet" in out
    assert "storm" in out.partition("items not scored")[2]
    assert openpyxl.load_workbook(tmp_path / "pay.xlsx")["payment"]["C3"].value == 1000
    assert "磬山路" in (tmp_path / "pay.html").read_text(encoding="utf-8")
    code, out, _ = run(*words, "--json")
    said = json.loads(out)
    assert (code, said["score"], said["lines_not_scored"]) == (0, pytest.approx(60.4167), 1)
    assert said["provenance"]["source"] == ["before.geojson", "after.geojson", "terms.toml"]


def test_where_nothing_could_be_scored_it_says_so_and_ends_with_2(
    run: Run, files: dict[str, str], tmp_path: Path
) -> None:
    papers = tmp_path / "papers.toml"
    text = TEXT.partition("[kinds.road]")[0] + "[kinds.town]\npoints = 100\n[kinds.town.indicators]\n"
    text += 'plan = { name = "方案", points = 100 }\n[[objects]]\nkind = "town"\nname = "town"\nweight = 1\n'
    papers.write_text(text + "[[grades]]" + TEXT.partition("[[grades]]")[2], encoding="utf-8")
    code, out, _ = run("pay", files["before"], files["after"], "--terms", papers)
    assert code == 2
    assert "none of the 1 lines could be scored" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["{before}"], "name a second network, or two days of one"),
        (["{before}", "{before}"], "two days of it"),
        (["{before}", "--before", "2020-01-01", "--after", "2019-01-01"], "exchange them"),
        (["{before}", "{other_crs}"], "in another place"),
        (["{before}", "{other_town}"], "another town"),
        (["{before}", "{after}", "-o", "{after}"], "after.geojson"),
    ],
)
def test_what_is_no_pair_of_sides_is_refused(run: Run, files: dict[str, str], words: list[str], message: str) -> None:
    code, _, err = run("pay", *(word.format(**files) for word in words), "--terms", files["terms"])
    assert code == 1
    assert message in err


def test_terms_are_looked_at_before_anything_is_read(run: Run, files: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("[contract\n")
    code, _, err = run("pay", files["before"], files["after"], "--terms", tmp_path / "broken.toml")
    assert code == 1
    assert err.startswith("drainage: broken.toml: cannot be read as terms")
    assert "lies beside" not in err
    assert "--terms" in run("pay", files["before"], files["after"])[2]
    code, _, err = run("pay", files["before"], files["after"], "--terms", tmp_path / "none.toml")
    assert (code, "none.toml" in err) == (1, True)
