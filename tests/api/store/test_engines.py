"""The two engines: the same promises of reading and writing, keys, sessions and the log; what a URL may say."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, make_url, select, text, update

import drainage as dr
from drainage_api.access.keeper import Vault
from drainage_api.settings import Settings
from drainage_api.store.audit import Verdict
from drainage_api.store.database import StoreError
from drainage_api.store.dialects import news
from drainage_api.store.ids import FORM, new_id
from drainage_api.store.opened import Store
from drainage_api.store.tables import about, audit_lines, head, sightings
from drainage_api.store.visits import Failures
from tests.conftest import DATABASE, ROOT, needs_server
from tests.support.at_once import at_once
from tests.support.stores import Where, a_schema

on_a_server = pytest.mark.parametrize("where", [pytest.param("postgresql", marks=needs_server)], indirect=True)


def value(store: Store, name: str) -> bytes | None:
    with store.database.reading() as connection:
        return connection.scalar(select(about.c.value).where(about.c.name == name))


def note(store: Store, name: str, said: bytes = b"1") -> None:
    with store.database.writing() as connection:
        connection.execute(insert(about), {"name": name, "value": said})


class TestReadingAndWriting:
    def test_what_fails_half_way_leaves_nothing(self, store: Store) -> None:
        def half() -> None:
            with store.database.writing() as connection:
                connection.execute(insert(about), {"name": "half", "value": b""})
                connection.execute(insert(about), {"name": "half", "value": b""})

        with pytest.raises(StoreError, match=r"^IntegrityError$"):
            half()
        assert value(store, "half") is None

    def test_a_reader_sees_one_moment(self, store: Store) -> None:
        with store.database.reading() as connection:
            count = select(about.c.name)
            before = connection.execute(count).all()
            note(store, "new")
            assert connection.execute(count).all() == before
        assert value(store, "new") == b"1"

    def test_two_that_write_wait_for_each_other(self, store: Store, where: Where) -> None:
        """Each reads a number and writes the next: none is lost."""
        note(store, "count", b"0")

        def add() -> None:
            other = where.opened()
            for _ in range(10):
                with other.database.writing() as connection:
                    here = about.c.name == "count"
                    seen = connection.scalar(select(about.c.value).where(here)) or b""
                    connection.execute(update(about).where(here).values(value=str(int(seen) + 1).encode()))
            other.close()

        at_once(3, add)
        assert value(store, "count") == b"30"

    def test_who_opens_one_that_stands_waits_for_no_writer(self, store: Store, where: Where) -> None:
        with store.database.writing():
            where.opened().close()

    def test_one_is_made_where_many_begin_at_once(self, where: Where) -> None:
        def make() -> bytes:
            made = where.opened()
            secret = made.visits.secret
            made.close()
            return secret

        secrets = at_once(4, make)
        assert (len(secrets), len(set(secrets))) == (4, 1)

    def test_one_whose_making_was_broken_off_is_made(self, tmp_path: Path) -> None:
        (tmp_path / ".store.db.0a1b2c3d").touch()
        (tmp_path / ".store.db.0a1b2c3d-wal").touch()
        Store.of(tmp_path).close()
        (tmp_path / "store.db").unlink()
        (tmp_path / "letter.txt").touch()
        with pytest.raises(dr.errors.FormatError):
            Store.of(tmp_path)

    def test_one_is_made_and_opened_by_a_relative_path(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        for _ in range(2):
            with closing(Store.of(Path("a store?"))) as store:
                assert store.database.place == tmp_path / "a store?"

    def test_one_that_is_gone_for_a_moment_is_not_made_anew(self, tmp_path: Path) -> None:
        """An empty one in its place would have SQLite drop what is in the log beside it."""
        store, database, away = Store.of(tmp_path / "store"), tmp_path / "store" / "store.db", tmp_path / "away.db"
        note(store, "kept")
        with store.database.reading():  # so that the next question needs a connection of its own
            database.rename(away)
            with pytest.raises(StoreError):
                value(store, "kept")
            assert not database.exists()
            away.rename(database)
            assert value(store, "kept") == b"1"
        store.close()
        with closing(Store.of(database.parent)) as again:
            assert value(again, "kept") == b"1"

    def test_that_another_process_has_written_is_seen_without_a_question(self, store: Store, where: Where) -> None:
        other = where.opened()
        store.keys.add("Wang", "engineer")
        before = other.database.version()
        assert other.database.version() == before
        key, secret = store.keys.add("Li", "operator")
        assert other.database.version() != before or soon(lambda: other.database.version() != before)
        assert other.keys.find(secret) == key
        store.keys.revoke("Li")
        assert soon(lambda: getattr(other.keys.find(secret), "state", "") == "revoked")
        other.close()


def soon(true: object, seconds: float = 2.0) -> bool:
    """Tell whether it comes true at once, as far as another process can see it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():  # type: ignore[operator]  # a question
            return True
        time.sleep(0.01)
    return False


class TestWhoIsSignedIn:
    def test_a_session_ends_with_its_key(self, store: Store) -> None:
        key, _ = store.keys.add("Wang", "engineer")
        secret, ends = store.visits.begin(key, seconds=100)
        assert store.visits.find(secret) == key
        assert ends <= time.time() + 100
        store.keys.revoke("Wang")
        assert store.visits.find(secret) is None
        with pytest.raises(dr.errors.FormatError, match="is revoked already"):
            store.keys.revoke("Wang")

    def test_failures_are_counted_for_all_processes_together(self, store: Store, where: Where) -> None:
        other = where.opened()
        counting = [Failures(one.database, most=2) for one in (store, other)]
        assert [one.count("1.2.3.4") for one in counting] == [0.0, 0.0]
        assert all(0 < one.wait_s("1.2.3.4") <= 60 for one in counting)
        assert counting[0].wait_s("1.2.3.5") == 0
        other.close()


class TestTheLog:
    @pytest.mark.long
    @on_a_server
    def test_its_lines_follow_from_each_other_whoever_writes(self, store: Store, where: Where) -> None:
        code = (
            "import os, sys; from pathlib import Path; from drainage_api.store.opened import Store\n"
            "store = Store.of(Path(sys.argv[1]), os.environ.get('DRAINAGE_DATABASE_URL'))\n"
            "for n in range(15): store.audit.append([{'event': 'read', 'asked': str(n)}] * 3)\n"
        )
        words = [sys.executable, "-c", code, str(where.place)]
        environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'api'}", **where.environment}
        others = [subprocess.Popen(words, env=environment) for _ in range(2)]
        for n in range(15):
            store.audit.append([{"event": "read", "time": f"{n}"}])
        assert [one.wait(60) for one in others] == [0, 0]
        assert store.verified() == Verdict(105, first=store.verified().first, last=store.verified().last)

    @on_a_server
    @pytest.mark.parametrize(
        ("harm", "why"),
        [
            (update(audit_lines).where(audit_lines.c.number == 3).values(line=b"{}"), "unreadable"),
            (delete(audit_lines).where(audit_lines.c.number == 3), "missing"),
            (delete(audit_lines).where(audit_lines.c.number == 5), "cut"),
            (update(head).values(digest="0" * 64), "rewritten"),
            (text("UPDATE audit_lines SET line = replace(encode(line, 'escape'), 'Wang', 'Wung')::bytea"), "edited"),
            (text("INSERT INTO audit_lines SELECT 6, line FROM audit_lines WHERE number = 5"), "added"),
        ],
    )
    def test_what_was_done_to_it_in_the_database_shows(self, store: Store, harm: object, why: str) -> None:
        for _ in range(5):
            store.note("key made", who="Wang")
        assert store.verified().broken is None
        with store.database.writing() as connection:
            connection.execute(harm)  # type: ignore[call-overload]  # a statement
        found = store.verified()
        assert (found.why, found.broken is not None) == (why, True)


class TestTheUrl:
    @pytest.mark.parametrize(
        "url",
        ["mysql://root:geheim@host/db", "postgresql://user:geheim@host", "geheim", "sqlite:///geheim.db", ":geheim"],
    )
    def test_what_is_none_is_refused_and_not_repeated(self, url: str) -> None:
        with pytest.raises(dr.errors.FormatError, match="postgresql://USER@HOST") as told:
            Store.of(None, url)
        assert "geheim" not in str(told.value)

    def test_nothing_says_the_password(self, caplog: pytest.LogCaptureFixture) -> None:
        """Neither an error, nor the settings, nor a log."""
        url = "postgresql://keeper:geheim@127.0.0.1:1/drainage?application_name=geheim"
        with pytest.raises(dr.errors.FormatError, match=r"postgresql://127\.0\.0\.1:1/drainage") as told:
            Vault.with_limits(None, url, failures_per_minute=1)
        settings = Settings(database_url=url)  # type: ignore[arg-type]  # as the environment says it
        assert settings.database == url
        said = [str(told.value), repr(settings), str(settings), settings.model_dump_json(), caplog.text]
        assert not [one for one in said if "geheim" in one or "keeper" in one]

    @pytest.mark.long
    @on_a_server
    def test_the_commands_take_it_and_do_not_repeat_it(self, where: Where) -> None:
        where.opened().close()
        assert where.url is not None
        url = where.url.replace("postgres@", "postgres:geheim@")
        words = [sys.executable, "-m", "drainage"]
        environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'api'}", "DRAINAGE_LANG": "en"}
        named = [*words, "keys", "add", "Wang", "--role", "engineer", "--store", url]
        asked = [(named, {}), ([*words, "keys", "list", "--json"], {"DRAINAGE_DATABASE_URL": url}),
                 ([*words, "audit"], {"DRAINAGE_DATABASE_URL": url})]  # fmt: skip
        done = [subprocess.run(one, env=environment | more, capture_output=True, check=False) for one, more in asked]
        assert [one.returncode for one in done] == [0, 0, 0], done
        assert json.loads(done[1].stdout)[0]["name"] == "Wang"
        assert b"1 entries" in done[2].stdout or b"1 entr" in done[2].stdout
        assert not [one for one in done if b"geheim" in one.stdout + one.stderr]

    @needs_server
    def test_a_database_without_postgis_is_told_with_the_remedy(self) -> None:
        with a_schema() as url:
            alone = url.replace("%2Cpublic", "").replace(",public", "")
            assert alone != url
            with pytest.raises(dr.errors.FormatError, match="CREATE EXTENSION postgis"):
                Store.of(None, alone)


@on_a_server
def test_a_place_is_a_geometry_that_a_gis_sees(store: Store) -> None:
    import shapely

    place = shapely.to_wkb(shapely.Point(117.5, 33.5))
    row = {"id": new_id("R"), "at": 1.0, "received": 2.0, "place": place, "lon": 117.5, "lat": 33.5, "state": "waiting"}
    with store.database.writing() as connection:
        connection.execute(insert(sightings), row)
        said = connection.execute(text("SELECT ST_AsText(place), ST_SRID(place) FROM sightings")).one()
        listed = connection.execute(text(
            "SELECT srid FROM geometry_columns WHERE f_table_schema = current_schema() AND f_table_name = 'sightings'"
        )).scalar_one()  # fmt: skip
        assert connection.scalar(select(sightings.c.place)) == place
    assert tuple(said) == ("POINT(117.5 33.5)", 4326)
    assert listed == 4326


def test_ids_tell_their_day_and_are_not_taken_for_others() -> None:
    ids = {new_id("S") for _ in range(1000)}
    assert len(ids) > 995
    assert all(FORM.fullmatch(one) for one in ids)
    assert {one[:11] for one in ids} <= {time.strftime("S-%Y%m%d-", time.gmtime(time.time() - ago)) for ago in (0, 60)}
    assert not any(set(one[11:]) & set("ILOU") for one in ids)


class Line:
    """A line to the server of the tests that can be cut."""

    def __init__(self) -> None:
        self.whole, self._ends, self.moving = True, list[socket.socket](), threading.Event()
        self.moving.set()
        self._sock = socket.create_server(("127.0.0.1", 0))
        self.port = self._sock.getsockname()[1]
        url = make_url(DATABASE)
        self._to = (url.host or "", url.port or 5432)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._sock.accept()
                if not self.whole:
                    near.close()
                    continue
                far = socket.create_connection(self._to)
                self._ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while content := one.recv(1 << 16):
                self.moving.wait()
                other.sendall(content)
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        self.whole = False
        for one in self._ends:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.cut()
        self._sock.close()


@contextmanager
def a_line() -> Iterator[Line]:
    line = Line()
    yield line
    line.close()


@on_a_server
def test_a_database_that_was_gone_is_used_again_when_it_is_back(where: Where, tmp_path: Path) -> None:
    assert where.url is not None
    with a_line() as line:
        store = Store.of(
            tmp_path / "cache", make_url(where.url).set(port=line.port).render_as_string(hide_password=False)
        )
        key, secret = store.keys.add("Wang", "engineer")
        assert store.keys.find(secret) == key
        line.cut()
        for ask in (store.keys.all, lambda: store.objects.put(b"1"), lambda: store.note("key made"), store.verified):
            with pytest.raises(StoreError):
                ask()
        assert soon(lambda: _fails(store))
        line.whole = True
        assert soon(lambda: not _fails(store), 5.0)
        assert store.keys.find(secret) == key
        assert store.objects.read(store.objects.put(b"1")) == b"1"
        assert store.verified().broken is None
        store.close()


@on_a_server
def test_a_database_that_answers_no_more_keeps_nobody_waiting_for_long(
    where: Where, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert where.url is not None
    monkeypatch.setattr(news, "PATIENCE_S", 0.2)
    monkeypatch.setattr(news, "AGAIN_S", 1.0)
    with a_line() as line:
        url = make_url(where.url).set(port=line.port).render_as_string(hide_password=False)
        store = Store.of(tmp_path / "cache", url)
        _, secret = store.keys.add("Wang", "engineer")
        assert store.keys.find(secret) is not None
        time.sleep(news.FRESH_S)
        line.moving.clear()
        waited = list[None]()
        want = news.News._want

        def counted(one: news.News) -> None:
            waited.append(None)
            want(one)

        monkeypatch.setattr(news.News, "_want", counted)
        for _ in range(50):
            with pytest.raises(StoreError):
                store.keys.find(secret)
        assert 0 < len(waited) < 5  # the others did not wait
        line.moving.set()
        assert soon(lambda: not _fails(store), 5.0)
        assert store.keys.find(secret) is not None
        store.close()


@on_a_server
def test_who_asks_while_others_of_the_process_write_is_answered_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "FRESH_S", 0.0)
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            store.database._news.forget()  # type: ignore[attr-defined]  # as after each writing

    writers = [threading.Thread(target=write) for _ in range(2)]
    for one in writers:
        one.start()
    try:
        assert len([store.database.version() for _ in range(100)]) == 100  # none was given up
    finally:
        done.set()
        for one in writers:
            one.join()


def _fails(store: Store) -> bool:
    try:
        store.database.version()
    except StoreError:
        return True
    return False


@on_a_server
def test_a_writer_that_hangs_stops_the_others_for_a_while_only(where: Where, monkeypatch: pytest.MonkeyPatch) -> None:
    from drainage_api.store.dialects import on_server

    monkeypatch.setitem(on_server._LIMITS, "lock_timeout", 200)
    store, other = where.opened(), where.opened()
    with store.database.writing() as connection:
        connection.execute(select(about))
        with pytest.raises(StoreError, match="OperationalError"), other.database.writing():
            pass
    with other.database.writing():
        pass
    store.close()
    other.close()
