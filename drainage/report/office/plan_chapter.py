"""The chapters of plan and effects: what to build, close, clean and open, and what that changes."""

from __future__ import annotations

import pandas as pd

from drainage.plans.bill import PriceList, take_quantities
from drainage.plans.closures import changes_of_closures
from drainage.plans.relief import changes_of_relief
from drainage.report.office.effects_chapter import without_outlet
from drainage.report.office.pages import Pages
from drainage.result import Result
from drainage.words import in_both, question

#: What a bill of quantities shows.
ITEMS = ("bill_item", "item_name", "work_unit", "work_quantity", "unit_price", "amount", "features")
#: The plans of a report, in their order.
PLANS = ("relief", "closures", "cleaning", "inspection")
WORKS = ("work_id", "point_id", "kind", "road", "pipe_id", "length_m", "what")
CLOSURES = (
    "rank",
    "node_id",
    "kind",
    "road",
    "pipes_in",
    "freed_m",
    "receiving_node",
    "connection",
    "receiving_m",
    "cost",
)
RUNS = ("run_id", "road", "priority", "length_m", "pipe_count", "silt_share", "silt_volume_m3", "avoided_m3")
OPENINGS = ("visit", "node_id", "road", "kind", "flow_probability", "gain_bits", "walk_m")


def take_bill(pages: Pages, prices: PriceList | None) -> Result | None:
    """Return the bill of quantities of the works against waterlogging and of the closures; None without either."""
    net, results = pages.report.network, pages.report.results
    sets = []
    with pages.saying_why(question("bill_of_quantities", pages.lang), asked=prices is not None):
        if pages.tells("relief") and len(results["relief"].tables["works"]):
            sets.append(changes_of_relief(net, results["relief"]))
        if pages.tells("closures"):
            sets.append(changes_of_closures(net, results["closures"]))
        if prices is not None and not sets:
            pages.remarks.append(in_both("prices_without_plan"))
        return take_quantities(net, sets, prices) if sets else None
    return None


def works_told(pages: Pages) -> pd.DataFrame:
    """Return the works against waterlogging with what is done in words."""
    works = pages.report.results["relief"].tables["works"]
    return works.assign(what=works["text_zh" if pages.lang == "zh" else "text"])


def write_plan(pages: Pages, bill: Result | None) -> None:
    """Write what is proposed; without any plan, say how to ask for one."""
    pages.chapter("plan")
    told = [name for name in PLANS if pages.tells(name)]
    if not told:
        pages.say("no_plan")
        pages.remarks.append(in_both("report_no_plan"))
        return
    if pages.tells("relief"):
        result = pages.report.results["relief"]
        pages.section("relief")
        if not len(result.tables["works"]):
            pages.say("relief_none")
        else:
            pages.say("relief_told", points=result.summary["points"],
                      works=pages.counts("kind", result.summary["works"]))  # fmt: skip
            found = result.summary
            pages.say("relief_lengths", laid_m=found["laid_m"], new_pipe_m=found["new_pipe_m"],
                      cleaned_m=found["cleaned_m"], storage_m3=found["storage_m3"])  # fmt: skip
            pages.table("works_by_point", works_told(pages), WORKS, heads={"what": pages.saying("what")})
    if pages.tells("closures"):
        _closures(pages, pages.report.results["closures"])
    if pages.tells("cleaning"):
        result = pages.report.results["cleaning"]
        pages.section("cleaning")
        pages.say("cleaning_told", runs=result.summary["runs"], length_m=result.summary["length_m"],
                  silt_m3=result.summary["silt_volume_m3"])  # fmt: skip
        if pages.tells("relief") and pages.report.results["relief"].summary["cleaned_m"]:
            pages.note("cleaning_twice")
        pages.table("runs_by_rank", result.tables["runs"].sort_values("rank"), RUNS)
    if pages.tells("inspection"):
        result = pages.report.results["inspection"]
        pages.section("inspection")
        pages.say("inspection_told", openings=result.summary["openings"], walk_km=result.summary["walk_m"] / 1000.0)
        pages.table("openings_by_visit", result.tables["openings"].sort_values("visit"), OPENINGS)
    if bill is not None:
        _bill(pages, bill)


def _bill(pages: Pages, bill: Result) -> None:
    """Write the sums of the bill of quantities; its items stand in an annex."""
    found = bill.summary
    pages.section("bill")
    pages.say("bill_told", items=len(bill.tables["items"]))
    if found["items_without_price"]:
        pages.say("bill_unpriced", count=found["items_without_price"])
    pages.table("bill_totals", bill.tables["totals"], ("part", "part_name", "items", "amount", "currency"), most=None)
    left = bill.tables["not_billed"]
    if len(left):
        pages.note("bill_left", count=len(left))


def _closures(pages: Pages, result: Result) -> None:
    found = result.summary
    pages.section("closures")
    works = result.tables["works"]
    chosen = works[works["chosen"]].sort_values("rank", kind="stable")
    kinds = pages.counts("kind", {str(kind): int(count) for kind, count in chosen["kind"].value_counts().items()})
    pages.say("closures_told", closures=found["closures"], misconnections=found["misconnections"], kinds=kinds)
    if lost := without_outlet(pages):
        pages.say("closures_lost", count=lost)
    leads = {name: int(found[name]) for name in ("by_gravity", "by_pump", "by_none", "by_unknown") if found[name]}
    if leads:
        pages.say("closures_lead", count=sum(leads.values()),
                  ways=pages.listed([pages.saying(name, count=count) for name, count in leads.items()]))  # fmt: skip
    room = {name: int(found[name]) for name in ("dry_enough", "dry_short", "dry_unknown") if found[name]}
    if room:
        pages.say("closures_room", rooms=pages.listed([pages.saying(name, count=one) for name, one in room.items()]))
    pages.table("closures_by_rank", chosen, CLOSURES, note=pages.saying("closures_note"))
