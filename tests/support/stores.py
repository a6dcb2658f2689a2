"""A store for a test, on each of the two engines: a directory, and a schema of its own on the server of the tests."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from drainage_api.store.opened import Store
from tests.conftest import DATABASE, needs_server

#: The server costs a second a test where the machine is busy.
BOTH = ["sqlite", pytest.param("postgresql", marks=[needs_server, pytest.mark.long])]


@dataclass(frozen=True, slots=True)
class Where:
    """Where a store lies: its directory (of one on a server that of its copies), and its URL if it has one."""

    place: Path
    url: str | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """What names it in `Settings`."""
        return {"store": self.place, "database_url": self.url}

    @property
    def environment(self) -> dict[str, str]:
        """What names it for another process."""
        said = {"DRAINAGE_STORE": str(self.place), "DRAINAGE_DATABASE_URL": self.url}
        return {name: value for name, value in said.items() if value is not None}

    def opened(self) -> Store:
        """Open it, as another process would."""
        return Store.of(self.place, self.url)


@pytest.fixture(params=BOTH)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Where]:
    """Give the place of a store that nobody has made yet."""
    place = tmp_path / "store"
    if request.param == "sqlite":
        yield Where(place)
        return
    with a_schema() as url:
        yield Where(place, url)


@pytest.fixture
def store(where: Where) -> Iterator[Store]:
    """Give an open store."""
    opened = where.opened()
    yield opened
    opened.close()


class a_schema:  # noqa: N801 - read as `with a_schema() as url`
    """A schema of its own on the server of the tests, with everything in it, for as long as a test needs it."""

    def __enter__(self) -> str:
        """Make it, and return the URL of it."""
        self._name = f"test_{secrets.token_hex(6)}"
        self._do(f"CREATE SCHEMA {self._name}")
        url = make_url(DATABASE).update_query_dict({"options": f"-csearch_path={self._name},public"})
        return url.render_as_string(hide_password=False)

    def __exit__(self, *_: object) -> None:
        """Drop it."""
        self._do(f"DROP SCHEMA {self._name} CASCADE")

    @staticmethod
    def _do(said: str) -> None:
        engine = create_engine(DATABASE, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("SET client_min_messages = warning"))
            connection.execute(text(said))
        engine.dispose()
