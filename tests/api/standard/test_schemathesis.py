"""Every address with thousands of questions made from the description itself, also one after the other along its links.

No answer is a 5xx, and none is one that the description does not know. The seed is fixed: a finding comes again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.own_server import served
from tests.support.schemathesis_runs import asked

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The hand-made report on a server in a process of its own."""
    with served("tests.api.standard.sites:hand_app") as address:
        yield address


def test_no_question_is_answered_by_a_fault_or_in_a_way_that_is_not_described(address: str, tmp_path: Path) -> None:
    assert asked(address, tmp_path, examples=70) >= 5_000
