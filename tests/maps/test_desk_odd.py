"""The desk with hostile texts, odd data, in a cell of a notebook, and for a keyboard and a screen reader."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from drainage.maps.layer import Layer
from tests.maps.test_maps import HOSTILE, pipe_layer, pipes, plan, point_layer, points, render
from tests.support.desk import TYPED, drawn

pytestmark = pytest.mark.long
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


class TestHostileText:
    def test_text_of_others_is_shown_and_never_run(self, desk: Any) -> None:  # noqa: ANN401
        frame = pipes(len(HOSTILE), system=HOSTILE, road=HOSTILE, material=HOSTILE)
        frame.index = pd.Index(HOSTILE, name="pipe_id")
        marked = points(len(HOSTILE)).assign(road=HOSTILE, cause=HOSTILE, evidence=HOSTILE, grade=HOSTILE)
        marked.index = pd.Index(HOSTILE, name="point_id")
        layers = [pipe_layer(frame), point_layer(marked), Layer("waterways", frame, "road", ("road", HOSTILE[0]))]
        page = desk(render(*layers))
        for evil in HOSTILE[:5]:
            page = desk(render(periods={evil: layers, evil * 2: layers[:1]}, title=evil, notice=evil))
            assert page.run("document.querySelector('h1').textContent") == evil
            assert page.run("document.querySelector('.dr-notice').textContent") == evil
            assert page.run("document.querySelector('[data-period]').textContent") == evil
        for k, evil in enumerate(HOSTILE):
            page.run(f"document.querySelectorAll('.dr-row')[{k}].click()")
            assert evil in page.run("document.querySelector('.dr-why').textContent")
        for menu in ("layers", "export"):
            page.click(f"[data-act={menu}]")
        page.run("document.querySelector('#dr-q').focus()")
        page.type("img")
        page.wait("document.querySelector('#dr-hits [role=option]')")
        assert HOSTILE[0] in page.run("document.querySelector('#dr-hits').textContent")
        assert page.run("window.xss === undefined")
        assert page.run("document.querySelectorAll('img, iframe, object').length") == 0


class TestOddPages:
    @pytest.mark.parametrize("count", [0, 2])
    def test_features_without_a_place_stand_in_the_list(self, desk: Any, count: int) -> None:  # noqa: ANN401
        frame = gpd.GeoDataFrame(points(2).iloc[:count].assign(geometry=None), geometry="geometry", crs=4527)
        page = desk(render(point_layer(frame)))
        assert drawn(page) == {"waterlogging": 0}
        text = page.run("document.querySelector('.dr-list').textContent")
        assert ("none" if not count else "without a location") in text

    def test_no_layer_at_all_gives_a_page(self, desk: Any) -> None:  # noqa: ANN401
        page = desk(render())
        page.click("[data-act=layers]")
        assert page.run("document.body.dataset.drawn") == "0"

    def test_a_plan_without_coordinate_system_is_called_schematic(self, desk: Any) -> None:  # noqa: ANN401
        assert "schematic plan" in desk(render(pipe_layer(plan()))).run("document.querySelector('h1').textContent")

    def test_text_from_right_to_left_stays_in_its_cell(self, desk: Any) -> None:  # noqa: ANN401
        page = desk(render(pipe_layer(pipes(3, road="شارع \u202eالنيل")), point_layer(points().assign(cause="انسداد"))))
        page.click(".dr-row")
        assert page.run("document.querySelector('.dr-row bdi').textContent") == "انسداد"
        assert page.run(
            "document.querySelector('.dr-list').scrollWidth <= document.querySelector('.dr-list').clientWidth"
        )

    def test_it_works_in_a_cell_of_a_notebook(self, show: Any) -> None:  # noqa: ANN401
        """Jupyter shows a page as `srcdoc` of a frame, which has no address of its own."""
        inner = escape(render(pipe_layer(), point_layer()))
        cell = f'<iframe srcdoc="{inner}" style="width: 900px; height: 640px; border: 0"></iframe>'
        page = show(f"<!DOCTYPE html><title>cell</title><body>{cell}", "document.querySelector('iframe')")
        inside = "document.querySelector('iframe').contentDocument"
        page.wait(f"{inside}.body && {inside}.body.dataset.desk === 'ready'")
        page.run(f"{inside}.querySelector('.dr-row').click()")
        assert "P0" in page.run(f"{inside}.querySelector('#dr-panel-name').textContent")
        assert page.run(f"{inside}.documentElement.scrollHeight <= 640")


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.is_file():
        pytest.skip("needs the packages of web/: npm --prefix web ci")
    return AXE.read_text(encoding="utf-8")


class TestAccess:
    @pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844), (320, 640)])
    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_axe_finds_nothing_with_everything_open(
        self,
        desk: Any,  # noqa: ANN401
        axe: str,
        page_of_report: str,
        width: int,
        height: int,
        theme: str,
    ) -> None:
        page = desk(page_of_report, width=width, height=height)
        if theme == "dark":
            page.run("document.querySelector('[data-at=theme]').click()")
        page.run(axe + "; true")
        found = "axe.run().then((said) => said.violations.map((one) => one.id + ' ' + one.nodes[0].html))"
        opened = [
            "true",
            "document.querySelector('.dr-row').click()",
            "document.querySelector('[data-act=section]').click()",
            "document.querySelector('[data-menu=filter]').click()",
            "document.querySelector('[data-act=layers]').click()",
            TYPED,
            "document.querySelector('[data-at=help]').click()",
            "document.querySelector('[data-at=terms]').click()",
            "document.querySelector('[role=dialog] .dr-b').click()",
            "document.querySelector('#dr-panel .dr-term-word').focus()",
        ]
        for act in opened:
            page.run(act)
            page.run("new Promise((done) => setTimeout(done, 250))")
            assert (act, page.run(found)) == (act, [])
        assert page.run("document.documentElement.scrollWidth <= window.innerWidth")

    def test_targets_of_a_phone_are_44_px_high(self, desk: Any, page_of_report: str) -> None:  # noqa: ANN401
        page = desk(page_of_report, width=390, height=844)
        page.run("document.querySelector('.dr-row').click()")
        low = page.run(
            "[...document.querySelectorAll('button, select, input')].filter((one) => one.checkVisibility()"
            " && one.offsetHeight < 44 && !one.closest('.dr-sub')).map((one) => one.outerHTML.slice(0, 90))"
        )
        assert low == []
