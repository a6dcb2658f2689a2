"""A full disk, a store that cannot be written, a database that goes and comes back: said clearly, and nothing lost."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.api.jobs.test_workforce import submitting, until
from tests.api.test_unwritable import may_mount
from tests.conftest import DATABASE, needs_server
from tests.support.running import Running, in_process
from tests.support.stores import a_schema
from tests.support.submitting_town import Town, settled, wrong_in

pytestmark = pytest.mark.long

#: A store on a disk of its own, of ten megabytes, that only the server and who looks through it see.
SMALL_DISK = """
mount -t tmpfs -o size=10m tmpfs '{place}' && cp -a '{before}/.' '{place}' && cd / && exec "$0" "$@"
"""
READ_ONLY = """
mount --bind '{place}' '{place}' && mount -o remount,ro,bind '{place}' && cd / && exec "$0" "$@"
"""


@contextlib.contextmanager
def on_a_small_disk(town: Town) -> Iterator[Running]:
    before = town.folder / "before"
    shutil.copytree(town.place, before)
    script = SMALL_DISK.format(place=town.place, before=before)
    said = {"results": str(town.results), "store": str(town.place), "waiting_per_key": "1000"}
    before_it = ("unshare", "-r", "-m", "sh", "-c", script)
    with in_process(town.folder / "log", *before_it, module="tests.support.quick_server", **said) as running:
        town.port = running.port
        yield running.ready()


def has_more(town: Town, before: int) -> bool:
    return len(town.accepted) > before


def state_of(town: Town, identity: str) -> str:
    return str(town.ask(f"GET /submissions/{identity}", town.operator)[1].get("state"))


@pytest.mark.skipif(not may_mount(), reason="nothing can be mounted here")
def test_a_full_disk_is_said_and_everything_goes_on_when_there_is_room(tmp_path: Path) -> None:
    town = Town(tmp_path / "town", None)
    with on_a_small_disk(town) as running:
        disk = Path(f"/proc/{running.process.pid}/root{town.place}")
        with submitting(town):
            until(lambda: len(town.accepted) >= 2)
            filled = disk / "filled"
            with contextlib.suppress(OSError), filled.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
            until(lambda: town.refused.total() >= 3)
            assert set(town.refused) <= {503, 507}, "a clear answer"
            assert town.ask("GET /health", town.operator)[0] == 200
            filled.unlink()
            before = len(town.accepted)
            until(lambda: len(town.accepted) > before)
        until(lambda: all(state_of(town, identity) == "computed" for identity in town.accepted), 120)
        for identity, digest in town.accepted.items():
            told = town.ask(f"GET /submissions/{identity}/comparison", town.operator)[1]
            assert told["digest"] == digest
    said = (town.folder / "log").read_text(encoding="utf-8")
    assert "Traceback" not in said


@pytest.mark.skipif(not may_mount(), reason="nothing can be mounted here")
def test_a_store_that_cannot_be_written_is_named_at_the_start(tmp_path: Path) -> None:
    town = Town(tmp_path / "town", None)
    script = READ_ONLY.format(place=town.place)
    said = {"results": str(town.results), "store": str(town.place)}
    with in_process(town.folder / "log", "unshare", "-r", "-m", "sh", "-c", script, **said) as running:
        assert running.process.wait(60) == 1
    told = (town.folder / "log").read_text(encoding="utf-8")
    assert str(town.place) in told
    assert "Traceback" not in told


def test_a_database_that_is_moved_away_and_back_loses_nothing(tmp_path: Path) -> None:
    town = Town(tmp_path / "town", None)
    database, away = town.place / "store.db", town.folder / "away.db"
    with town.served(workers="2") as running, submitting(town, 2):
        running.ready()
        for _ in range(5):
            until(partial(has_more, town, len(town.accepted)))
            town.refused.clear()
            database.rename(away)
            until(lambda: town.refused.total() >= 2)
            assert set(town.refused) <= {503}
            away.rename(database)
    settled(town)
    assert wrong_in(town) == []


@needs_server
def test_a_database_whose_connections_end_again_and_again_loses_nothing(tmp_path: Path) -> None:
    with a_schema() as url:  # by a name of their own, as other tests are at work on the server too
        town = Town(tmp_path / "town", f"{url}&application_name=ended_again")
        over, ended = threading.Event(), list[bool]()

        def end_all() -> None:
            engine = create_engine(DATABASE, isolation_level="AUTOCOMMIT")
            ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ended_again'"
            with engine.connect() as connection:
                while not over.wait(0.7):
                    ended.extend(connection.execute(text(ours)).scalars())
            engine.dispose()

        ending = threading.Thread(target=end_all)
        with town.served(workers="2") as running, submitting(town, 2):
            running.ready()
            ending.start()
            time.sleep(20)
            over.set()
            ending.join()
            assert any(ended)
        assert set(town.refused) <= {0, 503}, (town.folder).name
        settled(town)
        assert wrong_in(town) == []
        assert len(town.accepted) >= 3
