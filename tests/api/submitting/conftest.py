"""A desk for the tests of one file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.sending import Desk, a_desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a desk with a new store."""
    with a_desk(tmp_path_factory.mktemp("desk") / "store") as found:
        yield found
