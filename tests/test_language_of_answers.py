"""What goes out is in one language: every question's lines in Chinese hold no English prose, and in English no Chinese."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

import drainage as dr
from drainage import words
from drainage.cli.printing import end, print_answer

PACKAGE = Path(words.__file__).parent
CHINESE = re.compile("[㐀-䶿一-鿿]")
#: Three English words or more one after the other; names of things that are written so in Chinese too are no prose.
PROSE = re.compile(r"(?:\b[A-Za-z]{2,}\b[ ,;:()'-]+){2,}\b[A-Za-z]{2,}\b")
NAMES = re.compile(r"EPA SWMM|GB \d+-\d+|T/CECS|CJJ|HEC-22|EPSG:\d+|L/\(s·hm²\)|\bS\S*\.(?:inp|geojson)")


def printed(result: dr.Result, capsys: pytest.CaptureFixture[str]) -> list[str]:
    with pytest.raises(typer.Exit):
        print_answer(result, None, None, as_json=False, force=False)
        end(result, as_json=False)
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
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("DRAINAGE_LANG", "zh")
    chinese = printed(every_answer[question], capsys)
    monkeypatch.setenv("DRAINAGE_LANG", "en")
    english = printed(every_answer[question], capsys)
    assert len(chinese) == len(english) > 1
    assert [line for line in chinese if PROSE.search(NAMES.sub("", line))] == []
    assert [line for line in english if CHINESE.search(line)] == []
