"""Backup and restore: all of a store in one file, of one that is written to, onto either engine, damage told."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import re
import stat
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
from sqlalchemy import delete, insert, select, update

import drainage as dr
from drainage_api.access import guarding
from drainage_api.settings import Settings
from drainage_api.store.backup import back_up, restore
from drainage_api.store.findings import Posted
from drainage_api.store.ids import new_id
from drainage_api.store.objects import DamagedError
from drainage_api.store.opened import Store
from drainage_api.store.submitting.records import Person, Sent
from drainage_api.store.tables import (
    about,
    audit_lines,
    evidence,
    object_parts,
    objects,
    sightings,
    submissions,
    tables,
    versions,
)
from drainage_api.store.whole import check_objects, named
from tests.api.store.test_objects import files_up_to
from tests.support.sending import begin, compute
from tests.support.stores import BOTH, Where, a_schema

#: What does not depend on the engines.
in_files = pytest.mark.parametrize(("where", "empty"), [("sqlite", "sqlite")], indirect=True)
PLACE = shapely.to_wkb(shapely.Point(117.5, 33.5))


@pytest.fixture(params=BOTH)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Where]:
    """Give where a store may be restored to."""
    if request.param == "sqlite":
        yield Where(tmp_path / "restored")
        return
    with a_schema() as url:
        yield Where(tmp_path / "restored", url)


@pytest.fixture
def full(store: Store, tmp_path: Path) -> Store:
    """A store with something of every kind."""
    key, _ = store.keys.add("施工一队", "contractor", roads=["人民路"], until=dt.date(2999, 12, 31))
    store.keys.add("Wang", "engineer")
    store.keys.revoke("Wang")
    store.visits.begin(key, seconds=100)
    for number in range(3):
        store.note("key made", who=f"{number}")
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "a.bin").write_bytes(b"a" * 1_200_000)
    (folder / "b.txt").write_text("乙", encoding="utf-8")
    version = store.versions.begin(store.objects.put_tree(folder), day="2026-11-29")
    with store.database.writing() as connection:
        store.versions.add(connection, parent=version.number, submission="S-1", tree=version.tree, day=None)
        row = {"id": new_id("R"), "at": 1.0, "received": 2.5, "place": PLACE, "lon": 117.5, "lat": 33.5,
               "words": "水到膝盖", "state": "waiting"}  # fmt: skip
        connection.execute(insert(sightings), row)
    store.objects.put(b"")
    return store


def test_every_digest_in_the_tables_is_looked_for(store: Store) -> None:
    """Truth: all texts of 64 hexadecimal digits in the rows, but those that are the digest of no object."""
    begin(store)
    one = store.submissions.receive(
        Sent("a.geojson", "geojson", store.objects.put(b"{}"), 2), Person("Li", "contractor", "k"), most_waiting=9
    )
    compute(store, one.id)
    posted = Posted(key="k", name="Li", roads=(), kind="rain", filename="a.csv", digest=store.objects.put(b"a"), size=1)
    read = store.evidence.post(posted, most_waiting=9)
    with store.database.writing() as connection:
        answers = {"document": store.objects.put(b'{"changes": {}}'), "version": 1, "changes": {}}
        store.evidence.computed(connection, read.id, answers)
    no_objects = {submissions.c.asked_digest.name, submissions.c.receipt.name}
    found = set[str]()
    with store.database.reading() as connection:
        for table in (submissions, evidence, versions, sightings):
            for row in connection.execute(select(table)).mappings():
                kept = [str(value) for name, value in row.items() if name not in no_objects]
                found |= {*re.findall(r"\b[0-9a-f]{64}\b", " ".join(kept))}
        trees, single = named(connection)
    assert found == trees | single
    assert found <= {*_digests(store)}
    lost = (store.submissions.get(one.id) or one).comparison
    assert lost is not None
    _remove(store, lost["document"])
    assert lost["document"] in check_objects(store).missing


def _digests(store: Store) -> list[str]:
    with store.database.reading() as connection:
        return store.objects.digests(connection)


def _remove(store: Store, digest: str) -> None:
    if store.database.dialect == "sqlite":
        (store.database.place / "objects" / digest[:2] / digest).unlink()
        return
    with store.database.writing() as connection:
        connection.execute(delete(object_parts).where(object_parts.c.digest == digest))
        connection.execute(delete(objects).where(objects.c.digest == digest))


def rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Return what is in every table that both engines fill."""
    apart = {audit_lines, objects, object_parts}
    with store.database.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in tables.sorted_tables
            if table not in apart
        }


def test_a_restored_store_holds_the_same_on_either_engine(full: Store, empty: Where, tmp_path: Path) -> None:
    told = back_up(full, tmp_path / "backup.zip")
    assert (told.versions, told.objects, told.entries) == (2, 4, 3)
    other = empty.opened()
    assert restore(tmp_path / "backup.zip", other) == told
    assert rows(other) == rows(full)
    assert (full.verified(), other.verified().broken) == (other.verified(), None)
    head = other.versions.head()
    assert head is not None
    assert (other.objects.tree(head.tree) / "a.bin").read_bytes() == b"a" * 1_200_000
    assert other.keys.find("nobody") is None
    other.note("key made", who="after")
    assert other.verified().entries == 4
    with other.database.reading() as connection:
        assert bytes(connection.scalar(select(sightings.c.place)) or b"") == PLACE
    other.close()


@in_files
def test_a_backup_of_a_backup_tells_the_same(full: Store, empty: Where, tmp_path: Path) -> None:
    back_up(full, tmp_path / "1.zip")
    other = empty.opened()
    restore(tmp_path / "1.zip", other)
    back_up(other, tmp_path / "2.zip")
    listed = [json.loads(zipfile.ZipFile(tmp_path / name).read("list.json"))["members"] for name in ("1.zip", "2.zip")]
    assert listed[0] == listed[1]
    other.close()


@pytest.mark.long
def test_it_is_one_moment_of_a_store_that_is_written_to(store: Store, where: Where, tmp_path: Path) -> None:
    """A version is made with its object and a line of the log: no backup has one without the other."""
    first = store.versions.begin(store.objects.put_tree(_folder(tmp_path, 0)), day=None)
    done, failed = threading.Event(), list[BaseException]()

    def write() -> None:
        other, number = where.opened(), first.number
        try:
            while not done.is_set():
                tree = other.objects.put_tree(_folder(tmp_path, number))
                with other.database.writing() as connection:
                    number = other.versions.add(connection, parent=number, submission="S", tree=tree, day=None)
                other.note("version", number=str(number))
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)
        other.close()

    writer = threading.Thread(target=write)
    writer.start()
    found = []
    for number in range(3):
        found.append(back_up(store, tmp_path / f"{number}.zip"))
        time.sleep(0.02)
    done.set()
    writer.join()
    assert failed == []
    assert [one.versions for one in found] == sorted(one.versions for one in found)
    for number, told in enumerate(found):
        with Store.opened(tmp_path / f"restored {number}") as other:
            restore(tmp_path / f"{number}.zip", other)
            history = other.versions.history()
            assert len(history) == told.versions
            assert 0 <= len(history) - 1 - told.entries <= 1
            assert other.verified().broken is None
            assert other.verified().entries == told.entries
            for version in history:
                assert (other.objects.tree(version.tree) / "n").read_text() == str(version.number - 1)


def _folder(place: Path, number: int) -> Path:
    folder = place / f"tree {number}"
    folder.mkdir()
    (folder / "n").write_text(str(number))
    return folder


@pytest.mark.parametrize("where", ["sqlite"], indirect=True)
def test_a_backup_is_for_its_owner_and_never_over_another_file(full: Store, tmp_path: Path) -> None:
    back_up(full, tmp_path / "backup.zip")
    assert stat.S_IMODE((tmp_path / "backup.zip").stat().st_mode) == 0o600
    before = (tmp_path / "backup.zip").read_bytes()
    with pytest.raises(dr.errors.FormatError, match="is there already"):
        back_up(full, tmp_path / "backup.zip")
    assert (tmp_path / "backup.zip").read_bytes() == before


@pytest.mark.parametrize("where", ["sqlite"], indirect=True)
def test_a_full_disk_leaves_no_half_backup(full: Store, tmp_path: Path) -> None:
    full.objects.put(bytes(secrets_of(1_500_000)))
    target = tmp_path / "backup.zip"
    with files_up_to(1_000_000), pytest.raises(OSError, match="File too large"):
        back_up(full, target)
    assert not [one for one in tmp_path.iterdir() if "backup" in one.name]
    back_up(full, target)


def secrets_of(size: int) -> bytes:
    """Return bytes that cannot be compressed, the same each time."""
    import random

    return random.Random(1).randbytes(size)  # noqa: S311 - no secret


@in_files
def test_a_store_that_holds_something_is_not_restored_into(full: Store, empty: Where, tmp_path: Path) -> None:
    back_up(full, tmp_path / "backup.zip")
    before = rows(full)
    with pytest.raises(dr.errors.FormatError, match="holds something"):
        restore(tmp_path / "backup.zip", full)
    assert rows(full) == before
    other = empty.opened()
    other.note("key made")
    with pytest.raises(dr.errors.FormatError, match="holds something"):
        restore(tmp_path / "backup.zip", other)
    other.close()


@in_files
@pytest.mark.parametrize(
    "damage", ["cut", "a row", "an object", "the log", "one more", "one less", "no backup", "newer"]
)
def test_a_damaged_backup_is_told_and_leaves_the_store_empty(
    full: Store, empty: Where, tmp_path: Path, damage: str
) -> None:
    back_up(full, tmp_path / "backup.zip")
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = next(name for name, content in members.items() if name.startswith("objects/") and len(content) > 100_000)
    told = json.loads(members["list.json"])
    match damage:
        case "a row":
            members["keys.jsonl"] = members["keys.jsonl"].replace(b"contractor", b"operator")
        case "an object":
            members[name] = members[name][:-1] + b"x"
        case "the log":
            members["audit.jsonl"] = members["audit.jsonl"][:-1]
        case "one more":
            members["objects/" + "0" * 64] = b""
        case "one less":
            del members[name]
        case "newer":
            members["list.json"] = json.dumps({**told, "layout": 99, "program": "9.9"}).encode()
    with zipfile.ZipFile(broken, "w") as archive:
        for one, content in members.items():
            archive.writestr(one, content)
    if damage == "cut":
        broken.write_bytes(broken.read_bytes()[:-2000])
    if damage == "no backup":
        broken.write_bytes(b"no backup")
    other = empty.opened()
    with pytest.raises(dr.errors.FormatError, match="9.9" if damage == "newer" else "damaged"):
        restore(broken, other)
    assert not other.keys.all()
    assert restore(tmp_path / "backup.zip", other).versions == 2
    assert other.verified().broken is None
    other.close()


def test_a_store_that_lost_an_object_is_not_backed_up_as_if_it_were_whole(full: Store, tmp_path: Path) -> None:
    head = full.versions.head()
    assert head is not None
    digest = full.objects.listed(head.tree)["b.txt"]
    if full.database.dialect == "sqlite":
        full.objects.path(digest).unlink()
    else:
        with full.database.writing() as connection:
            connection.execute(update(object_parts).where(object_parts.c.digest == digest).values(bytes=b"x"))
    with pytest.raises(DamagedError):
        back_up(full, tmp_path / "backup.zip")
    assert not (tmp_path / "backup.zip").exists()


@pytest.mark.parametrize("where", ["sqlite"], indirect=True)
def test_the_secret_goes_with_it(full: Store, tmp_path: Path) -> None:
    """Who is signed in stays so, and what was signed can be checked."""
    back_up(full, tmp_path / "backup.zip")
    with Store.opened(tmp_path / "other") as other:
        restore(tmp_path / "backup.zip", other)
        with other.database.reading() as connection:
            assert connection.scalar(select(about.c.value).where(about.c.name == "secret")) == full.visits.secret


@in_files
def test_a_store_that_is_half_restored_is_opened_by_nobody(full: Store, empty: Where, tmp_path: Path) -> None:
    """Without its keys it would be open to everybody."""
    back_up(full, tmp_path / "backup.zip")
    whole = (tmp_path / "backup.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "backup.zip") as opened:
        large = max(
            (one for one in opened.infolist() if one.filename.startswith("objects/")), key=lambda one: one.file_size
        )
    middle = large.header_offset + len(large.FileHeader()) + large.compress_size // 2
    (tmp_path / "broken.zip").write_bytes(whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :])
    with (
        Store.opened(empty.place, to_restore=True) as other,
        pytest.raises(dr.errors.FormatError, match=large.filename),
    ):
        restore(tmp_path / "broken.zip", other)
    for _ in range(2):
        with pytest.raises(dr.errors.FormatError, match="drainage restore"), Store.opened(empty.place):
            pass
    with pytest.raises(dr.errors.FormatError, match="not ended"):
        guarding.check(Settings(store=empty.place))
    with Store.opened(empty.place, to_restore=True) as other:
        restore(tmp_path / "backup.zip", other)
    with Store.opened(empty.place) as other:
        assert rows(other) == rows(full)


@in_files
def test_a_restore_that_finds_no_room_says_so_and_leaves_nothing_that_opens(
    full: Store, empty: Where, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(full, tmp_path / "backup.zip")

    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", no_room)
        with (
            pytest.raises(dr.errors.FormatError, match="no space is left"),
            Store.opened(empty.place, to_restore=True) as other,
        ):
            restore(tmp_path / "backup.zip", other)
    with pytest.raises(dr.errors.FormatError, match="not ended"), Store.opened(empty.place):
        pass
