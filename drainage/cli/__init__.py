"""The command line: `drainage analyze SOURCE -o DIR`, the single questions, a delivery as such, and the repair."""

from drainage.cli.closures import closures
from drainage.cli.commands import app, main
from drainage.cli.delivery import changes, quality, score
from drainage.cli.ensemble import ensemble
from drainage.cli.exporting import export
from drainage.cli.repairing import repair
from drainage.cli.sources import inspect, sources

for command in (quality, score, changes, repair, export, ensemble, sources, inspect, closures):
    app.command()(command)

__all__ = ["app", "main"]
