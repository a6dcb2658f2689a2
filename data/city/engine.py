"""The planted network in the EPA SWMM engine: writes its own .inp, runs it, reads what floods.

Runoff is made comparable with the rational method: the impervious share of a subcatchment is its runoff coefficient,
the pervious rest keeps all its rain, depression storage is small, and the overland way is the same everywhere.
"""

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from swmm.toolkit import solver
from swmm.toolkit.shared_enum import NodeProperty, ObjectType

from city.catchments import Catchment
from city.plan import Node, Pipe, Plan
from city.rain import chicago

RAIN_STEP_MIN = 5
OVERLAND_M = 60.0
SURFACE_SLOPE_PCT = 0.4
PAVED_N, PAVED_STORE_MM, PERVIOUS_STORE_MM = 0.013, 0.5, 500.0
HOURS = 4
OPTIONS = f"""[OPTIONS]
FLOW_UNITS CMS
INFILTRATION HORTON
FLOW_ROUTING DYNWAVE
LINK_OFFSETS ELEVATION
START_DATE 07/01/2018
START_TIME 00:00:00
END_DATE 07/01/2018
END_TIME {HOURS:02d}:00:00
REPORT_STEP 00:05:00
WET_STEP 00:01:00
DRY_STEP 00:05:00
ROUTING_STEP 3
VARIABLE_STEP 0.75
MINIMUM_STEP 0.5
MAX_TRIALS 8
INERTIAL_DAMPING PARTIAL
NORMAL_FLOW_LIMITED BOTH
SURCHARGE_METHOD SLOT
THREADS 2
"""


@dataclass(frozen=True)
class Run:
    """What one run of the engine says: flooded volume, hours and highest level by node, and its errors."""

    flood_m3: dict[str, float]
    flood_hours: dict[str, float]
    level_m: dict[str, float]
    continuity_pct: tuple[float, float]


def run_engine(plan: Plan, catchments: list[Catchment], day: date, base_flow_m3s: float) -> Run:
    """Run the network in service on a day through the demo storm by dynamic wave."""
    drains = (p for p in plan.pipes.values() if p.system != "reclaimed")
    pipes = sorted((p for p in drains if p.exists_on(day)), key=lambda p: p.pipe_id)
    names = sorted({p.tail for p in pipes} | {p.head for p in pipes})
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / f"town.{suffix}") for suffix in ("inp", "rpt", "out")]
        Path(paths[0]).write_text(_write_inp(plan, pipes, names, catchments, base_flow_m3s), encoding="ascii")
        solver.swmm_open(*paths)
        try:
            solver.swmm_start(0)
            while solver.swmm_stride(300) > 0:
                pass
            flood, hours, level = _read(names)
            solver.swmm_end()
            runoff_pct, routing_pct, _ = solver.swmm_get_mass_balance()
        finally:
            solver.swmm_close()
    return Run(flood, hours, level, (round(float(runoff_pct), 3), round(float(routing_pct), 3)))


def _read(names: list[str]) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Flooded volume (m³), hours above ground and highest level (m) of each node; the run must not have ended yet."""
    flood: dict[str, float] = {}
    hours: dict[str, float] = {}
    level: dict[str, float] = {}
    for name in names:
        index = solver.project_get_index(ObjectType.NODE, name)
        stats = solver.node_get_stats(index)
        flood[name], hours[name] = float(stats.volFlooded), float(stats.timeFlooded)
        level[name] = float(solver.node_get_parameter(index, NodeProperty.INVERT_ELEVATION) + stats.maxDepth)
    return flood, hours, level


def _write_inp(
    plan: Plan, pipes: list[Pipe], names: list[str], catchments: list[Catchment], base_flow_m3s: float
) -> str:
    nodes = [plan.nodes[name] for name in names]
    lowest = dict.fromkeys(names, 1000000000.0)
    for pipe in pipes:
        lowest[pipe.tail] = min(lowest[pipe.tail], _bed(pipe, pipe.invert_from_m))
        lowest[pipe.head] = min(lowest[pipe.head], _bed(pipe, pipe.invert_to_m))
    parts = [OPTIONS, *_rain(), *_surface([c for c in catchments if c.node_id in lowest])]
    parts += _nodes(nodes, lowest, pipes, _standing(plan, pipes))
    dry = [n for n in nodes if n.kind in {"manhole", "pump"} and n.system == "sewage"]
    parts += ["[INFLOWS]", *(f'{n.node_id} FLOW "" FLOW 1.0 1.0 {base_flow_m3s / len(dry):.7f}' for n in dry)]
    parts += _links(plan, pipes)
    return "\n".join(parts) + "\n"


def _standing(plan: Plan, pipes: list[Pipe]) -> dict[str, float]:
    """Level of the river that stands in the drains before the rain, by node: without it the run begins with a bore."""
    level = {node.node_id: node.water_level_m for node in plan.nodes.values() if node.water_level_m is not None}
    arriving: dict[str, list[Pipe]] = {}
    for pipe in pipes:
        if pipe.system != "sewage":
            arriving.setdefault(pipe.head, []).append(pipe)
    waiting = list(level)
    while waiting:
        head = waiting.pop()
        for pipe in arriving.get(head, []):
            if pipe.tail not in level:
                level[pipe.tail] = level[head]
                waiting.append(pipe.tail)
    return level


def _bed(pipe: Pipe, invert_m: float) -> float:
    """Level of the section's bottom: on the silt of a box; the engine itself fills a circle from its invert on."""
    box = pipe.section.shape == "rectangular"
    return round(invert_m + (pipe.silt_share * pipe.section.height_m if box else 0.0), 4)


def _rain() -> list[str]:
    lines = ["[RAINGAGES]", f"RG INTENSITY 0:{RAIN_STEP_MIN:02d} 1.0 TIMESERIES STORM", "[TIMESERIES]"]
    for k, depth_mm in enumerate(chicago(RAIN_STEP_MIN)):
        minute = k * RAIN_STEP_MIN
        lines.append(f"STORM {minute // 60}:{minute % 60:02d} {depth_mm * 60.0 / RAIN_STEP_MIN:.4f}")
    return [*lines, "STORM 2:00 0.0", f"STORM {HOURS}:00 0.0"]


def _surface(catchments: list[Catchment]) -> list[str]:
    areas, subareas, infiltration = ["[SUBCATCHMENTS]"], ["[SUBAREAS]"], ["[INFILTRATION]"]
    for k, piece in enumerate(catchments):
        width_m = piece.area_ha * 1e4 / OVERLAND_M
        share_pct = 100.0 * piece.runoff_coefficient
        areas.append(f"S{k} RG {piece.node_id} {piece.area_ha:.4f} {share_pct:.1f} {width_m:.2f} {SURFACE_SLOPE_PCT} 0")
        subareas.append(f"S{k} {PAVED_N} 0.2 {PAVED_STORE_MM} {PERVIOUS_STORE_MM} 0 OUTLET")
        infiltration.append(f"S{k} 1 0.5 4 7 0")
    return areas + subareas + infiltration


def _nodes(nodes: list[Node], lowest: dict[str, float], pipes: list[Pipe], standing: dict[str, float]) -> list[str]:
    junctions, outfalls = ["[JUNCTIONS]"], ["[OUTFALLS]"]
    leaving = {pipe.tail: pipe for pipe in pipes}
    for node in nodes:
        name, invert_m = node.node_id, lowest[node.node_id]
        if node.kind == "outfall":
            outfalls.append(f"{name} {invert_m:.4f} FIXED {node.water_level_m} NO")
            if any(p.head == name and p.system == "sewage" for p in pipes):
                outfalls.append(f"{name}_S {invert_m:.4f} FIXED {node.water_level_m} NO")
        elif node.kind == "works":
            outfalls.append(f"{name} {invert_m:.4f} FREE NO")
        else:
            start_m = max(standing.get(name, -1e9) - invert_m, 0.0)
            junctions.append(f"{name} {invert_m:.4f} {node.ground_m - invert_m:.4f} {start_m:.4f} 0 0")
            if node.kind == "pump":
                out_m = leaving[name].invert_from_m
                junctions.append(f"{name}_P {out_m:.4f} {node.ground_m - out_m:.4f} 0 0 0")
    return junctions + outfalls


def _links(plan: Plan, pipes: list[Pipe]) -> list[str]:
    conduits, sections, losses, pumps = ["[CONDUITS]"], ["[XSECTIONS]"], ["[LOSSES]"], ["[PUMPS]"]
    for pipe in pipes:
        tail = plan.nodes[pipe.tail]
        start = f"{pipe.tail}_P" if tail.kind == "pump" else pipe.tail
        beds = f"{_bed(pipe, pipe.invert_from_m):.4f} {_bed(pipe, pipe.invert_to_m):.4f}"
        # The engine lets one pipe end at an outfall: a sewer that ends there gets its own.
        end = f"{pipe.head}_S" if plan.nodes[pipe.head].kind == "outfall" and pipe.system == "sewage" else pipe.head
        conduits.append(f"{pipe.pipe_id} {start} {end} {pipe.length_m} {pipe.manning_n} {beds}")
        sections.append(f"{pipe.pipe_id} {_shape(pipe)}")
        if tail.kind == "interceptor" and pipe.system == "sewage":
            losses.append(f"{pipe.pipe_id} 0.5 1.0 0 NO 0")
        if tail.kind == "pump":
            pumps.append(f"PU_{pipe.tail} {pipe.tail} {start} * ON 0 0")
    return conduits + pumps + sections + losses


def _shape(pipe: Pipe) -> str:
    section = pipe.section
    if section.shape == "rectangular":
        return f"RECT_CLOSED {section.height_m * (1.0 - pipe.silt_share):.3f} {section.width_mm / 1000.0} 0 0"
    if pipe.silt_share:
        return f"FILLED_CIRCULAR {section.height_m} {section.height_m * pipe.silt_share:.3f} 0 0"
    return f"CIRCULAR {section.height_m} 0 0 0"
