"""How a command ends when the system asks it to: it cleans up, as it does at Ctrl-C."""

from __future__ import annotations

import signal
import sys
from typing import Final, NoReturn

_ASKED: Final = ("SIGTERM", "SIGHUP")
#: Seconds in which a command cleans up before it is told again to end.
_CLEANED_S: Final = 5.0


def clean_up_when_asked() -> None:
    """Let a signal that asks for the end unwind the command, so that its folders and processes go with it."""
    for name in _ASKED:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _end)


def _end(number: int, _: object) -> NoReturn:
    """Exit; once more where a callback of something else swallowed the first exit."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, lambda *_: _end(number, _))
        signal.setitimer(signal.ITIMER_REAL, _CLEANED_S)
    sys.exit(128 + number)
