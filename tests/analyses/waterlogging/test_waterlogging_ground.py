"""Waterlogging on a raster of the ground from the command line and over HTTP: a street above one hollow.

a ─300─> b ─300─> c ─300─> out, 100 m each; the ground lies at 22 m, and at 21 m in a square of 60 m around b.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import TYPE_CHECKING, TypeAlias

import geopandas as gpd
import numpy as np
import pytest
from pydantic import ValidationError

import drainage as dr
from drainage.cli import main
from drainage_api.main import create_app
from drainage_api.settings import Settings
from tests.formats.test_dem import write
from tests.support.asking import asking
from tests.support.networks import build, save

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

Run: TypeAlias = "Callable[..., tuple[int, str, str]]"
EAST, NORTH = 551_000.0, 3_712_000.0
STORM = ("--storm-formula", "demo", "--return-period", "10")


@pytest.fixture
def street(tmp_path: Path) -> Path:
    """Write the street; its ground level follows from its depths."""
    net = build(
        ["a>b storm 300", "b>c storm 300", "c>out storm 300"],
        places={name: (EAST + 100.0 * k, NORTH) for k, name in enumerate(("a", "b", "c", "out"))},
        invert_from_m=[20.0, 19.8, 19.6],
        invert_to_m=[19.8, 19.6, 19.4],
        depth_from_m=[2.0, 1.2, 2.4],
        depth_to_m=[1.2, 2.4, 2.6],
        road=["磬山路"] * 3,
    )
    return save(net, tmp_path / "pipes.geojson")


@pytest.fixture
def ground(tmp_path: Path) -> Path:
    """Write the raster, 100 m beyond the street on all sides; the hollow holds 3600 m³."""
    levels = np.full((20, 50), 22.0)
    levels[7:13, 17:23] = 21.0
    return write(tmp_path / "ground.tif", levels, west=EAST - 100.0, north=NORTH + 100.0)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in this process."""

    def run_words(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["drainage", *map(str, words)])
        with pytest.raises(SystemExit) as exit_:
            main()
        out, err = capsys.readouterr()
        return int(exit_.value.code or 0), out, err

    return run_words


def test_one_question_on_the_ground_has_its_ponds(run: Run, street: Path, ground: Path, tmp_path: Path) -> None:
    """What overflows at b stands in the hollow of 3600 m² around it."""
    words = ("waterlogging", street, *STORM, "--json")
    code, out, err = run(*words, "--dem", ground, "-o", tmp_path / "on.gpkg", "--map", tmp_path / "on.html")
    assert code == 0, err
    assert "ponding on <Dem 20 x 50" in json.loads(out)["assumptions"]["ground"]
    ponds = gpd.read_file(tmp_path / "on.gpkg", layer="ponds")
    points = gpd.read_file(tmp_path / "on.gpkg", layer="points").set_index("worst_node")
    assert ponds["area_m2"].tolist() == [3600.0]
    assert points.loc["b", "depth_source"] == "dem"
    assert points.loc["b", "depth_m"] == pytest.approx(ponds["volume_m3"].sum() / 3600.0, abs=0.001)
    assert "water on the ground" in (tmp_path / "on.html").read_text(encoding="utf-8")
    assert "ground" not in json.loads(run(*words)[1])["assumptions"]


def test_the_kind_of_area_says_how_soon_water_must_be_gone(run: Run, street: Path) -> None:
    words = ("waterlogging", street, *STORM, "--json")
    said = [json.loads(run(*words, *more)[1]) for more in ((), ("--area-type", "hub"))]
    assert ["3 h after the rain (central" in said[0]["assumptions"]["standard"],
            "0.5 h after the rain (hub" in said[1]["assumptions"]["standard"]] == [True, True]  # fmt: skip


@pytest.mark.parametrize("command", ["analyze", "waterlogging", "compare"])
def test_an_unknown_kind_of_area_is_refused_before_any_work(run: Run, tmp_path: Path, command: str) -> None:
    """The network is not even there."""
    code, _, err = run(
        command, tmp_path / "none.geojson", *(["y.geojson"] if command == "compare" else []),
        *(["-o", tmp_path / "out"] if command == "analyze" else []), "--area-type", "moon",
    )  # fmt: skip
    assert code == 1
    assert "expected one of central, outer, important, hub" in err
    with pytest.raises(dr.errors.SimulationError, match="moon"):
        dr.analyze(build(["a>b storm"]), area_type="moon")


@pytest.mark.long
def test_a_report_on_the_ground_is_written_read_and_served(
    run: Run, street: Path, ground: Path, tmp_path: Path
) -> None:
    code, _, err = run("analyze", street, *STORM, "--dem", ground, "--area-type", "outer", "-o", tmp_path / "out")
    assert code == 0, err
    report = dr.read_report(tmp_path / "out")
    assert report.collections["ponds"].index.tolist() == ["S1"]
    assert "water on the ground" in report.page
    api = asking(create_app(Settings(results=tmp_path / "out")))
    assert "ponds" in [one["id"] for one in api.get("/collections").json()["collections"]]
    (pond,) = api.get("/collections/ponds/items").json()["features"]
    assert (pond["id"], pond["geometry"]["type"], pond["properties"]["area_m2"]) == ("S1", "Polygon", 3600.0)
    (point,) = api.get("/collections/waterlogging/items?worst_node=b").json()["features"]
    assert point["properties"]["within_standard"] in {"yes", "no"}
    assert "4 h after the rain (outer" in api.get("/collections/ponds").json()["summary"]["assumptions"]["standard"]
    assert "/collections/ponds/items" in api.get("/api").json()["paths"]


@pytest.mark.long
def test_the_server_analyses_a_source_on_the_ground(street: Path, ground: Path) -> None:
    settings = Settings(source=street, storm_formula="demo", return_period_a=10.0, dem=ground, area_type="hub")
    api = asking(create_app(settings))
    assert api.get("/collections/ponds/items").json()["numberMatched"] == 1
    assert "(hub" in api.get("/collections/waterlogging").json()["summary"]["assumptions"]["standard"]
    with pytest.raises(ValidationError):
        Settings(area_type="moon")  # type: ignore[arg-type]  # that is the point


@pytest.mark.long
def test_both_sides_of_a_comparison_stand_on_the_ground(run: Run, street: Path, ground: Path, tmp_path: Path) -> None:
    words = ("compare", street, "--before", "2019-01-01", "--after", "2021-01-01", *STORM, "--dem", ground)
    code, _, err = run(*words, "-o", tmp_path / "works")
    assert code == 0, err
    ponds = [json.loads((tmp_path / "works" / side / "ponds.geojson").read_text()) for side in ("before", "after")]
    assert [len(document["features"]) for document in ponds] == [1, 1]


def test_a_raster_that_covers_no_node_is_refused_and_a_part_of_them_is_said(
    run: Run, street: Path, tmp_path: Path
) -> None:
    """The first lies 50 m beyond the outfall, within the margin that is read; the second ends between b and c."""
    beside = write(tmp_path / "beside.tif", np.full((20, 20), 22.0), west=EAST + 350.0, north=NORTH + 100.0)
    code, _, err = run("waterlogging", street, *STORM, "--dem", beside)
    assert code == 1
    assert "no level under any of the 4 nodes" in err
    assert "use a raster that covers it" in err
    half = write(tmp_path / "half.tif", np.full((20, 25), 22.0), west=EAST - 100.0, north=NORTH + 100.0)
    code, _, err = run("waterlogging", street, *STORM, "--dem", half)
    assert code == 0
    assert "half.tif: no level under 2 of 4 nodes" in err


def test_without_the_extra_the_remedy_is_named(
    run: Run, street: Path, ground: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.import_module

    def without(name: str) -> ModuleType:
        if name.startswith("rasterio"):
            raise ImportError(name)
        return real(name)

    monkeypatch.setattr("drainage.formats.raster.import_module", without)
    code, _, err = run("waterlogging", street, *STORM, "--dem", ground)
    assert code == 1
    assert "pip install 'drainage[dem]'" in err
