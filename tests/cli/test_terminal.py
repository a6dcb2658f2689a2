"""The command line on any terminal: encodings, Ctrl-C, what is printed first, which day is meant, what is not known."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage.cli import app, main
from drainage.cli.commands import command_of
from drainage.cli.ending import INTERRUPTED
from drainage.cli.printing import print_told
from drainage.errors import SimulationError
from drainage.simulation import by_engine
from drainage.telling.printable import make_printable, printable
from drainage.telling.text_tables import first_rows
from drainage_api.store.backup import back_up
from drainage_api.store.opened import Store
from tests.support import pay_terms
from tests.support.networks import build, days, save

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = sorted(app.list_commands(None))
ENCODINGS = ("gbk", "cp1252", "ascii", "utf-8")
DRAINAGE = [sys.executable, "-m", "drainage"]


class Pipe:
    """Standard output and error of one encoding, as a redirected command has them; strict, as Python opens them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
        self._monkeypatch, self.encoding = monkeypatch, encoding

    def __call__(self, *words: object) -> tuple[int, str, str]:
        out, err = io.BytesIO(), io.BytesIO()
        for name, buffer in (("stdout", out), ("stderr", err)):
            self._monkeypatch.setattr(sys, name, io.TextIOWrapper(buffer, encoding=self.encoding, write_through=True))
        self._monkeypatch.setattr(sys, "argv", ["drainage", *map(str, words)])
        with pytest.raises(SystemExit) as exit_:
            main()
        return int(exit_.value.code or 0), out.getvalue().decode(self.encoding), err.getvalue().decode(self.encoding)


@pytest.fixture(params=ENCODINGS)
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Pipe:
    monkeypatch.setenv("COLUMNS", "200")
    return Pipe(monkeypatch, request.param)


@pytest.fixture
def utf8(monkeypatch: pytest.MonkeyPatch) -> Pipe:
    monkeypatch.setenv("COLUMNS", "200")
    return Pipe(monkeypatch, "utf-8")


def levels(n: int) -> dict[str, Any]:
    return {
        "invert_from_m": [20.0 - 0.2 * i for i in range(n)],
        "invert_to_m": [19.8 - 0.2 * i for i in range(n)],
        "depth_from_m": [1.5] * n,
        "depth_to_m": [1.5] * n,
    }


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A storm street that is too small, with sewage entering; everything recorded, with a name no Latin script has."""
    net = build(
        ["a>b storm 200", "b>c storm 200", "c>out storm 200", "w>b sewage 300"],
        **levels(4),
        road=["磬山路"] * 4,
        silt_share=[0.0, 0.3, 0.0, 0.0],
    )
    return save(net, tmp_path / "管网.geojson")


def words_for(command: str, town: Path, folder: Path) -> list[object]:
    """Give the words with which a command does its work on the town."""
    storm: list[object] = ["--storm-formula", "demo"]
    flows = folder / "flows.csv"
    flows.write_text("node_id,date,flow_m3_per_day\nw,2024-05-01 10:00,120\nw,2024-05-01 11:00,130\n", encoding="utf-8")
    rain = folder / "rain.csv"
    rain.write_text("time,depth_mm\n2024-05-01 00:00,0\n2024-05-01 01:00,2\n2024-05-01 02:00,0\n", encoding="utf-8")
    seen = folder / "levels.csv"
    moments = [f"2024-05-01 {hour:02d}:{minute:02d}" for hour in range(3) for minute in (0, 20, 40)]
    read = zip(moments, (0.0, 0.0, 0.01, 0.05, 0.08, 0.06, 0.04, 0.02, 0.01), strict=True)
    seen.write_text(
        "time,node_id,depth_m\n" + "".join(f"{moment},b,{depth}\n" for moment, depth in read), encoding="utf-8"
    )
    later = folder / "later.geojson"
    later.write_bytes(town.read_bytes())
    edits = folder / "edits.geojson"
    edits.write_text('{"type": "FeatureCollection", "crs": null, "features": []}', encoding="utf-8")
    dr.analyze(dr.read_network(town)).write(folder / "结果")
    terms = folder / "terms.toml"
    terms.write_text(pay_terms.TEXT, encoding="utf-8")
    streets = folder / "streets.geojson"
    line = [shapely.LineString([(0.0, 0.0), (100.0, 37.0), (200.0, 74.0), (300.0, 0.0)])]
    gpd.GeoDataFrame({"road": ["磬山路"]}, geometry=line, crs=4548).to_crs(4326).to_file(streets)
    with Store.opened(folder / "log") as store:
        back_up(store, folder / "log.zip")
    words: dict[str, list[object]] = {
        "pay": [town, later, "--terms", terms, *storm],
        "apply": [town, "--with", edits],
        "analyze": [town, "-o", folder / "报告", *storm],
        "bill": [town, "--since", "2018-12-31"],
        "changes": [town, town],
        "cleaning": [town, *storm],
        "closures": [town, "--budget", 1],
        "compare": [town, later, *storm],
        "ensemble": [town, "--return-period", "2", "--workers", 1, *storm],
        "export": [town, folder / "模型.inp", *storm],
        "gauge": [town, "--observed", seen, "--rain", rain, "--most-runs", 1],
        "hydrograph": [town, "--at", "b", *storm, "-o", folder / "b.svg"],
        "sheet": [town, "-o", folder / "水系图.svg"],
        "section": [town, "--from", "a", "--to", "out", "-o", folder / "断面.svg"],
        "infiltration": [town, "-e", f"flows={flows}", "--rain", rain],
        "relief": [town, *storm],
        "report": [folder / "结果", "-o", folder / "报告.docx"],
        "publish": [town, "--roads", streets, "-o", folder / "页面", *storm],
        "repair": [town, "--tolerance", 0.1],
        "storm": storm,
        "trace": [town, "b"],
        "keys": ["add", "王工", "--role", "engineer", "--store", folder / "keys"],
        "audit": ["--store", folder / "log"],
        "backup": ["--store", folder / "log", "-o", folder / "备份.zip"],
        "terms": [],
        "restore": [folder / "log.zip", "--store", folder / "恢复"],
        "waterlogging": [town, *storm],
    }
    return words.get(command, [town])


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_can_be_printed(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    code, out, _ = Pipe(monkeypatch, "cp1252")(command, "--help")
    assert code == 0
    assert "Usage" in out


@pytest.mark.long
@pytest.mark.parametrize("command", [one for one in COMMANDS if one not in {"demo", "ensemble", "serve"}])
def test_every_command_works_where_nothing_but_ascii_can_be_printed(
    monkeypatch: pytest.MonkeyPatch, command: str, town: Path, tmp_path: Path
) -> None:
    code, out, err = Pipe(monkeypatch, "ascii")(command, *words_for(command, town, tmp_path))
    assert code in {0, 2}, err
    assert out.strip() or command == "export"
    assert "Traceback" not in err


@pytest.mark.long
@pytest.mark.parametrize("command", ["mixed-flow", "waterlogging"])
def test_a_command_works_whatever_the_encoding(run: Pipe, command: str, town: Path, tmp_path: Path) -> None:
    code, out, err = run(command, *words_for(command, town, tmp_path))
    assert code == 0, err
    assert ("磬山路" in out) is (run.encoding in {"gbk", "utf-8"})


@pytest.mark.long
@pytest.mark.parametrize("command", ["mixed-flow", "show"])
def test_json_is_utf8_to_the_byte_and_says_the_same_in_every_encoding(
    run: Pipe, utf8: Pipe, command: str, town: Path, tmp_path: Path
) -> None:
    words = (command, *words_for(command, town, tmp_path), "--json")
    found, same = json.loads(run(*words)[1].encode(run.encoding).decode("utf-8")), json.loads(utf8(*words)[1])
    for one in (found, same):
        del one["provenance"]["made_at"]
    assert found == same


def test_an_error_can_be_printed_too(run: Pipe, tmp_path: Path) -> None:
    code, _, err = run("show", tmp_path / "没有→这³个.geojson")
    assert code == 1
    assert "no such file" in err
    assert ("没有" in err) is (run.encoding in {"gbk", "utf-8"})
    assert "³" in err if run.encoding in {"utf-8", "cp1252"} else "3" in err


def test_signs_that_are_lacking_have_readable_stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    make_printable()
    assert printable("5 m³ → ≤ 2–3 % · é 路 \udcff") == "5 m3 -> <= 2-3 % . e ? ?"


@pytest.mark.long
@pytest.mark.parametrize(("encoding", "locale"), [("gbk", "C"), ("ascii", "POSIX")])
def test_a_real_pipe_of_another_encoding(encoding: str, locale: str, town: Path) -> None:
    done = subprocess.run(
        [*DRAINAGE, "mixed-flow", town], env={**os.environ, "PYTHONIOENCODING": encoding, "LC_ALL": locale},
        capture_output=True, check=True,
    )  # fmt: skip
    assert "misconnections" in done.stdout.decode(encoding)
    assert b"Traceback" not in done.stderr


def interrupted(words: Sequence[object], folder: Path, *, after_s: float) -> tuple[int, str, str]:
    """Run a command in a group of its own and press Ctrl-C, as a terminal does: all processes hear it."""
    process = subprocess.Popen(
        [*DRAINAGE, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, env={**os.environ, "TMPDIR": str(folder)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - behind nohup nothing hears Ctrl-C
    )  # fmt: skip
    time.sleep(after_s)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.mark.skipif(sys.platform == "win32", reason="a group of processes is told otherwise there")
@pytest.mark.parametrize("after_s", [pytest.param(0.3, marks=pytest.mark.long), 1.5])
def test_ctrl_c_ends_a_command_with_one_line_and_nothing_half_written(after_s: float, tmp_path: Path) -> None:
    own = tmp_path / "tmp"
    own.mkdir()
    words = ("analyze", "data/pipes.geojson", "--as-of", "2018-12-31", "-o", tmp_path / "report")
    code, out, err = interrupted(words, own, after_s=after_s)
    assert (code, out) == (INTERRUPTED, "")
    assert err.splitlines()[-1] == "drainage: 已中断 interrupted"
    assert "Traceback" not in err
    assert not (tmp_path / "report").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["tmp"]


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="a group of processes is told otherwise there")
@pytest.mark.parametrize("after_s", [1.0, 3.0, 6.0, 10.0])
def test_ctrl_c_ends_workers_and_engines_too(after_s: float, tmp_path: Path) -> None:
    words = ("ensemble", "data/pipes.geojson", "--as-of", "2018-12-31", "--engine", "swmm", "--return-period",
             "2,5,10,20", "--duration", "120,240")  # fmt: skip
    code, _, err = interrupted(words, tmp_path, after_s=after_s)
    assert code == INTERRUPTED
    assert "Traceback" not in err
    time.sleep(0.5)
    running = [path for path in Path("/proc").glob("[0-9]*/cmdline") if str(tmp_path).encode() in _read(path)]
    assert running == []
    assert list(tmp_path.iterdir()) == []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_a_column_without_a_value_in_the_rows_shown_is_not_called_unknown_if_others_have_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAINAGE_LANG", "en")
    table = pd.DataFrame({"road": ["x", "y", "z"], "depth_m": [None, None, 0.3], "area": [None, None, None]})
    print_told(first_rows("points", table, ("road", "depth_m", "area"), most=2))
    told = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in told[-2:]] == ["not known", "not known in these rows"]
    assert "depth" in told[-1]


class TestWhatIsNotKnown:
    """An answer of nothing because nothing was recorded is none: it says so, and the exit code is 2."""

    STORM = ("a>b storm 300", "b>out storm 300")
    SEWAGE = ("a>b sewage 300", "b>out sewage 300")

    @pytest.mark.parametrize("pipes", [STORM, SEWAGE])
    @pytest.mark.parametrize("words", [("mixed-flow",), ("closures", "--budget", "1"), ("mixing",), ("separation",)])
    def test_one_system_alone_cannot_be_mixed(
        self, utf8: Pipe, tmp_path: Path, words: tuple[str, ...], pipes: tuple[str, ...]
    ) -> None:
        source = save(build(pipes, road=["x"] * 2), tmp_path / "p.geojson")
        code, out, _ = utf8(words[0], source, *words[1:])
        assert code == 2
        assert out.startswith("not known: ")
        code, out, err = utf8(words[0], source, *words[1:], "--json")
        assert code == 2
        assert "recorded" in json.loads(out)["not_known"]
        assert "not known" in err

    def test_systems_that_nowhere_meet_have_no_grade(self, utf8: Pipe, tmp_path: Path) -> None:
        source = save(build((*self.STORM, "w>x sewage 300")), tmp_path / "p.geojson")
        code, out, _ = utf8("mixed-flow", source)
        assert code == 0
        assert out.startswith("not judged: no node joins a storm pipe and a sewer")
        assert "--join-within-m" in out
        assert json.loads(utf8("mixed-flow", source, "--json")[1])["density_grade"] is None

    def test_meetings_without_levels_are_told_first(self, utf8: Pipe, tmp_path: Path) -> None:
        source = save(build((*self.STORM, "w>b sewage 300")), tmp_path / "p.geojson")
        code, out, _ = utf8("mixed-flow", source)
        assert code == 0
        assert out.startswith("not judged: at 1 of the 1 nodes")

    @pytest.mark.parametrize("pipes", [("a>b combined 300", "b>out combined 300"), (*STORM, "a>x sewage 300")])
    def test_where_both_are_known_nothing_is_an_answer(
        self, utf8: Pipe, tmp_path: Path, pipes: tuple[str, ...]
    ) -> None:
        source = save(build(pipes, road=["x"] * len(pipes)), tmp_path / "p.geojson")
        code, out, _ = utf8("mixed-flow", source, "--json")
        found = json.loads(out)
        assert (code, found["misconnections"], found["not_known"]) == (0, 0, None)
        assert utf8("separation", source)[0] == 0

    def test_silt_of_which_nothing_is_recorded(self, utf8: Pipe, tmp_path: Path) -> None:
        for silt, expected in ((None, 2), (0.0, 0)):
            columns: dict[str, Any] = {} if silt is None else {"silt_share": [silt] * 2}
            source = save(build(self.STORM, **levels(2), **columns), tmp_path / f"{expected}.geojson")
            code, out, _ = utf8("cleaning", source, "--storm-formula", "demo")
            assert code == expected
            assert ("no silt is recorded" in out) is (expected == 2)

    @pytest.mark.parametrize("command", ["sources", "inspect"])
    def test_evidence_that_names_no_manhole_of_the_network(self, utf8: Pipe, tmp_path: Path, command: str) -> None:
        source = save(build([*self.STORM, "w>x sewage 300"]), tmp_path / "p.geojson")
        for node, expected in (("nowhere", 2), ("a", 0)):
            looks = tmp_path / f"{node}.csv"
            looks.write_text(f"node_id,date,flowing,dry_hours\n{node},2024-05-01,yes,100\n", encoding="utf-8")
            code, out, _ = utf8(command, source, "-e", f"inspections={looks}")
            assert code == expected, out
            assert out.startswith("not known") is (expected == 2)

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (("waterlogging", "--storm-formula", "demo"), "no node can be judged"),
            (("relief", "--storm-formula", "demo"), "no node can be judged"),
            (("ensemble", "--storm-formula", "demo", "--workers", "1", "--return-period", "2"), "can be judged"),
            (("separation",), "no roads"),
        ],
    )
    def test_a_question_of_which_the_network_records_nothing(
        self, utf8: Pipe, tmp_path: Path, words: tuple[str, ...], message: str
    ) -> None:
        source = save(build([*self.STORM, "w>x sewage 300"]), tmp_path / "p.geojson")
        code, _, err = utf8(words[0], source, *words[1:])
        assert code == 2
        assert message in err

    def test_meters_that_measure_no_sewer(self, utf8: Pipe, town: Path, tmp_path: Path) -> None:
        words = words_for("infiltration", town, tmp_path)
        (tmp_path / "flows.csv").write_text("node_id,date,flow_m3_per_day\nnowhere,2024-05-01 10:00,120\n")
        code, _, err = utf8("infiltration", *words)
        assert code == 2
        assert "no reading of a flow meter" in err

    @pytest.mark.parametrize(("words", "expected"), [((), 2), (("--storm-formula", "demo"), 0)])
    def test_a_report_of_one_system_says_it_of_each_question_and_ends_with_2_where_none_is_answered(
        self, utf8: Pipe, tmp_path: Path, words: tuple[str, ...], expected: int
    ) -> None:
        source = save(build(self.STORM, **levels(2), road=["x"] * 2), tmp_path / "p.geojson")
        code, out, err = utf8("analyze", source, "-o", tmp_path / "report", *words)
        assert code == expected
        assert ("not known: Mixed flow, Separation of roads, Waterlogging" in err) is (expected == 2)
        assert "Mixed flow: not known: no pipe is recorded as sewage or combined" in out
        written = json.loads((tmp_path / "report" / "summary.json").read_text(encoding="utf-8"))
        assert written["separation"]["not_known"].startswith("only storm pipes are recorded")
        assert written["quality"]["not_known"] is None
        page = (tmp_path / "report" / "map.html").read_text(encoding="utf-8")
        assert "混接点 misconnections" not in page.partition('"figures":')[2].partition("]")[0]
        assert dr.read_report(tmp_path / "report").why_not("mixed_flow") == written["mixed_flow"]["not_known"]

    def test_python_says_it_too(self) -> None:
        mixed = dr.find_mixed_flow(build(self.STORM))
        assert mixed.not_known is not None
        assert mixed.not_known.startswith("no pipe is recorded as sewage or combined")
        with pytest.raises(dr.errors.SimulationError, match="no node can be judged"):
            dr.find_waterlogging(dr.screen(build(self.STORM), dr.DesignStorm(dr.read_storm_formula("demo"), 3, 60)))


class TestWhatIsPrintedFirst:
    """The answer, then what was assumed for it."""

    def test_assumptions_are_lines_below_the_answer(self, utf8: Pipe, town: Path) -> None:
        _, out, _ = utf8("waterlogging", town, "--storm-formula", "demo")
        table, _, below = out.partition("\nassumptions:\n")
        assert "points by volume" in table
        assert "runoff_coefficient" not in table
        assert "\n  Manning's n: " in f"\n{below}"

    def test_only_rules_with_findings_are_listed(self, utf8: Pipe, town: Path) -> None:
        _, out, _ = utf8("quality", town)
        assert "rules without findings" in out
        assert " 0 / " not in out
        assert " 0 / " in utf8("quality", town, "--verbose")[1]

    def test_a_clause_is_told_once(self, utf8: Pipe, tmp_path: Path) -> None:
        streets = (f"a{i}>b{i} storm,b{i}>o{i} storm,w{i}>b{i} sewage" for i in range(5))
        pipes = [text for street in streets for text in street.split(",")]
        source = save(build(pipes), tmp_path / "p.geojson")
        _, out, _ = utf8("mixing", source)
        assert out.count("T/CECS 758-2020, 7.2.3") == 1
        assert utf8("mixing", source, "--verbose")[1].count("T/CECS 758-2020") >= 1

    def test_a_figure_of_several_parts_names_each(self, utf8: Pipe, town: Path) -> None:
        assert "yes: 0, no: " in utf8("waterlogging", town, "--storm-formula", "demo")[1]


class TestTheDayThatIsMeant:
    """A source with a history answers for today where no day is named: it says so, and which other day it tells."""

    @pytest.fixture
    def history(self, tmp_path: Path) -> Path:
        net = build(
            ["a>b storm 200", "b>out storm 200", "a>b storm 1500", "b>out storm 1500"],
            invert_from_m=[20.0, 19.8] * 2, invert_to_m=[19.8, 19.6] * 2, depth_from_m=[1.5] * 4, depth_to_m=[1.5] * 4,
            commissioned=days("1990-01-01", "1990-01-01", "2020-06-30", "2020-06-30"),
            abandoned=days("2020-06-30", "2020-06-30", "", ""),
            road=["x"] * 4,
        )  # fmt: skip
        return save(net, tmp_path / "p.geojson")

    def test_waterlogging_tells_the_points_of_the_other_day(self, utf8: Pipe, history: Path) -> None:
        _, out, err = utf8("waterlogging", history, "--storm-formula", "demo", "--json")
        _, then, silent = utf8("waterlogging", history, "--storm-formula", "demo", "--as-of", "2019-12-31", "--json")
        points = json.loads(then)["points"]
        assert json.loads(out)["points"] == 0
        assert points > 0
        assert f"the file also describes 2019-12-31: {points} points by the screening (--as-of 2019-12-31)" in err
        assert "also describes" not in silent

    def test_a_report_and_a_comparison_tell_them_too(self, utf8: Pipe, history: Path, tmp_path: Path) -> None:
        storm = ("--storm-formula", "demo")
        told = (
            "as of today ({today}); by the dates of its pipes the file also describes 2019-12-31: "
            "1 points by the screening ({option} 2019-12-31)"
        )
        today = dt.date.today()  # noqa: DTZ011 - the user's own day
        _, _, err = utf8("analyze", history, "-o", tmp_path / "report", *storm)
        assert told.format(today=today, option="--as-of") in err
        _, _, err = utf8("analyze", history, "-o", tmp_path / "then", "--as-of", "2019-12-31", *storm)
        assert "also describes" not in err
        other = tmp_path / "later.geojson"
        other.write_bytes(history.read_bytes())
        _, _, err = utf8("compare", history, other, "--before", "2019-12-31", *storm)
        assert f"after later: {told.format(today=today, option='--after')}" in err
        assert err.count("also describes") == 1

    @pytest.mark.parametrize("words", [("mixed-flow",), ("show",), ("closures", "--budget", "1")])
    def test_other_commands_name_the_day(self, utf8: Pipe, history: Path, words: tuple[str, ...]) -> None:
        assert "the file also describes 2019-12-31 (--as-of 2019-12-31)" in utf8(words[0], history, *words[1:])[2]

    def test_a_source_without_a_history_says_nothing(self, utf8: Pipe, town: Path) -> None:
        assert "also describes" not in utf8("mixed-flow", town)[2]


@dataclass(frozen=True, kw_only=True)
class Told:
    title: ClassVar = "output"
    table: str | None = "first"
    json_: bool = False


def test_a_group_becomes_its_options_but_for_those_that_the_command_names_itself() -> None:
    given: dict[str, object] = {}

    def tell(*, table: str | None = None, told: Told) -> None:
        given.update(table=table, told=told)

    only = command_of(tell, "tell")
    only(["--table", "second", "--json"], standalone_mode=False)
    assert given == {"table": "second", "told": Told(json_=True)}
    assert [one.name for one in only.params] == ["table", "json_"]


@pytest.mark.parametrize("words", [
    ("waterlogging",), ("relief",), ("analyze", "-o", "report"),
    ("compare", "--before", "2020-01-01", "--after", "2020-01-02"),
])  # fmt: skip
def test_the_number_of_processes_reaches_the_engine(
    monkeypatch: pytest.MonkeyPatch, utf8: Pipe, town: Path, words: tuple[str, ...]
) -> None:
    asked: list[object] = []

    def simulate_swmm(*_: object, processes: int | None, **__: object) -> None:
        asked.append(processes)
        raise SimulationError("enough")

    monkeypatch.setattr(by_engine, "simulate_swmm", simulate_swmm)
    monkeypatch.chdir(town.parent)
    utf8(words[0], town, *words[1:], "--storm-formula", "demo", "--engine", "swmm", "--processes", "3")
    assert set(asked) == {3}


def test_an_option_that_takes_one_value_is_not_taken_twice(utf8: Pipe) -> None:
    code, _, err = utf8("analyze", "town.geojson", "--also", "relief", "--also", "closures", "-o", "out")
    assert (code, "--also is given twice" in err) == (1, True)
