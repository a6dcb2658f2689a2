"""Which engine a store has: a server where a URL is given, else a file in the directory."""

from __future__ import annotations

from pathlib import Path

from drainage_api.store.database import Database
from drainage_api.store.dialects.in_file import open_in_file


def open_database(place: Path | None, url: str | None = None) -> Database:
    """Open the database of a store, and make it where nothing is there.

    Parameters
    ----------
    place
        The directory of the store; with a URL that of its cache, or None.
    url
        Of PostgreSQL.

    Raises
    ------
    FormatError
        It cannot be a store.
    StoreError
        It cannot be read.
    """
    if url is not None:
        from drainage_api.store.dialects.on_server import OnServer  # which needs the driver

        return OnServer(url, place)
    if place is None:
        raise ValueError("a store has a directory or a URL")
    return open_in_file(place)


def named(place: Path | None, url: str | None = None) -> str:
    """Return how a store is named to people: a URL without what is secret in it."""
    if url is None:
        return str(place)
    from drainage_api.store.dialects.on_server import address_of, shown

    return shown(address_of(url))
