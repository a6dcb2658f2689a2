"""Made deliveries: one small network of no real place, under the names, units and habits of offices in many countries.

made.toml says of each column what it holds; so the truth of it is known.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, Point

from drainage.intake.matching import ToMatch
from drainage.schema.layers import LAYERS
from tests.cities.scoring import MATTER, Known

HERE = Path(__file__).parent
ACROSS, DOWN, APART_M = 9, 8, 70.0
_STORM, _SEWAGE = (300, 375, 450, 600, 750, 900, 1200), (200, 250, 300, 400)
_ROADS = (
    "Alder", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Holly", "Larch", "Laurel", "Linden", "Maple", "Oak", "Pine",
    "Poplar", "Rowan", "Willow", "Yew",
)  # fmt: skip
_FOOT, _INCH = 0.3048, 25.4
_EPOCH = pd.Timestamp("1970-01-01")
#: How a value is written: a unit, a date, a text with its unit. What begins with ``?`` stands for unknown in some rows.
_WRITTEN: dict[str, Callable[[pd.Series], pd.Series]] = {
    "ft": lambda v: (v / _FOOT).round(2),
    "in": lambda v: (v / _INCH).round(0),
    "m": lambda v: v / 1000,
    "mm": lambda v: v.map(lambda size: None if pd.isna(size) else f"{size:.0f} mm"),
    "dn": lambda v: v.map(lambda size: None if pd.isna(size) else f"DN{size:.0f}"),
    "text": lambda v: v.map(lambda number: None if pd.isna(number) else f"{number:g}"),
    "year": lambda v: v.dt.year.astype("float"),
    "iso": lambda v: v.dt.strftime("%Y-%m-%d"),
    "day": lambda v: v.dt.strftime("%Y%m%d").astype("float"),
    "epoch": lambda v: (v - _EPOCH) / pd.Timedelta(milliseconds=1),
    "dots": lambda v: v.dt.strftime("%d.%m.%Y"),
    "serial": lambda v: (v - pd.Timestamp("1899-12-30")).dt.days.astype("float"),
}


def made() -> dict[str, list[Known]]:
    """Give each delivery of made.toml, its tables with their truth."""
    deliveries = tomllib.loads((HERE / "made.toml").read_text(encoding="utf-8"))
    return {name: _delivery(name, said) for name, said in deliveries.items()}


def _delivery(name: str, said: Mapping[str, Mapping[str, str]]) -> list[Known]:
    rng = np.random.default_rng(len(name))
    pipes, nodes = (rows.copy() for rows in network())
    pipe_id, node_id = said["ids"]["pipe"], said["ids"]["node"]
    pipes["pipe_id"] = _named(pipes["pipe_id"], pipe_id)
    nodes["node_id"] = _named(nodes["node_id"], node_id)
    for end in ("from_node", "to_node"):
        pipes[end] = _named(pipes[end], node_id)
    for rows in (pipes, nodes):
        rows["road"] = rows["road"].map(said["ids"].get("road", "{} Street").format)
    words = {ours: dict(zip(*[iter(text.split())] * 2, strict=True)) for ours, text in said.get("words", {}).items()}
    return [
        _table(layer, f"{name} {layer}", rows, said[layer], words, rng)
        for layer, rows in (("pipes", pipes), ("nodes", nodes))
        if layer in said
    ]


def _named(numbers: pd.Series, form: str) -> pd.Series:
    return numbers + int(form) if form.isdigit() else numbers.map(form.format)


def _table(
    layer: str, place: str, rows: gpd.GeoDataFrame, columns: Mapping[str, str], words: Mapping[str, Mapping[str, str]],
    rng: np.random.Generator,
) -> Known:  # fmt: skip
    written: dict[str, pd.Series] = {}
    must: dict[str, frozenset[str]] = {}
    may: dict[str, frozenset[str]] = {}
    for name, said in columns.items():
        what, *how = said.removeprefix("~").split()
        what, *alike = what.split("|")
        values = rows[what]
        values = (
            values.map(lambda word, of=words[what]: of.get(word, word).replace("_", " ")) if what in words else values
        )
        if what.endswith(("_m", "_mm", "_pct")):
            values = values.mask(rng.random(len(rows)) < 0.04)
        for one in how:
            values = (
                values.mask(rng.random(len(rows)) < 0.15, _placeholder(one)) if one[0] == "?" else _WRITTEN[one](values)
            )
        written[name] = values
        side = may if said.startswith("~") else must
        for ours in {what, *alike} & MATTER & LAYERS[layer].columns.keys():
            side[ours] = side.get(ours, frozenset()) | {name}
    table = gpd.GeoDataFrame(written, geometry=rows.geometry, crs="EPSG:25832")
    return Known(ToMatch(layer, place, table.sample(frac=1, random_state=1).reset_index(drop=True)), must, may)


def _placeholder(said: str) -> float | None:
    return float(said[1:]) if said[1:] else None


@cache
def network() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Give pipes and nodes in our columns: a storm and a sewage tree on a grid, levels that fall, ends that join."""
    rng = np.random.default_rng(14)
    pipes: list[dict[str, object]] = []
    nodes: list[dict[str, object]] = []
    for system, shift, sizes in (("storm", 0.0, _STORM), ("sewage", 4.0, _SEWAGE)):
        _lay(system, shift, sizes, pipes, nodes, rng)
    lines, points = (gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:25832") for rows in (pipes, nodes))
    for rows, number in ((lines, 5000), (points, 200)):
        n = len(rows)
        day = pd.Timestamp("2017-03-01")
        rows["row"] = np.arange(1, n + 1)
        rows["other_row"] = rng.permutation(np.arange(number, number + n))
        rows["guid"] = [f"{{{rng.bytes(4).hex().upper()}-{rng.bytes(2).hex().upper()}}}" for _ in range(n)]
        rows["owner"] = rng.choice(["City", "Private", "County"], n, p=[0.9, 0.06, 0.04])
        rows["editor"] = rng.choice(["jsmith", "gis_admin", "mlee"], n)
        rows["edited"] = day + pd.to_timedelta(rng.integers(0, 3000, n), unit="D")
        rows["inspected"] = (day + pd.to_timedelta(rng.integers(0, 2500, n), unit="D")).where(rng.random(n) < 0.4)
        rows["assumed"] = rng.choice(["Y", "N"], n, p=[0.3, 0.7])
        rows["drawing"] = [f"{rng.integers(1960, 2020)}-{rng.integers(1, 300):03}" for _ in range(n)]
        rows["liner"] = pd.Series(rng.choice(["PVC", "CIPP", ""], n, p=[0.04, 0.04, 0.92])).replace("", None)
        rows["relined"] = (day - pd.to_timedelta(rng.integers(0, 4000, n), unit="D")).where(rng.random(n) < 0.08)
        rows["condition"] = rng.integers(1, 6, n)
        rows["angle"] = rng.uniform(0, 360, n).round(1)
        rows["sheet"] = rng.integers(1, 30, n)
        rows["one"], rows["zero"], rows["empty"], rows["yes"] = 1, 0, None, "Y"
        rows["x"], rows["y"] = rows.geometry.centroid.x.round(2), rows.geometry.centroid.y.round(2)
    lines["mercator_m"] = (lines["length_m"] * 1.47).round(2)
    lines["slope_pct"] = ((lines["invert_from_m"] - lines["invert_to_m"]) / lines["length_m"] * 100).round(2)
    lines["host_mm"] = lines["diameter_mm"].where(rng.random(len(lines)) < 0.1)
    points["cover_mm"] = rng.choice([600.0, 700.0], len(points))
    points["highest_m"] = points["invert_m"] + rng.choice([0.0, 0.05, 0.3], len(points))
    points["feature"] = rng.choice(["直通点", "三通点", "起始点"], len(points))
    return lines, points


def _lay(
    system: str, shift: float, sizes: tuple[int, ...], pipes: list[dict[str, object]], nodes: list[dict[str, object]],
    rng: np.random.Generator,
) -> None:  # fmt: skip
    cells = [(i, j) for j in range(DOWN) for i in range(ACROSS)]
    number = dict(zip(cells, (rng.permutation(len(cells)) + len(nodes) + 1).tolist(), strict=True))
    place = {
        c: np.array([c[0] * APART_M, -c[1] * APART_M]) + rng.normal(0, 8, 2) + shift + (566000, 5930500) for c in cells
    }
    ground = {c: 48 - 0.42 * c[1] - 0.24 * c[0] + rng.normal(0, 0.15) for c in cells}
    invert = {c: ground[c] - rng.uniform(1.3, 2.0) for c in cells}
    above = dict.fromkeys(cells, 1)
    sinks, leaves = set(), set(cells)
    status = ["in_use", "abandoned", "planned"]
    for cell in sorted(cells, key=sum):
        i, j = cell
        south = j < DOWN - 1 and (i == ACROSS - 1 or rng.random() < 0.7)
        to = (i, j + 1) if south else (i + 1, j) if i < ACROSS - 1 else None
        if to is None:
            sinks.add(cell)
            continue
        above[to] += above[cell]
        leaves.discard(to)
        length = float(np.hypot(*(place[to] - place[cell])))
        high = invert[cell]
        low = min(high - rng.uniform(0.002, 0.007) * length, ground[to] - 1.0)
        invert[to] = min(invert[to], low)
        size = float(sizes[min(int(np.log2(above[cell]) * len(sizes) / 6), len(sizes) - 1)])
        box = size >= 1200
        year = int(rng.choice([1958, 1963, 1971, 1978, 1986, 1994, 2003, 2011, 2018]))
        material = rng.choice(["concrete", "clay", "pvc"], p=[0.75, 0.2, 0.05] if year < 1980 else [0.4, 0.05, 0.55])
        drawn = LineString([place[cell], (place[cell] + place[to]) / 2 + rng.normal(0, 0.5, 2), place[to]])
        pipes.append({
            "pipe_id": len(pipes) + 1, "system": system, "from_node": number[cell], "to_node": number[to],
            "shape": "rectangular" if box else "circular", "diameter_mm": np.nan if box else size,
            "width_mm": size * 1.5 if box else size, "height_mm": size, "invert_from_m": round(high, 3),
            "invert_to_m": round(low, 3), "ground_from_m": round(ground[cell], 3), "ground_to_m": round(ground[to], 3),
            "depth_from_m": round(ground[cell] - high, 2), "depth_to_m": round(ground[to] - low, 2),
            "length_m": round(length, 2), "material": str(material), "road": _ROADS[i if south else ACROSS + j],
            "commissioned": pd.Timestamp(year, int(rng.integers(1, 13)), 15),
            "status": str(rng.choice(status, p=[0.92, 0.05, 0.03])), "geometry": drawn,
        })  # fmt: skip
    for c in cells:
        kind = "outfall" if c in sinks else "inlet" if c in leaves and rng.random() < 0.5 else "manhole"
        nodes.append({
            "node_id": number[c], "system": system, "kind": kind, "ground_m": round(ground[c], 3),
            "invert_m": round(invert[c], 3), "depth_m": round(ground[c] - invert[c], 2), "road": _ROADS[c[0]],
            "status": "in_use", "commissioned": pd.Timestamp(1990, 1, 1), "geometry": Point(place[c]),
        })  # fmt: skip
