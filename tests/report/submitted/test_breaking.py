"""What delivered works make worse is told in words, each thing by its kind."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import drainage as dr
from drainage.report import Report, compute_delivery, read_delivery
from drainage.report.submitted.change_told import _breaks


@cache
def base() -> Report:
    """Give all answers about a small part of the demo city that overflows."""
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    return dr.analyze(dr.load_demo("2018-12-31").upstream_of("YS1043"), storm=storm)


def delivered(folder: Path, *rows: dict[str, Any]) -> Path:
    """Write a survey that names features of the network and draws none."""
    features = [{"type": "Feature", "geometry": None, "properties": row} for row in rows]
    file = folder / "works.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return file


def broken(folder: Path, *rows: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Give what works break, by its kind."""
    file = delivered(folder, *rows)
    document = json.loads(json.dumps(compute_delivery(base(), read_delivery(file, base())).document))
    return {one["kind"]: one["said"] for one in document["breaks"]}


@pytest.mark.long
def test_points_that_are_worse_are_told(tmp_path: Path) -> None:
    pipes = base().network.pipes
    narrow = [{"pipe_id": name, "diameter_mm": 150} for name in pipes.index]
    found = broken(tmp_path, *narrow)
    assert "gets worse" in found["points_worse"]["en"]
    assert "加重" in found["points_worse"]["zh"]


@pytest.mark.parametrize(
    ("kind", "row", "said"),
    [
        ("points_new", {"point_id": "W1"}, {"zh": "新增积水点 W1（–）", "en": "a new waterlogging point, W1 (–)"}),
        (
            "points_worse", {"point_id": "W1"},
            {"zh": "积水点 W1 加重（–）", "en": "waterlogging point W1 gets worse (–)"},
        ),
        (
            "misconnections_new", {"finding": "M1", "node_after": "YS1"},
            {"zh": "新增混接点 YS1（–）", "en": "a new misconnection, YS1 (–)"},
        ),
    ],
)  # fmt: skip
def test_each_that_is_new_or_worse_is_told_in_both_languages(kind: str, row: dict[str, Any], said: object) -> None:
    layer, fate = kind.split("_")
    tables: dict[str, list[dict[str, object]]] = {"points": [], "misconnections": [], "roads": []}
    tables[layer] = [{**row, "fate": fate, "road": None}]
    (told,) = _breaks([], tables)
    assert (told["kind"], told["said"]) == (kind, said)


class TestADayThatHasNotCome:
    def test_is_told_first(self, tmp_path: Path) -> None:
        name = base().network.pipes.index[0]
        ahead = dt.date.today() + dt.timedelta(days=400)  # noqa: DTZ011 - the sender's own day
        found = read_delivery(delivered(tmp_path, {"管段编号": name, "废弃日期": ahead.isoformat()}), base())
        assert f"{name}: {ahead}" in json.dumps(found.intake["warnings"])

    def test_is_not_one_of_today(self, tmp_path: Path) -> None:
        name = base().network.pipes.index[0]
        today = dt.date.today().isoformat()  # noqa: DTZ011 - the sender's own day
        found = read_delivery(delivered(tmp_path, {"管段编号": name, "废弃日期": today}), base())
        assert not found.intake["warnings"]

    def test_one_that_stands_for_none_is_told_where_nothing_else_is_new(self, tmp_path: Path) -> None:
        name = base().network.pipes.index[0]
        with pytest.raises(dr.errors.SchemaError, match=r"nothing that the network .*1900-01-01.*taken as unknown"):
            read_delivery(delivered(tmp_path, {"管段编号": name, "废弃日期": "1900-01-01"}), base())
