"""How often the bounds of a fitted storm formula hold the truth: 200 records drawn from each of several laws.

Run ``python validation/storm_confidence.py`` (some ten minutes); it prints the table of docs/flooding/storm-formula.md.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from drainage.hydraulics.extremes.confidence import confidence_bounds, fit_maxima
from drainage.hydraulics.extremes.distributions import Distribution, of_period, quantile
from drainage.hydraulics.extremes.maxima import RETURN_PERIODS_A
from tests.support.years_of_rain import MINUTES, drawn_years, law, parameters

DRAWS, REPLICAS = 200, 300
PERIODS = np.array(RETURN_PERIODS_A)
CASES: tuple[tuple[str, int, Distribution], ...] = (
    ("上海", 20, "exponential"),
    ("上海", 30, "exponential"),
    ("上海", 30, "gumbel"),
    ("上海", 30, "pearson3"),
    ("guangzhou", 20, "gumbel"),
)


def main() -> None:
    """Print the share of records, in per cent, whose bounds hold the truth, by return period; means of durations."""
    print("| truth | years | " + " | ".join(f"{period:g} a" for period in PERIODS) + " | chosen |")
    for city, years, distribution in CASES:
        truth = quantile(parameters(law(city), distribution), of_period(PERIODS), distribution)
        random, held, chosen = np.random.default_rng(7), np.zeros(len(PERIODS)), Counter[str]()
        for _ in range(DRAWS):
            sample = drawn_years(law(city), years, random, distribution)
            made = fit_maxima(sample, MINUTES, PERIODS)
            low, high = confidence_bounds(sample, MINUTES, PERIODS, made, replicas=REPLICAS)
            held += ((low <= truth) & (truth <= high)).mean(axis=0) / DRAWS
            chosen[made.chosen] += 1
        cells = " | ".join(f"{100.0 * one:.1f}" for one in held)
        print(f"| {city}, {distribution} | {years} | {cells} | {dict(chosen)} |", flush=True)


if __name__ == "__main__":
    main()
