"""Files that hold several tables or other files: which part of them is which layer, and what lies in an archive."""

from __future__ import annotations

import gzip
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

import geopandas as gpd

from drainage.errors import FormatError
from drainage.formats.guard.before_opening import check_path, open_head
from drainage.formats.guard.damaged import DAMAGED
from drainage.formats.guard.gdal import OF_LAYERS, list_layers
from drainage.formats.tables.workbook import WORKBOOK_ENDINGS, sheet_names
from drainage.said import joined
from drainage.schema.codes import fold
from drainage.words import in_both
from drainage.writing import scratch

#: Marks in a name by which the system of a file, sheet, layer or drawing layer is known, beside the survey codes.
SYSTEM_MARKS: Final = {
    "combined": ("combined", "合流"),
    "storm": ("storm", "雨水"),
    "sewage": ("sanitary", "sewage", "wastewater", "污水"),
    "reclaimed": ("reclaimed", "再生", "中水"),
}
_CODE: Final = re.compile(r"(?:^|_)(ys|ws|hs|zs)(?=$|[^a-z]|line|point)")
_CODES: Final = {"ys": "storm", "ws": "sewage", "hs": "combined", "zs": "reclaimed"}
_KIND_MARKS: Final = {"outfall": ("outfall", "outlet"), "inlet": ("inlet", "catchbasin", "basins")}
_ROLE_MARKS: Final = {
    "pipes": ("line", "管线", "管段", "线表", "线"),
    "nodes": ("point", "管点", "节点", "点表", "井", "点"),
}
_PACKED: Final = {".shp", ".geojson", ".json", ".gpkg", ".fgb", ".parquet", ".dxf", ".gml", ".kml", ".mif", ".tab"}
_MOST_BYTES: Final = 4 * 2**30  # an archive that unpacks to more is refused
_MOST_FACTOR: Final = 200  # likewise one that unpacks to so many times its own size


def system_in_name(name: str) -> str | None:
    """Return the system that a name identifies, such as ``YSLINE`` or ``storm_mains``."""
    code = _CODE.search(fold(name))
    return _CODES[code.group(1)] if code else _word_in_name(name, SYSTEM_MARKS)


def holds_nodes(name: str) -> bool:
    """Return whether the name of a table or a drawing layer, such as ``YSPOINT``, says that it holds nodes."""
    return _role_in_name(name) == "nodes"


def lying_beside(layer: str, pipes: Path) -> Path | None:
    """Return the file of a layer beside one of pipes: ``nodes.*`` beside ``pipes.*``, ``YSPOINT`` beside ``YSLINE``."""
    names = [f"{layer}{ending}" for ending in (".geojson", ".gpkg", ".fgb", ".parquet", ".shp", ".csv")]
    names = names if pipes.stem.startswith("pipes") else _point_tables(pipes) if layer == "nodes" else []
    return next((path for path in map(pipes.with_name, names) if path.is_file()), None)


def _point_tables(lines: Path) -> list[str]:
    swaps = (("LINE", "POINT"), ("line", "point"), ("Line", "Point"), ("管线", "管点"), ("线", "点"))
    return [lines.name.replace(a, b) for a, b in swaps if a in lines.name]


class Part(NamedTuple):
    """A table that plays a role in a delivery: a file, a table in one, or the rows that the caller has already.

    One that is optional is passed over where it is empty.
    """

    path: Path
    table: str | None = None
    optional: bool = False
    rows: gpd.GeoDataFrame | None = None

    @property
    def place(self) -> str:
        """What messages call it."""
        return f"{self.path.name} {self.table}" if self.table else self.path.name

    @property
    def system(self) -> str | None:
        """The system that its name identifies."""
        return system_in_name(self.table or self.path.stem)

    @property
    def kind(self) -> str | None:
        """The kind of nodes that its name identifies."""
        return _word_in_name(self.table or self.path.stem, _KIND_MARKS)


def parts_of(path: Path, *roles: str) -> dict[str, list[Part]]:
    """Return which tables of a file play each role: the file itself where it is one table.

    A table named like the layer is preferred; then, for pipes and nodes, all whose name identifies a system and that
    hold lines or points, such as ``YSLINE`` and ``WSLINE``; then the only table of a file, for pipes.

    Raises
    ------
    FormatError
        It is not a plain file in a supported format, or pipes are wanted and none of its tables holds them.
    """
    held = _held(check_path(path))
    if held is None:
        return {role: [Part(path)] for role in roles}
    return {role: [Part(path, name) for name in _cast(role, held, path)] for role in roles}


def part_of(path: Path, role: str) -> Part:
    """Return the table of a file that plays a role.

    Raises
    ------
    FormatError
        As in `parts_of`; or none of its tables does.
    """
    parts = parts_of(path, role)[role]
    if not parts:
        raise FormatError(in_both("no_table_named", file=path.name, role=role))
    return parts[0]


def _cast(role: str, held: dict[str, str | None], file: Path) -> list[str]:
    """Return the names of the tables that play a role."""
    if role in held:
        return [role]
    if role not in _ROLE_MARKS:
        return []
    fitting = [name for name, kind in held.items() if system_in_name(name) and role == (kind or _role_in_name(name))]
    if not fitting:
        fitting = [name for name in held if _role_in_name(name) == role]  # 线表 and 点表, the system in a column
    only = [name for name, kind in held.items() if role in (kind or "pipes")]
    if fitting or len(only) == 1:
        return fitting or only
    if role == "pipes":
        raise FormatError(in_both("no_table_of_pipes", file=file.name, found=joined(held, ", ") or in_both("nothing")))
    return []


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Yield the plain file in a ``.gz``, or in a ``.zip`` that holds one; any other path as it is.

    Raises
    ------
    FormatError
        The archive is broken, holds names that lead out of it, no or several layers, or far more than it should.
    """
    if path.suffix.lower() not in {".gz", ".zip", ".kmz"}:
        yield path
        return
    open_head(check_path(path))
    with scratch() as folder:
        try:
            inside = (_gunzip if path.suffix.lower() == ".gz" else _unzip)(path, folder)
        except DAMAGED as error:
            raise FormatError(in_both("cannot_unpack", file=path.name, error=error)) from error
        yield inside


def _word_in_name(name: str, marks_by_word: Mapping[str, Sequence[str]]) -> str | None:
    """Return the word one of whose marks occurs in a name."""
    plain = fold(name)
    return next((word for word, marks in marks_by_word.items() if any(mark in plain for mark in marks)), None)


def _role_in_name(name: str) -> str | None:
    return _word_in_name(name, _ROLE_MARKS)


def _held(file: Path) -> dict[str, str | None] | None:
    """Return the tables in a file with the role that their geometry gives them; None for a file of one table."""
    suffix = file.suffix.lower()
    if suffix in WORKBOOK_ENDINGS:
        open_head(file)
        return dict.fromkeys(sheet_names(file))
    if suffix not in OF_LAYERS:
        return None
    return {name: _role_of_geometry(kind) for name, kind in list_layers(file).items() if kind is not None}


def _role_of_geometry(kind: str) -> str | None:
    if kind.startswith("Unknown"):  # of a layer that may hold anything, as those of KML
        return None
    return "pipes" if "Line" in kind or "Curve" in kind else "nodes" if "Point" in kind else "other"


def _gunzip(path: Path, folder: Path) -> Path:
    inside = folder / path.stem
    with gzip.open(path) as packed, inside.open("wb") as plain:
        room = _room(path)
        while chunk := packed.read(1 << 22):
            room -= len(chunk)
            if room < 0:
                raise FormatError(in_both("unpacks_to_more", file=path.name))
            plain.write(chunk)
    return inside


def _unzip(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        members = [m for m in archive.infolist() if not m.is_dir()]
        for member in members:
            place = _place(member)
            if place.is_absolute() or ".." in place.parts or ":" in member.filename:
                raise FormatError(in_both("leads_out_of_archive", file=path.name, member=member.filename))
        if sum(m.file_size for m in members) > _room(path):
            raise FormatError(in_both("unpacks_to_more", file=path.name))
        bases = {place.parts[: at + 1] for place in map(_place, members) for at in _at_geodatabase(place)}
        if len(bases) == 1:
            return _unzip_folder(archive, members, bases.pop(), folder)
        layers = [m for m in members if Path(m.filename).suffix.lower() in _PACKED]
        if len(layers) != 1:
            found = joined([m.filename for m in layers], ", ") or in_both("none")
            raise FormatError(in_both("one_layer_inside", file=path.name, found=found))
        stem = Path(layers[0].filename).stem
        for member in members:
            name = Path(member.filename).name
            if name.startswith(f"{stem}."):
                with archive.open(member) as packed, (folder / name).open("wb") as plain:
                    shutil.copyfileobj(packed, plain)
    return folder / Path(layers[0].filename).name


def _place(member: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(member.filename.replace("\\", "/"))


def _at_geodatabase(place: PurePosixPath) -> list[int]:
    return [at for at, part in enumerate(place.parts[:-1]) if part.lower().endswith(".gdb")][:1]


def _unzip_folder(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], base: tuple[str, ...], folder: Path
) -> Path:
    """Unpack a FileGDB, which is a folder."""
    goal = folder / base[-1]
    goal.mkdir()
    for member in members:
        if _place(member).parts[:-1] == base:
            with archive.open(member) as packed, (goal / _place(member).name).open("wb") as plain:
                shutil.copyfileobj(packed, plain)
    return goal


def _room(path: Path) -> int:
    return min(_MOST_BYTES, max(_MOST_FACTOR * path.stat().st_size, 1 << 26))
