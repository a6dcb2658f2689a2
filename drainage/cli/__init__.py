"""The command line: `drainage analyze SOURCE -o DIR`, the single questions, a delivery as such, and the repair."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from drainage.cli.program import app

__all__ = ["app", "main"]


def main() -> NoReturn:
    """Run the command; whatever moment Ctrl-C comes at, also while it is being loaded, it ends with one line."""
    from drainage.cli.ending import EndedError, clean_up_when_asked, last_words
    from drainage.telling.printable import make_printable

    make_printable()
    clean_up_when_asked()
    try:
        from drainage.cli.program import app

        app.main()
    except EndedError as ended:
        last_words(ended)


def __getattr__(name: str) -> object:
    """Load the commands when they are first asked for."""
    if name == "app":
        from drainage.cli.program import app

        return app
    raise AttributeError(f"module 'drainage.cli' has no attribute {name!r}")
