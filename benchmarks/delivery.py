"""A delivery of 500 pipes on a city of 5,000: read, computed and compared, by CPU seconds of this process.

``drainage analyze data/pipes.geojson --as-of 2018-12-31 --storm-formula demo --also relief,closures,cleaning,inspect -o
RESULTS``, then ``python benchmarks/delivery.py RESULTS``: 300 pipes that were laid until 2021-05-07 and 200 that were
abandoned. What is asked for: 30 s, plans and pay sheet included.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import pandas as pd

import drainage as dr
from drainage.report import PayTerms, compute_delivery, read_delivery, read_report

ROOT = Path(__file__).parents[1]
LAID, LEFT = 300, 200
COLUMNS = [
    "system", "from_node", "to_node", "shape", "diameter_mm", "width_mm", "height_mm", "invert_from_m", "invert_to_m",
    "length_m", "material", "road", "commissioned", "abandoned", "geometry",
]  # fmt: skip


def main() -> None:
    """Write the delivery, and time what is done with it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    marks = [("begin", time.process_time())]
    with tempfile.TemporaryDirectory() as folder:
        file = _write(Path(folder) / "works.gpkg")
        marks.append(("written", time.process_time()))
        base = read_report(parser.parse_args().results, whole=True)
        marks.append(("base", time.process_time()))
        delivery = read_delivery(file, base)
        marks.append(("read", time.process_time()))
        compute_delivery(
            base,
            delivery,
            terms=PayTerms.from_file(ROOT / "docs" / "papers" / "pay-terms-example.toml"),
            step=lambda name: marks.append((name, time.process_time())),
        )
    marks.append(("end", time.process_time()))
    print(delivery.intake["counts"])
    for (name, at), (_, until) in pairwise(marks[1:]):
        print(f"{name:14s} {until - at:6.2f} s")
    print(f"all of it      {marks[-1][1] - marks[1][1]:6.2f} s, peak {_peak_gib():.1f} GiB")


def _write(path: Path) -> Path:
    """Write what was laid and abandoned as a contractor does, with the manholes that are new."""
    whole = dr.read_network(ROOT / "data" / "pipes.geojson")
    before, after = whole.as_of("2018-12-31"), whole.as_of("2021-05-07")
    laid = after.pipes[~after.pipes.index.isin(before.pipes.index)].iloc[:LAID]
    left = before.pipes[~before.pipes.index.isin(after.pipes.index)].iloc[:LEFT]
    nodes = after.nodes[after.nodes.index.isin(pd.concat([laid["from_node"], laid["to_node"]]))]
    pipes = gpd.GeoDataFrame(pd.concat([laid, left])[COLUMNS].reset_index(), crs=before.crs)
    pipes.to_file(path, layer="pipes")
    new = nodes[~nodes.index.isin(before.nodes.index)]
    new[["kind", "system", "ground_m", "invert_m", "geometry"]].reset_index().to_file(path, layer="nodes")
    return path


def _peak_gib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
