"""What the engine computes at some nodes and in some pipes, step by step, and a model changed between two runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.errors import SimulationError
from drainage.formats.inp.text.lines import edit_rows, join_tokens, render
from drainage.formats.inp.text.tokens import part_sections, split_line
from drainage.hydraulics.rainfall import Storm
from drainage.network import DrainageNetwork
from drainage.said import joined
from drainage.simulation.pipes import STORM_SYSTEMS
from drainage.simulation.setup import Setup
from drainage.simulation.swmm.compose import build_engine_models
from drainage.simulation.swmm.engine_values import EngineModel, EngineOptions
from drainage.simulation.swmm.folder import engine_folder
from drainage.simulation.swmm.output import EngineOutput, read_out
from drainage.simulation.swmm.run import run_engine
from drainage.words import in_both

#: Places among the results of a node and of a link (SWMM 5.2, enums.h).
_HEAD: Final = 1
_PASSING: Final = 4
_FLOW: Final = 0
_DAY_ZERO: Final = np.datetime64("1899-12-30T00:00:00")


@dataclass(frozen=True, slots=True, eq=False)
class EngineSeries:
    """Levels and flows by time.

    Parameters
    ----------
    minute
        (n_steps,) ends of the reporting steps, min from the beginning.
    begins
        Moment of the beginning by the calendar of the model; that of a composed model means nothing.
    level_m, inflow_m3s
        (n_steps, n_nodes) level of water and flow that enters, of the nodes that were asked for; nan: not in the model.
    flow_m3s
        (n_steps, n_pipes) flow from the upper to the lower end of the pipes that were asked for.
    errors_pct
        Continuity errors of runoff and routing, %.
    """

    minute: Floats
    begins: np.datetime64
    level_m: Floats
    inflow_m3s: Floats
    flow_m3s: Floats
    errors_pct: tuple[float, float]


def build_model(
    net: DrainageNetwork,
    storm: Storm | None,
    setup: Setup,
    *,
    nodes: Collection[str],
    systems: tuple[str, ...] = STORM_SYSTEMS,
    options: EngineOptions | None = None,
) -> EngineModel:
    """Make the model of the connected parts that hold some nodes, exactly as they are in the model of the whole.

    Ground and rain are those of the whole, and so is the largest step. A network that was read from an .inp is made
    whole.
    """
    return build_engine_models(net, storm, setup, systems=systems, options=options, processes=1, around=nodes)[0]


def run_series(
    model: EngineModel,
    net: DrainageNetwork,
    *,
    nodes: Sequence[str],
    pipes: Sequence[str],
    time_limit_s: float,
) -> EngineSeries:
    """Run a model and return what it computes at some nodes and in some pipes.

    Raises
    ------
    SimulationError
        As `drainage.simulation.swmm.run.run_engine`.
    """
    missing = model.issues[model.issues["code"] == "missing_file"]
    if len(missing):
        named = joined(joined([row.feature_id, row.reason], ": ") for row in missing.head(5).itertuples())
        raise SimulationError(in_both("engine_needs_files", files=named))
    with engine_folder() as folder:
        node_names, pipe_names = model.node_names.reindex(list(nodes)), model.pipe_names.reindex(list(pipes))
        beside = _outfalls_beside(model, node_names)
        written = [tuple(map(str, names.dropna().unique())) for names in (pd.concat([node_names, beside]), pipe_names)]
        run = run_engine(
            model._replace(watched=(written[0], written[1])), folder, time_limit_s=time_limit_s, progress=None
        )
        output = read_out(folder / "model.out")
        turned = _turned(model, net, pipe_names)
        return EngineSeries(
            output.rain[0],
            _DAY_ZERO + np.timedelta64(round(output.start * 86400.0), "s"),
            _columns(output, "nodes", node_names, _HEAD) * model.units.length_m,
            _passing(output, node_names, beside) * model.units.flow_m3s,
            _columns(output, "links", pipe_names, _FLOW) * model.units.flow_m3s * np.where(turned, -1.0, 1.0),
            (run.errors_pct[0], run.errors_pct[1]),
        )


def _outfalls_beside(model: EngineModel, names: pd.Series) -> pd.Series:
    """Return the names of the outfalls that stand beside some nodes, one for each pipe more that ends there."""
    found = {name: node for name, node in model.added_nodes.items() if name.rpartition("~")[2].isdigit()}
    beside = pd.Series(list(found), index=pd.Index(list(found.values()), dtype=object), dtype=object)
    return beside[beside.index.isin(names.index)]


def _passing(output: EngineOutput, names: pd.Series, beside: pd.Series) -> Floats:
    """(n_steps, n_nodes) what enters each node, and the outfalls beside it."""
    whole = _columns(output, "nodes", names, _PASSING)
    for column, node in enumerate(names.index):
        more = _columns(output, "nodes", beside[beside.index == node], _PASSING)
        whole[:, column] += np.nansum(more, axis=1)
    return whole


def _columns(output: EngineOutput, kind: str, names: pd.Series, place: int) -> Floats:
    """(n_steps, n_names) one of the results; nan for what is not in the file."""
    at = pd.Index(output.names[kind]).get_indexer(pd.Index(names))
    values = np.full((len(output.periods), len(at)), np.nan)
    values[:, at >= 0] = output.periods[kind][:, at[at >= 0], place]
    return values


def _turned(model: EngineModel, net: DrainageNetwork, names: pd.Series) -> np.ndarray:
    """Mark pipes that an .inp draws from their lower to their upper end."""
    if model.origin is None or not len(names):
        return np.zeros(len(names), dtype=np.bool_)
    first = {row[0]: row[1].upper() for row in model.origin.rows("CONDUITS") if len(row) > 1}
    upper = net.pipes["from_node"].reindex(names.index).astype(str).str.upper()
    written = [first.get(str(name), up) for name, up in zip(names, upper, strict=True)]
    return np.asarray(upper.to_numpy(dtype=object) != np.array(written, dtype=object))


def with_roughness(model: EngineModel, pipes: Collection[str], factor: float) -> EngineModel:
    """Multiply Manning's n of some pipes, by their ids."""
    names = {str(model.pipe_names[name]).upper() for name in pipes if name in model.pipe_names.index}
    return _scaled(model, "CONDUITS", 4, dict.fromkeys(names, factor), named_at=0)


def with_runoff(model: EngineModel, nodes: Collection[str], factor: float) -> EngineModel:
    """Multiply Ψ (the impervious share) of the ground that drains to some nodes, to 1 at most; and of what drains on.

    Ground that runs off to other ground, as in an .inp, is taken to drain there too.
    """
    names = {str(model.node_names[name]).upper() for name in nodes if name in model.node_names.index}
    sections, _ = part_sections(model.text)
    rows = [row for line in sections.get("SUBCATCHMENTS", ()) if len(row := split_line(line)) > 4]
    known = {row[0].upper() for row in rows}
    here = {row[0].upper(): factor for row in rows if row[2].upper() in names or row[2].upper() in known}
    return _scaled(model, "SUBCATCHMENTS", 4, here, named_at=0, most=100.0)


def with_inflow(model: EngineModel, inflow_m3s: pd.Series) -> EngineModel:
    """Let constant inflows enter at some nodes, by id, m³/s, beside what enters there already."""
    sections, _ = part_sections(model.text)
    there = {row[0].upper(): row for line in sections.get("DWF", ()) if len(row := split_line(line)) > 2}
    lines = []
    for name, flow in zip(map(str, inflow_m3s.index), inflow_m3s.tolist(), strict=True):
        if name not in model.node_names.index or not flow:
            continue
        own = str(model.node_names[name])
        row = there.get(own.upper(), [own, "FLOW", "0"])
        if row[1].upper() != "FLOW":
            row = [own, "FLOW", "0"]
        lines.append(join_tokens([row[0], row[1], f"{float(row[2]) + flow / model.units.flow_m3s:.9g}", *row[3:]]))
    sections["DWF"] = [*sections.get("DWF", []), *lines]  # the last of a node counts
    return model._replace(text=_render(sections))


def runoff_now(model: EngineModel, nodes: Collection[str]) -> tuple[float, float]:
    """Return the area, in the unit of the model, and the mean Ψ of the ground that drains to some nodes."""
    names = {str(model.node_names[name]).upper() for name in nodes if name in model.node_names.index}
    sections, _ = part_sections(model.text)
    rows = [row for line in sections.get("SUBCATCHMENTS", ()) if len(row := split_line(line)) > 4]
    here = np.array([[float(row[3]), float(row[4]) / 100.0] for row in rows if row[2].upper() in names])
    if not len(here) or not here[:, 0].sum() > 0.0:
        return 0.0, float("nan")
    return float(here[:, 0].sum()), float(np.average(here[:, 1], weights=here[:, 0]))


def _scaled(
    model: EngineModel, section: str, place: int, factors: dict[str, float], *, named_at: int, most: float = np.inf
) -> EngineModel:
    sections, _ = part_sections(model.text)
    edits = {}
    for line in sections.get(section, ()):
        row = split_line(line)
        if len(row) > place and (factor := factors.get(row[named_at].upper())) is not None:
            edits[row[named_at].upper()] = {place: f"{min(float(row[place]) * factor, most):.9g}"}
    sections[section] = edit_rows(sections.get(section, []), edits, at=named_at)
    return model._replace(text=_render(sections))


def _render(sections: dict[str, list[str]]) -> str:
    """Write sections; blank lines between them are there already."""
    return render({name: [line for line in lines if line.strip()] for name, lines in sections.items()})
