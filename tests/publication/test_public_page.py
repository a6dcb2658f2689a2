"""The file of the public page: its policy, what it says before its program runs, its words, its size."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from drainage import words
from drainage.publication.public_page import public_page_html
from tests.support.public_contents import HOSTILE, demo_contents, hostile, large_town, one_rain, small_town

SOURCES = Path(__file__).parents[2] / "web" / "public_page"
FRAME = Path(words.__file__).parent / "publication" / "page" / "page.html"
MOST_BYTES = 60_000


@dataclass
class Element:
    """A tag of a page, its attributes and the text right in it."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""


class Elements(HTMLParser):
    """The elements of a page in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.all: list[Element] = []
        self.open: list[Element] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.all.append(Element(tag, dict(attrs)))
        self.open.append(self.all[-1])

    def handle_endtag(self, tag: str) -> None:
        """Leave an element, and those within it that nobody closes."""
        while self.open and self.open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Keep the text of an element."""
        if self.open:
            self.open[-1].text += data

    def of(self, tag: str, **attributes: str) -> list[Element]:
        """Return the elements of that tag and of these attributes."""
        return [one for one in self.all if one.tag == tag and attributes.items() <= one.attributes.items()]

    def block(self, name: str) -> Any:  # noqa: ANN401 - whatever the block holds
        """Return the data of a block."""
        (found,) = self.of("script", id=name)
        return json.loads(found.text)

    def said(self) -> str:
        """Return all text that a reader without a program can see."""
        return " ".join(one.text for one in self.all if one.tag not in {"script", "style"} and one.text.strip())


def page(contents: dict[str, Any] | None = None, /, **changes: object) -> Elements:
    """Return the elements of a page, by default the demonstration's."""
    return Elements(public_page_html((contents or demo_contents()) | changes))


class TestFile:
    def test_equal_contents_give_equal_bytes(self) -> None:
        assert public_page_html(demo_contents()) == public_page_html(demo_contents())

    def test_the_policy_lets_run_what_the_page_holds_and_nothing_else(self) -> None:
        elements = page()
        (policy,) = elements.of("meta", **{"http-equiv": "Content-Security-Policy"})
        said = str(policy.attributes["content"])
        rules = {rule.split()[0]: rule.split()[1:] for rule in said.split("; ")}
        programs = [one for one in elements.of("script") if one.attributes.get("type") != "application/json"]
        assert len(programs) == 2
        assert rules["script-src"] == [digest(one.text) for one in programs]
        assert rules["style-src"] == [digest(one.text) for one in elements.of("style")]
        assert (rules["default-src"], rules["connect-src"]) == (["'none'"], ["'self'"])
        assert "unsafe" not in said
        assert "http" not in said
        assert not [
            one for one in elements.all if any(name.startswith("on") or name == "style" for name in one.attributes)
        ]

    def test_no_address_is_asked(self) -> None:
        html = public_page_html(demo_contents(url="")).replace("http://www.w3.org/2000/svg", "")
        assert not re.findall(r"https?://[^\s'\"<]+", html)

    def test_it_says_by_what_it_was_made(self) -> None:
        assert page().of("meta", name="generator", content="drainage public page")

    def test_the_demonstration_is_small(self) -> None:
        assert len(gzip.compress(public_page_html(demo_contents()).encode(), 9)) <= MOST_BYTES

    def test_what_the_program_does_not_read_stays_out(self) -> None:
        html = public_page_html(demo_contents(engine={"name": "ENGINE-TOLD"}, more="MORE-TOLD"))
        assert "TOLD" not in html

    def test_the_style_is_one_that_safari_14_and_chrome_87_know(self) -> None:
        style = "".join(one.text for one in page().of("style"))
        unknown = (
            r"(?<![-\w])gap:|:has\(|:is\(|\binset:|aspect-ratio|\ddvh|@layer|@container|color-mix"  # gap in flex rows
        )
        assert not re.findall(unknown, style)

    def test_a_browser_without_focus_visible_shows_the_focus(self) -> None:
        rules = re.findall(r"([^{}]+)\{([^{}]*)\}", "".join(one.text for one in page().of("style")))
        hiding = [names for names, look in rules if "focus-visible" in names]
        assert hiding
        assert all("," not in names for names in hiding)  # it leaves out the whole rule, and nothing else with it
        assert any(names == ":focus" and "outline:3px" in look for names, look in rules)

    @pytest.mark.parametrize("contents", [demo_contents(), one_rain(), small_town(), large_town(5)])
    def test_data_come_back_as_they_were(self, contents: dict[str, Any]) -> None:
        found = page(contents).block("data")
        assert found["rains"] == contents["rains"]
        assert found["roads"] == contents["roads"]
        assert found["st"] == [road for road, *_ in contents["st"]]

    @pytest.mark.parametrize(
        "changes",
        [{"st": [[0, 0, 1], [1, 2, 3]]}, {"st": [[0, 0, 1], [1, 0, 1]]}],
        ids=["two crossings at one point", "one crossing at two points"],
    )
    def test_crossings_that_the_lines_do_not_tell_are_written(self, changes: dict[str, Any]) -> None:
        assert page(small_town(**changes)).block("data")["st"] == changes["st"]


def digest(text: str) -> str:
    """Return how a policy names a script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


class TestBeforeTheProgram:
    def test_the_answer_and_the_flooded_roads_can_be_read(self) -> None:
        elements = page()
        (title,) = [one.text for one in elements.of("h2")]
        assert title == "15 段路可能积水"
        names = [one.text for one in elements.of("bdi")]
        assert names[:3] == ["新华路", "解放西路", "凤山路"]
        depths = [int(one.text) for one in elements.all if (one.attributes.get("class") or "").startswith("dot ")]
        assert depths == sorted(depths, reverse=True)
        assert depths[0] == 45

    def test_the_rain_stands_as_the_program_will_show_it(self) -> None:
        grades = [one.attributes["value"] for one in page().of("input", name="grade")]
        assert grades == list("012345")
        assert [one.attributes["value"] for one in page().of("input", name="grade") if "checked" in one.attributes] == [
            "3"
        ]
        assert "2 小时 67 毫米" in " ".join(page().said().split())

    def test_one_rain_leaves_nothing_to_choose(self) -> None:
        elements = page(one_rain())
        assert not elements.of("input", type="radio")
        assert elements.of("fieldset", id="rain")[0].attributes["class"] == "alone"

    def test_what_was_solved_has_a_tab_where_a_day_before_is_known(self) -> None:
        assert [one.attributes["data-view"] for one in page().of("a") if "data-view" in one.attributes] == [
            "home",
            "solved",
            "report",
            "call",
        ]
        assert not page(one_rain()).of("a", **{"data-view": "solved"})

    @pytest.mark.parametrize(("synthetic", "said"), [(True, "合成数据，非真实情况"), (False, "不是实时水情或预报")])
    def test_the_notice_is_always_there(self, *, synthetic: bool, said: str) -> None:
        text = page(synthetic=synthetic).said()
        assert said in text
        assert ("合成" in text) == synthetic

    def test_a_town_has_its_name_in_the_title_and_one_without_has_none(self) -> None:
        assert page().of("title")[0].text.startswith("灵璧积水地图")
        assert page(city={"zh": "", "en": ""}).of("title")[0].text.startswith("积水地图")

    def test_the_code_of_the_address_is_drawn_where_one_is_known(self) -> None:
        assert page().of("svg", **{"class": "code"})
        assert not page(url="").of("svg", **{"class": "code"})

    def test_nothing_flooded_is_said(self) -> None:
        contents = demo_contents()
        contents["rains"] = [rain | {"n": "", "t": "", "w": ""} for rain in contents["rains"]]
        contents["rains"] = [rain | {"o": 0} for rain in contents["rains"]]
        assert page(contents).of("h2")[0].text == "这样的雨，算不出积水"

    def test_two_metres_are_two_metres_and_more(self) -> None:
        contents = demo_contents()
        contents["rains"] = [rain | {"n": "n", "t": "n"} for rain in contents["rains"]]
        assert "200 厘米以上" in page(contents).said()

    @pytest.mark.parametrize(("judged", "elsewhere"), [(0.79, 0), (1, 3)])
    def test_a_town_that_is_computed_in_part_is_not_called_dry(self, judged: float, elsewhere: int) -> None:
        contents = demo_contents(judged=judged)
        contents["rains"] = [rain | {"n": "", "t": "", "o": elsewhere} for rain in contents["rains"]]
        assert page(contents).of("h2")[0].text == "算得出的路段不积水"


def test_hostile_texts_stay_texts() -> None:
    elements = page(hostile())
    assert len(elements.of("script")) == len(page().of("script"))
    assert not elements.of("img")
    assert {one.attributes.get("id") for one in elements.of("script")} == {
        one.attributes.get("id") for one in page().of("script")
    }
    assert elements.block("data")["roads"][0][0] == f"{HOSTILE[0]}0"
    assert elements.block("data")["tel"][1][0] == "<b>1</b>2"
    assert HOSTILE[0] in elements.of("title")[0].text


class TestWords:
    def test_each_that_the_program_says_is_known_and_each_that_is_known_is_said(self) -> None:
        known = {key for table in ("public_page", "public_page_later") for key in words.all_of(table)}
        texts = [file.read_text(encoding="utf-8") for file in (*SOURCES.rglob("*.js"), FRAME)]
        texts.append((FRAME.parents[1] / "first_view.py").read_text(encoding="utf-8"))
        asked = set(re.findall(r"""\b(?:say|sayWith|said)\(\s*["'](\w+)["']""", "\n".join(texts)))
        asked |= set(re.findall(r'data-(?:say|label)="(\w+)"', "\n".join(texts)))
        counted = set(re.findall(r"""\bcounted\(\s*["'](\w+)["']""", "\n".join(texts)))
        assert not sorted(asked - known)
        assert not sorted({f"{key}_{end}" for key in counted for end in ("one", "many")} - known)
        named = set(re.findall(r"[\"'`](\w+)[\"'`]", "\n".join(texts)))
        patterns = set(re.findall(r"`(\w+_)\$\{", "\n".join(texts)))
        patterns |= set(re.findall(r"f[\"'](\w+_)\{", "\n".join(texts)))

        keys = set(re.findall(r"(\w+):", "\n".join(texts)))

        def used(key: str) -> bool:
            stem = re.sub(r"_(one|many|bare)$", "", key)
            made = any(key.startswith(pattern) for pattern in patterns)
            return bool(made or key in named or stem in named or {key, stem} & keys)

        assert not sorted(key for key in known if not used(key))

    def test_english_texts_stand_in_the_order_of_the_chinese_ones(self) -> None:
        elements = page()
        keys = [*elements.block("words"), *elements.block("words-later")]
        english = dict(zip(keys, elements.block("words-english"), strict=True))
        assert english["nav_report"] == "Report"
        assert english["title"] == "{city} flooded streets"

    def test_both_languages_fill_in_the_same(self) -> None:
        tables = words.all_of("public_page") | words.all_of("public_page_later")
        braces = {
            key: [set(re.findall(r"\{\w+\}", text)) for text in (said, said.chinese)] for key, said in tables.items()
        }
        free = {"month", "age_months_one", "age_days_one", "crossing_at"}
        assert not [key for key, (english, chinese) in braces.items() if english != chinese and key not in free]
