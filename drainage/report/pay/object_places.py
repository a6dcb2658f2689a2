"""Where the objects of a contract lie: which pipes, points, outfalls and stretches of road belong to each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from drainage.arrays import Bools, Floats, Ints
from drainage.errors import SchemaError
from drainage.network import DrainageNetwork
from drainage.report.directory import Report
from drainage.report.pay.terms import Asked
from drainage.schema.ids import fold_name, fold_names
from drainage.words import coded, in_both, nearest


class Names:
    """Names in a column of the pipes of a network, told apart once for all objects."""

    def __init__(self) -> None:
        """Start without any."""
        self._known: dict[tuple[int, str], tuple[Ints, pd.Index]] = {}
        self._networks: list[DrainageNetwork] = []  # kept, so that no other takes the number of one of them

    def are(self, net: DrainageNetwork, column: str, name: str) -> Bools:
        """(n_pipes,) which pipes have a name, in any width, case and spacing."""
        key = (id(net), column)
        if key not in self._known:
            self._networks.append(net)
            codes, found = pd.factorize(net.pipes[column])
            self._known[key] = (codes.astype(np.int64), fold_names(pd.Series(found, dtype=object)))
        codes, folds = self._known[key]
        same = np.append(np.asarray(folds == fold_name(name), np.bool_), False)  # the last: no name at all
        return np.asarray(same[codes], np.bool_)


@dataclass(frozen=True, eq=False)
class Place:
    """An object of the contract in both networks: by the name of a road or an area, by an outline, or the whole town.

    Parameters
    ----------
    kind, name
        As in the terms; the name as the data have it.
    column
        Column of the pipes that holds the name; None: it is an outline, or the town.
    outline
        Polygon in the CRS of the networks.
    names
        Shared by all objects.
    """

    kind: str
    name: str
    column: str | None = None
    outline: BaseGeometry | None = None
    names: Names = field(default_factory=Names)

    def pipes(self, net: DrainageNetwork) -> Bools:
        """(n_pipes,) which pipes belong to it: those named after it, or that lie in the outline with their middle."""
        if self.column is not None:
            return self.names.are(net, self.column, self.name)
        if self.outline is None:
            return np.ones(len(net.pipes), np.bool_)
        return self._inside(shapely.line_interpolate_point(np.asarray(net.pipes.geometry.array), 0.5, normalized=True))

    def points(self, frame: gpd.GeoDataFrame, nodes: pd.Series | pd.Index, net: DrainageNetwork) -> Bools:
        """(n,) which points belong to it: on its road, where a column says so, at its pipes, or in its outline.

        Parameters
        ----------
        frame
            Points, perhaps with ``road``.
        nodes
            (n,) node of each.
        net
            The network in which they were found.
        """
        if self.column == "road" and "road" in frame:
            return _named(frame["road"], self.name)
        if self.column is not None:
            own = self.pipes(net)
            ends = net.pipes.loc[own, ["from_node", "to_node"]].to_numpy().ravel()
            return np.asarray(pd.Index(nodes).isin(ends), np.bool_)
        if self.outline is None:
            return np.ones(len(frame), np.bool_)
        return self._inside(np.asarray(frame.geometry.array))

    def stretches(self, frame: gpd.GeoDataFrame) -> Floats | None:
        """(n,) length of each stretch of road that belongs to it, m; None where it has pipes but no outline."""
        length_m = frame["length_m"].to_numpy(dtype=np.float64)
        if self.column == "road":
            return np.where(_named(frame["road"], self.name), length_m, 0.0)
        if self.column is not None:
            return None
        if self.outline is None:
            return length_m
        return np.asarray(shapely.length(shapely.intersection(np.asarray(frame.geometry.array), self.outline)))

    def shape(self, after: Report) -> BaseGeometry | None:
        """Return what is drawn of it: its outline, the stretches of its road, else its pipes."""
        if self.outline is not None:
            return self.outline
        separation = after.results.get("separation")
        if self.column == "road" and separation is not None:
            lines = separation.places("stretches")
            found = np.asarray(lines.geometry.array)[_named(lines["road"], self.name)]
        elif self.column is not None:
            found = np.asarray(after.network.pipes.geometry.array)[self.pipes(after.network)]
        else:
            return None
        drawn = shapely.union_all(found)
        return None if drawn.is_empty else shapely.line_merge(drawn)

    def _inside(self, geometry: np.ndarray) -> Bools:
        shapely.prepare(self.outline)
        return np.asarray(shapely.intersects(self.outline, geometry), np.bool_)


def _named(values: pd.Series, name: str) -> Bools:
    """(n,) which texts are a name, in any width, case and spacing."""
    codes, found = pd.factorize(values)
    same = np.append(np.asarray(fold_names(pd.Series(found, dtype=object)) == fold_name(name), np.bool_), False)
    return np.asarray(same[codes] if len(found) else np.zeros(len(values), np.bool_), np.bool_)


def find_places(objects: Sequence[Asked], before: Report, after: Report, *, source: str) -> list[Place]:
    """Return where each object lies.

    Raises
    ------
    SchemaError
        An object is in neither network; the message has the nearest name that there is.
    """
    names = Names()
    return [replace(_find(one, before, after, source), names=names) for one in objects]


def _find(asked: Asked, before: Report, after: Report, source: str) -> Place:
    if asked.kind == "town":
        return Place("town", asked.name)
    networks = (before.network, after.network)
    known: list[str] = []
    if asked.kind == "road":
        measured = [found for report in (before, after) if (found := report.results.get("separation")) is not None]
        named = [name for net in networks for name in _texts(net.pipes["road"])]
        known = list(dict.fromkeys([*named, *(str(name) for one in measured for name in one.tables["roads"].index)]))
        column = "road"
    else:
        for net in reversed(networks):
            outlines = net.layers.get("blocks")
            if outlines is not None and (at := _at(outlines.index, asked.name)) is not None:
                moved = outlines.to_crs(after.network.crs) if after.network.crs is not None else outlines
                return Place(asked.kind, str(outlines.index[at]), outline=moved.geometry.iloc[at])
            known += [] if outlines is None else [str(name) for name in outlines.index]
        if asked.kind == "area":
            known += [name for net in networks for name in _texts(net.pipes["area"])]
        column = "area"
    at = _at(known, asked.name) if asked.kind != "plot" else None
    if at is None:
        kind, near = coded("object_kind", asked.kind), nearest(asked.name, known)
        what = "terms_no_object" if known else "terms_no_objects"
        raise SchemaError(in_both(what, file=source, kind=kind, name=asked.name, near=near))
    return Place(asked.kind, known[at], column=column)


def _texts(values: pd.Series) -> list[str]:
    return [str(value) for value in values.dropna().unique()]


def _at(names: Iterable[object], name: str) -> int | None:
    """Return the row of a name, in any width, case and spacing."""
    listed = pd.Index([str(one) for one in names], dtype="str")
    if not len(listed):
        return None
    rows = np.flatnonzero(np.asarray(fold_names(listed) == fold_name(name)))
    return int(rows[0]) if len(rows) else None
