"""Draw the pictures of docs/validation/figures.md: charts of the demo city before its works, in both languages."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

import drainage as dr

#: What is drawn, in the folder of docs.
PICTURES: Final = tuple(
    f"validation/figures/{name}.png" for name in ("causes", "return-periods", "budget", "systems", "crossings")
)


def main() -> None:
    """Draw all charts anew."""
    draw(Path(__file__).parents[1] / "docs")


def draw(docs: Path) -> None:
    """Answer some questions of the demo city and write a chart of each into a folder as that of docs."""
    net = dr.load_demo("2018-12-31")
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    state = dr.screen(net, storm)
    points, mixed = dr.find_waterlogging(state), dr.find_mixed_flow(net)
    closures = dr.plan_closures(net, mixed, budget=30)
    figures = (
        points.figure("causes", lang="zh"),
        points.figure("return_periods", lang="en"),
        closures.figure("budget", lang="en"),
        mixed.figure("systems", lang="zh"),
        dr.analyses.find_crossings(net).figure("clear_distances", lang="en"),
    )
    for name, figure in zip(PICTURES, figures, strict=True):
        found = BytesIO()
        figure.savefig(found, dpi=130)
        Image.open(found).convert("RGB").quantize(64, kmeans=1).save(docs / name, optimize=True)


if __name__ == "__main__":
    main()
