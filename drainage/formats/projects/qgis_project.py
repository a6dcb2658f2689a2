"""A network as a project of QGIS beside a GeoPackage: it opens as the map draws it, wherever both are moved."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from drainage.errors import CrsError, FormatError
from drainage.formats.geopackage import write_into
from drainage.formats.marks import layers_of
from drainage.maps.qgis.dressed import network_looks, stored_tables
from drainage.maps.qgis.project import Project
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.said import joined
from drainage.wants import wants
from drainage.words import in_both, language, one_language, title
from drainage.writing import replacing_files, spare

#: Endings of a project: packed, or the plain text.
PROJECT_ENDINGS: Final = (".qgz", ".qgs")
_NO_DAY: Final = (1980, 1, 1, 0, 0, 0)  # of a file in an archive: the same bytes whenever they are written


class WrittenProject(NamedTuple):
    """The two files that `write_qgis_project` wrote; the project names the database by its relative path."""

    project: Path
    database: Path


@wants
def write_qgis_project(
    net: DrainageNetwork, path: str | Path, *, lang: str | None = None, force: bool = False
) -> WrittenProject:
    """Write a project of QGIS, ``.qgz`` or ``.qgs``, and a GeoPackage of the same name beside it, both or none.

    The layers lie in groups, as wide, coloured and labelled as on the map; `drainage.read_network` reads the
    GeoPackage. Open it with QGIS 3.22 or later.

    Parameters
    ----------
    lang
        Of groups, legends and fields; default: that of the reader.
    force
        Replace existing files.

    Raises
    ------
    FormatError
        One of the files exists and ``force`` is False, the ending is another, the name has a ``|``, which QGIS takes
        for the end of a file name, or the network was read from the GeoPackage that would be written.
    CrsError
        The network is a schematic plan, whose coordinates lie nowhere.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> with TemporaryDirectory() as folder:
    ...     written = dr.formats.write_qgis_project(net, f"{folder}/street.qgz")
    ...     written.project.name, len(dr.read_network(written.database))
    ('street.qgz', 4)
    """
    goal = Path(path)
    database = database_of(goal)
    if net.crs is None:
        raise CrsError(in_both("plan_not_read_back", net=net.source or in_both("the_network")))
    spare([goal, database], net.files)
    with replacing_files([goal, database], force=force) as folder:
        write_into(net, folder / database.name, lang=lang)
        text = _project(net, folder / database.name, lang).as_text()
        if goal.suffix.lower() == ".qgs":
            (folder / goal.name).write_text(text, encoding="utf-8")
        else:
            with zipfile.ZipFile(folder / goal.name, "w") as packed:
                inside = zipfile.ZipInfo(f"{goal.stem}.qgs", _NO_DAY)
                packed.writestr(inside, text, compress_type=zipfile.ZIP_DEFLATED)
    return WrittenProject(goal, database)


def database_of(project: Path) -> Path:
    """Return the GeoPackage that is written beside a project.

    Raises
    ------
    FormatError
        The file cannot be a project.
    """
    if project.suffix.lower() not in PROJECT_ENDINGS:
        raise FormatError(in_both("other_ending", place=project.name, endings=", ".join(PROJECT_ENDINGS)))
    if "|" in project.name:
        raise FormatError(in_both("project_name", name=project.name))
    return project.with_suffix(".gpkg")


def _project(net: DrainageNetwork, database: Path, lang: str | None) -> Project:
    speaks = language(lang)
    said = Provenance.of(net)
    notice = one_language(said.notice, speaks) if said.notice else ""
    with closing(sqlite3.connect(database)) as opened:
        stored = stored_tables(opened)
    if net.crs is None:
        raise CrsError(in_both("plan_not_read_back", net=net.source or in_both("the_network")))
    return Project(
        title=title("network", speaks),
        abstract=joined(filter(None, (notice, said.as_json())), "\n"),
        notice=notice,
        database=database.name,
        crs=net.crs,
        layers=network_looks(layers_of(net)),
        stored=stored,
        lang=speaks,
    )
