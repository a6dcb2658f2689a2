"""Lines and points kept as coordinates, as files bring them, and drawn as objects when somebody asks for one.

A million lines are a second and some hundred MiB of objects, for which reading a network has no use. `DrawnLater` is a
column of geometry like any other; what `drainage.positions` is asked of it is answered without drawing.
"""

from __future__ import annotations

import numbers
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj
import shapely
from geopandas.array import GeometryArray, from_wkb
from numpy.typing import NDArray

from drainage.arrays import AnyRows, Bools, Floats, Ints, Objects, ranges

#: What stands before the vertices of a line in WKB: byte order, type, how many there are.
_HEAD_BYTES: Final = 9
_VERTEX_BYTES: Final = 16
_LITTLE_LINE: Final = np.array([1, 2, 0, 0, 0], np.uint8)


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines in the plane; one without vertices is missing.

    Parameters
    ----------
    xy
        All vertices, (n_vertices, 2), finite.
    first
        Where each line begins among them, and their number, (n + 1,).
    """

    xy: Floats
    first: Ints
    word = "LineString"

    def __len__(self) -> int:
        """Count them."""
        return len(self.first) - 1

    def __reduce__(self) -> tuple[Any, ...]:
        """Be kept and sent without what was drawn."""
        return Lines, (self.xy, self.first)

    @cached_property
    def drawn(self) -> Objects:
        """The same as objects, (n,), drawn once; whoever changes one needs a copy."""
        drawn = np.full(len(self), None, dtype=object)
        shapely.linestrings(self.xy, indices=self._of_vertex, out=drawn)
        return drawn

    @property
    def missing(self) -> Bools:
        """Which there are not, (n,)."""
        return np.asarray(self.first[1:] == self.first[:-1])

    @property
    def bounds(self) -> Floats:
        """West, south, east and north edge, (n, 4)."""
        bounds = np.full((len(self), 4), np.nan)
        if (pairs := self.pairs) is not None:
            return np.hstack([np.minimum(pairs[:, 0], pairs[:, 1]), np.maximum(pairs[:, 0], pairs[:, 1])])
        there = ~self.missing
        if there.any():
            begin = self.first[:-1][there]
            for axis, along in enumerate(np.ascontiguousarray(self.xy.T)):
                bounds[there, axis] = np.minimum.reduceat(along, begin)
                bounds[there, axis + 2] = np.maximum.reduceat(along, begin)
        return bounds

    @property
    def length(self) -> Floats:
        """Length of each, (n,), summed from its beginning as GEOS does, to the same last digit."""
        if (pairs := self.pairs) is not None:
            across = pairs[:, 1] - pairs[:, 0]
            return np.sqrt(across[:, 0] ** 2 + across[:, 1] ** 2)
        x, y = self.xy.T
        step = np.sqrt(np.diff(x) ** 2 + np.diff(y) ** 2)
        inside = np.ones(len(step), np.bool_)
        joint = self.first[1:-1]
        inside[joint[(joint > 0) & (joint < len(x))] - 1] = False
        length = np.bincount(self._of_vertex[:-1][inside], weights=step[inside], minlength=len(self))
        return np.where(self.missing, np.nan, length)

    @property
    def ends(self) -> tuple[Floats, Floats]:
        """First and last vertex of each, (n, 2)."""
        if (pairs := self.pairs) is not None:
            return pairs[:, 0], pairs[:, 1]
        begin, end = np.full((2, len(self), 2), np.nan)
        there = ~self.missing
        begin[there], end[there] = self.xy[self.first[:-1][there]], self.xy[self.first[1:][there] - 1]
        return begin, end

    @property
    def counts(self) -> Ints:
        """How many vertices each has, (n,)."""
        return np.diff(self.first)

    def take(self, rows: AnyRows) -> Lines:
        """Return those in some rows, (n_rows,); −1 is missing."""
        if self.pairs is not None and not (rows < 0).any():
            return Lines(self.pairs[rows].reshape(-1, 2), 2 * np.arange(len(rows) + 1))
        begin = self.first[rows]
        count = np.where(rows < 0, 0, self.first[rows + 1] - begin)
        first = np.concatenate([[0], np.cumsum(count)])
        return Lines(self.xy[ranges(begin, count)], first)

    def moved(self, xy: Floats) -> Lines:
        """Return the same lines with their vertices at other places, (n_vertices, 2)."""
        return Lines(xy, self.first)

    @cached_property
    def pairs(self) -> Floats | None:
        """Both ends of each, (n, 2, 2), where no line has more vertices, as in most surveys."""
        return self.xy.reshape(-1, 2, 2) if (self.counts == 2).all() else None

    @property
    def _of_vertex(self) -> Ints:
        return np.repeat(np.arange(len(self)), self.counts)


@dataclass(frozen=True, eq=False)
class Points:
    """Points in the plane, (n, 2), finite; NaN where one is missing."""

    xy: Floats
    word = "Point"

    def __len__(self) -> int:
        """Count them."""
        return len(self.xy)

    def __reduce__(self) -> tuple[Any, ...]:
        """Be kept and sent without what was drawn."""
        return Points, (self.xy,)

    @cached_property
    def drawn(self) -> Objects:
        """The same as objects, (n,), drawn once; whoever changes one needs a copy."""
        drawn = np.asarray(shapely.points(self.xy), dtype=object)
        drawn[self.missing] = None
        return drawn

    @property
    def missing(self) -> Bools:
        """Which there are not, (n,)."""
        return np.isnan(self.xy[:, 0])

    @property
    def bounds(self) -> Floats:
        """West, south, east and north edge, (n, 4)."""
        return np.column_stack([self.xy, self.xy])

    @property
    def length(self) -> Floats:
        """Nothing, (n,)."""
        return np.where(self.missing, np.nan, 0.0)

    def take(self, rows: AnyRows) -> Points:
        """Return those in some rows, (n_rows,); −1 is missing."""
        xy = self.xy[rows]
        xy[rows < 0] = np.nan
        return Points(xy)

    def moved(self, xy: Floats) -> Points:
        """Return as many points at other places, (n, 2)."""
        return Points(xy)


@dataclass(eq=False)
class _Kept:
    """What all views of a column share: the coordinates until the first object is asked for, then the objects."""

    flat: Lines | Points
    objects: Objects | None = None


class DrawnLater(GeometryArray):
    """A column of geometry that is drawn, whole, when the first operation needs objects.

    Views share what they hold, as those of other columns do, and a copy may be changed by itself.
    """

    def __init__(self, flat: Lines | Points, crs: pyproj.CRS | None = None) -> None:
        """Keep the coordinates."""
        self._share(_Kept(flat), crs)

    def _share(self, kept: _Kept, crs: pyproj.CRS | None) -> None:
        self._kept = kept
        self._crs = None
        self.crs = crs
        self._sindex = None

    @property
    def flat(self) -> Lines | Points | None:
        """The coordinates; None once it is drawn, for objects may be changed."""
        return self._kept.flat if self._kept.objects is None else None

    @property
    def _data(self) -> Objects:
        if self._kept.objects is None:
            self._kept.objects = self._kept.flat.drawn.copy()
        return self._kept.objects

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self._kept.flat)

    @property
    def nbytes(self) -> int:
        """Bytes of what it holds."""
        return self.flat.xy.nbytes if self.flat is not None else self._data.nbytes

    def __getitem__(self, key: Any) -> Any:  # noqa: ANN401 - one or several, as of any column
        """Return one object, or a column of some; the whole is a view."""
        flat = self.flat
        if flat is None:
            return super().__getitem__(key)
        if isinstance(key, numbers.Integral):
            row = np.arange(len(flat))[int(key)]
            return flat.take(np.array([row])).drawn[0]
        if isinstance(key, slice) and key == slice(None):
            view = DrawnLater.__new__(DrawnLater)
            view._share(self._kept, self.crs)  # noqa: SLF001 - its own
            view._sindex = self._sindex  # noqa: SLF001
            return view
        return DrawnLater(flat.take(np.arange(len(flat))[pd.api.indexers.check_array_indexer(self, key)]), self.crs)

    def __iter__(self) -> Iterator[Any]:
        """Go through all objects."""
        return iter(self._data)

    def __reduce__(self) -> tuple[Any, ...]:
        """Be kept and sent as what it holds."""
        flat = self.flat
        return (from_wkb, (shapely.to_wkb(self._data), self.crs)) if flat is None else (DrawnLater, (flat, self.crs))

    def copy(  # type: ignore[override] # as geopandas has it
        self,
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> GeometryArray:
        """Return a copy that may be changed."""
        flat = self.flat
        return super().copy(*args, **kwargs) if flat is None else DrawnLater(flat, self.crs)

    def take(  # type: ignore[override]
        self,
        indices: Any,  # noqa: ANN401 - as geopandas has it
        allow_fill: bool = False,  # noqa: FBT001, FBT002
        fill_value: Any = None,  # noqa: ANN401
    ) -> GeometryArray:
        """Return some rows; with ``allow_fill`` −1 is missing."""
        flat, rows = self.flat, np.asarray(indices, dtype=np.intp)
        filled = allow_fill and fill_value is not None and not pd.isna(fill_value)
        if flat is None or filled or not len(flat) or (allow_fill and (rows < -1).any()):
            return super().take(indices, allow_fill=allow_fill, fill_value=fill_value)
        return DrawnLater(flat.take(rows if allow_fill else np.arange(len(flat))[rows]), self.crs)

    def to_crs(self, crs: Any | None = None, epsg: int | None = None) -> GeometryArray:  # noqa: ANN401 - as geopandas has it
        """Return it in another CRS."""
        flat = self.flat
        if (
            flat is None
            or crs is None
            or self.crs is None
            or self.crs.is_exact_same(goal := pyproj.CRS.from_user_input(crs))
        ):
            return super().to_crs(crs, epsg)
        x, y = flat.xy.T
        xy = np.array(pyproj.Transformer.from_crs(self.crs, goal, always_xy=True).transform(x, y)).T
        missing = np.isnan(x)
        if not np.isfinite(xy[~missing]).all():
            return super().to_crs(crs, epsg)
        xy[missing] = np.nan
        return DrawnLater(flat.moved(xy), goal)

    def isna(self) -> Bools:
        """Return which are missing, (n,)."""
        return super().isna() if self.flat is None else self.flat.missing

    @property
    def bounds(self) -> Floats:
        """West, south, east and north edge, (n, 4), NaN where one is missing."""
        return super().bounds if self.flat is None else self.flat.bounds

    @property
    def total_bounds(self) -> Floats:
        """West, south, east and north edge of all, (4,)."""
        flat = self.flat
        if flat is None or flat.missing.all():
            return super().total_bounds
        return np.array([step(along) for step in (np.nanmin, np.nanmax) for along in flat.xy.T])

    @property
    def length(self) -> Floats:
        """Length of each, (n,), NaN where one is missing."""
        return super().length if self.flat is None else self.flat.length

    @property
    def is_empty(self) -> Bools:
        """Which hold nothing, (n,); a missing one is not empty."""
        return super().is_empty if self.flat is None else np.zeros(self.size, np.bool_)

    @property
    def has_z(self) -> Bools:
        """Which have heights, (n,)."""
        return super().has_z if self.flat is None else np.zeros(self.size, np.bool_)

    @property
    def geom_type(self) -> Objects:  # type: ignore[override]
        """Name of the type of each, (n,), None where one is missing."""
        if (flat := self.flat) is None:
            return np.asarray(super().geom_type, dtype=object)
        return np.array([flat.word, None], dtype=object)[flat.missing.astype(np.intp)]


def lines_of(wkb: pa.ChunkedArray) -> Lines | None:
    """Read lines from WKB; None where one of them is anything but a line in the plane as this machine writes it.

    Heights, several parts, other types, another order of bytes, fewer than two vertices and endless numbers are for
    GEOS to read; a missing one is a line without vertices.
    """
    parts = [_lines_of(chunk) for chunk in wkb.chunks]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or not known:
        return None
    whole = joined_lines(known)
    return whole if np.isfinite(whole.xy).all() else None


def joined_lines(parts: Sequence[Lines]) -> Lines:
    """Return the lines of all parts, of which there is one at least."""
    xy = np.concatenate([part.xy for part in parts])
    return Lines(xy, np.concatenate([[0], np.cumsum(np.concatenate([part.counts for part in parts]))]))


def _lines_of(wkb: pa.Array) -> Lines | None:
    _, offsets, data = wkb.buffers()
    wide = np.int64 if pa.types.is_large_binary(wkb.type) else np.int32
    if data is None:
        return Lines(np.empty((0, 2)), np.zeros(len(wkb) + 1, np.int64)) if wkb.null_count == len(wkb) else None
    begin = np.frombuffer(offsets, wide)[wkb.offset : wkb.offset + len(wkb) + 1].astype(np.int64)
    size = np.diff(begin)
    there = np.asarray(wkb.is_valid()) if wkb.null_count else np.ones(len(wkb), np.bool_)
    if (size[there] < _HEAD_BYTES).any() or size[~there].any():
        return None
    told = np.frombuffer(data, np.uint8)
    if len(size) and there.all() and (size == size[0]).all():
        return _of_one_size(told[begin[0] : begin[-1]].reshape(len(size), size[0]))
    heads = begin[:-1][there, None] + np.arange(_HEAD_BYTES)
    head = told[heads]
    count = head[:, 5:].copy().view("<u4").ravel().astype(np.int64)
    if (head[:, :5] != _LITTLE_LINE).any() or (count < 2).any() or (size[there] != _HEAD_BYTES + 16 * count).any():
        return None
    vertex = np.ones(begin[-1] - begin[0], np.bool_)
    vertex[heads - begin[0]] = False
    xy = told[begin[0] : begin[-1]][vertex].view("<f8").reshape(-1, 2).astype(np.float64, copy=False)
    return Lines(xy, np.concatenate([[0], np.cumsum(np.where(there, size - _HEAD_BYTES, 0) // _VERTEX_BYTES)]))


def _of_one_size(table: NDArray[np.uint8]) -> Lines | None:
    """Read lines that have as many vertices each as the others."""
    size = table.shape[1]
    count = (size - _HEAD_BYTES) // _VERTEX_BYTES
    told = np.array([[*_LITTLE_LINE, *count.to_bytes(4, "little")]], np.uint8)
    if count < 2 or size != _HEAD_BYTES + _VERTEX_BYTES * count or (table[:, :_HEAD_BYTES] != told).any():
        return None
    xy = table[:, _HEAD_BYTES:].copy().view("<f8").reshape(-1, 2).astype(np.float64, copy=False)
    return Lines(xy, np.arange(len(table) + 1) * count)
