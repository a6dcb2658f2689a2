"""What an ensemble is made of: networks by the names of their files, storms that can be run, an engine for each run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from drainage.errors import FormatError
from drainage.formats.addresses import is_database
from drainage.hydraulics.rainfall import Storm
from drainage.network import DrainageNetwork
from drainage.simulation.by_engine import EngineName, choose_engine
from drainage.simulation.ensemble.runs import EnsembleRun
from drainage.spelt.named_sources import name_of
from drainage.words import in_both


def scenarios_named(source: str, others: Sequence[str]) -> dict[str, str]:
    """Return the files of an ensemble by scenario.

    Parameters
    ----------
    source
        The first file, or the URL of a database; the scenario is called as it is.
    others
        The others, each plain or as NAME=FILE.

    Raises
    ------
    FormatError
        Two have one name.

    Examples
    --------
    >>> scenarios_named("now.gpkg", ["2030=later.gpkg", "wide.gpkg"])
    {'now': 'now.gpkg', '2030': 'later.gpkg', 'wide': 'wide.gpkg'}
    """
    named = {name_of(source): source}
    for text in others:
        name, found, file = text.partition("=")
        plain = not found or is_database(text) or Path(text).exists()
        name, file = (name_of(text), text) if plain else (name, file)
        if name in named:
            raise FormatError(in_both("scenario_twice", text=text, name=name))
        named[name] = file
    return named


def runnable(storms: Sequence[Storm | None], net: DrainageNetwork) -> Sequence[Storm | None]:
    """Return storms that can be run on a network; in the place of none the own rain of an .inp, once.

    Raises
    ------
    FormatError
        There is neither.
    """
    if None not in storms:
        return storms
    if net.origin.model is not None:
        return [None]
    raise FormatError(in_both("storm_unsaid"))


def with_engines(runs: Sequence[EnsembleRun], engine: EngineName, limit_s: float) -> list[EnsembleRun]:
    """Return runs by an engine, or each by EPA SWMM where it should end within so many seconds, else by the screening.

    Parameters
    ----------
    runs
        The runs, as `combine_runs` makes them.
    engine
        ``screening``, ``swmm`` or ``auto``.
    limit_s
        Seconds that EPA SWMM may take for each, where it is ``auto``.
    """
    if engine != "auto":
        return [replace(run, engine=engine) for run in runs]
    return [replace(run, engine=choose_engine(run.network, run.storm, limit_s)[0]) for run in runs]
