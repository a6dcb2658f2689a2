"""What the public page keeps to on a phone: a slow line, Lighthouse, axe. Measured by `web/checks`."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from drainage.publication.public_page import public_page_html
from tests.support.browser import CHROMIUM
from tests.support.public_contents import demo_contents, hostile, large_town, one_rain

WEB = Path(__file__).parents[2] / "web"
LEAST_SCORE = 95
MOST_MS = 3_000
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        CHROMIUM is None or shutil.which("node") is None, reason="no chromium or no node on this machine"
    ),
    pytest.mark.skipif(not (WEB / "node_modules").exists(), reason="npm --prefix web ci was not run"),
]


def measured(check: str, contents: dict[str, Any], folder: Path, *options: str) -> dict[str, Any]:
    """Return what a check of `web/checks` finds on the page of these contents."""
    page = folder / "index.html"
    page.write_text(public_page_html(contents), encoding="utf-8")
    command = ["node", f"checks/{check}.js", str(page), *options]
    done = subprocess.run(command, cwd=WEB, capture_output=True, text=True, check=True, timeout=600)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_it_can_be_used_within_three_seconds_on_a_slow_line(tmp_path: Path) -> None:
    found = measured("slow_line", demo_contents(), tmp_path)
    assert found["requests"] == 1
    assert found["usable"] <= MOST_MS
    assert found["shift"] < 0.1


def test_lighthouse_gives_a_phone_95_and_more(tmp_path: Path) -> None:
    found = measured("lighthouse", demo_contents(), tmp_path)
    assert min(found["scores"].values()) >= LEAST_SCORE, found


def test_axe_finds_nothing_in_any_state(tmp_path: Path) -> None:
    found = measured("axe", demo_contents(), tmp_path)
    assert found["looked"] > 100
    assert found["findings"] == []


@pytest.mark.parametrize("contents", [one_rain(synthetic=False, made="2020-01-01"), hostile()])
def test_axe_finds_nothing_on_other_pages(contents: dict[str, Any], tmp_path: Path) -> None:
    found = measured("axe", contents, tmp_path, "some")
    assert found["looked"] > 30
    assert found["findings"] == []


def test_a_town_of_three_thousand_stretches_can_be_used(tmp_path: Path) -> None:
    found = measured("slow_line", large_town(), tmp_path)
    assert found["usable"] <= 2 * MOST_MS
