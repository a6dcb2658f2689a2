"""What lies round an answer, so that it is found in the city: roads, waterways and the pipes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import geopandas as gpd

from drainage.maps.layer import Layer


class _Network(Protocol):
    """A network, as far as it is drawn."""

    @property
    def pipes(self) -> gpd.GeoDataFrame: ...
    @property
    def layers(self) -> Mapping[str, gpd.GeoDataFrame]: ...


def context_of(net: _Network) -> tuple[Layer, ...]:
    """Return what is drawn quietly under every answer on a network."""
    return (*around(net), Layer("context_pipes", net.pipes, None, ("pipe_id",)))


def network_layers(net: _Network) -> tuple[Layer, ...]:
    """Return a network as it is drawn by itself: its pipes by system."""
    return (*around(net), Layer("pipes", net.pipes, "system", ("pipe_id", "system", "road", "diameter_mm", "material")))


def around(net: _Network) -> tuple[Layer, ...]:
    """Return the waterways and roads that lie beside the pipes."""
    known = {"waterways": ("waterways", "name"), "roads": ("context_roads", "road")}
    layers = net.layers
    return tuple(Layer(theme, layers[name], None, (id_,)) for name, (theme, id_) in known.items() if name in layers)
