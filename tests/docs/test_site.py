"""The site as it is built, without notebooks executed: it is whole, and its search finds what is looked up in it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drainage import words
from drainage.analyses.quality import RULES
from drainage.cli.program import THEMES
from drainage.said import Language
from drainage.schema.layers import EVIDENCE, LAYERS
from tests.support.browser import Browser, Page
from tests.support.pages import ROOT

pytestmark = pytest.mark.long
COMMANDS = [name for names in THEMES.values() for name in names]
COLUMNS = {name: column for layer in (*LAYERS.values(), *EVIDENCE.values()) for name, column in layer.columns.items()}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it: a warning, such as a link that leads nowhere, ends the build."""
    place = tmp_path_factory.mktemp("docs") / "site"
    command = [sys.executable, "scripts/site/build.py", "--text-only", "-o", str(place)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return place


@pytest.fixture(scope="module")
def found(site: Path) -> list[dict[str, str]]:
    """Return all that its search can find: address, title and text."""
    docs: list[dict[str, str]] = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))["docs"]
    return docs


@pytest.fixture(scope="module")
def texts(found: list[dict[str, str]]) -> dict[str, str]:
    """Return language → all that its search knows, without the marks between Chinese words."""
    told = {"en": "", "zh": ""}
    for one in found:
        lang = "zh" if one["location"].startswith("zh/") else "en"
        told[lang] += f"\n{one['title']}\n{one['text']}".replace("\u200b", "")
    return told


@pytest.fixture
def page(site: Path, chromium: Browser) -> Iterator[Page]:
    with chromium.open(site / "index.html") as shown:
        yield shown


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_the_search_knows_every_command_and_rule(texts: dict[str, str], lang: Language) -> None:
    told = texts[lang]
    assert [name for name in COMMANDS if f"drainage {name}" not in told] == []
    assert [rule.id for rule in RULES.values() if rule.id not in told] == []


def test_the_search_knows_every_column_by_its_name_and_in_both_languages(texts: dict[str, str]) -> None:
    """The data dictionary is one page, in both languages."""
    told = "".join(texts.values())
    assert [name for name, one in COLUMNS.items() if any(word not in told for word in (name, one.zh, one.en))] == []


@pytest.mark.parametrize(
    ("page", "times"),
    [("flooding/relief.html", 2), ("decisions/02-integer-graph.html", 1), ("project/changelog.html", 1)],
)
def test_the_search_finds_a_page_once_in_each_language_that_it_is_in(
    site: Path, found: list[dict[str, str]], page: str, times: int
) -> None:
    assert all((site / part / page).exists() for part in (".", "zh"))
    assert [one["location"].removeprefix("zh/") for one in found].count(page) == times


@pytest.mark.parametrize(
    "asked", ["separation", "adverse_slope", "invert_from_m", "混接", "截流井", "逆坡", "管底高程"]
)
def test_it_is_searched_from_a_folder_without_a_network(page: Page, asked: str) -> None:
    page.click("input.md-search__input")
    page.type(asked)
    page.wait("document.querySelectorAll('.md-search-result__item').length > 0")
    assert not [address for address in page.requests if address.startswith("http")]


def test_a_word_of_the_glossary_leads_there_from_other_pages(site: Path) -> None:
    for place, name in (("flooding/relief.html", "waterlogging point"), ("zh/flooding/relief.html", "积水点")):
        text = (site / place).read_text(encoding="utf-8")
        assert 'class="term"' in text
        assert "glossary.html#" in text, name
