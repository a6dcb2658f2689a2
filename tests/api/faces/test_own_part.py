"""What a contractor is told of pay, comparisons and evidence: the own roads, and nothing that depends on all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from drainage_api.faces.own_part import own_comparison, own_evidence
from tests.support.desk_town import CONTRACTOR, DOCUMENT, ENGINEER, EVIDENCED, OTHER, DeskTown, desk_town
from tests.support.served_town import OURS, THEIRS

#: What stands in the documents of all that no contractor may read: sums, scores, objects and rows of others.
SUM, POINTS, METERS = 972_211.5, 47.125, 31_337
PAY: dict[str, Any] = {
    "why_not": None, "contract": "一期", "example": None, "moved": 3,
    "before": {"score": POINTS, "payment_yuan": SUM}, "after": {"score": POINTS, "payment_yuan": SUM},
    "lines": [
        *DOCUMENT["pay"]["lines"],
        {**DOCUMENT["pay"]["lines"][0], "road": "Ｒenmin", "object": "another"},
        {**DOCUMENT["pay"]["lines"][0], "road": THEIRS, "object": THEIRS, "got_points_after": POINTS},
        {**DOCUMENT["pay"]["lines"][0], "road": None, "object": "岚河片区", "object_kind": "basin"},
    ],
}  # fmt: skip
WHOLE = {
    **DOCUMENT,
    "pay": PAY,
    "figures": [{"figure": "pipes", "before": METERS, "after": METERS}],
    "of_a_later_day": {"anything": METERS},
}
HIDDEN = (str(SUM), str(POINTS), str(METERS), THEIRS, "岚河片区", "another")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskTown]:
    with desk_town(tmp_path_factory.mktemp("own")) as town:
        yield town


def as_json(client: TestClient, path: str) -> Any:  # noqa: ANN401 - a document
    answer = client.get(path, params={"f": "json"})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_of_pay_a_contractor_reads_the_lines_of_the_own_roads_without_the_sum(town: DeskTown) -> None:
    one = town.computed(town.submitted(), **WHOLE)
    theirs, place = town.asks(CONTRACTOR), f"/submissions/{one.id}"
    told = as_json(theirs, f"{place}/comparison")
    assert [row["object"] for row in told["pay"]["lines"]] == [OURS]
    assert told["pay"]["moved"] == 1
    assert told["pay"]["contract"] == "一期"
    assert told["base"] == {"day": "2018-12-31"}
    for answer in (theirs.get(f"{place}/comparison"), theirs.get(place), theirs.get(f"{place}?f=json")):
        assert answer.status_code == 200
        assert not [hidden for hidden in HIDDEN if hidden in answer.text]
    assert as_json(town.asks(ENGINEER), f"{place}/comparison")["pay"] == PAY


def test_with_the_key_of_another_contractor_there_is_nothing(town: DeskTown) -> None:
    one = town.computed(town.submitted(), **WHOLE)
    for path in ("", "/comparison", "/receipt", "/map"):
        assert town.asks(OTHER).get(f"/submissions/{one.id}{path}").status_code == 404, path
    assert town.asks(OTHER).get(f"/submissions/{one.id}/file").status_code == 403


def test_a_member_that_nobody_listed_is_told_to_none_but_those_of_the_whole_city() -> None:
    assert own_comparison({"of_a_later_day": 1, "points": []}, [OURS]) == {"points": [], "elsewhere": {"points": 0}}
    document = {**EVIDENCED, "version": 1, "of_a_later_day": 1}
    assert own_evidence(document, [OURS]).keys() == {"read", "answers", "changes", "version"}
    assert own_evidence(document, [OURS])["answers"]["sources"] == {"rows": []}


@pytest.mark.parametrize("road", [f" {OURS}", OURS[0] + " " + OURS[1:], f"{OURS}\u3000"])
def test_roads_of_evidence_are_folded_as_those_of_submissions_are(road: str) -> None:
    """Width, case and blanks of a name do not matter."""
    rows = {"rows": [{"road": OURS, "pipe_id": "p1"}, {"road": None}]}
    document = {"read": {}, "answers": {"sources": rows}, "changes": {"sources": rows["rows"]}, "version": 1}
    assert len(own_evidence(document, [road])["answers"]["sources"]["rows"]) == 1
    assert len(own_evidence(document, [road])["changes"]["sources"]) == 1
    assert len(own_comparison({"points": [{"road": OURS}]}, [road])["points"]) == 1


def test_how_much_evidence_changed_in_the_whole_city_is_told_to_who_has_it_all(town: DeskTown) -> None:
    one = town.evidence(filename=Path("own.csv").name)
    changes = {"sources": METERS}
    with town.vault.database.writing() as connection:
        town.vault.evidence.computed(connection, one.id, {"document": town.tree, "version": 1, "changes": changes})
    told = {name: town.asks(name).get("/evidence").json()["evidence"][0] for name in (CONTRACTOR, ENGINEER)}
    assert told[ENGINEER]["changes"] == changes
    assert told[CONTRACTOR]["changes"] is None
