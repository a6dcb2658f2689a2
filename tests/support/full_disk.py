"""Writers on a full disk, run as a program: ``python tests/support/full_disk.py FOLDER [BYTES]``.

``FOLDER`` lies on a disk with little room, or no file may have more than so many bytes. Prints for each format what
became of a large network that should replace a small one: the error, and whether all is as it was.
"""

from __future__ import annotations

import hashlib
import itertools
import resource
import sys
from pathlib import Path

import pandas as pd

from drainage.formats.geopackage import write_network
from drainage.network import DrainageNetwork
from drainage.report import Report
from drainage.result import Result
from tests.support.drains import drain

MANY = 24_000


def street(n: int) -> DrainageNetwork:
    """Draw a street of n pipes."""
    levels = {f"n{i:05d}": 100.0 - i * 0.01 for i in range(n + 1)}
    names = list(levels)
    return drain([f"{a}>{b} storm 300" for a, b in itertools.pairwise(names)], levels, ground=200.0)


def write(net: DrainageNetwork, goal: Path) -> None:
    if goal.suffix == ".xlsx":
        Result("pipes", {"pipes": net.pipes}, pd.Series({"pipes": len(net.pipes)})).to_excel(goal, force=True)
    elif goal.suffix:
        write_network(net, goal, force=True)
    else:
        Report(net, {"pipes": len(net.pipes)}, {"pipes": net.pipes, "issues": net.nodes}, {}, "<html>").write(
            goal, force=True
        )


def state(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def main(folder: Path, limit: int | None) -> None:
    small, large = street(3), street(MANY)
    for name in ("net.gpkg", "net.fgb", "net.shp", "net.geojson", "net.parquet", "net.xlsx", "report"):
        place = folder / name.replace(".", "_")
        write(small, place / name)
        before = state(folder)
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            write(large, place / name)
        except OSError as error:
            said = str(error)
        except BaseException as error:  # noqa: BLE001 - that none other comes is what is tested
            said = f"another: {error!r}"
        else:
            said = "written"
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print(name, state(folder) == before, said, sep="\t")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)
