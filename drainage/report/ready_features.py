"""A collection ready to be asked: typed, indexed, and with the text of each feature made once.

Everything is made at its first use and kept; many threads may ask at once.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from threading import Lock
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from drainage.arrays import Bools, Ints
from drainage.cells import plain_cells
from drainage.report.typed_column import Column, FilterError, Kind

#: West, south, east, north.
Box = tuple[float, float, float, float]
#: What the texts of one collection may take up before they are made anew (own choice: 50,000 pipes).
MOST_BYTES: Final = 64_000_000
#: Features whose texts are made before anybody asks (own choice: half a second).
MOST_AT_ONCE: Final = 20_000
#: Steps of coordinates in degrees, about 1 cm, as in every GeoJSON of ours, and in metres.
_STEP_DEG, _STEP_M = 1e-7, 1e-3
_text = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


class Features:
    """The features of a collection.

    Parameters
    ----------
    frame
        The features with their ids as index.
    dates
        The columns with the first and the day after the last of each feature's life.

    Examples
    --------
    >>> import drainage as dr
    >>> features = dr.report.Features(dr.load_demo("2018-12-31").upstream_of("YS1043").pipes)
    >>> wide = features.between("diameter_mm", "400", None)
    >>> features.rows(wide).tolist(), features.kinds["diameter_mm"], features.geometry_kind
    ([3], 'number', 'LineString')
    """

    def __init__(self, frame: gpd.GeoDataFrame, *, dates: tuple[str, str] | None = None) -> None:
        """Make nothing yet."""
        self.frame, self.dates = frame, dates
        self.crs: CRS | None = frame.crs
        name = str(frame.index.name or "id")
        self.id_name = f"{name}_id" if name in frame.columns else name
        self._columns: dict[str, Column] = {}
        self._trees: dict[str, shapely.STRtree] = {}
        self._texts: dict[int, bytes] = {}
        self._bytes = 0
        self._lock = Lock()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.frame)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The properties, the id first."""
        table = pd.DataFrame(self.frame.drop(columns=self.frame.geometry.name))
        table = table.drop(columns=self.id_name, errors="ignore")
        table.columns = table.columns.astype(str)
        table.insert(0, self.id_name, self.frame.index)
        return table.reset_index(drop=True)

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Property → what its values are, in order, the id first."""
        return {name: self._column(name).kind for name in self.table.columns}

    @cached_property
    def geometry_kind(self) -> str | None:
        """The GeoJSON name of their geometries if all are alike, ``Geometry`` if not, None where there is none."""
        found = {str(kind) for kind in self.frame.geom_type.dropna().unique()}
        return None if not found else found.pop() if len(found) == 1 else "Geometry"

    @cached_property
    def extent(self) -> list[float] | None:
        """West, south, east, north in degrees; None where nothing lies on the Earth."""
        if self.crs is None or self._nowhere.all():
            return None
        return [float(x) for x in shapely.total_bounds(self._degrees)]

    @cached_property
    def interval(self) -> tuple[dt.date | None, dt.date | None] | None:
        """First day of the earliest and last of the latest life, None where that is open; None without dates."""
        if self.dates is None or any(name not in self.table for name in self.dates):
            return None
        begin, end = (self._column(name) for name in self.dates)
        first = None if begin.null.any() or not len(self) else begin.held.min().astype(dt.datetime).date()
        last = None if end.null.any() or not len(self) else end.held.max().astype(dt.datetime).date()
        return first, last

    def prepare(self) -> None:
        """Make what every question needs: kinds, places and their index; else the first who asks waits for it.

        Of a collection that is not large the texts too.
        """
        len(self.kinds)
        self._tree(None)
        if len(self) <= MOST_AT_ONCE:
            self.texts(self.rows(self.everything()))

    def everything(self) -> Bools:
        """Return all, (n,)."""
        return np.ones(len(self), np.bool_)

    def equal(self, name: str, text: str) -> Bools:
        """Return where a property has a value, (n,).

        Raises
        ------
        FilterError
            No feature can have it.
        """
        return self._column(name).equal(text)

    def between(self, name: str, low: str | None, high: str | None) -> Bools:
        """Return where a property is not less than one value and not more than another, (n,).

        Raises
        ------
        FilterError
            No feature can have one of them.
        """
        return self._column(name).between(low, high)

    def absent(self, name: str) -> Bools:
        """Return where a property has no value, (n,)."""
        return self._column(name).null

    def values(self, name: str) -> tuple[NDArray[Any], Bools]:
        """Return the values of a property, and where it has none."""
        column = self._column(name)
        return column.held, column.null

    def in_box(self, box: Box, crs: CRS | str | None = None) -> Bools:
        """Return which meet a box, (n,); those without geometry do too (OGC API – Features 1.0, 7.15.3).

        Parameters
        ----------
        box
            West, south, east, north; in degrees west may be greater than east: across the antimeridian.
        crs
            Of the box; None: degrees of WGS 84, longitude first.
        """
        west, south, east, north = box
        parts = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        tree, chosen = self._tree(crs), self._nowhere.copy()
        for left, right in parts:
            chosen[tree.query(shapely.box(left, south, right, north), predicate="intersects")] = True
        return chosen

    def relate(self, geometry: shapely.Geometry, predicate: str) -> Bools:
        """Return which stand in a relation to a geometry in the CRS of the frame, (n,); not those without one."""
        if predicate == "disjoint":
            return ~(self.relate(geometry, "intersects") | self._nowhere)
        near = self._tree(self.crs).query(geometry, predicate="intersects")
        chosen, shapes = np.zeros(len(self), np.bool_), self.frame.geometry.to_numpy()[near]
        shapely.prepare(geometry)
        backwards = {"within": "contains", "contains": "within", "covers": "covered_by", "covered_by": "covers"}
        function = getattr(shapely, backwards.get(predicate, predicate))
        chosen[near] = function(geometry, shapes)
        return chosen

    def during(self, begin: dt.datetime | None, end: dt.datetime | None) -> Bools:
        """Return whose life meets an interval, (n,): from its first day until the day before its last ends."""
        chosen = self.everything()
        if self.dates is None:
            return chosen
        for name, moment, is_first in zip(self.dates, (end, begin), (True, False), strict=True):
            if moment is not None and name in self.table:
                column, at = self._column(name), _utc(moment)
                chosen &= column.null | (column.held <= at if is_first else column.held > at)
        return chosen

    def rows(self, chosen: Bools, sortby: Sequence[tuple[str, bool]] = ()) -> Ints:
        """Return the numbers of the rows that are chosen, sorted by properties, each from low to high or (True) back.

        Rows without a value come last.
        """
        rows = np.flatnonzero(chosen)
        if not sortby:
            return rows
        keys: list[NDArray[Any]] = []
        for name, back in reversed(sortby):
            column = self._column(name)
            order = column.order[rows]
            keys += [-order.astype(np.float64 if order.dtype.kind in "fb" else np.int64) if back else order]
            keys += [column.null[rows]]
        return rows[np.lexsort(keys)]

    def texts(
        self,
        rows: NDArray[np.integer[Any]],
        *,
        columns: Sequence[str] | None = None,
        crs: CRS | str | None = None,
        swapped: bool = False,
    ) -> list[bytes]:
        """Return each row as a GeoJSON feature; as it is by default it is made once, as long as there is room.

        Parameters
        ----------
        columns
            Properties, in the order of `kinds`; None: all.
        crs
            Of the coordinates; None: degrees of WGS 84.
        swapped
            The second coordinate comes first, as the authority of some systems has it.
        """
        wanted = [int(row) for row in rows]
        if columns is not None or crs is not None or swapped:
            return self._made(wanted, columns, crs, swapped=swapped)
        kept = self._texts
        missing = [row for row in wanted if row not in kept]
        if not missing:
            found = [kept.get(row) for row in wanted]
            if None not in found:
                return [text for text in found if text is not None]
        made = dict(zip(missing, self._made(missing, None, None), strict=True))
        found = [made.get(row) or kept.get(row) for row in wanted]
        self._keep(made)
        return [text or self._made([row], None, None)[0] for text, row in zip(found, wanted, strict=True)]

    def some(self, rows: NDArray[np.integer[Any]], columns: Sequence[str] | None = None) -> gpd.GeoDataFrame:
        """Return rows as a frame, with some of the properties."""
        frame = self.frame.iloc[rows]
        if columns is None:
            return frame
        return frame[[name for name in frame if name in columns or name == frame.geometry.name]]

    def row_of(self, identity: str) -> int | None:
        """Return the number of the row with an id; None where there is none."""
        at = int(self._ids.get_indexer(pd.Index([identity], dtype="str"))[0])
        return at if at >= 0 else None

    @cached_property
    def _ids(self) -> pd.Index:
        ids = pd.Index(self.frame.index.astype("str"))
        return ids if ids.is_unique else pd.Index(np.where(ids.duplicated(), [f"\0{k}" for k in range(len(ids))], ids))

    @cached_property
    def _nowhere(self) -> Bools:
        shapes = self.frame.geometry.to_numpy()
        return np.asarray(shapely.is_missing(shapes) | shapely.is_empty(shapes), np.bool_)

    @cached_property
    def _degrees(self) -> NDArray[Any]:
        shapes = self.frame.geometry.to_numpy()
        return np.asarray(shapes) if self.crs is None else _moved(np.asarray(shapes), self.crs, 4326)

    def _tree(self, crs: CRS | str | None) -> shapely.STRtree:
        """Return an index of the places in a system; those in degrees of one datum of our time or another are one."""
        system = None if crs is None else CRS.from_user_input(crs)
        in_plan = self.crs is None or (system is not None and system == self.crs)
        key = "plan" if in_plan else "degrees" if system is None or system.is_geographic else str(system)
        if key not in self._trees:
            shapes = np.asarray(self.frame.geometry.to_numpy()) if in_plan else self._degrees
            if system is not None and self.crs is not None and key not in {"plan", "degrees"}:
                shapes = _moved(np.asarray(self.frame.geometry.to_numpy()), self.crs, system)
            self._trees[key] = shapely.STRtree(shapes)
        return self._trees[key]

    def _column(self, name: str) -> Column:
        column = self._columns.get(name)
        if column is None:
            column = self._columns.setdefault(name, Column(name, self.table[name]))
        return column

    def _made(
        self, rows: list[int], columns: Sequence[str] | None, crs: CRS | str | None, *, swapped: bool = False
    ) -> list[bytes]:
        table = self.table.iloc[rows]
        names = list(table.columns) if columns is None else [name for name in table.columns if name in columns]
        cells = [plain_cells(table[name]) for name in names]
        records = zip(*cells, strict=True) if cells else iter([()] * len(rows))
        ids = [str(identity) for identity in self.frame.index[rows]]
        return [
            f'{{"type":"Feature","id":{_text(identity)},"geometry":{shape},"properties":'
            f"{_text(dict(zip(names, record, strict=True)))}}}".encode()
            for identity, shape, record in zip(ids, self._shapes(rows, crs, swapped=swapped), records, strict=True)
        ]

    def _shapes(self, rows: list[int], crs: CRS | str | None, *, swapped: bool) -> list[str]:
        crs = None if crs is None else CRS.from_user_input(crs)
        if self.crs is None:
            shapes = self.frame.geometry.to_numpy()[rows]
        elif crs is None:
            shapes = shapely.set_precision(self._degrees[rows], _STEP_DEG, mode="pointwise")
        else:
            shapes = np.asarray(self.frame.geometry.to_numpy()[rows])
            shapes = shapes if crs == self.crs else _moved(shapes, self.crs, crs)
            step = _STEP_DEG if crs.is_geographic else _STEP_M
            shapes = shapely.set_precision(shapes, step, mode="pointwise")
        if swapped:
            shapes = shapely.transform(np.asarray(shapes), lambda places: places[:, ::-1])
        return [text or "null" for text in shapely.to_geojson(np.asarray(shapes))]

    def _keep(self, made: Mapping[int, bytes]) -> None:
        size = sum(map(len, made.values()))
        with self._lock:
            if self._bytes + size > MOST_BYTES:
                self._texts, self._bytes = {}, 0
            if size <= MOST_BYTES:
                self._texts.update(made)
                self._bytes += size


def _moved(shapes: NDArray[Any], source: CRS, target: CRS | int) -> NDArray[Any]:
    moving = Transformer.from_crs(source, target, always_xy=True)

    def move(places: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(moving.transform(*places.T))

    return np.asarray(shapely.transform(shapes, move))


def _utc(moment: dt.datetime) -> np.datetime64:
    plain = moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)
    return np.datetime64(plain, "s")


__all__ = ["Features", "FilterError", "Kind"]
