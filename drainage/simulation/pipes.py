"""What the tables say of the storm pipes and their outfalls, as arrays, and what was filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from drainage.arrays import column_of
from drainage.hydraulics import manning
from drainage.hydraulics.rounded_sections import Section
from drainage.words import in_both, joined

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from drainage.network import DrainageNetwork

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

#: Systems whose pipes carry storm water.
STORM_SYSTEMS: Final = ("storm", "combined", "unknown")
#: Outfalls take the flood level of a waterway within this distance, m.
WATERWAY_DISTANCE_M: Final = 200.0
#: A pipe full of silt counts as filled to this share: it carries next to nothing, but is no unknown pipe.
MOST_SILT_SHARE: Final = 0.99


#: How an edge passes water: as a pipe, over a crest (weir, orifice, outlet), or lifted by a pump.
PIPE, CREST, LIFT = range(3)


class PipeArrays(NamedTuple):
    """Measures of pipes, (n_pipes,) each, nan where unknown; ``passes`` is `PIPE`, `CREST` or `LIFT`."""

    conveyance_m3s: Floats
    area_m2: Floats
    height_m: Floats
    length_m: Floats
    z_up_m: Floats
    z_down_m: Floats
    passes: Floats


def measure_pipes(net: DrainageNetwork) -> tuple[PipeArrays, dict[str, str]]:
    """Measure all pipes; give too what was filled."""
    pipes = net.pipes
    roughness, origin = pipe_roughness(pipes)
    section = pipe_sections(net)
    silt_m = np.nan_to_num(pipe_sections(net, 0.0).height_m - section.height_m)
    z_up, z_down = (column_of(pipes, f"invert_{end}_m") + silt_m for end in ("from", "to"))
    conveyance = manning.conveyance(section, roughness)
    known = np.isfinite(z_up) & np.isfinite(z_down) & (conveyance > 0.0)
    length = column_of(pipes, "length_m")
    length = np.where(length > 0.0, length, np.nan)  # pumps, weirs and the like have none
    measures = PipeArrays(
        np.where(known, conveyance, np.nan), section.area_m2, section.height_m, length, z_up, z_down, _passing(net)
    )
    return measures, {"manning_n": origin}


def _passing(net: DrainageNetwork) -> Floats:
    """Tell pipes from what has a crest and from what is pumped: a pump itself, or a pipe that leaves a pumping node."""
    pipes = net.pipes
    pumped = (net.nodes["kind"] == "pump").to_numpy()[net.graph.tail]
    link = pipes["link_type"].to_numpy(dtype=object) if "link_type" in pipes else np.full(len(pipes), "conduit")
    crest = np.isin(link.astype(str), ["weir", "orifice", "outlet"])
    return np.where(pumped | (link == "pump"), LIFT, np.where(crest, CREST, PIPE)).astype(np.float64)


def pipe_roughness(pipes: gpd.GeoDataFrame) -> tuple[Floats, str]:
    """Give Manning's n of all pipes, as recorded, else by material, else the default; and how many are which."""
    recorded = column_of(pipes, "manning_n")
    material = pipes["material"] if "material" in pipes else pd.Series(None, pipes.index, dtype=object)
    codes, names = pd.factorize(material)
    by_name = np.array([*(manning.manning_n_of_material(name) for name in names), np.nan])
    by_material = by_name[codes]
    roughness = np.where(np.isfinite(recorded), recorded, by_material)
    assumed = ~np.isfinite(roughness)
    return np.where(assumed, manning.DEFAULT_MANNING_N, roughness), in_both(
        "roughness",
        recorded=int(np.isfinite(recorded).sum()),
        by_material=int((~np.isfinite(recorded) & ~assumed).sum()),
        assumed_n=manning.DEFAULT_MANNING_N,
        assumed=int(assumed.sum()),
    )


def pipe_sections(net: DrainageNetwork, silt_share: Floats | float | None = None) -> Section:
    """Measure the open sections of all pipes of a network, with the recorded silt or any other.

    Where the source measures a section itself (``section_area_m2``, ``section_radius_m``), that holds, whatever the
    shape. ``barrels`` pipes side by side have so many times the area and conveyance of one, at the same height.

    Parameters
    ----------
    net
        The network.
    silt_share
        (n_pipes,) depth of the silt by the height, or one for all (0: cleaned); None: as recorded.
    """
    pipes = net.pipes
    silt = np.minimum(column_of(pipes, "silt_share", 0.0) if silt_share is None else silt_share, MOST_SILT_SHARE)
    shape = pipes["shape"].fillna("circular") if "shape" in pipes else pd.Series("circular", pipes.index)
    diameter, width, height = (column_of(pipes, name) for name in ("diameter_mm", "width_mm", "height_mm"))
    section = manning.pipe_sections(shape.to_numpy(dtype=object), diameter, width, height, silt)
    area, radius = (column_of(pipes, f"section_{name}") for name in ("area_m2", "radius_m"))
    given = np.isfinite(area) & np.isfinite(radius)
    return Section(
        np.where(given, area, section.area_m2) * column_of(pipes, "barrels", 1.0),
        np.where(given, radius, section.hydraulic_radius_m),
        np.where(given, height / 1000.0, section.height_m),
    )


def outfall_levels(net: DrainageNetwork, tailwater_m: float | None) -> tuple[Floats, str]:
    """Level at the outfalls: recorded, else as given, else of the waterway nearby, else free."""
    nodes = net.nodes
    level = column_of(nodes, "water_level_m").copy()
    recorded = int(np.isfinite(level).sum())
    words = [in_both("level_recorded", count=recorded)] if recorded else []
    if tailwater_m is not None:
        here = np.isnan(level) & (nodes["kind"] == "outfall").to_numpy()
        return np.where(here, tailwater_m, level), joined([*words, in_both("level_given", level_m=tailwater_m)])
    waterways = net.layers.get("waterways")
    ends = np.flatnonzero((nodes["kind"] == "outfall").to_numpy() & np.isnan(level))
    if (
        waterways is not None
        and len(ends)
        and "flood_level_m" in waterways
        and waterways["flood_level_m"].notna().any()
        and net.crs is not None
        and waterways.crs is not None
    ):
        rivers = waterways[waterways["flood_level_m"].notna()].to_crs(net.crs)
        from_end, to_river = rivers.sindex.nearest(
            nodes.geometry.array[ends],
            return_all=False,
            max_distance=WATERWAY_DISTANCE_M,
        )
        level[ends[from_end]] = rivers["flood_level_m"].to_numpy(dtype=np.float64)[to_river]
        words.append(in_both("level_waterway", count=len(from_end)))
    words.append(in_both("level_free"))
    return level, joined(words)


def has_flap(nodes: gpd.GeoDataFrame) -> Bools:
    """(n_nodes,) a flap gate is recorded, which lets water out and none in."""
    if "flap_gate" not in nodes:
        return np.zeros(len(nodes), dtype=np.bool_)
    return (nodes["flap_gate"] == "yes").to_numpy(dtype=np.bool_)


def known_ground(net: DrainageNetwork) -> Floats:
    """(n_nodes,) ground level, m; nan too where it is not above the lowest pipe of a node, else above its invert.

    Such a level is a gap that was written as a number, or the level of something else: by no engine is a node judged by
    it.
    """
    nodes, pipes = net.nodes, net.pipes
    lowest = np.full(len(nodes), np.inf)
    for row, end in ((net.graph.tail, "from"), (net.graph.head, "to")):
        np.fmin.at(lowest, row, column_of(pipes, f"invert_{end}_m"))
    lowest = np.where(np.isfinite(lowest), lowest, column_of(nodes, "invert_m"))
    ground = column_of(nodes, "ground_m")
    return np.where(ground <= lowest, np.nan, ground)
