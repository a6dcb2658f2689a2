"""A process of its own in which GDAL knows one driver: what it lists or reads is left in a folder for the caller.

A text may look like many formats at once, and GDAL asks its drivers in its own order: a virtual layer inside a drawing
would open any other file and ask any address. Where no other driver is there, none can be asked.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


class _Absent:
    """Finds no library that pyogrio takes where it is and that is not needed here: a second of loading."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name.partition(".")[0] in {"geopandas", "pandas", "shapely"}:
            raise ModuleNotFoundError(name)


def main(folder: Path) -> None:
    """Carry out a request, and write the answer beside it."""
    said: dict[str, Any] = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    os.environ |= said["environment"]  # before GDAL is loaded, which makes its list of drivers then
    sys.meta_path.insert(0, _Absent())
    import pyogrio

    answer: dict[str, Any]
    try:
        if said["layer"] is None:
            answer = {"layers": [[str(name), kind and str(kind)] for name, kind in pyogrio.list_layers(said["path"])]}
        else:
            answer = _read(said, folder / "table.arrow")
    except (RuntimeError, OSError, ValueError, LookupError) as error:  # RuntimeError: all errors of pyogrio
        answer = {"error": str(error)}
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")


def _read(said: dict[str, Any], target: Path) -> dict[str, Any]:
    """Write one layer as an Arrow file; arcs become chords, which is why it is not read by way of Arrow."""
    import pyarrow as pa
    from pyogrio.raw import read

    options = {"layer": said["layer"], "read_geometry": said["geometry"], "datetime_as_string": True}
    try:
        meta, _, geometry, columns = read(said["path"], **options, **said["options"])
    except UnicodeDecodeError:  # a format that does not say its language; GDAL itself knows UTF-8 and Latin-1 by then
        meta, _, geometry, columns = read(said["path"], encoding="GB18030", **options, **said["options"])
    data = {str(name): pa.array(values) for name, values in zip(meta["fields"], columns, strict=True)}
    name = None
    if geometry is not None:
        name = next(n for n in ("geometry", "geometry_", "geometry__") if n not in data)
        data[name] = pa.array(geometry, type=pa.binary())
    table = pa.table(data)
    with pa.OSFile(str(target), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return {"crs": meta["crs"], "geometry": name}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
