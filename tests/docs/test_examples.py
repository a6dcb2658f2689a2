"""What the pages tell to type is typed: Python and commands run, in the order of the page, and show what it shows.

A block `python` is run in the namespace of the page, a block `sh` by the shell; a block `text` behind one holds what it
prints, `…` standing for anything. All run in one folder that holds the layers of the demo city and its storm formula.
A server of a page listens at a port of its own in place of 8000, and ends with the page by the number in `NAME.pid`.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import drainage as dr
from tests.support.pages import PAGES, ROOT, Block, blocks, named

_RUN = [page for page in PAGES if any(one.is_run and one.language in {"python", "sh"} for one in blocks(page))]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for layer in (ROOT / "data").glob("*.geojson"):
        shutil.copy(layer, tmp_path)
    dr.formats.write_storm_formula(dr.read_storm_formula("demo"), tmp_path / "city.toml")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for left in tmp_path.glob("*.pid"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(left.read_text(encoding="utf-8")), signal.SIGTERM)


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = str(free.getsockname()[1])
    monkeypatch.setenv("DRAINAGE_PORT", number)
    return number


@pytest.mark.long
@pytest.mark.parametrize("page", _RUN, ids=named)
@pytest.mark.filterwarnings("default")
def test_what_is_told_is_shown(page: Path, folder: Path, port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAINAGE_LANG", "zh" if page.name.endswith(".zh.md") else "en")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    space: dict[str, Any] = {"__name__": "__page__"}
    shown: str | None = None
    for told in blocks(page):
        one = replace(told, text=told.text.replace("127.0.0.1:8000", f"127.0.0.1:{port}"))
        if one.language == "text" and shown is not None and one.is_run:
            assert _is_as(shown, one.text), f"{named(page)}:{one.line}\n{shown}"
        shown = _shown(one, space, page, folder) if one.is_run and one.language in {"python", "sh"} else None


def _shown(one: Block, space: dict[str, Any], page: Path, folder: Path) -> str:
    if one.language == "python":
        written = io.StringIO()
        with contextlib.redirect_stdout(written):
            exec(compile("\n" * one.line + one.text, named(page), "exec"), space)  # noqa: S102 - the page's own
        return written.getvalue()
    done = subprocess.run(["bash", "-c", one.text], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 2}, f"{named(page)}:{one.line}\n{done.stderr}"
    return done.stdout


def _is_as(shown: str, told: str) -> bool:
    pattern = ".*?".join(re.escape(part.strip()) for part in re.sub(r"\s+", " ", told).split("…"))
    return re.fullmatch(pattern, re.sub(r"\s+", " ", shown).strip()) is not None
