"""Synthetic networks of any size: streets with a storm and a sewage sewer each, seeded, planted with known faults.

Streets run east, 120 m apart, with a manhole every 30 m in either sewer. Every 50th manhole stands on an avenue: the
pipes of its 50 manholes drain to it, and it drains south along the avenue. Every 20th street is a river bank, where the
trunk ends at an outfall. So a tree has 1,000 pipes, and the city as many trees as its size needs. Rows stand in the
order of the survey, street by street.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Floats, Ints

SEED = 20240721
CRS = 4548
SPACING_M, STREET_M, REACH, STREETS = 30.0, 120.0, 50, 20
MISCONNECTED_SHARE, TWIN_SHARE, JITTER_SHARE, JITTER_M = 0.003, 0.001, 0.02, 0.03
SLOPE = 0.002
SIZES_MM = np.array([300, 400, 500, 600, 800, 1000, 1200, 1500, 1800, 2000, 2400, 3000, 3600, 4000])
FULL_M3S = 0.312 / 0.013 * (SIZES_MM / 1000.0) ** (8 / 3) * SLOPE**0.5
GEOJSON_LIMIT = 200_000
WHOLE_LIMIT = 1_000_000  # a larger city is built town by town, each of this size


class Sewer(NamedTuple):
    """One sewer in every street: place and ground of its nodes; the pipe that leaves node *i* leads to ``head[i]``."""

    x: Floats
    y: Floats
    head: Ints
    invert_m: Floats
    upstream: Ints


def build_city(n_pipes: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Build about ``n_pipes`` pipes and the centre lines of their streets.

    Returns
    -------
    Pipes with the columns that a survey delivers, and roads with their name in ``road``.
    """
    rng = np.random.default_rng(SEED)
    streets = max(round((n_pipes / 1000) ** 0.5 * 1.58 / STREETS), 1) * STREETS if n_pipes < 10**6 else 1000
    blocks = max(round(n_pipes / (2 * streets * REACH)), 1)
    sewers = {"YS": _sewer(streets, blocks, 3.0), "WS": _sewer(streets, blocks, -3.0)}
    tables = [_pipes(sewer, system, streets, blocks, rng) for system, sewer in sewers.items()]
    tables.append(_misconnections(sewers, streets, blocks, rng))
    pipes = pd.concat(tables, ignore_index=True)
    twins = pipes.sample(frac=TWIN_SHARE, random_state=SEED)
    pipes = pd.concat([pipes, twins], ignore_index=True)
    pipes.insert(0, "pipe_id", [f"P{k:07d}" for k in range(len(pipes))])
    lines = shapely.linestrings(pipes.pop("xy").explode().to_numpy(dtype=float).reshape(-1, 2, 2))
    return gpd.GeoDataFrame(pipes, geometry=lines, crs=CRS), _roads(streets, blocks)


def without_nodes(pipes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave the node ids out and move a few ends by up to 3 cm, as a total station would."""
    rng = np.random.default_rng(SEED)
    xy = shapely.get_coordinates(pipes.geometry.array)
    moved = rng.random(len(xy)) < JITTER_SHARE
    xy[moved] += rng.uniform(-JITTER_M, JITTER_M, (int(moved.sum()), 2)) / 2**0.5
    return pipes.drop(columns=["from_node", "to_node"]).set_geometry(
        shapely.linestrings(xy.reshape(-1, 2, 2)), crs=pipes.crs
    )


def write_city(n_pipes: int, root: Path) -> Path:
    """Write the city of a size into its folder below ``root``, once; return the folder."""
    folder = root / f"{n_pipes}"
    if (folder / "complete").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    if n_pipes > WHOLE_LIMIT:
        return _write_towns(round(n_pipes / WHOLE_LIMIT), folder)
    pipes, roads = build_city(n_pipes)
    roads.to_file(folder / "roads.gpkg", layer="roads", engine="pyogrio")
    pipes.to_file(folder / "pipes.gpkg", layer="pipes", engine="pyogrio")
    pipes.to_parquet(folder / "pipes.parquet", compression="zstd")
    without_nodes(pipes).to_file(folder / "pipes_without_nodes.gpkg", layer="pipes", engine="pyogrio")
    if n_pipes <= GEOJSON_LIMIT:
        pipes.to_crs(4326).to_file(folder / "pipes.geojson", driver="GeoJSON", engine="pyogrio")
    _write_edges(pipes, folder / "edges.npz")
    (folder / "complete").write_text(f"{len(pipes)}\n", encoding="utf-8")
    return folder


def _write_towns(count: int, folder: Path) -> Path:
    """Write towns beside each other into one GeoPackage, never more than one of them in memory; no other file."""
    pipes, _ = build_city(WHOLE_LIMIT)
    west, _, east, _ = pipes.total_bounds
    for town in range(count):
        names = {name: f"T{town}-" + pipes[name] for name in ("pipe_id", "from_node", "to_node", "road")}
        moved = pipes.geometry.translate(town * (east - west + STREET_M))
        pipes.assign(**names).set_geometry(moved).to_file(
            folder / "pipes.gpkg", layer="pipes", engine="pyogrio", append=town > 0
        )
    (folder / "complete").write_text(f"{count * len(pipes)}\n", encoding="utf-8")
    return folder


def _write_edges(pipes: gpd.GeoDataFrame, path: Path) -> None:
    """Write the bare graph for peers that read no such file: ends as numbers, whether sewage, length."""
    ends, names = pd.factorize(pd.concat([pipes["from_node"], pipes["to_node"]]))
    tail, head = ends.reshape(2, -1)
    sewage = (pipes["system"] == "WS").to_numpy()
    np.savez(path, tail=tail, head=head, n_nodes=len(names), sewage=sewage, length_m=pipes.length.to_numpy())


def _sewer(streets: int, blocks: int, offset_m: float) -> Sewer:
    """Lay one sewer: node = street · manholes + manhole, then one end for each trunk."""
    per_street = blocks * REACH
    node = np.arange(streets * per_street)
    street, manhole = np.divmod(node, per_street)
    within = manhole % REACH
    middle = REACH // 2
    on_avenue = within == middle
    last = street % STREETS == STREETS - 1
    trunk = street // STREETS * blocks + manhole // REACH
    head = np.where(on_avenue, np.where(last, len(node) + trunk, node + per_street), node + np.sign(middle - within))
    n_ends = streets // STREETS * blocks
    distance = np.abs(within - middle) * SPACING_M + (STREETS - street % STREETS) * STREET_M
    side = np.where(within < middle, within + 1, REACH - within)
    end_street, end_block = np.divmod(np.arange(n_ends), blocks)
    end_x = (end_block * REACH + middle) * SPACING_M
    end_y = -((end_street + 1) * STREETS - 0.5) * STREET_M
    return Sewer(
        np.concatenate([manhole * SPACING_M, end_x]) + 500_000.0 + offset_m,
        np.concatenate([-street * STREET_M, end_y]) + 3_700_000.0 + offset_m,
        head,
        np.concatenate([20.0 + SLOPE * distance, np.full(n_ends, 20.0)]),
        np.where(on_avenue, (street % STREETS + 1) * REACH, side),
    )


def _pipes(sewer: Sewer, system: str, streets: int, blocks: int, rng: np.random.Generator) -> pd.DataFrame:
    """Dress the pipe that leaves each node; one block in a hundred is two sizes too small, so that it floods."""
    count = len(sewer.head)
    tail = np.arange(count)
    need_m3s = (0.07 if system == "YS" else 0.004) * sewer.upstream**0.92
    size = np.searchsorted(FULL_M3S, need_m3s)
    street, manhole = np.divmod(tail, blocks * REACH)
    too_small = (rng.random(streets * blocks) < 0.01)[street * blocks + manhole // REACH] & (system == "YS")
    size = np.clip(size - 2 * too_small, 0, len(SIZES_MM) - 1)
    trunk = tail - manhole % REACH + REACH // 2  # side streets lie as deep as the trunk that they join
    bore_m = np.concatenate([SIZES_MM[size[trunk]], np.full(len(sewer.x) - count, SIZES_MM[-1])]) / 1000.0
    depth = 1.5 + bore_m + 0.5 * np.sin(np.arange(len(bore_m)) * 0.01) + rng.normal(0.0, 0.1, len(bore_m))
    on_avenue = manhole % REACH == REACH // 2
    road = np.where(on_avenue, streets + manhole // REACH, street)
    names = np.array([f"经{k + 1}路" if k < streets else f"纬{k - streets + 1}路" for k in range(streets + blocks)])
    return _table(sewer, sewer, tail, sewer.head, (system, system)).assign(
        diameter_mm=SIZES_MM[size],
        depth_from_m=depth[tail].round(2),
        depth_to_m=depth[sewer.head].round(2),
        material=np.where(size > 3, "钢筋混凝土", "HDPE"),
        road=names[road],
    )


def _misconnections(sewers: dict[str, Sewer], streets: int, blocks: int, rng: np.random.Generator) -> pd.DataFrame:
    """Lead a few sewage manholes into the storm sewer beside them, and as many the other way."""
    count = streets * blocks * REACH
    chosen = rng.choice(count, max(round(count * MISCONNECTED_SHARE), 2), replace=False)
    half = len(chosen) // 2
    wrong = [
        _table(sewers[a], sewers[b], rows, rows, (a, b)).assign(diameter_mm=300, depth_from_m=2.0, depth_to_m=2.0)
        for a, b, rows in (("WS", "YS", chosen[:half]), ("YS", "WS", chosen[half:]))
    ]
    return pd.concat(wrong)


def _table(start: Sewer, end: Sewer, tail: Ints, head: Ints, codes: tuple[str, str]) -> pd.DataFrame:
    xy = np.column_stack([start.x[tail], start.y[tail], end.x[head], end.y[head]]).round(3)
    names = [
        np.char.add(code, number.astype(str)).astype(object) for code, number in zip(codes, (tail, head), strict=True)
    ]
    return pd.DataFrame(
        {
            "system": codes[0],
            "from_node": names[0],
            "to_node": names[1],
            "invert_from_m": start.invert_m[tail].round(3),
            "invert_to_m": end.invert_m[head].round(3),
            "xy": list(xy),
        }
    )


def _roads(streets: int, blocks: int) -> gpd.GeoDataFrame:
    east = (blocks * REACH - 1) * SPACING_M
    south = -(streets - 1) * STREET_M
    lines = [((0.0, -k * STREET_M), (east, -k * STREET_M)) for k in range(streets)]
    lines += [((x, 0.0), (x, south)) for x in (np.arange(blocks) * REACH + REACH // 2) * SPACING_M]
    names = [f"经{k + 1}路" for k in range(streets)] + [f"纬{k + 1}路" for k in range(blocks)]
    xy = np.add(lines, (500_000.0, 3_700_000.0))
    return gpd.GeoDataFrame({"road": names}, geometry=shapely.linestrings(xy), crs=CRS)


def main() -> None:
    """Write the cities of the sizes given."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("sizes", nargs="+", type=int)
    parser.add_argument("--folder", type=Path, default=Path("out/benchmarks"))
    options = parser.parse_args()
    for size in options.sizes:
        print(write_city(size, options.folder))


if __name__ == "__main__":
    main()
