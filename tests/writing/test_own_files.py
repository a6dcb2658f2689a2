"""What a user has beside his results, in them, or as input of a command: nothing of it is ever deleted or replaced."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import drainage as dr
from drainage.cli import main
from drainage.writing import replacing_both
from tests.support.networks import build, days, save

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process: exit code and standard error."""

    def command(*words: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["drainage", *map(str, words)])
        with pytest.raises(SystemExit) as exit_:
            main()
        return int(exit_.value.code or 0), capsys.readouterr().err

    return command


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a delivery, its report ``out`` and a comparison ``two``."""
    folder = tmp_path_factory.mktemp("works")
    net = build(
        ["a>b storm 600", "b>c storm 600", "w>b sewage 300"], commissioned=days("", "2020-01-01", ""), road=["路"] * 3
    )
    save(net, folder / "town.geojson")
    dr.analyze(dr.read_network(folder / "town.geojson")).write(folder / "out")
    words = ["compare", folder / "town.geojson", "--before", "2019-01-01", "--after", "2021-01-01", "-o",
             folder / "two"]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["drainage", *map(str, words)])
        with pytest.raises(SystemExit):
            main()
    return folder


@pytest.fixture
def project(works: Path, tmp_path: Path) -> Path:
    shutil.copytree(works, tmp_path / "project")
    return tmp_path / "project"


def state(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files} | {
        str(path.relative_to(folder)): "folder" for path in folder.rglob("*") if path.is_dir()
    }


def add_notes(out: Path) -> None:
    (out / "notes.docx").write_text("years of work")


def add_photos(out: Path) -> None:
    (out / "photos").mkdir()


def add_a_file_of_an_open_database(out: Path) -> None:
    (out / "pipes.gpkg-wal").write_bytes(b"edits")


def edit_the_pipes(out: Path) -> None:
    with (out / "pipes.gpkg").open("ab") as file:
        file.write(b"edits")


def put_a_link_in_the_place_of_a_file(out: Path) -> None:
    (out.parent / "elsewhere.html").write_bytes((out / "map.html").read_bytes())
    (out / "map.html").unlink()
    (out / "map.html").symlink_to(out.parent / "elsewhere.html")


def take_the_mark(out: Path) -> None:
    """As a report of an earlier version: nobody knows what else is in it."""
    (out / "drainage-files.json").unlink()


def spoil_the_mark(out: Path) -> None:
    (out / "drainage-files.json").write_text('{"format": "files written by drainage", "files": 3}')


def leave_a_summary_of_another_program(out: Path) -> None:
    shutil.rmtree(out)
    out.mkdir()
    (out / "summary.json").write_text('{"coverage": 97}')
    (out / "thesis.tex").write_text("years of work")


@pytest.mark.parametrize("name", ["out", "two", "two/before"])
@pytest.mark.parametrize(
    "change",
    [
        add_notes,
        add_photos,
        add_a_file_of_an_open_database,
        edit_the_pipes,
        put_a_link_in_the_place_of_a_file,
        take_the_mark,
        spoil_the_mark,
        leave_a_summary_of_another_program,
    ],
)
def test_what_no_report_wrote_is_never_removed_not_even_by_force(
    change: Callable[[Path], None], name: str, project: Path, run: Run
) -> None:
    if name == "two" and change is edit_the_pipes:
        pytest.skip("a comparison has its pipes one floor down")
    change(project / name)
    before = state(project)
    code, err = run("analyze", project / "town.geojson", "-o", project / name, "--force")
    assert code == 1
    assert "another directory" in err
    assert state(project) == before
    code, err = run("compare", project / "town.geojson", project / "town.geojson", "-o", project / name, "--force")
    assert (code, state(project)) == (1, before)


def test_a_report_that_is_as_it_was_written_is_replaced(project: Path, run: Run) -> None:
    for _ in range(2):
        code, err = run("analyze", project / "town.geojson", "--as-of", "2019-01-01", "-o", project / "out", "--force")
        assert code == 0, err
    assert json.loads((project / "out" / "summary.json").read_text())["inputs"]["as_of"] == "2019-01-01"
    assert sorted(path.name for path in project.iterdir()) == ["out", "town.geojson", "two"]
    code, err = run("analyze", project / "town.geojson", "-o", project / "two", "--force")
    assert code == 0, err
    assert not (project / "two" / "before").exists()


@pytest.mark.parametrize("option", ["", "--roads", "--nodes", "--reports", "--columns", "--rain", "--storm-formula"])
def test_an_output_in_which_an_input_lies_is_refused(option: str, project: Path, run: Run) -> None:
    """Even where the input is itself a file of the report: it is read, so it stays."""
    inside = project / "out" / "misconnections.geojson"
    source = project / "out" / "pipes.gpkg" if not option else project / "town.geojson"
    before = state(project)
    words = [option, inside] if option else []
    code, err = run("analyze", source, *words, "-o", project / "out", "--force")
    assert code == 1
    assert "which is read by this command" in err
    assert state(project) == before


def test_a_report_is_not_written_over_its_own_network_from_python_either(project: Path) -> None:
    before = state(project)
    with pytest.raises(dr.errors.FormatError, match="contains "):
        dr.analyze(dr.read_network(project / "out" / "pipes.gpkg")).write(project / "out", force=True)
    with pytest.raises(dr.errors.FormatError, match="contains "):
        dr.read_report(project / "out").write(project / "out", force=True)
    assert state(project) == before


@pytest.mark.parametrize(
    "words",
    [
        ["sources", "{town}", "-e", "{file}", "-o", "{file}"],
        ["sources", "{town}", "-e", "samples={file}", "-o", "{file}"],
        ["inspect", "{town}", "-e", "{file}", "--form", "{file}"],
        ["infiltration", "{town}", "--rain", "{town}", "-e", "{file}", "-o", "{file}"],
        ["closures", "{town}", "--budget", "1", "--costs", "{file}", "-o", "{file}"],
        ["storm", "--rain", "{file}", "-o", "{file}"],
        ["storm", "--rain", "{file}", "-o", "{other}", "-o", "{file}"],
        ["changes", "{town}", "{file}", "-o", "{file}"],
        ["waterlogging", "{town}", "--rain", "{file}", "-o", "{file}"],
    ],
)
def test_no_command_writes_over_what_it_is_told_to_read(words: list[str], project: Path, run: Run) -> None:
    """By a detour, too."""
    (project / "mine.csv").write_text("time,depth_mm\n0,0\n")
    names = {"town": project / "town.geojson", "file": project / "out" / ".." / "mine.csv", "other": project / "x.csv"}
    before = state(project)
    code, err = run(*(word.format(**names) for word in words), "--force")
    assert code == 1
    assert "is read by this command" in err
    assert state(project) == before


def test_a_file_that_an_inp_names_is_an_input(project: Path, run: Run) -> None:
    inp = project / "model.inp"
    inp.write_text(
        "[RAINGAGES]\nR INTENSITY 0:05 1.0 FILE rain.csv S MM\n[JUNCTIONS]\na 3 2\nb 2 2\n[OUTFALLS]\no 1 FREE\n"
        "[CONDUITS]\np a b 50 0.013 0 0\nq b o 50 0.013 0 0\n[XSECTIONS]\np CIRCULAR 0.3\nq CIRCULAR 0.3\n"
    )
    (project / "rain.csv").write_text("S 2020 1 1 0 0 1\n")
    code, err = run("quality", inp, "-o", project / "rain.csv", "--force")
    assert code == 1
    assert "is read by this command" in err
    assert (project / "rain.csv").read_text() == "S 2020 1 1 0 0 1\n"


def test_a_repair_and_its_log_come_together_or_not_at_all(project: Path, run: Run) -> None:
    """The log cannot be replaced: it is a directory by now."""
    network, log = project / "repaired.gpkg", project / "log.jsonl"
    words = ["repair", project / "town.geojson", "--tolerance", 0.5, "-o", network, "--log", log]
    code, err = run(*words)
    assert code == 0, err
    before = network.read_bytes()
    with pytest.raises(dr.errors.FormatError, match="is a directory"):
        write_both(network, log, in_the_way=log)
    assert network.read_bytes() == before


def test_a_repair_whose_log_lies_elsewhere_moves_the_network_first(project: Path) -> None:
    """A log is of use beside its network only; the earlier one must not be lost before the network is there."""
    (project / "logs").mkdir()
    network, log = project / "repaired.gpkg", project / "logs" / "log.jsonl"
    log.write_text("old")
    network.write_text("old")
    with pytest.raises(dr.errors.FormatError, match="is a directory"):
        write_both(network, log, in_the_way=network)
    assert log.read_text() == "old"


def write_both(network: Path, log: Path, *, in_the_way: Path) -> None:
    """Write both, and put a directory where one of them should go before they are moved."""
    with replacing_both(network, log, force=True) as parts:
        for part in parts:
            part.write_text("new")
        in_the_way.unlink()
        in_the_way.mkdir()
