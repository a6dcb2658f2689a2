"""Both languages are complete: every column, every code and every key of every question has a word in each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pandas as pd
import pytest

import drainage as dr
from drainage import errors, words
from drainage.schema import NODE_COLUMNS, PIPE_COLUMNS
from drainage.schema.codes import WORDS
from drainage.simulation.screening.without import CAUSES
from drainage.workbooks.figures import figures

#: Columns whose texts are ids, names or sentences, or are explained by another column of the same row.
FREE = re.compile(
    r"(_id|_node|_pipe|^code|^rule|^node|^row|^error|^note|^unit|^limit|^clause|^reading|^text|^evidence|^feature_id"
    r"|^attribute|^column|^criterion|^before|^after|^change|^figure|^material|^area|^road|^scenario|^storm|^content"
    r"|^decided_by|^missing|^event|^name|^title|_from$|^en$)"
)
CODE = re.compile(r"[a-z][a-z_ ]*")
ROOMS = Path(words.__file__).parent
#: Rooms whose refusals are English alone.
ENGLISH = {
    "analyses", "cli", "hydraulics", "inference", "intake", "maps", "metres.py", "network.py", "plans", "repairs",
    "report", "result.py", "simulation", "words.py", "workbooks", "writing",
}  # fmt: skip


def test_every_column_of_every_table_has_a_word(every_answer: dict[str, dr.Result]) -> None:
    meters = set(every_answer["infiltration"].tables["meters"].index)
    named = {
        str(name)
        for result in every_answer.values()
        for table in result.tables.values()
        for name in (table.index.name, *table.columns)
        if name is not None and name not in meters and not isinstance(name, int)
    }
    named |= {*PIPE_COLUMNS, *NODE_COLUMNS, *dr.provenance.Provenance().as_dict()}
    assert not sorted(name for name in named if not words.has_word(name))


def test_every_key_of_every_summary_has_a_word(every_answer: dict[str, dr.Result]) -> None:
    def said(path: list[str]) -> bool:
        owner = path[-2] if len(path) > 1 else ""
        known = words.has_word(path[-1]) or words.code(owner, path[-1], "zh") is not None
        return known or re.fullmatch(r"[\d.]+|[ⅠⅡⅢⅣ]", path[-1]) is not None

    keys = {key for result in every_answer.values() for key in figures(result.summary.to_dict())}
    keys |= set(figures(every_answer["waterlogging"].provenance.as_dict()))
    split = {key: re.sub(r"\.0\.5$", ".5", key).split(".") for key in keys}
    assert not sorted(key for key, path in split.items() if not said(path))


def test_every_code_has_a_word(every_answer: dict[str, dr.Result]) -> None:
    unknown = {
        (str(column), value)
        for result in every_answer.values()
        for table in result.tables.values()
        for column in table.columns
        if not FREE.search(str(column)) and pd.api.types.infer_dtype(table[column], skipna=True) == "string"
        for value in table[column].dropna().unique()
        if CODE.fullmatch(value) and words.code(str(column), value, "zh") is None
    }
    assert not unknown
    assert not [
        (name, code) for name, listed in WORDS.items() for code in listed if words.code(name, code, "zh") is None
    ]
    assert not [cause for cause in CAUSES if words.code("cause", cause, "en") is None]


def test_every_question_and_table_has_a_title(every_answer: dict[str, dr.Result]) -> None:
    for result in every_answer.values():
        assert words.question(result.question, "zh") != result.question
        for name in result.tables:
            plain = name.removesuffix("_gone").removesuffix("_new")
            assert words.table(plain, "zh") != plain, name


def test_the_languages_are_told_apart() -> None:
    for name in words.all_names():
        assert re.search("[一-鿿]", words.word(name, "zh")), name
        assert not re.search("[一-鿿]", words.word(name, "en")), name


class TestLanguage:
    @pytest.mark.parametrize(
        ("variables", "expected"),
        [
            ({}, "en"),
            ({"LANG": "zh_CN.UTF-8"}, "zh"),
            ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
            ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_TW"}, "zh"),
            ({"LANG": "zh_CN.UTF-8", "DRAINAGE_LANG": "en"}, "en"),
            ({"DRAINAGE_LANG": "ZH"}, "zh"),
        ],
    )
    def test_is_that_of_the_reader(
        self, variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("DRAINAGE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert words.language() == expected
        assert words.language("zh") == "zh"

    def test_another_one_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(dr.errors.FormatError, match=r"lang 'fr': no such language; expected zh"):
            words.language("fr")
        monkeypatch.setenv("DRAINAGE_LANG", "de")
        with pytest.raises(dr.errors.FormatError, match="DRAINAGE_LANG 'de'"):
            words.language()


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("未发现 none found among 9 pipes", "未发现", "none found among 9 pipes"),
        ("多边形 P12 自交 polygon P12 crosses itself", "多边形 P12 自交", "polygon P12 crosses itself"),
        ("near 人民路", "near 人民路", "near 人民路"),
        ("人民路", "人民路", "人民路"),
    ],
)
def test_a_text_in_both_languages_is_halved_and_no_other(text: str, zh: str, en: str) -> None:
    assert (words.one_language(text, "zh"), words.one_language(text, "en")) == (zh, en)


class TestRefusals:
    def test_are_told_in_both_languages(self) -> None:
        kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
        plain = [
            f"{place}: {ast.unparse(call)}"
            for place, call in _calls()
            if place.partition("/")[0] not in ENGLISH and _called(call) in kinds and any(map(_is_plain, call.args))
        ]
        assert not plain

    def test_and_all_else_that_is_said_finds_its_sentence_and_fills_it(self) -> None:
        says, keywords = words._table()["says"], words._table()["keywords"]
        wrong = []
        for place, call in _calls():
            if _called(call) != "in_both" or not isinstance(call.args[0], ast.Constant):
                continue
            key, given = str(call.args[0].value), {value.arg for value in call.keywords}
            fields = [_fields(said) for said in says.get(key, [])]
            known = given | {f"{name}=" for name in keywords}
            if not fields or (None not in given and any(wanted - known or given - wanted for wanted in fields)):
                wrong.append(f"{place}: {key}")
        assert not wrong

    def test_name_an_option_as_its_reader_gives_it(self) -> None:
        error = dr.errors.CrsError(words.in_both("layer_without_crs"))
        assert words.one_language(error.said, "zh") == "图层没有坐标系；请以 crs= 声明"
        assert str(error).endswith("declare it with crs=")
        with words.on_the_terminal():
            assert words.in_both("layer_without_crs").endswith("declare it with --crs")


def _calls() -> Iterator[tuple[str, ast.Call]]:
    """Give every call in the package, with the name of its file."""
    for path in ROOMS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield path.relative_to(ROOMS).as_posix(), node


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_plain(text: ast.expr) -> bool:
    """Tell a text of one language: a literal, an f-string, or what is put together of them."""
    match text:
        case ast.Constant() | ast.JoinedStr():
            return True
        case ast.BinOp(left=left, right=right) | ast.IfExp(body=left, orelse=right):
            return _is_plain(left) or _is_plain(right)
        case ast.Call(func=ast.Name(id="str")):
            return True
        case ast.Call(func=ast.Attribute(value=value)):
            return _is_plain(value)
        case _:
            return False


def _fields(sentence: str) -> set[str]:
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(sentence) if name}
