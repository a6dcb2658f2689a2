"""The network as it is when works are done, tanks and lowered manholes included, for any other question or engine."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.network import DrainageNetwork
from drainage.plans.relief.links import with_pipes
from drainage.plans.relief.works import BETWEEN, as_pipes
from drainage.wants import wants


@wants
def with_works(net: DrainageNetwork, works: pd.DataFrame) -> DrainageNetwork:
    """Return the network as it is when the works are done.

    Manholes are as deep as the pipes that are laid again at them. Storage is in the column ``tank_m3`` of the nodes,
    which become storage nodes in EPA SWMM; a screening ignores it. At an outfall with gate and pump the water level is
    that of its lowest pipe; the columns ``pump_m3s`` and ``pumped_to_m`` (the level of the receiving water, if it is
    recorded) become a sump and a pump in EPA SWMM. A pump without a size lifts everything that arrives.

    Parameters
    ----------
    net
        The network that was planned for.
    works
        Table ``works`` of `plan_relief`, or some of its rows.

    Examples
    --------
    >>> import drainage as dr
    >>> city = dr.load_demo("2018-12-31")
    >>> net = city.clip(city.layers["neighbourhoods"].loc[["XQ03"]])
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    >>> state = dr.screen(net, storm)
    >>> plan = dr.plan_relief(state, dr.find_waterlogging(state))
    >>> built = dr.plans.with_works(net, plan.works)
    >>> [round(dr.screen(one, storm).balance["overflow_m3"]) for one in (net, built)]
    [422, 0]
    """
    new = works[works["kind"] == "link"]
    if len(new):
        net = with_pipes(net, as_pipes(gpd.GeoDataFrame(new, geometry="geometry", crs=net.crs)))
    pipes, nodes = net.pipes, net.nodes
    laid = works[works["pipe_id"].notna() & (works["kind"] != "link")].set_index("pipe_id")
    for name in ("silt_share", "barrels"):
        if name not in pipes:
            pipes[name] = 0.0 if name == "silt_share" else 1.0
    pipes.loc[laid.index, "silt_share"] = 0.0
    for name in ("diameter_mm", "barrels", "invert_from_m", "invert_to_m"):
        changed = laid[f"new_{name}"].dropna()
        pipes[name] = pipes[name].astype(np.float64)
        pipes.loc[changed.index, name] = changed
    nodes["water_level_m"] = nodes["water_level_m"].astype(np.float64)
    freed = works[works["kind"] == "free_outfall"].set_index("node_id")
    if len(freed):
        _add_pumps(nodes, freed)
    deepened = laid[laid["new_invert_from_m"].notna() | laid["new_invert_to_m"].notna()].index
    _deepen(nodes, pipes.loc[[*deepened, *new["pipe_id"]]])
    stored = works[works["kind"] == "storage"]
    if len(stored):
        _add_tanks(nodes, stored)
    return net.replace(pipes=pipes, nodes=nodes)


def _deepen(nodes: gpd.GeoDataFrame, laid: gpd.GeoDataFrame) -> None:
    """Lower manholes and outfalls to the pipes laid at them (in place); the floor of a basin stays where it is."""
    if "invert_m" not in nodes or not len(laid):
        return
    ends = pd.concat([laid.set_index(f"{end}_node")[f"invert_{end}_m"] for end in ("from", "to")])
    lowest = ends.groupby(level=0).min().reindex(nodes.index)
    basin = nodes["node_type"].eq("storage") if "node_type" in nodes else nodes["kind"].eq("storage")
    by_m = (nodes["invert_m"] - lowest).clip(lower=0.0).mask(basin).fillna(0.0).astype(np.float64)
    nodes["invert_m"] = nodes["invert_m"] - by_m
    if "depth_m" in nodes:
        nodes["depth_m"] = nodes["depth_m"] + by_m


def _add_pumps(nodes: gpd.GeoDataFrame, freed: pd.DataFrame) -> None:
    """Draw the water down at outfalls, and say what is lifted there and how high (in place)."""
    for name in ("pump_m3s", "pumped_to_m"):
        nodes[name] = nodes[name].astype(np.float64) if name in nodes else np.nan
    nodes.loc[freed.index, "pumped_to_m"] = nodes.loc[freed.index, "water_level_m"]
    nodes.loc[freed.index, "water_level_m"] = freed["new_water_level_m"]
    nodes.loc[freed.index, "pump_m3s"] = freed.get("pump_m3s", np.nan)


def _add_tanks(nodes: gpd.GeoDataFrame, stored: pd.DataFrame) -> None:
    """Record at each node how much is held back there (in place)."""
    nodes["tank_m3"] = nodes["tank_m3"].fillna(0.0) if "tank_m3" in nodes else 0.0
    for node, written, shares, volume in zip(
        stored["node_id"], stored["held_at"], stored["held_at_m3"], stored["volume_m3"], strict=True
    ):
        names, parts = str(written).split(BETWEEN), np.array(str(shares).split(BETWEEN), dtype=np.float64)
        if len(names) != len(parts) or not pd.Index(names).isin(nodes.index).all():
            names, parts = [str(node)], np.ones(1)
        nodes.loc[names, "tank_m3"] += float(volume) * parts / parts.sum()
