"""The map of a report: which layers it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import geopandas as gpd
import pandas as pd

from drainage.maps.base_maps import BaseMap
from drainage.maps.context import OF_NODES, OF_PIPES, around, with_water
from drainage.maps.layer import Layer
from drainage.maps.looks import THEMES
from drainage.maps.page_of import Page, page_of
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.report.catalogue import REPORTED
from drainage.report.collections import issue_layer
from drainage.result import Result
from drainage.wants import wants

#: What answers say of a pipe, which stands with the pipe and once on the page.
_ANSWERED: Final = {
    "mixed_flow": ("class", "misconnection_count", "nearest_misconnection", "nearest_m", "sewage_m3d"),
    "waterlogging": ("flow_m3s", "capacity_m3s", "carries_return_period_a"),
    "cleaning": ("slow_at", "run_id"),
}
#: By what the layers of pipes are drawn; all else stands with the pipes.
_DRAWN_BY: Final = {
    "mixed_flow": ("pipe_id", "class"),
    "capacity": ("pipe_id", "carries_return_period_a"),
    "full_pipes": ("pipe_id",),
}
#: What relief says of a point of waterlogging.
_RELIEVED: Final = ("solved", "after_m3", "works")


def report_layers(net: DrainageNetwork, results: Mapping[str, Result]) -> tuple[Layer, ...]:
    """Return what the map of a report shows: the network, and every answer once."""
    asked = [*(name for name in REPORTED if name in results), *(name for name in results if name not in REPORTED)]
    layers = [*_network(net, results)]
    for name in asked:
        found = [layer for layer in results[name].layers if not THEMES[layer.theme].context]
        themes = {layer.theme for layer in layers}
        layers += [_once(layer, results) for layer in found if layer.theme not in themes]
    about = ("issue", "feature_id", "reason", "action")
    return (*layers, Layer("issues", _read(net, results), "severity", about, shown=False))


def _network(net: DrainageNetwork, results: Mapping[str, Result]) -> tuple[Layer, ...]:
    """Return pipes with all that was found of them, and nodes with their water."""
    told = {
        name: results[question].tables["pipes"][name].reindex(net.pipes.index)
        for question, names in _ANSWERED.items()
        if question in results and "pipes" in results[question].tables
        for name in names
        if name in results[question].tables["pipes"]
    }
    water = results["waterlogging"].tables.get("nodes") if "waterlogging" in results else None
    nodes = with_water(net.nodes, None if water is None else water.reindex(net.nodes.index))
    return (
        *around(net),
        Layer("pipes", net.pipes.assign(**told), "system", (*OF_PIPES, *told)),
        Layer("nodes", nodes, "kind", OF_NODES, shown=False),
    )


def _once(layer: Layer, results: Mapping[str, Result]) -> Layer:
    """Return a layer without what stands with the pipes, and points with what relief does to them."""
    if layer.theme in _DRAWN_BY:
        return replace(layer, popup=_DRAWN_BY[layer.theme])
    if layer.theme != "waterlogging" or "relief" not in results or layer.frame.index.name != "point_id":
        return layer
    relieved = results["relief"].tables["points"].reindex(layer.frame.index)[[*_RELIEVED]]
    return replace(layer, frame=layer.frame.assign(**relieved), popup=(*layer.popup, *_RELIEVED))


def _read(net: DrainageNetwork, results: Mapping[str, Result]) -> gpd.GeoDataFrame:
    """Return the issues on reading, without the findings of quality that stand beside them."""
    issues = issue_layer(net)
    if "quality" not in results:
        return issues
    findings = pd.MultiIndex.from_frame(results["quality"].tables["findings"][["feature_id", "rule"]].astype(str))
    return issues[~pd.MultiIndex.from_frame(issues[["feature_id", "code"]].astype(str)).isin(findings)]


@wants
def draw(net: DrainageNetwork, *results: Result, title: str = "network", basemap: BaseMap = "none") -> Page:
    """Draw a network and any results on one page that works without a connection: see `Page.save`.

    Parameters
    ----------
    basemap
        Map of others under the layers, asked for pictures while the page is looked at; default: the town's own roads
        and waters.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31")
    >>> page = dr.draw(net, dr.find_mixed_flow(net))
    >>> page
    <Page Drainage network: 0.5 MB>
    """
    by_question = {result.question: result for result in results}
    said = Provenance.joined(result.provenance for result in results) if results else Provenance.of(net)
    told = {name: {**result.summary, "not_known": result.not_known} for name, result in by_question.items()}
    summaries = {"": {**told, "network": network_figures(net)}}
    layers = report_layers(net, by_question)
    return page_of(layers, title=title, provenance=said, summaries=summaries, basemap=basemap)


def network_figures(net: DrainageNetwork) -> dict[str, object]:
    """Return what a network holds: pipes, nodes, outfalls, and km of pipe by system."""
    pipes, nodes = net.pipes, net.nodes
    length_km = pipes.groupby("system", sort=False)["length_m"].sum() / 1000
    return {
        "pipes": len(pipes),
        "nodes": len(nodes),
        "outfalls": int((nodes["kind"] == "outfall").sum()),
        "length_km": {str(k): round(float(v), 3) for k, v in length_km.items()},
    }
