"""How much one may ask: reads generously, wrong keys hardly, and nobody's counters grow without end."""

from __future__ import annotations

from pathlib import Path

import pytest

from drainage_api.access import limits
from drainage_api.access.address import group_of
from drainage_api.access.limits import Buckets, Refusals
from drainage_api.settings import Settings
from drainage_api.store.opened import Store
from drainage_api.store.visits import Failures
from tests.support.asking import asking
from tests.support.door import behind_the_door

ITEMS = "/collections/pipes/items"
WRONG = f"drn_aaaaaaaa_{43 * 'x'}"


class TestBuckets:
    def test_give_back_evenly(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """60 a minute: 60 at once, then one a second."""
        now = 1000.0
        monkeypatch.setattr("time.monotonic", lambda: now)
        buckets = Buckets(60)
        assert [buckets.wait_s("a") for _ in range(60)] == 60 * [0.0]
        assert (buckets.wait_s("a"), buckets.wait_s("b")) == (1.0, 0.0)
        now += 1.5
        assert (buckets.wait_s("a"), buckets.wait_s("a")) == (0.0, 0.5)
        now += 3600
        assert [buckets.wait_s("a") == 0.0 for _ in range(61)].count(True) == 60

    def test_and_refusals_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "MOST_NAMES", 100)
        buckets, refusals = Buckets(60), Refusals()
        for number in range(1000):
            buckets.wait_s(str(number))
            refusals.unwritten(str(number), 401)
        assert len(buckets._left) == len(refusals._seen) == 100

    def test_by_default_1000_requests_a_second_for_ten_minutes_pass(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = 0.0
        monkeypatch.setattr("time.monotonic", lambda: now)
        buckets = Buckets(Settings().reads_per_minute)
        for _ in range(6000):
            now += 0.1
            assert not any(buckets.wait_s("one key") for _ in range(100))


def test_reads_beyond_the_limit_wait_by_key_and_by_address(tmp_path: Path) -> None:
    with behind_the_door(tmp_path / "store", reads_per_minute=3) as (app, keeper):
        assert keeper.vault is not None
        first, second = (keeper.vault.keys.add(name, "engineer")[1] for name in ("Wang", "Li"))
        got = [asking(app, first, address=f"10.0.0.{number}").get(ITEMS).status_code for number in range(4)]
        assert got == [200, 200, 200, 429]
        answer = asking(app, first).get(ITEMS)
        assert 1 <= int(answer.headers["retry-after"]) <= 20
        assert [asking(app, second).get(ITEMS).status_code for _ in range(3)] == [
            200,
            200,
            429,
        ]  # one address was used up
        assert asking(app, address="10.9.9.9").get("/public").status_code == 200
        assert asking(app).get("/health").status_code == 200


def test_wrong_keys_wait_after_ten_and_a_right_one_does_not(tmp_path: Path) -> None:
    with behind_the_door(tmp_path / "store") as (app, keeper):
        assert keeper.vault is not None
        _, text = keeper.vault.keys.add("Wang", "engineer")
        got = [asking(app, WRONG).get(ITEMS) for _ in range(12)]
        assert [one.status_code for one in got] == 10 * [401] + 2 * [429]
        assert 50 <= int(got[-1].headers["retry-after"]) <= 60
        assert asking(app, text).get(ITEMS).status_code == 200
        assert asking(app, WRONG, address="10.0.0.7").get(ITEMS).status_code == 401
    with behind_the_door(tmp_path / "store") as (app, _):  # as in another process
        assert asking(app, WRONG).get(ITEMS).status_code == 429


def test_failures_end_with_their_minute_and_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.time", lambda: now)
    monkeypatch.setattr("drainage_api.store.visits.MOST_ADDRESSES", 3)
    store = Store.of(tmp_path / "store")
    failures = Failures(store.database, most=2)
    assert [failures.count("a") for _ in range(3)] == [0.0, 0.0, 60.0]
    assert [failures.count(name) for name in "bcd"] == [0.0, 0.0, 60.0]
    now += 61
    assert failures.count("a") == failures.count("d") == 0.0
    store.database.close()


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("", ""),
    ],
)
def test_an_ipv6_client_has_one_network(address: str, group: str) -> None:
    assert group_of(address) == group
