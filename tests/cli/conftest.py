"""What all tests of the command line share."""

from __future__ import annotations

import pytest

from tests.support.command import Run


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs a command in this process, on a terminal of 200 columns."""
    monkeypatch.setenv("COLUMNS", "200")
    return Run(capsys, monkeypatch)
