"""Deliveries of real cities edited as their offices would edit them, by json alone, and read anew by our reader.

Truth: the edits, which are known: the second delivery differs from the first by nothing else but the order of its rows.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

import drainage as dr
from drainage.analyses.changes import find_changes
from tests.cities.deliveries import source_of

NETWORKS = Path(__file__).parents[3] / "shared" / "networks"
EACH: Final = 20
#: City → the file that is edited, and its columns: id, size, inverts, ends, road, status.
CITIES: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "whitby": ("mains.geojson", {
        "id": "FACILITYID", "size": "DIAM", "up": "UP_INV", "down": "DOWN_INV", "from": "FR_NODE", "to": "TO_NODE",
        "road": "ROADNAME", "status": "STATUS"}),
    "ottawa": ("storm_pipes.geojson", {
        "id": "STRUCT_ID", "size": "WIDTH", "up": "INVERT_UPSTREAM", "down": "INVERT_DOWNSTREAM", "road": "FUNCTION",
        "status": "LIFE_CYCLE_STATUS"}),
    "barrie": ("sanitary_mains.geojson", {
        "id": "ASSETID", "size": "WIDTH", "also": "HEIGHT", "up": "INV_UP_ELV", "down": "INV_DN_ELV", "from": "FROM_ID",
        "to": "TO_ID", "road": "LOCATION", "status": "STATUS"}),
    "chilliwack": ("mains.geojson", {
        "id": "AssetID", "size": "PIPE_DIAMETER", "up": "INVERT", "down": "INVERT_DOWN", "road": "COMMENT",
        "status": "CW_Status"}),
}  # fmt: skip
Rows = list[dict[str, Any]]
Done = set[tuple[str | None, str | None, str]]


class Office:
    """A file of a city, and what its office does to it, each edit at rows of its own."""

    def __init__(self, path: Path, names: dict[str, str], known: set[str], seed: int) -> None:
        self.data = json.loads(path.read_text(encoding="utf-8"))
        self.names, self.rng, self.done = names, np.random.default_rng(seed), set[tuple[str | None, str | None, str]]()
        self.rows: Rows = self.data["features"]
        free = [row for row in self.rows if str(row["properties"][names["id"]]) in known]
        self.free = [free[k] for k in self.rng.permutation(len(free))]

    def take(self, *filled: str, least: float = -np.inf) -> Rows:
        """Take rows that record numbers above a least one."""
        columns = [self.names[name] for name in filled]
        cells = [[row["properties"][column] for column in columns] for row in self.free]
        fit = [all(isinstance(cell, (int, float)) and cell > least for cell in row) for row in cells]
        chosen = [row for row, fits in zip(self.free, fit, strict=True) if fits][:EACH]
        self.free = [row for row in self.free if not any(row is one for one in chosen)]
        return chosen

    def add_to(self, row: dict[str, Any], by: float, *names: str) -> None:
        """Add to cells."""
        for name in (self.names[one] for one in names if one in self.names):
            row["properties"][name] += by

    def tell(self, rows: Rows, kind: str) -> None:
        """Note what was done to rows that keep their ids."""
        self.done |= {(self.id(row), self.id(row), kind) for row in rows}

    def id(self, row: dict[str, Any]) -> str:
        """Return the id of a row."""
        return str(row["properties"][self.names["id"]])

    def work(self) -> None:
        """Edit some rows in each way."""
        for kind, by in (("enlarged", 150), ("reduced", -100)):
            rows = self.take("size", least=250)
            for row in rows:
                self.add_to(row, by, "size", "also")
            self.tell(rows, kind)
        rows = self.take("up", "down", least=1)
        for row in rows:
            self.add_to(row, 0.3, "up", "down")
        self.tell(rows, "relaid")
        rows = self.take("up", "down", least=1)
        for row in rows:
            self.exchange(row)
        self.tell(rows, "turned")
        for kind, name, word in (("edited", "road", "Some Other Road"), ("abandoned", "status", "Abandoned")):
            rows = self.take()
            for row in rows:
                row["properties"][self.names[name]] = word
            self.tell(rows, kind)
        rows = self.take()
        for row in rows:
            move(row, *self.rng.choice([-3.0, 1.0, 2.0], 2))
        self.tell(rows, "moved")
        for row in self.take():
            old = self.id(row)
            row["properties"][self.names["id"]] = f"{old}-N"
            self.done.add((old, f"{old}-N", "renamed"))
        for row in self.take():
            new = copy.deepcopy(row)
            move(new, 25.0, 25.0)
            new["properties"] |= {self.names["id"]: f"{self.id(row)}-X"}
            new["properties"] |= {self.names[end]: None for end in ("from", "to") if end in self.names}
            self.rows.append(new)
            self.done.add((None, f"{self.id(row)}-X", "added"))
        gone = self.take()
        self.done |= {(self.id(row), None, "removed") for row in gone}
        kept = [row for row in self.rows if not any(row is one for one in gone)]
        self.data["features"] = [kept[k] for k in self.rng.permutation(len(kept))]

    def exchange(self, row: dict[str, Any]) -> None:
        """Draw a pipe the other way, its levels and ends with it."""
        cells, shape = row["properties"], row["geometry"]
        for one, other in (("up", "down"), ("from", "to")):
            if one in self.names:
                a, b = self.names[one], self.names[other]
                cells[a], cells[b] = cells[b], cells[a]
        lines = shape["coordinates"]
        shape["coordinates"] = lines[::-1] if shape["type"] == "LineString" else [line[::-1] for line in lines[::-1]]


def move(row: dict[str, Any], east_m: float, north_m: float) -> None:
    """Draw a pipe elsewhere; about, as degrees near 45° north are long."""
    shape = row["geometry"]
    lines = [shape["coordinates"]] if shape["type"] == "LineString" else shape["coordinates"]
    moved = [[[x + east_m / 78_000.0, y + north_m / 111_000.0, *z] for x, y, *z in line] for line in lines]
    shape["coordinates"] = moved[0] if shape["type"] == "LineString" else moved


@pytest.mark.skipif(not NETWORKS.is_dir(), reason="needs the real networks beside the checkout")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name == "whitby" else pytest.mark.long) for name in CITIES]
)
def test_what_an_office_edited_is_found_as_what_it_is(tmp_path: Path, name: str) -> None:
    file, names = CITIES[name]
    source = source_of(NETWORKS, name)
    before = dr.read_network(source)
    office = Office(NETWORKS / "cities" / name / file, names, set(before.pipes.index), seed=5)
    office.work()
    (tmp_path / file).write_text(json.dumps(office.data), encoding="utf-8")
    changes = find_changes(before, dr.read_network(_with(source, tmp_path / file))).changes
    pipes = changes.loc[changes["feature_kind"] == "pipe", ["id_before", "id_after", "change"]].astype(object)
    found: Done = set(pipes.where(pipes.notna(), None).itertuples(index=False, name=None))
    touched = {one for row in office.done for one in row[:2]} - {None}
    assert len(office.done) >= 9 * EACH
    assert len(office.done - found) <= 0.02 * len(office.done), office.done - found
    assert len({row for row in found if touched.isdisjoint({*row[:2]} - {None})}) <= 0.002 * len(before.pipes)


def _with(source: Any, edited: Path) -> Any:  # noqa: ANN401 - what read_network takes
    """Give the source with one of its files exchanged."""
    if isinstance(source, dict):
        return {key: _with(one, edited) for key, one in source.items()}
    if isinstance(source, list):
        return [_with(one, edited) for one in source]
    return edited if Path(source).name == edited.name else source
