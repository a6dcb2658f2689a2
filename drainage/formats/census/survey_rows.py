"""A network as rows of the survey's tables; beside its columns stand all of ours, so that nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Bools
from drainage.formats.census.definitions import CODES, COLLECTED, TABLES, SurveyColumn, SurveyTable
from drainage.measures import recorded_height_mm
from drainage.network import DrainageNetwork
from drainage.schema.columns import column_of
from drainage.words import code

#: The column of ours that holds where a feature lies, as well-known text of full precision.
WKT: Final = "geometry_wkt"
_MOST_ENDS: Final = 5


def survey_tables(net: DrainageNetwork, waterlogging: gpd.GeoDataFrame | None = None) -> dict[str, pd.DataFrame]:
    """Return the tables of the survey by their name in `TABLES`, and ``layer_…`` for what the survey has no table for.

    Parameters
    ----------
    waterlogging
        Points of `find_waterlogging`, for A.13.
    """
    found = {
        name: _features(net, table) if table.holds else pd.DataFrame(columns=list(table.columns))
        for name, table in TABLES.items()
    }
    found["system"] = _systems(net)
    if waterlogging is not None:
        found["waterlogging"] = _waterlogging(waterlogging)
    rivers = net.layers.get("waterways")
    if rivers is not None:
        areas = rivers.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
        for name, rows in (("river", rivers[~areas]), ("lake", rivers[areas])):
            found[name] = _plain(rows, index="waterway")[[*TABLES[name].columns, *_others(rows, TABLES[name])]]
    found["material"] = _collected(net)
    beside = {} if net.catchments is None else {"catchments": net.catchments}
    for name, table in {**beside, **net.layers}.items():
        if name != "waterways":
            found[f"layer_{name}"] = _plain(table, index=str(table.index.name or "row"))
    return found


def expected(table: SurveyTable, rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Return what the columns of the survey say of rows in our columns; for those that only repeat them."""
    return {key: _turned(column, rows) for key, column in table.columns.items() if column.source in rows}


def _features(net: DrainageNetwork, table: SurveyTable) -> pd.DataFrame:
    """Return the rows of a table of nodes or of links: the survey's columns, then ours."""
    if table.holds == "nodes":
        mine = net.kinds.among(*table.kinds)
        rows = _plain(net.nodes[mine], index="node_id")
        own = _of_nodes(net, mine, rows)
    else:
        mine = _links(net, table)
        rows = _plain(net.pipes[mine], index="pipe_id")
        own = _of_links(rows)
    told = {**expected(table, rows), **own}
    survey = pd.DataFrame({key: told.get(key, pd.Series(np.nan, rows.index)) for key in table.columns})
    taken = {
        column.source
        for column in table.columns.values()
        if not (column.codes or column.by) and column.key == column.source
    }
    ours = rows.drop(columns=list(taken & set(rows)))
    return survey.join(ours.rename(columns={name: f"{name}_ours" for name in ours if name in survey}))


def _links(net: DrainageNetwork, table: SurveyTable) -> Bools:
    kind = net.pipes["link_type"] if "link_type" in net.pipes else pd.Series("conduit", net.pipes.index)
    kind = kind.where(kind.notna(), "conduit")
    if table.links:
        return np.asarray(kind.isin(table.links))
    shape = net.pipes["shape"].where(net.pipes["shape"].notna(), "")
    return np.asarray((kind == "conduit") & shape.isin(table.shapes))


def _of_nodes(net: DrainageNetwork, mine: Bools, rows: pd.DataFrame) -> dict[str, pd.Series]:
    points = np.asarray(net.nodes.geometry.array)[mine]
    ends = np.bincount(np.concatenate([net.graph.tail, net.graph.head]), minlength=len(net.nodes))[mine]
    kind, system = rows["kind"], rows["system"] if "system" in rows else pd.Series(None, rows.index)
    by_kind = _coded(kind, CODES["manhole"])
    pumps = CODES["pump"]
    by_system = _coded(system, pumps)
    pumped = kind.isin(["pump", "works"])
    form = np.select([ends <= 0, ends <= 1, ends == 2, ends <= _MOST_ENDS], [11, 1, 2, ends + 1], 7)
    return {
        "x_north": pd.Series(shapely.get_y(points), rows.index),
        "y_east": pd.Series(shapely.get_x(points), rows.index),
        "type": by_kind.mask(pumped, by_system.mask(kind == "works", pumps["works"])),
        "form": pd.Series(form, rows.index),
    }


def _of_links(rows: pd.DataFrame) -> dict[str, pd.Series]:
    height = pd.Series(recorded_height_mm(rows) / 1000.0, rows.index)
    invert = {end: pd.Series(column_of(rows, f"invert_{end}_m"), rows.index) for end in ("from", "to")}
    return {
        "shape_data1": height,
        "in_up_ele": invert["from"] + height,
        "out_up_ele": invert["to"] + height,
    }


def _turned(column: SurveyColumn, rows: pd.DataFrame) -> pd.Series:
    values = rows[column.source]
    if column.by == "m_of_mm":
        return pd.Series(column_of(rows, column.source) / 1000.0, rows.index)
    if column.codes:
        return _coded(values, CODES[column.codes]).where(values.notna())
    return values


def _coded(words: pd.Series, codes: Mapping[str, int]) -> pd.Series:
    """Return the number of the survey for each word; of other words, and of none, that of ``other``."""
    found = words.astype(object).map(codes)
    return found.where(found.notna(), codes["other"]).astype(float)


def _plain(table: gpd.GeoDataFrame, *, index: str) -> pd.DataFrame:
    """Return a table with its index as a column, its dates as texts and its geometry as well-known text."""
    frame = pd.DataFrame(table.drop(columns=table.geometry.name))
    if index not in frame:
        frame.insert(0, index, table.index.astype(str) if table.index.dtype == object else table.index)
    for name in frame.columns[frame.dtypes.map(lambda kind: kind.kind == "M")]:
        frame[name] = frame[name].dt.strftime("%Y-%m-%d")
    text = shapely.to_wkt(np.asarray(table.geometry.array), rounding_precision=-1)
    return frame.assign(**{WKT: text}).reset_index(drop=True)


def _others(rows: gpd.GeoDataFrame, table: SurveyTable) -> list[str]:
    return [*(name for name in rows.columns.drop([rows.geometry.name]) if name not in table.columns), WKT]


def _systems(net: DrainageNetwork) -> pd.DataFrame:
    """One row for each part of the network that hangs together."""
    part = net.graph.part[net.graph.tail]
    pipes = net.pipes
    numbers, rows = np.unique(part), []
    outfall = pd.Series(net.nodes["kind"].to_numpy() == "outfall").groupby(net.graph.part).sum()
    names = pipes["system"].to_numpy(dtype=object)
    length = pipes["length_m"].to_numpy(np.float64, na_value=0.0)
    order = np.argsort(part, kind="stable")
    bounds = np.searchsorted(part[order], [*numbers, numbers[-1] + 1] if len(numbers) else [])
    for k, number in enumerate(numbers):
        mine = order[bounds[k] : bounds[k + 1]]
        codes = {CODES["category"].get(str(one), CODES["category"]["other"]) for one in names[mine]}
        category = COLLECTED["categories"].join(map(str, sorted(codes)))
        rows.append((f"XT{k + 1:03d}", category, int(outfall[number]), len(mine), length[mine].sum() / 1000.0))
    return pd.DataFrame(rows, columns=list(TABLES["system"].columns))


def _waterlogging(points: gpd.GeoDataFrame) -> pd.DataFrame:
    """Fill A.13 with what is known of each point, in Chinese words; a column that the points lack stays blank."""
    frame = points.reset_index()
    centre = shapely.centroid(np.asarray(points.geometry.array))
    frame = frame.assign(x_north=shapely.get_y(centre), y_east=shapely.get_x(centre))
    for name in {"grade", "cause"} & set(frame):
        frame[name] = frame[name].map({one: code(name, one, "zh") or one for one in frame[name].dropna().unique()})
    return pd.DataFrame({key: frame.get(key, np.nan) for key in TABLES["waterlogging"].columns})


def _collected(net: DrainageNetwork) -> pd.DataFrame:
    origin = net.origin
    words = COLLECTED
    facts = {
        words["crs"]: "" if net.crs is None else net.crs.to_string(),
        words["axes"]: words["axes_said"],
        words["datum"]: words["datum_said"],
        words["files"]: words["between"].join(Path(file).name for file in origin.files or [origin.name]),
        words["as_of"]: "" if origin.as_of is None else str(origin.as_of),
        words["synthetic"]: words["yes"] if net.synthetic else words["no"],
    }
    return pd.DataFrame({"item": list(facts), "value": list(facts.values())})
