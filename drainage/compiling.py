"""How the loops over arrays are compiled: kept on disk from one start to the next where anything can be kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from numba import njit

if TYPE_CHECKING:
    from numba.core.dispatcher import Dispatcher

F = TypeVar("F", bound="Callable[..., Any]")


def compiled(*, parallel: bool = False) -> Callable[[F], Dispatcher[F]]:
    """Compile a function when it is first called.

    What was compiled is kept beside the module or, where that cannot be written, in the user's cache, or in the
    directory ``NUMBA_CACHE_DIR``. Where none of them can be, as in a container that is read-only and has no home,
    each process compiles anew.

    Parameters
    ----------
    parallel
        Its loops over ``prange`` run on all cores.
    """

    def compile_later(function: F) -> Dispatcher[F]:
        try:
            return njit(cache=True, parallel=parallel)(function)
        except RuntimeError:  # numba finds no place for its cache
            return njit(parallel=parallel)(function)

    return compile_later
