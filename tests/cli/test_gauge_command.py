"""`drainage gauge` from the terminal: files in, answer and files out, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import drainage as dr
from drainage.cli import app
from tests.support.gauges import measured, street

STORM = ("--depth-mm", "20", "--duration", "60", "--shape", "uniform")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network and what gauges measured in another storm than is asked for."""
    folder = tmp_path_factory.mktemp("gauged")
    dr.write_network(street(), folder / "net.gpkg")
    table = measured(street(), "c level", "p1 flow").table
    wide = table.pivot_table(index="minute", columns=["gauge", "quantity"], values="value")
    wide.columns = ["c level_m", "p1 flow_m3s"]
    wide.rename_axis("time_min").to_csv(folder / "levels.csv")
    return folder


def run(folder: Path, *said: str, lang: str = "en") -> Result:
    line = ["gauge", str(folder / "net.gpkg"), "--observed", str(folder / "levels.csv"), *STORM, *said]
    return CliRunner().invoke(app, line, env={"DRAINAGE_LANG": lang, "COLUMNS": "160"})


def test_an_answer_for_people_and_files(folder: Path, tmp_path: Path) -> None:
    outputs = ("-o", str(tmp_path / "g.xlsx"), "--map", str(tmp_path / "g.html"), "--figure", str(tmp_path / "g.png"))
    answer = run(folder, "--most-runs", "1", *outputs)
    assert answer.exit_code == 0, answer.output
    assert "gauges, worst first" in answer.stdout
    assert "runoff coefficient" in answer.stdout
    book = openpyxl.load_workbook(tmp_path / "g.xlsx")
    assert {"gauges", "remedies", "series"} <= set(book.sheetnames)
    assert (tmp_path / "g.png").read_bytes().startswith(b"\x89PNG")
    assert "p1" in (tmp_path / "g.html").read_text(encoding="utf-8")


def test_the_terminal_speaks_chinese(folder: Path) -> None:
    answer = run(folder, "--most-runs", "0", lang="zh")
    assert "监测点对比" in answer.stdout
    assert "未寻找原因" in answer.stdout


def test_machines_get_json(folder: Path) -> None:
    told = json.loads(run(folder, "--most-runs", "0", "--json").stdout)
    assert told["gauges_compared"] == 2
    assert told["mending"] == "not_asked"


def test_a_limit_of_the_method_is_said_by_its_name(folder: Path) -> None:
    answer = run(folder, "--most-runs", "0", "--set", "least_readings=100", "--json")
    assert json.loads(answer.stdout)["gauges_doubted"] == 2
    assert answer.exit_code == 2


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (("--offset", "c"), "--offset c: expected GAUGE=M"),
        (("--offset", "q=1"), "no such gauge of levels; there are c"),
        (("--figure", "g.gif"), "expected a file name ending in .png"),
        (("--set", "least_gian=1"), "least_gain_share"),
        (("--score", "r2"), "expected one of nse, kge"),
        (("--most-runs", "-1"), "most_runs = -1"),
    ],
)
def test_slips_are_told(folder: Path, said: tuple[str, ...], message: str) -> None:
    answer = run(folder, *said)
    assert answer.exit_code == 1
    assert message in answer.stderr


def test_rain_must_be_said(folder: Path) -> None:
    line = ["gauge", str(folder / "net.gpkg"), "--observed", str(folder / "levels.csv")]
    answer = CliRunner().invoke(app, line, env={"DRAINAGE_LANG": "en"})
    assert answer.exit_code == 1
    assert "--storm-formula" in answer.stderr


def test_no_output_replaces_what_is_read(folder: Path) -> None:
    before = (folder / "levels.csv").read_bytes()
    answer = run(folder, "-o", str(folder / "levels.csv"), "--force")
    assert answer.exit_code == 1
    assert (folder / "levels.csv").read_bytes() == before
    assert len(pd.read_csv(folder / "levels.csv")) > 20
