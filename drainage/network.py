"""The network as a value: pipes and nodes in one metric CRS, the issues that came with them, and their flow graph."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace
from functools import cached_property
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from drainage.arrays import marked
from drainage.errors import CrsError, FormatError, TopologyError
from drainage.graph import FlowGraph
from drainage.measures import PipeMeasures, measure_pipes, receiving_rows
from drainage.metres import Area, area_in, metric
from drainage.origin import Origin
from drainage.schema import ISSUE_COLUMNS, SYSTEMS
from drainage.schema.coded import Coded
from drainage.schema.handed_tables import handed_out, refuse_repeated, rows_of_ends
from drainage.schema.ids import find_ids, no_feature
from drainage.schema.node_kinds import settle_kinds
from drainage.schema.text.dates import day_of
from drainage.words import in_both

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.axes import Axes

    from drainage.maps.notebook import NotebookMap


class DrainageNetwork:
    """Pipes that meet at nodes. It is immutable: its tables are returned as copies, and changes make a new network.

    Parameters
    ----------
    pipes
        Index ``pipe_id`` (unique), lines digitised with the flow, every ``from_node`` and ``to_node`` in ``nodes``.
    nodes
        Index ``node_id`` (unique), points in the same CRS.
    ends
        Rows of the nodes at which each pipe begins and ends, if the caller already has them.
    catchments
        Index ``catchment_id``, polygons in the same CRS, or None.
    issues
        Issues found when the source was read; columns `drainage.schema.ISSUE_COLUMNS`.
    source
        Name of the file or files, if nothing else is known of its origin.
    synthetic
        True if the source declares itself as synthetic data.
    layers
        Optional layers besides the pipes: ``roads``, ``waterways``, ``reports``.
    origin
        Origin of the network: files, CRS as read, columns understood, values filled.

    Raises
    ------
    TopologyError
        An id is repeated, or a pipe names a node that is not in ``nodes``.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31")
    >>> net.clip(net.layers["neighbourhoods"].loc[["XQ03"]])
    <DrainageNetwork: 349 pipes, 356 nodes, 16.0 km, EPSG:4548, 7 issues>
    >>> float(net.upstream_of("YS1043").pipes["length_m"].sum().round(1))
    194.2
    """

    def __init__(
        self,
        pipes: gpd.GeoDataFrame,
        nodes: gpd.GeoDataFrame,
        *,
        ends: tuple[np.ndarray, np.ndarray] | None = None,
        catchments: gpd.GeoDataFrame | None = None,
        issues: pd.DataFrame | None = None,
        source: str = "",
        synthetic: bool = False,
        layers: Mapping[str, gpd.GeoDataFrame] | None = None,
        origin: Origin | None = None,
    ) -> None:
        """Check the ids and settle the kind of each node; see the class for the parameters."""
        for frame, name in ((pipes, "pipe_id"), (nodes, "node_id")):
            refuse_repeated(frame, name)
        self._pipes = pipes.copy(deep=False)
        if ends is None:
            ends = (rows_of_ends(nodes, pipes["from_node"]), rows_of_ends(nodes, pipes["to_node"]))
        self._tail, self._head = (np.asarray(end, dtype=np.int32) for end in ends)
        self._nodes = settle_kinds(nodes, self._tail, self._head)
        self._catchments = None if catchments is None else catchments.copy(deep=False)
        self._issues = pd.DataFrame(columns=list(ISSUE_COLUMNS)) if issues is None else issues.copy(deep=False)
        self.origin: Final = Origin(name=source) if origin is None else origin
        self.synthetic: Final = synthetic
        self._layers = {name: frame.copy(deep=False) for name, frame in (layers or {}).items()}

    @property
    def pipes(self) -> gpd.GeoDataFrame:
        """Pipes, index ``pipe_id``; a copy that may be edited without changing the network."""
        return handed_out(self._pipes)

    @property
    def nodes(self) -> gpd.GeoDataFrame:
        """Nodes, index ``node_id``; a copy that may be edited without changing the network."""
        return handed_out(self._nodes)

    @property
    def catchments(self) -> gpd.GeoDataFrame | None:
        """Catchments, index ``catchment_id``, or None where the source has none."""
        return None if self._catchments is None else handed_out(self._catchments)

    @property
    def layers(self) -> Mapping[str, gpd.GeoDataFrame]:
        """Layers besides the pipes, by name; copies that may be edited without changing the network."""
        return MappingProxyType({name: handed_out(frame) for name, frame in self._layers.items()})

    @property
    def source(self) -> str:
        """Name of the file or files from which it was read."""
        return self.origin.name

    @property
    def inputs(self) -> Mapping[str, object]:
        """Former name of the facts of `origin`; will be removed in the next version."""
        warnings.warn("net.inputs is now net.origin", DeprecationWarning, stacklevel=2)
        return MappingProxyType({name: told for name, told in vars(self.origin).items() if told})

    @property
    def issues(self) -> pd.DataFrame:
        """Every feature that was set aside, filled in or doubted, and why; errors first."""
        return self._issues.copy(deep=False)

    @property
    def crs(self) -> pyproj.CRS | None:
        """The projected CRS in metres, or None for a schematic plan without geographic coordinates."""
        return self._pipes.crs

    @property
    def files(self) -> tuple[str, ...]:
        """Absolute paths of all files from which it was read; empty if it was made otherwise."""
        return tuple(self.origin.files)

    @cached_property
    def graph(self) -> FlowGraph:
        """Edge *k* is row *k* of ``pipes``, node *i* is row *i* of ``nodes``."""
        return FlowGraph(self._tail, self._head, len(self._nodes))

    @cached_property
    def systems(self) -> Coded:
        """System of each pipe as a number; row *k* is row *k* of ``pipes``."""
        return Coded.of(self._pipes["system"])

    @cached_property
    def kinds(self) -> Coded:
        """Kind of each node as a number; row *i* is row *i* of ``nodes``."""
        return Coded.of(self._nodes["kind"])

    @cached_property
    def measures(self) -> PipeMeasures:
        """Sections, roughness, levels and full-bore capacity of pipes; row *k* is row *k* of ``pipes``."""
        return measure_pipes(self._pipes, self.kinds.among("pump")[self._tail])

    def as_of(self, date: str | dt.date | pd.Timestamp) -> DrainageNetwork:
        """Return the network as it was on a day: pipes commissioned on or before it and not yet abandoned.

        Pipes without dates are kept. Nodes that no pipe uses on that day are left out if pipes used them on another.

        Raises
        ------
        SchemaError
            The date is a text other than YYYY-MM-DD.
        """
        day = pd.Timestamp(day_of(date, "as_of"))
        commissioned, abandoned = self._pipes["commissioned"], self._pipes["abandoned"]
        there = (~(commissioned > day) & ~(abandoned <= day)).to_numpy()
        origin = replace(self.origin, as_of=str(day.date()), not_there=self._pipes[~there])
        return (self if there.all() else self._keep(there)).replace(origin=origin)

    def of_system(self, *systems: str) -> DrainageNetwork:
        """Return the part whose pipes are recorded as one of the given systems.

        Raises
        ------
        TopologyError
            A name is not a system.
        """
        if wrong := set(systems) - set(SYSTEMS):
            names, known = ", ".join(sorted(wrong)), ", ".join(SYSTEMS)
            raise TopologyError(in_both("no_such_system", names=names, known=known))
        return self._keep(self._pipes["system"].isin(systems).to_numpy(), cut=True)

    def upstream_of(self, node_id: str) -> DrainageNetwork:
        """Return the part that drains to a node, with the ground that drains to that part."""
        return self._part(*self.graph.upstream(self.node_positions([node_id])))

    def downstream_of(self, node_id: str) -> DrainageNetwork:
        """Return the part through which a node drains, with the ground that drains to that part."""
        return self._part(*self.graph.downstream(self.node_positions([node_id])))

    def clip(self, area: Area) -> DrainageNetwork:
        """Return the part whose pipes lie within an area or cross into it, with the ground that drains to it.

        Pipes are not cut; water leaves the part where the pipes downstream are not in it. Layers keep what touches the
        area: polygons in any CRS, without one in that of the network, or its edges west, south, east and north.

        Raises
        ------
        CrsError, TopologyError
            The area has a CRS, but the network is a schematic plan; no pipe touches it.
        """
        shape = area_in(self.crs, area)
        pipes = self._pipes.intersects(shape).to_numpy()
        if not pipes.any():
            where = ", ".join(f"{edge:.0f}" for edge in self._pipes.total_bounds)
            raise TopologyError(in_both("clip_beside", network=self.source or in_both("the_network"), where=where))
        ends = marked(len(self._nodes), self._tail, self._head)
        alone = ~ends & self._nodes.intersects(shape).to_numpy()
        part = self._part(marked(len(self._nodes), self._tail[pipes], self._head[pipes]) | alone, pipes)
        return part.replace(layers={name: layer[layer.intersects(shape)] for name, layer in self._layers.items()})

    def to_crs(self, crs: pyproj.CRS | str | int | None = None, epsg: int | None = None) -> DrainageNetwork:
        """Return the network in another projected CRS in metres, or that of an EPSG code; recorded lengths stay.

        Raises
        ------
        CrsError
            The CRS is unknown or not in metres, or the network is a schematic plan.
        """
        if self.crs is None:
            raise CrsError(in_both("to_crs_schematic", network=self.source or in_both("the_network")))
        goal = metric(epsg if crs is None else crs)
        return self.replace(
            pipes=self._pipes.to_crs(goal),
            nodes=self._nodes.to_crs(goal),
            ends=(self._tail, self._head),
            catchments=None if self._catchments is None else self._catchments.to_crs(goal),
            layers={name: layer if layer.crs is None else layer.to_crs(goal) for name, layer in self._layers.items()},
        )

    def to_file(self, path: str | Path, driver: str | None = None, *, force: bool = False) -> None:
        """Write the network as `drainage.write_network` does; the extension tells the format, ``driver`` may, too.

        Raises
        ------
        FormatError, CrsError
            The file exists and ``force`` is False; the extension is not supported, or is not that of the format which
            GDAL calls ``driver``; the network is a schematic plan.
        """
        from drainage import write_network
        from drainage.writing.vector import check_driver

        check_driver(Path(path), driver)
        write_network(self, path, force=force)

    def plot(
        self,
        column: str | None = None,
        ax: Axes | None = None,
        *,
        lang: str | None = None,
        **style: Any,  # noqa: ANN401 - of the lines, as matplotlib takes it
    ) -> Axes:
        """Plot the pipes by their system, or by the values of a column, and the nodes as thin dots.

        Numbers are drawn on a colour scale, other values in one colour each. ``ax`` is where to draw, None: a new
        pyplot figure; ``lang`` is ``zh`` or ``en``; ``style`` is passed to `matplotlib.collections.LineCollection`.

        Raises
        ------
        SchemaError
            The pipes have no such column.
        """
        from drainage.maps.figure import plot_pipes
        from drainage.maps.provenance import foot_of
        from drainage.provenance import Provenance

        foot = foot_of(Provenance.of(self), lang)
        return plot_pipes(self._pipes, self._nodes, column, ax, lang=lang, foot=foot, **style)

    def explore(self, *, within: Area | None = None) -> NotebookMap:
        """Return a map of folium for notebooks: pipes by their system, on roads and waterways; see `Result.explore`."""
        from drainage.maps.context import network_layers
        from drainage.maps.notebook import notebook_map
        from drainage.provenance import Provenance

        return notebook_map(network_layers(self), title="network", provenance=Provenance.of(self), within=within)

    def node_positions(self, node_ids: Iterable[str]) -> np.ndarray:
        """Return the row numbers of nodes; an id may be spelt differently if only one node can be meant.

        Raises
        ------
        TopologyError
            The network does not have a node.
        """
        wanted = list(node_ids)
        found = find_ids(pd.Index(wanted, dtype="str"), self._nodes.index)
        if (found < 0).any():
            missing = [name for name, position in zip(wanted, found, strict=True) if position < 0]
            names, known = ", ".join(missing[:5]), ", ".join(map(str, self._nodes.index[:3]))
            network = self.source or in_both("the_network")
            raise TopologyError(in_both("no_such_node", names=names, network=network, known=known))
        return found.astype(np.int32)

    def replace(
        self,
        *,
        pipes: gpd.GeoDataFrame | None = None,
        nodes: gpd.GeoDataFrame | None = None,
        ends: tuple[np.ndarray, np.ndarray] | None = None,
        catchments: gpd.GeoDataFrame | None = None,
        issues: pd.DataFrame | None = None,
        layers: Mapping[str, gpd.GeoDataFrame] | None = None,
        origin: Origin | None = None,
    ) -> DrainageNetwork:
        """Return a network with some tables, layers or the origin replaced; this one is not changed."""
        catchments = self._catchments if catchments is None else catchments.copy(deep=False)
        issues = self._issues if issues is None else issues.copy(deep=False)
        origin = self.origin if origin is None else origin
        layers = self._layers | {name: frame.copy(deep=False) for name, frame in (layers or {}).items()}
        if pipes is None and nodes is None and ends is None:  # the graph is as it was, and checked
            other = copy(self)
            vars(other).update(_catchments=catchments, _issues=issues, _layers=layers, origin=origin)
            return other
        return DrainageNetwork(
            self._pipes if pipes is None else pipes,
            self._nodes if nodes is None else nodes,
            ends=ends, catchments=catchments, issues=issues, synthetic=self.synthetic, layers=layers, origin=origin,
        )  # fmt: skip

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return a MultiDiGraph: keys of edges are pipe ids, attributes are the columns (geometry included)."""
        try:
            import networkx as nx
        except ImportError as error:
            raise FormatError(in_both("needs_extra_networkx")) from error
        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(crs=self.crs)
        for node, row in self._nodes.to_dict("index").items():
            graph.add_node(str(node), **{str(name): value for name, value in row.items()})
        for pipe, row in self._pipes.to_dict("index").items():
            graph.add_edge(row["from_node"], row["to_node"], str(pipe), **{str(name): one for name, one in row.items()})
        return graph

    def __len__(self) -> int:
        """Return the number of pipes."""
        return len(self._pipes)

    def __getitem__(self, feature_id: str) -> pd.Series:
        """Return the row of a pipe, or of a node where no pipe bears the id; `KeyError` names the most similar ids."""
        for table in (self._pipes, self._nodes):
            if isinstance(feature_id, str) and feature_id in table.index:
                return pd.Series(table.loc[feature_id], copy=True)
        raise KeyError(no_feature(feature_id, pipes=self._pipes, nodes=self._nodes))

    def __contains__(self, feature_id: object) -> bool:
        return isinstance(feature_id, str) and any(feature_id in table.index for table in (self._pipes, self._nodes))

    __iter__ = None  # neither over pipes nor over columns: `net.pipes` says which is meant

    def __repr__(self) -> str:
        """Return one line: counts, length, CRS, issues."""
        length_km = self._pipes["length_m"].sum() / 1000
        crs = self.crs.to_string() if self.crs is not None else "no CRS (schematic plan)"
        counts = f"{len(self._pipes):,} pipes, {len(self._nodes):,} nodes, {length_km:,.1f} km"
        return f"<DrainageNetwork: {counts}, {crs}, {len(self._issues):,} issues>"

    def _repr_html_(self) -> str:
        by_system = self._pipes.groupby("system", sort=False)["length_m"].agg(["size", "sum"])
        table = pd.DataFrame({"pipes": by_system["size"], "length_km": (by_system["sum"] / 1000).round(2)})
        return f"<p>{escape(repr(self))}</p>{table.to_html()}"

    def _part(self, nodes: np.ndarray, pipes: np.ndarray) -> DrainageNetwork:
        part, ground = self._with(pipes, nodes, cut=True), self._catchments
        if ground is None or not len(ground):
            return part
        here = np.append(nodes, [True])[receiving_rows(ground, self._nodes, self._pipes, self._tail)]
        return part.replace(catchments=ground[here])

    def _keep(self, mask: np.ndarray, *, cut: bool = False) -> DrainageNetwork:
        used_before = marked(len(self._nodes), self._tail, self._head)
        used_now = marked(len(self._nodes), self._tail[mask], self._head[mask])
        return self._with(mask, used_now | ~used_before, cut=cut)

    def _with(self, mask: np.ndarray, kept: np.ndarray, *, cut: bool) -> DrainageNetwork:
        """Keep pipes and nodes; with ``cut`` water leaves the part where the pipes below are not in it."""
        nodes = self._nodes
        if cut:
            lost = np.isin(np.arange(len(nodes)), np.setdiff1d(self._tail[~mask], self._tail[mask]))
            nodes = nodes.assign(kind_source=nodes["kind_source"].mask(lost, "inferred"))
        number = np.cumsum(kept) - 1
        ends = (number[self._tail[mask]], number[self._head[mask]])
        return self.replace(pipes=self._pipes[mask], nodes=nodes[kept], ends=ends)
