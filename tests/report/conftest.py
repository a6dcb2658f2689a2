"""One report with all plans, for all tests that only read it."""

from __future__ import annotations

import pytest

import drainage as dr
from drainage.report.directory import Report
from tests.support import demo


@pytest.fixture(scope="session")
def planned() -> Report:
    """Give the answers about two quarters of the demo city, with all plans."""
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    return dr.analyze(demo.quarters("2018-12-31"), storm=storm, also=("relief", "closures", "cleaning", "inspect"))
