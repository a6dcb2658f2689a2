"""The folder in which the engine runs: gone after a run, after a killed one too, and never a living one's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import pytest

from drainage.errors import SimulationError
from drainage.simulation.swmm.folder import PREFIX, engine_folder
from drainage.writing.full_disk import is_full
from tests.support.small_inp import inp

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import time
from drainage.simulation.swmm.folder import engine_folder
with engine_folder() as folder:
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def held(place: Path) -> list[str]:
    return sorted(path.name for path in place.glob(f"{PREFIX}*"))


def began(place: Path) -> bool:
    """Say whether an engine has something to run in a folder: until then it is not yet anybody's to take away."""
    return any(place.glob(f"{PREFIX}*/*.inp"))


@pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")
def test_what_a_killed_run_left_is_swept_and_what_a_living_one_holds_is_not(place: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        theirs = other.stdout.readline().strip().rpartition("/")[2]
        with engine_folder() as ours:
            assert held(place) == sorted([theirs, ours.name])
        assert held(place) == [theirs]
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert held(place) == [theirs]
        with engine_folder() as ours:
            assert held(place) == [ours.name]
    assert held(place) == []


def test_somebody_elses_link_of_that_name_is_left_alone(place: Path) -> None:
    (place / "precious").mkdir()
    (place / "precious" / "drainage.lock").write_text("")
    (place / f"{PREFIX}link").symlink_to(place / "precious")
    with engine_folder():
        pass
    assert (place / "precious").is_dir()


def test_a_folder_of_an_older_run_without_a_lock_goes_after_a_week(place: Path) -> None:
    for name, days in (("new", 1), ("old", 8)):
        (place / f"{PREFIX}{name}").mkdir()
        os.utime(place / f"{PREFIX}{name}", (time.time() - days * 86400,) * 2)
    with engine_folder():
        pass
    assert held(place) == [f"{PREFIX}new"]


def test_a_temporary_folder_that_is_none_is_named_with_the_remedy(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(place / "gone"))
    with pytest.raises(SimulationError, match=r"gone.*TMPDIR"), engine_folder():
        pass


def test_a_place_with_room_is_not_full(place: Path) -> None:
    assert not is_full(place)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.long
def test_a_command_that_is_asked_to_end_leaves_no_folder(place: Path, tmp_path: Path, name: str) -> None:
    if signal.getsignal(getattr(signal, name)) is signal.SIG_IGN:
        pytest.skip("ignored here, as under nohup, and so by what is started")
    path = inp(tmp_path / "long.inp", END_DATE="01/15/2043")
    words = [sys.executable, "-m", "drainage", "waterlogging", str(path), "--engine", "swmm", "--time-limit", "50"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as command:
        until = time.monotonic() + 50
        while not began(place) and command.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        assert began(place)
        command.send_signal(getattr(signal, name))
        assert command.wait() == 128 + getattr(signal, name)
    assert held(place) == []
