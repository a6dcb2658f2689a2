"""Settings for all tests: examples of hypothesis may take their time, for machines are noisy and numba compiles."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"

settings.register_profile("drainage", deadline=None)
settings.load_profile("drainage")


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
