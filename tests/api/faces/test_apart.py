"""A work in a process of its own, and things that are made once."""

from __future__ import annotations

import asyncio
import math
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import drainage as dr
from drainage_api.access.who import Who
from drainage_api.served.apart import BrokenOffError, apart
from drainage_api.served.made import Made, Making, made
from drainage_api.served.public_face import check_streets, public_face, public_features
from drainage_api.served.served import Served
from drainage_api.served.tiling import Tiles, tiles_of
from drainage_api.served.warm import warm
from drainage_api.settings import Settings
from tests.support import demo
from tests.support.api_reports import hand_made
from tests.support.served_town import flooded


@pytest.mark.long
class TestApart:
    def test_the_answer_and_the_error_come_back(self) -> None:
        assert apart(math.sqrt, 9.0) == 3.0
        with pytest.raises(ValueError, match="math domain error"):
            apart(math.sqrt, -1.0)

    def test_a_process_that_is_killed_is_no_answer(self) -> None:
        with pytest.raises(BrokenOffError):
            apart(os.abort)

    def test_nobody_else_waits_while_the_tiles_of_a_city_are_made(self) -> None:
        """The thread of this test sleeps 10 ms at a time; made in this process they hold it for half a second.

        A busy machine may hold it as long, but not every time.
        """
        report = dr.analyze(demo.city("2018-12-31"))
        assert any(_longest_pause(tiles_of(Served({"": report}), Who("local"), "")) < 0.4 for _ in range(4))


def _longest_pause(thing: Made[Tiles]) -> float:
    """Make the tiles; return the longest that a thread beside which sleeps 10 ms at a time was held, s."""
    waiting, longest, last = thing.begin(), 0.0, time.perf_counter()
    while not waiting.done():
        time.sleep(0.01)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    assert waiting.result().zooms == (6, 15)
    return longest


class TestMade:
    def test_many_who_ask_get_the_same_thing(self) -> None:
        calls = list[int]()

        def make() -> object:
            calls.append(1)
            time.sleep(0.02)
            return object()

        thing = Made(make)
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda _: thing.result(), range(8)))
        assert len(set(map(id, found))) == len(calls) == 1

    def test_one_that_takes_longer_than_patience_says_when_to_come_again(self) -> None:
        gate = threading.Event()
        thing = Made(lambda: gate.wait(5))
        with pytest.raises(Making) as caught:
            asyncio.run(thing.wait(0.01))
        assert caught.value.status_code == 503
        assert caught.value.headers == {"Retry-After": "5"}
        gate.set()
        assert asyncio.run(thing.wait(5.0)) is True

    def test_what_went_wrong_is_told_to_everybody(self) -> None:
        def fail() -> object:
            raise dr.errors.NotKnownError("no roads")

        thing = Made(fail)
        for _ in range(2):
            with pytest.raises(dr.errors.NotKnownError, match="no roads"):
                thing.result()
        assert thing.now() is None

    def test_another_load_makes_its_own(self) -> None:
        one, other = Served({"": hand_made()}), Served({"": hand_made()})
        assert made(one, "x", object) is made(one, "x", object)
        assert made(one, "x", object) is not made(other, "x", object)

    @pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # that is what is tested
    def test_a_forked_process_makes_things_too(self) -> None:
        assert Made(lambda: 1).result() == 1
        hear, tell = os.pipe()
        if (child := os.fork()) == 0:
            os.write(tell, str(Made(lambda: 2).result()).encode())
            os._exit(0)
        os.close(tell)
        assert os.read(hear, 10) == b"2"
        os.waitpid(child, 0)
        os.close(hear)


def test_with_a_load_the_public_page_is_begun_before_anybody_asks() -> None:
    here = Served({"": flooded()}, Settings(city="Lingbi"))
    warm(here)
    assert public_face(here).result().page.contents["city"] == {"zh": "Lingbi", "en": "Lingbi"}
    assert public_features(here) is not None


def test_the_public_page_is_that_of_the_settings_whoever_asks_first() -> None:
    """The streets of a collection are looked at before anybody asks for the page."""
    here = Served({"": flooded()}, Settings(city="Lingbi"))
    public_features(here)
    assert public_face(here).result().page.contents["city"] == {"zh": "Lingbi", "en": "Lingbi"}


def test_while_it_is_made_its_streets_are_asked_for_later_and_not_taken_for_absent() -> None:
    here, gate = Served({"": flooded()}), threading.Event()
    made(here, "public", lambda: gate.wait(5))
    with pytest.raises(Making):
        check_streets(here)
    gate.set()
