"""The audit log: every line follows from the one before it, and what was done to it shows."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drainage_api.store import audit, journal
from drainage_api.store.audit import Verdict
from drainage_api.store.database import StoreError
from drainage_api.store.journal import Journal
from drainage_api.store.opened import Store

Lines = list[bytes]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.of(tmp_path / "store")
    yield opened
    opened.database.close()


@pytest.fixture
def path(store: Store) -> Path:
    """The log with eight entries, written in three goes."""
    for goes in (range(3), range(3, 4), range(4, 8)):
        store.audit.append([entry(number) for number in goes])
    return store.database.place / "audit.jsonl"


def entry(number: int) -> dict[str, object]:
    return {
        "time": f"2026-01-0{number + 1}T00:00:00Z",
        "event": "read",
        "asked": f"/collections/pipes/items?n={number}",
    }


def test_an_untouched_log_is_whole(store: Store, path: Path) -> None:
    assert store.verified() == Verdict(8, first="2026-01-01T00:00:00Z", last="2026-01-08T00:00:00Z")
    read = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [one["asked"][-1] for one in read] == list("01234567")
    assert [one["previous"] for one in read[1:]] == [one["hash"] for one in read[:-1]]


def edited(lines: Lines) -> Lines:
    return [*lines[:3], lines[3].replace(b"n=3", b"n=9"), *lines[4:]]


def with_its_own_hash(lines: Lines) -> Lines:
    text = lines[3].replace(b"n=3", b"n=9")[: -audit._HASHED - 1] + b"}"
    return [*lines[:3], text[:-1] + f',"hash":"{audit._hash(text)}"}}\n'.encode(), *lines[4:]]


@pytest.mark.parametrize(
    ("done", "line", "why"),
    [
        (edited, 4, "edited"),
        (with_its_own_hash, 5, "edited"),
        (lambda lines: [*lines[:3], *lines[4:]], 4, "missing"),
        (lambda lines: lines[1:], 1, "missing"),
        (lambda lines: [*lines[:4], lines[2], *lines[4:]], 5, "added"),
        (lambda lines: [*lines[:4], b'{"n":5,"event":"read"}\n', *lines[4:]], 5, "unreadable"),
        (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], 3, "missing"),
        (lambda lines: lines[:-1], 8, "cut"),
        (lambda lines: lines[:4], 5, "cut"),
        (lambda _: [], 1, "cut"),
        (lambda lines: [*lines[:-1], lines[-1][:-20]], 8, "unreadable"),
        (lambda lines: [*lines, lines[-1]], 9, "added"),
        (lambda lines: [*lines, b"half a li"], 9, "unreadable"),
        (lambda lines: [*lines[:3], b"\x00\xff\n", *lines[4:]], 4, "unreadable"),
        (lambda lines: [line + b"\n" for line in lines], 2, "unreadable"),
    ],
)
def test_what_was_done_to_it_is_named_by_its_line(
    store: Store, path: Path, done: Callable[[Lines], Lines], line: int, why: str
) -> None:
    path.write_bytes(b"".join(done(path.read_bytes().splitlines(keepends=True))))
    verdict = store.verified()
    assert (verdict.broken, verdict.why) == (line, why)
    store.audit.append([entry(8)])  # whoever writes next does not mend it
    assert store.verified().broken == line


def test_a_log_that_was_written_anew_does_not_end_as_the_database_says(store: Store, path: Path) -> None:
    """Every line with the right hash: of the chain alone nobody could tell."""
    _, content = audit._chained([entry(number) for number in (0, 1, 2, 3, 4, 5, 6, 8)], audit._End())
    path.write_bytes(content)
    assert (store.verified().broken, store.verified().why) == (8, "rewritten")
    _, content = audit._chained([entry(number) for number in range(9)], audit._End())
    path.write_bytes(content)
    assert (store.verified().broken, store.verified().why) == (9, "added")
    path.unlink()
    assert store.verified().broken == 1


class TestKilled:
    """A process that dies between what it announced to the database and what it wrote."""

    @pytest.mark.parametrize(
        ("written", "torn", "lost", "entries"),
        [(0.0, (), 3, 8), (0.1, (9,), 3, 8), (0.5, (10,), 2, 9), (1.0, (), 0, 11)],
    )
    def test_what_it_left_is_told_and_the_log_goes_on(
        self, store: Store, path: Path, written: float, torn: tuple[int, ...], lost: int, entries: int,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        def dies(file: int, content: bytes) -> None:
            os.write(file, content[: int(len(content) * written)])
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(audit, "_write", dies)
            with pytest.raises(KeyboardInterrupt):
                store.audit.append([entry(8), entry(8), entry(8)])
        verdict = store.verified()
        assert (verdict.broken, tuple(verdict.torn), verdict.lost, verdict.entries) == (None, torn, lost, entries)
        store.audit.append([entry(8)])
        after = store.verified()
        assert (after.broken, tuple(after.torn), after.lost) == (None, torn, 0)
        told = [json.loads(line) for line in path.read_bytes().splitlines()[entries + len(torn) :]]
        assert [one.get("event") for one in told] == (["torn", "read"] if lost else ["read"])
        assert [one.get("lost") for one in told[:-1]] == ([lost] if lost else [])

    @pytest.mark.long
    def test_a_real_one_under_load(self, tmp_path: Path) -> None:
        store = Store.of(tmp_path / "store")
        code = (
            "import sys; from pathlib import Path; from drainage_api.store.opened import Store\n"
            "store = Store.of(Path(sys.argv[1])); print('begun', flush=True)\n"
            "while True: store.audit.append([{'event': 'read', 'asked': 'x' * 200}] * 50)\n"
        )
        for number in range(20):
            process = subprocess.Popen([sys.executable, "-c", code, tmp_path / "store"], stdout=subprocess.PIPE)
            assert process.stdout is not None
            process.stdout.readline()
            threading.Event().wait(0.05 + 0.013 * number)
            process.kill()
            process.communicate()
            assert store.verified().broken is None
        assert store.verified().entries > 1000
        store.database.close()


class TestFullDisk:
    def test_nothing_of_what_did_not_fit_stays(self, store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        whole, write = path.read_bytes(), os.write

        def full(file: int, content: bytes) -> int:
            if len(content) < 100:
                raise OSError(errno.ENOSPC, "full")
            return write(file, content[:100])

        with monkeypatch.context() as patched:
            patched.setattr(os, "write", full)
            with pytest.raises(StoreError):
                store.audit.append([entry(8)])
        assert path.read_bytes() == whole
        store.audit.append([entry(8)])
        verdict = store.verified()
        assert (verdict.entries, verdict.broken, tuple(verdict.torn)) == (9, None, ())

    def test_what_waits_is_written_when_there_is_room(
        self, store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(journal, "RETRY_S", 0.02)
        told = Journal(store.audit)
        with monkeypatch.context() as patched:

            def full(*_: object) -> None:
                raise OSError(errno.ENOSPC, "full")

            patched.setattr(audit, "_write", full)
            assert told.now(entry(8)).result(5) is False
            assert told.failing
        assert told.now({"event": "later"}).result(5) is True
        assert not told.failing
        told.close()
        assert [json.loads(line)["event"] for line in path.read_bytes().splitlines()[-2:]] == ["read", "later"]
        assert store.verified().entries == 10

    def test_what_waits_is_bounded_and_what_is_not_kept_is_counted(
        self, store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(journal, "MOST_WAITING", 5)
        monkeypatch.setattr(journal, "PAUSE_S", 5.0)
        told = Journal(store.audit)
        for _ in range(9):
            told.note(entry(8))
        assert told.failing
        told.close()
        assert json.loads(path.read_bytes().splitlines()[-1])["count"] == 4
        assert store.verified().entries == 8 + 5 + 1


def test_a_client_that_left_while_its_refusal_was_written_stops_nothing(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, begun, write = Journal(store.audit), threading.Event(), audit._write
    go_on = threading.Event()

    def slowly(file: int, content: bytes) -> None:
        begun.set()
        assert go_on.wait(5)
        write(file, content)

    monkeypatch.setattr(audit, "_write", slowly)
    left = told.now(entry(8))
    assert begun.wait(5)
    assert left.cancel()
    go_on.set()
    assert told.now(entry(8)).result(5) is True
    assert not told.failing
    told.close()
    assert (store.verified().entries, path.exists()) == (10, True)


def test_two_processes_write_one_chain(tmp_path: Path) -> None:
    store = Store.of(tmp_path / "store")
    code = (
        "import sys; from pathlib import Path; from drainage_api.store.opened import Store\n"
        "store = Store.of(Path(sys.argv[1]))\n"
        "for number in range(40): store.audit.append([{'event': sys.argv[2], 'number': number}])\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, tmp_path / "store", name]) for name in "ab"]
    assert [process.wait(60) for process in both] == [0, 0]
    assert store.verified().entries == 80
    said = [json.loads(line) for line in (tmp_path / "store" / "audit.jsonl").read_bytes().splitlines()]
    for name in "ab":
        assert [one["number"] for one in said if one["event"] == name] == list(range(40))
    store.database.close()


@pytest.mark.parametrize(
    "done",
    [
        lambda text: text.replace(b',"hash":"', b',"who" :"', 1),
        lambda text: text[:-1],
        lambda text: text.replace(text.splitlines()[1], b'{"n":1e999,"previous":""}'),
        lambda text: text.replace(text.splitlines()[1], b"[" * 100_000),
    ],
    ids=["name of the hash", "end of the log", "endless number", "deep brackets"],
)
def test_what_no_hash_covers_is_looked_at_too(store: Store, path: Path, done: Callable[[bytes], bytes]) -> None:
    """The name of the hash itself, the end of the last line, and lines on which a reader breaks."""
    assert audit.verify(store.database).broken is None
    path.write_bytes(done(path.read_bytes()))
    assert audit.verify(store.database).broken is not None


def test_the_log_goes_on_in_a_line_of_its_own(store: Store, path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])
    store.audit.append([entry(8)])
    assert audit.verify(store.database).entries == 9
