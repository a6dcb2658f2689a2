"""Drawings along the network and over time: `drainage section`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drainage.cli.inputs import Dated, Rainfall, numbers_in
from drainage.cli.printing import print_first, print_json, say
from drainage.cli.simulating import Engine, Granted
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.network import DrainageNetwork
    from drainage.papers.long_section import LongSection
    from drainage.papers.paper import Paper
    from drainage.simulation.setup import Setup
    from drainage.simulation.state import FlowState

_STATIONS = (
    "node_id", "chainage_m", "ground_m", "invert_in_m", "invert_out_m", "invert_depth_m", "cover_m", "level_m",
    "overflow_m3",
)  # fmt: skip


def section(
    source: list[str], /, *, from_: str, to: str, via: list[str] | None = None, against_flow: bool = False,
    return_period: str = "3", along: int | None = None, up: int | None = None, wall_share: float = 0.1,
    project: str = "", dpi: float = 130.0, reader: Dated, rainfall: Rainfall, granted: Granted, engine: Engine,
    output: Path | None = None, json_: bool = False, force: bool = False,
) -> None:  # fmt: skip
    """Draw a long section between two nodes, with the grade lines of storms."""
    from drainage.papers.draw_section import plot_section
    from drainage.papers.paper import check_paper
    from drainage.papers.way import find_way

    if output is not None:
        check_paper(output, force=force)
    setup = granted.setup()
    net = reader.read(source, (output,))
    find_way(net, [from_, *(via or ()), to], against_flow=against_flow)  # before the storms, which take longer
    states = _states(net, rainfall, return_period, engine, setup)
    paper = plot_section(
        net, from_, to, via=via or (), state=states, against_flow=against_flow, along=along, up=up,
        wall_share=wall_share, project=project,
    )  # fmt: skip
    found = paper.content
    _print_section(found, paper, as_json=json_)  # type: ignore[arg-type]  # of a section
    _save(paper, output, dpi=dpi, force=force)


def _states(net: DrainageNetwork, rainfall: Rainfall, periods: str, engine: Engine, setup: Setup) -> list[FlowState]:
    """Run the storms that are asked for, the rarest last; none where no rain is given, which is said."""
    first = rainfall.storm(net)
    if first is None and net.origin.model is None:
        say(in_both("section_without_storm"))
        return []
    years = sorted(numbers_in("--return-period", periods))
    designed = first is not None and rainfall.rain is None and rainfall.depth_mm is None
    storms = [first.with_return_period(each) for each in years] if first is not None and designed else [first]
    return [engine.run(net, storm, setup) for storm in storms]


def _save(paper: Paper, output: Path | None, *, dpi: float, force: bool) -> None:
    for remark in paper.remarks:
        say(remark)
    if output is None:
        say(in_both("paper_not_written"))
        return
    for path in paper.save(output, force=force, dpi=dpi):
        say(path)


def _print_section(section: LongSection, paper: Paper, *, as_json: bool) -> None:
    """Print the stations of a section, to machines all its numbers."""
    from drainage.report.analyze import to_plain

    if as_json:
        tables = {"stations": section.stations, "pipes": section.pipes, "crossings": section.crossings}
        facts: dict[str, object] = {
            name: [to_plain(row) for _, row in table.reset_index(drop=name == "stations").iterrows()]
            for name, table in tables.items()
        }
        lines = [
            {"storm": line.name, "level_m": line.level_m.tolist(), "overflow_m3": line.overflow_m3.tolist()}
            for line in section.grade_lines
        ]
        print_json({**facts, "grade_lines": to_plain(lines), "remarks": list(paper.remarks)}, paper.provenance)
        return
    table = section.stations
    if section.grade_lines:
        last = section.grade_lines[-1]
        table = table.assign(level_m=last.level_m.round(2), overflow_m3=last.overflow_m3.round(1))
    print_first("stations", table, [name for name in _STATIONS if name in table], most=None)
