"""Server, workers and jobs killed at any instant under load: nothing is lost or done twice.

A few kills on each store; fifty are in ``validation/killed_jobs.json``, by ``validation/kill_jobs.py``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.support.running import ROOT
from tests.support.stores import Where


@pytest.mark.long
def test_a_few_kills_lose_nothing(where: Where) -> None:
    told = [] if where.url is None else ["--url", where.url]
    done = subprocess.run(
        [sys.executable, str(ROOT / "validation" / "kill_jobs.py"), "--kills", "4", "--seed", "7", *told],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "api")])},
        capture_output=True,
        check=False,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["wrong"], done.returncode) == ([], 0)
    assert sum(found["kills"].values()) == 4
    assert found["accepted"] > 0


@pytest.mark.parametrize("kind", ["directory", "postgresql"])
def test_fifty_kills_have_lost_nothing(kind: str) -> None:
    """What was measured is kept, and nobody has written it anew with something lost."""
    found = json.loads((ROOT / "validation" / "killed_jobs.json").read_text(encoding="utf-8"))
    (one,) = [run for run in found if run["store"] == kind]
    assert one["wrong"] == []
    assert sum(one["kills"].values()) >= 50
    assert one["kills"].keys() == {"server", "answering", "worker", "job"}
