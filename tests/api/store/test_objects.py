"""Objects: bytes under their digest, written whole or not at all, and never given out damaged."""

from __future__ import annotations

import hashlib
import io
import json
import os
import resource
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from drainage_api.store.database import StoreError
from drainage_api.store.objects import DamagedError, digest_of_tree
from drainage_api.store.opened import Store
from drainage_api.store.tables import object_parts, objects
from tests.conftest import needs_server
from tests.support.at_once import at_once
from tests.support.stores import Where

CONTENT = b"manhole" * 400_000  # three parts
DIGEST = hashlib.sha256(CONTENT).hexdigest()
#: Copies there are only there.
on_a_server = pytest.mark.parametrize("where", [pytest.param("postgresql", marks=needs_server)], indirect=True)


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def everything_in(place: Path) -> set[str]:
    return {one.relative_to(place).as_posix() for one in place.rglob("*")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "report"
    (place / "below").mkdir(parents=True)
    (place / "a.txt").write_bytes(b"a")
    (place / "below" / "管.txt").write_bytes(b"b")
    (place / "twice.txt").write_bytes(b"a")
    return place


def contents(place: Path) -> dict[str, bytes]:
    return {one.relative_to(place).as_posix(): one.read_bytes() for one in place.rglob("*") if one.is_file()}


def test_bytes_come_back_under_their_digest(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    sources = (CONTENT, io.BytesIO(CONTENT), tmp_path / "file")
    assert {store.objects.put(source) for source in sources} == {DIGEST}
    assert store.objects.read(DIGEST) == CONTENT == store.objects.path(DIGEST).read_bytes()
    assert stat.S_IMODE(store.objects.path(DIGEST).stat().st_mode) == 0o400
    assert store.objects.read(store.objects.put(b"")) == b""


def test_another_process_reads_them(store: Store, where: Where, tmp_path: Path) -> None:
    store.objects.put(CONTENT)
    elsewhere = where if where.url is None else Where(tmp_path / "other cache", where.url)
    other = elsewhere.opened()
    assert other.objects.read(DIGEST) == CONTENT
    other.close()


def test_a_directory_comes_back_as_it_was(store: Store, folder: Path) -> None:
    digest = store.objects.put_tree(folder)
    assert digest == store.objects.put_tree(folder) == digest_of_tree(folder)
    assert contents(store.objects.tree(digest)) == contents(folder)
    (folder / "a.txt").write_bytes(b"c")
    assert digest_of_tree(folder) != digest
    assert contents(store.objects.tree(digest))["a.txt"] == b"a"


def test_a_directory_that_somebody_changed_is_laid_out_anew(store: Store, folder: Path) -> None:
    digest = store.objects.put_tree(folder)
    made = store.objects.tree(digest)
    (made / "a.txt").unlink()
    (made / "a.txt").write_bytes(b"changed")
    (made / "more.txt").write_bytes(b"more")
    assert contents(store.objects.tree(digest)) == contents(folder)


def test_what_is_damaged_or_missing_is_told_and_never_given_out(store: Store, folder: Path) -> None:
    digest = store.objects.put_tree(folder)
    store.objects.tree(digest)
    one = store.objects.listed(digest)["a.txt"]
    if store.database.dialect == "sqlite":
        store.objects.path(one).chmod(0o600)
        (store.database.place / "objects" / one[:2] / one).write_bytes(b"x")
    else:
        with store.database.writing() as connection:
            connection.execute(update(object_parts).where(object_parts.c.digest == one).values(bytes=b"x"))
        shutil.rmtree(store.database.place / "objects")
    for asked in (lambda: store.objects.read(one), lambda: store.objects.path(one), lambda: store.objects.tree(digest)):
        with pytest.raises(DamagedError, match="damaged"):
            asked()
    for missing in (hashlib.sha256(b"nobody").hexdigest(), "../../etc/passwd", "", "A" * 64):
        with pytest.raises(DamagedError):
            store.objects.read(missing)


def test_a_damaged_object_is_whole_again_when_it_is_put_again(store: Store) -> None:
    path = store.objects.path(store.objects.put(CONTENT))
    path.chmod(0o600)
    path.write_bytes(b"x")
    assert store.objects.put(CONTENT) == DIGEST
    assert store.objects.read(DIGEST) == CONTENT


@on_a_server
def test_a_damaged_copy_of_what_lies_on_a_server_is_read_anew(store: Store) -> None:
    path = store.objects.path(store.objects.put(CONTENT))
    path.chmod(0o600)
    path.write_bytes(b"x")
    assert store.objects.read(DIGEST) == CONTENT


@pytest.mark.parametrize("name", ["../out.txt", "/out.txt", "a/../../out.txt", "", "a\0b"])
def test_a_list_that_leads_out_of_its_directory_is_refused(store: Store, name: str) -> None:
    digest = store.objects.put(json.dumps({name: store.objects.put(b"out")}).encode())
    with pytest.raises(DamagedError, match="no directory"):
        store.objects.tree(digest)


def test_a_full_disk_leaves_nothing_half(store: Store) -> None:
    kept = store.objects.put(b"small")
    before = everything_in(store.database.place)
    with files_up_to(1_000_000), pytest.raises(StoreError):
        store.objects.put(CONTENT)
    assert everything_in(store.database.place) == before
    with store.database.reading() as connection:
        for table in (objects, object_parts):
            found = connection.scalar(select(func.count()).select_from(table).where(table.c.digest == DIGEST))
            assert found == 0
    assert store.objects.read(kept) == b"small"
    assert store.objects.put(CONTENT) == DIGEST


def test_several_put_the_same_at_once(store: Store) -> None:
    assert at_once(4, lambda: store.objects.put(CONTENT)) == [DIGEST] * 4
    assert store.objects.read(DIGEST) == CONTENT
    assert not [one for one in everything_in(store.database.place) if ".part" in one]


def test_several_ask_for_the_same_directory_at_once(store: Store, folder: Path) -> None:
    for number in range(40):
        (folder / "a.txt").write_text(str(number), encoding="utf-8")
        digest = store.objects.put_tree(folder)

        def ask(digest: str = digest) -> dict[str, bytes]:
            return contents(store.objects.tree(digest))

        assert at_once(4, ask) == [contents(folder)] * 4


@on_a_server
def test_a_copy_is_not_needed_to_put(store: Store) -> None:
    """On a server the bytes are safe without a copy, which is made when they are read."""
    store.objects.put(CONTENT)
    shutil.rmtree(store.database.place / "objects")
    assert store.objects.read(DIGEST) == CONTENT
    with store.database.writing() as connection:
        connection.execute(delete(object_parts).where(object_parts.c.number == 1))
    assert store.objects.read(DIGEST) == CONTENT  # from the copy
    shutil.rmtree(store.database.place / "objects")
    with pytest.raises(DamagedError):
        store.objects.read(DIGEST)


def test_what_a_killed_process_left_half_is_swept_away_and_what_is_being_written_is_not(store: Store) -> None:
    store.objects.put(CONTENT)
    place = store.database.place / "objects"
    old, new = place / ".part-old", place / ".part-new"
    for part in (old, new):
        part.write_bytes(b"half")
    os.utime(old, (0, 0))
    store.objects.sweep()
    assert (old.exists(), new.exists()) == (False, True)
    assert store.objects.read(DIGEST) == CONTENT
