"""The help of the terminal: one language at a time, every word of it, however narrow the terminal; nearest names."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from unicodedata import east_asian_width

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from drainage import words
from drainage.cli import app
from drainage.cli.commands import Value
from drainage.cli.program import THEMES
from drainage.said import Language
from drainage.telling.two_columns import wrapped
from tests.support.networks import build, save

COMMANDS = {name: app.get_command(None, name) for name in app.list_commands(None)}
CHINESE = re.compile("[\u3000-〿㐀-䶿一-鿿＀-￯]")


def columns(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def said(*line: str, **variables: str) -> str:
    answer = CliRunner().invoke(app, list(line), env=variables)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_every_parameter_has_its_text_and_every_text_its_parameter() -> None:
    table = words._table("help")
    used: dict[str, set[str]] = {
        "arguments": set(), "options": {"lang", "help", "version", "show_completion"}, "values": set(),
    }  # fmt: skip
    for name, command in COMMANDS.items():
        assert command is not None
        for one in command.params:
            kind = "arguments" if isinstance(one, click.Argument) else "options"
            own = f"{name}.{one.name}"
            found = own if own in table[kind] else str(one.name)
            assert found in table[kind], f"words.toml says nothing of {own}"
            used[kind].add(found)
            if kind == "arguments":
                used["values"].add(str(one.name))
            elif isinstance(one.type, Value):
                used["values"].add(one.type.name)
    assert {kind: table[kind].keys() for kind in used} == used
    assert table["commands"].keys() == COMMANDS.keys() | {"drainage"}
    groups = {getattr(one, "group", "") for command in COMMANDS.values() if command for one in command.params}
    assert table["groups"].keys() == groups - {""} | THEMES.keys() | {"arguments", "options", "everywhere"}
    for texts in table.values():
        assert all(len(both) == len(words.LANGUAGES) and all(both) for both in texts.values())


@pytest.mark.parametrize("wide", [50, 80, 110])
@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_in_one_language_and_never_cut(command: str, lang: Language, wide: int) -> None:
    text = said(*filter(None, [command]), "--help", "--lang", lang, COLUMNS=str(wide))
    assert max(map(columns, text.splitlines())) <= wide
    shown, chosen = "".join(text.split()), COMMANDS[command] if command else None
    assert "".join(words.help_for("commands", command or "drainage", lang).split()) in shown
    for one in chosen.params if chosen is not None and wide >= 80 else ():
        kind = "arguments" if isinstance(one, click.Argument) else "options"
        assert "".join(words.help_for(kind, str(one.name), lang, of=command).split()) in shown
        if wide >= 110 and (kind == "arguments" or isinstance(one.type, Value)):
            value = str(one.name) if kind == "arguments" else one.type.name
            before = "" if kind == "arguments" else f"{one.opts[-1]} "
            assert before + words.help_for("values", value, lang) in text
    assert bool(CHINESE.search(text.replace("zh (中文)", ""))) == (lang == "zh")


@given(st.text(st.sampled_from("ab c磬山路（，"), max_size=60), st.integers(6, 40))
def test_wrapping_loses_no_sign_and_keeps_to_the_width(text: str, wide: int) -> None:
    lines = wrapped(text, wide)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(columns(line) <= wide for line in lines)


@given(
    st.lists(st.sampled_from(["depth_mm", "--frequent-return-period", "磬山路", "（", "）", "，", " "]), max_size=12)
)
def test_a_name_that_fits_on_a_line_is_not_cut_and_no_line_begins_with_a_comma(parts: list[str]) -> None:
    text = "".join(f"{part}，" if part.isascii() and part != " " else part for part in parts)
    lines = wrapped(text, 40)
    for name in ("depth_mm，", "--frequent-return-period，"):
        assert sum(line.count(name) for line in lines) == text.count(name)


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("command", COMMANDS)
def test_in_a_narrow_terminal_the_name_of_an_option_stands_whole(command: str, lang: Language) -> None:
    text = said(command, "--help", "--lang", lang, COLUMNS="60")
    chosen = COMMANDS[command]
    for one in chosen.params if chosen is not None else ():
        assert isinstance(one, click.Argument) or f"{one.opts[-1]}" in text


@pytest.mark.parametrize(("line", "remedy"), [
    (["watterlogging", "a"], "did you mean waterlogging?"),
    (["waterlogging", "--nods", "b", "a"], "did you mean --nodes?"),
    (["waterlogging", "a", "--shape", "chicargo"], "did you mean chicago?"),
    (["keys", "ad", "Li"], "keys ad: expected one of add, list, revoke (did you mean add?)"),
    (["sources", "a", "--set", "reach_prio=0.1"], "did you mean reach_prior?"),
    (["waterlogging", "a", "--duration", "long"], "--duration long: expected a number"),
    (["inspect", "a", "--budget", "2.5"], "--budget 2.5: expected a whole number"),
    (["closures", "a"], "--budget is missing"),
    (["waterlogging"], "SOURCE is missing"),
    (["storm", "demo", "twice"], "does not take twice"),
    (["trace", "a", "--from", "x", "--upstream"], "--node"),
    (["trace", "a", "--node", "x", "--to", "y"], "--node"),
    (["trace", "a", "--node", "x", "--upstream", "--downstream"], "--node"),
    (["export", "a", "b.inp", "--engine-option", "threads=1.5"], "threads 1.5: expected a whole number"),
    (["waterlogging", "a", "--engine-option", "threads=2"], "--engine swmm"),
    (["show", "a", "--as-of"], "--as-of needs a value"),
    (["mixed-flow", "a", "--diameter-m3d", "1,2"], "--diameter-m3d 1,2: expected three numbers"),
    (["mixed-flow", "a", "--set", "x=1"], "there is no option --set; see"),
    (["show", "a", "--json=1"], "--json takes no value"),
    (["storm", "demo", "twice"], "see drainage storm --help"),
    (["show", "strom=a.shp"], "did you mean storm?"),
    (["waterlogging", "a", "--served-distance-m", "-1"], "--served-distance-m = -1.0; expected 1 to 5000"),
    (["waterlogging", "a", "--uplift-within", "3"], "to 1 (upper), or none"),
    (["sources", "a", "--evidence", "smaples=b.csv"], "did you mean samples?"),
    (["analyze", "a", "-o", "b", "--also", "reliefs"], "--also: there is no plan reliefs (did you mean relief?)"),
])  # fmt: skip
def test_a_slip_is_told_with_its_remedy_and_ends_with_1(line: list[str], remedy: str) -> None:
    answer = CliRunner().invoke(app, line)
    assert answer.exit_code == 1
    assert remedy in answer.stderr
    assert answer.stderr.count("\n") == 1
    chinese = CliRunner().invoke(app, ["--lang", "zh", *line])
    assert CHINESE.search(chinese.stderr)


def test_the_words_of_a_command_can_be_completed() -> None:
    def offered(*line: str) -> list[str]:
        asked = {"_DRAINAGE_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(line), "COMP_CWORD": str(len(line) - 1)}
        command = [sys.executable, "-m", "drainage"]
        done = subprocess.run(command, env={**os.environ, **asked}, capture_output=True, text=True, check=True)
        return done.stdout.split()

    assert offered("drainage", "wat") == ["plain,waterlogging"]
    assert offered("drainage", "waterlogging", "--storm") == ["plain,--storm-formula"]
    assert offered("drainage", "waterlogging", "--shape", "c") == ["plain,chicago"]
    assert offered("drainage", "show", "pi") == ["file,pi"]
    assert offered("drainage", "waterlogging", "a", "--storm-formula", "ci") == ["file,ci"]
    assert offered("drainage", "show", "a", "--nodes", "w") == ["file,w"]
    assert offered("drainage", "show", "a", "--lang", "") == ["plain,zh", "plain,en"]
    assert offered("drainage", "--lang", "") == ["plain,zh", "plain,en"]
    assert offered("drainage", "--la") == offered("drainage", "show", "--la") == ["plain,--lang"]
    assert offered("drainage", "show", "a", "--lang", "zh", "--write") == ["plain,--write-mapping"]
    assert "complete -o" in said("--show-completion", "bash")


def test_a_file_that_does_not_exist_is_told_with_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("pipes.geojson", "gauge.csv", "city.toml"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    for line, near in (
        (["show", "pipe.geojson"], "pipes.geojson"),
        (["waterlogging", "pipes.geojson", "--rain", "gage.csv"], "gauge.csv"),
        (["show", "pipes.geojson", "--columns", "citty.toml"], "city.toml"),
        (["storm", "citi.toml"], "city.toml"),
        (["storm", "shanghia"], "shanghai"),
        (["mixed-flow", "pipes.geojson", "guage.csv"], "gauge.csv"),
        (["apply", "pipes.geojson", "--with", "pipe.geojson"], "pipes.geojson"),
    ):
        answer = CliRunner().invoke(app, line)
        assert answer.exit_code == 1
        assert f"(did you mean {near}?)" in answer.stderr, line


def test_a_scheduler_without_its_extra_is_refused_before_anything_is_written(
    street: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drainage.cli.pieces.in_partitions.find_spec", lambda _: None)
    line = ["analyze", street, "-o", str(tmp_path / "out"), "--partitions", "2", "--scheduler", "tcp://127.0.0.1:1"]
    answer = CliRunner().invoke(app, line)
    assert (answer.exit_code, "drainage[dask]" in answer.stderr) == (1, True)
    assert [one.name for one in tmp_path.iterdir()] == ["p.geojson"]


def test_a_folder_is_not_the_nearest_of_a_file_that_does_not_exist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gauge").mkdir()
    (tmp_path / "a.geojson").write_text("{}", encoding="utf-8")
    assert "did you mean" not in CliRunner().invoke(app, ["waterlogging", "a.geojson", "--rain", "gauge.csv"]).stderr


@pytest.fixture
def street(tmp_path: Path) -> str:
    net = build(["a>b storm 300"], invert_from_m=[9.0], invert_to_m=[8.0], depth_from_m=[2.0], depth_to_m=[2.0])
    return str(save(net, tmp_path / "p.geojson"))


@pytest.mark.parametrize(("words", "remedy"), [
    (["show", "--join-within-m", "-3"], "--join-within-m = -3.0: expected a number of 0 or more"),
    (["show", "--join-within-m", "nan"], "--join-within-m = nan: expected a number of 0 or more"),
    (["waterlogging", "--storm-formula", "demo", "--match-distance-m", "-1"], "--match-distance-m = -1.0: expected"),
    (["waterlogging", "--storm-formula", "demo", "--least-depth-m", "-1"], "--least-depth-m = -1.0: expected"),
    (["waterlogging", "--storm-formula", "demo", "--large-area-m2", "-1"], "--large-area-m2 = -1.0: expected"),
    (["waterlogging", "--storm-formula", "demo", "--road-width-m", "0"], "--road-width-m = 0.0: expected a positive"),
    (["repair", "--tolerance", "0.1", "--rules", "snapp"], "--rules: snapp is not known (did you mean snap?)"),
    (["waterlogging", "--storm-formula", "demo", "-o", "x.csv", "--table", "pointz"], "(did you mean points?)"),
])  # fmt: skip
def test_what_cannot_be_meant_is_refused_by_its_option(street: str, words: list[str], remedy: str) -> None:
    answer = CliRunner().invoke(app, [words[0], street, *words[1:]])
    assert answer.exit_code == 1
    assert remedy in answer.stderr


def test_a_model_into_which_no_water_runs_is_told_how_to_get_a_storm(street: str, tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["export", street, str(tmp_path / "m.inp")])
    assert "--storm-formula" in answer.stderr


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_what_the_system_refuses_is_told_in_words(street: str, tmp_path: Path, lang: Language) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    line = ["--lang", lang, "quality", street, "-o", str(tmp_path / "file" / "x.xlsx")]
    answer = CliRunner().invoke(app, line)
    assert answer.exit_code == 1
    assert str(tmp_path / "file" / "x.xlsx") in answer.stderr
    assert "Error" not in answer.stderr
    assert {"zh": "请另取位置", "en": "choose another place"}[lang] in answer.stderr


def test_the_ponded_area_may_be_said_either_way(tmp_path: Path) -> None:
    source = str(
        save(
            build(["a>b storm 300"], invert_from_m=[9.0], invert_to_m=[8.0], depth_from_m=[2.0]), tmp_path / "p.geojson"
        )
    )
    for k, option in enumerate((["--ponded-area", "7"], ["--engine-option", "ponded_area_m2=7"])):
        target = tmp_path / f"{k}.inp"
        answer = CliRunner().invoke(app, ["export", source, str(target), "--storm-formula", "demo", *option])
        assert answer.exit_code == 0, answer.output
        assert "ALLOW_PONDING        YES" in target.read_text(encoding="utf-8")
