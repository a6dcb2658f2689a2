"""Tables whose geometry stands in a column as well-known text, as QGIS and PostGIS export them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from drainage.errors import FormatError
from drainage.schema.codes import fold
from drainage.words import in_both

_NAMES: Final = ("wkt", "geometry", "geom", "the_geom", "wkt_geom", "shape", "几何", "空间数据")
_TEXT: Final = re.compile(
    r"\s*(?:SRID=(\d{4,6});)?\s*((?:multi)?(?:linestring|point|polygon)\b.*)", re.IGNORECASE | re.DOTALL
)


def with_geometry(table: pd.DataFrame, path: Path) -> gpd.GeoDataFrame | None:
    """Return a table with the geometry that one of its columns writes out; None where no column does.

    Its CRS is the SRID in front of the first text (EWKT), else unknown.

    Raises
    ------
    FormatError
        A text begins as a geometry and is none; the row is named.
    """
    column = next((name for name in table.columns if fold(str(name)) in _NAMES), None)
    if column is None:
        return None
    texts = table[column].astype("str").str.extract(_TEXT.pattern, flags=_TEXT.flags)
    known = texts[1].notna()
    if not known.any():
        return None
    try:
        places = shapely.from_wkt([text if isinstance(text, str) else None for text in texts[1]])
    except shapely.errors.ShapelyError as error:
        reason = " ".join(str(error).split())[:160]
        raise FormatError(in_both("no_wkt", file=path.name, column=column, error=reason)) from error
    srid = texts[0].dropna()
    return gpd.GeoDataFrame(table.drop(columns=column), geometry=places, crs=int(srid.iloc[0]) if len(srid) else None)
