"""Damages good files of every format at random, reads them, and says which end in anything but a result or one line.

``python validation/fuzz_readers.py [--mutations 150] [--seed 1] [ENDING …]``; exit code 1 where a raw exception came.
Bounded and repeatable: the same seed damages the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import random
import shutil
import sys
import tempfile
import traceback
import warnings
import zipfile
from collections import Counter
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

import drainage as dr
from drainage.errors import DrainageError

ENDINGS = (
    ".gpkg", ".marked.gpkg", ".fgb", ".parquet", ".shp", ".dbf", ".shx", ".xlsx", ".ods", ".inp", ".geojson", ".csv",
    ".toml", ".dxf", ".kml", ".gml", ".mif", ".zip", ".gz",
)  # fmt: skip
_INP = """[TITLE]
small
[OPTIONS]
FLOW_UNITS CMS
[JUNCTIONS]
A 10 3 0 0 0
B 9.5 3 0 0 0
[OUTFALLS]
O 9 FREE NO
[CONDUITS]
C1 A B 50 0.013 0 0 0 0
C2 B O 50 0.013 0 0 0 0
[XSECTIONS]
C1 CIRCULAR 0.6 0 0 0 1
C2 CIRCULAR 0.6 0 0 0 1
[COORDINATES]
A 500000 3700000
B 500050 3700000
O 500100 3700000
"""
_TOML = """[pipes]
diameter_mm = "管径"
from_node = ["qd", "起点点号"]
[units]
diameter_mm = "mm"
[codes.system]
1 = "storm"
"""


def good_files(folder: Path) -> dict[str, Path]:
    """Write one good file of each format, with all that it needs beside it, each in a folder of its own."""
    places = {ending: folder / ending.strip(".") for ending in ENDINGS}
    for place in places.values():
        place.mkdir()
    lines = [shapely.LineString([(500000 + 50 * k, 3712000), (500050 + 50 * k, 3712000)]) for k in range(20)]
    pipes = gpd.GeoDataFrame(
        {
            "pipe_id": [f"管{k}" for k in range(20)],
            "system": ["storm", "sewage"] * 10,
            "diameter": [300.0 + k for k in range(20)],
            "年代": ["2010-05-01"] * 20,
            "road": ["人民路"] * 20,
        },
        geometry=lines,
        crs="EPSG:4548",
    )
    degrees = pipes.to_crs(4326)
    made = {ending: place / f"pipes.{ending.rpartition('.')[2]}" for ending, place in places.items()}
    made |= {".dbf": places[".dbf"] / "pipes.shp", ".shx": places[".shx"] / "pipes.shp"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.write_dataframe(pipes, made[".gpkg"], layer="pipes")
        dr.write_network(dr.as_network(pipes), made[".marked.gpkg"])
        pyogrio.write_dataframe(pipes, made[".fgb"])
        pipes.to_parquet(made[".parquet"])
        for ending in (".shp", ".dbf", ".shx"):
            pyogrio.write_dataframe(pipes, made[ending], encoding="UTF-8")
        pyogrio.write_dataframe(degrees, made[".kml"], driver="LIBKML")
        pyogrio.write_dataframe(pipes, made[".gml"], driver="GML")
        pyogrio.write_dataframe(pipes.drop(columns="年代"), made[".mif"], driver="MapInfo File")
        pyogrio.write_dataframe(gpd.GeoDataFrame({"Layer": ["YS"] * 20}, geometry=lines), made[".dxf"], driver="DXF")
    made[".geojson"].write_text(degrees.to_json(ensure_ascii=False), encoding="utf-8")
    table = pd.DataFrame({"管线编号": pipes["pipe_id"], "起点点号": [f"A{k}" for k in range(20)]})
    table = table.assign(终点点号=[f"A{k + 1}" for k in range(20)], 管径=pipes["diameter"])
    points = pd.DataFrame(
        {"点号": [f"A{k}" for k in range(21)], "X": 3712000.0, "Y": [500000.0 + 50 * k for k in range(21)]}
    )
    for ending in (".xlsx", ".ods", ".csv", ".toml"):
        points.to_csv(made[ending].with_name("nodes.csv"), index=False)
    table.to_excel(made[".xlsx"], index=False)
    _write_ods(table, made[".ods"])
    table.to_csv(made[".csv"], index=False)
    made[".inp"].write_text(_INP, encoding="utf-8")
    made[".toml"].write_text(_TOML, encoding="utf-8")
    shutil.make_archive(str(made[".zip"].with_suffix("")), "zip", places[".shp"])
    made[".gz"] = made[".gz"].with_name("pipes.geojson.gz")
    made[".gz"].write_bytes(gzip.compress(made[".geojson"].read_bytes()))
    return made


def _write_ods(table: pd.DataFrame, path: Path) -> None:
    rows = [list(table.columns), *table.astype(str).to_numpy().tolist()]
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    body = "".join(f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>" for row in rows)
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{urn}:office:1.0" xmlns:table="{urn}:table:1.0" '
        f'xmlns:text="{urn}:text:1.0"><office:body><office:spreadsheet><table:table table:name="pipes">{body}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="x"/>')
        archive.writestr("content.xml", content)


def damaged(content: bytes, rng: random.Random) -> bytes:
    """Return a content cut, with bytes exchanged, parts doubled, moved, blanked, or hostile words set in."""
    if not content:
        return content
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at, length = rng.randrange(len(data)), rng.choice((1, 1, 4, 16, 256))
        match rng.randrange(8):
            case 0:
                data = data[:at] or bytearray(b"x")
            case 1:
                data[at : at + length] = rng.randbytes(length)
            case 2:
                data[at : at + length] = b"\xff" * length
            case 3:
                data[at : at + length] = b"\x00" * length
            case 4:
                del data[at : at + length]
                data = data or bytearray(b"x")
            case 5:
                data[at:at] = data[at : at + length]
            case 6:
                data[at : at + 1] = bytes([data[at] ^ (1 << rng.randrange(8))])
            case _:
                data[at:at] = rng.choice(_WORDS)
    return bytes(data)


_WORDS = (
    b"\xb9\xdc", b"\xe7\xae", b"\\u0000", b"NaN", b"1e999", b"-5e300", b"[" * 2000, b"<!--", b"{", b"\r\n",
    b'"', b"9" * 21, b"<OGRVRTDataSource>", b"2020-13-45", b"\xed\xa0\x80",
)  # fmt: skip


def outcome(ending: str, good: Path, content: bytes) -> BaseException | None:
    """Read a damaged file in place of the good one; return what came that is no error of ours."""
    target = good.with_suffix(ending) if ending in {".dbf", ".shx"} else good
    kept = target.read_bytes()
    target.write_bytes(content)
    beside = {"nodes": good.with_name("nodes.csv")} if good.with_name("nodes.csv").exists() else {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if ending == ".toml":
                dr.read_network(_table_of(good), **beside, mapping=target, crs="EPSG:4548")
            else:
                dr.read_network(good, **beside, crs="EPSG:4548" if beside or ending == ".dxf" else None)
    except DrainageError as error:
        return None if "\n" not in str(error) else ValueError(f"more than a line: {error}")
    except Exception as error:  # noqa: BLE001 - what is looked for
        return error
    finally:
        target.write_bytes(kept)
    return None


def _table_of(mapping: Path) -> Path:
    table = mapping.with_name("table.csv")
    if not table.exists():
        table.write_text("管线编号,起点点号,终点点号,管径\nP,A0,A1,300\n", encoding="utf-8")
    return table


def fuzz(endings: list[str], mutations: int, seed: int) -> dict[str, Counter[str]]:
    """Return what came raw, by format: type and place → how often."""
    found: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory(prefix="drainage-fuzz-") as folder:
        made = good_files(Path(folder))
        for ending in endings:
            rng = random.Random(f"{seed}{ending}")
            good = made[ending]
            content = (good.with_suffix(ending) if ending in {".dbf", ".shx"} else good).read_bytes()
            found[ending] = Counter()
            for _ in range(mutations):
                error = outcome(ending, good, damaged(content, rng))
                if error is not None:
                    where = traceback.extract_tb(error.__traceback__)
                    ours = next((f for f in reversed(where) if "/drainage/" in f.filename), None)
                    place = f"{Path(ours.filename).name}:{ours.lineno}" if ours else "?"
                    found[ending][f"{type(error).__name__} at {place}: {str(error)[:100]}"] += 1
    return found


def main() -> None:
    """Print what came raw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("endings", nargs="*", metavar="ENDING", help=f"of {', '.join(ENDINGS)}; default all")
    parser.add_argument("--mutations", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    said = parser.parse_args()
    found = fuzz(said.endings or list(ENDINGS), said.mutations, said.seed)
    for ending, raw in found.items():
        print(f"{ending}: {sum(raw.values())} of {said.mutations} raw")
        for what, times in raw.most_common():
            print(f"    {times} x {what}")
    sys.exit(1 if any(found.values()) else 0)


if __name__ == "__main__":
    main()
