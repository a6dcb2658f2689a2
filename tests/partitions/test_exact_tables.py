"""Tables written and read again are the same to the last bit, whole or some rows of them, however many at once."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from drainage.partitions import exact_tables
from drainage.partitions.exact_tables import read_exactly, write_exactly

ROWS = np.array([0, 2, 3, 4, 6, 7, 8])


@pytest.fixture
def table() -> gpd.GeoDataFrame:
    place = [None if k == 7 else shapely.Point(k, k / 3.0) for k in range(10)]
    names = pd.Index([f"P{k}" for k in range(10)], name="pipe_id", dtype="str")

    def objects(cells: list[object]) -> pd.Series:
        return pd.Series(cells, index=names, dtype=object)

    day = np.array(["2001-02-03", "NaT"] * 5, dtype="datetime64[ms]")
    return gpd.GeoDataFrame(
        {
            "system": objects(["storm", "sewage"] * 5),
            "road": objects([None, "a", None, None, None, None, "b", None, None, None]),
            "status": objects([np.nan] * 10),
            "name": pd.array(["x", None, "灵璧", "", "x", "y", "x", None, "z", "z"], dtype="str"),
            "length_m": np.where(np.arange(10) % 3 == 0, np.nan, np.arange(10) / 7.0),
            "laid": day,
            "flooded": np.arange(10) % 2 == 0,
            "geometry": place,
        },
        index=names,
        crs=4548,
    )


@pytest.mark.parametrize("at_once", [1, 3, 100])
def test_some_rows_come_back_as_they_were(
    table: gpd.GeoDataFrame, at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exact_tables, "_AT_ONCE", at_once)
    write_exactly(table, tmp_path / "some.parquet", ROWS)
    assert_geodataframe_equal(gpd.GeoDataFrame(read_exactly(tmp_path / "some.parquet")), table.iloc[ROWS])
    found = read_exactly(tmp_path / "some.parquet", ["road", "length_m"])
    pd.testing.assert_frame_equal(found, pd.DataFrame(table.iloc[ROWS][["road", "length_m"]]))
    assert found["road"].iloc[0] is None


def test_no_row_at_all_is_a_table_without_rows(table: gpd.GeoDataFrame, tmp_path: Path) -> None:
    write_exactly(table, tmp_path / "none.parquet", np.zeros(0, np.intp))
    assert list(read_exactly(tmp_path / "none.parquet")) == list(table)


def test_a_table_without_places_and_names_of_rows_comes_back_whole(tmp_path: Path) -> None:
    table = pd.DataFrame({"row": np.arange(5), "share": [0.1, np.nan, 0.3, np.inf, -0.0]})
    write_exactly(table, tmp_path / "plain.parquet")
    pd.testing.assert_frame_equal(read_exactly(tmp_path / "plain.parquet"), table)
