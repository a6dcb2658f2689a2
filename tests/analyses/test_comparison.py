"""What the works changed, number beside number."""

from __future__ import annotations

import pandas as pd
import pytest

from drainage.analyses.mixed_flow import find_mixed_flow
from drainage.analyses.quality import check_quality
from drainage.errors import SchemaError
from drainage.report import compare
from drainage.result import Result
from tests.support.networks import build


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
    with pytest.raises(SchemaError, match="same question"):
        compare(find_mixed_flow(net), check_quality(net))


def test_figures_within_figures_are_compared_too_and_tables_keep_their_order() -> None:
    before, after = (
        Result("q", {"b": table, "a": table}, pd.Series({"by_grade": {"minor": n, "major": 1}, "note": "x"}))
        for n in (5, 2)
        for table in [pd.DataFrame({"c": [1]}, index=pd.Index(["k"], name="id"))]
    )
    change = compare(before, after)
    assert list(change.figures.loc["by_grade.minor"]) == [5, 2, -3]
    assert change.summary.to_dict() == {"by_grade.minor": -3, "by_grade.major": 0}
    assert list(change.tables) == ["figures", "b_gone", "b_new", "a_gone", "a_new"]
