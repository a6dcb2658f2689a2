"""Reading evidence: what field forms hold, and that what cannot be is said by its row while the rest is used.

Truth: by hand, in the files that the tests write.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import drainage as dr
from drainage.errors import DrainageError

if TYPE_CHECKING:
    from pathlib import Path

TODAY = "2024-06-30"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_form_in_chinese_is_understood(tmp_path: Path) -> None:
    path = write(
        tmp_path / "巡查.csv",
        "井号,检查日期,最近降雨,是否有水流,水深(cm),流量(L/s)\nYS1,2024-06-01,2024-05-20,有,5,0.5\nYS2,2024-06-01,2024-05-20,无,,\n",
    )
    seen = dr.read_evidence(path, today=TODAY)
    assert seen.inspections.index.tolist() == ["巡查.csv:2", "巡查.csv:3"]
    assert seen.inspections["flowing"].tolist() == [True, False]
    assert seen.inspections["depth_m"].iloc[0] == pytest.approx(0.05)
    assert seen.inspections["flow_m3_per_day"].iloc[0] == pytest.approx(43.2)
    assert not len(seen.issues)


def test_a_workbook_has_a_sheet_per_kind(tmp_path: Path) -> None:
    with pd.ExcelWriter(tmp_path / "field.xlsx") as book:
        pd.DataFrame({"井号": ["a"], "氨氮(mg/L)": [30], "日期": ["2024-06-01"]}).to_excel(
            book, sheet_name="水质", index=False
        )
        pd.DataFrame({"管段": ["p0"], "缺陷代码": ["AJ"]}).to_excel(book, sheet_name="CCTV", index=False)
    seen = dr.read_evidence(tmp_path / "field.xlsx", today=TODAY)
    assert seen.samples["nh3n_mg_l"].tolist() == [30.0]
    assert seen.cctv["code"].tolist() == ["AJ"]
    assert "1 samples" in repr(seen)


def test_points_without_names_keep_their_place(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [117.55, 33.54]},
        "properties": {"flowing": True, "date": "2024-06-01"},
    }
    path = write(tmp_path / "inspections.geojson", json.dumps({"type": "FeatureCollection", "features": [feature]}))
    seen = dr.read_evidence(path, today=TODAY).inspections
    assert seen[["lon", "lat"]].iloc[0].tolist() == pytest.approx([117.55, 33.54])
    assert seen["flowing"].iloc[0]


@pytest.mark.parametrize(
    ("column", "cell", "code", "kept"),
    [
        ("date", "2031-01-01", "impossible_date", "NaT"),
        ("date", "yesterday", "impossible_date", "NaT"),
        ("last_rain", "2024-06-20", "impossible_date", "NaT"),
        ("nh3n_mg_l", "12 furlongs", "unknown_unit", "nan"),
        ("nh3n_mg_l", "-3", "impossible_value", "nan"),
        ("nh3n_mg_l", "a lot", "unknown_unit", "nan"),
    ],
)
def test_a_cell_that_cannot_be_is_said_and_the_rest_of_the_row_is_used(
    tmp_path: Path, column: str, cell: str, code: str, kept: str
) -> None:
    row = {"node_id": "a", "date": "2024-06-10", "last_rain": "2024-06-01", "nh3n_mg_l": "30", "cod_mg_l": "200"}
    row[column] = cell
    path = write(tmp_path / "samples.csv", f"{','.join(row)}\n{','.join(row.values())}\n")
    seen = dr.read_evidence(path, today=TODAY)
    assert seen.issues[["feature_id", "code"]].to_numpy().tolist() == [["samples.csv:2", code]]
    assert str(seen.samples[column].iloc[0]) == kept
    assert seen.samples["cod_mg_l"].tolist() == [200.0]


@pytest.mark.parametrize(
    ("heading", "cell", "expected"),
    [
        ("NH3-N (ug/L)", "500", 0.5),
        ("氨氮", "0.5 mg/L", 0.5),
        ("nh3n_mg_l", "<0.5", 0.25),
        ("NH3-N(mg/L)", "500 µg/L", 0.5),
    ],
)
def test_units_of_heading_and_cell(tmp_path: Path, heading: str, cell: str, expected: float) -> None:
    path = write(tmp_path / "samples.csv", f"node_id,{heading}\na,{cell}\n")
    assert dr.read_evidence(path, today=TODAY).samples["nh3n_mg_l"].tolist() == pytest.approx([expected])


def test_a_column_in_an_unknown_unit_is_not_used(tmp_path: Path) -> None:
    seen = dr.read_evidence(write(tmp_path / "flows.csv", "node_id,flow (hogsheads)\na,5\n"), today=TODAY)
    assert np.isnan(seen.flows["flow_m3_per_day"].iloc[0])
    assert "hogsheads" in seen.issues["reason"].iloc[0]


def test_what_is_no_evidence_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "list.csv", "name,colour\na,red\n")
    with pytest.raises(dr.errors.FormatError, match="kind of evidence is not clear"):
        dr.read_evidence(path)
    with pytest.raises(dr.errors.SchemaError, match="rumours"):
        dr.read_evidence({"rumours": path})
    assert len(dr.read_evidence({"inspections": path}).inspections) == 1


@pytest.mark.long
def test_cells_without_end_are_read_in_one_pass(tmp_path: Path) -> None:
    """Else these take minutes, and the runner ends them."""
    cells = [" " * 60_000 + "x", "1" + " a" * 50_000 + " ", "1" * 100_000 + "\n\nx"]
    table = pd.DataFrame({"井号": ["a", "b", "c"], "氨氮(mg/L)": cells, "(" * 100_000: "", "日期": "2024-06-01"})
    table.to_csv(tmp_path / "samples.csv", index=False)
    code = f"import drainage as dr; print(len(dr.read_evidence({str(tmp_path / 'samples.csv')!r}).samples))"
    subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)


FLOWS = "node_id,date,flow_m3_per_day"


def test_dates_of_readings_have_one_order_or_are_asked_for(tmp_path: Path) -> None:
    text = f"{FLOWS}\nW1,03/04/2024,1\nW1,25/04/2024,2\n"
    seen = dr.read_evidence(write(tmp_path / "flows.csv", text), today=TODAY)
    assert [str(day)[:10] for day in seen.flows["date"]] == ["2024-04-03", "2024-04-25"]
    open_ = write(tmp_path / "flows.csv", f"{FLOWS}\nW1,03/04/2024,1\n")
    asked = dr.read_evidence(open_, today=TODAY)
    assert asked.flows["date"].isna().all()
    assert asked.issues[["feature_id", "code"]].to_numpy().tolist() == [["flows.csv:2", "ambiguous_date"]]
    assert asked.issues["action"].str.contains("date_order").all()
    told = dr.read_evidence(open_, today=TODAY, date_order="mdy")
    assert str(told.flows["date"].iloc[0])[:10] == "2024-03-04"


def test_date_and_clock_in_two_columns_are_one_time(tmp_path: Path) -> None:
    text = "井号,日期,时间,流量(m3/d)\nW1,2024-04-03,08:30,1\nW1,2024-04-03,9:00,2\n"
    seen = dr.read_evidence(write(tmp_path / "flows.csv", text), today=TODAY)
    assert [str(time)[11:16] for time in seen.flows["date"]] == ["08:30", "09:00"]


def test_decimal_commas_and_titles_of_a_form_are_read(tmp_path: Path) -> None:
    text = "水质检测表;;\n井号;日期;氨氮(mg/L)\nW1;2024-04-03;30,5\nW2;2024-04-03;<0,5\n"
    seen = dr.read_evidence(write(tmp_path / "samples.csv", text), today=TODAY)
    assert seen.samples["nh3n_mg_l"].tolist() == [30.5, 0.25]
    assert seen.samples.index.tolist() == ["samples.csv:3", "samples.csv:4"]


def test_the_last_day_is_iso_or_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "flows.csv", f"{FLOWS}\nW1,2024-04-03,1\n")
    with pytest.raises(DrainageError, match="YYYY-MM-DD"):
        dr.read_evidence(path, today="05/03/2024")
