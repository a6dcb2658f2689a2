"""Openings needed to find undrawn sources, by three ways of looking, and how far the chances can be trusted.

    python benchmarks/inspection.py [--cities FOLDER]      # writes inspection.md and .svg in docs/validation

The folder holds real storm networks (one GeoJSON a layer); without it the demo city alone is used.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from crew import Crew, Log, above_count, halve, inform, walk

import drainage as dr
from drainage.inference.forest import StormForest
from drainage.inference.posterior import Beliefs, Readings, SourceRates

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- figures: written by benchmarks/inspection.py -->\n", "<!-- end of figures -->\n"
MAINS = ("barrie", "burnaby", "delta", "kingston", "london", "penticton", "peterborough", "portcoquitlam", "toronto")
CITIES = {"newwestminster": "storm_mains", "ottawa": "storm_pipes", **dict.fromkeys(MAINS, "mains")}
DAY, SEED, ERROR, PRIOR = "2021-05-07", 7, 0.05, 0.01
PER_TREE, LEAST_REACHES, TREES, TOWNS = 40, 40, 6, 150
SURE = 1e-3  # rates that are assumed where the simulated readings are exact


class Single(NamedTuple):
    """One source in one tree: mean openings of each way over the sources tried."""

    town: str
    reaches: int
    walk: float
    halving: float
    information: float
    information_prior: float
    approximate: float


def rates(prior: float, error: float) -> SourceRates:
    """Assume one chance of error for all readings of an opening."""
    return SourceRates(reach_prior=prior, false_wet=error, missed_wet=error, false_entry=error, missed_entry=error)


def undrawn(net: dr.DrainageNetwork) -> StormForest:
    """Build the forest as if what the drawing shows had been put right before."""
    forest = StormForest.from_network(net)
    return replace(forest, drawn=np.zeros(forest.n_cells, np.bool_))


def one_source(town: str, forest: StormForest, rng: np.random.Generator) -> Iterator[Single]:
    """Plant one source at a time in the largest trees, at manholes; the outfall is known to run."""
    size = above_count(forest)
    trees = sorted(zip(forest.begin[:-1], forest.begin[1:], strict=True), key=lambda tree: tree[0] - tree[1])
    for begin, end in trees[:TREES]:
        inside = forest.opened[(forest.opened >= begin) & (forest.opened < end - 1)]
        reaches = int((forest.pipe[begin:end] >= 0).sum())
        if reaches < LEAST_REACHES or len(inside) < LEAST_REACHES:
            return
        root = np.array([end - 1], np.int32)
        planted = rng.choice(inside, min(PER_TREE, len(inside)), replace=False)
        openings = np.empty((len(planted), 4))
        for k, source in enumerate(planted):
            crews = [Crew(forest, np.array([source], np.int32), rng) for _ in range(4)]
            logs: list[Log] = [
                walk(crews[0], root, size),
                halve(crews[1], root),
                inform(crews[2], root, rates(0.1 / reaches, SURE), wanted=1, most=4 * reaches),
                inform(crews[3], root, rates(PRIOR, SURE), wanted=1, most=4 * reaches),
            ]
            openings[k] = [log[0][0] if log else np.nan for log in logs]
        means = (float(mean) for mean in np.nanmean(openings, axis=0))
        yield Single(town, reaches, *means, float(forest.approximate[begin:end].mean()))


class Search(NamedTuple):
    """All planted sources of the demo city: when each was found, and how often a find was none."""

    way: str
    error: float
    found_at: list[int]
    false_finds: int
    openings: int


def demo_city(net: dr.DrainageNetwork, prior: float) -> list[Search]:
    """Search for the undrawn sources of the demo city, with exact readings and with 5 % of them wrong."""
    forest = undrawn(net)
    truth = json.loads((ROOT / "data" / "truth.json").read_text(encoding="utf-8"))["undrawn_sewage_sources"]
    sources = forest.node_cell[net.node_positions([one["node_id"] for one in truth])]
    outfalls = np.flatnonzero((forest.parent < 0) & (net.nodes["kind"] == "outfall").to_numpy()[forest.node])
    searches = []
    for error in (0.0, ERROR):
        for way in ("walk", "halving", "information", "information, 10 a day", "information, none closed"):
            crew = Crew(forest, sources, np.random.default_rng(SEED), error=error)
            roots = outfalls.astype(np.int32)
            if way == "walk":
                log = walk(crew, roots, above_count(forest))
            elif way == "halving":
                log = halve(crew, roots)
            else:
                batch = 10 if way.endswith("day") else 1
                assumed = rates(prior, max(error, SURE))
                closing = not way.endswith("closed")
                log = inform(crew, roots, assumed, wanted=len(sources), most=1126, batch=batch, plug=closing)
            true = sorted({cell: at for at, cell in reversed(log) if cell in sources}.values())
            false = len(log) - sum(cell in sources for _, cell in log)
            searches.append(Search(way, error, true, false, crew.openings))
    return searches


def calibration(
    forest: StormForest, *, prior: float, error: float, assumed: SourceRates
) -> list[tuple[float, float, int]]:
    """Bin the chances of all reaches of simulated towns: mean chance, share that holds a source, number of reaches."""
    rng = np.random.default_rng(SEED)
    pipes = np.flatnonzero(forest.pipe_cell >= 0).astype(np.int32)
    chances, held = [], []
    clean = Beliefs(forest, rates(prior, error)).source
    for _ in range(TOWNS):
        sources = np.flatnonzero(rng.random(forest.n_cells) < clean).astype(np.int32)
        crew = Crew(forest, sources, rng)
        looked = rng.choice(np.flatnonzero(forest.node >= 0), forest.n_cells // 12, replace=False).astype(np.int32)
        wet = crew.flowing[looked] ^ (rng.random(len(looked)) < error)
        chances.append(Beliefs(forest, assumed, Readings(looked, wet)).reaches(pipes))
        cell = forest.pipe_cell[pipes]
        first = forest.child[np.minimum(forest.child_ptr[cell], len(forest.child) - 1)]
        begins = forest.child_ptr[cell + 1] > forest.child_ptr[cell]
        held.append(crew.left[cell] | (begins & crew.left[first]))
    chance, true = np.concatenate(chances), np.concatenate(held)
    bins = np.digitize(chance, [0.01, 0.03, 0.1, 0.25, 0.35, 0.5, 0.8])
    return [
        (float(chance[bins == b].mean()), float(true[bins == b].mean()), int((bins == b).sum()))
        for b in np.unique(bins)
    ]


def plot(singles: list[Single], searches: list[Search], path: Path) -> None:
    """Draw found against openings, and openings against the number of reaches."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "inspection"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    looks = {"walk": "#8C8C8C", "halving": "#E69F00", "information": "#0072B2", "information, 10 a day": "#56B4E9"}
    looks["information, none closed"] = "#009E73"
    for axis, error in zip(axes, (0.0, ERROR), strict=False):
        for one in [s for s in searches if s.error == error]:
            at, found = [0, *one.found_at, one.openings], [*range(len(one.found_at) + 1), len(one.found_at)]
            axis.step(at, found, where="post", color=looks[one.way], label=one.way)
        axis.set(xscale="symlog", xlabel="manholes opened", ylabel="planted sources found")
        axis.set_title(f"demo city, {'exact readings' if not error else f'{error:.0%} of the readings false'}")
        axis.legend(fontsize=8)
    reaches = np.array([one.reaches for one in singles])
    for name in ("walk", "halving", "information"):
        axes[2].plot(reaches, [getattr(one, name) for one in singles], "o", ms=4, color=looks[name], label=name)
    line = np.linspace(reaches.min(), reaches.max(), 50)
    axes[2].plot(line, 1.2 * np.log2(line), "k--", lw=1, label="1.2 log2(reaches)")
    axes[2].set(xscale="log", yscale="log", xlabel="candidate reaches", ylabel="mean openings", title="one source")
    axes[2].legend(fontsize=8)
    figure.savefig(path, metadata={"Date": None})


def page(singles: list[Single], searches: list[Search], bins: dict[str, list[tuple[float, float, int]]]) -> str:
    """Write the tables."""
    names = ("Tree", "Reaches", "log2", "Walk", "Halving", "Information", "÷ log2", "Prior 1 %", "Approximate")
    head = f"| {' | '.join(names)} |\n|{'---|' * len(names)}\n"
    rows = "".join(
        f"| {s.town} | {s.reaches} | {np.log2(s.reaches):.1f} | {s.walk:.1f} | {s.halving:.1f} | {s.information:.1f} "
        f"| {s.information / np.log2(s.reaches):.2f} | {s.information_prior:.1f} | {s.approximate:.0%} |\n"
        for s in singles
    )
    ratio = np.array([s.information / np.log2(s.reaches) for s in singles])
    below = sum(s.information < s.walk for s in singles)
    text = f"### One source\n\n{head}{rows}\nMean ratio {ratio.mean():.2f}, worst {ratio.max():.2f}; "
    text += f"below the walk in {below} of {len(singles)} trees.\n\n### The planted sources of the demo city\n\n"
    text += "| Way | False readings | Found | Finds that are none | Openings | Openings per source found |\n"
    text += "|---|---|---|---|---|---|\n"
    for s in searches:
        each = s.openings / len(s.found_at) if s.found_at else float("nan")
        text += f"| {s.way} | {s.error:.0%} | {len(s.found_at)} | {s.false_finds} | {s.openings} | {each:.1f} |\n"
    text += "\n![Found against openings](inspection.svg)\n\n### Calibration\n\n"
    for title, one in bins.items():
        text += f"{title}\n\n| Mean chance given | Share that holds a source | Reaches |\n|---|---|---|\n"
        text += "".join(f"| {given:.3f} | {held:.3f} | {n} |\n" for given, held, n in one) + "\n"
    return text


def main() -> None:
    """Run all and replace the figures on the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cities", type=Path, help="folder of real storm networks")
    cities = parser.parse_args().cities
    rng = np.random.default_rng(SEED)
    net = dr.read_network(ROOT / "data" / "pipes.geojson").as_of(DAY)
    forest = undrawn(net)
    singles = list(one_source("demo city", forest, rng))
    for name, layer in CITIES.items() if cities else ():
        path = cities / name / f"{layer}.geojson"
        if path.exists():
            singles += one_source(name, undrawn(dr.read_network({"storm": path})), rng)
    searches = demo_city(net, PRIOR)
    told = rates(0.02, ERROR)
    bins = {
        "Towns as assumed: prior 2 %, 5 % of the readings false.": calibration(
            forest, prior=0.02, error=ERROR, assumed=told
        ),
        "Towns that are not as assumed: twice the sources, twice the false readings.": calibration(
            forest, prior=0.04, error=2 * ERROR, assumed=told
        ),
    }
    plot(singles, searches, ROOT / "docs" / "validation" / "inspection.svg")
    path = ROOT / "docs" / "validation" / "inspection.md"
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n{page(singles, searches, bins)}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
