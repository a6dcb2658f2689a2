"""What is looked at in a workbook that somebody sent: a formula may show another value than it has."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Final

from drainage.errors import FormatError
from drainage.formats.guard.damaged import DAMAGED
from drainage.words import in_both

_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[ >/]")
_ENTITY: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_CELL: Final = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"[^>]*>(?=\s*<(?:\w+:)?f[ >/])')
_CHUNK: Final = 1 << 22
_OVERLAP: Final = 4096
#: A workbook may unpack to so many bytes, and so many times its own size: own choice, below those of
#: `drainage.formats.tables.workbook`, for what comes from outside and is parsed as a whole.
_MOST_BYTES: Final = 256 << 20
_MOST_FACTOR: Final = 100
_ALWAYS_BYTES: Final = 1 << 25
_MOST_MEMBERS: Final = 1000


def check_workbook(file: Path) -> None:
    """Refuse a workbook with formulas, or that unpacks to far more than it is.

    Raises
    ------
    FormatError
        It is damaged, too large, declares entities, or a cell holds a formula; the message names the first.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            _check(file, archive)
    except DAMAGED as error:
        raise FormatError(in_both("no_workbook", file=file.name, error=error)) from error


def _check(file: Path, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    size = sum(member.file_size for member in members)
    room = min(_MOST_BYTES, max(_MOST_FACTOR * file.stat().st_size, _ALWAYS_BYTES))
    if size > room or len(members) > _MOST_MEMBERS:
        raise FormatError(in_both("workbook_too_large", file=file.name, size_mb=size / 2**20))
    for member in members:
        if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml"):
            _refuse_formulas(file, archive, member)
        elif member.filename.endswith((".xml", ".rels")):
            _refuse_entities(file, archive, member)


def _refuse_entities(file: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Refuse what a workbook never has and a parser may follow to other files, or never come back from."""
    with archive.open(member) as part:
        if _ENTITY.search(part.read(_CHUNK)):
            raise FormatError(in_both("workbook_entities", file=file.name))


def _refuse_formulas(file: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    with archive.open(member) as sheet:
        carry = b""
        while chunk := sheet.read(_CHUNK):
            text = carry + chunk
            if _ENTITY.search(text):
                raise FormatError(in_both("workbook_entities", file=file.name))
            if _FORMULA.search(text):
                cell = _CELL.search(text)
                where = cell.group(1).decode("ascii") if cell else Path(member.filename).stem
                raise FormatError(in_both("workbook_formulas", file=file.name, cell=where))
            carry = text[-_OVERLAP:]
