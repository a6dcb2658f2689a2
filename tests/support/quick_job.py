"""What the jobs of `tests.support.quick_server` do in their limited process, which loads nothing else."""

from __future__ import annotations

import hashlib
import random
import time
from pathlib import Path
from typing import Any

from drainage.said import Said
from drainage_api.jobs.child import Told, write_json

STEP = Said("half", "一半")
#: What is refused.
BAD = b"bad"
LONGEST_S = 1.0


def check(given: dict[str, Any], told: Told) -> dict[str, Any]:
    """Give the digest of what was sent, unless it is bad."""
    del given
    told.step(0.1, STEP)
    content = Path("sent").read_bytes()
    if content == BAD:
        from drainage.errors import FormatError

        raise FormatError(Said("of another town", "不是本城"))
    return {"digest": hashlib.sha256(content).hexdigest()}


def compute(given: dict[str, Any], told: Told) -> dict[str, Any]:
    """Leave what was sent as what was computed, after a while that chance gives."""
    del given
    chance = random.Random()  # noqa: S311 - of a test
    content, until = Path("sent").read_bytes(), time.monotonic() + LONGEST_S * chance.random()
    told.step(0.1, STEP)
    told.part("intake", {"digest": hashlib.sha256(content).hexdigest()})
    while time.monotonic() < until:
        told.step(chance.random(), STEP)
        time.sleep(0.02)
    after = Path("result/after")
    after.mkdir(parents=True)
    for number in range(20):
        (after / f"part-{number}").write_bytes(content[number::20])
    (after.parent / "map.html").write_bytes(content)
    write_json(Path("document.json"), {"digest": hashlib.sha256(content).hexdigest()})
    return {"counts": {"add": 1}, "breaks": 0}
