"""A store of the first layout, as the program of November 2026 left it: opened, brought up, and all in it holds."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, update

import drainage as dr
from drainage_api.store import migrations
from drainage_api.store.backup import back_up, restore
from drainage_api.store.database import StoreError
from drainage_api.store.opened import Store
from drainage_api.store.tables import LAYOUT, about, tables
from tests.conftest import ROOT, needs_server
from tests.support.stores import Where, a_schema

KEPT = Path(__file__).parent / "layout_1"
GIVEN: dict[str, Any] = json.loads((KEPT / "given.json").read_text(encoding="utf-8"))
COUNT = "SELECT count(*) FROM sqlite_master WHERE type = 'table'"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The directory as it was."""
    place = tmp_path / "store"
    place.mkdir(mode=0o700)
    with sqlite3.connect(place / "store.db") as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript((KEPT / "store.sql").read_text(encoding="utf-8"))
    connection.close()
    shutil.copy(KEPT / "audit.jsonl", place)
    return place


def asked(place: Path, question: str) -> Any:  # noqa: ANN401 - of any table
    connection = sqlite3.connect(place / "store.db")
    try:
        return connection.execute(question).fetchone()[0]
    finally:
        connection.close()


def layout_of(store: Store) -> bytes | None:
    with store.database.reading() as connection:
        return connection.scalar(select(about.c.value).where(about.c.name == "layout"))


def check_all_holds(store: Store) -> None:
    """The keys, their roads, days and states, who was signed in, and the log."""
    found = {name: store.keys.find(text) for name, text in GIVEN["keys"].items()}
    told = {name: (key.role, key.roads, key.state) for name, key in found.items() if key is not None}
    assert told == {
        "施工一队": ("contractor", ("人民路", "解放路"), "valid"),
        "Wang": ("engineer", (), "valid"),
        "Zhao": ("operator", (), "valid"),
        "Li": ("engineer", (), "revoked"),
    }
    assert store.visits.find(GIVEN["session"]) == found["Wang"]
    before = store.verified()
    assert (before.entries, before.broken, before.lost) == (8, None, 0)
    store.note("key made")
    assert (store.verified().entries, store.verified().broken) == (9, None)


def test_it_is_brought_up_and_all_in_it_holds(old: Path) -> None:
    with Store.opened(old) as store:
        assert layout_of(store) == str(LAYOUT).encode()
        assert store.versions.history() == []
        assert store.objects.read(store.objects.put(b"new")) == b"new"
        check_all_holds(store)
    with Store.opened(old) as store:
        assert store.verified().entries == 9


def test_what_was_brought_up_has_the_tables_of_a_new_one(old: Path, tmp_path: Path) -> None:
    found = []
    for place in (old, tmp_path / "new"):
        with Store.opened(place) as store, store.database.reading() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert [one for one in compare_metadata(context, tables) if "alembic_version" not in repr(one)] == []
            seen = inspect(connection)
            names = set(seen.get_table_names()) - {"alembic_version"}
            found.append({name: sorted((one["name"] or "", *one["column_names"]) for one in seen.get_indexes(name))
                          for name in names})  # fmt: skip
    assert found[0] == found[1]


@pytest.mark.long
def test_several_that_open_it_at_once_bring_it_up_once(old: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from drainage_api.store.opened import Store; Store.of(Path(sys.argv[1]))"
    )
    words = [sys.executable, "-c", code, str(old)]
    others = [subprocess.Popen(words, env={"PYTHONPATH": f"{ROOT}:{ROOT / 'api'}"}) for _ in range(3)]
    assert [one.wait(60) for one in others] == [0, 0, 0]
    with Store.opened(old) as store:
        check_all_holds(store)


def test_one_that_fails_half_way_leaves_it_as_it_was(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = asked(old, COUNT)
    whole = migrations._steps

    def half(*given: Any) -> None:  # noqa: ANN401 - as it is called
        whole(*given)
        raise OSError("the power failed")

    monkeypatch.setattr(migrations, "_steps", half)
    with pytest.raises(StoreError):
        Store.of(old)
    assert (asked(old, "SELECT value FROM about WHERE name = 'layout'"), asked(old, COUNT)) == (b"1", before)
    monkeypatch.undo()
    with Store.opened(old) as store:
        check_all_holds(store)


def test_a_newer_one_is_refused_with_the_remedy_and_left_alone(where: Where) -> None:
    store = where.opened()
    with store.database.writing() as connection:
        connection.execute(update(about).where(about.c.name == "layout").values(value=b"99"))
    store.close()
    with pytest.raises(dr.errors.FormatError, match=r"layout 99; this one, .*; upgrade drainage"):
        where.opened()


@needs_server
def test_it_moves_to_a_server_by_a_backup(old: Path, tmp_path: Path) -> None:
    with Store.opened(old) as store:
        back_up(store, tmp_path / "backup.zip")
    with a_schema() as url, Store.opened(None, url) as other:
        restore(tmp_path / "backup.zip", other)
        check_all_holds(other)
