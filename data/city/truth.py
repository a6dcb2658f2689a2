"""What was planted, told for the tests: misconnections, places, hidden sewage; and what the engine says about it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from city.clearance import conflicts
from city.engine import HOURS, OVERLAND_M, PAVED_N, PAVED_STORE_MM, RAIN_STEP_MIN, SURFACE_SLOPE_PCT, Run
from city.files import NOTICE, Feature, feature
from city.history import AFTER, BEFORE
from city.misconnections import Planted
from city.places import Place
from city.plan import Plan
from city.rain import B_MIN, DURATION_MIN, PEAK_SHARE, RETURN_PERIOD_A, A, C, N

FLOODED_M3 = 0.5
LEAST_PLACE_M3, MOST_ELSEWHERE_M3, MOST_ELSEWHERE_AT_NODE_M3 = 50.0, 8.0, 2.0
HIDDEN_SOURCES = 36
CONTINUITY_PCT = 2.0
NOTES = (
    "路面积水，车辆绕行",
    "积水没过路缘石，约一小时退去",
    "非机动车道积水，行人绕行",
    "路口积水，交警疏导",
    "沿街商铺门前积水",
)
BLOCKED_NOTE = "雨水口处积水，管内水位不高"
Truth = dict[str, Any]  # JSON


def tell_truth(
    plan: Plan,
    places: list[Place],
    blocked: list[tuple[str, float, float, str]],
    planted: Planted,
    open_ends: list[str],
    interceptors: list[str],
    runs: dict[date, Run],
    rng: np.random.Generator,
) -> Truth:
    """Collect everything that was planted and what the engine makes of it."""
    return {
        "synthetic": True,
        "notice": NOTICE,
        "dates": {"before": BEFORE.isoformat(), "after": AFTER.isoformat()},
        "storm": _storm(),
        "misconnections": {
            BEFORE.isoformat(): _misconnections(planted, open_ends, None),
            AFTER.isoformat(): _misconnections(planted, [], set(planted.left)),
        },
        "interceptors": sorted(interceptors),
        "sewage_ends_at_storm_outfall": {
            BEFORE.isoformat(): sorted(planted.sewage_at_outfall),
            AFTER.isoformat(): sorted(planted.sewage_at_outfall[1:]),
        },
        "crossings_in_conflict": _conflicts(plan),
        "reported_points": _points(plan, places, blocked, runs, rng),
        "undrawn_sewage_sources": _hidden_sources(plan, rng),
        "engine": {day.isoformat(): _engine(plan, places, run) for day, run in runs.items()},
    }


def _storm() -> Truth:
    return {
        "label": "DEMO formula of another city, not for 宿州/灵璧, not for design",
        "A": A,
        "C": C,
        "b_min": B_MIN,
        "n": N,
        "unit": "L/(s·hm²)",
        "return_period_a": RETURN_PERIOD_A,
        "duration_min": DURATION_MIN,
        "peak_share": PEAK_SHARE,
        "step_min": RAIN_STEP_MIN,
        "surface": {
            "impervious_share": "runoff_coefficient",
            "pervious_runoff": "none",
            "overland_m": OVERLAND_M,
            "slope_pct": SURFACE_SLOPE_PCT,
            "manning_n": PAVED_N,
            "depression_mm": PAVED_STORE_MM,
            "simulated_h": HOURS,
        },
    }


def _misconnections(planted: Planted, open_ends: list[str], only: set[str] | None) -> list[Truth]:
    rows: list[Truth] = []
    for kind, nodes in (
        ("sewage_into_storm", [*planted.sewage_into_storm, *open_ends]),
        ("storm_into_sewage", planted.storm_into_sewage),
    ):
        rows += [{"node_id": node, "kind": kind} for node in sorted(nodes) if only is None or node in only]
    return rows


def _conflicts(plan: Plan) -> list[Truth]:
    """Name the crossings that keep less than the distance asked for, and how far apart their outer walls lie."""
    return [
        {"pipes": [pipe.pipe_id for pipe in one.pipes], "clear_m": round(one.clear_m, 2)} for one in conflicts(plan)
    ]


def _points(
    plan: Plan,
    places: list[Place],
    blocked: list[tuple[str, float, float, str]],
    runs: dict[date, Run],
    rng: np.random.Generator,
) -> list[Truth]:
    rows: list[Truth] = []
    for place in places:
        nodes = _place_nodes(plan, place)
        volume = {day: sum(run.flood_m3.get(node, 0.0) for node in nodes) for day, run in runs.items()}
        worst = max(nodes, key=lambda node: runs[BEFORE].flood_m3.get(node, 0.0))
        flooded = [node for node in nodes if runs[BEFORE].flood_m3.get(node, 0.0) > FLOODED_M3]
        depth_m = round(float(np.clip(0.05 + 0.02 * volume[BEFORE] ** 0.42, 0.15, 0.6)), 2)
        row = _point(plan.nodes[worst].x, plan.nodes[worst].y, place.road, place.cause, depth_m, rng)
        row |= {
            "explained_by_hydraulics": True,
            "nodes": sorted(nodes),
            "flooded_nodes": sorted(flooded),
            "worst_node": worst,
            "flood_m3": {day.isoformat(): round(value, 1) for day, value in volume.items()},
            "hours_flooded": round(max(runs[BEFORE].flood_hours.get(node, 0.0) for node in nodes), 2),
        }
        rows.append(row)
    for node, x, y, road in blocked:
        row = _point(x, y, road, "blocked_inlet", round(float(rng.uniform(0.15, 0.3)), 2), rng)
        row |= {"explained_by_hydraulics": False, "nodes": [node], "flooded_nodes": [], "worst_node": node}
        row |= {
            "flood_m3": {day.isoformat(): round(run.flood_m3.get(node, 0.0), 1) for day, run in runs.items()},
            "hours_flooded": 0.0,
        }
        rows.append(row)
    order = rng.permutation(len(rows))
    ordered = [rows[int(k)] for k in order]
    return [{"report_id": f"JS{k:02d}", **row} for k, row in enumerate(ordered, 1)]


def _point(x: float, y: float, road: str, cause: str, depth_m: float, rng: np.random.Generator) -> Truth:
    """Someone reports a place: the spot is off by up to 15 m."""
    day = date(int(rng.integers(2015, 2019)), int(rng.integers(6, 9)), int(rng.integers(1, 31)))
    spot = (round(x + float(rng.uniform(-15, 15)), 1), round(y + float(rng.uniform(-15, 15)), 1))
    return {"local_xy_m": spot, "date": day.isoformat(), "depth_m": depth_m, "road": road, "cause": cause}


def _place_nodes(plan: Plan, place: Place) -> list[str]:
    return sorted({plan.pipes[name].tail for name in plan.chains[place.chain].pipes})


def _hidden_sources(plan: Plan, rng: np.random.Generator) -> list[Truth]:
    """Sewage that runs into storm manholes with no pipe drawn: for a later program to find from flows."""
    nodes = sorted(
        n.node_id for n in plan.nodes.values() if n.system == "storm" and n.kind == "manhole" and n.area_ha > 0.5
    )
    chosen = sorted(nodes[int(k)] for k in rng.choice(len(nodes), HIDDEN_SOURCES, replace=False))
    return [{"node_id": node, "flow_m3_per_day": round(float(rng.lognormal(4.3, 0.8)), 1)} for node in chosen]


def _engine(plan: Plan, places: list[Place], run: Run) -> Truth:
    inside = {node for place in places for node in _place_nodes(plan, place)}
    flooded = {node: round(value, 2) for node, value in sorted(run.flood_m3.items()) if value > 0.05}
    elsewhere = {node: value for node, value in flooded.items() if node not in inside}
    return {
        "continuity_error_pct": {"runoff": run.continuity_pct[0], "routing": run.continuity_pct[1]},
        "flood_m3_at_places": round(sum(value for node, value in flooded.items() if node in inside), 1),
        "flood_m3_elsewhere": round(sum(elsewhere.values()), 1),
        "largest_flood_m3_elsewhere": max(elsewhere.values(), default=0.0),
        "flood_m3_by_node": flooded,
    }


def report_points(truth: Truth) -> list[Feature]:
    """Dress the reported points as features: what a citizen would tell, without the cause."""
    rows: list[Truth] = truth["reported_points"]
    features = []
    for number, row in enumerate(rows):
        note = BLOCKED_NOTE if row["cause"] == "blocked_inlet" else NOTES[number % len(NOTES)]
        kept = {key: row[key] for key in ("report_id", "date", "depth_m", "road")}
        point = feature("Point", np.array([row["local_xy_m"]], dtype=float), {**kept, "note": note + "（合成演示）"})
        row["lon_lat"] = point["geometry"]["coordinates"]
        features.append(point)
    return features


def write_truth(path: Path, truth: Truth) -> None:
    """Write the planted truth."""
    path.write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def summarise(plan: Plan, truth: Truth) -> list[str]:
    """Say in a few lines what was built."""
    lines = [f"nodes {len({n for p in plan.pipes.values() for n in (p.tail, p.head)})}, pipes {len(plan.pipes)}"]
    lines.append(f"all pipes {sum(p.length_m for p in plan.pipes.values()) / 1000.0:.1f} km")
    for day in (BEFORE, AFTER):
        there = [pipe for pipe in plan.pipes.values() if pipe.exists_on(day)]
        for system in ("storm", "sewage", "combined"):
            length_km = sum(pipe.length_m for pipe in there if pipe.system == system) / 1000.0
            lines.append(f"{day} {system}: {sum(p.system == system for p in there)} pipes, {length_km:.1f} km")
        rows: list[Truth] = truth["misconnections"][day.isoformat()]
        lines.append(
            f"{day} misconnections: "
            + ", ".join(f"{k} {sum(r['kind'] == k for r in rows)}" for k in ("sewage_into_storm", "storm_into_sewage"))
        )
        engine: Truth = truth["engine"][day.isoformat()]
        lines.append(f"{day} engine: " + ", ".join(f"{k} {v}" for k, v in engine.items() if k != "flood_m3_by_node"))
    points: list[Truth] = truth["reported_points"]
    return lines + [f"{p['report_id']} {p['road']} {p['cause']} {p['flood_m3']}" for p in points]


def check(plan: Plan, truth: Truth) -> None:
    """Hold the town against what was ordered; raise if it fails."""
    points: list[Truth] = truth["reported_points"]
    explained = [p for p in points if p["explained_by_hydraulics"]]
    volumes = [dict(p["flood_m3"])[BEFORE.isoformat()] for p in explained]
    wanted = {
        "19 explained of 22 reported points": (len(explained), len(points)) == (19, 22),
        "every explained place floods clearly": min(volumes) >= LEAST_PLACE_M3,
        "6000 to 9000 pipes": 5500 <= len(plan.pipes) <= 9000,
        "250 to 400 km": 250e3 <= sum(pipe.length_m for pipe in plan.pipes.values()) <= 400e3,
    }
    for day in (BEFORE, AFTER):
        engine: Truth = truth["engine"][day.isoformat()]
        wanted[f"continuity {day}"] = max(abs(v) for v in engine["continuity_error_pct"].values()) < CONTINUITY_PCT
        wanted[f"no flood elsewhere {day}"] = float(engine["flood_m3_elsewhere"]) < MOST_ELSEWHERE_M3
        wanted[f"no node floods elsewhere {day}"] = (
            float(engine["largest_flood_m3_elsewhere"]) < MOST_ELSEWHERE_AT_NODE_M3
        )
    wanted["dry after the works"] = float(truth["engine"][AFTER.isoformat()]["flood_m3_at_places"]) < MOST_ELSEWHERE_M3
    failed = [name for name, holds in wanted.items() if not holds]
    if failed:
        raise AssertionError("; ".join(failed))
