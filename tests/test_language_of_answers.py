"""What goes out is in one language: in Chinese no line is English prose, in English none holds Chinese."""

from __future__ import annotations

import copy
import pickle
import re
import string
import tomllib
from pathlib import Path

import pytest
import typer

import drainage as dr
from drainage import words
from drainage.cli import main
from drainage.cli.printing import Output
from drainage.words import Said, in_both, in_language, joined
from drainage.workbooks.figures import figures

PACKAGE = Path(words.__file__).parent
CHINESE = re.compile("[㐀-䶿一-鿿]")
#: Three English words or more one after the other; names of things that are written so in Chinese too are no prose.
PROSE = re.compile(r"(?:\b[A-Za-z]{2,}\b[ ,;:()'-]+){2,}\b[A-Za-z]{2,}\b")
NAMES = re.compile(r"EPA SWMM|GB \d+-\d+|T/CECS|CJJ|HEC-22|YYYY-MM-DD|EPSG:\d+|L/\(s·hm²\)|\bS\S*\.(?:inp|geojson)")


def printed(result: dr.Result, capsys: pytest.CaptureFixture[str]) -> list[str]:
    Output().print(result)
    with pytest.raises(typer.Exit):
        Output().end(result)
    told = capsys.readouterr()
    return (told.out + told.err).splitlines()


QUESTIONS = (
    "mixed_flow", "separation", "waterlogging", "quality", "score", "changes", "comparison", "sources", "inspection",
    "closures", "cleaning", "infiltration", "mixing", "ponding", "low_points", "relief", "engine", "ensemble",
)  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_printed_in_the_language_asked_for(
    question: str,
    every_answer: dict[str, dr.Result],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "400")  # no cell is broken
    monkeypatch.setenv("DRAINAGE_LANG", "zh")
    chinese = printed(every_answer[question], capsys)
    monkeypatch.setenv("DRAINAGE_LANG", "en")
    english = printed(every_answer[question], capsys)
    assert [line for line in chinese if PROSE.search(NAMES.sub("", line))] == []
    assert [line for line in english if CHINESE.search(line)] == []


def spoken_of(result: dr.Result, lang: words.Language) -> list[str]:
    """Every text of the summary as JSON has it, however deep."""
    facts = in_language({**result.summary, "not_known": result.not_known}, lang)
    assert isinstance(facts, dict)
    return [text for text in figures(facts).values() if isinstance(text, str)]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_summary_is_in_one_language(question: str, every_answer: dict[str, dr.Result]) -> None:
    result = every_answer[question]
    assert [text for text in spoken_of(result, "zh") if PROSE.search(NAMES.sub("", text))] == []
    assert [text for text in spoken_of(result, "en") if CHINESE.search(text)] == []


def test_provenance_tells_assumptions_and_method_in_the_language_asked_for(
    every_answer: dict[str, dr.Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    papers = every_answer["waterlogging"].provenance
    monkeypatch.setenv("DRAINAGE_LANG", "zh")
    found = papers.as_dict()
    assert str(found["method"]).startswith("推理公式")
    assert isinstance(found["assumptions"], dict)
    assert found["assumptions"]["inlet_time_min"] == "10（t1，GB 50014-2021 4.1.11：5～15 min）"
    assert papers.as_dict("en")["method"] == "rational method, Manning and the grade line from the outfall up"


def test_what_is_said_in_both_outlives_copies_other_processes_and_merging() -> None:
    said = in_both("level_recorded", count=2)
    sent = pickle.loads(pickle.dumps(said))  # noqa: S301 - our own
    for again in (copy.copy(said), copy.deepcopy([said])[0], sent, ({"a": "b"} | {"a": said})["a"]):
        assert isinstance(again, Said)
        assert (again, again.chinese) == ("recorded at 2 nodes", "2 个节点有记录")
    both = joined([said, "as given"])
    assert (both, both.chinese) == ("recorded at 2 nodes; as given", "2 个节点有记录；as given")
    assert in_both("level_as_given", levels=both).chinese == "2 个节点有记录；as given，按给定值（计为有记录）"


def test_text_of_users_and_of_older_reports_passes_through() -> None:
    plain = {"assumptions": {"storm": "observed rain: 雨量.csv"}, "depth_m": 0.2, "ids": ["P1"]}
    assert in_language(plain, "zh") == in_language(plain, "en") == plain


def sentences() -> dict[str, list[str]]:
    found: dict[str, list[str]] = tomllib.loads((PACKAGE / "words.toml").read_text(encoding="utf-8"))["says"]
    return found


def test_both_twins_of_a_sentence_say_the_same_values_and_each_its_own_language() -> None:
    for key, (chinese, english) in sentences().items():
        fields = [
            sorted((name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name is not None)
            for text in (chinese, english)
        ]
        assert fields[0] == fields[1], key
        assert not CHINESE.search(english), key
        assert not PROSE.search(NAMES.sub("", chinese)), key
        bare = re.sub(r"\{.*?\}", "", english)
        assert CHINESE.search(chinese) or not re.search("[a-z]{4}", bare), key


def test_every_sentence_is_said_somewhere() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    made = ("area_", "no_such_", "_not_used", "_written_otherwise", "taken_as_", "_in_two_registers", "_of_plain_id")
    unused = [key for key in sentences() if f'"{key}"' not in source and f"'{key}'" not in source]
    assert [key for key in unused if not key.startswith(made) and not key.endswith(made)] == []


def test_a_language_that_is_none_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DRAINAGE_LANG", "fr")
    monkeypatch.setattr("sys.argv", ["drainage", "storm", "--storm-formula", "demo"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    assert capsys.readouterr().err.splitlines() == [
        "drainage: DRAINAGE_LANG 'fr': no such language; expected zh (中文) or en (English)"
    ]
