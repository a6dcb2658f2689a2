"""A process that puts trees and makes versions of them is killed at any instant: what it told stands, none is half."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest

from tests.conftest import ROOT
from tests.support.stores import Where

pytestmark = pytest.mark.long

#: Tells each version that it made; a version is as many files as its number.
WRITER = """
import os, sys, tempfile
from pathlib import Path
from drainage_api.store.opened import Store
store = Store.of(Path(sys.argv[1]), os.environ.get("DRAINAGE_DATABASE_URL"))
print("begun", flush=True)
with tempfile.TemporaryDirectory() as folder:
    while True:
        head = store.versions.head()
        number = 1 if head is None else head.number + 1
        for one in range(number):
            (Path(folder) / str(one)).write_bytes(f"{number} {one}".encode() * 5000)
        tree = store.objects.put_tree(Path(folder))
        if head is None:
            store.versions.begin(tree, day=None)
        else:
            with store.database.writing() as connection:
                store.versions.add(connection, parent=head.number, submission=f"S-{number}", tree=tree, day=None)
        print(number, flush=True)
        store.note("version made", number=str(number))
"""


def test_what_was_told_stands_and_nothing_is_half(where: Where) -> None:
    where.opened().close()
    before, chance = 0, random.Random(20)  # noqa: S311 - no secret
    for _ in range(10):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(where.place)],
            env={"PYTHONPATH": f"{ROOT}:{ROOT / 'api'}", **where.environment},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(chance.uniform(0.0, 0.3))
        process.kill()
        told = len(process.communicate()[0].split())
        store = where.opened()
        history = store.versions.history()
        assert [one.number for one in history] == list(range(len(history), 0, -1))
        assert before + told <= len(history) <= before + told + 1
        before = len(history)
        for version in history:
            files = sorted(int(path.name) for path in store.objects.tree(version.tree).iterdir())
            assert files == list(range(version.number))
        verdict = store.verified()
        assert verdict.broken is None
        assert verdict.entries >= len(history) - 13
        store.close()
    assert before > 5
