"""The terms of a page: those that it uses and no others, told at pointer, focus and finger, and in a box."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import drainage as dr
from drainage import words
from drainage.glossary.entries import glossary
from drainage.said import Language
from tests.maps.test_maps import point_layer, render
from tests.maps.test_page_questions import of_result

TIP = "(() => { const tip = document.querySelector('#dr-term'); return tip.hidden ? '' : tip.textContent; })()"
BOX = "document.querySelector('[role=dialog][aria-modal]')"
MOST_BYTES = 12_000


def names(data: dict[str, Any]) -> list[str]:
    return [name for name, *_ in data["terms"]["list"]]


class TestWhichTravel:
    @pytest.mark.parametrize("lang", words.LANGUAGES)
    def test_only_those_that_the_page_uses_each_once(self, every_answer: dict[str, dr.Result], lang: Language) -> None:
        for name in ("waterlogging", "mixed_flow", "separation", "quality", "relief"):
            told = of_result(every_answer[name], lang)["terms"]
            places = [place for kind in ("questions", "labels", "columns") for place in told[kind].values()]
            assert sorted(set(places)) == list(range(len(told["list"]))), name
            assert len({one[0] for one in told["list"]}) == len(told["list"])
            assert len(json.dumps(told, ensure_ascii=False).encode()) < MOST_BYTES

    def test_a_question_a_key_and_a_column_find_theirs(self, every_answer: dict[str, dr.Result]) -> None:
        data = of_result(every_answer["separation"], "en")
        told, term = data["terms"], glossary()["separation"]
        name, other, says, clause = told["list"][told["questions"]["separation"]]
        assert (name, other) == (str(term.name), term.name.chinese)
        assert (says, clause) == (str(term.says), f"clause: {term.clause}")
        assert names(data)[told["columns"]["effective_pct"]] == "effective coverage"

    def test_a_column_that_several_terms_name_is_explained_by_none(self, every_answer: dict[str, dr.Result]) -> None:
        assert sum("system" in term.seen_in for term in glossary().values()) > 1
        assert "system" not in of_result(every_answer["mixed_flow"], "en")["terms"]["columns"]

    def test_a_page_of_points_alone_has_theirs_alone(self) -> None:
        found = re.search(r'"terms":(\{"list".*?\}\})', render(point_layer()))
        assert found is not None
        assert [name for name, *_ in json.loads(found[1])["list"]] == [str(glossary()["waterlogging"].name)]


@pytest.mark.long
class TestInTheBrowser:
    def test_the_pointer_and_the_focus_show_what_a_tab_means(self, desk: Any, page_of_report: str) -> None:  # noqa: ANN401
        page = desk(page_of_report)
        assert page.run(TIP) == ""
        page.run("document.querySelector('[data-question=mixed_flow]').focus()")
        assert page.run(TIP).startswith(str(glossary()["mixed_flow"].name))
        assert page.run("document.activeElement.getAttribute('aria-describedby')") == "dr-term"
        page.press("Escape", 27)
        assert page.run(TIP) == ""
        assert page.run("document.activeElement.dataset.question") == "mixed_flow"
        page.run("document.activeElement.blur()")
        over = "new PointerEvent('pointerover', {bubbles: true})"
        page.run(f"document.querySelector('[data-question=separation]').dispatchEvent({over})")
        assert page.run(TIP).startswith(str(glossary()["separation"].name))
        page.run(f"document.querySelector('#dr-term').dispatchEvent({over})")  # it can be read with the pointer on it
        assert page.run(TIP)
        page.run(f"document.querySelector('#dr-map').dispatchEvent({over})")
        assert page.run(TIP) == ""

    @pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844), (320, 640)])
    def test_a_word_of_the_panel_is_told_by_a_tap_and_stands_within_the_page(
        self,
        desk: Any,  # noqa: ANN401
        page_of_report: str,
        width: int,
        height: int,
    ) -> None:
        page = desk(page_of_report, width=width, height=height)
        page.run("document.querySelector('.dr-row').click()")
        page.run("document.querySelector('#dr-panel .dr-term-word').scrollIntoView({block: 'center'})")
        page.run("new Promise((done) => setTimeout(done, 250))")
        page.click("#dr-panel .dr-term-word")
        assert page.run(TIP)
        left, top, right, bottom = page.run(
            "(({left, top, right, bottom}) => [left, top, right, bottom])"
            "(document.querySelector('#dr-term').getBoundingClientRect())"
        )
        assert left >= 0
        assert top >= 0
        assert right <= width
        assert bottom <= height
        page.press("Escape", 27)
        assert page.run(TIP) == ""
        assert not page.run("document.querySelector('#dr-panel').hidden")

    def test_a_box_lists_them_all_and_gives_the_focus_back(self, desk: Any, page_of_report: str) -> None:  # noqa: ANN401
        page = desk(page_of_report)
        page.click("[data-at=terms]")
        text = page.run(f"{BOX}.textContent")
        for key in ("mixed_flow", "separation", "waterlogging"):
            assert str(glossary()[key].says) in text
        page.press("Escape", 27)
        assert page.run("document.activeElement.dataset.at") == "terms"
