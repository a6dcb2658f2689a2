"""A network and a storm as an EPA SWMM model: the file that the engine reads, and which of its names is whose."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from drainage.errors import SimulationError
from drainage.formats.inp.edit.design_rain import point_to_files, replace_rain
from drainage.formats.inp.edit.overrides import begin_statistics, refuse_still_pipes, set_options
from drainage.formats.inp.edit.rewrite import edit_model
from drainage.formats.inp.outfall_rows import change_stages
from drainage.formats.inp.parse import InpModel
from drainage.formats.inp.text.files import report_files
from drainage.formats.inp.text.lines import free_text, render
from drainage.formats.inp.text.names import renaming_lines
from drainage.formats.inp.text.tokens import SECTIONS, InpText, Units
from drainage.hydraulics.rainfall import Storm
from drainage.hydraulics.runoff import uplift_share
from drainage.network import DrainageNetwork
from drainage.said import joined
from drainage.schema import Issues
from drainage.schema.columns import column_of
from drainage.simulation.ground.catchments import coefficient_words, ground_of, ground_pieces
from drainage.simulation.outfalls import check_outfalls
from drainage.simulation.pipes import STORM_SYSTEMS, outfall_levels
from drainage.simulation.receiving import receiving_water
from drainage.simulation.setup import Setup
from drainage.simulation.swmm.engine_values import EngineModel, EngineOptions
from drainage.simulation.swmm.model_rows import complete_pipes, engine_tables
from drainage.simulation.swmm.model_sections import engine_sections, routing_step_s
from drainage.simulation.swmm.parts import part_words, parts_around, split_tables, split_words
from drainage.simulation.swmm.pumps import add_pumps
from drainage.simulation.swmm.staging import files_written
from drainage.simulation.swmm.tanks import add_tanks
from drainage.words import coded, in_both


def build_engine_models(
    net: DrainageNetwork,
    storm: Storm | None,
    setup: Setup = Setup(),
    *,
    folder: Path | None = None,
    systems: tuple[str, ...] = STORM_SYSTEMS,
    options: EngineOptions | None = None,
    processes: int | None = 1,
    around: Collection[str] = (),
) -> list[EngineModel]:
    """Make the model, or one for each group of connected parts; see `write_inp` for the other parameters.

    Parameters
    ----------
    folder
        Where the file will lie, for the files that it names; None: it is run, and never written for others.
    processes
        As in `simulate_swmm`.
    around
        Ids of nodes: only the connected parts that hold them are made; none: all. An .inp is made whole.
    """
    chosen = options or EngineOptions()
    check_outfalls(net, np.ones(len(net.pipes), dtype=np.bool_))
    if net.origin.model is not None:
        return [_edited(net, storm, net.origin.model, folder, setup, chosen)]
    return _composed(net, storm, systems, setup, chosen, processes, around)


def _edited(
    net: DrainageNetwork,
    storm: Storm | None,
    model: InpModel,
    folder: Path | None,
    setup: Setup,
    options: EngineOptions,
) -> EngineModel:
    issues = Issues()
    water = receiving_water(net, setup.tailwater_m, taken={row[0].upper() for row in model.text.rows("TIMESERIES")})
    nodes = water.at_start.nodes
    if water.level_m is not None:
        free = (nodes["kind"] == "outfall") & nodes["water_level_m"].isna()
        nodes["water_level_m"] = nodes["water_level_m"].mask(free, water.level_m)
    sections = edit_model(net.replace(nodes=nodes), model, issues)
    change_stages(sections, water.names, water.rows(water.names, metres_per_unit=model.text.units.length_m))
    if folder is None:
        _prepare_run(sections, model.text, options, issues, own_rain=storm is None)
    else:
        point_to_files(sections, model.text, folder, issues)
        _report_foreign(sections, model.text, issues)
    if storm is not None:
        replace_rain(
            sections, model.text, storm, step_min=options.rain_step_min, drain_min=options.drain_min, issues=issues
        )
    add_tanks(sections, net, model.text, issues)
    add_pumps(sections, net, model.text, issues)
    now = replace(model.text, sections=sections)
    report_files(now, issues)
    encoding = "utf-8" if model.text.encoding.startswith("utf") else model.text.encoding
    routing = model.text.options.get("FLOW_ROUTING", "KINWAVE")
    plain = {} if routing.startswith(("DYN", "DW")) else {"routing": in_both("engine_routing", routing=routing)}
    return EngineModel(
        render(sections),
        encoding,
        pd.Series(net.nodes.index, index=net.nodes.index, dtype=object),
        pd.Series(net.pipes.index, index=net.pipes.index, dtype=object),
        issues.frame(),
        {
            "model": in_both("engine_model", name=model.text.path.name),
            **plain,
            **water.words,
            **_said(issues),
        },
        model.text.units,
        {},
        origin=now,
    )


def _prepare_run(
    sections: dict[str, list[str]], text: InpText, options: EngineOptions, issues: Issues, *, own_rain: bool
) -> None:
    """Settle what is ours where a model is run, and say what of it no run does."""
    if own_rain:
        refuse_still_pipes(text)
        set_options(sections, begin_statistics(text, issues))
    set_options(sections, {"THREADS": str(options.threads)})
    issues.add("not_written_by_run", "warning", "file", list(dict.fromkeys(files_written(sections))),
               in_both("would_write"), in_both("not_written"))  # fmt: skip


def _report_foreign(sections: dict[str, list[str]], text: InpText, issues: Issues) -> None:
    foreign = [name for name in sections if name not in SECTIONS]
    issues.add("unknown_section", "warning", "file", [text.path.name] * len(foreign),
               [in_both("section_foreign", name=name) for name in foreign], in_both("section_kept"))  # fmt: skip


def _said(issues: Issues) -> dict[str, str]:
    """Return in words, for the summary, what was set differently from the file."""
    found = issues.frame()
    found = found[found["code"].isin(["set_for_storm", "late_report", "not_written_by_run"])]
    words = [joined([row.feature_id, row.reason, row.action], ": ") for row in found.itertuples()]
    return {"set_otherwise": joined(words)} if words else {}


def _composed(
    net: DrainageNetwork,
    storm: Storm | None,
    systems: tuple[str, ...],
    setup: Setup,
    options: EngineOptions,
    processes: int | None,
    around: Collection[str],
) -> list[EngineModel]:
    issues = Issues()
    written = complete_pipes(net, systems, issues)
    asked = joined((coded("system", system) for system in systems), ", ")
    if not written.any():
        raise SimulationError(in_both("no_pipe_complete", network=net.source or in_both("network"), systems=asked))
    water = receiving_water(net, setup.tailwater_m)
    level, tailwater = outfall_levels(water.at_start, water.level_m)
    tables = engine_tables(net, written, level, issues, water.names)
    options = replace(options, routing_step_s=options.routing_step_s or routing_step_s(tables))
    if around:
        tables = parts_around(tables, net.node_positions(around))
    assumptions = {"tailwater": tailwater, **water.words, "manning_n": tables.roughness}
    if (gated := int(tables.nodes["gated"].sum())) > 0:
        assumptions["flap_gates"] = in_both("flap_gates", count=gated)
    rained = written & net.systems.among(*STORM_SYSTEMS)
    ground = pieces = None
    if storm is not None and rained.any():
        # Shared out once for all parts: ground within reach of two of them would go to both.
        ground, uplift = ground_of(net, setup, rained), uplift_share(storm.return_period_a, setup.uplift_within)
        pieces, assumptions["catchments"] = ground_pieces(net, ground, uplift), ground.origin
        assumptions["runoff_coefficient"] = coefficient_words(setup.runoff_coefficient, uplift)
    constant = column_of(net.nodes, "inflow_m3s", 0.0)[tables.nodes["row"]]
    if (pieces is None or not len(pieces)) and not constant.any():
        raise SimulationError(in_both("no_water_comes", network=net.source or in_both("network"), systems=asked))
    groups = split_tables(tables, processes)
    if len(groups) > 1:
        assumptions["split"] = split_words(tables, groups)
    named = tables.node_of_row(len(net.nodes))
    node_names = pd.Series(
        tables.nodes["name"].to_numpy(dtype=object)[named[named >= 0]], index=net.nodes.index[named >= 0], dtype=object
    )
    pipe_names = tables.pipes["name"]
    renamed = [*renaming_lines(node_names), *renaming_lines(pipe_names)]
    issues.add("renamed", "info", "file", [net.source or "network"] if renamed else [],
               in_both("ids_refused", count=len(renamed)), in_both("ids_renamed"))  # fmt: skip
    title = {"TITLE": _title(net, storm, systems, assumptions) + renamed}
    added = tables.nodes[tables.nodes["suffix"] != ""]
    beside = dict(zip(added["name"], net.nodes.index[added["row"]], strict=True))
    whole = EngineModel(
        "", "utf-8", node_names, pipe_names, issues.frame(), assumptions, Units("CMS"), beside, ground=ground
    )
    return [
        whole._replace(text=render(title | engine_sections(net, group, pieces, storm, water, options)), part=words)
        for group, words in zip(groups, part_words(groups), strict=True)
    ]


def _title(
    net: DrainageNetwork, storm: Storm | None, systems: tuple[str, ...], assumptions: dict[str, str]
) -> list[str]:
    lines = [f"{net.source or 'drainage network'}: {', '.join(systems)} pipes, written by drainage (Python)"]
    if net.synthetic:
        said = in_both("made_up_model")
        lines.append(f"{said} {said.chinese}")
    if storm is not None:
        lines.append(f"{storm!r}; {'; '.join(storm.remarks)}")
    lines.append(f"Coordinates: {net.crs.to_string() if net.crs is not None else 'schematic'}; levels in metres")
    return [*map(free_text, lines), *(f";; {free_text(f'{name}: {value}')}" for name, value in assumptions.items())]
