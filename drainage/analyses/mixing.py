"""How badly areas are mixed, by all indicators of the standards: per km, per user, and by the water itself.

*M* is points per km in T/CECS 758-2020 and per cent of users in DB4201/T 651-2021: here ``density_per_km`` and
``users_pct``. An indicator of which a source says nothing is missing, named in ``missing``, and decides nothing.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Floats
from drainage.errors import SchemaError
from drainage.evidence import Evidence
from drainage.inference.forest import StormForest
from drainage.inference.locate import locate
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.schema import Issues
from drainage.schema.columns import column_of
from drainage.schema.ids import find_ids
from drainage.wants import wants
from drainage.words import in_both


class Indicator(NamedTuple):
    """Where an indicator stands, and above which values it is moderate (2, from the first on) and heavy (3)."""

    clause: str
    limits: tuple[float, float]


#: As the tables have it: from the first limit on moderate ("5–10"), above the second heavy ("> 10").
INDICATORS: Final[dict[str, Indicator]] = {
    "density_per_km": Indicator("T/CECS 758-2020, 7.2.3, 7.2.4", (5.0, 10.0)),
    "users_pct": Indicator("DB4201/T 651-2021, 5.8 (M污)", (5.0, 10.0)),
    "sewage_in_storm_pct": Indicator("DB4201/T 651-2021, 5.8 (C污)", (10.0, 30.0)),
    "storm_in_sewage_pct": Indicator("DB4201/T 651-2021, 5.8 (C雨)", (30.0, 50.0)),
}
_RECORDED = (
    "users",
    "misconnected_users",
    "water_use_m3_per_day",
    "sewage_to_storm_m3_per_day",
    "wet_sewage_m3_per_day",
)
_POPUP = ("grade", "decided_by", *INDICATORS, "missing")


@wants
def measure_mixing(
    net: DrainageNetwork,
    mixed: Result,
    *,
    evidence: Evidence | None = None,
    infiltration: Result | None = None,
    returned_share: float = 0.85,
) -> Result:
    """Grade outfall catchments, neighbourhoods and the sewers above flow meters by the worst of their indicators.

    Parameters
    ----------
    net
        A network. Its catchments (with ``node_id``) and its layer ``blocks`` may record ``users`` (N),
        ``misconnected_users`` (n污), ``water_use_m3_per_day``, ``sewage_to_storm_m3_per_day`` (q) and
        ``wet_sewage_m3_per_day`` (Q雨).
    mixed
        Result of `find_mixed_flow` of the same network.
    evidence
        Flow measured at an outfall in dry weather; the median of its readings is q of the outfall and takes precedence
        over the recorded value.
    infiltration
        Result of `measure_infiltration`: the sewers above its meters are graded too.
    returned_share
        Q as a share of the water used: 80 to 90 % in DB4201/T 651-2021, 5.8; the middle is our choice.

    Returns
    -------
    Result
        Tables ``outfalls`` (index ``node_id``; sums over the catchments that drain there, at forks in equal shares),
        ``neighbourhoods`` (blocks, else catchments; only pipes inside the outline count, so pipes in the streets
        between blocks belong to none, and the density of a small catchment means little) and ``meters`` (index
        ``meter_id``), each with

        ``density_per_km``
            M = N/L, misconnections of sewage per km of storm pipe.
        ``users_pct``
            M污 = n污/N × 100 %.
        ``sewage_in_storm_pct``
            C污 = q/Q × 100 %.
        ``storm_in_sewage_pct``
            C雨 = |Q雨 − Q|/Q × 100 %.
        ``grade``
            3 heavy, 2 moderate, 1 light, 0 none; of the worst indicator, named in ``decided_by`` with its clause;
            missing if all indicators are. ``grade_…`` is that of each; ``missing`` names those without data.

        ``issues`` lists evidence that could not be used. Summary: number of areas by grade and, for each indicator, the
        number of areas without it.

    Raises
    ------
    SchemaError
        ``returned_share`` is not a share, or ``mixed`` is of another network.

    References
    ----------
    T/CECS 758-2020: 7.1.1, 7.2.3, 7.2.4. DB4201/T 651-2021: 5.8.3, 5.8.4 (the worst indicator decides).

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31")
    >>> mixing = dr.measure_mixing(net, dr.find_mixed_flow(net))
    >>> int(mixing.summary["outfalls"] - mixing.summary["outfalls_without_density_per_km"]) > 0
    True
    """
    if not 0.0 < returned_share <= 1.0:
        raise SchemaError(in_both("not_a_share", name="returned_share", value=returned_share))
    if not mixed.tables["pipes"].index.equals(net.pipes.index):
        raise SchemaError(in_both("mixed_of_another", network=net.source or in_both("the_network")))
    issues = Issues()
    outfalls, neighbourhoods = _of_outfalls(net, mixed), _of_neighbourhoods(net, mixed)
    if evidence is not None:
        measured = _measured_dry(net, evidence, issues).reindex(outfalls.index)
        outfalls["sewage_to_storm_m3_per_day"] = measured.fillna(outfalls["sewage_to_storm_m3_per_day"])
    graded = {
        name: _graded(table, returned_share)
        for name, table in (("outfalls", outfalls), ("neighbourhoods", neighbourhoods))
    }
    if infiltration is not None:
        graded["meters"] = _graded(_of_meters(infiltration), returned_share)
    drawn = (Layer("mixing", table, "grade", (str(table.index.name), *_POPUP)) for table in graded.values())
    layers = (*context_of(net), *drawn)
    return Result(
        "mixing",
        {**graded, "issues": issues.frame()},
        _summary(graded, returned_share),
        layers,
        provenance=Provenance.of(net, beside=evidence),
        not_known=_not_known(graded, mixed),
    )


def _not_known(graded: dict[str, gpd.GeoDataFrame], mixed: Result) -> str | None:
    """Return why no area could be graded; a grade 0 does not count if the source holds one system only."""
    grades = pd.concat([table["grade"] for table in graded.values()])
    if grades.isna().all():
        return mixed.not_known or in_both("mixing_not_known", columns=", ".join(_RECORDED))
    return mixed.not_known if grades.fillna(0).eq(0).all() else None


def _of_outfalls(net: DrainageNetwork, mixed: Result) -> gpd.GeoDataFrame:
    """Storm outfalls, with the sums of the catchments that drain to each; nan where one of them says nothing."""
    found = mixed.places("outfalls")
    found = found[found["storm_length_km"] > 0][["misconnections", "storm_length_km", "density_per_km", "geometry"]]
    recorded = pd.DataFrame(np.nan, found.index, _RECORDED)
    ground = net.catchments
    if ground is not None and "node_id" in ground:
        node = find_ids(ground["node_id"], net.nodes.index)
        known = node >= 0
        part = net.graph.only(net.systems.among("storm"))
        at = net.nodes.index.get_indexer(found.index)

        def drained(values: Floats) -> Floats:
            own = np.bincount(node[known], weights=values[known], minlength=part.n_nodes)
            return np.asarray(part.accumulate(own.astype(np.float64))[0][at])

        some = drained(np.ones(len(ground))) > 0
        for column in _RECORDED:
            values = column_of(ground, column)
            whole = some & (drained(np.isnan(values).astype(np.float64)) == 0)
            recorded[column] = np.where(whole, drained(np.nan_to_num(values)), np.nan)
    return found.join(recorded)


def _measured_dry(net: DrainageNetwork, evidence: Evidence, issues: Issues) -> pd.Series:
    """Median flow of dry weather, m³/d, by node of the storm system."""
    issues.extend(evidence.issues)
    placed = locate(net, StormForest.from_network(net), evidence, issues)["flows"]
    dry = placed[placed["dry"].to_numpy() & (placed["cell"] >= 0).to_numpy() & (placed["pipe_row"] < 0).to_numpy()]
    return dry.groupby(net.nodes.index[dry["node_row"]].to_numpy())["flow_m3_per_day"].median()


def _of_neighbourhoods(net: DrainageNetwork, mixed: Result) -> gpd.GeoDataFrame:
    """Street blocks, else catchments, with the misconnections and storm pipes inside them."""
    areas = net.layers.get("blocks")
    areas = net.catchments if areas is None or not len(areas) else areas
    if areas is None:
        empty = pd.Index([], name="area_id", dtype="str")
        areas = gpd.GeoDataFrame(geometry=gpd.GeoSeries([], index=empty, crs=net.crs))
    if areas.crs is not None and net.crs is not None:
        areas = areas.to_crs(net.crs)
    points = mixed.places("points")
    entries = points.geometry.to_numpy()[(points["kind"] == "sewage_into_storm").to_numpy()]
    pipes = net.pipes.geometry.to_numpy()[net.systems.among("storm")]
    outline = areas.geometry.to_numpy()
    _, at = areas.sindex.query(entries, predicate="intersects")
    pipe, around = areas.sindex.query(pipes, predicate="intersects")
    inside_m = shapely.length(shapely.intersection(pipes[pipe], outline[around]))
    number = np.bincount(at, minlength=len(areas))
    length_km = np.bincount(around, weights=inside_m, minlength=len(areas)) / 1000.0
    judged = (length_km > 0) & (mixed.not_known is None)
    density = np.divide(number, length_km, out=np.full(len(areas), np.nan), where=judged)
    counted = {"misconnections": number, "storm_length_km": length_km, "density_per_km": density}
    recorded = {column: column_of(areas, column) for column in _RECORDED}
    return gpd.GeoDataFrame(counted | recorded, index=areas.index, geometry=outline, crs=areas.crs)


def _of_meters(infiltration: Result) -> gpd.GeoDataFrame:
    """Sewers above meters: what flows in rain against the sewage that there is by the water use above them."""
    meters = infiltration.places("meters")
    known = meters[["node_id", "water_use_m3_per_day", "geometry"]]
    return known.assign(wet_sewage_m3_per_day=meters["wet_m3_per_day"])


def _graded(areas: gpd.GeoDataFrame, returned_share: float) -> gpd.GeoDataFrame:
    sewage = returned_share * column_of(areas, "water_use_m3_per_day")
    values = {
        "density_per_km": column_of(areas, "density_per_km"),
        "users_pct": _pct(column_of(areas, "misconnected_users"), column_of(areas, "users")),
        "sewage_in_storm_pct": _pct(column_of(areas, "sewage_to_storm_m3_per_day"), sewage),
        "storm_in_sewage_pct": _pct(np.abs(column_of(areas, "wet_sewage_m3_per_day") - sewage), sewage),
    }
    grades = np.column_stack([_grade(value, INDICATORS[name].limits) for name, value in values.items()])
    worst = np.where(np.isnan(grades), -1.0, grades)
    grade = worst.max(axis=1)
    names = np.asarray(list(INDICATORS), dtype=object)
    decides = pd.Index([f"{name}: {one.clause}" for name, one in INDICATORS.items()], dtype="str")
    return areas.assign(
        **values,
        **{f"grade_{name}": pd.array(grades[:, k], dtype="Float64").astype("Int64") for k, name in enumerate(names)},
        grade=pd.array(np.where(grade < 0, np.nan, grade), dtype="Float64").astype("Int64"),
        decided_by=decides.take(np.where(grade > 0, worst.argmax(axis=1), -1), fill_value=np.nan),
        missing=[", ".join(names[row]) for row in np.isnan(grades)],
    )


def _pct(part: Floats, whole: Floats) -> Floats:
    return np.asarray(100.0 * np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0))


def _grade(value: Floats, limits: tuple[float, float]) -> Floats:
    """0 where nothing was found, 1, 2 from the first limit on, 3 above the second; nan where unknown."""
    grade = np.where(value > 0, 1.0 + (value >= limits[0]) + (value > limits[1]), 0.0)
    return np.where(np.isnan(value), np.nan, grade)


def _summary(graded: dict[str, gpd.GeoDataFrame], returned_share: float) -> pd.Series:
    said: dict[str, object] = {}
    for kind, table in graded.items():
        said[kind] = len(table)
        said |= {f"{kind}_grade_{grade}": int(table["grade"].eq(grade).sum()) for grade in (3, 2, 1, 0)}
        said |= {f"{kind}_without_{name}": int(table[name].isna().sum()) for name in INDICATORS}
    return pd.Series(said | {"returned_share": returned_share}, dtype=object)
