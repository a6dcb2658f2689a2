"""The addresses of databases among the names of files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# a path makes one stroke of two, and on Windows turns it
SCHEME: Final = re.compile(r"postgres(?:ql)?(?:\+\w+)?:(?://|[/\\](?![/\\]))", re.IGNORECASE)


def is_database(source: object) -> bool:
    """Return whether a source is the URL of a database rather than a path."""
    return isinstance(source, (str, Path)) and SCHEME.match(str(source)) is not None


def holds_database(*sources: object) -> bool:
    """Return whether any of the sources is a database."""
    return any(
        holds_database(*(one.values() if isinstance(one, Mapping) else one))
        if isinstance(one, (Mapping, list, tuple))
        else is_database(one)
        for one in sources
    )
