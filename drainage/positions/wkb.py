"""Coordinates written as WKB and read from it, without an object for each line or point on the way."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyproj
import shapely
from geopandas.array import GeometryArray, from_wkb
from numpy.typing import NDArray

from drainage.arrays import Floats, Ints, pointer
from drainage.positions.drawn_later import DrawnLater, Lines, Points, lines_of

#: What stands before the coordinates: byte order and type, then of lines how many vertices there are.
_POINT: Final = np.array([1, 1, 0, 0, 0], np.uint8)
_LINE: Final = np.array([1, 2, 0, 0, 0], np.uint8)
_POINT_BYTES: Final = len(_POINT) + 16


def wkb_of(shapes: GeometryArray) -> pa.Array:
    """Return the WKB of each shape as GEOS writes it, missing where there is none."""
    flat = shapes.flat if isinstance(shapes, DrawnLater) else None
    if flat is None or _most_bytes(flat) >= 2**31:
        return pa.array(shapely.to_wkb(np.asarray(shapes, dtype=object)), pa.binary())
    there = ~flat.missing
    head, count, xy = _before_vertices(flat)
    size = np.where(there, head.shape[1] + 16 * count, 0)
    begin = pointer(size)
    data, at = np.empty(begin[-1], np.uint8), begin[:-1][there, None] + np.arange(head.shape[1])
    vertex = np.ones(len(data), dtype=np.bool_)
    vertex[at] = False
    data[at] = head[there]
    data[vertex] = np.ascontiguousarray(xy, "<f8").reshape(-1).view(np.uint8)
    _, known = pa.array(there).buffers()
    return pa.Array.from_buffers(pa.binary(), len(flat), [known, pa.py_buffer(begin), pa.py_buffer(data)])


def _most_bytes(flat: Lines | Points) -> int:
    return 16 * len(flat.xy) + 9 * len(flat)


def _before_vertices(flat: Lines | Points) -> tuple[NDArray[np.uint8], Ints, Floats]:
    """Return what stands before the vertices of each shape, (n, n_bytes), how many these are, and all vertices."""
    if isinstance(flat, Points):
        return np.tile(_POINT, (len(flat), 1)), np.ones(len(flat), np.int64), flat.xy[~flat.missing]
    counts = flat.counts.astype("<u4")[:, None].view(np.uint8)
    return np.hstack([np.tile(_LINE, (len(flat), 1)), counts]), flat.counts, flat.xy


def shapes_in(wkb: pa.ChunkedArray, crs: pyproj.CRS | None) -> GeometryArray:
    """Read shapes from WKB; lines alone and points alone, in the plane, are not drawn."""
    if wkb.null_count < len(wkb):
        lines = lines_of(wkb)
        flat = points_of(wkb) if lines is None else lines
        if flat is not None:
            return DrawnLater(flat, crs)
    return from_wkb(wkb.to_numpy(zero_copy_only=False), crs=crs)


def points_of(wkb: pa.ChunkedArray) -> Points | None:
    """Read points from WKB; None where one of them is anything but a finite point as this machine writes it."""
    parts = [_points_of(chunk) for chunk in wkb.chunks if len(chunk)]
    known = [part for part in parts if part is not None]
    return Points(np.concatenate(known)) if known and len(known) == len(parts) else None


def _points_of(wkb: pa.Array) -> Floats | None:
    xy, there = np.full((len(wkb), 2), np.nan), np.asarray(wkb.is_valid())
    _, offsets, data = wkb.buffers()
    if not there.any():
        return xy
    begin = np.frombuffer(offsets, np.int32)[wkb.offset : wkb.offset + len(wkb) + 1].astype(np.int64)
    if (np.diff(begin) != np.where(there, _POINT_BYTES, 0)).any():
        return None
    told = np.frombuffer(data, np.uint8)[begin[0] : begin[-1]].reshape(-1, _POINT_BYTES)  # a missing one has no bytes
    xy[there] = told[:, len(_POINT) :].copy().view("<f8")
    return xy if (told[:, : len(_POINT)] == _POINT).all() and np.isfinite(xy[there]).all() else None
