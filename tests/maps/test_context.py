"""Every answer on a network is drawn on its roads, waterways and pipes, so that it is found in the city."""

from __future__ import annotations

import pytest

import drainage as dr
from drainage.maps.looks import THEMES

#: Answers that draw nothing, or that are of the ground alone.
ELSEWHERE = {"comparison", "ensemble", "low_points", "storm_formula", "formula_check"}
#: Answers of which the tests hold one on small networks, without roads and waterways.
SMALL = {"bill", "gauges", "ponding", "relief", "engine", "what_if"}


def test_every_answer_lies_on_its_network(every_answer: dict[str, dr.Result]) -> None:
    for name in every_answer.keys() - ELSEWHERE:
        context = [layer.theme for layer in every_answer[name].layers if THEMES[layer.theme].context]
        beside = [] if name in SMALL else ["waterways", "context_roads"]
        assert context == [*beside, "context_pipes", "context_nodes"], name


def test_a_report_draws_its_network_once(every_answer: dict[str, dr.Result]) -> None:
    from drainage.report.page import report_layers
    from tests.support import demo

    layers = report_layers(
        demo.quarters("2018-12-31"), {name: every_answer[name] for name in ("mixed_flow", "separation")}
    )
    themes = [layer.theme for layer in layers]
    assert len(set(themes)) == len(themes)
    assert {"waterways", "pipes", "roads"} <= set(themes)
    assert "context_pipes" not in themes


@pytest.mark.parametrize("known", [("mixed_flow",), ()])
def test_roads_are_drawn_quietly_where_they_are_not_measured(
    every_answer: dict[str, dr.Result], known: tuple[str, ...]
) -> None:
    from drainage.report.page import report_layers
    from tests.support import demo

    layers = report_layers(demo.quarters("2018-12-31"), {name: every_answer[name] for name in known})
    assert "context_roads" in [layer.theme for layer in layers]
