"""What delivered works change in the demo city, told to whoever pays for them and to whoever sees one road only."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from drainage.report import Computed, PayTerms, compute_delivery, read_delivery, read_report
from tests.support import deliveries, demo
from tests.support.deliveries import LANE, STREET

pytestmark = pytest.mark.long


@cache
def computed(tmp: str, road: str) -> Computed:
    from pathlib import Path

    base = deliveries.base()
    folder = Path(tmp)
    kept = base.write(folder / "base")
    file = deliveries.write_delivery(folder, "gpkg", road)
    whole = read_report(kept, whole=True)
    delivery = read_delivery(file, whole, roads=[road])
    terms = PayTerms.from_file("docs/papers/pay-terms-example.toml")
    return compute_delivery(whole, delivery, terms=terms)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Computed:
    return computed(str(tmp_path_factory.mktemp("street")), STREET)


def test_the_street_settles_its_point_and_three_misconnections(street: Computed) -> None:
    told = json.loads(json.dumps(street.document, allow_nan=False))
    solved = [one for one in told["points"] if one["fate"] == "solved"]
    closed = [one for one in told["misconnections"] if one["fate"] == "closed"]
    assert [one["road"] for one in solved] == [STREET]
    assert [one["road"] for one in closed] == [STREET] * 3
    assert told["day"] == street.day == "2020-11-27"
    assert not told["breaks"]
    assert {one["road"] for one in told["works"]} == {STREET}


def test_what_others_will_abandon_stands(street: Computed) -> None:
    before, after = (report.network for report in street.comparison.reports.values())
    left = deliveries.built(STREET).left.index
    assert set(before.pipes.index) - set(after.pipes.index) == set(left)
    laid = deliveries.built(STREET).laid.index
    assert set(after.pipes.index) - set(before.pipes.index) == set(laid)


def test_days_until_that_of_the_result_are_left_out_and_told(street: Computed) -> None:
    base = deliveries.base().network.pipes["abandoned"]
    left = deliveries.built(STREET).left.index
    passed = base[base > pd.Timestamp(deliveries.BEFORE)].drop(labels=left)
    assert not (base > pd.Timestamp(str(street.day))).any()
    assert street.after.network.pipes["abandoned"].isna().all()
    said = street.document["summary"]["en"]  # type: ignore[index]
    assert f"{len(passed)} pipes were to be abandoned by that day" in said


def test_later_days_stay_planned_in_the_new_version(tmp_path_factory: pytest.TempPathFactory) -> None:
    base = deliveries.base().network
    pipes = base.pipes
    later = pipes.index[pipes["abandoned"].notna() & (pipes["road"] != LANE)][:5]
    pipes.loc[later, "abandoned"] = pd.Timestamp("2030-01-01")
    planned = replace(deliveries.base(), network=base.replace(pipes=pipes))
    folder = tmp_path_factory.mktemp("planned")
    delivery = read_delivery(deliveries.write_delivery(folder, "changes", LANE), planned, roads=[LANE])
    found = compute_delivery(planned, delivery)
    assert found.after.network.pipes["abandoned"].dropna().to_dict() == dict.fromkeys(later, pd.Timestamp("2030-01-01"))
    assert not [one for one in found.document["works"] if one["road"] != LANE]  # type: ignore[attr-defined]


def test_the_storm_and_the_assumptions_are_those_of_the_base(street: Computed) -> None:
    assert street.after.provenance.storm == deliveries.base().provenance.storm
    assert street.after.state is not None
    assert street.after.state.setup.runoff_coefficient == deliveries.base().state.setup.runoff_coefficient  # type: ignore[union-attr]


def test_pay_moves_where_works_were_done_and_nowhere_else(street: Computed) -> None:
    moved = [one for one in street.document["pay"]["lines"] if one["moved"]]  # type: ignore[index]
    assert moved
    assert {one["object"] for one in moved} <= {STREET, "城区"}
    assert all(one["got_points_after"] > one["got_points_before"] for one in moved)


def test_the_map_of_a_road_holds_nothing_of_others(street: Computed) -> None:
    page = street.map_of([STREET]).html
    pipes = demo.city(deliveries.BEFORE).pipes
    own = pipes[pipes["road"] == STREET]
    mine = {*own.index, *own["from_node"], *own["to_node"]}
    words = set(re.findall(r"[\w.~-]+", page))
    assert words & set(own.index)
    assert not words & ({*pipes.index, *pipes["from_node"], *pipes["to_node"]} - mine)
    assert not [name for name in pipes["road"].dropna().unique() if name != STREET and name in page]


def test_a_report_without_answers_is_refused() -> None:
    import drainage as dr

    part = deliveries.part(LANE)
    with pytest.raises(dr.errors.FormatError, match="whole=True"):
        compute_delivery(part, None)  # type: ignore[arg-type]  # not looked at
