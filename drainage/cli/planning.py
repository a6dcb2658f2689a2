"""What to do: `drainage relief`, `cleaning` and `closures`."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drainage.cli.inputs import Rainfall, Reader
from drainage.cli.options import AsOf, Duration, EngineName, Evidences, Nodes, Reports, ReturnPeriod, Source, UserFlow
from drainage.cli.printing import Output, print_first, say
from drainage.cli.progress import shown
from drainage.cli.simulating import Engine, Granted
from drainage.errors import FormatError
from drainage.words import in_both, language

if TYPE_CHECKING:
    import pandas as pd

_COST = ("finding_id", "cost_yuan")


def relief(
    source: Source, *, reports: Reports = None, nodes: Nodes = None, as_of: AsOf = None, reader: Reader,
    return_period: ReturnPeriod = 3, duration: Duration = 120, granted: Granted, rainfall: Rainfall,
    standard: Annotated[
        str | None,
        typer.Option(help="标准 sewer: no overflow; flood: 15 cm on a lane; default flood from 20 a on"),
    ] = None,
    sizes: Annotated[str | None, typer.Option(help="可选管径 inner diameters to choose from in mm, by commas")] = None,
    cover: Annotated[float, typer.Option(help="最小覆土 least earth over enlarged pipes in m")] = 0.7,
    link_reach: Annotated[float, typer.Option(help="连通管最长 longest relief link in m; 0: none")] = 300.0,
    engine: EngineName = "screening",
    second_run: Annotated[
        bool, typer.Option("--second-run", help="复核 run EPA SWMM before and after the works")
    ] = False,
    running: Engine, out: Output,
) -> None:  # fmt: skip
    """积水点整治方案 The smallest works that bring each waterlogging point within the standard."""
    from drainage.analyses.waterlogging import find_waterlogging
    from drainage.plans.relief import plan_relief
    from drainage.plans.relief.remedies import PIPE_SIZES_MM
    from drainage.simulation.screening.screen import screen_beside

    setup, first, second = granted.setup(), replace(running, engine=engine), replace(running, engine="swmm")
    out.check()
    first.check()
    sizes_mm = PIPE_SIZES_MM if sizes is None else _sizes(sizes)
    net = reader.read(source, out.paths, reports=reports, nodes=nodes, as_of=as_of)
    storm = rainfall.storm(net, return_period, duration)
    state = first.run(net, storm, setup)
    screening = screen_beside(state)
    with shown("易积水点 waterlogging") as progress:
        found = find_waterlogging(state, screening=screening, sightings=net.layers.get("reports"), progress=progress)
    # in a second run EPA SWMM shows how far it is
    with nullcontext(None) if second_run else shown("整治方案 relief") as progress:
        result = plan_relief(
            state, found, screening=screening,
            simulate=(lambda built: second.run(built, storm, setup)) if second_run else None,
            sizes_mm=sizes_mm, least_cover_m=cover, standard=standard, link_reach_m=link_reach, progress=progress,
        )  # fmt: skip
    out.print(result)
    if not out.json_:
        points = result.tables["points"].assign(point_id=lambda table: table.index)
        listed = ("point_id", "road", "solved", "before_m3", "after_m3", "storage_instead_m3", "works", "doubt")
        print_first("points", points, (*listed, "second_run_within") if second_run else listed)
        text = "text_zh" if language() == "zh" else "text"
        print_first("works", result.tables["works"], ("point_id", "kind", "pipe_id", text))
    if not second_run:
        say(in_both("only_screened" if screening is state else "points_of_engine"))
    out.end(result)


def _sizes(text: str) -> tuple[float, ...]:
    try:
        sizes = tuple(float(word) for word in text.split(","))
    except ValueError as error:
        raise FormatError(f"--sizes {text}: expected millimetres parted by commas, such as 600,800,1000") from error
    if min(sizes) <= 0:
        raise FormatError(f"--sizes {text}: expected sizes above 0 mm")
    return sizes


def cleaning(
    source: Source, *, evidence: Evidences = None,
    least_silt: Annotated[
        float, typer.Option(help="最小淤积深度 share of the height from which silt is cleaned; not verified in CJJ 68")
    ] = 0.2,
    frequent_return_period: Annotated[
        float, typer.Option(help="常遇降雨重现期 years between flows that should still clean a pipe; own choice")
    ] = 1.0,
    area: Annotated[str, typer.Option(help="地区 K of CJJ 181: centre, trunk, road or other (not verified)")] = "road",
    soil: Annotated[str, typer.Option(help="土质 T of CJJ 181: ordinary, silty_sand, … (not verified)")] = "ordinary",
    nodes: Nodes = None, as_of: AsOf = None, reader: Reader,
    return_period: ReturnPeriod = 3, duration: Duration = 120, granted: Granted, rainfall: Rainfall, out: Output,
) -> None:  # fmt: skip
    """清淤计划 Which runs of pipes to clean first, by the overflow that cleaning each avoids in a storm."""
    from drainage.plans.cleaning import plan_cleaning

    setup = granted.setup()
    out.check()
    found = reader.evidence(evidence)
    net = reader.read(source, out.paths, nodes=nodes, as_of=as_of)
    state = Engine().run(net, rainfall.storm(net, return_period, duration), setup)
    with shown("清淤计划 cleaning") as progress:
        result = plan_cleaning(
            state, found, least_silt_share=least_silt, frequent_return_period_a=frequent_return_period, area=area,
            soil=soil, progress=progress,
        )  # fmt: skip
    out.print(result)
    if not out.json_:
        listed = ("rank", "road", "priority", "avoided_m3", "left_out_m3", "silt_volume_m3", "length_m", "mi_class")
        print_first("runs to clean", result.tables["runs"], listed)
    out.end(result)


def closures(
    source: Source,
    budget: Annotated[float, typer.Option(help="预算 budget: yuan with --costs, else number of closures; inf: all")],
    by: Annotated[str, typer.Option(help="目标 free most length, outfalls or sewage (m³/d)")] = "length",
    costs: Annotated[Path | None, typer.Option(help="费用 a .csv with finding_id and cost_yuan")] = None,
    user_m3d: UserFlow = None,
    sewer_m3d_per_km: Annotated[
        float | None, typer.Option(help="沿线污水量 sewage that enters a km of sewer, m³/d, where none is measured")
    ] = None,
    wet_inflow_share: Annotated[
        float | None, typer.Option(help="雨季入流比 rain that gets into sewers, by mean daily flow")
    ] = None,
    rungs: Annotated[int, typer.Option(help="曲线级数 steps of the curve")] = 20,
    time_limit: Annotated[float, typer.Option(help="每级时限 seconds for each step")] = 10.0,
    within: Annotated[float, typer.Option(help="接驳距离 m within which a sewer is looked for")] = 200.0,
    nodes: Nodes = None, *, reader: Reader, as_of: AsOf = None, out: Output,
) -> None:  # fmt: skip
    """混接改造次序 Which misconnections to close first, what that frees, and which sewers can take the sewage."""
    from drainage.analyses.mixed_flow import find_mixed_flow
    from drainage.hydraulics.sewage import SewageRates
    from drainage.plans.closures import plan_closures

    out.check()
    rates = SewageRates(user_m3d=user_m3d, sewer_m3d_per_km=sewer_m3d_per_km, wet_inflow_share=wet_inflow_share)
    cost_yuan = None if costs is None else _read_costs(costs)
    net = reader.read(source, out.paths, nodes=nodes, as_of=as_of)
    with shown("改造次序 closures") as progress:
        plan = plan_closures(
            net, find_mixed_flow(net, rates=rates), budget=budget,
            by=by,  # type: ignore[arg-type]  # the plan refuses what is none of the three
            cost_yuan=cost_yuan, rates=rates, rungs=rungs, time_limit_s=time_limit, within_m=within, progress=progress,
        )  # fmt: skip
    out.print(plan)
    if not out.json_:
        curve, works = plan.curve.reset_index(), plan.works.reset_index()
        freed = ("freed_length_m", "freed_outfalls", "freed_m3d")
        print_first("改造曲线 curve", curve, ("budget", "closures", *freed, "proven"), most=len(curve))
        chosen = ("rank", "node_id", "kind", "chosen", "freed_m", "sewage_m3d", "receiving_node", "connection")
        print_first("改造次序 works", works, (*chosen, "dry_room"), most=20)
    out.end(plan)


def _read_costs(path: Path) -> pd.Series:
    import pandas as pd

    from drainage.formats.guard.before_opening import check_path
    from drainage.formats.tables.survey import read_table
    from drainage.schema.text.values import read_numbers

    table = read_table(check_path(path), names=_COST)
    if missing := [name for name in _COST if name not in table]:
        raise FormatError(f"{path.name}: no column {' or '.join(missing)}; it has {', '.join(map(str, table.columns))}")
    cost = read_numbers(table["cost_yuan"])
    if cost.unreadable.any():
        row = table[cost.unreadable].iloc[0]
        raise FormatError(f"{path.name}: row {row.name}: '{row['cost_yuan']}' is no number of yuan; write 12345.6")
    return pd.Series(cost.number, index=table["finding_id"], name="cost_yuan")
