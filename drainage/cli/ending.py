"""How a command ends when the user or the system asks it to: it undoes what it began, and says one line at Ctrl-C."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_ASKED: Final = ("SIGINT", "SIGTERM", "SIGHUP")
#: Seconds in which a command cleans up before it is told again to end.
_CLEANED_S: Final = 5.0
#: Seconds after which a swallowed exit is tried again.
_SWALLOWED_S: Final = 0.02
#: What Ctrl-C leaves as the exit code, as shells have it: 128 and the number of the signal.
INTERRUPTED: Final = 128 + signal.SIGINT


class EndedError(SystemExit):
    """The end that was asked for, on its way up through the command; nothing that catches errors stops it."""


def clean_up_when_asked() -> None:
    """Make termination signals unwind the command, so that its folders and processes are cleaned up.

    A signal that is ignored stays so: a command behind ``nohup``, or in the background of a script, goes on.
    """
    for name in _ASKED:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def last_words(ended: EndedError) -> NoReturn:
    """Print that the command was interrupted if the user did so, and exit with its code."""
    for name in _ASKED:  # what is cleaned up, is; the little that is left is not to be told by a traceback
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0.0)
    if ended.code == INTERRUPTED:
        from drainage.words import in_both

        sys.stderr.write(f"drainage: {in_both('interrupted').both}\n")
        sys.stderr.flush()
    sys.exit(ended.code)


def _end(number: int, _: object) -> NoReturn:
    """Exit; once more where something else swallowed the first exit, and without its complaint."""
    sys.unraisablehook = _at_once_again
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, lambda *_: _end(number, _))
        signal.setitimer(signal.ITIMER_REAL, _CLEANED_S)
    raise EndedError(128 + number)


def _at_once_again(ignored: UnraisableHookArgs) -> None:
    """Exit again where a callback, which may raise nothing, swallowed the exit."""
    if issubclass(ignored.exc_type, EndedError) and hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, _SWALLOWED_S)
