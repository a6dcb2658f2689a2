"""A hundred files that nobody should send: refused in both languages or read rightly, in bounded time and memory."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import drainage as dr
from drainage.report import read_delivery
from tests.support import deliveries, hostile

pytestmark = pytest.mark.long
#: Of one file, on one of two busy cores.
MOST_S: Final = 60.0
MOST_BYTES: Final = 3 << 30


@pytest.fixture(autouse=True)
def _bounded() -> Iterator[None]:
    begun = time.process_time()
    yield
    assert time.process_time() - begun < MOST_S
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 < MOST_BYTES


def test_there_are_a_hundred() -> None:
    assert len(hostile.REFUSED) + len(hostile.READ) >= 100


@pytest.mark.parametrize("name", hostile.REFUSED)
def test_is_refused_in_both_languages(name: str, tmp_path: Path) -> None:
    file = hostile.REFUSED[name](tmp_path)
    with pytest.raises(dr.errors.DrainageError) as told:
        read_delivery(file, deliveries.part(deliveries.LANE), roads=[deliveries.LANE], name="竣工 成果.dat")
    said = told.value.said
    assert said.chinese != str(said)  # type: ignore[attr-defined]  # it is said in both
    assert str(tmp_path) not in str(said)


@pytest.mark.parametrize("name", hostile.READ)
def test_is_read_rightly(name: str, tmp_path: Path) -> None:
    file = hostile.READ[name](tmp_path)
    found = read_delivery(file, deliveries.part(deliveries.LANE), roads=[deliveries.LANE])
    assert found.intake["counts"] == {"add": 3, "change": 0, "abandon": 3, "remove": 0, "unchanged": 3}
    laid = deliveries.built(deliveries.LANE).laid
    new = found.applied.network.pipes
    new = new[~new.index.isin(found.before.pipes.index)]
    assert sorted(new["diameter_mm"]) == sorted(laid["diameter_mm"])
    assert sorted(new["from_node"]) == sorted(laid["from_node"])
