"""The command line: `drainage analyze SOURCE -o DIR`, the single questions, a delivery as such, and the repair."""

from drainage.cli.cleaning import cleaning
from drainage.cli.closures import closures
from drainage.cli.commands import app, main
from drainage.cli.delivery import changes, quality, score
from drainage.cli.ensemble import ensemble
from drainage.cli.exporting import export
from drainage.cli.infiltration import infiltration
from drainage.cli.inputs import Command
from drainage.cli.mixing import mixing
from drainage.cli.relieving import relief
from drainage.cli.repairing import repair
from drainage.cli.sources import inspect, sources
from drainage.cli.storm import storm
from drainage.cli.waterlogging import waterlogging

for command in (
    waterlogging, relief, storm, quality, score, changes, repair, export, ensemble, sources, inspect,
    infiltration, mixing, cleaning, closures,
):  # fmt: skip
    app.command(cls=Command)(command)

__all__ = ["app", "main"]
