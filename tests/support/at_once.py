"""Several threads that do one thing, from the same moment on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def at_once(many: int, do: Callable[[], T]) -> list[T]:
    """Return what each of several threads got; what one raises is raised."""
    together = Barrier(many)

    def begin() -> T:
        together.wait()
        return do()

    with ThreadPoolExecutor(many) as pool:
        return [one.result() for one in [pool.submit(begin) for _ in range(many)]]
