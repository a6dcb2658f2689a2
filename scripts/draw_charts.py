"""Draw the pictures of docs/validation/figures.md: charts of the demo city before its works, in both languages."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

import drainage as dr

OUT = Path(__file__).parents[1] / "docs" / "validation" / "figures"


def main() -> None:
    """Answer some questions of the demo city and write a chart of each."""
    net = dr.load_demo("2018-12-31")
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    state = dr.screen(net, storm)
    points, mixed = dr.find_waterlogging(state), dr.find_mixed_flow(net)
    closures = dr.plan_closures(net, mixed, budget=30)
    drawn = {
        "causes": points.figure("causes", lang="zh"),
        "return-periods": points.figure("return_periods", lang="en"),
        "budget": closures.figure("budget", lang="en"),
        "systems": mixed.figure("systems", lang="zh"),
        "crossings": dr.analyses.find_crossings(net).figure("clear_distances", lang="en"),
    }
    for name, figure in drawn.items():
        found, path = BytesIO(), OUT / f"{name}.png"
        figure.savefig(found, dpi=130)
        Image.open(found).convert("RGB").quantize(64, kmeans=1).save(path, optimize=True)
        sys.stdout.write(f"{path.name}: {path.stat().st_size // 1024} KiB\n")


if __name__ == "__main__":
    main()
