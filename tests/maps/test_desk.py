"""Truth: what a reader does at the desk around the map in a real Chromium, and what `drainage` itself counts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drainage import DrainageNetwork, draw
from tests.maps.test_maps import pipe_layer, pipes, point_layer, points, render
from tests.support.desk import NAME, READY, ROWS, control, drawn

pytestmark = pytest.mark.long


class TestQuestions:
    def test_a_report_opens_with_one_question_and_says_where_it_comes_from(
        self,
        desk: Any,  # noqa: ANN401
        page_of_report: str,
    ) -> None:
        page = desk(page_of_report)
        assert (
            page.run("document.querySelector('[data-question][aria-pressed=true]').dataset.question") == "waterlogging"
        )
        assert {"misconnections", "mixed_flow", "roads", "quality"}.isdisjoint(drawn(page))
        assert "not verified" in page.run("document.querySelector('.dr-flag').textContent")
        assert page.run(ROWS) == drawn(page)["waterlogging"]
        page.press("2", 50)
        assert page.run("document.querySelector('[data-question][aria-pressed=true]').dataset.question") == "mixed_flow"
        assert "waterlogging" not in drawn(page)
        assert drawn(page)["misconnections"] > 0
        page.click("[data-at=sources]")
        assert "pipes.geojson" in page.run("document.querySelector('[role=dialog][aria-modal]').textContent")
        page.press("Escape", 27)
        assert page.run("document.activeElement.dataset.at") == "sources"

    def test_other_layers_are_a_tap_away(self, desk: Any, page_of_report: str) -> None:  # noqa: ANN401
        page = desk(page_of_report)
        page.click("[data-act=layers]")
        page.click("[data-layer=misconnections]")
        assert drawn(page)["misconnections"] > 0
        assert page.run("document.activeElement.dataset.layer") == "misconnections"
        page.click("[data-layer=misconnections]")
        assert "misconnections" not in drawn(page)
        page.press("Escape", 27)
        assert page.run("document.activeElement.dataset.act") == "layers"

    def test_every_tab_of_a_report_has_an_answer_or_says_why_not(self, desk: Any, page_of_report: str) -> None:  # noqa: ANN401
        page = desk(page_of_report)
        for key in page.run("[...document.querySelectorAll('[data-question]')].map((one) => one.dataset.question)"):
            page.click(f"[data-question={key}]")
            assert page.run("document.querySelector('.dr-ask').textContent")
            assert page.run("document.querySelectorAll('.dr-row').length || document.querySelector('.dr-none')")


class TestFilters:
    def test_a_key_shows_its_class_alone_and_is_taken_back(self, desk: Any) -> None:  # noqa: ANN401
        page = desk(render(pipe_layer(), point_layer()))
        page.click("[data-look=minor]")
        assert (page.run(ROWS), drawn(page)["waterlogging"]) == (1, 1)
        assert page.run("document.activeElement.dataset.look") == "minor"
        assert page.run("document.querySelector('.dr-chip').textContent") == "minor"
        control(page, "z")
        assert (page.run(ROWS), drawn(page)["waterlogging"]) == (2, 2)
        page.click("[data-look=minor]")
        page.click(".dr-chip")
        assert page.run(ROWS) == 2

    def test_a_filter_narrows_map_and_list_and_says_how_many_there_are(self, desk: Any, page_of_report: str) -> None:  # noqa: ANN401
        page = desk(page_of_report)
        before, all_pipes = page.run(ROWS), drawn(page)["pipes"]
        page.click("[data-menu=filter]")
        said = page.run("document.querySelector('[data-facet=system] label').textContent")
        assert any(letter.isdigit() for letter in said)
        page.click("[data-facet=system] input")
        assert 0 < drawn(page)["pipes"] < all_pipes
        road = page.run("document.querySelector('[data-facet=road] option:nth-child(2)').value")
        page.run(
            "(() => { const box = document.querySelector('[data-facet=road] select');"
            f" box.value = {json.dumps(road)}; box.dispatchEvent(new Event('change', {{bubbles: true}})); }})()"
        )
        assert page.run(ROWS) < before
        page.click("[data-at=clear]")
        assert (page.run(ROWS), drawn(page)["pipes"]) == (before, all_pipes)

    def test_an_empty_choice_says_so(self, desk: Any) -> None:  # noqa: ANN401
        page = desk(render(pipe_layer(), point_layer()), width=1280)
        page.run("location.hash = '#k.waterlogging=nobody'")
        page.wait("document.querySelector('.dr-none')")
        assert page.run("document.querySelector('.dr-none').textContent") == "Nothing matches the filters"


class TestPanel:
    def test_a_click_on_the_map_says_why(self, desk: Any) -> None:  # noqa: ANN401
        page = desk(render(pipe_layer(pipes(1)), point_layer(points(1))))  # the point is the middle of all
        page.click_at(
            *page.run(
                "(() => { const box = document.querySelector('#dr-map').getBoundingClientRect();"
                " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
            )
        )
        page.wait("!document.querySelector('#dr-panel').hidden")
        why = page.run("[...document.querySelectorAll('.dr-why p')].map((p) => p.textContent)")
        assert why == ["silt", "without silt: 25 m³ avoided"]
        assert page.run("document.activeElement.id") == "dr-panel-name"
        page.click("#dr-panel .dr-links [data-ref='pipes~P0']")  # the pipe under it
        assert "P0" in page.run(NAME)

    def test_it_is_read_by_keyboard_and_escape_gives_the_focus_back(self, desk: Any) -> None:  # noqa: ANN401
        page = desk(render(pipe_layer(), point_layer()))
        page.run("document.querySelectorAll('.dr-row')[1].focus()")
        page.press("Enter", 13)
        page.wait(f"{NAME} && {NAME}.includes('P1')")
        assert page.run("document.activeElement.id") == "dr-panel-name"
        assert page.run("document.querySelectorAll('.dr-row')[1].getAttribute('aria-current')") == "true"
        page.press("Escape", 27)
        assert page.run("document.querySelector('#dr-panel').hidden")
        assert page.run("document.activeElement.dataset.ref").endswith("~P1")

    def test_point_works_and_reports_lead_to_each_other(self, desk: Any, page_of_report: str) -> None:  # noqa: ANN401
        page = desk(page_of_report)
        page.click(".dr-row")
        point = page.run(NAME)
        page.click("#dr-panel .dr-links [data-ref^=reports]")
        assert page.run(NAME) != point
        page.click("#dr-panel .dr-links [data-ref^=waterlogging]")
        assert page.run(NAME) == point


class TestWays:
    @pytest.mark.parametrize("direction", ["up", "down"])
    def test_traces_count_what_drainage_trace_counts(
        self,
        desk: Any,  # noqa: ANN401
        network: DrainageNetwork,
        direction: str,
    ) -> None:
        page = desk(draw(network).html)
        for node in [str(network.nodes.index[k]) for k in (50, 1200, 2600, 4100)]:
            page.run(f"location.hash = '#s=nodes~{node}&w={direction}~nodes~{node}'")
            page.wait(f"(document.querySelector('#dr-strip bdi') || {{}}).textContent === '{node}'")
            part = network.upstream_of(node) if direction == "up" else network.downstream_of(node)
            metres = float(part.pipes["length_m"].sum())
            long = f"{metres / 1000:,.3f}".rstrip("0").rstrip(".") + " km" if metres >= 1000 else f"{metres:.0f} m"
            assert page.run("document.querySelector('.dr-traced').textContent") == f"{len(part.pipes):,} pipes · {long}"

    def test_the_section_is_read_by_keys_and_closes_before_the_panel(self, desk: Any, page_of_report: str) -> None:  # noqa: ANN401
        page = desk(page_of_report)
        page.click(".dr-row")
        page.click("[data-act=section]")
        assert page.run("document.querySelectorAll('#dr-drawer .dr-bore').length") > 3
        assert page.run("document.querySelector('#dr-drawer .dr-ground') !== null")
        page.run("document.querySelector('#dr-drawer svg.dr-section').focus()")
        page.press("ArrowRight", 39)
        assert "ground" in page.run("document.querySelector('.dr-read').textContent")
        for part in ("drawer", "panel", "strip"):
            assert not page.run(f"document.querySelector('#dr-{part}').hidden")
            page.press("Escape", 27)
            assert page.run(f"document.querySelector('#dr-{part}').hidden")

    def test_the_hydrograph_of_a_point_says_what_flows_at_a_minute(self, desk: Any, page_of_report: str) -> None:  # noqa: ANN401
        page = desk(page_of_report)
        page.click(".dr-row")
        page.click("[data-act=hydrograph]")
        assert page.run("document.querySelectorAll('#dr-drawer svg.dr-section .dr-series').length") >= 2
        page.run("document.querySelector('#dr-drawer svg.dr-section').focus()")
        page.press("ArrowRight", 39)
        assert " min · " in page.run("document.querySelector('.dr-read').textContent")

    def test_a_pipe_of_the_section_opens_its_panel(self, desk: Any, page_of_report: str) -> None:  # noqa: ANN401
        page = desk(page_of_report)
        page.click(".dr-row")
        page.click("[data-act=section]")
        page.run("document.querySelector('#dr-drawer .dr-bore').dispatchEvent(new MouseEvent('click'))")
        assert "invert" in page.run("document.querySelector('#dr-panel').textContent")


class TestSearch:
    @pytest.mark.parametrize("query", ["解放西", "jiefangxilu", "jfxl"])
    def test_a_road_is_found_by_characters_pinyin_and_initials(self, desk: Any, query: str) -> None:  # noqa: ANN401
        page = desk(render(pipe_layer(pipes(40, road=["磬山路"] + ["解放西路"] * 39))))
        page.press("/", 191)
        page.type(query)
        page.wait("document.querySelector('#dr-hits [role=option]')")
        assert page.run("document.querySelector('#dr-hits [role=option]').textContent") == "解放西路"
        page.press("Enter", 13)
        page.wait("document.querySelector('#dr-say').textContent === '解放西路'")
        assert page.run("document.querySelector('#dr-q').getAttribute('aria-expanded')") == "false"

    def test_all_hits_are_offered_with_their_kinds_and_chosen_by_keys(self, desk: Any) -> None:  # noqa: ANN401
        page = desk(render(pipe_layer(pipes(40)), point_layer()))
        page.click("#dr-q")
        page.type("p1")
        page.wait("document.querySelector('#dr-hits .dr-kind')")
        kinds = page.run("[...document.querySelectorAll('.dr-kind')].map((one) => one.textContent)")
        assert [kind.rstrip("0123456789") for kind in kinds] == ["waterlogging points", "pipes by system"]
        assert kinds[1].endswith("11")  # P1, P10 … P19
        for _ in range(2):
            page.press("ArrowDown", 40)
        page.press("Enter", 13)
        page.wait(f"{NAME} && {NAME}.includes('P10')")
        page.run("document.querySelector('#dr-q').value = ''")
        page.click("#dr-q")
        page.type("无此路")
        page.wait("document.querySelector('#dr-say').textContent === 'not found'")


class TestPeriods:
    def page(self) -> str:
        summaries = {k: {"mixed_flow": {"misconnections": n}} for k, n in (("改造前", 83), ("改造后", 9))}
        periods = {"改造前": [pipe_layer(), point_layer()], "改造后": [pipe_layer(pipes(5)), point_layer(points(0))]}
        return render(periods=periods, summaries=summaries, notice="合成 synthetic")

    def test_switch_shows_the_other_period_and_its_figures(self, desk: Any) -> None:  # noqa: ANN401
        page = desk(self.page())
        assert page.run("document.querySelector('#dr-bar dd').textContent").strip() == "83 → 9"
        assert page.run("document.querySelector('#dr-bar b').textContent") == "83"
        page.click("[data-period='1']")
        assert drawn(page) == {"pipes": 5}
        assert page.run("document.querySelector('#dr-bar b').textContent") == "9"
        assert page.run("document.querySelector('.dr-notice').checkVisibility()")
        page.press("b", 66)
        assert drawn(page)["pipes"] == 3

    def test_two_periods_stand_side_by_side(self, desk: Any) -> None:  # noqa: ANN401
        page = desk(self.page())
        page.click("[data-act=beside]")
        page.wait("document.querySelectorAll('.dr-pane').length === 2")
        assert page.run("getComputedStyle(document.querySelector('#dr-map')).columnGap") in {"normal", "0px"}
        page.click("[data-act=beside]")
        page.wait("document.querySelectorAll('.dr-pane').length === 1")


def exported(page: Any, kind: str) -> str:  # noqa: ANN401
    """Return what a press on a button of the export menu would save."""
    page.run("window.URL.createObjectURL = (blob) => { window.saved = blob; return 'data:,'; }")
    page.run("window.URL.revokeObjectURL = () => {}")
    page.run("HTMLAnchorElement.prototype.click = function () { window.savedAs = this.download; }")
    page.run("document.querySelector('#dr-menu').hidden && document.querySelector('[data-act=export]').click()")
    page.wait("!document.querySelector('#dr-menu').hidden")
    page.run(f"window.saved = null; document.querySelector('[data-export={kind}]').click()")
    page.wait("window.saved")
    text: str = page.run(
        "window.saved.arrayBuffer().then((held) => new TextDecoder('utf-8', {ignoreBOM: true}).decode(held))"
    )
    return text


class TestExport:
    def test_geojson_holds_what_is_seen_and_filtered_and_where_it_comes_from(self, desk: Any) -> None:  # noqa: ANN401
        page = desk(render(pipe_layer(), point_layer(), notice="Synthetic demo data"))
        page.click("[data-look=major]")
        found = json.loads(exported(page, "geojson"))
        assert found["notice"] == "Synthetic demo data"
        kinds = [one["properties"]["layer"] for one in found["features"]]
        assert kinds.count("waterlogging points") == 1
        assert len(kinds) == 4
        first = next(one for one in found["features"] if one["id"] == "P0")
        lng, lat = pipes().to_crs(4326).geometry.iloc[0].coords[0]
        assert abs(first["geometry"]["coordinates"][0][0] - lng) < 2e-6
        assert abs(first["geometry"]["coordinates"][0][1] - lat) < 2e-6

    def test_no_cell_of_a_csv_is_run_by_a_spreadsheet(self, desk: Any) -> None:  # noqa: ANN401
        page = desk(render(pipe_layer(pipes(2, road=["=cmd|' /C calc'!A0", "@SUM(1)"])), notice="Synthetic"))
        text = exported(page, "csv")
        assert text.startswith("\ufeff")
        assert "'=cmd|' /C calc'!A0" in text
        assert "'@SUM(1)" in text
        assert text.count("Synthetic") == 2


class TestAddress:
    def test_what_is_looked_at_stands_in_it_and_comes_back(self, desk: Any) -> None:  # noqa: ANN401
        page = desk(render(pipe_layer(), point_layer()))
        page.click("[data-look=minor]")
        page.click(".dr-row")
        page.click("[data-at=theme]")
        page.wait("location.hash.includes('s=waterlogging') && location.hash.includes('c=dark')")
        page.run("window.before = true; location.reload()")
        page.wait(f"window.before === undefined && document.body && {READY} && {NAME}")
        assert page.run(ROWS) == 1
        assert "P1" in page.run(NAME)
        assert page.run("document.documentElement.dataset.theme") == "dark"

    def test_one_that_is_called_while_the_last_is_to_be_written_is_followed(self, desk: Any) -> None:  # noqa: ANN401
        """The page was busy for so long that it writes what was seen before it hears of the address."""
        page = desk(render(pipe_layer(), point_layer()))
        page.run(
            "document.querySelector('.dr-row').click();"
            " setTimeout(() => { for (const end = Date.now() + 800; Date.now() < end;); }, 0)"
        )
        page.run("location.hash = '#on=pipes&s=pipes~P2'")
        page.wait(f"{NAME}.includes('P2')")
        page.wait("location.hash.includes('P2')")

    @pytest.mark.parametrize(
        "address",
        [
            "#q=<img src=x onerror=window.xss=1>&s=x~y&w=up~x~y&v=NaN,1,2",
            "#%E0%A4%A&f.__proto__=1",
            "#" + "a=1&" * 4000,
        ],
    )
    def test_an_address_of_others_changes_nothing(self, desk: Any, address: str) -> None:  # noqa: ANN401
        page = desk(render(pipe_layer(), point_layer()))
        page.run(f"location.hash = {json.dumps(address)}")
        page.run("new Promise((done) => setTimeout(done, 100))")
        assert (page.run(ROWS), drawn(page)) == (2, {"pipes": 3, "waterlogging": 2})
        assert page.run("window.xss === undefined")
