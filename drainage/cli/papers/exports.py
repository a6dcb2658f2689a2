"""The network for other programs: `drainage export` writes what the ending of the name says."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import drainage as dr
from drainage import telling, writing
from drainage.cli.inputs import Dated, Rainfall
from drainage.cli.printing import print_either, say, say_all
from drainage.cli.simulating import Granted
from drainage.errors import FormatError
from drainage.said import joined
from drainage.spelt.named_numbers import own_numbers
from drainage.words import in_both

#: What can be written: a model for EPA SWMM, a drawing for CAD, a project of QGIS.
_ENDINGS: Final = (".inp", ".dxf", ".qgz", ".qgs")
_SCALE: Final = 1000


def export(
    source: str, target: Path | None = None, /, *, output: Path | None = None, scale: int | None = None,
    systems: str = "storm,combined,unknown", rainfall: Rainfall, granted: Granted,
    tailwater_series: Path | None = None, ponded_area: float | None = None, engine_option: list[str] | None = None,
    reader: Dated, json_: bool = False, force: bool = False,
) -> None:  # fmt: skip
    """Write the network for EPA SWMM, for CAD or for QGIS; an .inp without a formula keeps its own rain."""
    goal = _goal(target, output)
    of_model = {
        "--storm-formula": rainfall != Rainfall(), "--tailwater": granted != Granted(),
        "--tailwater-series": tailwater_series is not None, "--ponded-area": ponded_area is not None,
        "--engine-option": engine_option is not None,
    }  # fmt: skip
    unused = [option for option, said in of_model.items() if said and goal.suffix.lower() != ".inp"]
    unused += ["--scale"] if scale is not None and goal.suffix.lower() != ".dxf" else []
    if unused:
        raise FormatError(in_both("export_unused", options=joined(unused, ", "), ending=goal.suffix.lower()))
    setup = granted.setup()
    (options,) = own_numbers("--engine-option", engine_option, dr.simulation.EngineOptions)
    options = options if ponded_area is None else replace(options, ponded_area_m2=ponded_area)
    net = _read(reader, source, goal, force=force)
    if goal.suffix.lower() == ".inp":
        named = [system.strip() for system in systems.split(",")]
        _to_swmm(net, goal, rainfall, setup, tailwater_series, options, named, as_json=json_, force=force)
    elif goal.suffix.lower() == ".dxf":
        _to_cad(net, goal, _SCALE if scale is None else scale, as_json=json_, force=force)
    else:
        _to_qgis(net, goal, as_json=json_, force=force)


def _goal(target: Path | None, output: Path | None) -> Path:
    """Return the file that is to be written, named behind the source or by ``-o``."""
    named = [path for path in (target, output) if path is not None]
    if len(named) != 1:
        raise FormatError(in_both("export_where"))
    if named[0].suffix.lower() not in _ENDINGS:
        raise FormatError(in_both("other_ending", place=named[0].name, endings=", ".join(_ENDINGS)))
    return named[0]


def _read(reader: Dated, source: str, goal: Path, *, force: bool) -> dr.DrainageNetwork:
    """Read the network, after a look at what would be written over."""
    beside = goal.with_suffix(".gpkg") if goal.suffix.lower() in {".qgz", ".qgs"} else None
    writing.check_free_answer(goal, ending=goal.suffix.lower(), force=force)
    writing.check_goals({".gpkg": beside}, force=force)
    return reader.read([source], (goal, beside))


def _to_swmm(
    net: dr.DrainageNetwork, goal: Path, rainfall: Rainfall, setup: dr.Setup, series: Path | None,
    options: dr.simulation.EngineOptions, systems: list[str], *, as_json: bool, force: bool,
) -> None:  # fmt: skip
    """Write a model for EPA SWMM; exit 2 where it is not what the network is."""
    from drainage.simulation.by_engine import with_series

    storm = rainfall.storm(net)
    setup = with_series(setup, series, storm)
    written = dr.write_inp(net, storm, goal, setup, systems=systems, options=options, force=force)
    counts = {"pipes": len(written.pipe_names), "nodes": len(written.node_names)}
    facts = {"file": str(written.path), **counts, "issues": telling.counted(written.issues)}
    told = telling.kinds_told(written.issues) if len(written.issues) else ()
    print_either(facts, told, dr.provenance.Provenance.of(net, storm), as_json=as_json)
    say(in_both("exported", path=written.path, **counts))
    sys.exit(2 if (written.issues["severity"] == "error").any() else 0)


def _to_cad(net: dr.DrainageNetwork, goal: Path, scale: int, *, as_json: bool, force: bool) -> None:
    """Write a drawing for CAD."""
    written = dr.papers.write_dxf(net, goal, scale=scale, force=force)
    facts = written._asdict() | {"path": str(written.path)}
    print_either(facts, (), dr.provenance.Provenance.of(net), as_json=as_json)
    say_all(written.remarks)
    say(in_both("exported", path=written.path, pipes=written.pipes, nodes=written.nodes))


def _to_qgis(net: dr.DrainageNetwork, goal: Path, *, as_json: bool, force: bool) -> None:
    """Write a project of QGIS with its database beside it."""
    written = dr.formats.write_qgis_project(net, goal, force=force)
    facts = {"file": str(written.project), "database": str(written.database)}
    print_either(facts, (), dr.provenance.Provenance.of(net), as_json=as_json)
    say(in_both("exported_beside", path=written.project, database=written.database))
