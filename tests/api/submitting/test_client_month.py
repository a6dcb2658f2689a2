"""A contractor's month through the typed client, against a server with its worker, until he is paid.

Truth: what was really built on a street of the demo city between its two days, by `tests.support.deliveries`: 16 pipes
relaid, and three misconnections closed once the old ones are abandoned. The city is cut to what lies about the street.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import drainage as dr
from drainage_api.client import Client, NotThereError, ServerError
from tests.support import demo
from tests.support.deliveries import BEFORE, LANE, STREET, write_delivery
from tests.support.pay_terms import TEXT
from tests.support.running import in_process
from tests.support.served_town import key_in


def results(place: Path) -> str:
    city = demo.city(BEFORE)
    near = city.pipes[city.pipes["road"] == STREET].buffer(150.0)
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    dr.analyze(city.clip(near), storm=storm).write(place)
    return str(place)


@pytest.mark.long
def test_a_month_of_a_contractor(tmp_path: Path) -> None:
    store, terms = tmp_path / "store", tmp_path / "terms.toml"
    terms.write_text(TEXT, encoding="utf-8")
    keys = (key_in(store, "contractor", STREET), key_in(store, "contractor", LANE), key_in(store, "engineer"))
    drawing, book = (write_delivery(tmp_path, kind, STREET) for kind in ("dxf", "xlsx"))
    said = {"results": results(tmp_path / "results"), "store": str(store), "terms": str(terms)}
    with in_process(tmp_path / "log", **said) as running:
        running.ready(120)
        ours, theirs, office = (Client(f"http://127.0.0.1:{running.port}", key=key, timeout_s=120) for key in keys)

        assert set(ours.items("misconnections")["road"]) == {STREET}
        assert len(theirs.items("misconnections")) == 0

        first = ours.wait(ours.submit(drawing, words="drawn")["id"])
        assert first["state"] == "computed", first["problem"]
        assert office.decide(first["id"], accept=False, comment="the old pipes are missing")["state"] == "returned"
        assert ours.notices(seen=True)[0]["words"] == "the old pipes are missing"

        second = ours.wait(ours.submit(book, previous=first["id"])["id"])
        assert second["state"] == "computed", second["problem"]
        change = ours.comparison(second["id"])
        assert {row["road"] for row in change["misconnections"]} == {STREET}
        assert [row["fate"] for row in change["misconnections"]].count("closed") == 3
        with pytest.raises(NotThereError):
            theirs.submission(second["id"])
        with pytest.raises(ServerError, match="409"):
            ours.pay_sheet(tmp_path / "early.pdf")

        accepted = office.decide(second["id"], accept=True, comment="as surveyed")
        assert (accepted["state"], accepted["version"]) == ("accepted", 2)
        left = [len(office.items("misconnections", where={"road": STREET}, version=one)) for one in ("1", "2")]
        assert left[0] - left[1] == 3
        receipt = ours.receipt(second["id"], file=book)
        assert [one["receipt"]["decision"] for one in receipt["decisions"]] == ["accepted"]
        [paid] = [row for row in change["pay"]["lines"] if row["item"]["en"] == "Misconnections"]
        assert paid["got_points_after"] > paid["got_points_before"]
        assert ours.pay_sheet(tmp_path / "pay.pdf").read_bytes()[:5] == b"%PDF-"
