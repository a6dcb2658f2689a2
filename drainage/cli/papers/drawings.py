"""Drawings of the network, along it and over time: `drainage sheet`, `section` and `hydrograph`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from drainage.cli.inputs import Dated, Rainfall, numbers_in
from drainage.cli.printing import print_first, print_json, say
from drainage.cli.progress import shown
from drainage.cli.simulating import Engine, Granted
from drainage.cli.wording import spoken
from drainage.errors import FormatError
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.papers.drawn.paper import Paper
    from drainage.papers.sections.long_section import LongSection
    from drainage.papers.system_map.map_content import SystemMap
    from drainage.papers.water_over_time import WaterOverTime
    from drainage.result import Result
    from drainage.simulation.setup import Setup
    from drainage.simulation.state import FlowState

Size = Literal["A0", "A1", "A2", "A3", "A4"]
Orientation = Literal["landscape", "portrait"]
_STATIONS = (
    "node_id", "chainage_m", "ground_m", "invert_in_m", "invert_out_m", "invert_depth_m", "cover_m", "level_m",
    "overflow_m3",
)  # fmt: skip


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
    from drainage.papers.sections.draw_section import plot_section
    from drainage.papers.sections.way import find_way

    if output is not None:
        check_paper(output, force=force)
    setup = granted.setup()
    net = reader.read(source, (output,))
    find_way(net, [from_, *(via or ()), to], against_flow=against_flow)  # before the storms, which take longer
    states = _states(net, rainfall, return_period, engine, setup)
    minutes = numbers_in("--at-min", at_min) if at_min else ()
    points = _points(net, states[-1]) if waterlogging and states else None
    paper = plot_section(
        net, from_, to, via=via or (), state=states, at_min=minutes, waterlogging=points, against_flow=against_flow,
        along=along, up=up, wall_share=wall_share, project=project,
    )  # fmt: skip
    found = paper.content
    _print_section(found, paper, as_json=json_)  # type: ignore[arg-type]  # of a section
    _save(paper, output, dpi=dpi, force=force)


def sheet(
    source: list[str], /, *, size: Size | None = None, scale: int | None = None,
    orientation: Orientation | None = None, public: bool = False, waterlogging: bool = False, bare: bool = False,
    project: str = "", dpi: float = 130.0, reader: Dated, rainfall: Rainfall, granted: Granted,
    engine: Engine, output: Path | None = None, json_: bool = False, force: bool = False,
) -> None:  # fmt: skip
    """Draw the system map of a network, on one sheet or cut into several with an index."""
    from drainage.papers.drawn.paper import check_paper
    from drainage.papers.system_map.draw_map import plot_map

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
        paper = plot_map(net, size=size, scale=scale, orientation=orientation, public=public, waterlogging=points,
                         bare=bare, project=project, progress=progress)  # fmt: skip
    _print_map(paper.content, paper, as_json=json_)  # type: ignore[arg-type]  # of a map
    _save(paper, output, dpi=dpi, force=force)


def hydrograph(
    source: list[str], /, *, at: str, return_period: str = "3", dpi: float = 200.0, reader: Dated, rainfall: Rainfall,
    granted: Granted, time_limit: float = 600.0, engine_option: list[str] | None = None, output: Path | None = None,
    json_: bool = False, force: bool = False,
) -> None:  # fmt: skip
    """Draw rain, flow and level at a node, or in a pipe, over time, by EPA SWMM."""
    from drainage.papers.drawn.paper import check_paper
    from drainage.papers.hydrograph_sheet import plot_hydrograph

    if output is not None:
        check_paper(output, force=force)
    setup, options = granted.setup(), Engine(engine="swmm", engine_option=engine_option).options()
    net = reader.read(source, (output,))
    storms = [storm for storm in _storms(net, rainfall, return_period) if storm is not None]
    if not storms and net.origin.model is None:
        raise FormatError(in_both("storm_unsaid"))
    with shown("EPA SWMM"):
        paper = plot_hydrograph(net, at, storms or None, setup, options=options, time_limit_s=time_limit)
    _print_water(paper.content, paper, as_json=json_)  # type: ignore[arg-type]  # of a hydrograph
    _save(paper, output, dpi=dpi, force=force)


def _storms(net: DrainageNetwork, rainfall: Rainfall, periods: str) -> list[Storm | None]:
    """Return the storms that are asked for, the rarest last; None where no rain is given."""
    first = rainfall.storm(net)
    years = sorted(numbers_in("--return-period", periods))
    designed = first is not None and rainfall.rain is None and rainfall.depth_mm is None
    return [first.with_return_period(each) for each in years] if first is not None and designed else [first]


def _states(net: DrainageNetwork, rainfall: Rainfall, periods: str, engine: Engine, setup: Setup) -> list[FlowState]:
    """Run the storms that are asked for, the rarest last; none where no rain is given, which is said."""
    storms = _storms(net, rainfall, periods)
    if None in storms and net.origin.model is None:
        say(in_both("section_without_storm"))
        return []
    return [engine.run(net, storm, setup) for storm in storms]


def _points(net: DrainageNetwork, state: FlowState) -> Result:
    """Find the points of waterlogging in the last storm."""
    from drainage.analyses.waterlogging import find_waterlogging
    from drainage.simulation.screening.screen import screen_beside

    with shown("waterlogging") as progress:
        return find_waterlogging(
            state, screening=screen_beside(state), sightings=net.layers.get("reports"), progress=progress
        )


def _save(paper: Paper, output: Path | None, *, dpi: float, force: bool) -> None:
    from drainage.papers.earlier_sheets import earlier_sheets

    for remark in paper.remarks:
        say(remark)
    if output is None:
        say(in_both("paper_not_written"))
        return
    earlier = earlier_sheets(output, len(paper.sheets)) if force else []
    with shown(output.name, steps=len(paper.sheets)) as progress:
        written = paper.save(output, force=force, dpi=dpi, progress=progress)
    for path in written:
        say(path)
    if earlier:
        say(in_both("sheets_removed", files=", ".join(path.name for path in earlier)))


def _print_section(section: LongSection, paper: Paper, *, as_json: bool) -> None:
    """Print the stations of a section, to machines all its numbers."""
    from drainage.papers.sections.section_facts import section_facts
    from drainage.report.analyze import to_plain

    if as_json:
        told = {**section_facts(section), "remarks": to_plain(list(paper.remarks))}
        print_json(told, paper.provenance)
        return
    table = section.stations
    if section.grade_lines:
        last = section.grade_lines[-1]
        table = table.assign(level_m=last.level_m.round(2), overflow_m3=last.overflow_m3.round(1))
    print_first("stations", table, [name for name in _STATIONS if name in table], most=None)


def _print_map(content: SystemMap, paper: Paper, *, as_json: bool) -> None:
    """Print the sheets of a map and the ground of each."""
    import pandas as pd

    from drainage.report.analyze import to_plain

    tiles = content.cutting.tiles
    table = pd.DataFrame(
        {
            "sheet_no": [tile.number for tile in tiles],
            "sheet_size": content.cutting.layout.size,
            "map_scale": f"1:{content.scale}",
            "roads_unnamed": [len(content.left_out[tile.number].roads) for tile in tiles],
            "points_unnumbered": [len(content.left_out[tile.number].points) for tile in tiles],
            "ids_unwritten": [content.left_out[tile.number].ids for tile in tiles],
        }
    )
    if as_json:
        unnamed = {str(number): list(lost.roads) for number, lost in content.left_out.items()}
        edges = dict(
            zip(
                ("west_m", "south_m", "east_m", "north_m"),
                zip(*(one.bounds for one in tiles), strict=True),
                strict=True,
            )
        )
        facts = {
            "sheets": table.assign(**edges).to_dict("list"),
            "roads_unnamed": unnamed,
            "roads_outside": content.roads_outside,
        }
        print_json(to_plain({**facts, "remarks": list(paper.remarks)}), paper.provenance)
        return
    print_first("sheets of the map", table, [str(name) for name in table], most=None)


def _print_water(water: WaterOverTime, paper: Paper, *, as_json: bool) -> None:
    """Print the highest of each storm, to machines all series."""
    import pandas as pd

    from drainage.report.analyze import to_plain

    highest = pd.DataFrame(
        {
            "storm": [one.name for one in water.storms],
            "rain_mm_h": [float(one.rain_mm_h.max()) for one in water.storms],
            "inflow_m3s": [float(one.inflow_m3s.max()) for one in water.storms],
            "outflow_m3s": [float(one.outflow_m3s.max()) for one in water.storms],
            "level_m": [float(one.level_m.max()) for one in water.storms],
            "at_ground_min": [water.minutes_at_ground(one) for one in water.storms],
        }
    ).round(3)
    if as_json:
        facts = {"kind": water.kind, "id": water.feature_id, "node_id": water.node_id, "ground_m": water.ground_m,
                 "invert_m": water.invert_m, "crown_m": water.crown_m}  # fmt: skip
        rows = {name: table.to_dict("list") for name, table in (("highest", highest), ("series", water.table()))}
        print_json(to_plain({**facts, **rows, "remarks": list(paper.remarks)}), paper.provenance)
        return
    named = highest.assign(storm=[spoken(one.name) for one in water.storms])
    print_first("highest of each storm", named, [str(name) for name in highest], most=None)
