"""What is cut, killed or asked for twice: the work is finished or an error says what to do, and nothing is lost."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely

import drainage as dr
from drainage.errors import FormatError, SimulationError
from drainage.partitions import running, tasks
from drainage.partitions.answering import answer, read_answers, workplace
from drainage.partitions.kept_folders import is_whole
from drainage.partitions.laying_out import Plan, lay_out
from drainage.partitions.piece import read_piece
from drainage.partitions.running import do
from drainage.partitions.tasks import ANSWERS, PIECES, Task
from tests.support.drains import rain
from tests.support.partitioned import ONE, Summaries, Tables, assert_alike, whole
from tests.support.towns_in_parts import street

if TYPE_CHECKING:
    from collections.abc import Callable


class InterruptedHereError(Exception):
    """What ends a run in its middle."""


@pytest.fixture(scope="module")
def at_once() -> tuple[Tables, Summaries]:
    return whole(street(), rain(5.0))


def begin(place: Path) -> Plan:
    return lay_out(street(), rain(5.0), dr.Setup(), 3, place, lambda _: None)


def interrupt(directory: Path, step: Callable[[Plan], object]) -> Path:
    """Begin a run and end it in its middle; give the folder of the work, which stays."""

    def run() -> None:
        with workplace(directory) as place:
            step(begin(place))
            raise InterruptedHereError

    with pytest.raises(InterruptedHereError):
        run()
    return directory.with_name(f"{directory.name}.pieces")


def again(directory: Path) -> tuple[Tables, Summaries]:
    with workplace(directory) as place:
        summary = answer(begin(place), directory, workers=ONE)
    assert not place.exists()
    return read_answers(directory), summary


@pytest.mark.long
def test_a_run_that_was_interrupted_goes_on_from_what_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: tuple[Tables, Summaries]
) -> None:
    directory = tmp_path / "out"
    interrupt(directory, lambda plan: do(plan.tasks, plan.tasks[0].place, workers=1, scheduler=None, progress=print))

    def not_again(_task: Task) -> None:
        raise AssertionError("it was done before")

    monkeypatch.setattr(tasks, "_answer", not_again)
    assert_alike(again(directory), at_once)


def test_a_road_that_has_another_name_meanwhile_is_not_told_by_its_former_one(tmp_path: Path) -> None:
    """The lane beside which C0>C1 lies; no pipe names it, and no piece changes with it."""

    def plan_of(place: Path, name: str) -> Plan:
        line = shapely.LineString([(0.0, 300.0), (100.0, 300.0)])
        lane = gpd.GeoDataFrame({"road": [name]}, geometry=[line], crs=street().crs)
        return lay_out(street().replace(layers={"roads": lane}), None, dr.Setup(), 3, place, lambda _: None)

    with workplace(tmp_path / "out") as place:
        former = plan_of(place, "一巷")
        do(former.tasks, place, workers=1, scheduler=None, progress=lambda _: None)
        answer(plan_of(place, "二巷"), tmp_path / "out", workers=ONE)
    assert set(read_answers(tmp_path / "out")["separation"]["names"]["road_by_place"]) == {"二巷"}


@pytest.mark.long
@pytest.mark.parametrize("harm", [lambda file: file.write_bytes(file.read_bytes()[:-40]), Path.unlink])
def test_a_piece_that_is_cut_or_lacks_a_file_is_named_and_made_anew_by_the_next_run(
    tmp_path: Path, harm: Callable[[Path], object], at_once: tuple[Tables, Summaries]
) -> None:
    directory = tmp_path / "out"

    def step(plan: Plan) -> None:
        piece = plan.tasks[0].place / PIECES / plan.tasks[1].laid.name
        harm(piece / "pipes.parquet")
        with pytest.raises(FormatError, match=rf"{re.escape(str(piece))}.*run the same command again"):
            answer(plan, directory, workers=ONE)

    interrupt(directory, step)
    assert not directory.exists()
    assert_alike(again(directory), at_once)


@pytest.mark.long
def test_an_answer_that_is_cut_is_found_anew(tmp_path: Path, at_once: tuple[Tables, Summaries]) -> None:
    directory = tmp_path / "out"
    work = interrupt(directory, lambda plan: answer(plan, directory, workers=ONE))
    shutil.rmtree(directory)
    for file in (work / ANSWERS).glob("*/*.parquet"):
        file.write_bytes(file.read_bytes()[:20])
    assert_alike(again(directory), at_once)


def test_a_second_run_into_one_directory_is_refused_while_the_first_is_at_work(tmp_path: Path) -> None:
    directory = tmp_path / "out"
    with workplace(directory) as place:
        with pytest.raises(FormatError, match="another run is at work"), workplace(directory):
            pass
        assert place.is_dir()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "out.pieces"
    theirs.mkdir()
    (theirs / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FormatError, match="holds what drainage did not write"), workplace(tmp_path / "out"):
        pass
    assert (theirs / "letter.txt").read_text(encoding="utf-8") == "mine"


def test_what_fails_before_anything_is_cut_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InterruptedHereError), workplace(tmp_path / "out"):
        raise InterruptedHereError
    assert [*tmp_path.iterdir()] == []


def test_memory_that_is_not_enough_is_said_with_what_helps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_much(_task: Task) -> None:
        raise MemoryError

    monkeypatch.setattr(tasks, "_answer", too_much)
    with workplace(tmp_path / "out") as place:
        plan = begin(place)
        with pytest.raises(SimulationError, match="more --partitions"):
            answer(plan, tmp_path / "out", workers=ONE)


def test_a_piece_that_cannot_be_read_is_named_and_made_anew(tmp_path: Path) -> None:
    """A folder where a file was cannot be read, whoever asks; a file on a broken disk neither."""
    plan = begin(tmp_path)
    piece = tmp_path / PIECES / plan.tasks[1].laid.name
    (piece / "pipes.parquet").unlink()
    (piece / "pipes.parquet").mkdir()
    with pytest.raises(FormatError, match="run the same command again"):
        read_piece(piece)
    assert begin(tmp_path).tasks[1].laid == plan.tasks[1].laid
    assert len(read_piece(piece).net.pipes) > 0


def test_a_full_disk_is_said_with_the_folder_that_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_task: Task) -> None:
        raise OSError(errno.ENOSPC, "Error writing bytes to file")  # as pyarrow says it, without a name

    monkeypatch.setattr(tasks, "_answer", full)
    directory = tmp_path / "out"
    said = rf"{re.escape(str(directory))}.pieces: no room on the disk .* run the same command again to go on"
    with pytest.raises(SimulationError, match=said), workplace(directory) as place:
        answer(begin(place), directory, workers=ONE)
    assert (place / PIECES).is_dir()


def test_a_full_disk_is_said_where_processes_of_our_own_found_it(tmp_path: Path) -> None:
    full = {"00001": OSError(errno.ENOSPC, "Error writing bytes to file")}
    with pytest.raises(OSError, match="Error writing"):
        running._raise_for({"00000": RuntimeError("its process ended"), **full}, tmp_path)


class Deadly(Task):
    """A task that ends every worker that takes it up, as one does that asks for too much memory."""

    @property
    def folder(self) -> Path:
        if parent_process() is not None:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().folder


@pytest.mark.long
def test_a_task_that_kills_its_workers_is_named_and_the_others_are_done(tmp_path: Path) -> None:
    with workplace(tmp_path / "out") as place:
        plan = begin(place)
        deadly = Deadly(place, plan.tasks[0].laid, plan.tasks[0].asked)
        with pytest.raises(SimulationError, match="1 pieces were not finished") as raised:
            do([deadly, *plan.tasks[1:]], place, workers=2, scheduler=None, progress=lambda _: None)
        assert plan.tasks[0].folder.name in str(raised.value)
        assert all(is_whole(task.folder) for task in plan.tasks[1:])


def test_a_directory_of_other_answers_is_told_from_one_in_pieces(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="--partitions"):
        read_answers(tmp_path)
