"""The store of a server, opened by a command: named by its directory, or by the URL of its database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from drainage.errors import FormatError
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage_api.store.opened import Store


@contextmanager
def opened(named: str | None, *, make: bool = False, to_restore: bool = False) -> Iterator[Store]:
    """Give a store; ``make`` makes it where it is not there, ``to_restore`` takes one too that is half restored.

    Raises
    ------
    FormatError
        There is none, it cannot be read or written, or the extra api is missing.
    """
    try:
        from drainage_api.store.opened import Store
    except ImportError as error:
        raise FormatError(in_both("serve_wants_extra")) from error
    place, url = place_of(named)
    if place is not None and not make and not Store.lies_in(place):
        raise FormatError(in_both("store_missing", place=place))
    with Store.opened(place, url, to_restore=to_restore) as store:
        yield store


def place_of(named: str | None) -> tuple[Path | None, str | None]:
    """Return the directory or the URL of a store: what was said, else what the environment says to the server too.

    Raises
    ------
    FormatError
        Neither says anything.
    """
    said = named or os.environ.get("DRAINAGE_DATABASE_URL") or os.environ.get("DRAINAGE_STORE")
    if not said:
        raise FormatError(in_both("store_not_named"))
    return (None, said) if "://" in said else (Path(said), None)
