"""Examples in docstrings are whole, so that a reader can copy each; here the answers with which many begin are kept."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator
from functools import cache
from importlib import import_module
from typing import Any, Final

import pytest

#: Home → function: networks and answers are immutable, so that one for the same arguments serves all examples.
_KEPT: Final = {
    "drainage.intake.demo": "load_demo",
    "drainage.report.analyze": "analyze",
    "drainage.simulation.screening.screen": "screen",
}


@cache
def _kept(home: str) -> Callable[..., Any]:
    """Return the function of a home, which remembers what it has answered."""
    return cache(getattr(import_module(home), _KEPT[home]))


@pytest.fixture(autouse=True)
def begun(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep answers for the examples; a test asks anew."""
    if isinstance(request.node, pytest.DoctestItem):
        for home, name in _KEPT.items():
            monkeypatch.setattr(import_module(home), name, _kept(home))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run examples with the long tests, as those of the pages: what they show is tested more quickly elsewhere."""
    for item in items:
        if isinstance(item, pytest.DoctestItem):
            item.add_marker("long")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Take modules and tests, which stay to the end, out of what is searched for garbage: a tenth of all time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
