"""Build the synthetic town: streets, drains, faults, the works; run the engine; write and check the files.

Run as ``python data/generate.py``. Nothing of the ``drainage`` package is used: this is an independent witness.
"""

import argparse
import logging
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from city.catchments import carve, divide_town  # noqa: E402
from city.clearance import keep_clear  # noqa: E402
from city.design import design_sewage, design_storm  # noqa: E402
from city.engine import run_engine  # noqa: E402
from city.files import write_town  # noqa: E402
from city.ground import Ground, flood_level  # noqa: E402
from city.history import AFTER, BEFORE, apply_works, build_interceptors, date_pipes, smallest_combined  # noqa: E402
from city.layout import lay_pipes  # noqa: E402
from city.misconnections import lead_sewage_to_outfalls, plant_misconnections  # noqa: E402
from city.places import choose_blocked, choose_places, dig_hollows, plant_faults  # noqa: E402
from city.reclaimed import lay_reclaimed  # noqa: E402
from city.routes import route_sewage, route_storm  # noqa: E402
from city.streets import lay_streets  # noqa: E402
from city.truth import check, report_points, summarise, tell_truth, write_truth  # noqa: E402

SEED = 341323
SEWAGE_M3S = 0.52  # 250 000 people at 180 L/(person·day)

log = logging.getLogger("generate")


def build(folder: Path, seed: int) -> None:
    """Build the whole town and write it to a folder."""
    rng = np.random.default_rng(seed)
    ground = Ground()
    streets = lay_streets(rng)
    works = streets.river_ends[-2]
    plan, junctions = lay_pipes(
        streets, ground, route_storm(streets, ground), route_sewage(streets, ground, works), rng
    )
    catchments = divide_town(plan, streets)
    places = choose_places(plan, streets, rng)
    freeboard_m = dig_hollows(plan, places)
    for node in plan.nodes.values():
        if node.kind == "outfall":
            node.water_level_m = flood_level(node.x, node.y)
    tailwater_m = {n.node_id: n.water_level_m for n in plan.nodes.values() if n.water_level_m is not None}
    design_storm(plan, tailwater_m, freeboard_m)
    design_sewage(plan, SEWAGE_M3S, dict.fromkeys(junctions.sewage.values(), 0.012))
    plant_faults(plan, places)
    date_pipes(plan, rng)
    interceptors, open_ends = build_interceptors(plan, junctions)
    faulty = {name for place in places for name in place.faulty}
    kept_at, kept = smallest_combined(plan, interceptors, faulty)
    banned = {node for name in faulty for node in (plan.pipes[name].tail, plan.pipes[name].head)}
    planted = plant_misconnections(plan, rng, banned)
    lead_sewage_to_outfalls(plan, planted, rng)
    apply_works(plan, places, kept, kept_at)
    lay_reclaimed(plan, streets)
    keep_clear(plan)
    blocked = choose_blocked(plan, places, rng)
    catchments = carve(catchments, planted.inlets)
    runs = {day: run_engine(plan, catchments, day, SEWAGE_M3S) for day in (BEFORE, AFTER)}
    truth = tell_truth(plan, places, blocked, planted, open_ends, interceptors, runs, rng)
    write_town(folder, plan, streets, catchments, report_points(truth))
    write_truth(folder / "truth.json", truth)
    for line in summarise(plan, truth):
        log.info(line)
    check(plan, truth)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description="Build the synthetic demonstration town.")
    parser.add_argument("--output", type=Path, default=HERE)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    build(arguments.output, arguments.seed)
