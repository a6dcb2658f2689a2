"""Settings for all tests: examples of hypothesis may take their time, for machines are noisy and numba compiles."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.support.browser import CHROMIUM, browser
from tests.support.examples import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drainage.result import Result
    from tests.support.browser import Browser

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
#: A PostGIS server, started by the script of the CI; elsewhere tests that need it are skipped.
DATABASE = os.environ.get("DRAINAGE_TEST_PG", "")
needs_server = pytest.mark.skipif(not DATABASE, reason="no PostGIS server: DRAINAGE_TEST_PG is not set")

settings.register_profile("drainage", examples(100))
settings.load_profile("drainage")
# whatever the developer reads
os.environ["DRAINAGE_LANG"] = "en"


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose every way to a network is closed."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine; .ci/run installs it")
    with browser(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture(scope="session")
def shared_networks() -> Path:
    """Directory of real networks that lies beside a developer's checkout; tests that need it skip without it."""
    place = SHARED / "networks"
    if not place.is_dir():
        pytest.skip("needs the real networks beside the checkout")
    return place


@pytest.fixture(scope="session")
def demo_data() -> Path:
    """Directory of the synthetic demo city."""
    return ROOT / "data"


@pytest.fixture(scope="session")
def every_answer() -> dict[str, Result]:
    """Give a result of every question, once for all tests that walk them."""
    from tests.support.every_question import answers

    return answers()


@pytest.fixture
def schema() -> Iterator[str]:
    """Give a schema of its own to each test, as part of the URL of the database."""
    with own_schema() as url:
        yield url


@contextmanager
def own_schema() -> Iterator[str]:
    """Make a schema in the database for as long as it is needed."""
    from uuid import uuid4

    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import NullPool

    name = f"test_{uuid4().hex}"
    engine = create_engine(DATABASE, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    yield f"{DATABASE}?schema={name}"
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()
