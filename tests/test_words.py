"""Both languages are complete: every column, every code and every key of every question has a word in each."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Formatter
from typing import cast

import pandas as pd
import pytest

import drainage as dr
from drainage import errors, words
from drainage.inference.rules import RULES
from drainage.plans.relief.works import KINDS
from drainage.said import Said
from drainage.schema import NODE_COLUMNS, PIPE_COLUMNS
from drainage.schema.codes import WORDS
from drainage.simulation.screening.without import CAUSES
from drainage.workbooks.figures import figures

#: Columns whose texts are ids, names or sentences, or are explained by another column of the same row.
FREE = re.compile(
    r"(_id|^id_|_node|_pipe|^code|^rule|^node|^row|^error|^note|^unit|^limit|^clause|^reading|^text|^evidence|^feature_id"
    r"|^attribute|^column|^criterion|^before|^after|^change|^figure|^material|^area|^road|^scenario|^storm|^content"
    r"|^decided_by|^missing|^event|^name|^title|_from$|^en$|^indicator$|^item$|^object$|^scale$|^gauge$)"
)
CODE = re.compile(r"[a-z][a-z_ ]*")
ROOMS = Path(words.__file__).parent
WHOLE = tomllib.loads((ROOMS / "words.toml").read_text(encoding="utf-8"))
CHINESE = re.compile("[㐀-䶿一-鿿]")
#: Why Chinese may stand in Python → in which files; nothing in them is said to a reader.
NOT_SAID = {
    "words that are recognised in files": {
        "analyses/quality/attributes.py", "analyses/quality/hydraulics.py", "analyses/quality/topology.py",
        "analyses/quality/view.py", "formats/containers.py", "formats/field_data.py", "formats/geofile.py",
        "formats/rain/annual_maxima.py", "formats/rain/gauge.py", "formats/rain/gauge_times.py",
        "formats/rain/gauge_series.py", "formats/tables/headings.py",
        "formats/tables/survey.py", "formats/tables/wkt.py", "hydraulics/manning.py", "inference/findings.py",
        "inference/locate.py", "intake/features.py", "intake/matching/column_profiles.py",
        "intake/matching/content.py", "intake/matching/vocabulary.py", "plans/cleaning/condition.py",
        "schema/codes.py", "schema/columns.py", "schema/defects.py", "schema/text/by_words.py",
        "schema/text/cell_text.py", "schema/text/date_text.py", "schema/text/dates.py", "schema/text/decoding.py",
        "schema/text/default_days.py", "schema/text/size_text.py", "schema/text/values.py",
    },
    "how Chinese is told apart and joined": {"said.py"},
}  # fmt: skip
#: Clauses are cited as their standards number them: table 表1, indicator C污.
CITED = re.compile(r"(T/CECS|DB4201/T) \d")


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


def test_the_number_of_verdicts_of_every_rule_has_a_word() -> None:
    assert not [rule for rule in RULES if not words.has_word(f"verdicts_{rule}")]


def test_every_code_has_a_word(every_answer: dict[str, dr.Result]) -> None:
    unknown = {
        (str(column), value)
        for result in every_answer.values()
        for table in result.tables.values()
        for column in table.columns
        if not FREE.search(str(column)) and pd.api.types.infer_dtype(table[column], skipna=True) == "string"
        for value in table[column].dropna().unique()
        if not isinstance(value, Said) and CODE.fullmatch(value) and words.code(str(column), value, "zh") is None
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
        assert CHINESE.search(words.word(name, "zh")), name
        assert not CHINESE.search(words.word(name, "en")), name


def test_a_table_is_read_as_if_all_were() -> None:
    for name, table in WHOLE.items():
        assert {key: words._table(name)[key] for key in table} == table


def test_every_entry_has_its_twin() -> None:
    told = {name: texts for name, texts in WHOLE.items() if name not in {"keywords", "same_codes", "twins"}}
    entries = dict(_entries(told))
    assert {"map.more", "says.bounds", "help.commands.drainage"} <= set(entries)
    assert not [key for key, texts in entries.items() if len(texts) != 2 or not all(map(str.strip, texts))]


def test_every_kind_of_work_and_every_cause_has_its_sentence() -> None:
    keys = {f"work_{kind}" for kind in KINDS} | {f"remedied_{cause}" for cause in CAUSES}
    assert keys <= set(words._table("says"))


def test_no_text_stands_in_python() -> None:
    found = {place for place, text in _texts() if CHINESE.search(text) and not CITED.match(text)}
    assert found == set().union(*NOT_SAID.values())


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
            if _called(call) in kinds and any(map(_is_plain, call.args))
        ]
        assert not plain

    def test_and_all_else_that_is_said_finds_its_sentence_and_fills_it(self) -> None:
        says, keywords = words._table("says"), words._table("keywords")
        wrong = []
        for place, call in _calls():
            if _called(call) != "in_both":
                continue
            given, keys = {value.arg for value in call.keywords}, _keys(call.args[0])
            wanted = [_fields(said) for key in keys for said in says.get(key, [])]
            known = given | {f"{name}=" for name in keywords}
            odd = any(one - known for one in wanted) or (keys and given.difference(*wanted))
            if not set(keys) <= says.keys() or (odd and None not in given):
                wrong.append(f"{place}: {ast.unparse(call)}")
        assert not wrong

    def test_name_an_option_as_its_reader_gives_it(self) -> None:
        error = dr.errors.CrsError(words.in_both("layer_without_crs"))
        assert words.one_language(error.said, "zh") == "图层没有坐标系；请以 crs= 声明"
        assert str(error).endswith("declare it with crs=")
        with words.on_the_terminal():
            assert words.in_both("layer_without_crs").endswith("declare it with --crs")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _calls() -> Iterator[tuple[str, ast.Call]]:
    """Give every call in the package, with the name of its file."""
    for path in ROOMS.rglob("*.py"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call):
                yield path.relative_to(ROOMS).as_posix(), node


def _texts() -> Iterator[tuple[str, str]]:
    """Give every text in the package and the server that is no docstring, with the name of its file."""
    for root in (ROOMS, ROOMS.parent / "api"):
        for path in root.rglob("*.py"):
            tree = parsed(path)
            docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
                    yield path.relative_to(root).as_posix(), node.value


def _entries(table: Mapping[str, object], *above: str) -> Iterator[tuple[str, Sequence[str]]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _entries(value, *above, name)
        else:
            yield ".".join([*above, name]), cast("Sequence[str]", value)


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


def _keys(chosen: ast.expr) -> list[str]:
    """Return the keys between which a call chooses, where they are written there."""
    found = [chosen.body, chosen.orelse] if isinstance(chosen, ast.IfExp) else [chosen]
    return [str(one.value) for one in found if isinstance(one, ast.Constant)]


def _fields(sentence: str) -> set[str]:
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(sentence) if name}
