"""A job that an executor forgets because its other side is gone is lost, and not waited for."""

from __future__ import annotations

from concurrent.futures import CancelledError, Executor, Future
from typing import TYPE_CHECKING, Any

import pandas as pd

from drainage.simulation.ensemble.workers import collect

if TYPE_CHECKING:
    from collections.abc import Callable


class Forgetful(Executor):
    """Runs its first job at once and none of the others."""

    def __init__(self) -> None:
        self.began = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - as Executor
        self.began += 1
        future: Future[Any] = Future()
        if self.began == 1:
            future.set_result(fn(*args, **kwargs))
        return future


def test_what_was_not_finished_when_the_other_side_went_is_lost() -> None:
    finished: list[str] = []
    lost = collect(
        Forgetful(), lambda _: pd.DataFrame(), {"a": 1, "b": 2, "c": 3}, lambda key, _: finished.append(key),
        lambda: True,
    )  # fmt: skip
    assert finished == ["a"]
    assert {key: type(error) for key, error in lost.items()} == {"b": CancelledError, "c": CancelledError}
