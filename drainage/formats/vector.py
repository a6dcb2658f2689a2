"""A network to plain vector files: the pipes in one, its nodes and what lies beside them in others, for other programs.

A GeoPackage (`drainage.formats.geopackage`) keeps more: types, order, issues. A Shapefile cuts names of columns to ten
bytes; ours are understood again, others stay cut, and of those that become the same the later get the endings _2, _3 …
"""

from __future__ import annotations

from pathlib import Path

from drainage.errors import CrsError
from drainage.formats.marks import layers_of
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.words import in_both
from drainage.writing import replacing_files, spare, write_vector


def write_files(net: DrainageNetwork, path: Path, *, force: bool = False) -> None:
    """Write pipes to a file, and nodes, roads and other layers beside it, in the same format; all of them or none.

    Raises
    ------
    FormatError
        One of the files exists and ``force`` is False.
    CrsError
        The network is a schematic plan, which these formats cannot place.
    """
    if net.crs is None:
        raise CrsError(in_both("plan_not_on_earth_gpkg", net=net.source or in_both("the_network")))
    layers = layers_of(net)
    goals = {path: layers.pop("pipes")}
    goals |= {path.with_name(f"{name}{path.suffix}"): frame for name, frame in layers.items()}
    # the user named one file: the others must not fall on what the network was read from
    spare([goal for goal in goals if goal != path], net.files)
    said = Provenance.of(net)
    with replacing_files(list(goals), ending=path.suffix.lower(), force=force, provenance=said) as folder:
        for goal, frame in goals.items():
            write_vector(frame, folder / goal.name, provenance=said)
