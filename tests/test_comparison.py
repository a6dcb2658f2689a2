"""What the works changed, number beside number."""

from __future__ import annotations

import pytest

from drainage.analyses.comparison import compare
from drainage.analyses.mixed_flow import find_mixed_flow
from drainage.analyses.quality import check_quality
from drainage.errors import SchemaError
from tests.networks import build


def test_a_closed_misconnection_shows_as_gone() -> None:
    before = find_mixed_flow(build(["w>a sewage", "a>b storm", "x>b sewage", "b>c storm"]))
    after = find_mixed_flow(build(["w>a storm", "a>b storm", "x>b sewage", "b>c storm"]))
    change = compare(before, after)
    assert list(change.figures.loc["misconnections"]) == [2, 1, -1]
    assert change.points_gone["node_id"].tolist() == ["a"]
    assert change.points_new.empty
    assert change.summary["mixed_pipes"] == -1


def test_different_questions_cannot_be_compared() -> None:
    net = build(["a>b storm"])
    with pytest.raises(SchemaError, match="one question"):
        compare(find_mixed_flow(net), check_quality(net))
