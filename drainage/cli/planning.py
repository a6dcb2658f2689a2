"""What to do: `drainage relief`, `cleaning` and `closures`."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from drainage.cli.inputs import AreaType, Dated, Rainfall, numbers_in, own_numbers
from drainage.cli.printing import Output, say
from drainage.cli.progress import shown
from drainage.cli.sewers import Rates
from drainage.cli.simulating import Engine, Granted
from drainage.errors import FormatError
from drainage.words import in_both, language

if TYPE_CHECKING:
    import pandas as pd

_COST = ("finding_id", "cost_yuan")


def relief(
    source: list[str], /, *, reports: str | None = None, standard: Literal["sewer", "flood"] | None = None,
    area_type: AreaType = "central", sizes: str | None = None, cover: float = 0.7, link_reach: float = 300.0,
    road_width_m: float = 12.0, second_run: bool = False,
    reader: Dated, rainfall: Rainfall, granted: Granted, engine: Engine, out: Output,
) -> None:  # fmt: skip
    """Find the smallest works that bring each waterlogging point within the standard."""
    from drainage.analyses.waterlogging import find_waterlogging
    from drainage.plans.relief import plan_relief
    from drainage.plans.relief.remedies import PIPE_SIZES_MM
    from drainage.simulation.screening.screen import screen_beside

    setup, second = granted.setup(), replace(engine, engine="swmm")
    out.check()
    sizes_mm = PIPE_SIZES_MM if sizes is None else _sizes(sizes)
    net = reader.read(source, out.paths, reports=reports)
    storm = rainfall.storm(net)
    state = engine.run(net, storm, setup)
    screening = screen_beside(state)
    with shown("waterlogging") as progress:
        found = find_waterlogging(state, screening=screening, sightings=net.layers.get("reports"), progress=progress)
    # in a second run EPA SWMM shows how far it is
    with nullcontext(None) if second_run else shown("relief") as progress:
        result = plan_relief(
            state, found, screening=screening,
            simulate=(lambda built: second.run(built, storm, setup)) if second_run else None,
            sizes_mm=sizes_mm, least_cover_m=cover, standard=standard, area_type=area_type, road_width_m=road_width_m,
            link_reach_m=link_reach, progress=progress,
        )  # fmt: skip
    out.print(result)
    listed = ("point_id", "road", "solved", "before_m3", "after_m3", "storage_instead_m3", "works", "doubt")
    points = result.tables["points"].rename_axis("point_id")
    out.first("points", points, (*listed, "second_run_within") if second_run else listed)
    text = "text_zh" if language() == "zh" else "text"
    out.first("works", result.tables["works"], ("point_id", "kind", "pipe_id", text))
    if not second_run:
        say(in_both("only_screened" if screening is state else "points_of_engine"))
    out.end(result)


def _sizes(text: str) -> tuple[float, ...]:
    sizes = numbers_in("--sizes", text)
    if min(sizes) <= 0:
        raise FormatError(in_both("sizes_not_above", text=text))
    return sizes


def cleaning(
    source: list[str], /, *, evidence: list[str] | None = None, least_silt: float = 0.2,
    frequent_return_period: float = 1.0, area: Literal["centre", "trunk", "road", "other"] = "road",
    soil: str = "ordinary", most_pipes_swept: int = 3_000_000, set_: list[str] | None = None,
    reader: Dated, rainfall: Rainfall, granted: Granted, out: Output,
) -> None:  # fmt: skip
    """List the runs of pipes to clean first, by the overflow that cleaning each avoids in a storm."""
    from drainage.plans.cleaning import ConditionRules, plan_cleaning

    setup = granted.setup()
    out.check()
    (rules,) = own_numbers("--set", set_, ConditionRules)
    found = reader.evidence(evidence)
    net = reader.read(source, out.paths)
    state = Engine().run(net, rainfall.storm(net), setup)
    with shown("cleaning") as progress:
        result = plan_cleaning(
            state, found, least_silt_share=least_silt, frequent_return_period_a=frequent_return_period, area=area,
            soil=soil, rules=rules, most_pipes_swept=most_pipes_swept, progress=progress,
        )  # fmt: skip
    out.print(result)
    listed = ("rank", "road", "priority", "avoided_m3", "left_out_m3", "silt_volume_m3", "length_m", "mi_class")
    out.first("runs to clean", result.tables["runs"], listed)
    out.end(result)


def closures(
    source: list[str], /, *, budget: float, by: Literal["length", "outfalls", "sewage"] = "length",
    costs: Path | None = None, rungs: int = 20, time_limit: float = 10.0, within: float = 200.0,
    least_slope: float = 0.003, reader: Dated, rates: Rates, out: Output,
) -> None:  # fmt: skip
    """Choose which misconnections to close first, what that frees, and which sewers can take the sewage."""
    from drainage.analyses.mixed_flow import find_mixed_flow
    from drainage.plans.closures import plan_closures

    out.check()
    assumed = rates.assumed()
    cost_yuan = None if costs is None else _read_costs(costs)
    net = reader.read(source, out.paths)
    with shown("closures") as progress:
        plan = plan_closures(
            net, find_mixed_flow(net, rates=assumed), budget=budget, by=by, cost_yuan=cost_yuan, rates=assumed,
            rungs=rungs, time_limit_s=time_limit, within_m=within, least_slope=least_slope, progress=progress,
        )  # fmt: skip
    out.print(plan)
    freed = ("freed_length_m", "freed_outfalls", "freed_m3d")
    out.first("curve", plan.curve, ("budget", "closures", *freed, "proven"), most=len(plan.curve))
    chosen = ("rank", "node_id", "kind", "chosen", "freed_m", "sewage_m3d", "receiving_node", "connection")
    out.first("closures", plan.works, (*chosen, "dry_room"), most=20)
    out.end(plan)


def _read_costs(path: Path) -> pd.Series:
    import pandas as pd

    from drainage.formats.guard.before_opening import check_path
    from drainage.formats.tables.survey import read_table
    from drainage.schema.text.values import read_numbers

    table = read_table(check_path(path), names=_COST)
    if missing := [name for name in _COST if name not in table]:
        there = ", ".join(map(str, table.columns))
        raise FormatError(in_both("costs_lack", name=path.name, missing=", ".join(missing), there=there))
    cost = read_numbers(table["cost_yuan"])
    if cost.unreadable.any():
        row = table[cost.unreadable].iloc[0]
        raise FormatError(in_both("cost_unread", name=path.name, row=row.name, value=row["cost_yuan"]))
    return pd.Series(cost.number, index=table["finding_id"], name="cost_yuan")
