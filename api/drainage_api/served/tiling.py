"""The vector tiles of what is served: one archive for each version and each who sees other columns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import geopandas as gpd
from pmtiles.reader import MemorySource, Reader
from pmtiles.tile import deserialize_directory, find_tile, zxy_to_tileid

import drainage as dr
from drainage_api.served.apart import apart
from drainage_api.served.made import Made, made
from drainage_api.served.served import STREETS, Served, Who

#: Features whose tiles are made in some 0.1 s, less than a process takes to begin (own choice).
FEW = 2_000
_MOST_DIRECTORIES = 64  # of 4,096 tiles each, kept unpacked
_DEEPEST = 4  # of a directory in directories, as the format has it


class Tiles:
    """An archive of tiles that is asked for one at a time.

    Parameters
    ----------
    archive
        PMTiles 3, each tile gzipped.
    """

    def __init__(self, archive: bytes) -> None:
        """Read its header and its metadata."""
        self._bytes = MemorySource(archive)
        reader = Reader(self._bytes)
        self.header: dict[str, Any] = reader.header()
        self.layers: list[dict[str, Any]] = reader.metadata()["vector_layers"]
        self._directory = lru_cache(_MOST_DIRECTORIES)(self._unpacked)

    def get(self, zoom: int, column: int, row: int) -> bytes | None:
        """Return a tile, gzipped; None where it holds nothing."""
        number, place = zxy_to_tileid(zoom, column, row), (self.header["root_offset"], self.header["root_length"])
        for _ in range(_DEEPEST):
            entry = find_tile(self._directory(*place), number)
            if entry is None:
                return None
            if entry.run_length:
                found: bytes = self._bytes(self.header["tile_data_offset"] + entry.offset, entry.length)
                return found
            place = (self.header["leaf_directory_offset"] + entry.offset, entry.length)
        return None

    @property
    def bounds(self) -> list[float]:
        """West, south, east, north in degrees."""
        return [self.header[f"{name}_e7"] / 1e7 for name in ("min_lon", "min_lat", "max_lon", "max_lat")]

    @property
    def zooms(self) -> tuple[int, int]:
        """The first and the last that there is."""
        return self.header["min_zoom"], self.header["max_zoom"]

    def _unpacked(self, offset: int, length: int) -> Any:  # noqa: ANN401 - entries of the library
        return deserialize_directory(self._bytes(offset, length))


def tiles_of(here: Served, who: Who, version: str) -> Made[Tiles]:
    """Return the tiles of all collections that are somebody's, with the columns that are.

    Its result raises FormatError where nothing lies anywhere.
    """
    side = here.side(version)
    frames = {name: here.features(name, who, side).frame for name in here.names(who, side) if name != STREETS}
    seen = tuple((name, *map(str, frame.columns)) for name, frame in frames.items())
    return made(here, ("tiles", side, seen), lambda: Tiles(_archive(frames)))


def _archive(frames: Mapping[str, gpd.GeoDataFrame]) -> bytes:
    """Make the archive; of many features in a process of its own, for GDAL lets nothing else run meanwhile."""
    if sum(map(len, frames.values())) <= FEW:
        return dr.maps.vector_tiles(frames)
    return apart(dr.maps.vector_tiles, frames)
