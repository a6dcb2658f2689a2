"""Drawings of the network, along it and over time: `drainage sheet`, `section` and `hydrograph`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import drainage as dr
from drainage import telling
from drainage.cli.inputs import Dated, Rainfall
from drainage.cli.printing import print_either, say, say_all
from drainage.cli.progress import shown
from drainage.cli.simulating import Engine, Granted
from drainage.errors import FormatError
from drainage.spelt.named_numbers import numbers_in
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.hydraulics.rainfall import Storm

Size = Literal["A0", "A1", "A2", "A3", "A4"]
Orientation = Literal["landscape", "portrait"]


def section(
    source: list[str], /, *, from_: str, to: str, via: list[str] | None = None, against_flow: bool = False,
    return_period: str = "3", at_min: str | None = None, waterlogging: bool = False,
    along: int | None = None, up: int | None = None,
    wall_share: float = 0.1, project: str = "", dpi: float = 130.0, reader: Dated, rainfall: Rainfall,
    granted: Granted, engine: Engine, output: Path | None = None, json_: bool = False,
    force: bool = False,
) -> None:  # fmt: skip
    """Draw a long section between two nodes, with the grade lines of storms."""
    from drainage.papers.drawn.paper import check_paper
    from drainage.papers.sections.way import find_way

    if output is not None:
        check_paper(output, force=force)
    setup = granted.setup()
    net = reader.read(source, (output,))
    find_way(net, [from_, *(via or ()), to], against_flow=against_flow)  # before the storms, which take longer
    storms = _storms(net, rainfall, return_period)
    if None in storms and net.origin.model is None:
        say(in_both("section_without_storm"))
        storms = []
    states = [engine.run(net, storm, setup) for storm in storms]
    minutes = numbers_in("--at-min", at_min) if at_min else ()
    points = _points(net, states[-1]) if waterlogging and states else None
    paper = dr.papers.plot_section(
        net, from_, to, via=via or (), state=states, at_min=minutes, waterlogging=points, against_flow=against_flow,
        along=along, up=up, wall_share=wall_share, project=project,
    )  # fmt: skip
    _end(paper, output, dpi=dpi, as_json=json_, force=force)


def sheet(
    source: list[str], /, *, size: Size | None = None, scale: int | None = None,
    orientation: Orientation | None = None, public: bool = False, waterlogging: bool = False, bare: bool = False,
    project: str = "", dpi: float = 130.0, reader: Dated, rainfall: Rainfall, granted: Granted,
    engine: Engine, output: Path | None = None, json_: bool = False, force: bool = False,
) -> None:  # fmt: skip
    """Draw the system map of a network, on one sheet or cut into several with an index."""
    from drainage.papers.drawn.paper import check_paper

    if output is not None:
        check_paper(output, force=force)
    net = reader.read(source, (output,))
    points = None
    if waterlogging:
        storm = rainfall.storm(net)
        if storm is None and net.origin.model is None:
            raise FormatError(in_both("storm_unsaid"))
        points = _points(net, engine.run(net, storm, granted.setup()))
    with shown("sheet") as progress:
        paper = dr.papers.plot_map(
            net, size=size, scale=scale, orientation=orientation, public=public, waterlogging=points, bare=bare,
            project=project, progress=progress,
        )  # fmt: skip
    _end(paper, output, dpi=dpi, as_json=json_, force=force)


def hydrograph(
    source: list[str], /, *, at: str, return_period: str = "3", dpi: float = 200.0, reader: Dated, rainfall: Rainfall,
    granted: Granted, time_limit: float = 600.0, engine_option: list[str] | None = None, output: Path | None = None,
    json_: bool = False, force: bool = False,
) -> None:  # fmt: skip
    """Draw rain, flow and level at a node, or in a pipe, over time, by EPA SWMM."""
    from drainage.papers.drawn.paper import check_paper

    if output is not None:
        check_paper(output, force=force)
    setup, options = granted.setup(), Engine(engine="swmm", engine_option=engine_option).options()
    net = reader.read(source, (output,))
    storms = [storm for storm in _storms(net, rainfall, return_period) if storm is not None]
    if not storms and net.origin.model is None:
        raise FormatError(in_both("storm_unsaid"))
    with shown("EPA SWMM"):
        paper = dr.papers.plot_hydrograph(net, at, storms or None, setup, options=options, time_limit_s=time_limit)
    _end(paper, output, dpi=dpi, as_json=json_, force=force)


def _storms(net: dr.DrainageNetwork, rainfall: Rainfall, periods: str) -> list[Storm | None]:
    """Return the storms that are asked for, the rarest last; None where no rain is given."""
    first = rainfall.storm(net)
    years = sorted(numbers_in("--return-period", periods))
    designed = first is not None and rainfall.rain is None and rainfall.depth_mm is None
    return [first.with_return_period(each) for each in years] if first is not None and designed else [first]


def _points(net: dr.DrainageNetwork, state: dr.simulation.FlowState) -> dr.Result:
    """Find the points of waterlogging in the last storm."""
    from drainage.simulation.screening.screen import screen_beside

    with shown("waterlogging") as progress:
        return dr.find_waterlogging(
            state, screening=screen_beside(state), sightings=net.layers.get("reports"), progress=progress
        )


def _end(paper: dr.papers.Paper, output: Path | None, *, dpi: float, as_json: bool, force: bool) -> None:
    """Print what stands on a paper and what must be known of it, and write it where that is asked for."""
    from drainage.papers.earlier_sheets import earlier_sheets

    facts = telling.paper_facts(paper) if as_json else {}
    print_either(facts, telling.paper_told(paper), paper.provenance, as_json=as_json)
    say_all(paper.remarks)
    if output is None:
        say(in_both("paper_not_written"))
        return
    earlier = earlier_sheets(output, len(paper.sheets)) if force else []
    with shown(output.name, steps=len(paper.sheets)) as progress:
        written = paper.save(output, force=force, dpi=dpi, progress=progress)
    say_all(written)
    if earlier:
        say(in_both("sheets_removed", files=", ".join(path.name for path in earlier)))
