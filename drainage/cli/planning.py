"""What to do: `drainage relief`, `cleaning` and `closures`; `apply` makes plans true, `bill` takes their quantities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import drainage as dr
from drainage import telling, writing
from drainage.cli.commands import refuse_missing
from drainage.cli.inputs import AreaType, Dated, Ground, Rainfall, Reader
from drainage.cli.outputs import Output
from drainage.cli.printing import print_told, say, say_all
from drainage.cli.progress import shown
from drainage.cli.reporting import Asked
from drainage.cli.sewers import Rates
from drainage.cli.simulating import Engine, Granted
from drainage.days import on_day, today
from drainage.errors import FormatError
from drainage.maps.base_maps import BaseMap
from drainage.spelt.named_numbers import numbers_in, own_numbers
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.change_sets import ChangeSet


def relief(
    source: list[str], /, *, reports: str | None = None, standard: Literal["sewer", "flood"] | None = None,
    area_type: AreaType = "central", sizes: str | None = None, cover: float = 0.7, link_reach: float = 300.0,
    road_width_m: float = 12.0, second_run: bool = False, changes: Path | None = None,
    reader: Dated, rainfall: Rainfall, granted: Granted, engine: Engine, out: Output,
) -> None:  # fmt: skip
    """Find the smallest works that bring each waterlogging point within the standard."""
    from drainage.plans.relief.remedies import PIPE_SIZES_MM
    from drainage.simulation.screening.screen import screen_beside

    setup, second = granted.setup(), replace(engine, engine="swmm")
    writing.check_goals({".geojson": changes}, force=out.force, beside=out.paths)
    sizes_mm = PIPE_SIZES_MM if sizes is None else _sizes(sizes)
    net = reader.read(source, (*out.paths, changes), reports=reports)
    storm = rainfall.storm(net)
    state = engine.run(net, storm, setup)
    screening = screen_beside(state)
    with shown("waterlogging") as progress:
        found = dr.find_waterlogging(state, screening=screening, sightings=net.layers.get("reports"), progress=progress)
    # in a second run EPA SWMM shows how far it is
    with nullcontext(None) if second_run else shown("relief") as progress:
        result = dr.plan_relief(
            state, found, screening=screening,
            simulate=(lambda built: second.run(built, storm, setup)) if second_run else None,
            sizes_mm=sizes_mm, least_cover_m=cover, standard=standard, area_type=area_type, road_width_m=road_width_m,
            link_reach_m=link_reach, progress=progress,
        )  # fmt: skip
    _print_plan(result, lambda: dr.plans.changes_of_relief(net, result), changes, out)
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
    changes: Path | None = None,
    reader: Dated, rainfall: Rainfall, granted: Granted, out: Output,
) -> None:  # fmt: skip
    """List the runs of pipes to clean first, by the overflow that cleaning each avoids in a storm."""
    setup = granted.setup()
    writing.check_goals({".geojson": changes}, force=out.force, beside=out.paths)
    (rules,) = own_numbers("--set", set_, dr.plans.ConditionRules)
    found = reader.evidence(evidence)
    net = reader.read(source, (*out.paths, changes))
    state = Engine().run(net, rainfall.storm(net), setup)
    with shown("cleaning") as progress:
        result = dr.plan_cleaning(
            state, found, least_silt_share=least_silt, frequent_return_period_a=frequent_return_period, area=area,
            soil=soil, rules=rules, most_pipes_swept=most_pipes_swept, progress=progress,
        )  # fmt: skip
    _print_plan(result, lambda: dr.plans.changes_of_cleaning(net, result), changes, out)
    out.end(result)


def closures(
    source: list[str], /, *, budget: float, by: Literal["length", "outfalls", "sewage"] = "length",
    costs: Path | None = None, rungs: int = 20, time_limit: float = 10.0, within: float = 200.0,
    least_slope: float = 0.003, changes: Path | None = None, reader: Dated, rates: Rates, out: Output,
) -> None:  # fmt: skip
    """Choose which misconnections to close first, what that frees, and which sewers can take the sewage."""
    from drainage.formats.tables.costs import read_costs

    writing.check_goals({".geojson": changes}, force=out.force, beside=out.paths)
    assumed = rates.assumed()
    cost_yuan = None if costs is None else read_costs(costs)
    net = reader.read(source, (*out.paths, changes))
    with shown("closures") as progress:
        plan = dr.plan_closures(
            net, dr.find_mixed_flow(net, rates=assumed), budget=budget, by=by, cost_yuan=cost_yuan, rates=assumed,
            rungs=rungs, time_limit_s=time_limit, within_m=within, least_slope=least_slope, progress=progress,
        )  # fmt: skip
    _print_plan(plan, lambda: dr.plans.changes_of_closures(net, plan), changes, out)
    out.end(plan)


def apply(
    source: list[str], /, *, with_: list[str] | None = None, on: str | None = None, far_m: float = 10_000.0,
    moved_m: float = 0.5, compare_on: str | None = None, area_type: AreaType = "central",
    output: str | None = None, inverse: Path | None = None, log: Path | None = None, answer: Path | None = None,
    table: str | None = None, map_: Path | None = None, plot: Path | None = None, chart: str | None = None,
    basemap: BaseMap = "none", json_: bool = False, force: bool = False, reader: Reader, rainfall: Rainfall,
    granted: Granted, ground: Ground, engine: Engine,
) -> None:  # fmt: skip
    """Make the edits of change sets: a new network, what differs, what they do to connections, points and roads."""
    from drainage.formats.geopackage import check_network_goal
    from drainage.plans.effects_of_edits import answer_of, with_outcome
    from drainage.report.submitted.delivered_sets import network_of_results, read_sets

    if not with_:
        raise FormatError(in_both("apply_without"))
    refuse_missing(with_)
    setup = granted.setup()
    out = Output(
        output=answer, table=table, map_=map_, plot=plot, chart=chart, basemap=basemap, json_=json_, force=force
    )
    out.check()
    goal = None if output is None else check_network_goal(output, force=force)
    writing.check_goals({".geojson": inverse, ".jsonl": log}, force=force, beside=(goal, *out.paths))
    files = [goal, inverse, log, *out.paths]
    writing.spare(files, with_)
    held = network_of_results(source)
    net = reader.whole(source, files) if held is None else held
    sets, surveys = read_sets(with_, net)
    for survey in surveys:
        say_all(telling.survey_told(survey))
    done = dr.apply_changes(net, sets, on=on or _today(sets), join_within_m=reader.join_within_m, far_m=far_m)
    answered = answer_of(net, done, sets, moved_m=moved_m, compare_on=compare_on)
    asked = Asked(rainfall.storm(net), setup, engine, ground, area_type)
    outcome = asked.outcome(answered.nets, asked.both(answered.nets), answered.changes)
    result = with_outcome(answered.result, outcome)
    if not json_:
        print_told(telling.outcome_told(outcome))
    out.print(result)
    out.print_tables(result)
    if inverse is not None:
        _write_edits(done.inverse, inverse, out)
    if log is not None:
        say(dr.formats.write_repair_log(done.log, log, force=force))
    if output is None:
        say(in_both("dry_run_apply"))
    else:
        dr.write_network(done.network, output, force=force)
        say(output)
    out.end(result)


def bill(
    source: list[str], /, *, with_: list[str] | None = None, since: str | None = None, prices: Path | None = None,
    write_prices: Path | None = None, currency: str = "CNY", depths: str | None = None, bedding_m: float = 0.2,
    least_level_m: float = 0.01, moved_m: float = 0.5, trench: bool = False, working_space_m: float | None = None,
    side_slope: float = 0.0, wall_share: float = 0.1, on: str | None = None, reader: Dated, out: Output,
) -> None:  # fmt: skip
    """Take the quantities of works by kind, system, size and depth of the trench, with the prices of the office."""
    from drainage.plans.bill.trench import DEPTHS_M

    if (with_ is None) == (since is None):
        raise FormatError(in_both("bill_of_what"))
    writing.check_goals({".toml": write_prices}, force=False, beside=out.paths)
    bounds = DEPTHS_M if depths is None else numbers_in("--depths", depths)
    dug = None
    if trench or working_space_m is not None or side_slope > 0.0:
        dug = dr.plans.Trench(working_space_m=working_space_m, side_slope=side_slope, wall_share=wall_share)
    chosen = None if prices is None else dr.plans.PriceList.from_file(prices)
    files = (*out.paths, write_prices)
    writing.spare([path for path in files if path is not None], with_ or [])
    works: list[ChangeSet] | dr.DrainageNetwork = [dr.read_change_set(path) for path in with_ or []]
    if since is None:
        net = reader.read(source, files)
    else:
        whole = reader.whole(source, files)
        net, works = on_day(whole, since, option="--since"), on_day(whole, reader.as_of)
    result = dr.plans.take_quantities(
        net, works, chosen, depths_m=bounds, bedding_m=bedding_m, least_level_m=least_level_m, moved_m=moved_m,
        trench=dug, on=on,
    )  # fmt: skip
    out.print(result)
    if write_prices is not None:
        say(dr.plans.write_price_list(result, write_prices, currency=currency))
    out.print_tables(result, left_out={"items": ("unit_price", "amount")} if chosen is None else None)
    out.end(result)


def _today(sets: Sequence[ChangeSet]) -> str | None:
    """Return today, as is said, where a pipe is abandoned and nothing tells when."""
    lacking = [one.id for each in sets for one in each.changes if one.action == "abandon" and not one.columns]
    if not lacking:
        return None
    named = ", ".join([*lacking[:5], *["…"] * (len(lacking) > 5)])
    say(in_both("abandoned_today", ids=named, count=len(lacking), today=today().isoformat()))
    return today().isoformat()


def _print_plan(plan: dr.Result, edits: Callable[[], ChangeSet], changes: Path | None, out: Output) -> None:
    """Print a plan, and write its edits where that is asked for."""
    out.print(plan)
    if changes is not None:
        _write_edits(edits(), changes, out)
    out.print_tables(plan)


def _write_edits(edits: ChangeSet, path: Path, out: Output) -> None:
    say(dr.formats.write_change_set(edits, path, force=out.force))
    say_all((in_both("not_in_set", what=left) for left in edits.not_expressed), of=[path.name])
