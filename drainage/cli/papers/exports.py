"""The network for other programs: `drainage export` writes what the ending of the name says."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from drainage.cli.inputs import Dated, Rainfall, own_numbers
from drainage.cli.printing import print_json, print_told, say
from drainage.cli.simulating import Granted
from drainage.errors import FormatError
from drainage.said import joined
from drainage.words import in_both

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.simulation.swmm.export import WrittenInp

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
    from drainage.simulation.swmm.engine_values import EngineOptions

    goal = _goal(target, output)
    ending = goal.suffix.lower()
    modelled = {
        "--storm-formula": rainfall != Rainfall(), "--tailwater": granted != Granted(),
        "--tailwater-series": tailwater_series is not None, "--ponded-area": ponded_area is not None,
        "--engine-option": engine_option is not None,
    }  # fmt: skip
    if ending != ".inp":
        _refuse_unused(goal, modelled | {"--scale": scale is not None and ending != ".dxf"})
        net = _read(reader, source, goal, force=force)
        if ending == ".dxf":
            _to_cad(net, goal, _SCALE if scale is None else scale, as_json=json_, force=force)
        else:
            _to_qgis(net, goal, as_json=json_, force=force)
        return
    from drainage.simulation.by_engine import with_series
    from drainage.simulation.swmm.export import write_inp

    _refuse_unused(goal, {"--scale": scale is not None})
    setup = granted.setup()
    (options,) = own_numbers("--engine-option", engine_option, EngineOptions)
    net = _read(reader, source, goal, force=force)
    storm = rainfall.storm(net)
    written = write_inp(
        net, storm, goal, with_series(setup, tailwater_series, storm),
        systems=[system.strip() for system in systems.split(",")],
        options=options if ponded_area is None else replace(options, ponded_area_m2=ponded_area), force=force,
    )  # fmt: skip
    _tell_model(net, storm, written, as_json=json_)


def _goal(target: Path | None, output: Path | None) -> Path:
    """Return the file that is to be written, named behind the source or by ``-o``."""
    named = [path for path in (target, output) if path is not None]
    if len(named) != 1:
        raise FormatError(in_both("export_where"))
    if named[0].suffix.lower() not in _ENDINGS:
        raise FormatError(in_both("other_ending", place=named[0].name, endings=", ".join(_ENDINGS)))
    return named[0]


def _refuse_unused(goal: Path, said: Mapping[str, bool]) -> None:
    """Refuse options that mean nothing for what is written."""
    unused = [option for option, given in said.items() if given]
    if unused:
        raise FormatError(in_both("export_unused", options=joined(unused, ", "), ending=goal.suffix.lower()))


def _read(reader: Dated, source: str, goal: Path, *, force: bool) -> DrainageNetwork:
    """Read the network, after a look at what would be written over."""
    from drainage.writing import check_free, check_free_answer

    beside = goal.with_suffix(".gpkg") if goal.suffix.lower() in {".qgz", ".qgs"} else None
    check_free_answer(goal, ending=goal.suffix.lower(), force=force)
    if beside is not None:
        check_free(beside, ending=".gpkg", force=force)
    return reader.read([source], (goal, beside))


def _tell_model(net: DrainageNetwork, storm: Storm | None, written: WrittenInp, *, as_json: bool) -> None:
    from drainage.provenance import Provenance
    from drainage.telling.issues import counted, kinds_told

    pipes, nodes = len(written.pipe_names), len(written.node_names)
    if as_json:
        facts = {"file": str(written.path), "pipes": pipes, "nodes": nodes, "issues": counted(written.issues)}
        print_json(facts, Provenance.of(net, storm))
    elif len(written.issues):
        print_told(kinds_told(written.issues))
    say(in_both("exported", path=written.path, pipes=pipes, nodes=nodes))
    sys.exit(2 if (written.issues["severity"] == "error").any() else 0)


def _to_cad(net: DrainageNetwork, goal: Path, scale: int, *, as_json: bool, force: bool) -> None:
    from drainage.papers.cad.write_cad import write_dxf
    from drainage.provenance import Provenance

    written = write_dxf(net, goal, scale=scale, force=force)
    if as_json:
        print_json(written._asdict() | {"path": str(written.path)}, Provenance.of(net))
    if written.without_place:
        ids = joined([*written.without_place[:5], *(["…"] if len(written.without_place) > 5 else [])], ", ")
        say(in_both("cad_without_place", count=len(written.without_place), ids=ids))
    if written.crowded:
        say(in_both("cad_crowded", count=written.crowded))
    say(in_both("exported", path=written.path, pipes=written.pipes, nodes=written.nodes))


def _to_qgis(net: DrainageNetwork, goal: Path, *, as_json: bool, force: bool) -> None:
    from drainage.formats.projects.qgis_project import write_qgis_project
    from drainage.provenance import Provenance

    written = write_qgis_project(net, goal, force=force)
    if as_json:
        print_json({"file": str(written.project), "database": str(written.database)}, Provenance.of(net))
    say(in_both("exported_beside", path=written.project, database=written.database))
