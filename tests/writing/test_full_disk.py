"""Where no room is left: one clear line, nothing left behind, and what was there as it was, whatever the format."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[1] / "support" / "full_disk.py"
FORMATS = ["net.gpkg", "net.fgb", "net.shp", "net.geojson", "net.parquet", "net.xlsx", "report"]
KEPT = "nothing was written, and existing files are unchanged"


def rows(*command: str | Path) -> list[list[str]]:
    """Run the program; give its lines in their cells."""
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(PROGRAM.parents[1])},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    if done.returncode == 8:
        pytest.skip("no disk can be mounted here")
    assert done.stderr == ""
    return [line.split("\t") for line in done.stdout.splitlines()]


def can_mount() -> bool:
    return (
        shutil.which("unshare") is not None
        and subprocess.run(["unshare", "-r", "-m", "true"], capture_output=True, check=False).returncode == 0
    )


@pytest.mark.skipif(not can_mount(), reason="no disk can be mounted here")
@pytest.mark.long
def test_a_full_disk_is_said_and_harms_nothing(tmp_path: Path) -> None:
    """A disk of 1 MB for 24,000 pipes, mounted for this program alone."""
    mount = f"mount -t tmpfs -o size=1000k none '{tmp_path}' || exit 8"
    script = f"{mount}; exec '{sys.executable}' '{PROGRAM}' '{tmp_path}'"
    found = rows("unshare", "-r", "-m", "sh", "-c", script)
    assert [row[0] for row in found] == FORMATS
    for _, as_it_was, said in found:
        assert as_it_was == "True"
        assert said.startswith(f"[Errno 28] No space left on device; {KEPT}")


@pytest.mark.skipif(can_mount() or sys.platform == "win32", reason="a full disk has told it")
def test_a_file_that_may_not_grow_is_said_and_harms_nothing(tmp_path: Path) -> None:
    found = rows(sys.executable, PROGRAM, tmp_path, "150000")
    assert [row[0] for row in found] == FORMATS
    for name, as_it_was, said in found:
        assert as_it_was == "True"
        assert KEPT in said
        assert said.endswith(f"{name}'")
