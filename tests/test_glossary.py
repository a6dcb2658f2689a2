"""The glossary is whole in both languages, and names only what there is: commands, columns, rules, clauses, terms."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

import drainage as dr
from drainage import words
from drainage.cli import app
from drainage.glossary.entries import find_terms, glossary, terms_of
from drainage.said import Language

ROOT = Path(dr.__file__).parents[1]
CHINESE = re.compile("[㐀-䶿一-鿿]")
CLAUSE = re.compile(
    r"(?P<standard>(?:GB|GB/T|CJJ|T/CECS|DB4201/T) \d+(?:-\d{4})?)(?:, (?P<first>[\d.]+)(?:–(?P<last>[\d.]+))?)?"
)
FIELDS = ["en", "zh", "also_en", "also_zh", "says", "clause", "verified", "seen_in", "related"]
WRITTEN = tomllib.loads((ROOT / "drainage" / "glossary.toml").read_text(encoding="utf-8"))["terms"]
TERMS = glossary()


def said(*line: str, lang: Language = "en") -> str:
    answer = CliRunner().invoke(app, ["terms", *line, "--lang", lang], env={"COLUMNS": "200"})
    assert answer.exit_code == 0, answer.output
    return answer.stdout


@cache
def cited() -> list[str]:
    """Every line of the documents and of the package in which a standard is named, but for the glossary itself."""
    files = [*(ROOT / "docs").glob("*.md"), *(ROOT / "drainage").rglob("*.py"), *(ROOT / "drainage").rglob("*.toml")]
    texts = (path.read_text(encoding="utf-8") for path in files if path.name != "glossary.toml")
    return [line for text in texts for line in text.splitlines() if re.search(r"GB|CJJ|CECS|DB4201", line)]


def test_it_is_sorted_and_every_term_is_whole_in_both_languages() -> None:
    assert len(WRITTEN) >= 80
    assert list(WRITTEN) == sorted(WRITTEN)
    for key, row in WRITTEN.items():
        assert list(row) == [name for name in FIELDS if name in row], key
        assert {"en", "zh", "says", "related"} <= row.keys(), key
        assert list(row["says"]) == ["en", "zh"], key
        english = [row["en"], row["says"]["en"], *row.get("also_en", [])]
        chinese = [row["zh"], row["says"]["zh"]]
        assert not [text for text in english if CHINESE.search(text)], key
        assert all(map(CHINESE.search, chinese)), key
        assert row["related"] == sorted(row["related"]), key


def test_no_definition_is_long() -> None:
    """60 words of English; two signs of Chinese count as a word."""
    for key, term in TERMS.items():
        assert 5 <= len(term.says.split()) <= 60, key
        assert len(term.says.chinese) <= 120, key
        assert term.says.endswith("."), key
        assert term.says.chinese.endswith("。"), key


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_a_name_means_one_term(lang: Language) -> None:
    names = Counter(name.casefold() for term in TERMS.values() for name in term.named(lang))
    assert [name for name, count in names.items() if count > 1] == []


def test_what_a_term_names_exists() -> None:
    commands, rules = set(app.list_commands(None)), words._table("rules")
    for key, term in TERMS.items():
        assert set(term.commands) <= commands, key
        columns = [one for one in term.seen_in if not one.startswith("drainage ")]
        assert [one for one in columns if not words.has_word(one) and one not in rules] == [], key
        assert set(term.related) <= TERMS.keys() - {key}, key


@pytest.mark.parametrize("key", [key for key, row in WRITTEN.items() if "clause" in row or "verified" in row])
def test_a_clause_is_one_that_the_documents_name(key: str) -> None:
    row = WRITTEN[key]
    assert isinstance(row["verified"], bool)
    found = CLAUSE.fullmatch(row["clause"])
    assert found is not None
    lines = [line for line in cited() if found["standard"].partition("-")[0] in line]
    assert lines
    for number in filter(None, (found["first"], found["last"])):
        assert any(re.search(rf"(?<![\d.]){re.escape(number)}(?![\d])", line) for line in lines), number


class TestFinding:
    @pytest.mark.parametrize(("word", "key"), [
        ("易积水点", "waterlogging"), ("易涝点", "waterlogging"), ("Flooding Point", "waterlogging"),
        ("interception_ratio", "interception_ratio"), ("DN", "diameter"), ("中水", "reclaimed_water"),
        ("misconn", "misconnection"), ("manning_n", "manning"), ("adverse_slope", "adverse_fall"),
        ("drainage pay", "pay_for_performance"),
    ])  # fmt: skip
    def test_by_whatever_it_is_called(self, word: str, key: str) -> None:
        assert dr.glossary.explain(word).key == key

    def test_what_several_have_in_their_names_is_all_of_them_the_shortest_first(self) -> None:
        assert [one.key for one in find_terms("分流")] == [
            "separate_system", "separation", "coverage", "effective_coverage",
        ]  # fmt: skip

    def test_what_there_is_not_is_refused_with_the_nearest(self) -> None:
        for word, near in (("截刘井", "did you mean 截流井?"), ("outfal l", "did you mean outfall?")):
            with pytest.raises(dr.errors.FormatError, match=re.escape(near)):
                dr.glossary.explain(word)
        with pytest.raises(dr.errors.FormatError, match="no such term; drainage terms"):
            dr.glossary.explain("xyzzy")
        with pytest.raises(dr.errors.FormatError):
            dr.glossary.explain("  ")

    def test_a_table_has_a_row_each(self) -> None:
        table = dr.glossary.terms()
        assert list(table.index) == list(TERMS)
        assert table.index.name == "term"
        assert table.notna().all(axis=None)


class TestCommand:
    def test_explains_a_word_and_where_it_is_met(self) -> None:
        text = said("silt")
        assert text.splitlines()[0] == "silt (silt)"
        for part in (
            "in Chinese: 淤积",
            "also called: sediment",
            "commands: drainage cleaning",
            "silt_share (silt by height)",
        ):
            assert part in text
        assert "条文：CJJ 181-2012（凭记忆，未核实）" in said("CCTV 检测", lang="zh")

    def test_lists_all_or_what_too_many_have_in_their_names(self) -> None:
        assert all(term.name.chinese in said() for term in TERMS.values())
        some = said("水", lang="zh")
        assert "检查井" not in some
        assert "淤积" not in some
        assert "再生水" in some

    def test_speaks_one_language_but_for_the_name_in_the_other(self) -> None:
        for key in TERMS:
            english = [line for line in said(key).splitlines() if not line.startswith("in Chinese")]
            assert [line for line in english if CHINESE.search(line)] == []

    def test_answers_programs_in_both(self) -> None:
        assert [one["key"] for one in json.loads(said("--json"))["terms"]] == list(TERMS)
        (found,) = json.loads(said("outfall", "--json"))["terms"]
        assert (found["zh"], found["says"]["zh"]) == (TERMS["outfall"].name.chinese, TERMS["outfall"].says.chinese)
        assert {key: value for key, value in found.items() if key in WRITTEN["outfall"]} == WRITTEN["outfall"]

    def test_a_slip_ends_with_1(self) -> None:
        answer = CliRunner().invoke(app, ["terms", "xyzzy"])
        assert (answer.exit_code, answer.stdout, answer.stderr.count("\n")) == (1, "", 1)


class TestHelp:
    @pytest.mark.parametrize("command", ["", *app.list_commands(None)])
    @pytest.mark.parametrize("lang", words.LANGUAGES)
    def test_ends_with_a_line_that_leads_here(self, command: str, lang: Language) -> None:
        line = [*filter(None, [command]), "--help", "--lang", lang]
        last = CliRunner().invoke(app, line, env={"COLUMNS": "110"}).stdout.splitlines()[-1]
        assert "drainage terms" in last
        if (used := terms_of(command)) and command:
            asked = last.partition("drainage terms ")[2]
            assert find_terms(asked) == used[:1]

    def test_names_the_term_of_the_command_first(self) -> None:
        assert terms_of("mixed-flow")[0].key == "mixed_flow"
        assert terms_of("") == []
