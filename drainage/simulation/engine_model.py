"""A network and a storm as an EPA SWMM model: the file that the engine reads, and which of its names is whose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
import shapely

from drainage.errors import SimulationError
from drainage.formats.inp.edit import corner_rows, edit_model
from drainage.formats.inp.lines import render, table_lines
from drainage.formats.inp.names import engine_names, renaming_lines
from drainage.formats.inp.rain import clock, point_to_files, replace_rain, storm_rows
from drainage.formats.inp.read import InpModel
from drainage.formats.inp.series import report_missing_files
from drainage.formats.inp.shapes import ellipse_rows, tokens
from drainage.formats.inp.text import InpText, Units
from drainage.hydraulics.runoff import uplift_share
from drainage.schema import Issues
from drainage.simulation.catchments import coefficient_words, ground_pieces
from drainage.simulation.engine_tables import complete_pipes, engine_tables
from drainage.simulation.measure import STORM_SYSTEMS, column_of, outfall_levels

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.simulation.engine_tables import EngineTables

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

#: What the pervious rest of a catchment keeps, mm: all the rain there can be, for Ψ says what runs off.
ALL_RAIN_MM: Final = 1000.0


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How the engine is to run a network that came from a survey; an .inp has its own.

    Parameters
    ----------
    overland_m
        Length of the way that rain runs over the ground, m; width of a catchment = area / this. With the slope it makes
        up for the inlet time t1 = 5-15 min of GB 50014-2021, 4.1.11 (own choice, as the demo city's witness).
    overland_slope_m_per_m
        Slope of that way (own choice).
    overland_n
        Manning's n of paved ground: 0.011-0.013 (SWMM Reference Manual I, EPA/600/R-15/162A, table 3-5).
    depression_mm
        What paved ground keeps, mm. The manual's table 3-5 has 1.3-2.5; 0.5 because Ψ already counts losses.
    rain_step_min
        Step of the storm's hyetograph, min.
    routing_step_s
        Largest step, s; None: the time in which water of 5 m/s (GB 50014-2021, 5.2.5) passes a short pipe of the model.
    drain_min
        Time simulated after the storm, min.
    ponded_area_m2
        Area on which water stands above each junction and from which it returns, m²; 0: what overflows is lost.
    threads
        Processor cores that the engine uses. A second gains a third at best, and costs ten times the time where others
        compute on the same machine, because its threads wait by spinning (measured on two cores).
    """

    overland_m: float = 60.0
    overland_slope_m_per_m: float = 0.004
    overland_n: float = 0.013
    depression_mm: float = 0.5
    rain_step_min: float = 5.0
    routing_step_s: float | None = None
    drain_min: float = 120.0
    ponded_area_m2: float = 0.0
    threads: int = 1

    def __post_init__(self) -> None:
        """Refuse what the engine cannot mean."""
        for name, low in (("overland_m", 0.0), ("overland_slope_m_per_m", 0.0), ("overland_n", 0.0),
                          ("rain_step_min", 0.0)):  # fmt: skip
            if not getattr(self, name) > low:
                raise SimulationError(f"{name} = {getattr(self, name)}; expected more than {low:g}")
        for name in ("depression_mm", "drain_min", "ponded_area_m2"):
            if not getattr(self, name) >= 0.0:
                raise SimulationError(f"{name} = {getattr(self, name)}; expected 0 or more")
        if self.routing_step_s is not None and not 0.1 <= self.routing_step_s <= 600.0:
            raise SimulationError(f"routing_step_s = {self.routing_step_s}; expected 0.1 to 600 s")


class EngineModel(NamedTuple):
    """A model for the engine.

    Parameters
    ----------
    text
        The .inp.
    encoding
        Of its bytes.
    node_names, pipe_names
        Index the ids of the network: their names in the model; nodes and pipes that are not in it are left out.
    issues
        What was left out, renamed or seen otherwise than the network says.
    assumptions
        What the network did not say and what was taken instead.
    units
        Of the model.
    added_nodes
        Name of a node that stands beside one of the network (where a pump delivers, a pipe more ends) → its id.
    """

    text: str
    encoding: str
    node_names: pd.Series
    pipe_names: pd.Series
    issues: pd.DataFrame
    assumptions: dict[str, str]
    units: Units
    added_nodes: dict[str, str]

    @property
    def content(self) -> bytes:
        """The bytes of the file; UTF-8 where a name is none of its encoding."""
        try:
            return self.text.encode(self.encoding)
        except UnicodeEncodeError:
            return self.text.encode("utf-8")


def build_engine_model(
    net: DrainageNetwork,
    storm: Storm | None,
    *,
    folder: Path,
    systems: tuple[str, ...] = STORM_SYSTEMS,
    tailwater_m: float | None = None,
    runoff_coefficient: float = 0.6,
    uplift_within: float | None = 0.0,
    served_distance_m: float = 50.0,
    options: EngineOptions | None = None,
) -> EngineModel:
    """Make the model; see `drainage.simulation.export.write_inp` for the parameters.

    Parameters
    ----------
    folder
        Where the file will lie, for the files that it names.
    """
    chosen = options or EngineOptions()
    uplift = 0.0 if storm is None else uplift_share(storm.return_period_a, uplift_within)
    model = net.inputs.get("model")
    if isinstance(model, InpModel):
        return _edited(net, storm, model, folder, tailwater_m, chosen)
    ground = {"runoff_coefficient": runoff_coefficient, "served_distance_m": served_distance_m, "uplift": uplift}
    return _composed(net, storm, systems, tailwater_m, ground, chosen)


def _edited(
    net: DrainageNetwork,
    storm: Storm | None,
    model: InpModel,
    folder: Path,
    tailwater_m: float | None,
    options: EngineOptions,
) -> EngineModel:
    issues = Issues()
    if tailwater_m is not None:
        nodes = net.nodes
        free = (nodes["kind"] == "outfall") & nodes["water_level_m"].isna()
        net = net.replace(nodes=nodes.assign(water_level_m=nodes["water_level_m"].mask(free, tailwater_m)))
    sections = edit_model(net, model, issues)
    point_to_files(sections, model.text, folder, issues)
    if storm is not None:
        replace_rain(
            sections, model.text, storm, step_min=options.rain_step_min, drain_min=options.drain_min, issues=issues
        )
    now = InpText(model.text.path, sections, model.text.encoding)
    report_missing_files(now, issues)
    encoding = "utf-8" if model.text.encoding == "utf-8-sig" else model.text.encoding
    return EngineModel(
        render(sections),
        encoding,
        pd.Series(net.nodes.index, index=net.nodes.index, dtype=object),
        pd.Series(net.pipes.index, index=net.pipes.index, dtype=object),
        issues.frame(),
        {"model": f"{model.text.path.name} as it was read, with what was changed since, its losses included"},
        model.text.units,
        {},
    )


def _composed(
    net: DrainageNetwork,
    storm: Storm | None,
    systems: tuple[str, ...],
    tailwater_m: float | None,
    ground: dict[str, float],
    options: EngineOptions,
) -> EngineModel:
    issues = Issues()
    written = complete_pipes(net, systems, issues)
    if not written.any():
        raise SimulationError(
            f"{net.source or 'network'}: no pipe of {', '.join(systems)} has both inverts, a size and a length; "
            "the engine needs them all"
        )
    level, tailwater = outfall_levels(net, tailwater_m)
    tables = engine_tables(net, written, level, issues)
    parts: dict[str, list[str]] = {}
    assumptions = {"tailwater": tailwater, "manning_n": tables.roughness}
    rained = written & net.pipes["system"].isin(STORM_SYSTEMS).to_numpy()
    if storm is not None and rained.any():
        pieces, origin = ground_pieces(net, rained, **ground)
        assumptions["catchments"] = origin
        assumptions["runoff_coefficient"] = coefficient_words(ground["runoff_coefficient"], ground["uplift"])
        parts |= _rain_parts(net, tables, pieces, storm, options)
    inflow = _inflow_part(net, tables)
    if "SUBCATCHMENTS" not in parts and not inflow:
        raise SimulationError(
            f"{net.source or 'network'}: no water comes to the pipes of {', '.join(systems)}: give a storm and ground "
            "that drains to storm pipes, or inflow_m3s of the nodes"
        )
    minutes = (storm.duration_min if storm is not None else 0.0) + options.drain_min
    step_s = options.routing_step_s or _routing_step_s(tables)
    named = tables.node_of_row(len(net.nodes))
    node_names = pd.Series(
        tables.nodes["name"].to_numpy(dtype=object)[named[named >= 0]], index=net.nodes.index[named >= 0], dtype=object
    )
    pipe_names = tables.pipes["name"]
    sections = {
        "TITLE": _title(net, storm, systems, assumptions),
        "OPTIONS": _option_lines(minutes, step_s, options),
        **parts,
        **_network_parts(tables, options),
        **inflow,
        "REPORT": ["INPUT NO", "CONTROLS NO", "SUBCATCHMENTS NONE", "NODES ALL", "LINKS ALL"],
        **_map_parts(net, tables),
    }
    renamed = [*renaming_lines(node_names), *renaming_lines(pipe_names)]
    sections["TITLE"] += renamed
    issues.add("renamed", "info", "file", [net.source or "network"] if renamed else [],
               f"{len(renamed)} ids are none that the engine takes", "renamed; the title lists them")  # fmt: skip
    added = tables.nodes[tables.nodes["suffix"] != ""]
    beside = dict(zip(added["name"], net.nodes.index[added["row"]], strict=True))
    return EngineModel(
        render(sections), "utf-8", node_names, pipe_names, issues.frame(), assumptions, Units("CMS"), beside
    )


def _title(
    net: DrainageNetwork, storm: Storm | None, systems: tuple[str, ...], assumptions: dict[str, str]
) -> list[str]:
    lines = [f"{net.source or 'drainage network'}: {', '.join(systems)} pipes, written by drainage (Python)"]
    if net.synthetic:
        lines.append("SYNTHETIC demonstration data, no real drain lies here. 合成演示数据，严禁用于工程。")
    if storm is not None:
        lines.append(f"{storm!r}; {'; '.join(storm.remarks)}")
    lines.append(f"Coordinates: {net.crs.to_string() if net.crs is not None else 'schematic'}; levels in metres")
    return [*lines, *(f";; {name}: {value}" for name, value in assumptions.items())]


def _option_lines(minutes: float, step_s: float, options: EngineOptions) -> list[str]:
    days, rest = divmod(round(minutes * 60.0), 86400)
    wet = clock(min(1.0, options.rain_step_min))
    chosen = {
        "FLOW_UNITS": "CMS", "INFILTRATION": "HORTON", "FLOW_ROUTING": "DYNWAVE", "LINK_OFFSETS": "ELEVATION",
        "MIN_SLOPE": "0", "ALLOW_PONDING": "YES" if options.ponded_area_m2 > 0 else "NO", "SKIP_STEADY_STATE": "NO",
        "START_DATE": "01/01/2000", "START_TIME": "00:00:00", "REPORT_START_DATE": "01/01/2000",
        "REPORT_START_TIME": "00:00:00", "END_DATE": f"01/{1 + days:02d}/2000", "END_TIME": clock(rest / 60.0),
        "REPORT_STEP": "00:01:00", "WET_STEP": wet, "DRY_STEP": "00:05:00", "ROUTING_STEP": f"{step_s:g}",
        "VARIABLE_STEP": "0.75", "MINIMUM_STEP": "0.5", "MAX_TRIALS": "8", "HEAD_TOLERANCE": "0.0015",
        "INERTIAL_DAMPING": "PARTIAL", "NORMAL_FLOW_LIMITED": "BOTH", "SURCHARGE_METHOD": "SLOT",
        "LENGTHENING_STEP": "0", "THREADS": str(options.threads),
    }  # fmt: skip
    return [f"{name:<20} {value}" for name, value in chosen.items()]


def _routing_step_s(tables: EngineTables) -> float:
    """Give the time in which water passes a pipe that is shorter than all but a tenth, 1-5 s."""
    return float(np.clip(np.floor(np.quantile(tables.pipes["length_m"], 0.1) / 5.0), 1.0, 5.0))


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
    frame = pd.DataFrame(
        {
            "name": names,
            **{column: tokens(nodes[column].to_numpy()) for column in ("invert_m", "depth_m", "start_m", "sealed_m")},
            "ponded_m2": f"{options.ponded_area_m2:g}",
        }
    )
    junction = (nodes["kind"] == "junction").to_numpy()
    outfalls = frame[["name", "invert_m"]].assign(
        type=np.where(np.isfinite(stage), "FIXED", "FREE"),
        stage_m=np.where(np.isfinite(stage), tokens(stage), ""),
        gated="NO",
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
        "JUNCTIONS": table_lines(frame[junction]),
        "OUTFALLS": table_lines(outfalls[~junction]),
        "CONDUITS": table_lines(conduits),
    }
    if len(pumps):
        lifts = pd.DataFrame({"name": pumps["name"], "from": names[pumps["tail"]], "to": names[pumps["head"]],
                              "curve": "*", "status": "ON", "on_m": 0, "off_m": 0})  # fmt: skip
        parts["PUMPS"] = table_lines(lifts)
    parts["XSECTIONS"] = table_lines(sections)
    curves = ellipse_rows(tables.sections.ellipses)
    return parts | ({"CURVES": table_lines(curves)} if len(curves) else {})


def _map_parts(net: DrainageNetwork, tables: EngineTables) -> dict[str, list[str]]:
    nodes = tables.nodes
    placed = np.isfinite(nodes["x"]) & np.isfinite(nodes["y"])
    x, y = (tokens(nodes[axis].to_numpy()) for axis in ("x", "y"))
    points = pd.DataFrame({"name": nodes["name"], "x": x, "y": y})
    lines = net.pipes.loc[tables.pipes.index].set_axis(tables.pipes["name"].to_numpy())
    drawn = lines[lines.geometry.notna().to_numpy()]
    return {"COORDINATES": table_lines(points[placed]), "VERTICES": table_lines(corner_rows(drawn, inner=True))}
