"""What to do: `drainage relief`, `cleaning` and `closures`; `apply` makes plans true, `bill` takes their quantities."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from drainage.cli.history import on_day
from drainage.cli.inputs import AreaType, Dated, Ground, Rainfall, Reader, numbers_in, own_numbers
from drainage.cli.printing import Output, say
from drainage.cli.progress import shown
from drainage.cli.reporting import both_reports, outcome_of, print_outcome
from drainage.cli.sewers import Rates
from drainage.cli.simulating import Engine, Granted
from drainage.errors import FormatError
from drainage.maps.base_maps import BaseMap
from drainage.words import in_both, language

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from drainage.change_sets import ChangeSet
    from drainage.network import DrainageNetwork

_COST = ("finding_id", "cost_yuan")
_CHANGED = ("feature_kind", "id_before", "id_after", "change", "attribute", "before", "after")


def relief(
    source: list[str], /, *, reports: str | None = None, standard: Literal["sewer", "flood"] | None = None,
    area_type: AreaType = "central", sizes: str | None = None, cover: float = 0.7, link_reach: float = 300.0,
    road_width_m: float = 12.0, second_run: bool = False, changes: Path | None = None,
    reader: Dated, rainfall: Rainfall, granted: Granted, engine: Engine, out: Output,
) -> None:  # fmt: skip
    """Find the smallest works that bring each waterlogging point within the standard."""
    from drainage.analyses.waterlogging import find_waterlogging
    from drainage.plans.relief import changes_of_relief, plan_relief
    from drainage.plans.relief.remedies import PIPE_SIZES_MM
    from drainage.simulation.screening.screen import screen_beside

    setup, second = granted.setup(), replace(engine, engine="swmm")
    out.check()
    _check(changes, out)
    sizes_mm = PIPE_SIZES_MM if sizes is None else _sizes(sizes)
    net = reader.read(source, (*out.paths, changes), reports=reports)
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
    if changes is not None:
        _write_plan(changes_of_relief(net, result), changes, out)
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
    changes: Path | None = None,
    reader: Dated, rainfall: Rainfall, granted: Granted, out: Output,
) -> None:  # fmt: skip
    """List the runs of pipes to clean first, by the overflow that cleaning each avoids in a storm."""
    from drainage.plans.cleaning import ConditionRules, changes_of_cleaning, plan_cleaning

    setup = granted.setup()
    out.check()
    _check(changes, out)
    (rules,) = own_numbers("--set", set_, ConditionRules)
    found = reader.evidence(evidence)
    net = reader.read(source, (*out.paths, changes))
    state = Engine().run(net, rainfall.storm(net), setup)
    with shown("cleaning") as progress:
        result = plan_cleaning(
            state, found, least_silt_share=least_silt, frequent_return_period_a=frequent_return_period, area=area,
            soil=soil, rules=rules, most_pipes_swept=most_pipes_swept, progress=progress,
        )  # fmt: skip
    out.print(result)
    if changes is not None:
        _write_plan(changes_of_cleaning(net, result), changes, out)
    listed = ("rank", "road", "priority", "avoided_m3", "left_out_m3", "silt_volume_m3", "length_m", "mi_class")
    out.first("runs to clean", result.tables["runs"], listed)
    out.end(result)


def closures(
    source: list[str], /, *, budget: float, by: Literal["length", "outfalls", "sewage"] = "length",
    costs: Path | None = None, rungs: int = 20, time_limit: float = 10.0, within: float = 200.0,
    least_slope: float = 0.003, changes: Path | None = None, reader: Dated, rates: Rates, out: Output,
) -> None:  # fmt: skip
    """Choose which misconnections to close first, what that frees, and which sewers can take the sewage."""
    from drainage.analyses.mixed_flow import find_mixed_flow
    from drainage.plans.closures import changes_of_closures, plan_closures

    out.check()
    _check(changes, out)
    assumed = rates.assumed()
    cost_yuan = None if costs is None else _read_costs(costs)
    net = reader.read(source, (*out.paths, changes))
    with shown("closures") as progress:
        plan = plan_closures(
            net, find_mixed_flow(net, rates=assumed), budget=budget, by=by, cost_yuan=cost_yuan, rates=assumed,
            rungs=rungs, time_limit_s=time_limit, within_m=within, least_slope=least_slope, progress=progress,
        )  # fmt: skip
    out.print(plan)
    if changes is not None:
        _write_plan(changes_of_closures(net, plan), changes, out)
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


def apply(
    source: list[str], /, *, with_: list[str] | None = None, on: str | None = None, far_m: float = 10_000.0,
    moved_m: float = 0.5, compare_on: str | None = None, area_type: AreaType = "central",
    output: str | None = None, inverse: Path | None = None, log: Path | None = None, answer: Path | None = None,
    table: str | None = None, map_: Path | None = None, plot: Path | None = None, chart: str | None = None,
    basemap: BaseMap = "none", json_: bool = False, force: bool = False, reader: Reader, rainfall: Rainfall,
    granted: Granted, ground: Ground, engine: Engine,
) -> None:  # fmt: skip
    """Make the edits of change sets: a new network, what differs, what they do to connections, points and roads."""
    from drainage.change_sets import apply_changes
    from drainage.cli.delivery import delivered_sets, network_of_results
    from drainage.formats.repair_log import write_repair_log
    from drainage.plans.effects_of_edits import answer_of, with_outcome
    from drainage.writing import check_free, spare

    if not with_:
        raise FormatError(in_both("apply_without"))
    setup = granted.setup()
    out = Output(
        output=answer, table=table, map_=map_, plot=plot, chart=chart, basemap=basemap, json_=json_, force=force
    )
    out.check()
    for path, ending in ((inverse, ".geojson"), (log, ".jsonl")):
        if path is not None:
            check_free(path, ending=ending, force=force)
    goal = None if output is None else _free_network(output, force=force)
    files = [goal, inverse, log, *out.paths]
    _refuse_one_twice(files)
    spare(files, with_)
    held = network_of_results(source)
    net = reader.whole(source, files) if held is None else held
    sets = delivered_sets(with_, net)
    done = apply_changes(net, sets, on=on or _today(sets), join_within_m=reader.join_within_m, far_m=far_m)
    answered = answer_of(net, done, sets, moved_m=moved_m, compare_on=compare_on)
    nets, storm = answered.nets, rainfall.storm(net)
    made, ran = both_reports(nets, storm, setup, engine, ground, area_type)
    dem = ground.read(nets[1])
    outcome = outcome_of(nets, made, ran, answered.changes, storm, setup, engine, dem=dem, area_type=area_type)
    result = with_outcome(answered.result, outcome)
    if not json_:
        print_outcome(outcome)
    out.print(result)
    out.first("effects", result.tables["effects"], ("effect", "feature_kind", "feature_id", "reason"))
    out.first("changes", result.tables["changes"], _CHANGED)
    if inverse is not None:
        _write_plan(done.inverse, inverse, out)
    if log is not None:
        say(write_repair_log(done.log, log, force=force))
    if output is None:
        say(in_both("dry_run_apply"))
    else:
        from drainage.formats.geopackage import write_network

        write_network(done.network, output, force=force)
        say(output)
    out.end(result)


def bill(
    source: list[str], /, *, with_: list[str] | None = None, since: str | None = None, prices: Path | None = None,
    write_prices: Path | None = None, currency: str = "CNY", depths: str | None = None, bedding_m: float = 0.2,
    least_level_m: float = 0.01, moved_m: float = 0.5, trench: bool = False, working_space_m: float | None = None,
    side_slope: float = 0.0, wall_share: float = 0.1, on: str | None = None, reader: Dated, out: Output,
) -> None:  # fmt: skip
    """Take the quantities of works by kind, system, size and depth of the trench, with the prices of the office."""
    from drainage.formats.change_file import read_change_set
    from drainage.plans.bill import PriceList, Trench, take_quantities, write_price_list
    from drainage.plans.bill.trench import DEPTHS_M
    from drainage.writing import check_free, spare

    if (with_ is None) == (since is None):
        raise FormatError(in_both("bill_of_what"))
    out.check()
    if write_prices is not None:
        check_free(write_prices, ending=".toml", force=False)
        _refuse_one_twice([write_prices, *out.paths])
    bounds = DEPTHS_M if depths is None else numbers_in("--depths", depths)
    asked = trench or working_space_m is not None or side_slope > 0.0
    dug = Trench(working_space_m=working_space_m, side_slope=side_slope, wall_share=wall_share) if asked else None
    chosen = None if prices is None else PriceList.from_file(prices)
    files = (*out.paths, write_prices)
    spare([path for path in files if path is not None], with_ or [])
    works: list[ChangeSet] | DrainageNetwork = [read_change_set(path) for path in with_ or []]
    if since is None:
        net = reader.read(source, files)
    else:
        whole = reader.whole(source, files)
        net, works = on_day(whole, since, option="--since"), on_day(whole, reader.as_of)
    result = take_quantities(
        net, works, chosen, depths_m=bounds, bedding_m=bedding_m, least_level_m=least_level_m, moved_m=moved_m,
        trench=dug, on=on,
    )  # fmt: skip
    out.print(result)
    if write_prices is not None:
        say(write_price_list(result, write_prices, currency=currency))
    priced = ("unit_price", "amount") if chosen is not None else ()
    out.first("items", result.tables["items"], ("bill_item", "item_name", "work_unit", "work_quantity", *priced))
    out.first("totals", result.tables["totals"], ("part", "part_name", "items", "items_without_price", "amount"))
    out.first("not_billed", result.tables["not_billed"], ("set", "feature_id", "why_not_billed"))
    out.end(result)


def _today(sets: Sequence[ChangeSet]) -> str | None:
    """Return today, as is said, where a pipe is abandoned and nothing tells when."""
    lacking = [one.id for each in sets for one in each.changes if one.action == "abandon" and not one.columns]
    if not lacking:
        return None
    today = dt.date.today().isoformat()  # noqa: DTZ011 - the user's own day
    say(
        in_both(
            "abandoned_today",
            ids=", ".join([*lacking[:5], *["…"] * (len(lacking) > 5)]),
            count=len(lacking),
            today=today,
        )
    )
    return today


def _free_network(target: str, *, force: bool) -> Path | None:
    """Refuse a file of a network before any work is done for it; a database says so itself."""
    from drainage.formats.addresses import is_database
    from drainage.writing import VECTOR_ENDINGS, check_free

    if is_database(target):
        return None
    path = Path(target)
    known = (".gpkg", *VECTOR_ENDINGS)
    if path.suffix.lower() not in known:
        raise FormatError(in_both("ending_unknown", name=path.name, known=", ".join(known)))
    check_free(path, ending=path.suffix.lower(), force=force)
    return path


def _check(changes: Path | None, out: Output) -> None:
    """Refuse a change set to write before any work is done for it."""
    from drainage.writing import check_free

    if changes is not None:
        check_free(changes, ending=".geojson", force=out.force)
        _refuse_one_twice([changes, *out.paths])


def _refuse_one_twice(files: Sequence[Path | None]) -> None:
    """Refuse two outputs of one name."""
    named = [path.resolve() for path in files if path is not None]
    if twice := [path for k, path in enumerate(named) if path in named[:k]]:
        raise FormatError(in_both("output_twice", name=twice[0].name))


def _write_plan(edits: ChangeSet, path: Path, out: Output) -> None:
    from drainage.formats.change_file import write_change_set

    say(write_change_set(edits, path, force=out.force))
    for left in edits.not_expressed:
        say(path.name, in_both("not_in_set", what=left))
