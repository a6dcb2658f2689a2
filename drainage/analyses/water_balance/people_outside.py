"""People and users that no catchment counts."""

from __future__ import annotations

import numpy as np
import shapely

from drainage.analyses.water_balance.balance_terms import BalanceTerms
from drainage.analyses.water_balance.told_issues import first_of
from drainage.network import DrainageNetwork
from drainage.schema import Issues
from drainage.schema.columns import column_of
from drainage.words import in_both


def report_people_outside(net: DrainageNetwork, terms: BalanceTerms, issues: Issues) -> None:
    """Name neighbourhoods with people but without a catchment, and users at nodes that no rate turns into water."""
    ground = net.catchments if net.catchments is not None else net.layers.get("blocks")
    areas = net.layers.get("neighbourhoods")
    if areas is not None and len(areas):
        lives = (np.nan_to_num(column_of(areas, "people")) > 0) | (np.nan_to_num(column_of(areas, "users")) > 0)
        outlines = np.asarray(areas.geometry.array)
        seen = np.zeros(len(areas), np.bool_)
        if ground is not None and len(ground):
            drawn = np.asarray(ground.geometry[ground.geometry.notna()].array)
            # a catchment in it, or one that holds it
            inside, middle = shapely.point_on_surface(drawn), shapely.point_on_surface(outlines)
            seen[np.unique(shapely.STRtree(outlines).query(inside, predicate="intersects")[1])] = True
            seen[np.unique(shapely.STRtree(drawn).query(middle, predicate="intersects")[0])] = True
        if (lives & ~seen).any():
            said = in_both("people_outside", **first_of(areas.index[lives & ~seen]))
            issues.add("people_outside", "warning", "layer", ["neighbourhoods"], said, in_both("draw_catchment"))
    if "users" in net.nodes and terms.user_m3d is None:
        users = np.nan_to_num(column_of(net.nodes, "users")) > 0
        users &= ~(np.nan_to_num(column_of(net.nodes, "water_use_m3_per_day")) > 0)
        if users.any():
            said = in_both("users_uncounted", **first_of(net.nodes.index[users]))
            issues.add("users_uncounted", "warning", "column", ["users"], said, in_both("give_user_rate"))
