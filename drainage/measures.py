"""What the tables say of pipes and catchments, as arrays: sections, roughness, levels, full flow, who takes rain."""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.arrays import AnyRows, Bools, Floats, Rows, marked
from drainage.hydraulics import manning
from drainage.hydraulics.rounded_sections import Section
from drainage.schema.codes import SYSTEMS
from drainage.schema.columns import column_of
from drainage.schema.ids import find_ids
from drainage.words import in_both

#: A pipe full of silt counts as filled to this share: it carries next to nothing, but is no unknown pipe.
MOST_SILT_SHARE: Final = 0.99
#: How an edge passes water: as a pipe, over a crest (weir, orifice, outlet), or lifted by a pump.
PIPE, CREST, LIFT = range(3)
#: Types of link that pass water over a crest.
_CRESTS: Final = ("weir", "orifice", "outlet")


class PipeMeasures(NamedTuple):
    """Measures of pipes, (n_pipes,) each, nan where unknown; ``passes`` is `PIPE`, `CREST` or `LIFT`.

    Sections are what the silt leaves open, levels those of its surface.
    """

    manning_n: Floats
    conveyance_m3s: Floats
    area_m2: Floats
    height_m: Floats
    length_m: Floats
    z_up_m: Floats
    z_down_m: Floats
    passes: Floats

    @property
    def slope(self) -> Floats:
        """(n_pipes,) invert fall per length."""
        return (self.z_up_m - self.z_down_m) / self.length_m

    @property
    def capacity_m3s(self) -> Floats:
        """(n_pipes,) flow Q = K √S of the full pipe by gravity, 0 where it does not fall. GB 50014-2021, 5.2."""
        return np.asarray(self.conveyance_m3s * np.sqrt(np.maximum(self.slope, 0.0)))

    @property
    def full_velocity_m_s(self) -> Floats:
        """(n_pipes,) velocity of that flow."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.capacity_m3s / self.area_m2)

    def at(self, rows: AnyRows | Bools) -> PipeMeasures:
        """Return the measures of some pipes, by their numbers or a mask."""
        return PipeMeasures(*(column[rows] for column in self))

    def with_section(self, section: Section) -> PipeMeasures:
        """Return the measures of the same pipes with other silt, which leaves other sections open."""
        lower_m = np.nan_to_num(section.height_m - self.height_m)
        return self._replace(
            conveyance_m3s=np.where(
                np.isfinite(self.conveyance_m3s), manning.conveyance(section, self.manning_n), np.nan
            ),
            area_m2=section.area_m2,
            height_m=section.height_m,
            z_up_m=self.z_up_m - lower_m,
            z_down_m=self.z_down_m - lower_m,
        )


def measure_pipes(pipes: gpd.GeoDataFrame, pumped: Bools) -> PipeMeasures:
    """Return the measures of all pipes, with their recorded silt; read-only.

    Parameters
    ----------
    pipes
        Pipes of a network.
    pumped
        (n_pipes,) the pipe leaves a pumping node.
    """
    clean = pipe_sections(pipes, 0.0)
    manning_n, _ = pipe_roughness(pipes)
    z_up, z_down = (column_of(pipes, f"invert_{end}_m").copy() for end in ("from", "to"))
    conveyance = manning.conveyance(clean, manning_n)
    known = np.isfinite(z_up) & np.isfinite(z_down) & (conveyance > 0.0) & np.isfinite(conveyance)
    length = column_of(pipes, "length_m")
    length = np.where(length > 0.0, length, np.nan)  # pumps, weirs and the like have none
    passes = np.where(pumped | _is_link(pipes, "pump"), LIFT, np.where(_is_link(pipes, *_CRESTS), CREST, PIPE))
    conveyance = np.where(known, conveyance, np.nan)
    measures = PipeMeasures(
        manning_n, conveyance, clean.area_m2, clean.height_m, length, z_up, z_down, passes.astype(np.float64)
    )
    silted = np.flatnonzero(column_of(pipes, "silt_share", 0.0) != 0.0)
    if len(silted):
        under_silt = measures.at(silted).with_section(pipe_sections(pipes.iloc[silted]))
        for column, values in zip(measures, under_silt, strict=True):
            column[silted] = values
    for column in measures:
        column.flags.writeable = False
    return measures


def _is_link(pipes: gpd.GeoDataFrame, *types: str) -> Bools:
    """Return which pipes are recorded as a link of one of some types, (n_pipes,)."""
    if "link_type" not in pipes:
        return np.zeros(len(pipes), np.bool_)
    return pipes["link_type"].isin(types).to_numpy(dtype=np.bool_)


def pipe_roughness(pipes: gpd.GeoDataFrame) -> tuple[Floats, str]:
    """Return Manning's n of all pipes, as recorded, else by material, else the default; and a count of each."""
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


def pipe_sections(pipes: gpd.GeoDataFrame, silt_share: Floats | float | None = None) -> Section:
    """Measure the open sections of all pipes of a network, with the recorded silt or any other.

    Where the source measures a section itself (``section_area_m2``, ``section_radius_m``), that holds, whatever the
    shape. ``barrels`` pipes side by side have so many times the area and conveyance of one, at the same height.

    Parameters
    ----------
    pipes
        Pipes of a network.
    silt_share
        (n_pipes,) depth of the silt by the height, or one for all (0: cleaned); None: as recorded.
    """
    silt = np.minimum(column_of(pipes, "silt_share", 0.0) if silt_share is None else silt_share, MOST_SILT_SHARE)
    shape = pipes["shape"].fillna("circular") if "shape" in pipes else pd.Series("circular", pipes.index)
    diameter, width, height = (column_of(pipes, name) for name in ("diameter_mm", "width_mm", "height_mm"))
    section = manning.pipe_sections(shape, diameter, width, height, silt)
    area, radius = (column_of(pipes, f"section_{name}") for name in ("area_m2", "radius_m"))
    given = np.isfinite(area) & np.isfinite(radius)
    return Section(
        np.where(given, area, section.area_m2) * column_of(pipes, "barrels", 1.0),
        np.where(given, radius, section.hydraulic_radius_m),
        np.where(given, height / 1000.0, section.height_m),
    )


def recorded_height_mm(pipes: pd.DataFrame) -> Floats:
    """Return the diameter, or the height of what is measured by its sides, whatever diameter stands besides, mm."""
    diameter, height = column_of(pipes, "diameter_mm"), column_of(pipes, "height_mm")
    return np.where(np.isnan(diameter) | has_sides(pipes), height, diameter)


def has_sides(pipes: pd.DataFrame) -> Bools:
    """Return which pipes are measured by width and height: both are recorded, and they are no circles."""
    sides = np.isfinite(column_of(pipes, "width_mm") * column_of(pipes, "height_mm"))
    return np.asarray(sides & (pipes["shape"] != "circular").to_numpy()) if "shape" in pipes else sides


def inner_sides_mm(pipes: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return inner width and height of one pipe, mm: the diameter twice, or both sides of what has sides.

    A circle without a diameter is as wide as it is high; one with two sides that differ is taken by them.
    """
    diameter, width, height = (column_of(pipes, f"{name}_mm") for name in ("diameter", "width", "height"))
    by_sides, whole = has_sides(pipes) | np.isnan(diameter), np.isfinite(width * height)
    wide, tall = (np.where(by_sides, np.where(whole, side, np.nan), diameter) for side in (width, height))
    return wide, tall


def inner_area_mm2(pipes: pd.DataFrame) -> Floats:
    """Return the inner section of one pipe, mm²: of what is round that of its circle, else of both sides."""
    wide, tall = inner_sides_mm(pipes)
    return np.asarray(wide * tall * np.where(_is_round(pipes), np.pi / 4.0, 1.0))


def nominal_sizes(pipes: pd.DataFrame) -> NDArray[np.object_]:
    """Return how the size of one pipe is written: DN400, or 2400×1800 of what has sides; None where it is not known.

    Examples
    --------
    >>> nominal_sizes(pd.DataFrame({"diameter_mm": [400.0, np.nan], "width_mm": 2400.0, "height_mm": [np.nan, 1800.0]}))
    array(['DN400', '2400×1800'], dtype=object)
    """
    rows = zip(*inner_sides_mm(pipes), _is_round(pipes), strict=True)
    texts = [None if np.isnan(wide) else nominal_size(wide, None if circle else tall) for wide, tall, circle in rows]
    return np.array(texts, dtype=object)


def nominal_size(wide_mm: float, tall_mm: float | None = None) -> str:
    """Return how a size in mm is written, to a tenth.

    Examples
    --------
    >>> nominal_size(762.5), nominal_size(2400.0, 1800.0)
    ('DN762.5', '2400×1800')
    """
    wide, tall = (f"{side or 0.0:.1f}".removesuffix(".0") for side in (wide_mm, tall_mm))
    return f"DN{wide}" if tall_mm is None else f"{wide}×{tall}"


def _is_round(pipes: pd.DataFrame) -> Bools:
    wide, tall = inner_sides_mm(pipes)
    return np.asarray(~has_sides(pipes) & (wide == tall))


def systems_of_nodes(nodes: pd.DataFrame, pipes: pd.DataFrame) -> NDArray[np.object_]:
    """Return the system of each node: as recorded, else of the largest pipe there whose system is known; None without.

    Of pipes as large as each other the first counts. Own choice.
    """
    systems = [name for name in SYSTEMS if name != "unknown"]
    known = pipes[pipes["system"].isin(systems)]
    told = {"system": known["system"].to_numpy(dtype=object), "area": np.nan_to_num(inner_area_mm2(known))}
    ends = pd.concat([pd.DataFrame({"node": known[end].to_numpy(), **told}) for end in ("from_node", "to_node")])
    largest = ends.sort_values("area", ascending=False, kind="stable").drop_duplicates("node").set_index("node")
    by_pipe = largest["system"].reindex(nodes.index).astype(object)
    own = nodes["system"].astype(object) if "system" in nodes else pd.Series(None, nodes.index, dtype=object)
    system = own.where(own.isin(systems), by_pipe)
    return system.where(system.notna(), None).to_numpy(dtype=object)


def receiving_rows(ground: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, pipes: gpd.GeoDataFrame, tail: AnyRows) -> Rows:
    """Return the row of the node that each catchment names, else of the nearest that takes rain; -1 for none.

    Row *k* of ``tail`` is that of the node at which pipe *k* begins.
    """
    row = np.full(len(ground), -1, np.intp)
    if "node_id" in ground:
        row = find_ids(ground["node_id"], nodes.index)
    lost = np.flatnonzero((row < 0) & ground.geometry.notna().to_numpy())
    takes = marked(len(nodes), tail[~pipes["system"].isin(["sewage", "reclaimed"]).to_numpy()])
    taking = np.flatnonzero(takes & nodes.geometry.notna().to_numpy())
    if len(lost) and len(taking):
        points = shapely.STRtree(np.asarray(nodes.geometry.array)[taking])
        row[lost] = taking[points.nearest(shapely.centroid(np.asarray(ground.geometry.array)[lost]))]
    return row
