"""The pages for people: one language, closed policy, no text from outside that becomes part of the page."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest
from starlette.testclient import TestClient

import drainage as dr
from drainage_api.main import create_app
from drainage_api.settings import Settings
from tests.api.standard.sites import site
from tests.support.api_reports import hand_made
from tests.support.asking import asking

PAGES = [
    "/",
    "/collections",
    "/collections/pipes",
    "/collections/pipes/items",
    "/collections/pipes/items/p3",
    "/collections/pipes/schema",
    "/collections/pipes/queryables",
    "/conformance",
    "/terms",
    "/api",
    "/collections/waterlogging",
    "/collections/waterlogging/items",
    "/collections/issue_points/items",
    "/login",
    "/nowhere",
    "/collections/pipes/items?limit=0",
]
CHINESE = re.compile("[一-鿿]")
#: What is Chinese on an English page: the other language, roads, and terms, each beside the English one.
NAMES = "|".join(["中文", "磬山路", "人民路", *sorted(dr.glossary.terms()["zh"], key=len, reverse=True)])


@pytest.fixture(scope="module")
def api() -> TestClient:
    return site("hand")


class Read(HTMLParser):
    """What stands in a page, and what its elements are."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._style = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._style = tag == "style"

    def handle_data(self, data: str) -> None:
        self.text += "" if self._style else data

    def handle_endtag(self, tag: str) -> None:
        self._style = self._style and tag != "style"


def page(api: TestClient, path: str, **headers: str) -> Read:
    answer = api.get(
        path, headers={"Accept": "text/html", **{key.replace("_", "-"): one for key, one in headers.items()}}
    )
    assert answer.headers["content-type"] == "text/html; charset=utf-8", answer.text[:200]
    return Read(answer.text)


class TestLanguage:
    @pytest.mark.parametrize("path", PAGES)
    def test_is_chinese_without_a_wish_and_english_for_who_wants_it(self, api: TestClient, path: str) -> None:
        chinese = page(api, path)
        assert ("html", {"lang": "zh-CN"}) in chinese.elements
        assert CHINESE.search(chinese.text)
        english = page(api, path, Accept_Language="en-GB,en;q=0.9,zh;q=0.1")
        assert ("html", {"lang": "en"}) in english.elements
        left = re.sub(NAMES, "", english.text)
        assert not CHINESE.search(left), CHINESE.findall(left)

    def test_an_address_may_name_it_and_links_keep_it(self, api: TestClient) -> None:
        read = page(api, "/?lang=en", Accept_Language="zh")
        assert ("html", {"lang": "en"}) in read.elements
        links = [href for tag, attrs in read.elements if tag == "a" and (href := attrs.get("href"))]
        assert all("lang=en" in href for href in links if "/collections" in href)


class TestClosed:
    @pytest.mark.parametrize("path", PAGES)
    def test_nothing_runs_and_nothing_is_fetched(self, api: TestClient, path: str) -> None:
        answer = api.get(path, headers={"Accept": "text/html"})
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "script-src" not in policy
        assert "unsafe" not in policy
        read = Read(answer.text)
        assert {tag for tag, _ in read.elements}.isdisjoint({"script", "iframe", "object", "embed", "img", "base"})
        assert all(not key.startswith("on") and key != "style" for _, attrs in read.elements for key in attrs)
        [style] = re.findall("<style>(.*?)</style>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy

    def test_no_text_of_the_data_or_the_address_becomes_an_element(self) -> None:
        evil = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7919*7 }}", "'&<>"]
        made = hand_made()
        names = dict(zip(("p1", "p2", "p3", "p4"), evil, strict=True))
        pipes = made.collections["pipes"].rename(index=names).assign(road=[*evil, *evil, *evil, "x"])
        other = asking(create_app(Settings(), report=replace(made, collections={**made.collections, "pipes": pipes})))
        plain = {tag for tag, _ in page(site("hand"), "/collections/pipes/items").elements} | {"p"}
        paths = ["/collections/pipes/items", *(f"/{one}" for one in evil)]
        paths += [f"/collections/pipes/items?filter=road%20%3D%20'{one}'&f=html" for one in evil]
        for path in paths:
            read = Read(other.get(path, headers={"Accept": "text/html"}).text)
            assert {tag for tag, _ in read.elements} <= plain
            assert "55433" not in read.text
        read = page(other, "/collections/pipes/items")
        assert all(one in read.text for one in evil)


class TestItems:
    def test_show_a_page_with_links_to_the_next_and_a_drawing_of_each(self, api: TestClient) -> None:
        read = page(api, "/collections/pipes/items?limit=5")
        links = {str(attrs["rel"]): str(attrs["href"]) for tag, attrs in read.elements if tag == "a" and "rel" in attrs}
        assert "f=html" in links["next"]
        assert sum(tag == "path" for tag, _ in read.elements) == 5
        assert "p4" in read.text
        assert "p5" not in read.text
        assert "p5" in page(api, links["next"]).text

    def test_cells_are_words_and_heads_have_units(self, api: TestClient) -> None:
        read = page(api, "/collections/pipes/items")
        assert "管径（mm）" in read.text
        assert "雨水" in read.text

    def test_an_empty_field_of_the_form_asks_for_nothing(self, api: TestClient) -> None:
        read = page(api, "/collections/pipes/items?filter=&sortby=&limit=25&f=html")
        assert "p12" in read.text
        assert "p0" not in page(api, "/collections/pipes/items?filter=system%3D'storm'&sortby=-pipe_id").text

    def test_an_error_is_a_page_with_what_is_wrong(self, api: TestClient) -> None:
        answer = api.get("/collections/pipes/items?filter=colour%3D1", headers={"Accept": "text/html"})
        assert answer.status_code == 400
        assert "colour" in answer.text

    def test_every_link_leads_somewhere(self, api: TestClient) -> None:
        for path in PAGES[:10]:
            for tag, attrs in page(api, path).elements:
                href = attrs.get("href") or ""
                if (
                    tag in {"a", "link"}
                    and href
                    and not href.startswith(("#", "data:"))
                    and not href.endswith("/report")
                ):
                    found = api.get(href if href.startswith(("http", "/")) else f"{path}{href}")
                    assert found.status_code == 200, (path, href)


def test_dates_and_missing_values_are_shown_plainly() -> None:
    made = hand_made()
    pipes = made.collections["pipes"]
    dated = pipes.assign(commissioned=pd.to_datetime(["2001-05-01", *["NaT"] * 12]))
    other = asking(create_app(Settings(), report=replace(made, collections={**made.collections, "pipes": dated})))
    read = page(other, "/collections/pipes/items")
    assert "2001-05-01" in read.text
    assert "NaT" not in read.text
    assert "None" not in read.text
    assert "nan" not in read.text


class TestReadable:
    def test_an_address_with_a_stroke_at_its_end_names_the_one_without(self, api: TestClient) -> None:
        assert "不带斜杠的地址为 /collections/pipes" in page(api, "/collections/pipes/").text

    def test_a_missing_parameter_is_named(self, api: TestClient) -> None:
        told = page(api, "/section?from=n0", Accept_Language="en").text
        assert "to: missing" in told
        assert "None" not in told

    def test_conditions_of_the_address_are_shown_and_can_be_left_out(self, api: TestClient) -> None:
        read = page(api, "/collections/pipes/items?road=磬山路&commissioned=&lang=en")
        assert "road: 磬山路" in read.text
        assert "commissioned: not known" in read.text
        links = [attrs.get("href") for tag, attrs in read.elements if tag == "a"]
        assert "?commissioned=&lang=en" in links

    def test_the_example_can_be_asked(self, api: TestClient) -> None:
        for name in ("pipes", "nodes", "misconnections", "waterlogging", "issue_points"):
            read = page(api, f"/collections/{name}/items")
            [example] = [
                attrs["placeholder"] for tag, attrs in read.elements if tag == "input" and "placeholder" in attrs
            ]
            assert api.get(f"/collections/{name}/items", params={"filter": str(example)}).status_code == 200, example

    def test_nodes_lead_to_their_features_and_along_the_pipes(self, api: TestClient) -> None:
        read = page(api, "/collections/pipes/items/p3")
        links = [str(attrs.get("href")) for tag, attrs in read.elements if tag == "a"]
        for end in ("/collections/nodes/items/n2", "/trace/n2?direction=upstream", "/trace/n3?direction=downstream"):
            assert any(link.endswith(end) for link in links), end
        assert api.get(next(link for link in links if "/trace/n2" in link)).status_code == 200

    def test_codes_are_those_of_the_collection_and_stand_once(self, api: TestClient) -> None:
        told = page(api, "/collections/pipes/schema", Accept_Language="en").text
        assert "storm; sewage" in told
        assert "Chicago" not in told

    def test_misconnections_are_told_from_other_findings(self, api: TestClient) -> None:
        assert "混接 1 处；另有 0 处" in page(api, "/collections/misconnections/items").text
