"""What was really built in the demo city between two days, one road at a time, as a contractor delivers it.

``STREET`` (磬山路): 13 storm pipes relaid larger and three misconnections led elsewhere, the old pipes abandoned.
``LANE`` (杨河路): three misconnections. ``QUARTER`` (书院街): sewage and storm separated, with new manholes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import geopandas as gpd
import pandas as pd

from drainage.change_sets import Change, ChangeSet
from drainage.formats import write_change_set
from tests.support import demo

if TYPE_CHECKING:
    from drainage.report import Report

BEFORE: Final = "2018-12-31"
AFTER: Final = "2021-05-07"
STREET: Final = "磬山路"
LANE: Final = "杨河路"
QUARTER: Final = "书院街"

#: Our columns of a survey → what a contractor calls them.
PIPES: Final = {
    "pipe_id": "管段编号", "system": "管线类型", "from_node": "起点编号", "to_node": "终点编号", "shape": "断面形状",
    "diameter_mm": "管径mm", "width_mm": "宽mm", "height_mm": "高mm", "invert_from_m": "起点底高程",
    "invert_to_m": "终点底高程", "length_m": "长度m", "material": "材质", "road": "道路", "commissioned": "竣工日期",
    "abandoned": "废弃日期",
}  # fmt: skip
#: The same in a Shapefile, which cuts names to ten bytes.
SHORT: Final = dict(
    zip(
        PIPES.values(),
        ["gdbh", "gxlx", "qddh", "zddh", "dmxs", "gj", "kd", "gd", "qdgc", "zdgc", "gc", "cz", "dlmc", "jsrq", "fqrq"],
        strict=True,
    )
)
NODES: Final = {"node_id": "井号", "kind": "类型", "system": "管线类型", "ground_m": "地面高程", "invert_m": "井底高程"}
_SYSTEMS: Final = {"storm": "雨水", "sewage": "污水", "combined": "合流", "reclaimed": "再生水"}
_LAYERS: Final = {"storm": "YSLINE", "sewage": "WSLINE", "combined": "HSLINE", "reclaimed": "ZSLINE"}


class Built(NamedTuple):
    """Pipes laid on a road with the nodes that are new, and those abandoned on it, with the columns of the city."""

    laid: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame
    left: gpd.GeoDataFrame


def base() -> Report:
    """Give all answers about the city before the works, in the storm of the demo."""
    return demo.report(BEFORE)


@cache
def part(road: str) -> Report:
    """Give the part of the city about what is delivered of a road, as a report without answers: enough to read it."""
    from drainage.report import Report

    net = demo.city(BEFORE).clip(survey(road)[0].geometry.union_all().buffer(100.0))
    return Report(net, {"inputs": {"source": "pipes.geojson"}}, {}, {}, "")


@cache
def built(road: str) -> Built:
    """Give what was built on a road between both days."""
    before, after = demo.city(BEFORE), demo.city(AFTER)
    pipes = after.pipes
    laid = pipes[(pipes["road"] == road) & ~pipes.index.isin(before.pipes.index)]
    left = before.pipes[(before.pipes["road"] == road) & ~before.pipes.index.isin(pipes.index)]
    used = pd.unique(pd.concat([laid["from_node"], laid["to_node"]]))
    new = after.nodes.loc[[name for name in used if name not in before.nodes.index]]
    return Built(laid, new, left)


def survey(road: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Give pipes and new nodes of a road under the names of a contractor: laid, abandoned, and three as they were."""
    here = built(road)
    there = demo.city(BEFORE).pipes
    same = there[(there["road"] == road) & ~there.index.isin(here.left.index)].iloc[:3]
    same["abandoned"] = same["abandoned"].mask(same["abandoned"].notna())
    pipes = pd.concat([here.laid, here.left, same]).reset_index()[[*PIPES, "geometry"]]
    pipes = pipes.assign(system=pipes["system"].map(_SYSTEMS))
    for day in ("commissioned", "abandoned"):
        pipes[day] = pipes[day].dt.strftime("%Y-%m-%d")
    nodes = here.nodes.reset_index()[[*NODES, "geometry"]]
    nodes = nodes.assign(system=nodes["system"].map(_SYSTEMS))
    crs = there.crs
    return (
        gpd.GeoDataFrame(pipes.rename(columns=PIPES), geometry="geometry", crs=crs),
        gpd.GeoDataFrame(nodes.rename(columns=NODES), geometry="geometry", crs=crs),
    )


def change_set(road: str) -> ChangeSet:
    """Give the same works as a change set."""
    here = built(road)
    edits = [
        Change(action="add", layer="nodes", id=str(name), columns=_told(row, [*NODES]), geometry=row["geometry"])
        for name, row in here.nodes.iterrows()
    ]
    edits += [
        Change(action="add", layer="pipes", id=str(name), columns=_told(row, [*PIPES]), geometry=row["geometry"])
        for name, row in here.laid.iterrows()
    ]
    edits += [
        Change(action="abandon", layer="pipes", id=str(name), columns={"abandoned": str(day.date())})
        for name, day in here.left["abandoned"].items()
    ]
    return ChangeSet(name=f"{road}.geojson", changes=edits, crs=demo.city(BEFORE).crs)


def write_delivery(folder: Path, kind: str, road: str = STREET) -> Path:
    """Write what was built on a road as a file of a kind (`KINDS`), and return it."""
    return KINDS[kind](folder, road)


def _told(row: pd.Series, names: list[str]) -> dict[str, object]:
    """Give what a row says as a change set holds it."""
    told = {name: row[name] for name in names if name in row.index and pd.notna(row[name])}
    return {name: str(one.date()) if isinstance(one, pd.Timestamp) else one for name, one in told.items()}


def _geojson(folder: Path, road: str) -> Path:
    path = folder / "works.geojson"
    pipes, _ = survey(road)
    pipes.to_crs(4326).to_file(path, driver="GeoJSON", COORDINATE_PRECISION=9)
    return path


def _geopackage(folder: Path, road: str) -> Path:
    path = folder / "works.gpkg"
    pipes, nodes = survey(road)
    pipes.to_file(path, layer="pipes", driver="GPKG")
    if len(nodes):
        nodes.to_file(path, layer="nodes", driver="GPKG")
    return path


def _workbook(folder: Path, road: str) -> Path:
    """Write two sheets; pipes get their places from the nodes that they name."""
    path = folder / "works.xlsx"
    pipes, nodes = survey(road)
    points = pd.DataFrame(nodes.drop(columns="geometry"))
    points["X"], points["Y"] = nodes.geometry.y, nodes.geometry.x  # X is north in Chinese survey
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        pd.DataFrame(pipes.drop(columns="geometry")).to_excel(book, sheet_name="管段", index=False)
        points.to_excel(book, sheet_name="管井", index=False)
    return path


def _drawing(folder: Path, road: str) -> Path:
    """Draw the pipes that were laid, each on the layer of its system; a drawing says nothing else of them."""
    from ezdxf.filemanagement import new

    path = folder / "works.dxf"
    drawing = new("R2010")
    for system, line in zip(built(road).laid["system"], built(road).laid.geometry, strict=True):
        drawing.modelspace().add_lwpolyline(list(line.coords), dxfattribs={"layer": _LAYERS[system]})
    drawing.saveas(path)
    return path


def _shapefile(folder: Path, road: str) -> Path:
    path = folder / "works.zip"
    parts = folder / "works"
    parts.mkdir()
    pipes, _ = survey(road)
    pipes.rename(columns=SHORT).to_file(parts / "works.shp", encoding="UTF-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(parts.iterdir()):
            archive.write(part, part.name)
    return path


def _changes(folder: Path, road: str) -> Path:
    return write_change_set(change_set(road), folder / "changes.geojson", force=True)


#: Kind of file → what writes it.
KINDS: Final[Mapping[str, Callable[[Path, str], Path]]] = {
    "geojson": _geojson, "gpkg": _geopackage, "xlsx": _workbook, "dxf": _drawing, "shp": _shapefile,
    "changes": _changes,
}  # fmt: skip
