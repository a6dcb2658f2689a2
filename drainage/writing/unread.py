"""Databases that nobody reads yet, as GeoPackages in a hidden folder: SQLite waits for the disk at none of their steps.

A GeoPackage of a network is written in a hundred transactions, each of which would wait for the disk some times. What
is kept of it is what `drainage.writing.moving` brings to the disk, whole, before it is moved into its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

import pyogrio

#: What GDAL is told (its driver of GeoPackage, "Configuration options"); SQLite by itself is told the same as pragmas.
_OF_GDAL: Final = {"OGR_SQLITE_SYNCHRONOUS": "OFF", "OGR_SQLITE_JOURNAL": "MEMORY"}
PRAGMAS: Final = "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY;"

_lock = Lock()
_writers = 0
_before: dict[str, str | bool | None] = {}


@contextmanager
def unread_database() -> Iterator[None]:
    """Let GDAL write databases without waiting; its settings are of the process, so the last writer puts them back."""
    global _writers  # noqa: PLW0603 - as the settings are
    with _lock:
        if _writers == 0:
            _before.update({name: pyogrio.get_gdal_config_option(name) for name in _OF_GDAL})
            pyogrio.set_gdal_config_options(_OF_GDAL)
        _writers += 1
    try:
        yield
    finally:
        with _lock:
            _writers -= 1
            if _writers == 0:
                pyogrio.set_gdal_config_options(_before)
