"""Sightings in the store, on both engines. Truth: what was told stands once, and who told it is nowhere."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from drainage_api.store import spotted
from drainage_api.store.opened import Store
from drainage_api.store.spotted import Seen, TooManyError
from drainage_api.store.tables import sightings
from tests.support.stores import Where

ADDRESS = "203.0.113.77"


def seen(number: int = 0) -> Seen:
    return Seen(at=1_700_000_000.0 + number, lon=117.5, lat=33.5, depth_m=0.3, words="到膝盖")


def test_what_is_told_twice_is_kept_once(store: Store) -> None:
    one, new = store.sightings.add(seen(), None, ADDRESS, most=5)
    again, known = store.sightings.add(replace(seen(), words="other words"), "a" * 64, ADDRESS, most=5)
    assert (new, known, again) == (True, False, one)
    assert store.sightings.known(seen(), ADDRESS) == one
    assert store.sightings.known(seen(), "203.0.113.78") is None
    other, new = store.sightings.add(seen(), None, "203.0.113.78", most=5)
    assert new
    assert other.id != one.id
    assert store.sightings.counts() == {"waiting": 2, "shown": 0, "hidden": 0}


def test_the_address_is_nowhere_and_after_a_day_nothing_tells_two_apart(store: Store) -> None:
    one, _ = store.sightings.add(seen(), None, ADDRESS, most=5)
    with store.database.reading() as connection:
        row = connection.execute(select(sightings)).mappings().one()
    assert ADDRESS not in str(dict(row))
    assert len(row["asker"]) == len(row["content"]) == 32
    past = time.time() - spotted.FORGOTTEN_S - 1
    with store.database.writing() as connection:
        connection.execute(update(sightings).values(received=past))
    store.sightings.add(seen(1), None, ADDRESS, most=5)
    with store.database.reading() as connection:
        row = connection.execute(select(sightings).where(sightings.c.id == one.id)).mappings().one()
    assert (row["asker"], row["content"]) == ("", None)
    assert store.sightings.get(one.id) is not None


def test_the_same_address_is_another_hash_in_another_store(
    where: Where, store: Store, tmp_path_factory: pytest.TempPathFactory
) -> None:
    del where
    other = Store.of(tmp_path_factory.mktemp("other") / "store")
    assert store.sightings._hash(ADDRESS) != other.sightings._hash(ADDRESS)
    other.close()


def test_an_address_and_all_together_tell_of_so_many_an_hour(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        store.sightings.add(seen(number), None, ADDRESS, most=3)
    assert 3590 < store.sightings.wait_s(ADDRESS, most=3) <= 3600
    with pytest.raises(TooManyError):
        store.sightings.add(seen(9), None, ADDRESS, most=3)
    assert store.sightings.wait_s("203.0.113.78", most=3) == 0
    monkeypatch.setattr(spotted, "MOST_AN_HOUR", 3)
    assert store.sightings.wait_s("203.0.113.78", most=3) > 0
    monkeypatch.setattr(spotted, "MOST_AN_HOUR", 600)
    monkeypatch.setattr(spotted, "MOST_WAITING", 3)
    with pytest.raises(TooManyError):
        store.sightings.add(seen(9), None, "203.0.113.78", most=3)
    assert len(store.sightings.listed()) == 3


@pytest.mark.long
def test_many_at_once_leave_one_of_each_and_no_more_than_may(where: Where, store: Store) -> None:
    """Eight threads tell of the same four things, of which an address may tell three: writers take turns."""
    stores = [where.opened() for _ in range(8)]
    told: list[str] = []

    def tell(one: Store) -> None:
        for number in range(4):
            try:
                told.append(one.sightings.add(seen(number), None, ADDRESS, most=3)[0].id)
            except TooManyError:
                told.append("")

    threads = [threading.Thread(target=tell, args=(one,)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in stores:
        one.close()
    assert len(store.sightings.listed()) == 3
    assert len(set(told) - {""}) == 3
    assert len(told) == 32


def test_a_decision_is_kept_with_who_took_it_and_can_be_taken_again(store: Store) -> None:
    one, _ = store.sightings.add(seen(), None, ADDRESS, most=5)
    before = store.sightings.revision("shown")
    shown = store.sightings.decide(one.id, show=True, by="Wang", note="真")
    assert shown is not None
    assert (shown.state, shown.decided_by, shown.note) == ("shown", "Wang", "真")
    first = store.sightings.revision("shown")
    hidden = store.sightings.decide(one.id, show=False, by="Li")
    assert hidden is not None
    assert (hidden.state, hidden.decided_by, hidden.note) == ("hidden", "Li", "")
    assert (before, store.sightings.revision("shown")) == ("", "")
    assert first != ""
    assert store.sightings.decide("R-20260101-00000", show=True, by="Li") is None


def test_the_frame_is_a_layer_of_reports(store: Store) -> None:
    assert store.sightings.shown_frame() is None
    one, _ = store.sightings.add(replace(seen(), at=time.time()), "d" * 64, ADDRESS, most=5)
    store.sightings.decide(one.id, show=True, by="Wang")
    frame = store.sightings.shown_frame()
    assert frame is not None
    assert (frame.index.name, list(frame.columns)) == ("report_id", ["date", "depth_m", "note", "geometry"])
    assert frame.crs == 4326
    assert (frame.geometry.x.iloc[0], frame.geometry.y.iloc[0]) == (117.5, 33.5)
    assert f"{frame['date'].iloc[0]:%Y-%m-%d %H}" == time.strftime("%Y-%m-%d %H")
    assert len(store.sightings.frame()) == len(store.sightings.frame("shown")) == 1
    assert not len(store.sightings.frame("hidden"))
