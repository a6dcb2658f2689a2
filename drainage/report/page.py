"""The map of a report: which layers it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from drainage.maps.layer import Layer
from drainage.maps.offline import OfflineMap  # which loads folium
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.report.catalogue import REPORTED
from drainage.report.collections import issue_layer
from drainage.result import Result
from drainage.wants import wants


def report_layers(net: DrainageNetwork, results: Mapping[str, Result]) -> tuple[Layer, ...]:
    """Return what the map of a report shows; stretches of road and faults of data are there but not ticked."""
    layers = [Layer("pipes", net.pipes, "system", ("pipe_id", "system", "road", "diameter_mm", "material"))]
    if "waterways" in net.layers:
        layers.append(Layer("waterways", net.layers["waterways"], "name", ("name",)))
    for name in REPORTED:
        hidden = name in {"quality", "separation"}
        found = results[name].layers if name in results else ()
        layers += [replace(layer, shown=layer.shown and not hidden) for layer in found]
    if "separation" in results:
        layers.append(_coverage(results["separation"]))
    about = ("feature_id", "code", "reason", "action")
    return (*layers, Layer("issues", issue_layer(net), "severity", about, shown=False))


def _coverage(separation: Result) -> Layer:
    """Roads by the share of their length that is truly separated, with the share that has both pipes beside it."""
    lines = separation.places("stretches").dissolve("road")[["geometry"]]
    roads = lines.join(separation.tables["roads"])
    roads["coverage_to_effective"] = [
        f"{both:.0f} → {truly:.0f} %" for both, truly in zip(roads["coverage_pct"], roads["effective_pct"], strict=True)
    ]
    shares = ("road", "coverage_to_effective", "effective_pct", "coverage_pct", "length_m", "separated_m")
    return Layer("roads", roads, "effective_pct", (*shares, "combined_m", "storm_only_m", "sewage_only_m", "none_m"))


@wants
def draw(net: DrainageNetwork, *results: Result, title: str = "network") -> OfflineMap:
    """Draw a network and any results on one map that works offline."""
    from drainage.maps.draw import draw_layers

    chosen = report_layers(net, {result.question: result for result in results})
    said = Provenance.joined(result.provenance for result in results) if results else Provenance.of(net)
    return draw_layers(chosen, title=title, provenance=said)
