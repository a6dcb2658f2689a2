"""Coordinate systems that name files of datum shifts: PROJ opens any path that stands there, so none may come in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from drainage.errors import CrsError
from drainage.words import in_both

_NAMES_A_FILE: Final = re.compile(
    rb'grids\s*=\s*(?!@?null)|PROJ4_GRIDS"\s*,\s*"(?!@?null)|PARAMETERFILE|\+init\s*=\s*(?!epsg:)|PROJ-based',
    re.IGNORECASE,
)
_CHUNK: Final = 1 << 22
_OVERLAP: Final = 256


def refuse_grids(said: bytes | str, file: Path) -> None:
    """Raise where the text of a coordinate system names a file.

    Raises
    ------
    CrsError
        It does; ``@null``, which is none, may stand there.
    """
    said = said if isinstance(said, bytes) else said.encode("utf-8", "replace")
    if _NAMES_A_FILE.search(said.replace(b"\0", b"")):
        raise CrsError(in_both("write_in_plain_crs", file=file.name, remark=in_both("shift_file_named")))


def refuse_grids_in(place: Path, file: Path, *, most: int | None = None) -> None:
    """Raise where a file, or its first bytes, hold the text of such a system; a file that is not there says nothing."""
    if not place.is_file():
        return
    carry, left = b"", most
    with place.open("rb") as stream:
        while (left is None or left > 0) and (chunk := stream.read(_CHUNK if left is None else min(left, _CHUNK))):
            refuse_grids(carry + chunk, file)
            carry = chunk[-_OVERLAP:]
            left = None if left is None else left - len(chunk)
