"""The command line: `drainage analyze SOURCE -o DIR`, the single questions and the repair."""

from drainage.cli.commands import app, main
from drainage.cli.repairing import repair

app.command()(repair)

__all__ = ["app", "main"]
