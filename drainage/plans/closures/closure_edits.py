"""Closures as a change set: what is cut, what is led to a sewer, and what of it no edit can say."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, cast

import numpy as np
import pandas as pd
import shapely
from shapely import Point

from drainage.change_sets import Change, ChangeSet
from drainage.network import DrainageNetwork
from drainage.result import Result
from drainage.said import Said
from drainage.wants import wants
from drainage.words import in_both


@wants
def changes_of_closures(net: DrainageNetwork, closures: Result) -> ChangeSet:
    """Return the chosen closures as edits.

    Sewage that falls to its receiving sewer is led there: the pipes that bring it end at a new shaft beside the storm
    manhole, and a new pipe leads on from there. Where it would have to be lifted, where no sewer is near, and where
    storm water enters a sewer, the plan says no more than that the entry is closed: the pipes that enter are abandoned,
    on the day that the change set is applied with, and what has to be found for their water is listed in
    ``not_expressed``.

    Parameters
    ----------
    net
        The network that was planned for, or the one of all days of which it is a part.
    closures
        Answer of `plan_closures`; its rows that are ``chosen`` count.

    Examples
    --------
    >>> import drainage as dr
    >>> city = dr.load_demo("2018-12-31")
    >>> net = city.clip(city.layers["neighbourhoods"].loc[["XQ03"]])
    >>> plan = dr.plan_closures(net, dr.find_mixed_flow(net), budget=3)
    >>> dr.plans.changes_of_closures(net, plan).counts()
    {'add': 0, 'change': 0, 'abandon': 3, 'remove': 0}
    """
    works = closures.tables["works"]
    rows = works[works["chosen"]].to_dict("records")
    changes: list[Change] = []
    left: list[Said] = []
    cut: set[str] = set()
    for row in rows:
        entering = [name for name in str(row["pipes_in"]).split(", ") if name in net.pipes.index and name not in cut]
        cut.update(entering)
        if entering and row["kind"] == "sewage_into_storm" and row["connection"] in {"gravity", "unknown"}:
            changes += _led_on(net, row, entering)
        else:
            changes += [Change(action="abandon", layer="pipes", id=name) for name in entering]
        left += _not_said(row, entering)
    return ChangeSet(name="closures", changes=changes, crs=net.crs, not_expressed=left)


def _led_on(net: DrainageNetwork, row: Mapping[Hashable, Any], entering: list[str]) -> Iterator[Change]:
    """Yield the shaft at which the pipes end, the pipe from there to the sewer, and the pipes with their new end."""
    node, receiver = str(row["node_id"]), str(row["receiving_node"])
    shaft = f"{node}-C"
    pipes, place = net.pipes.loc[entering], net.nodes.geometry
    at, to = place[node], place[receiver]
    ground = net.nodes.loc[node, "ground_m"]
    level = float(pd.to_numeric(pipes["invert_to_m"]).min())
    bed = level - float(row["fall_m"])
    facts = {
        "kind": "manhole",
        "system": str(pipes["system"].iloc[0]),
        "ground_m": _known(ground),
        "invert_m": _known(level),
        "road": _text(row["road"]),
    }
    yield Change(action="add", layer="nodes", id=shaft, columns=facts, geometry=at)
    laid = {
        "system": str(pipes["system"].iloc[0]), "from_node": shaft, "to_node": receiver, "shape": "circular",
        "diameter_mm": _known(pd.to_numeric(pipes["diameter_mm"]).max()), "invert_from_m": _known(level),
        "invert_to_m": _known(bed), "road": _text(row["road"]),
    }  # fmt: skip
    line = None if at is None or to is None else shapely.LineString([cast("Point", at), cast("Point", to)])
    yield Change(action="add", layer="pipes", id=f"{shaft}1", columns=laid, geometry=line)
    for name in entering:
        yield Change(action="change", layer="pipes", id=name, columns={"to_node": shaft})


def _not_said(row: Mapping[Hashable, Any], entering: list[str]) -> Iterator[Said]:
    """Yield what the edits of a closure leave open."""
    said = {"node": row["node_id"], "pipes": ", ".join(entering) or "–"}
    if not entering:
        yield in_both("closure_no_pipe", **said)
    elif row["kind"] == "storm_into_sewage":
        yield in_both("closure_storm", **said)
    elif row["connection"] == "pump":
        yield in_both("closure_pump", receiver=row["receiving_node"], **said)
    elif row["connection"] == "unknown":
        yield in_both("closure_levels", receiver=row["receiving_node"], **said)
    elif row["connection"] != "gravity":
        yield in_both("closure_no_sewer", **said)


def _known(value: object) -> float | None:
    number = float(cast("float", value))
    return number if np.isfinite(number) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
