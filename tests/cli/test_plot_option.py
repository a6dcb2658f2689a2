"""``--plot`` writes a chart of whatever a command answers."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from drainage.cli import app
from tests.support.demo import PIPES

if TYPE_CHECKING:
    from pathlib import Path

DAY = ("--as-of", "2018-12-31")


def run(*words: object, lang: str = "en") -> tuple[int, str]:
    done = CliRunner().invoke(app, ["mixed-flow", str(PIPES), *map(str, words)], env={"DRAINAGE_LANG": lang})
    return done.exit_code, done.stderr


def test_a_chart_of_the_kind_that_is_asked_for_is_written(tmp_path: Path) -> None:
    file = tmp_path / "mixed.pdf"
    assert run(*DAY, "--plot", file, "--chart", "systems", lang="zh")[0] == 0
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True).stdout.decode()
    assert "管长：按系统和混流类别" in text
    assert "合成演示数据" in text
    assert "121.4" in text


def test_a_wrong_kind_is_named_with_those_that_there_are(tmp_path: Path) -> None:
    file = tmp_path / "mixed.png"
    code, told = run(*DAY, "--plot", file, "--chart", "sytems")
    assert code == 1
    assert "did you mean systems?); --chart can be findings, systems, mixed" in told
    assert not file.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--plot", "a.gif"], ".png, .svg, .pdf"), (["--chart", "systems"], "--chart tells what --plot FILE draws")],
)
def test_what_cannot_be_written_is_refused_before_any_work(options: list[str], said: str) -> None:
    code, told = run(*options)
    assert code == 1
    assert said in told


def test_no_file_is_replaced_unasked(tmp_path: Path) -> None:
    file = tmp_path / "mixed.png"
    file.write_text("mine")
    assert run(*DAY, "--plot", file)[0] == 1
    assert file.read_text() == "mine"
