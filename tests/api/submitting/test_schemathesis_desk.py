"""Thousands of submissions, decisions and questions made from the description, one after the other along its links.

No answer is a 5xx, and none is one that the description does not know; afterwards the store is whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from drainage_api.store.opened import Store
from tests.support.own_server import ROOT, served
from tests.support.schemathesis_runs import asked

pytestmark = pytest.mark.long
HOOKS = "import schemathesis\nfrom tests.api.submitting.site import map_body\nschemathesis.hook(map_body)\n"
PATHS = r"^/(submissions|notices|jobs|receipts|pay-sheet)"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def address(place: Path) -> Iterator[str]:
    with served("tests.api.submitting.site:desk_app", DESK_STORE=str(place)) as address:
        yield address


def test_no_order_of_requests_is_answered_by_a_fault(address: str, place: Path, tmp_path: Path) -> None:
    (tmp_path / "hooks_of_desk.py").write_text(HOOKS, encoding="utf-8")
    words = (
        "--include-path-regex",
        PATHS,
        "--header",
        f"Authorization: Bearer {place.with_suffix('.key').read_text()}",
    )
    hooks = {"PYTHONPATH": f"{tmp_path}:{ROOT}:{ROOT / 'api'}", "SCHEMATHESIS_HOOKS": "hooks_of_desk"}
    assert asked(address, tmp_path, *words, examples=60, **hooks) >= 1_000
    with Store.opened(place) as store:
        found, matched = store.submissions.listed(limit=100_000)
        states = {one.state for one in found}
        assert matched > 20
        assert {"received", "computed", "accepted"} <= states, states
        history = store.submissions.history([one.id for one in found])
        assert all(history[one.id][-1].state == one.state for one in found)
        accepted = [one for one in found if one.state == "accepted"]
        assert len(store.versions.history()) == len(accepted) + 1
        verdict = store.verified()
        assert (verdict.broken, verdict.lost) == (None, 0)
