"""From the words of a command to a network on a day, a storm and a report."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer
from typer.core import TyperCommand

from drainage.cli.printing import say
from drainage.cli.wording import spoken, take_language
from drainage.errors import FormatError
from drainage.formats.addresses import is_database
from drainage.words import in_both

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drainage.evidence import Evidence
    from drainage.formats.raster import Dem
    from drainage.hydraulics.rainfall import ObservedStorm, Storm
    from drainage.network import DrainageNetwork

#: Parameters of the commands that name what is written; all other paths are read.
OUTPUTS: Final = ("output", "map_", "log", "form", "target")
NO_STORM = (
    "give the storm intensity formula of the city with --storm-formula FILE.toml (none is right for every place) or "
    "observed rain with --rain FILE.csv, or how much falls with --depth-mm"
)


class Command(TyperCommand):
    """A command in either language that refuses, before any work, to write over what it is told to read."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # as below
        """Take the language that stands behind the name of the command, as well as before it."""
        return super().parse_args(ctx, take_language(ctx, args))

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]  # typer has this class and does not name it
        """Compare all paths among the words of the command; then do it."""
        from drainage.writing import spare

        if ctx.params.get("dry_run"):
            return super().invoke(ctx)
        # the source itself is compared when it is read, after the command has looked at the names of its outputs
        words = {name: _flat(value) for name, value in ctx.params.items() if name != "source"}
        outputs = [Path(word) for name in OUTPUTS for word in words.pop(name, [])]
        spare(outputs, [path for named in words.values() for word in named for path in _files_in(word)])
        return super().invoke(ctx)


def _flat(value: object) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [word for one in value for word in _flat(one)]
    return [str(value)] if isinstance(value, (str, Path)) else []


def _files_in(word: str) -> list[Path]:
    """Give the file that a word names, plain or as NAME=FILE, if there is one."""
    found = [Path(text) for text in (word, word.partition("=")[2]) if text]
    return [path for path in found if os.path.exists(path)]  # noqa: PTH110 - a text that is no path is none


def read_source(
    source: list[str],
    *,
    as_of: str | None,
    column: list[str] | None = None,
    whole: bool = False,
    outputs: Sequence[Path | None] = (),
    **layers: object,
) -> DrainageNetwork:
    """Read the files that a command names; ``whole`` keeps pipes of all days.

    No output may be one of them, nor what was read beside them, not even by force.
    """
    from drainage.intake.read import read_network
    from drainage.writing import spare

    pairs = [part.split("=", 1) for part in source if "=" in part and not is_database(part) and not Path(part).exists()]
    paths = {name: [path for other, path in pairs if other == name] for name, _ in pairs}
    named = {name: found[0] if len(found) == 1 else found for name, found in paths.items()}
    if pairs and len(pairs) < len(source):
        raise FormatError(f"mix of plain and system=FILE sources: {' '.join(source)}")
    if len(source) > 1 and not named:
        raise FormatError(f"several files need their systems: storm={source[0]} sewage={source[1]} …")
    if wrong := [part for part in column or [] if "=" not in part]:
        raise FormatError(f"--column {wrong[0]}: write OURS=THEIRS, such as diameter_mm=GJ")
    columns = dict(part.split("=", 1) for part in column or [])
    spare(outputs, [path for found in paths.values() for path in found] or source)
    net = read_network(named or source[0], columns=columns, **layers)  # type: ignore[arg-type]  # keyword names are ours
    spare(outputs, net.files)
    for row in net.issues[net.issues["code"] == "layer_beside"].itertuples():
        say(f"{row.feature_id}: {spoken(in_both('clauses', first=row.reason, second=row.action))}")
    if whole:
        return net
    if as_of is None:
        from drainage.cli.history import say_day

        say_day(net)
    return on_day(net, as_of)


def date_order_said(column: list[str] | None, mapping: Path | None) -> str | None:
    """Return what the user says of the order of day and month, in a mapping or by ``--column date_order=dmy``."""
    from drainage.intake.mapping import read_mapping

    said = next((part.partition("=")[2] for part in column or [] if part.startswith("date_order=")), None)
    return said or (read_mapping(mapping).date_order if mapping is not None else None)


def read_named_evidence(
    named: list[str] | None, column: list[str] | None = None, mapping: Path | None = None
) -> Evidence | None:
    """Read the files that a command names, plain or as KIND=FILE; None where it names none.

    The order of day and month is that which the user says for the network.

    Raises
    ------
    FormatError
        Plain names beside KIND=FILE, or a file that is no evidence.
    """
    from drainage.formats.field_data import read_evidence

    if not named:
        return None
    pairs = [one.split("=", 1) for one in named if "=" in one and not Path(one).exists()]
    plain = [one for one in named if Path(one).exists() or "=" not in one]
    if pairs and plain:
        raise FormatError(f"mix of plain and KIND=FILE evidence: {' '.join(named)}")
    kinds = {kind: [path for other, path in pairs if other == kind] for kind, _ in pairs}
    return read_evidence(kinds or plain, date_order=date_order_said(column, mapping))


def on_day(net: DrainageNetwork, day: str | None) -> DrainageNetwork:
    """Return the network as it lay on a day, today by default."""
    try:
        chosen = dt.date.fromisoformat(day) if day else dt.date.today()  # noqa: DTZ011 - the user's own day
    except ValueError as error:
        raise FormatError(f"'{day}' is not a day; write YYYY-MM-DD") from error
    part = net.as_of(chosen)
    if len(net.pipes) and not len(part.pipes):
        raise FormatError(f"{net.source}: no pipe was in the ground on {chosen}; choose another --as-of")
    return part


def choose_storm(
    net: DrainageNetwork | None,
    formula: str | None,
    return_period_a: float,
    duration_min: float,
    *,
    rain: Path | None = None,
    shape: str = "chicago",
    climate_factor: float = 1.0,
    depth_mm: float | None = None,
) -> Storm | None:
    """Make the storm; None where neither rain nor formula was given and the city is not the synthetic one."""
    from drainage.formats.rain.storm_formula import read_storm_formula
    from drainage.hydraulics.rainfall import DesignStorm

    if rain is not None and depth_mm is not None:
        raise FormatError("--rain and --depth-mm both say what falls; give one")
    if rain is not None:
        order = None if net is None else net.inputs.get("date_order")
        return read_rain(rain, date_order=None if order is None else str(order))
    if depth_mm is not None:
        from drainage.hydraulics.storm_of_depth import StormOfDepth

        shaped_by = None if formula is None else read_storm_formula(formula)
        return StormOfDepth(depth_mm, duration_min, shape, shaped_by, climate_factor=climate_factor)  # type: ignore[arg-type]  # it refuses what is no shape
    if formula is None and not (net is not None and net.synthetic):
        return None
    if formula is None:
        say(in_both("demo_formula"))
    chosen = read_storm_formula(formula or "demo")
    return DesignStorm(
        chosen,
        return_period_a,
        duration_min,
        shape=shape,  # type: ignore[arg-type]  # the storm refuses what is no shape
        climate_factor=climate_factor,
    )


def read_rain(path: Path, *, date_order: str | None = None) -> ObservedStorm:
    """Read observed rain; how the file was understood is said on standard error."""
    from drainage.formats.rain.gauge import read_observed_rain

    storm = read_observed_rain(path, date_order=date_order)
    for note in storm.notes:
        say(f"{path.name}: {spoken(note)}")
    return storm


def read_ground(path: Path | None, net: DrainageNetwork) -> Dem | None:
    """Read the ground on which a network lies; what was doubted is said on standard error."""
    from drainage.formats.raster import read_dem

    if path is None:
        return None
    dem = read_dem(path, near=net)
    for remark in dem.remarks:
        say(f"{path.name}: {spoken(remark)}")
    return dem
