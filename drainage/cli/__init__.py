"""The command line: `drainage analyze SOURCE -o DIR` and the single questions."""

from drainage.cli.commands import app, main

__all__ = ["app", "main"]
