"""What lies round an answer, so that it is found in the city and can be followed: roads, waterways and the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

import geopandas as gpd
import pandas as pd

from drainage.maps.layer import Layer


class _Network(Protocol):
    """A network, as far as it is drawn."""

    @property
    def pipes(self) -> gpd.GeoDataFrame: ...
    @property
    def nodes(self) -> gpd.GeoDataFrame: ...
    @property
    def layers(self) -> Mapping[str, gpd.GeoDataFrame]: ...


#: What is told of a pipe wherever it lies: what it is, its size, its levels, its state.
OF_PIPES: Final = (
    "pipe_id", "system", "road", "diameter_mm", "width_mm", "height_mm", "material", "length_m", "invert_from_m",
    "invert_to_m", "silt_share", "condition_grade", "commissioned",
)  # fmt: skip
#: Likewise of a node, with what happened there in a storm.
OF_NODES: Final = ("node_id", "kind", "system", "ground_m", "invert_m", "level_m", "overflow_m3")


def context_of(net: _Network, water: pd.DataFrame | None = None) -> tuple[Layer, ...]:
    """Return what is drawn quietly under every answer on a network; its nodes only where they are asked for.

    Parameters
    ----------
    water
        Row for row of the nodes ``level_m`` and ``overflow_m3`` in a storm.
    """
    return (
        *around(net),
        Layer("context_pipes", net.pipes, None, OF_PIPES),
        Layer("context_nodes", with_water(net.nodes, water), None, OF_NODES, shown=False),
    )


def with_water(nodes: gpd.GeoDataFrame, water: pd.DataFrame | None) -> gpd.GeoDataFrame:
    """Return nodes with what happened at each in a storm; None: in none."""
    names = [] if water is None else [name for name in ("level_m", "overflow_m3") if name in water]
    return nodes.assign(**{name: water[name].to_numpy() for name in names}) if water is not None else nodes


def network_layers(net: _Network) -> tuple[Layer, ...]:
    """Return a network as it is drawn by itself: its pipes by system, its nodes where they are asked for."""
    return (
        *around(net),
        Layer("pipes", net.pipes, "system", OF_PIPES),
        Layer("nodes", net.nodes, "kind", OF_NODES, shown=False),
    )


def around(net: _Network) -> tuple[Layer, ...]:
    """Return the waterways and roads that lie beside the pipes."""
    known = {"waterways": ("waterways", "name"), "roads": ("context_roads", "road")}
    layers = net.layers
    return tuple(Layer(theme, layers[name], None, (id_,)) for name, (theme, id_) in known.items() if name in layers)
