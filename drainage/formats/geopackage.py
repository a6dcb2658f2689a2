"""A network to one GeoPackage, nothing lost: a file of ours is taken at its word, not understood anew.

Beside the layers stands a table that says which column is which and of what type (`drainage.formats.marks`).
"""

from __future__ import annotations

from pathlib import Path

from drainage.errors import CrsError, FormatError
from drainage.formats.addresses import is_database
from drainage.formats.marks import MARK, described
from drainage.formats.postgis import write_tables
from drainage.formats.vector import write_files
from drainage.maps.qgis.dressed import dress, network_looks
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.wants import wants
from drainage.words import in_both
from drainage.writing import VECTOR_ENDINGS, check_free, replacing_file, write_layer, write_provenance


@wants
def write_network(net: DrainageNetwork, target: str | Path, *, force: bool = False) -> None:
    """Write a network: ``.gpkg`` holds all of it; ``.geojson``, ``.fgb``, ``.parquet``, ``.shp`` one file per layer.

    With the URL of a PostGIS database the layers become its tables.

    Raises
    ------
    FormatError
        The target exists and ``force`` is False, the extension is not supported, or the database does not answer.
    CrsError
        The network is a schematic plan, whose coordinates lie nowhere.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> with TemporaryDirectory() as folder:
    ...     dr.write_network(net, f"{folder}/part.gpkg")
    ...     dr.read_network(f"{folder}/part.gpkg")
    <DrainageNetwork: 4 pipes, 5 nodes, 0.2 km, EPSG:4548, 7 issues>
    """
    if is_database(target):
        write_tables(net, str(target), force=force)
    elif Path(target).suffix.lower() in VECTOR_ENDINGS:
        write_files(net, Path(target), force=force)
    else:
        check_network_goal(str(target), force=force)  # which names all endings, not that of a GeoPackage alone
        write_geopackage(net, target, force=force)


def check_network_goal(target: str, *, force: bool) -> Path | None:
    """Return the file of a network that can be written, before any work is done for it; None for a database.

    Raises
    ------
    FormatError
        It has another extension, or exists and ``force`` is False; a database says so itself when it is written.
    """
    if is_database(target):
        return None
    path, known = Path(target), (".gpkg", *VECTOR_ENDINGS)
    if path.suffix.lower() not in known:
        raise FormatError(in_both("ending_unknown", name=path.name, known=", ".join(known)))
    check_free(path, ending=path.suffix.lower(), force=force)
    return path


def write_geopackage(net: DrainageNetwork, path: str | Path, *, force: bool = False) -> Path:
    """Write pipes, nodes and what lies beside them as layers of a GeoPackage; `read_network` gives the same network.

    Values keep their ``*_source`` marks: what was filled before is not taken for recorded afterwards.

    Raises
    ------
    FormatError
        The file exists and ``force`` is False, or its extension is not ``.gpkg``.
    CrsError
        The network is a schematic plan, whose coordinates lie nowhere.
    """
    with replacing_file(path, ending=".gpkg", force=force) as part:
        write_into(net, part)
    return Path(path)


def write_into(
    net: DrainageNetwork, part: Path, *, lang: str | None = None, provenance: Provenance | None = None
) -> None:
    """Write a network to a GeoPackage that is not there yet.

    Parameters
    ----------
    lang
        Of what fields are called in other programs.
    provenance
        Of the answers with which it is kept; None: its own.

    Raises
    ------
    CrsError
        The network is a schematic plan, whose coordinates lie nowhere.
    """
    if net.crs is None:
        raise CrsError(in_both("plan_not_read_back", net=net.source or in_both("the_network")))
    layers, mark = described(net)
    for name, table in layers.items():
        write_layer(table, part, layer=name, append=part.exists())
    write_layer(mark, part, layer=MARK, append=True)
    write_provenance(provenance or Provenance.of(net), part)
    dress(part, network_looks(layers), lang=lang)
