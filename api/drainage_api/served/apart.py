"""A work in a process of its own: one that holds the interpreter while it runs would let nobody else be answered.

Not by `multiprocessing`: it would run the program that began the server once more, which not every program stands.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar, cast

T = TypeVar("T")

_BEGIN: Final = "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); from {} import work; work()"
_LOOK_S: Final = 0.5  # between two looks whether the server is still there; own choice


class BrokenOffError(RuntimeError):
    """The process ended without an answer, as where the system has no memory left."""


def apart(function: Callable[..., T], *given: object) -> T:
    """Return what a function returns, or raise what it raises, in a process that ends with this one.

    Parameters
    ----------
    function, given
        A function by its name in its module, and what can be sent to another process.

    Raises
    ------
    BrokenOffError
        The process was killed.
    """
    asked = message((os.getpid(), function, given))
    done = subprocess.run(command(__name__), input=asked, stdout=subprocess.PIPE, check=False)  # noqa: S603 - our own words
    if done.returncode:
        raise BrokenOffError(f"exit code {done.returncode}")
    found, error = pickle.loads(done.stdout)  # noqa: S301 - of our own process
    if error is not None:
        raise error
    return cast("T", found)


def command(module: str) -> list[str]:
    """Return what starts a process that calls ``work`` of a module of ours, as soon as a `message` comes."""
    return [sys.executable, "-P", "-c", _BEGIN.format(module)]


def message(told: object) -> bytes:
    """Return what such a process is sent: where libraries lie, and what it is told."""
    paths = [str(Path(path).resolve()) for path in sys.path]
    return pickle.dumps(paths) + pickle.dumps(told, pickle.HIGHEST_PROTOCOL)


def work() -> None:
    """Do the work that is sent, and send back the answer."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    parent, function, given = pickle.load(sys.stdin.buffer)  # noqa: S301 - of our own process
    threading.Thread(target=end_with, args=(parent,), daemon=True).start()
    try:
        answer: tuple[object, Exception | None] = (function(*given), None)
    except Exception as error:  # noqa: BLE001 - raised again by who asked
        answer = (None, error)
    with answers:
        pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)


def end_with(parent: int) -> None:
    """End this process, whatever it does, as soon as the one that started it is gone."""
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os._exit(1)
