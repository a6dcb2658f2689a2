"""While a database is written that nobody reads yet, SQLite does not wait for the disk; then all is as it was."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pyogrio
import pytest

from drainage.writing.unread import unread_database

_SETTING = "OGR_SQLITE_SYNCHRONOUS"


def _said() -> object:
    return pyogrio.get_gdal_config_option(_SETTING)


def test_it_does_not_wait_within_and_waits_as_before_after() -> None:
    assert _said() is None
    with unread_database():
        assert _said() is False  # as pyogrio tells OFF
    assert _said() is None


def test_what_the_user_said_is_said_again_when_the_last_writer_is_done() -> None:
    pyogrio.set_gdal_config_options({_SETTING: "FULL"})
    try:
        first, second = ExitStack(), ExitStack()
        first.enter_context(unread_database())
        second.enter_context(unread_database())
        first.close()
        assert _said() is False
        second.close()
        assert _said() == "FULL"
    finally:
        pyogrio.set_gdal_config_options({_SETTING: None})


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace on this machine; .ci/run installs it")
def test_a_network_waits_for_the_disk_a_few_times_only(tmp_path: Path) -> None:
    told = tmp_path / "calls"
    script = f"import drainage as dr; dr.write_network(dr.load_demo(), {str(tmp_path / 'net.gpkg')!r})"
    strace = ["strace", "-f", "-c", "-e", "trace=fsync,fdatasync", "-o", str(told)]
    subprocess.run([*strace, sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[2])
    calls = [
        int(line.split()[3]) for line in told.read_text().splitlines() if line.split()[-1] in {"fsync", "fdatasync"}
    ]
    # the file, its folder and where it was made; 300 where SQLite waits for each of its steps
    assert 1 <= sum(calls) <= 10
