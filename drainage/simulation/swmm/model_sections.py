"""The sections of a model that is composed: rows of the engine's tables, ground and storm as lines of an .inp."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.formats.inp.edit.design_rain import clock, storm_rows
from drainage.formats.inp.edit.placing import corner_rows
from drainage.formats.inp.edit.section_rows import ellipse_rows, tokens
from drainage.formats.inp.text.lines import table_lines
from drainage.formats.inp.text.names import engine_names, renaming_lines
from drainage.hydraulics.rainfall import Storm
from drainage.network import DrainageNetwork
from drainage.schema.columns import column_of
from drainage.simulation.receiving import ReceivingWater
from drainage.simulation.swmm.engine_values import EngineOptions
from drainage.simulation.swmm.model_rows import EngineTables
from drainage.simulation.swmm.pumps import pump_curves
from drainage.simulation.swmm.tanks import tank_sections

#: What the pervious rest of a catchment keeps, mm: all the rain there can be, for Ψ says what runs off.
ALL_RAIN_MM: Final = 1000.0


def _option_lines(storm: Storm | None, options: EngineOptions) -> list[str]:
    """Write how the engine is to run, and for how long."""
    minutes = (storm.duration_min if storm is not None else 0.0) + options.drain_min
    days, rest = divmod(round(minutes * 60.0), 86400)
    wet = clock(min(1.0, options.rain_step_min))
    chosen = {
        "FLOW_UNITS": "CMS", "INFILTRATION": "HORTON", "FLOW_ROUTING": "DYNWAVE", "LINK_OFFSETS": "ELEVATION",
        "MIN_SLOPE": "0", "ALLOW_PONDING": "YES" if options.ponded_area_m2 > 0 else "NO", "SKIP_STEADY_STATE": "NO",
        "START_DATE": "01/01/2000", "START_TIME": "00:00:00", "REPORT_START_DATE": "01/01/2000",
        "REPORT_START_TIME": "00:00:00", "END_DATE": f"01/{1 + days:02d}/2000", "END_TIME": clock(rest / 60.0),
        "REPORT_STEP": "00:01:00", "WET_STEP": wet, "DRY_STEP": "00:05:00", "MINIMUM_STEP": "0.5",
        "ROUTING_STEP": f"{options.routing_step_s:g}", "VARIABLE_STEP": f"{options.variable_step:g}", "MAX_TRIALS": "8",
        "HEAD_TOLERANCE": "0.0015", "INERTIAL_DAMPING": "PARTIAL", "NORMAL_FLOW_LIMITED": "BOTH",
        "SURCHARGE_METHOD": "SLOT", "LENGTHENING_STEP": "0", "THREADS": str(options.threads),
    }  # fmt: skip
    return [f"{name:<20} {value}" for name, value in chosen.items()]


def routing_step_s(tables: EngineTables) -> float:
    """Return the time in which water passes a short pipe (only a tenth are shorter), 1-5 s."""
    return float(np.clip(np.floor(np.quantile(tables.pipes["length_m"], 0.1) / 5.0), 1.0, 5.0))


def engine_sections(
    net: DrainageNetwork,
    tables: EngineTables,
    pieces: gpd.GeoDataFrame | None,
    storm: Storm | None,
    water: ReceivingWater,
    options: EngineOptions,
) -> dict[str, list[str]]:
    """Write all sections but the title.

    Parameters
    ----------
    net
        The network; ``tables`` may hold a part of it.
    tables
        What the engine is to see.
    pieces
        The ground of the whole network (`ground_pieces`), None: no rain falls. That of other nodes is left out.
    storm
        The rain on it.
    water
        Where its level changes with time, that too is written.
    options
        How it is to run, its step of routing among them, which is that of the whole network.
    """
    rain: dict[str, list[str]] = {}
    if storm is not None and pieces is not None:
        here = tables.node_of_row(len(net.nodes))[pieces["node_row"].to_numpy()] >= 0
        rain = _rain_parts(net, tables, pieces[here], storm, options)
    tides = water.rows(net.nodes.index[tables.nodes.loc[tables.nodes["stage_series"] != "", "row"]])
    series = [*rain.get("TIMESERIES", []), *(table_lines(tides) if len(tides) else [])]
    return {
        "OPTIONS": _option_lines(storm, options),
        **rain,
        **({"TIMESERIES": series} if series else {}),
        **_network_parts(tables, options),
        **_inflow_part(net, tables),
        "REPORT": ["INPUT NO", "CONTROLS NO", "SUBCATCHMENTS NONE", "NODES ALL", "LINKS ALL"],
        **_map_parts(net, tables),
    }


def _rain_parts(
    net: DrainageNetwork, tables: EngineTables, pieces: gpd.GeoDataFrame, storm: Storm, options: EngineOptions
) -> dict[str, list[str]]:
    if not len(pieces):
        return {}
    row = tables.node_of_row(len(net.nodes))[pieces["node_row"].to_numpy()]
    # The engine wants to tell a catchment from a node by its name alone.
    name = engine_names(pieces.index, prefix="S", taken=set(tables.nodes["name"]))
    area = pieces["area_ha"].to_numpy(dtype=np.float64)
    psi = pieces["runoff_coefficient"].to_numpy(dtype=np.float64)
    areas = pd.DataFrame(
        {
            "name": name.to_numpy(),
            "gage": "RAIN",
            "outlet": tables.nodes["name"].to_numpy(dtype=object)[row],
            "area_ha": tokens(area),
            "impervious_pct": tokens(100.0 * psi),
            "width_m": tokens(area * 1e4 / options.overland_m),
            "slope_pct": tokens(np.full(len(area), 100.0 * options.overland_slope_m_per_m)),
            "curb": 0,
        }
    )
    surface = [f"{options.overland_n:g}", "0.2", f"{options.depression_mm:g}", f"{ALL_RAIN_MM:g}", "0", "OUTLET"]
    heads = ["n_paved", "n_pervious", "store_paved_mm", "store_pervious_mm", "no_store_pct", "to"]
    subareas = pd.DataFrame({"name": name.to_numpy(), **dict(zip(heads, surface, strict=True))})
    horton = {"max_mm_h": "1", "min_mm_h": "0.5", "decay_1_h": "4", "dry_d": "7", "max_mm": "0"}
    step = clock(options.rain_step_min)
    parts = {
        "RAINGAGES": [f"RAIN  INTENSITY  {step if step[-2:] != '00' else step[:-3]}  1.0  TIMESERIES  DESIGN_STORM"],
        "TIMESERIES": table_lines(storm_rows(storm, options.rain_step_min)),
        "SUBCATCHMENTS": table_lines(areas) + renaming_lines(name),
        "SUBAREAS": table_lines(subareas),
        "INFILTRATION": table_lines(pd.DataFrame({"name": name.to_numpy(), **horton})),
    }
    shapes = np.asarray(pieces.geometry.array)
    drawn = np.isin(shapely.get_type_id(shapes), [3, 6])
    if drawn.any():
        largest = np.array([_largest(shape) for shape in shapes[drawn]], dtype=object)
        outlines = pieces[drawn].set_geometry(shapely.get_exterior_ring(largest)).set_axis(name.to_numpy()[drawn])
        parts["POLYGONS"] = table_lines(corner_rows(outlines, inner=False))
    return parts


def _largest(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the largest part: the engine's map draws one ring a catchment; its area is a number beside it."""
    parts = shapely.get_parts(np.array([shape], dtype=object))
    largest: shapely.Geometry = parts[int(np.argmax(shapely.area(parts)))]
    return largest


def _inflow_part(net: DrainageNetwork, tables: EngineTables) -> dict[str, list[str]]:
    inflow = column_of(net.nodes, "inflow_m3s", 0.0)[tables.nodes["row"]]
    here = (inflow != 0.0) & (tables.nodes["suffix"] == "").to_numpy()
    if not here.any():
        return {}
    rows = pd.DataFrame({"name": tables.nodes["name"][here], "what": "FLOW", "series": '""', "type": "FLOW",
                         "factor": "1", "scale": "1", "baseline_m3s": tokens(inflow[here])})  # fmt: skip
    return {"INFLOWS": table_lines(rows)}


def _network_parts(tables: EngineTables, options: EngineOptions) -> dict[str, list[str]]:
    nodes, pipes, pumps = tables.nodes, tables.pipes, tables.pumps
    names = nodes["name"].to_numpy(dtype=object)
    stage = nodes["stage_m"].to_numpy(dtype=np.float64)
    series = nodes["stage_series"].to_numpy(dtype=object)
    frame = pd.DataFrame(
        {
            "name": names,
            **{column: tokens(nodes[column].to_numpy()) for column in ("invert_m", "depth_m", "start_m", "sealed_m")},
            "ponded_m2": f"{options.ponded_area_m2:g}",
        }
    )
    junction = (nodes["kind"] == "junction").to_numpy()
    tank = (nodes["tank_m3"] > 0.0).to_numpy()
    outfalls = frame[["name", "invert_m"]].assign(
        type=np.select([series != "", np.isfinite(stage)], ["TIMESERIES", "FIXED"], "FREE"),
        stage_m=np.select([series != "", np.isfinite(stage)], [series, tokens(stage)], ""),
        gated=np.where(nodes["gated"], "YES", "NO"),
    )
    conduits = pd.DataFrame(
        {"name": pipes["name"], "from": names[pipes["tail"]], "to": names[pipes["head"]],
         "length_m": tokens(pipes["length_m"].to_numpy()), "n": tokens(pipes["manning_n"].to_numpy()),
         "from_m": tokens(pipes["z_from_m"].to_numpy()), "to_m": tokens(pipes["z_to_m"].to_numpy()),
         "start_flow": 0, "max_flow": 0}
    )  # fmt: skip
    sections = tables.sections.rows.assign(name=pipes["name"])
    sections = sections[["name", *sections.columns.drop("name")]]
    parts = {
        "JUNCTIONS": table_lines(frame[junction & ~tank]),
        "OUTFALLS": table_lines(outfalls[~junction]),
        "CONDUITS": table_lines(conduits),
    }
    if len(pumps):
        sized = np.isfinite(pumps["capacity_m3s"])
        lifts = pd.DataFrame({"name": pumps["name"], "from": names[pumps["tail"]], "to": names[pumps["head"]],
                              "curve": pumps["name"].where(sized, "*"), "status": "ON", "on_m": 0,
                              "off_m": 0})  # fmt: skip
        parts["PUMPS"] = table_lines(lifts)
    parts["XSECTIONS"] = table_lines(sections)
    ellipses = ellipse_rows(tables.sections.ellipses)
    tanks = tank_sections(nodes[tank], taken=set(ellipses["name"]) if len(ellipses) else ()) if tank.any() else {}
    lifting = pumps[np.isfinite(pumps["capacity_m3s"])]
    lifted = pump_curves(lifting["name"], lifting["capacity_m3s"].to_numpy()) if len(lifting) else []
    curves = [*(table_lines(ellipses) if len(ellipses) else []), *tanks.pop("CURVES", []), *lifted]
    return parts | tanks | ({"CURVES": curves} if curves else {})


def _map_parts(net: DrainageNetwork, tables: EngineTables) -> dict[str, list[str]]:
    nodes = tables.nodes
    placed = np.isfinite(nodes["x"]) & np.isfinite(nodes["y"])
    x, y = (tokens(nodes[axis].to_numpy()) for axis in ("x", "y"))
    points = pd.DataFrame({"name": nodes["name"], "x": x, "y": y})
    lines = net.pipes.loc[tables.pipes.index].set_axis(tables.pipes["name"].to_numpy())
    drawn = lines[lines.geometry.notna().to_numpy()]
    return {"COORDINATES": table_lines(points[placed]), "VERTICES": table_lines(corner_rows(drawn, inner=True))}
