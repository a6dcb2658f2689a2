"""The Shapefiles of a zip that somebody sent, laid out in a folder of ours under names of ours."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath
from typing import Final

from drainage.errors import FormatError
from drainage.formats.guard.damaged import DAMAGED
from drainage.words import in_both

#: Files that make up a Shapefile and are read; what else lies beside them stays where it is.
_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_PACKED: Final = (".zip", ".rar", ".7z", ".gz", ".tar", ".kmz")
# Own choices: a Shapefile packs to a fifth of its size, and to less where its texts are blank.
_MOST_BYTES: Final = 512 << 20
_MOST_FACTOR: Final = 200
_ALWAYS_BYTES: Final = 1 << 25
_MOST_MEMBERS: Final = 200


def unpack_shapes(file: Path, folder: Path) -> list[Path]:
    """Unpack the Shapefiles of an archive, and return them.

    Raises
    ------
    FormatError
        The archive is broken, encrypted, holds links, archives, names that lead out of it or stand twice, or unpacks
        to far more than it is.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            _check(file, members)
            for member in members:
                place = _place(member)
                if place.suffix.lower() in _PARTS:
                    with archive.open(member) as packed, (folder / _name_here(place)).open("wb") as plain:
                        shutil.copyfileobj(packed, plain)
    except DAMAGED as error:
        raise FormatError(in_both("cannot_unpack", file=file.name, error=error)) from error
    return sorted(folder.glob("*.shp"))


def _check(file: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive that is not what a person packs."""
    if len(members) > _MOST_MEMBERS:
        raise FormatError(in_both("zip_many_members", file=file.name, count=len(members), most=_MOST_MEMBERS))
    room = min(_MOST_BYTES, max(_MOST_FACTOR * file.stat().st_size, _ALWAYS_BYTES))
    if sum(one.file_size for one in members) > room:
        raise FormatError(in_both("unpacks_to_more", file=file.name))
    names = set[str]()
    for one in members:
        place = _place(one)
        if place.is_absolute() or ".." in place.parts or ":" in one.filename or "\x00" in one.filename:
            raise FormatError(in_both("leads_out_of_archive", file=file.name, member=one.filename[:80]))
        if stat.S_ISLNK(one.external_attr >> 16):
            raise FormatError(in_both("zip_link", file=file.name, member=one.filename[:80]))
        if one.flag_bits & 1:
            raise FormatError(in_both("zip_encrypted", file=file.name))
        if place.suffix.lower() in _PACKED:
            raise FormatError(in_both("kind_not_read", file=file.name, found=in_both("kind_zip_in_zip")))
        if place.suffix.lower() in _PARTS:
            if (name := _name_here(place).lower()) in names:
                raise FormatError(in_both("zip_name_twice", file=file.name, member=place.name[:80]))
            names.add(name)


def _place(member: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(member.filename.replace("\\", "/"))


def _name_here(place: PurePosixPath) -> str:
    """Return the name of a part without its folder, its ending as GDAL seeks it."""
    return f"{place.stem}{place.suffix.lower()}"
