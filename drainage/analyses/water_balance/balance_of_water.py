"""The water balance of a town in dry weather: from its taps through the sewers and the plant to users and the river."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.water_balance.at_river import rivers_at
from drainage.analyses.water_balance.balance_terms import BalanceTerms
from drainage.analyses.water_balance.dry_ways import ENDS, DryWays, dry_ways, losses
from drainage.analyses.water_balance.ground_sewage import sewage_of_ground
from drainage.analyses.water_balance.people_outside import report_people_outside
from drainage.analyses.water_balance.reclaimed_water import (
    ReclaimedNetwork,
    per_node,
    reclaimed_network,
    share_out,
)
from drainage.analyses.water_balance.told_issues import first_of
from drainage.arrays import Floats, Ints
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.schema import Issues
from drainage.schema.columns import column_of
from drainage.wants import wants
from drainage.words import in_both

#: What of a month may differ from the mean day, as factors.
FACTORS: Final = ("water_use", "infiltration", "reclaimed_use")
_YEAR: Final = 2025  # no leap year: 365 days
_OFF: Final = 0.005  # factors of a year that average 1 to the percent are meant to; more is said (own choice)


class _Day(NamedTuple):
    """One day of the balance, m³: what came in and where it went."""

    sewage: float
    infiltration: float
    no_sewer: float
    ends: Floats  # by `ENDS`
    bypassed: float
    plant_loss: float
    treated: float
    reused: float
    replenished: float
    discharged: float
    demand: float
    got: Floats

    @property
    def residual(self) -> float:
        """What came in less what went out."""
        out = self.no_sewer + float(self.ends[1:].sum()) + self.bypassed + self.plant_loss
        return self.sewage + self.infiltration - out - self.reused - self.replenished - self.discharged


class _Town(NamedTuple):
    """All that does not change from month to month."""

    net: DrainageNetwork
    terms: BalanceTerms
    own_m3d: Floats  # sewage of the mean day by node
    unserved_m3d: float
    ways: DryWays
    plants: Ints
    capacity_m3d: Floats
    water: ReclaimedNetwork


@wants
def measure_balance(
    net: DrainageNetwork, *, terms: BalanceTerms | None = None, monthly: pd.DataFrame | None = None
) -> Result:
    """Balance the water of dry weather: sewage, infiltration, plant, reclaimed water, river.

    Sewage is the water that catchments (else blocks) and nodes use, recorded as ``water_use_m3_per_day``, ``people`` or
    ``users``, times a share; it enters at the manhole that a catchment names in ``sewage_node_id``, else at the nearest
    of a sewer in reach. It stays in the sewers wherever one goes on, in equal shares at forks, and runs into storm
    drains only where none does: at misconnections. What a plant treats goes to the users of reclaimed water first, then
    to the river (生态补水), as far as the capacities of works and pumps and the sizes of the pipes allow; the rest is
    discharged.

    Parameters
    ----------
    net
        A network with sewers, on one day.
    terms
        What is assumed; default: `BalanceTerms()`.
    monthly
        Factors by month (index 1-12) of ``water_use``, ``infiltration`` and ``reclaimed_use`` against the mean day, as
        `drainage.formats.read_monthly_factors` reads them; None: every month is the mean day, and it says so.

    Returns
    -------
    Result
        ``ground`` (index ``ground``): ``water_use_m3d``, ``sewage_m3d``, ``sewage_by``, ``node_id``, ``joined_by``,
        ``to_sewer_m`` of each catchment. ``flows``: ``from``, ``to``, ``m3_per_day``: every way of the mean day.
        ``months`` (index ``month``): m³ of the month by the same names, ``replenished_m3d``, and what misconnections
        take from the river. ``losses`` (index ``node_id``): where sewage leaves the sewers for a storm drain.
        ``ends``: where sewage ends, by ``end`` plant | river_by_sewer | river_by_storm_drain | open_end; the nearest
        ``waterway`` and ``to_waterway_m``. ``reclaimed`` (index ``node_id``): what users and feeds of the river get on
        the mean day (how much each of several feeds gets is one of many ways; their sum is not), ``waterway``.
        ``issues``.

        Summary, m³/d of the mean day: ``sewage_m3d``, ``infiltration_m3d``, ``plant_inflow_m3d``, ``treated_m3d``,
        ``reused_m3d``, ``replenished_m3d``, ``discharged_m3d``, ``reuse_share`` (reused and replenished of treated),
        ``taken_by_misconnections_m3d``, ``replenishment_lost_m3d`` (what misconnections take from the river),
        ``residual_litres`` of the whole balance.

    Raises
    ------
    SchemaError
        Factors are not of twelve months.

    References
    ----------
    GB 50014-2021, 4.1.13-4.1.24 (sewage from water use, infiltration). The rest is a definition of this project.

    Examples
    --------
    >>> import drainage as dr
    >>> balance = dr.analyses.measure_balance(dr.load_demo("2021-05-07"))
    >>> abs(balance.summary["residual_litres"]) < 1.0
    True
    """
    terms = terms or BalanceTerms()
    issues = Issues()
    factors = _factors(monthly)
    for name, mean_factor in factors.mean().items():
        if abs(mean_factor - 1.0) > _OFF:
            said = in_both("factors_off", column=name, mean=float(mean_factor))
            issues.add("factors_off", "warning", "column", [str(name)], said, in_both("scale_factors"))
    ground = sewage_of_ground(net, terms, issues)
    report_people_outside(net, terms, issues)
    town = _town(net, terms, ground, issues)
    mean = _day(town, dict.fromkeys(FACTORS, 1.0))
    without = _day(town, dict.fromkeys(FACTORS, 1.0), mended=True)
    _report_plants(town, mean, issues)
    _report_open_ends(town, issues)
    placed: dict[str, gpd.GeoDataFrame] = {
        "ground": gpd.GeoDataFrame(ground.drop(columns="row")),
        "losses": _placed(net, losses(net, town.ways, town.own_m3d * (1 + terms.infiltration_share))),
        "ends": _ends(town),
        "reclaimed": _reclaimed(town, mean),
    }
    return Result(
        "balance",
        {"flows": _flows(mean), "months": _months(town, factors), **placed, "issues": issues.frame()},
        _summary(town, mean, without, ground, monthly is None),
        _layers(net, placed),
        provenance=Provenance.of(net),
        not_known=_not_known(ground, town),
    )


def _factors(monthly: pd.DataFrame | None) -> pd.DataFrame:
    months = pd.RangeIndex(1, 13, name="month")
    if monthly is None:
        return pd.DataFrame(1.0, months, list(FACTORS))
    from drainage.errors import SchemaError

    if sorted(monthly.index) != list(months):
        raise SchemaError(in_both("months_not_twelve", months=", ".join(map(str, monthly.index))))
    return monthly.reindex(index=months, columns=list(FACTORS)).fillna(1.0)


def _town(net: DrainageNetwork, terms: BalanceTerms, ground: gpd.GeoDataFrame, issues: Issues) -> _Town:
    row, sewage = ground["row"].to_numpy(), np.nan_to_num(ground["sewage_m3d"].to_numpy())
    joined = row >= 0
    own = np.bincount(row[joined], sewage[joined], len(net.nodes)).astype(np.float64)
    ways = dry_ways(net, own * (1 + terms.infiltration_share))
    plants = np.flatnonzero(ways.plant)
    capacity = column_of(net.nodes.iloc[plants], "capacity_m3_per_day")
    water = reclaimed_network(net, plants, terms, issues)
    return _Town(net, terms, own, float(sewage[~joined].sum()), ways, plants, capacity, water)


def _day(town: _Town, factor: dict[str, float], *, mended: bool = False) -> _Day:
    """Balance one day; ``mended``: as if all that leaves the sewers by misconnections reached the plants."""
    terms = town.terms
    sewage = (float(town.own_m3d.sum()) + town.unserved_m3d) * factor["water_use"]
    served = float(town.own_m3d.sum())
    seeps = served * terms.infiltration_share * factor["infiltration"]
    # infiltration and sewage take the same ways: one factor for both
    scale = (served * factor["water_use"] + seeps) / (served * (1 + terms.infiltration_share)) if served else 0.0
    amount = town.ways.end_m3d * scale
    ends, inflow = amount.sum(axis=1), amount[0][town.plants]
    if mended and len(inflow):
        inflow = inflow + ends[2] * (inflow / inflow.sum() if inflow.sum() > 0 else 1 / len(inflow))
        ends = ends + np.array([ends[2], 0.0, -ends[2], 0.0])
    taken = np.fmin(inflow, np.where(np.isnan(town.capacity_m3d), np.inf, town.capacity_m3d))
    treated = taken * (1 - terms.plant_loss_share)
    supply = _supply(town, treated)
    demand = town.water.demand_m3d * factor["reclaimed_use"]
    got, given = share_out(town.water, supply, demand)
    reused, replenished = float(got[town.water.user].sum()), float(got[town.water.feed].sum())
    return _Day(
        sewage, seeps, town.unserved_m3d * factor["water_use"], ends, float((inflow - taken).sum()),
        float((taken - treated).sum()), float(treated.sum()), reused, replenished,
        float(treated.sum() - given.sum()), float(demand.sum()), got,
    )  # fmt: skip


def _supply(town: _Town, treated: Floats) -> Floats:
    """Share the water of each plant among the sources that it feeds, equally."""
    at = pd.Index(town.plants).get_indexer(pd.Index(town.water.plant))
    sources = np.bincount(at, minlength=len(town.plants)) if len(at) else np.zeros(len(town.plants))
    return np.asarray(treated[at] / sources[at]) if len(at) else np.empty(0)


def _flows(day: _Day) -> pd.DataFrame:
    """List every way of the mean day; what enters a place leaves it."""
    plant, by_sewer, by_storm, open_end = day.ends
    rows = [
        ("ground", "sewers", day.sewage - day.no_sewer),
        ("ground", "no_sewer", day.no_sewer),
        ("infiltration", "sewers", day.infiltration),
        ("sewers", "plant", plant),
        ("sewers", "storm_drains", by_storm),
        ("storm_drains", "river", by_storm),
        ("sewers", "river", by_sewer),
        ("sewers", "open_end", open_end),
        ("plant", "bypass", day.bypassed),
        ("plant", "plant_loss", day.plant_loss),
        ("plant", "reclaimed_users", day.reused),
        ("plant", "replenishment", day.replenished),
        ("plant", "discharge", day.discharged),
    ]
    return pd.DataFrame(rows, columns=["from", "to", "m3_per_day"]).rename_axis("flow")


def _months(town: _Town, factors: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for month, factor in factors.iterrows():
        one = {str(name): float(value) for name, value in factor.items()}
        day, mended = _day(town, one), _day(town, one, mended=True)
        days = calendar.monthrange(_YEAR, int(month))[1]  # type: ignore[call-overload]  # the index holds 1-12
        amounts = {
            "sewage_m3": day.sewage, "infiltration_m3": day.infiltration, "plant_inflow_m3": float(day.ends[0]),
            "treated_m3": day.treated, "demand_m3": day.demand, "reused_m3": day.reused,
            "replenished_m3": day.replenished, "discharged_m3": day.discharged,
            "taken_by_misconnections_m3": float(day.ends[2]),
            "replenishment_lost_m3": mended.replenished - day.replenished,
        }  # fmt: skip
        wanted = (
            {}
            if town.terms.wanted_m3d is None
            else {"wanted_short_m3d": max(town.terms.wanted_m3d - day.replenished, 0.0)}
        )
        per_month = {name: value * days for name, value in amounts.items()}
        rows.append(
            {
                "month": month,
                "days": days,
                **per_month,
                "replenished_m3d": day.replenished,
                **wanted,
                "residual_litres": round(day.residual * days * 1000.0, 3) + 0.0,
            }
        )
    return pd.DataFrame(rows).set_index("month")


def _ends(town: _Town) -> gpd.GeoDataFrame:
    kind, at = np.nonzero(town.ways.end_m3d > 0.0)
    table = pd.DataFrame(
        {"end": np.array(ENDS, dtype=object)[kind], "m3_per_day": town.ways.end_m3d[kind, at]},
        index=town.net.nodes.index[at].rename("node_id"),
    )
    table = table.sort_values("m3_per_day", ascending=False, kind="stable")
    rivers = table["end"].str.startswith("river").to_numpy(bool)
    return _placed(town.net, table.assign(**rivers_at(town.net, table.index, rivers)))


def _reclaimed(town: _Town, day: _Day) -> gpd.GeoDataFrame:
    table = per_node(town.net, town.water, day.got)
    return _placed(town.net, table.assign(**rivers_at(town.net, table.index, (table["kind"] == "outfall").to_numpy())))


def _placed(net: DrainageNetwork, table: pd.DataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(table, geometry=net.nodes.geometry.loc[table.index].array, crs=net.crs)


def _report_plants(town: _Town, day: _Day, issues: Issues) -> None:
    inflow = town.ways.end_m3d[0][town.plants]
    over = inflow > np.where(np.isnan(town.capacity_m3d), np.inf, town.capacity_m3d)
    if over.any():
        said = in_both("plant_over", m3d=day.bypassed)
        issues.add(
            "plant_over", "warning", "node", town.net.nodes.index[town.plants[over]], said, in_both("enlarge_plant")
        )
    short = day.demand - day.reused
    if short > 0.001:
        got, wanted = day.got[town.water.user], town.water.demand_m3d[town.water.user]
        names = town.net.nodes.index[town.water.nodes[town.water.user[got < wanted - 0.001]]]
        issues.add("demand_over", "warning", "node", names, in_both("demand_over", m3d=short), in_both("check_supply"))


def _report_open_ends(town: _Town, issues: Issues) -> None:
    open_end = town.ways.end_m3d[ENDS.index("open_end")]
    at = np.flatnonzero(open_end > 0.0)
    if len(at):
        said = in_both("sewage_open_end", m3d=float(open_end.sum()), **first_of(town.net.nodes.index[at]))
        issues.add("sewage_open_end", "warning", "layer", ["nodes"], said, in_both("record_way_out"))


def _summary(town: _Town, day: _Day, mended: _Day, ground: gpd.GeoDataFrame, mean_only: bool) -> pd.Series:  # noqa: FBT001
    terms, by = town.terms, ground["sewage_by"].value_counts()
    facts: dict[str, object] = {
        "sewage_m3d": day.sewage,
        "infiltration_m3d": day.infiltration,
        "no_sewer_m3d": day.no_sewer,
        "plant_inflow_m3d": float(day.ends[0]),
        "treated_m3d": day.treated,
        "reused_m3d": day.reused,
        "replenished_m3d": day.replenished,
        "discharged_m3d": day.discharged,
        "reuse_share": (day.reused + day.replenished) / day.treated if day.treated else None,
        "river_by_sewer_m3d": float(day.ends[1]),
        "taken_by_misconnections_m3d": float(day.ends[2]),
        "replenishment_lost_m3d": mended.replenished - day.replenished,
        "open_end_m3d": float(day.ends[3]),
        "residual_litres": round(day.residual * 1000.0, 3) + 0.0,  # no -0
    }
    if terms.wanted_m3d is not None:
        facts["wanted_short_m3d"] = max(terms.wanted_m3d - day.replenished, 0.0)
    joined = ground.loc[ground["sewage_m3d"] > 0, "joined_by"].value_counts()
    facts |= {f"ground_by_{name}": int(by.get(name, 0)) for name in ("water_use", "people", "users", "unknown")}
    facts |= {f"ground_joined_{name}": int(joined.get(name, 0)) for name in ("named", "nearest", "none")}
    facts["balance_assumptions"] = in_both(
        "balance_assumed", return_pct=100 * terms.return_share, infiltration_pct=100 * terms.infiltration_share,
        loss_pct=100 * terms.plant_loss_share, reach_m=terms.sewer_reach_m, velocity=terms.most_velocity_m_s,
    )  # fmt: skip
    if mean_only:
        facts["months_assumptions"] = in_both("months_alike")
    return pd.Series(facts, dtype=object)


def _layers(net: DrainageNetwork, tables: Mapping[str, gpd.GeoDataFrame]) -> tuple[Layer, ...]:
    ground, ends = tables["ground"], tables["ends"]
    shown = ("sewage_m3d", "sewage_by", "node_id", "joined_by", "to_sewer_m")
    layers = [*context_of(net)]
    if len(ground):
        drawn = ground[ground.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
        per_ha = drawn["sewage_m3d"] / (drawn.geometry.area / 1e4)
        layers.append(Layer("dry_flow", drawn.assign(sewage_m3d_per_ha=per_ha), "sewage_m3d_per_ha", shown))
    reclaimed = net.pipes[net.pipes["system"] == "reclaimed"]
    if len(reclaimed):
        layers.append(Layer("pipes", reclaimed, "system", ("pipe_id", "road", "diameter_mm", "material")))
        layers.append(
            Layer("reclaimed", tables["reclaimed"], "kind", ("node_id", "kind", "demand_m3d", "got_m3d", "waterway"))
        )
    layers.append(Layer("dry_ends", ends, "end", ("node_id", "end", "m3_per_day", "waterway")))
    if len(tables["losses"]):
        layers.append(Layer("losses", tables["losses"], None, ("node_id", "m3_per_day")))
    return tuple(layers)


def _not_known(ground: gpd.GeoDataFrame, town: _Town) -> str | None:
    """Return why nothing can be balanced."""
    if not (ground["sewage_m3d"] > 0).any():
        return in_both("balance_no_water", network=town.net.source)
    if not len(town.plants):
        return in_both("balance_no_plant", network=town.net.source)
    return None
