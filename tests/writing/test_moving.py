"""Parts move into place together or not at all, whoever fails, is killed, writes at the same time or left something."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import drainage as dr
from drainage.errors import FormatError
from drainage.formats.geopackage import write_network
from drainage.writing import (
    check_free_directory,
    moving,
    replacing_directory,
    replacing_file,
    replacing_files,
    settle,
    workshop,
)
from tests.support.drains import drain

PROGRAM = Path(__file__).parents[1] / "support" / "killed_writers.py"


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir()) if path.is_file()}


def write(folder: Path, *names: str, text: str = "new", force: bool = True) -> None:
    with replacing_files([folder / name for name in names], force=force) as parts:
        for name in names:
            (parts / name).write_text(text)


def write_report(goal: Path, text: str = "new", *, force: bool = True) -> None:
    with replacing_directory(goal, force=force) as part:
        (part / "summary.json").write_text(text)


def street(shift_m: float = 0.0) -> dr.DrainageNetwork:
    """Draw a ─> b ─> c, somewhere else by as many metres."""
    net = drain(["a>b storm 300", "b>c storm 300"], {"a": 3.0, "b": 2.0, "c": 1.0}, ground=5.0)
    pipes, nodes = (table.set_geometry(table.translate(shift_m)) for table in (net.pipes, net.nodes))
    return net.replace(pipes=pipes, nodes=nodes)


def eastings(path: Path) -> tuple[float, float]:
    """Read where the pipes begin, and the nodes beside them."""
    net = dr.read_network(path)
    return float(net.pipes.total_bounds[0]), float(net.nodes.total_bounds[0])


@contextmanager
def immovable(path: Path) -> Iterator[None]:
    """Make a file that not even the administrator can move; skip where the system knows none."""
    tool = shutil.which("chattr")
    if tool is None or subprocess.run([tool, "+i", path], capture_output=True, check=False).returncode:
        pytest.skip("no file can be made immovable here")
    try:
        yield
    finally:
        subprocess.run([tool, "-i", path], check=True)


class TestTogether:
    @pytest.mark.parametrize("name", ["net.shp", "net.geojson"])
    def test_a_part_that_cannot_be_replaced_leaves_all_others_as_they_were(self, name: str, tmp_path: Path) -> None:
        write_network(street(), tmp_path / name)
        before = eastings(tmp_path / name)
        with immovable(tmp_path / name), pytest.raises(OSError, match=f"nothing was written.*{name}"):
            write_network(street(500.0), tmp_path / name, force=True)
        assert eastings(tmp_path / name) == before
        assert hidden(tmp_path) == []
        write_network(street(500.0), tmp_path / name, force=True)
        assert eastings(tmp_path / name)[0] == pytest.approx(before[0] + 500.0, abs=5.0)

    @pytest.mark.parametrize("locked", ["a.txt", "b.txt", "c.txt"])
    @pytest.mark.parametrize("way", ["out", "in"])
    def test_whichever_rename_fails_all_is_as_it_was(
        self, locked: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path, "a.txt", "b.txt", "c.txt", text="old")
        rename = Path.rename

        def refuse(self: Path, target: Path) -> Path:
            if self.name == locked and (target.parent if way == "in" else self.parent) == tmp_path and not done:
                done.append(self)
                raise PermissionError(13, "in use", str(self), None, str(target))
            return rename(self, target)

        done: list[Path] = []
        monkeypatch.setattr(Path, "rename", refuse)
        with pytest.raises(PermissionError):
            write(tmp_path, "a.txt", "b.txt", "c.txt")
        assert done
        assert texts(tmp_path) == dict.fromkeys(["a.txt", "b.txt", "c.txt"], "old")
        assert hidden(tmp_path) == []

    def test_without_force_no_part_of_a_shapefile_falls_on_a_file_that_is_there(self, tmp_path: Path) -> None:
        (tmp_path / "net.dbf").write_text("somebody's table")
        with pytest.raises(FormatError, match=r"net\.dbf: already exists"):
            write_network(street(), tmp_path / "net.shp")
        assert texts(tmp_path) == {"net.dbf": "somebody's table"}

    def test_an_index_of_the_replaced_shapefile_does_not_outlive_it(self, tmp_path: Path) -> None:
        write_network(street(), tmp_path / "net.shp")
        (tmp_path / "net.qix").write_bytes(b"leads to rows that are no more")
        (tmp_path / "net.shp.xml").write_text("somebody's notes")
        write_network(street(), tmp_path / "net.shp", force=True)
        assert not (tmp_path / "net.qix").exists()
        assert (tmp_path / "net.shp.xml").read_text() == "somebody's notes"

    def test_layers_beside_do_not_fall_on_what_the_network_was_read_from(self, tmp_path: Path) -> None:
        """Only repaired.geojson was named, and nodes.geojson is an input."""
        write_network(street(), tmp_path / "pipes.geojson")
        before = (tmp_path / "nodes.geojson").read_bytes()
        net = dr.read_network(tmp_path / "pipes.geojson")
        with pytest.raises(FormatError, match=r"nodes\.geojson: is read"):
            write_network(net, tmp_path / "repaired.geojson", force=True)
        assert (tmp_path / "nodes.geojson").read_bytes() == before


class TestKills:
    @pytest.mark.skipif(not hasattr(os, "fork"), reason="the program forks")
    def test_a_kill_at_any_rename_leaves_old_or_new_and_nothing_else(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", PROGRAM, tmp_path],
            env={**os.environ, "PYTHONPATH": str(PROGRAM.parents[1])},
            capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        rows = [line.split(maxsplit=5) for line in done.stdout.splitlines()]
        assert len(rows) >= 10
        assert {row[0] for row in rows} == {"write_files", "write_report", "write_report_by_steps"}
        assert [row for row in rows if row[2] == "True"]
        for _, _, _, at_once, found, last in rows:
            assert at_once in {"old", "new"}
            assert found in {"old", "new"}
            assert last == "last []"

    def test_a_network_that_is_read_is_finished_first(self, tmp_path: Path) -> None:
        """Killed after the old parts went away and one new part came."""
        write_network(street(500.0), tmp_path / "new" / "net.geojson")
        write_network(street(), tmp_path / "net.geojson")
        broken_off(tmp_path, ["net.geojson", "nodes.geojson"], placed=["net.geojson"])
        with pytest.warns(UserWarning, match=r"interrupted write was completed: net\.geojson, nodes\.geojson"):
            pipes_m, nodes_m = eastings(tmp_path / "net.geojson")
        assert pipes_m == pytest.approx(nodes_m)
        assert hidden(tmp_path) == []

    def test_a_report_that_is_read_is_finished_first(self, tmp_path: Path) -> None:
        write_report(tmp_path / "out", "old")
        (tmp_path / "new").mkdir()
        write_report(tmp_path / "new" / "out", "new")
        broken_off(tmp_path, ["out"], placed=[])
        with pytest.warns(UserWarning, match="completed: out"), suppress(FormatError, OSError):
            dr.read_report(tmp_path / "out")
        assert (tmp_path / "out" / "summary.json").read_text() == "new"

    def test_what_somebody_wrote_there_since_is_kept_and_said(self, tmp_path: Path) -> None:
        write(tmp_path, "a.txt", "b.txt", text="old")
        write(tmp_path / "new", "a.txt", "b.txt")
        folder = broken_off(tmp_path, ["a.txt", "b.txt"], placed=["a.txt"])
        (tmp_path / "b.txt").write_text("mine")
        with pytest.warns(UserWarning, match="something else was written there since"):
            settle(tmp_path)
        assert texts(tmp_path) == {"a.txt": "new", "b.txt": "mine"}
        assert (folder / "old" / "b.txt").read_text() == "old"

    def test_a_move_that_is_under_way_is_left_to_its_maker(self, tmp_path: Path) -> None:
        write(tmp_path, "a.txt", "b.txt", text="old")
        with workshop.workshop(tmp_path) as folder:
            (folder / "new").mkdir()
            (folder / "moves.json").write_text(json.dumps([["a.txt", True, None]]))
            settle(tmp_path)
            workshop.sweep(tmp_path)
            assert folder.is_dir()
            (folder / "moves.json").unlink()
        assert hidden(tmp_path) == []


def broken_off(place: Path, names: list[str], placed: list[str]) -> Path:
    """Leave what a writer leaves that is killed while it moves ``place/new`` in: the old parts are away."""
    folder = dead_folder(place)
    moves = [[name, True, moving._identity(place / name)] for name in names]
    (place / "new").rename(folder / "new")
    (folder / "old").mkdir()
    (folder / "moves.json").write_text(json.dumps(moves))
    for name in names:
        (place / name).rename(folder / "old" / name)
    for name in placed:
        (folder / "new" / name).rename(place / name)
    return folder


def dead_folder(place: Path, machine: bytes | None = None, age_s: float = 0.0) -> Path:
    """Make the folder of a maker that is no more."""
    folder = place / ".drainage-dead"
    folder.mkdir()
    (folder / "drainage.lock").write_bytes(workshop._machine() if machine is None else machine)
    then = time.time() - age_s
    os.utime(folder / "drainage.lock", (then, then))
    return folder


class TestSweeping:
    def test_the_next_write_sweeps_what_a_dead_maker_left(self, tmp_path: Path) -> None:
        (dead_folder(tmp_path) / "new").mkdir()
        (tmp_path / ".drainage-dead" / "new" / "half.gpkg").write_text("half")
        (tmp_path / ".drainage-empty").mkdir()
        write(tmp_path, "a.txt")
        assert hidden(tmp_path) == []

    def test_a_folder_of_a_living_maker_is_left(self, tmp_path: Path) -> None:
        with workshop.workshop(tmp_path) as living:
            write(tmp_path, "a.txt")
            assert living.is_dir()

    @pytest.mark.parametrize(("age_s", "left"), [(3600.0, [".drainage-dead"]), (100_000.0, [])])
    def test_a_folder_of_another_machine_is_dead_after_a_day(
        self, age_s: float, left: list[str], tmp_path: Path
    ) -> None:
        """Its lock may not be seen here."""
        dead_folder(tmp_path, b"another machine", age_s)
        write(tmp_path, "a.txt")
        assert hidden(tmp_path) == left

    def test_hidden_folders_of_others_are_never_touched(self, tmp_path: Path) -> None:
        """One of a program of that name, one without a lock, one that is a link."""
        for name in (".git", ".drainage-notes", ".out.abcdefgh"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "mine").write_text("")
        (tmp_path / "elsewhere").mkdir()
        dead_folder(tmp_path / "elsewhere")
        (tmp_path / ".drainage-link").symlink_to(tmp_path / "elsewhere" / ".drainage-dead")
        write(tmp_path, "a.txt")
        assert hidden(tmp_path) == [".drainage-link", ".drainage-notes", ".git", ".out.abcdefgh"]
        assert (tmp_path / "elsewhere" / ".drainage-dead").is_dir()

    @pytest.mark.parametrize(
        "moves",
        [
            '[["../victim", true, null]]',
            '[["victim", true, null]]',
            '[["victim", false, null], ["x", true, null]]',
            "[[1]]",
            "nonsense",
            '{"a": 1}',
        ],
    )
    def test_a_list_of_moves_from_outside_moves_nothing_of_the_user(self, moves: str, tmp_path: Path) -> None:
        """A delivery can hold such a folder: what is there it cannot name, and it reaches no other directory."""
        place = tmp_path / "delivery"
        place.mkdir()
        (tmp_path / "victim").write_text("mine")
        (place / "victim").write_text("mine")
        folder = dead_folder(place, age_s=1e6)
        (folder / "new").mkdir()
        (folder / "new" / "victim").write_text("theirs")
        (folder / "moves.json").write_text(moves)
        with suppress(UserWarning):
            settle(place)
        with suppress(UserWarning):
            write(place, "a.txt")
        assert (tmp_path / "victim").read_text() == "mine"
        assert (place / "victim").read_text() == "mine"

    def test_a_folder_of_parts_that_is_a_link_takes_nothing_from_where_it_leads(self, tmp_path: Path) -> None:
        (tmp_path / "private").mkdir()
        (tmp_path / "private" / "key").write_text("mine")
        place = tmp_path / "delivery"
        place.mkdir()
        folder = dead_folder(place)
        (folder / "new").symlink_to(tmp_path / "private")
        (folder / "moves.json").write_text('[["key", true, null]]')
        with pytest.warns(UserWarning, match="restore what you need"):
            settle(place)
        assert (tmp_path / "private" / "key").read_text() == "mine"


class TestTwoWriters:
    def test_the_second_does_not_replace_without_force(self, tmp_path: Path) -> None:
        with pytest.raises(FormatError, match="already exists"):
            self.write_report_twice(tmp_path / "out")
        assert (tmp_path / "out" / "summary.json").read_text() == "first"
        with pytest.raises(FormatError, match="already exists"):
            self.write_twice(tmp_path / "x.csv")
        assert (tmp_path / "x.csv").read_text() == "first"
        assert hidden(tmp_path) == []

    def write_report_twice(self, goal: Path) -> None:
        with replacing_directory(goal) as part:
            (part / "summary.json").write_text("second")
            write_report(goal, "first", force=False)

    def write_twice(self, goal: Path) -> None:
        with replacing_file(goal, ending=".csv") as part:
            part.write_text("second")
            write(goal.parent, goal.name, text="first", force=False)

    def test_what_somebody_put_there_meanwhile_is_not_lost_by_force(self, tmp_path: Path) -> None:
        write_report(tmp_path / "out", "old")
        with pytest.raises(FormatError, match=r"holds notes\.docx"):
            self.write_report_beside_notes(tmp_path / "out")
        assert texts(tmp_path / "out").items() >= {("summary.json", "old"), ("notes.docx", "mine")}
        assert hidden(tmp_path) == []

    def write_report_beside_notes(self, goal: Path) -> None:
        with replacing_directory(goal, force=True) as part:
            (part / "summary.json").write_text("new")
            (goal / "notes.docx").write_text("mine")

    @pytest.mark.parametrize("how", ["write_report", "write_report_by_steps"])
    @pytest.mark.long
    def test_writers_by_force_always_leave_a_whole_directory(self, how: str, tmp_path: Path) -> None:
        """Three of them, each eight times, and a reader who never finds a mixture; no exception of any kind."""
        writers = [
            subprocess.Popen(
                [sys.executable, PROGRAM, tmp_path, how, text],
                env={**os.environ, "PYTHONPATH": str(PROGRAM.parents[1])},
                stderr=subprocess.PIPE,
            )
            for text in "abc"
        ]
        seen = set()
        while any(writer.poll() is None for writer in writers):
            with suppress(FileNotFoundError):
                seen.add((tmp_path / "report" / "a.geojson").read_text())
        assert [writer.communicate()[1] for writer in writers] == [b""] * 3
        assert seen
        assert seen <= set("abc")
        assert hidden(tmp_path) == []


class TestLinks:
    def test_an_output_that_is_a_link_is_refused_and_said(self, tmp_path: Path) -> None:
        write_report(tmp_path / "target", "old")
        (tmp_path / "file.csv").write_text("old")
        for name, target in (("out", "target"), ("x.csv", "file.csv"), ("dangling.csv", "nowhere.csv")):
            (tmp_path / name).symlink_to(tmp_path / target)
        with pytest.raises(FormatError, match=r"is a symbolic link to .*target; name the target itself"):
            write_report(tmp_path / "out")
        for name in ("x.csv", "dangling.csv"):
            with pytest.raises(FormatError, match="is a symbolic link"):
                write(tmp_path, name)
        assert (tmp_path / "target" / "summary.json").read_text() == "old"
        assert (tmp_path / "file.csv").read_text() == "old"
        assert (tmp_path / "out").is_symlink()
        assert not (tmp_path / "nowhere.csv").exists()

    def test_a_directory_on_the_way_may_be_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "disk").mkdir()
        (tmp_path / "data").symlink_to(tmp_path / "disk")
        for text in ("old", "new"):
            write_report(tmp_path / "data" / "out", text)
        assert (tmp_path / "disk" / "out" / "summary.json").read_text() == "new"


def test_a_geopackage_that_is_open_elsewhere_is_not_replaced(tmp_path: Path) -> None:
    """What the other program has not written yet lies beside it, and would be read into the new file."""
    write_network(street(), tmp_path / "net.gpkg")
    (tmp_path / "net.gpkg-wal").write_bytes(b"changes")
    with pytest.raises(FormatError, match=r"open in another program.*net\.gpkg-wal"):
        write_network(street(500.0), tmp_path / "net.gpkg", force=True)
    (tmp_path / "net.gpkg-wal").unlink()
    write_network(street(500.0), tmp_path / "net.gpkg", force=True)


def test_all_is_on_the_disk_before_it_is_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file and its folder are written out before the first rename, the place after the last."""
    done: list[str] = []
    sync, rename = os.fsync, Path.rename

    def note_sync(number: int) -> None:
        done.append(Path(f"/proc/self/fd/{number}").readlink().name)
        sync(number)

    def note_rename(self: Path, target: Path) -> Path:
        done.append(f"> {self.name}")
        return rename(self, target)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("open files are looked for in /proc")
    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "rename", note_rename)
    write(tmp_path, "a.txt", "b.txt")
    first, last = done.index("> a.txt"), done.index("> b.txt")
    assert {"a.txt", "b.txt", "new", "moves.json.part"} <= set(done[:first])
    assert tmp_path.name in done[last:]
    done.clear()
    write_report(tmp_path / "out")
    assert {"summary.json", "drainage-files.json", "out"} <= set(done[: done.index("> out")])
    assert tmp_path.name in done[done.index("> out") :]


def test_what_is_unpacked_is_swept_after_a_killed_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive may unpack to gigabytes among the temporary files."""
    write_network(street(), tmp_path / "net.geojson")
    with zipfile.ZipFile(tmp_path / "net.zip", "w") as archive:
        archive.write(tmp_path / "net.geojson", "net.geojson")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    dead_folder(tmp_path / "tmp")
    assert len(dr.read_network(tmp_path / "net.zip").pipes) == 2
    assert hidden(tmp_path / "tmp") == []


@pytest.mark.skipif(not Path("/proc").is_mount(), reason="no mount point is known here")
def test_a_mount_point_is_refused_with_a_place_in_it() -> None:
    with pytest.raises(FormatError, match=r"/proc: is a mount point.*name a directory in it: /proc/"):
        check_free_directory(Path("/proc"), force=True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only the administrator gives files away")
def test_the_folder_of_another_user_is_left(tmp_path: Path) -> None:
    folder = dead_folder(tmp_path)
    os.chown(folder, 65534, 65534)
    write(tmp_path, "a.txt")
    assert folder.is_dir()
