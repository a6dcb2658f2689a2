"""The public page as a citizen uses it, on a phone and on a desktop, in a real browser without a network."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from drainage.intake import read_sightings
from tests.publication.conftest import READY, Visit
from tests.support.browser import Page
from tests.support.public_contents import demo_contents, hostile, large_town, one_rain, small_town

pytestmark = pytest.mark.long

ENTER, ESCAPE, DOWN, RIGHT = ("Enter", 13), ("Escape", 27), ("ArrowDown", 40), ("ArrowRight", 39)
VIEWS = (
    "",
    "s=fengshanlu-3",
    "s=fengshanlu-1",
    "o=binhelu",
    "v=solved",
    "v=report",
    "v=call",
    "v=about",
    "r=p100",
    "r=m4",
)
CHINESE = re.compile("[㐀-鿿]+")


def heading(page: Page) -> str:
    """Return the heading of the view, once the page has come to rest."""
    page.run("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 40)))")
    return str(page.run("document.querySelector('#panel h2').textContent"))


def focused(page: Page) -> str:
    """Return what has the focus."""
    return str(
        page.run("document.activeElement.id || document.activeElement.className || document.activeElement.tagName")
    )


def text(page: Page) -> str:
    """Return all that a reader sees."""
    return str(page.run("document.body.innerText"))


class TestWalk:
    def test_a_road_is_found_by_its_sound_and_left_again(self, visit: Visit) -> None:
        page = visit(demo_contents())
        assert heading(page) == "15 段路可能积水"
        page.run("document.querySelector('#asked').focus()")
        page.type("jiefang")
        assert page.run("document.querySelectorAll('#hits [role=option]').length") == 2
        assert page.run("document.querySelector('#asked').getAttribute('aria-activedescendant')") == "hit-0"
        assert page.run("document.querySelector('#status').textContent").startswith("找到 2 条路：")
        page.press(*DOWN)
        page.press(*ENTER)
        page.wait("location.hash.includes('o=jiefangxilu')")
        assert "解放西路" in heading(page)
        page.press(*ESCAPE)
        page.wait("!location.hash.includes('o=')")
        assert heading(page) == "15 段路可能积水"

    def test_the_focus_goes_to_the_heading_and_back_to_the_row(self, visit: Visit) -> None:
        page = visit(demo_contents())
        page.run("document.querySelector('#panel a.row').click()")
        assert heading(page) == "新华路"
        assert focused(page) == "H2"
        page.run("history.back()")
        page.wait("document.querySelector('#panel h2').textContent.includes('15')")
        assert focused(page) == "row"

    def test_the_keys_change_the_rain_and_the_answer_is_read_out(self, visit: Visit) -> None:
        page = visit(demo_contents())
        page.run("document.querySelector('input[name=grade]:checked').focus()")
        page.press(*RIGHT)
        said = heading(page)
        assert said != "15 段路可能积水"
        assert page.run("document.querySelector('#status').textContent") == said
        assert page.run("document.activeElement.name") == "grade"
        assert "r=p5" in page.run("location.hash")

    def test_an_odd_address_falls_back(self, visit: Visit) -> None:
        page = visit(demo_contents(), "s=nonsense&o=__proto__&r=<img src=x onerror=alert(1)>&v=constructor")
        assert heading(page) == "15 段路可能积水"

    def test_a_tap_on_a_mark_opens_its_stretch(self, visit: Visit) -> None:
        page = visit(demo_contents(), width=1440, height=900)
        spot = page.run(
            "(() => { const box = document.querySelector('#pane').getBoundingClientRect();"
            " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        page.run("location.hash = 's=xinhualu-4'")
        page.run("new Promise((done) => setTimeout(done, 300))")
        page.run("location.hash = ''")
        page.click("#zoom-in")
        page.run("new Promise((done) => setTimeout(done, 300))")
        page.click_at(*spot)
        page.run("new Promise((done) => setTimeout(done, 100))")
        assert "s=" in page.run("location.hash")

    def test_on_a_narrow_phone_the_rain_is_one_line_that_opens_a_sheet(self, visit: Visit) -> None:
        page = visit(demo_contents(), width=320, height=640)
        assert not page.run("document.querySelector('#grades').offsetParent")
        page.click("#rain-open")
        assert page.run("document.activeElement.name") == "grade"
        page.press(*RIGHT)
        page.press(*ESCAPE)
        assert focused(page) == "rain-open"
        assert "大暴雨" in page.run("document.querySelector('#rain-open').textContent")

    @pytest.mark.parametrize("width", [320, 390, 1440])
    @pytest.mark.parametrize("address", VIEWS)
    def test_nothing_is_wider_than_the_screen(self, visit: Visit, width: int, address: str) -> None:
        page = visit(demo_contents(), address, width=width, height=800)
        assert page.run("document.documentElement.scrollWidth") == width
        over = "[...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1"
        assert page.run(f"{over} && !e.closest('svg,.hidden')).map((e) => e.outerHTML.slice(0, 80))") == []


class TestFrame:
    @pytest.mark.parametrize("language", ["zh", "en"])
    @pytest.mark.parametrize("width", [360, 390])
    def test_no_rain_moves_the_map(self, visit: Visit, width: int, language: str) -> None:
        page = visit(demo_contents(made="2099-01-01"), f"l={language}", width=width, height=844)
        tops = set()
        for rain in demo_contents()["rains"]:
            page.run(f"location.hash = 'l={language}&r={rain['k']}'")
            heading(page)
            tops.add(page.run("document.querySelector('#map').getBoundingClientRect().top"))
        assert len(tops) == 1

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_the_first_flooded_road_is_seen_at_once(self, visit: Visit, language: str) -> None:
        page = visit(demo_contents(made="2099-01-01"), f"l={language}", width=390, height=844)
        ends = "['#panel .row', '#panel'].map((part) => document.querySelector(part).getBoundingClientRect().bottom)"
        row, panel = page.run(ends)
        assert row <= panel

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_twice_as_large_text_leaves_the_list_and_the_buttons_of_the_map(self, visit: Visit, language: str) -> None:
        page = visit(demo_contents(made="2099-01-01"), f"l={language}", width=390, height=844)
        page.send("Page.setFontSizes", fontSizes={"standard": 32, "fixed": 26})
        page.send("Page.reload")
        page.wait(READY)
        assert page.run("getComputedStyle(document.documentElement).fontSize") == "32px"
        edges = "['.zoom', '#sheet'].map((part) => document.querySelector(part).getBoundingClientRect())"
        buttons, sheet = page.run(f"{edges}.map((box, k) => (k ? box.top : box.bottom))")
        assert buttons <= sheet
        assert page.run("document.querySelector('#panel').clientHeight") > 300
        assert page.run("document.documentElement.scrollWidth") == 390

    def test_the_sheet_is_dragged_up_and_stepped_by_its_button(self, visit: Visit) -> None:
        page = visit(demo_contents(), width=800, height=1000)  # no touch: the mouse drags
        assert page.run("document.querySelector('#sheet').dataset.height") == "mid"
        x, y = page.run(
            "(() => { const box = document.querySelector('#grip').getBoundingClientRect();"
            " return [box.x + 9, box.y + 9]; })()"
        )
        for kind, height in (("mousePressed", y), ("mouseMoved", y - 200), ("mouseMoved", 160), ("mouseReleased", 160)):
            page.send("Input.dispatchMouseEvent", type=kind, x=x, y=height, button="left", buttons=1, clickCount=1)
        page.wait("document.querySelector('#sheet').dataset.height === 'full'")
        page.run("new Promise((done) => setTimeout(done, 300))")
        page.run("document.querySelector('#grip').click()")
        assert page.run("document.querySelector('#sheet').dataset.height") == "mid"

    def test_the_map_is_moved_by_keys(self, visit: Visit) -> None:
        page = visit(demo_contents())
        shown = "document.querySelector('#canvas').toDataURL()"
        before = page.run(shown)
        page.run("document.querySelector('#pane').focus()")
        page.press("+", 187)
        page.run("new Promise((done) => setTimeout(done, 300))")
        assert page.run(shown) != before
        page.press("0", 48)
        page.run("new Promise((done) => setTimeout(done, 300))")
        assert page.run(shown) == before

    def test_paper_is_light_and_holds_the_whole_town_and_its_code(self, visit: Visit) -> None:
        page = visit(demo_contents(), "s=fengshanlu-3")
        page.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
        page.run("dispatchEvent(new Event('beforeprint'))")
        assert page.run("getComputedStyle(document.documentElement).getPropertyValue('--page').trim()") == "#fff"
        assert page.run("document.querySelector('#canvas').width") == 3 * 680
        assert "12345" in page.run("document.querySelector('#paper-text').textContent")
        page.run("dispatchEvent(new Event('afterprint'))")
        assert page.run("getComputedStyle(document.documentElement).getPropertyValue('--page').trim()") == "#12181d"
        assert page.run("document.querySelector('#code svg') !== null")


class TestLanguage:
    def test_english_is_english_in_every_view(self, visit: Visit) -> None:
        page = visit(demo_contents())
        page.run("document.querySelector('#language').click()")
        assert heading(page) == "15 stretches may flood"
        for view in VIEWS:
            page.run(f"location.hash = {view + '&l=en'!r}")
            heading(page)
            assert set(CHINESE.findall(text(page))) <= {"中文"}, view
        assert page.run("document.documentElement.lang") == "en"

    def test_the_choice_is_kept(self, visit: Visit) -> None:
        page = visit(demo_contents())
        page.run("document.querySelector('#language').click()")
        assert page.run("localStorage.getItem('drainage-language')") == "en"
        page.run("document.querySelector('#language').click()")
        assert heading(page) == "15 段路可能积水"
        assert "l=en" not in page.run("location.hash")


class TestTowns:
    @pytest.mark.parametrize("view", VIEWS)
    def test_hostile_texts_stay_texts_in_every_view(self, visit: Visit, view: str) -> None:
        contents = hostile()
        contents["roads"] = [
            [zh, en, f"road{k}", f"r{k}", rank] for k, (zh, en, _, _, rank) in enumerate(contents["roads"])
        ]
        page = visit(contents, view.replace("fengshanlu", "road7").replace("binhelu", "road2"))
        for language in ("", "&l=en"):
            page.run(f"location.hash += {language!r}")
            heading(page)
            assert page.run("document.title").count("BROKEN") == page.run("document.title").count("='BROKEN'")
            assert page.run("document.querySelectorAll('#panel img, #panel script, header img').length") == 0

    def test_hostile_roads_are_searched_and_reported(self, visit: Visit) -> None:
        page = visit(hostile())
        page.run("document.querySelector('#asked').focus()")
        page.type("img")
        assert "<img" in page.run("document.querySelector('#hits').innerText")
        page.run("location.hash = 'v=report'")
        heading(page)
        page.run("document.querySelector('#field-words').focus()")
        page.type("<img src=x onerror=alert(1)>")
        _fill(page, road=1)
        assert "<img src=x onerror=alert(1)>" in text(page)
        assert page.run("document.querySelectorAll('#panel img').length") == 0

    def test_a_town_of_two_roads(self, visit: Visit) -> None:
        page = visit(small_town(), "s=changjie-1")
        assert heading(page) == "长街"
        assert "没有别的路可以绕过" in text(page)

    def test_one_rain_has_nothing_to_choose_and_nothing_solved(self, visit: Visit) -> None:
        page = visit(one_rain(), "v=solved")
        assert heading(page) == "15 段路可能积水"
        assert page.run("document.querySelectorAll('input[type=radio], .bars').length") == 0
        assert "3 年一遇" in text(page)

    def test_a_large_town_opens_and_lists_its_first_roads(self, visit: Visit) -> None:
        page = visit(large_town())
        assert heading(page) == "1482 段路可能积水"
        rows = page.run("document.querySelectorAll('#panel .row').length")
        page.run("[...document.querySelectorAll('#panel button')].pop().click()")
        assert page.run("document.querySelectorAll('#panel .row').length") > rows

    def test_an_old_page_warns(self, visit: Visit) -> None:
        assert "没有更新" in text(visit(demo_contents(made="2020-01-01")))

    def test_a_town_that_is_computed_in_part_gets_no_all_clear(self, visit: Visit) -> None:
        town = small_town(judged=0.655)
        town["rains"] = [town["rains"][0] | {"n": "", "t": "", "w": ""}]
        page = visit(town)
        assert page.run("document.querySelectorAll('.box.good').length") == 0
        assert "65%" in text(page)
        assert "2 处积水不在有名字的路上" in text(page)
        assert "65% 的排水点能够推算" in text(visit(town, "v=about"))

    def test_what_residents_reported_alone_is_listed(self, visit: Visit) -> None:
        page = visit(demo_contents())
        assert page.run("document.querySelectorAll('#seen-list ~ ul .row').length") == 3

    def test_a_road_tells_first_where_it_floods_then_what_was_reported(self, visit: Visit) -> None:
        page = visit(demo_contents())
        page.run("document.querySelector('#seen-list ~ ul .row').click()")
        page.wait("location.hash.startsWith('#s=')")
        page.run("[...document.querySelectorAll('#panel .actions a')].pop().click()")
        page.wait("location.hash.startsWith('#o=')")
        page.run("new Promise((done) => setTimeout(done, 60))")
        values = page.run("[...document.querySelectorAll('#panel .row .value b')].map((one) => one.textContent)")
        assert "居民反映过" in values
        kinds = ["居民反映过", "算不出积水"]
        ranks = [kinds.index(one) + 1 if one in kinds else 0 for one in values]
        assert ranks == sorted(ranks)


def _fill(page: Page, *, road: int) -> None:
    """Fill in the report and send it."""
    page.run(
        f"(() => {{ const field = document.querySelector('#field-road'); field.value = '{road}';"
        " field.dispatchEvent(new Event('change', {bubbles: true}));"
        " document.querySelector('input[name=depth][value=knee]').click();"
        " document.querySelector('#report .button.main').click(); })()"
    )
    page.run("new Promise((done) => setTimeout(done, 80))")


def _photo() -> str:
    """Return a photo of 2,000 px whose file tells where it was taken."""
    from PIL import Image

    picture, out = Image.new("RGB", (2000, 1000), "#4a7"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    picture.save(out, "JPEG", exif=exif)
    assert b"SECRET-CAMERA" in out.getvalue()
    return base64.b64encode(out.getvalue()).decode()


class TestReport:
    def test_what_is_missing_is_said_and_leads_to_its_field(self, visit: Visit) -> None:
        page = visit(demo_contents(), "v=report")
        page.run("document.querySelector('#report .button.main').click()")
        assert focused(page) == "faults"
        page.run("document.querySelector('#faults a').click()")
        assert focused(page) == "field-road"
        page.run("document.querySelector('input[name=depth]').click()")
        assert page.run("document.querySelectorAll('#field-depth, #fault-depth').length") == 1
        assert page.run("document.querySelectorAll('.faulty').length") == 1, "the street is still missing"

    def test_from_a_street_it_begins_with_that_street(self, visit: Visit) -> None:
        page = visit(demo_contents())
        page.run("document.querySelector('#panel .row').click()")
        page.wait("location.hash.startsWith('#s=')")
        page.run("document.querySelector('nav a[data-view=report]').click()")
        page.wait("document.querySelector('#field-stretch')")
        assert page.run("document.querySelector('#field-road').value") != ""
        assert page.run("document.querySelector('#field-stretch').value") != ""

    def test_the_file_is_read_as_a_sighting_and_tells_nothing_of_the_camera(self, visit: Visit, tmp_path: Path) -> None:
        from PIL import Image

        page = visit(demo_contents(), "v=report")
        page.run(
            "(async () => { window.saved = []; URL.createObjectURL = ((make) => (blob) => { window.saved.push(blob);"
            " return make(blob); })(URL.createObjectURL); HTMLAnchorElement.prototype.click = () => {};"
            f" const bytes = Uint8Array.from(atob('{_photo()}'), (c) => c.charCodeAt(0));"
            " const files = new DataTransfer(); files.items.add(new File([bytes], 'a.jpg', {type: 'image/jpeg'}));"
            " const field = document.querySelector('#field-photo'); field.files = files.files;"
            " field.dispatchEvent(new Event('change', {bubbles: true})); })()"
        )
        page.wait("document.querySelector('.preview')")
        _fill(page, road=3)
        assert heading(page) == "报告做好了"
        page.run("document.querySelector('#panel .button.main').click()")
        feature: dict[str, Any] = json.loads(page.run("window.saved[window.saved.length - 1].text()"))
        photo = base64.b64decode(feature["properties"]["photo"].partition(",")[2])
        assert b"SECRET-CAMERA" not in photo
        assert Image.open(io.BytesIO(photo)).size == (1280, 640)
        file = tmp_path / "report.geojson"
        file.write_text(json.dumps(feature, ensure_ascii=False), encoding="utf-8")
        (row,) = read_sightings(file).to_dict("records")
        assert (row["road"], row["depth_m"]) == (demo_contents()["roads"][3][0], 0.5)

    def test_it_is_sent_to_the_host_of_the_page_and_failure_is_said(self, visit: Visit) -> None:
        page = visit(demo_contents(post="/report"), "v=report")
        page.run("window.fetch = async (url, asked) => { window.sent = [url, asked]; return new Response(); }")
        _fill(page, road=3)
        assert heading(page) == "报告已送出"
        assert "已收到" in text(page)
        assert "50 厘米" in text(page)
        fields = page.run("[window.sent[0], window.sent[1].method, [...window.sent[1].body.keys()].join()]")
        assert fields == ["/report", "POST", "lon,lat,time,depth_m,words"]
        page.run("[...document.querySelectorAll('#panel button')].pop().click()")
        page.run("window.fetch = async () => { throw new TypeError('no line'); }")
        _fill(page, road=3)
        assert "没有发出去" in text(page)
