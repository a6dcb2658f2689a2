"""An answer to every question: part of the demo city before its works, and small networks where one needs its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import shapely

import drainage as dr
from drainage.analyses.waterlogging.ponds import ponding_on_dem
from drainage.change_sets import Change, ChangeSet
from drainage.evidence import Evidence
from tests.analyses.test_infiltration import day, flow, readings, shower
from tests.analyses.test_sources import rows
from tests.analyses.waterlogging.test_dem_ponding import PLACES, basins, overflowing
from tests.support import demo
from tests.support.drains import drain, rain
from tests.support.gauges import measured, street
from tests.support.pay_terms import pay_terms
from tests.support.years_of_rain import years_of_rain

if TYPE_CHECKING:
    from drainage.result import Result


def answers() -> dict[str, Result]:
    """Return a result of every question by a name."""
    net, later = demo.quarters("2018-12-31"), demo.quarters("2024-12-31")
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    reports = [dr.analyze(one, storm=storm) for one in (net, later)]
    state, mixed = dr.screen(net, storm), dr.find_mixed_flow(net)
    logged = dr.find_waterlogging(state, sightings=net.layers["reports"])
    logged_later = dr.find_waterlogging(dr.screen(later, storm))
    storm_nodes = [name for name in net.nodes.index if name.startswith("YS")]
    looks = rows(
        "inspections", {"node_id": storm_nodes[0], "flowing": True}, {"node_id": storm_nodes[1], "flowing": False}
    )
    seen = replace(Evidence(), inspections=looks)
    sewers = [name for name in net.nodes.index if name.startswith("WS")]
    metered = replace(Evidence(), flows=readings({sewers[50]: flow(day(), 30.0)}))
    flows = dr.measure_infiltration(net, metered, shower())
    small = dr.screen(_street(), rain(5))
    small_points = dr.find_waterlogging(small)
    return {
        "mixed_flow": mixed,
        "separation": dr.measure_separation(net, mixed=mixed),
        "waterlogging": logged,
        "quality": dr.check_quality(net),
        "score": dr.analyses.score_delivery(net),
        "outcome": dr.analyses.measure_outcome(
            net,
            later,
            answers=[
                {"mixed_flow": mixed, "separation": dr.measure_separation(net, mixed=mixed), "waterlogging": logged},
                {
                    "mixed_flow": dr.find_mixed_flow(later),
                    "separation": dr.measure_separation(later),
                    "waterlogging": logged_later,
                },
            ],
        ),
        "changes": dr.analyses.find_changes(net, later),
        "comparison": dr.compare(logged, logged_later),
        "sources": dr.find_sources(net, seen),
        "inspection": dr.plan_inspection(net, seen, budget=3),
        "what_if": dr.plans.what_if(_street(), edited(_street())),
        "bill": dr.plans.take_quantities(_street(), edited(_street())),
        "closures": dr.plan_closures(net, mixed, budget=30),
        "cleaning": dr.plan_cleaning(state),
        "infiltration": flows,
        "mixing": dr.measure_mixing(net, mixed, infiltration=flows),
        "ponding": ponding_on_dem(overflowing({"a": 8.0}, **PLACES), basins()),
        "crossings": dr.analyses.find_crossings(net),
        "storm_formula": dr.analyses.fit_storm_formula(years_of_rain(25), replicas=20),
        "formula_check": dr.analyses.check_storm_formula(dr.read_storm_formula("深圳中部")),
        "gauges": dr.analyses.compare_with_gauges(
            street(), measured(street(psi=0.4), "c level", "p1 flow"), rain(5), most_runs=2
        ),
        "balance": dr.analyses.measure_balance(demo.city("2021-05-07")),
        "census": dr.report.take_census(net),
        "low_points": dr.analyses.find_low_points(basins()),
        "relief": dr.plan_relief(small, small_points),
        "pay": dr.pay_sheet(reports[0], reports[1], pay_terms()),
        "engine": dr.find_waterlogging(dr.simulate_swmm(_street(), rain(5)), screening=dr.screen(_street(), rain(5))),
        "ensemble": dr.simulation.run_ensemble(dr.simulation.combine_runs({"street": _street()}, [rain(5)]), workers=1),
    }


def edited(net: dr.DrainageNetwork) -> ChangeSet:
    """Return edits of each kind but a remove: a new house drain, a wider pipe, the last pipe abandoned."""
    end = shapely.Point(shapely.get_coordinates(net.nodes.geometry.iloc[0])[0])
    place = shapely.Point(end.x + 20.0, end.y)
    return ChangeSet(
        name="edits.geojson",
        crs=net.crs,
        changes=[
            Change(action="add", layer="nodes", id="new", columns={"ground_m": 21.0}, geometry=place),
            Change(
                action="add", layer="pipes", id="drain", geometry=shapely.LineString([place, end]),
                columns={"system": "sewage", "diameter_mm": 200},
            ),
            Change(action="change", layer="pipes", id=net.pipes.index[1], columns={"diameter_mm": 900}),
            Change(action="abandon", layer="pipes", id=net.pipes.index[-1], columns={"abandoned": "2030-01-01"}),
        ],
    )  # fmt: skip


def _street() -> dr.DrainageNetwork:
    """Draw a street whose third pipe is too small, so that it waterlogs above."""
    pipes = ["a>b storm 600", "b>c storm 600", "c>d storm 300", "d>e storm 800"]
    levels = dict(zip("abcde", (11.0, 10.6, 10.2, 9.8, 9.4), strict=True))
    places = {name: (500_000.0 + 100.0 * k, 3_700_000.0) for k, name in enumerate("abcde")}
    return drain(
        pipes, levels, ground=12.5, nodes={"area_ha": dict.fromkeys("abcd", 0.5)}, places=places, road=["磬山路"] * 4
    )
