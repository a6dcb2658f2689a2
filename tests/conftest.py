"""Settings for all tests: examples of hypothesis may take their time, for machines are noisy and numba compiles."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.examples import examples

if TYPE_CHECKING:
    from drainage.result import Result

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"

settings.register_profile("drainage", examples(100))
settings.load_profile("drainage")
# whatever the developer reads
os.environ["DRAINAGE_LANG"] = "en"


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
    from tests.every_question import answers

    return answers()
