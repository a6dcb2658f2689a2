"""`drainage sheet`: from files to maps, and what it says of what is asked wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import drainage as dr
from tests.cli.test_section_command import DAY, run
from tests.papers.system_map.test_draw_map import three
from tests.support.demo import PIPES
from tests.support.networks import build


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three pipes of `tests.papers.system_map.test_draw_map` as a file."""
    path = tmp_path_factory.mktemp("three") / "three.gpkg"
    dr.write_network(three(), path)
    return path


def test_the_city_is_drawn_with_its_points_and_what_is_left_out_is_said(tmp_path: Path) -> None:
    code, told, said = run(
        "sheet", PIPES, *DAY, "--waterlogging", "--project", "某县", "-o", tmp_path / "m.svg", lang="zh"
    )
    assert code == 0, said
    drawn = (tmp_path / "m.svg").read_text(encoding="utf-8")
    assert "某县" in drawn
    assert ">L1<" in drawn
    assert "1:10000" in told
    assert "规划一路、规划二路" in said
    code, _, said = run("sheet", PIPES, *DAY, "-o", tmp_path / "m.svg")
    assert code == 1
    assert "exists" in said


def test_a_scale_that_needs_several_sheets_gives_them_and_an_index(small: Path, tmp_path: Path) -> None:
    words = ("--as-of", "2020-01-01", "--scale", "200", "--size", "A4", "--public", "--json")
    code, told, said = run("sheet", small, *words, "-o", tmp_path / "m.svg")
    assert code == 0, said
    sheets = json.loads(told)["sheets"]
    files = sorted(path.name for path in tmp_path.iterdir())
    assert len(sheets["sheet_no"]) > 1
    assert sheets["ids_unwritten"] == [0] * len(sheets["sheet_no"])  # the public version has none
    assert files == sorted(f"m-{number + 1}.svg" for number in range(len(sheets["sheet_no"]) + 1))
    assert "public version" in (tmp_path / "m-2.svg").read_text(encoding="utf-8")


def test_the_table_says_on_which_sheet_ids_find_no_place(tmp_path: Path) -> None:
    """Twelve nodes a metre apart in the west, and one pipe in the east: on paper they are 1 mm apart."""
    places = {f"manhole-{k}": (float(k), 0.0) for k in range(12)} | {"east": (400.0, 0.0), "end": (420.0, 0.0)}
    pipes = [f"manhole-{k}>manhole-{k + 1} storm" for k in range(11)]
    dr.write_network(build([*pipes, "east>end storm"], places=places), tmp_path / "dense.gpkg")
    words = ("--as-of", "2020-01-01", "--scale", "1000", "--size", "A4")
    code, told, said = run("sheet", tmp_path / "dense.gpkg", *words, "--json")
    assert code == 0, said
    unwritten = json.loads(told)["sheets"]["ids_unwritten"]
    assert unwritten[0] > 0
    assert unwritten[-1] == 0
    _, told, _ = run("sheet", tmp_path / "dense.gpkg", *words)
    assert "nodes without an id" in told


def test_a_bare_map_is_a_figure(small: Path, tmp_path: Path) -> None:
    code, _, said = run("sheet", small, "--as-of", "2020-01-01", "--bare", "-o", tmp_path / "m.svg")
    assert code == 0, said
    assert "Checked" not in (tmp_path / "m.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--size", "A9"), "expected one of A0, A1, A2, A3, A4"),
        (("--scale", "0"), "more than 0"),
        (("--scale", "100000000"), "choose a larger scale such as"),
        (("-o", "m.docx"), ".pdf, .png, .svg, .dxf"),
        (("--orientation", "upright"), "landscape, portrait"),
        (("--waterlogging",), "storm"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_line(small: Path, words: tuple[str, ...], message: str) -> None:
    code, _, said = run("sheet", small, "--as-of", "2020-01-01", *words)
    assert code == 1
    assert message in said.splitlines()[-1]


def test_without_a_file_only_the_sheets_are_listed(small: Path) -> None:
    code, told, said = run("sheet", small, "--as-of", "2020-01-01")
    assert code == 0
    assert "A3" in told
    assert "-o" in said
