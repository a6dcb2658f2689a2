"""Draw the pictures of docs/papers/section.md: a long section of the synthetic demo city, and a hydrograph in it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import drainage as dr

#: What is drawn, in the folder of docs.
PICTURES: Final = ("papers/section.png", "papers/hydrograph.png")


def main() -> None:
    """Draw both pictures anew."""
    draw(Path(__file__).parents[1] / "docs")


def draw(docs: Path) -> None:
    """Draw what the examples of the page draw into a folder as that of docs."""
    net = dr.load_demo("2018-12-31")
    formula = dr.read_storm_formula("demo")
    storms = [dr.DesignStorm(formula, return_period_a=years, duration_min=120) for years in (1, 5)]
    states = [dr.screen(net, storm) for storm in storms]
    points = dr.find_waterlogging(states[-1])
    section = dr.papers.plot_section(net, "YS1400", "YS0632", state=states, waterlogging=points, lang="en")
    section.save(docs / PICTURES[0], dpi=84, force=True)
    dr.papers.plot_hydrograph(net, "YS1403", storms, lang="en").save(docs / PICTURES[1], force=True)


if __name__ == "__main__":
    main()
