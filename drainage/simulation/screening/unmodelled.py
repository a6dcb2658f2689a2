"""What of an .inp a screening takes otherwise than EPA SWMM does, and the nodes at which it enters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from drainage.arrays import Bools
from drainage.formats.inp.text.tokens import match_names
from drainage.hydraulics.rainfall import Storm
from drainage.network import DrainageNetwork
from drainage.simulation.screening.own_rain import OwnRain

#: Types of outfall whose level changes, by their first letters.
_CHANGING: Final = ("TIDA", "TIME")
#: Columns of two sections (SWMM 5.2 User's Manual, D.2).
_XSECTIONS: Final = ("link", "shape", "geom1", "geom2", "geom3", "geom4", "barrels", "culvert")
_LOSSES: Final = ("link", "entry", "exit", "mean", "flap", "seepage")
#: Kinds of links that a rule moves.
_LINKS: Final = frozenset({"PUMP", "ORIFICE", "WEIR", "OUTLET", "CONDUIT"})


def input_doubts(net: DrainageNetwork, storm: Storm) -> dict[str, Bools]:
    """Mark the nodes at which something enters that a screening takes otherwise than the engine.

    Parameters
    ----------
    net
        The network.
    storm
        What it was screened in.

    Returns
    -------
    Code → (n_nodes,), of codes that mark any: ``several_gages`` (each catchment has the rain of its own gage, while
    hyetograph and design flows are of their mean), ``tide`` (an outfall whose level changes, taken at its highest),
    ``hydrograph`` (inflow by a time series), ``pattern`` (dry flow by patterns), ``rdii``, ``snow``, ``groundwater``,
    ``lid``, ``climate`` (evaporation while it rains), ``runon`` (a catchment that drains to another), ``inlet`` (what
    street inlets feed), ``ponded`` (water stands above the node and comes back), ``control`` (a rule moves a link
    there), ``culvert`` (its inlet holds water up), ``force_main`` (friction of a full pipe by another formula),
    ``seepage`` (a conduit loses water to the ground). Nothing where the network came from no .inp.
    """
    model = net.origin.model
    if model is None:
        return {}
    text, nodes, ground = model.text, net.nodes, net.catchments
    node_of = {} if ground is None else {str(name).upper(): node for name, node in ground["node_id"].items()}

    def at_nodes(names: Iterable[object]) -> Bools:
        found = match_names(pd.Series(list(names), dtype=object), nodes.index)
        return np.asarray(nodes.index.isin(found.dropna()))

    def of_catchments(names: Iterable[str]) -> Bools:
        return np.asarray(nodes.index.isin([node_of.get(name.upper()) for name in names]))

    rows = {row[0].upper(): row for row in text.rows("SUBCATCHMENTS")}
    several = isinstance(storm, OwnRain) and len(storm.gages) > 1
    sections, losses = text.table("XSECTIONS", _XSECTIONS), text.table("LOSSES", _LOSSES)
    culverts = sections["link"][pd.to_numeric(sections["culvert"], errors="coerce") > 0.0]
    forced = sections["link"][sections["shape"].str.upper() == "FORCE_MAIN"]
    seeping = losses["link"][pd.to_numeric(losses["seepage"], errors="coerce") > 0.0]
    flows = [row for row in text.rows("INFLOWS") if len(row) > 2 and row[1].upper().startswith("FLOW")]
    evaporates = any(_evaporates(row) for row in text.rows("EVAPORATION"))
    snows = bool(text.rows("SNOWPACKS")) and not text.options.get("IGNORE_SNOWMELT", "NO").startswith("YES")
    marks = {
        "several_gages": of_catchments(node_of if several else ()),
        "tide": at_nodes(row[0] for row in text.rows("OUTFALLS") if len(row) > 2 and row[2].upper()[:4] in _CHANGING),
        "hydrograph": at_nodes(row[0] for row in flows if row[2] not in {"", "*"}),
        "pattern": at_nodes(row[0] for row in text.rows("DWF") if len(row) > 3 and any(row[3:7])),
        "rdii": at_nodes(row[0] for row in text.rows("RDII")),
        "snow": of_catchments(name for name, row in rows.items() if snows and len(row) > 8),
        "groundwater": at_nodes(row[2] for row in text.rows("GROUNDWATER") if len(row) > 2),
        "lid": of_catchments({row[0] for row in text.rows("LID_USAGE")}),
        "climate": of_catchments(node_of if evaporates else ()),
        "runon": of_catchments({name for name, row in rows.items() if len(row) > 2 and row[2].upper() in rows}),
        "inlet": at_nodes(row[2] for row in text.rows("INLET_USAGE") if len(row) > 2),
        "ponded": _ponded(nodes, text.options),
        "control": at_nodes(_ends(net.pipes, [row[2] for row in text.rows("CONTROLS") if _moves_link(row)])),
        "culvert": at_nodes(_ends(net.pipes, culverts, ("from_node",))),
        "force_main": at_nodes(_ends(net.pipes, forced)),
        "seepage": at_nodes(_ends(net.pipes, seeping, ("to_node",))),
    }
    return {code: mark for code, mark in marks.items() if mark.any()}


def _evaporates(row: Sequence[str]) -> bool:
    """Return whether a row lets water evaporate: anything but a rate of 0 and what says when and how it comes back."""
    kind = row[0].upper()
    if kind.startswith(("DRY", "RECO")):
        return False
    return not kind.startswith(("CONST", "MONTH")) or any(word.strip("0.") for word in row[1:])


def _ponded(nodes: pd.DataFrame, options: Mapping[str, str]) -> Bools:
    """Mark nodes above which the engine lets water stand."""
    allowed = options.get("ALLOW_PONDING", "NO").upper().startswith("YES") and "ponded_area_m2" in nodes
    return np.asarray(nodes["ponded_area_m2"].fillna(0.0) > 0.0) if allowed else np.zeros(len(nodes), dtype=np.bool_)


def _moves_link(row: Sequence[str]) -> bool:
    """Return whether a row of a rule is an action on a link: THEN PUMP P1 STATUS = OFF."""
    return len(row) > 2 and row[0].upper() in {"THEN", "ELSE", "AND"} and row[1].upper() in _LINKS and "=" in row


def _ends(pipes: pd.DataFrame, links: Iterable[str], ends: Sequence[str] = ("from_node", "to_node")) -> list[object]:
    """Return the nodes at the ends of some links."""
    found = pipes[pipes.index.isin(match_names(pd.Series(list(links), dtype=object), pipes.index).dropna())]
    return [node for end in ends for node in found[end]]
