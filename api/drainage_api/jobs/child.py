"""The process in which a job calls the library: bound before it reads anything, alone in a directory of its own.

It tells what it does in lines of JSON on its standard output, and leaves what it found as files in its directory.
"""

from __future__ import annotations

import errno
import importlib
import json
import os
import pickle
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final

from drainage.said import Said
from drainage_api.jobs.bounds import Limits, killed_with, leave_the_network
from drainage_api.served.apart import end_with
from drainage_api.store.sentences import both

Given = dict[str, Any]
ANSWER: Final = "answer"
_MOST_SIGNS: Final = 4000  # of a traceback, for the log


class Told:
    """How a job tells its worker what it does.

    Parameters
    ----------
    lines
        Where the worker listens.
    """

    def __init__(self, lines: BinaryIO) -> None:
        """Say nothing yet."""
        self._lines, self._lock = lines, threading.Lock()

    def step(self, share: float, said: Said) -> None:
        """Tell how much is done, 0 to 1, and what comes now."""
        self.say({"share": min(1.0, max(0.0, float(share))), "step": both(said)})

    def part(self, name: str, document: object) -> None:
        """Leave a part of what was found, for the worker to take while the job goes on."""
        write_json(Path(f"{name}.json"), document)
        self.say({"part": name})

    def say(self, line: dict[str, Any]) -> None:
        """Say a line."""
        with self._lock:
            self._lines.write(json.dumps(line).encode() + b"\n")
            self._lines.flush()


def write_json(path: Path, document: object) -> None:
    """Write plain values; sentences in both languages, numbers that are none as null.

    Raises
    ------
    TypeError, ValueError
        The document is not plain.
    """
    with path.open("w", encoding="utf-8") as file:
        json.dump(plain(document), file, ensure_ascii=False, allow_nan=False)


def plain(value: object) -> object:
    """Return plain values in which what is said in both languages is an object of both."""
    if isinstance(value, Said):
        return both(value)
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def work() -> None:
    """Do the job that is sent, within its limits."""
    lines = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no line of ours
    parent, limits, function, given = pickle.load(sys.stdin.buffer)  # noqa: S301 - of our own worker
    killed_with(parent)
    leave_the_network()
    Limits(**limits).apply()
    threading.Thread(target=end_with, args=(parent,), daemon=True).start()
    told = Told(lines)
    told.say(_ended(function, given, told))
    lines.flush()
    os._exit(0)


def _ended(function: str, given: Given, told: Told) -> dict[str, Any]:
    """Return the last line: how the job ended."""
    import drainage as dr

    try:
        write_json(Path(f"{ANSWER}.json"), _function(function)(given, told))
    except dr.DrainageError as error:
        said = error.args[0] if error.args and isinstance(error.args[0], Said) else Said(str(error), str(error))
        return {"ended": "refused", "said": both(said)}
    except MemoryError:
        return {"ended": "memory"}
    except OSError as error:
        if error.errno in {errno.EFBIG, errno.ENOSPC, errno.EDQUOT, errno.ENOMEM}:
            name = {errno.EFBIG: "file", errno.ENOMEM: "memory"}.get(error.errno, "disk")
            return {"ended": name}
        return {"ended": "broken", "why": traceback.format_exc()[-_MOST_SIGNS:]}
    except Exception:  # noqa: BLE001 - told to the worker, whatever it is
        return {"ended": "broken", "why": traceback.format_exc()[-_MOST_SIGNS:]}
    return {"ended": "well"}


def _function(name: str) -> Callable[[Given, Told], object]:
    module, _, attribute = name.partition(":")
    found: Callable[[Given, Told], object] = getattr(importlib.import_module(module), attribute)
    return found
