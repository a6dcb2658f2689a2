"""What a title block says of a network: its name, and the day of which it is."""

from __future__ import annotations

import pandas as pd
import pytest

from drainage.papers.title_words import day_of_state, project_of
from drainage.provenance import Provenance
from tests.support.networks import build


@pytest.mark.parametrize(
    ("source", "project", "name"),
    [
        (("pipes.geojson",), "", "pipes"),
        (("pipes.geojson",), "某县", "某县"),
        (("pipes.geojson", "nodes.geojson"), "", ""),
        (None, "", ""),
    ],
)
def test_a_project_is_named_by_its_only_source(source: tuple[str, ...] | None, project: str, name: str) -> None:
    assert project_of(Provenance(source=source), project) == name


def test_days_count_that_pipes_bear_which_no_longer_lie_there() -> None:
    """p1 was abandoned in 2000: of p0, which has no date, it is known that it lay there in 2001."""
    net = build(["a>b storm", "b>c storm"])
    assert day_of_state(net.as_of("2001-01-01"), "en") == "not known"
    assert day_of_state(net, "zh") == "不详"
    dated = net.replace(
        pipes=net.pipes.assign(abandoned=pd.Series([None, "2000-01-01"], net.pipes.index, dtype="datetime64[ms]"))
    )
    assert day_of_state(dated.as_of("2001-01-01"), "en") == "2001-01-01"
    assert day_of_state(dated, "en") == "–"
