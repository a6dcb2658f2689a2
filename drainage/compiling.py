"""How the loops over arrays are compiled, kept from one start to the next, and run on all cores."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, wraps
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numba.core.dispatcher import Dispatcher

F = TypeVar("F", bound="Callable[..., Any]")

#: Rows of the longest array, and seconds in all, that Python takes for a loop before it is worth compiling.
MANY_ROWS: Final = 20_000
WORTH_S: Final = 0.5
#: Rows that are worth a core of their own.
WORTH_ROWS: Final = 1000
#: Of the rows, one in so many is reached by a walk from one of many starts, by and large.
_REACHED: Final = 150


def compiled(function: F, **how: Any) -> Dispatcher[F]:  # noqa: ANN401 - what numba takes
    """Compile a function when it is first called.

    What was compiled is kept beside the module or, where that cannot be written, in the user's cache, or in the
    directory ``NUMBA_CACHE_DIR``. Where none of them can be, as in a container that is read-only and has no home,
    each process compiles anew.
    """
    from numba import njit

    # They are not called from C, and get no wrapper for that: numba takes the word, its types do not know it.
    how = {"nogil": True, "no_cfunc_wrapper": True, **how}
    kept: Dispatcher[F]
    try:
        kept = njit(cache=True, **how)(function)
    except RuntimeError:  # numba finds no place for its cache
        kept = njit(**how)(function)
    return kept


def compiled_in_place(function: F) -> Dispatcher[F]:
    """Likewise a function that makes no arrays, so that a loop does several at once: divided by 0 is infinite or nan.

    Nothing counts who holds an array: numba compiles it in less time.
    """
    return compiled(function, error_model="numpy", _nrt=False)


def compiled_within(function: F) -> Dispatcher[F]:
    """Compile a function only as a part of those that call it: for short ones, called in one place or two."""
    from numba import njit

    return njit(nogil=True, inline="always")(function)


def compiled_short(function: F) -> Dispatcher[F]:
    """Compile a short function that only compiled ones call, and several of them: once for them all."""
    return compiled(function, error_model="numpy", _nrt=False)


class SlowWay:
    """A way to an answer that is soon ready, beside a quick one that must be compiled: it serves until that pays.

    Parameters
    ----------
    most_rows
        Rows of the longest array that it takes.
    worth_s
        Seconds that it may take in all in this process, but for the first time, when it is made ready.
    """

    def __init__(self, *, most_rows: int, worth_s: float) -> None:
        """Begin to count."""
        self.most_rows, self.worth_s = most_rows, worth_s
        self._spent_s: float | None = None

    def serves(self, rows: float) -> bool:
        """Tell whether it serves for so many rows."""
        return rows <= self.most_rows and (self._spent_s or 0.0) <= self.worth_s

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what it takes."""
        begun = perf_counter()
        yield
        self._spent_s = 0.0 if self._spent_s is None else self._spent_s + perf_counter() - begun


def compiled_for_many(*, walks: bool = False) -> Callable[[F], F]:
    """Let Python run a function as it stands as long as that is quicker than to compile it: on a few thousand rows.

    It must be one that both answer alike to the last digit: of comparisons, sums and products of single numbers.

    Parameters
    ----------
    walks
        The first argument are starts, from each of which it walks.
    """

    def compile_later(function: F) -> F:
        compile_once, python = cache(lambda: compiled(function)), SlowWay(most_rows=MANY_ROWS, worth_s=WORTH_S)

        @wraps(function)
        def run(*arguments: Any) -> Any:  # noqa: ANN401 - what the function takes and gives
            rows = max(map(np.size, arguments)) * (len(arguments[0]) / _REACHED if walks else 1)
            if not python.serves(rows):
                return compile_once()(*arguments)
            with python.counted(), np.errstate(all="ignore"):  # as compiled loops do
                return function(*arguments)

        return run  # type: ignore[return-value] # it takes and gives the same

    return compile_later


def cores_for(rows: int) -> int:
    """Return how many cores so many rows are worth; none of them may be."""
    from numba import config

    most: int = config.NUMBA_NUM_THREADS  # type: ignore[attr-defined] # set as it is loaded, from the environment
    return min(most, rows // WORTH_ROWS)


def on_all_cores(work: Callable[[slice], object], count: int, *, rows: int) -> None:
    """Do a compiled loop's work on slices of so many things, at once on all cores where there are many rows of them."""
    cores = cores_for(rows)
    if cores < 2:
        work(slice(0, count))
        return
    bounds = np.unique(np.linspace(0, count, 4 * cores + 1).astype(np.intp)).tolist()
    with ThreadPoolExecutor(cores) as pool:
        for _ in pool.map(work, map(slice, bounds, bounds[1:])):
            pass


@contextmanager
def done_beside(rows: int) -> Iterator[Callable[[Callable[[], object]], object]]:
    """Yield what takes works of so many rows to be done on another core, while the next one is prepared on this one.

    All are done when the block ends; what one raises is raised here. On one core each is done at once. No more than
    two wait.
    """
    if cores_for(rows) < 2:
        yield lambda work: work()
        return
    waiting: deque[Future[object]] = deque()
    with ThreadPoolExecutor(1) as pool:

        def take(work: Callable[[], object]) -> None:
            waiting.append(pool.submit(work))
            if len(waiting) > 2:
                waiting.popleft().result()

        yield take
        for one in waiting:
            one.result()
