"""What a page for the public shows and what it could not, on a screen."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from drainage.telling.in_words import told
from drainage.telling.text_tables import TextTable, Told
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.publication import PublicPage

#: Bytes of a page that a web server sends compressed, from which on a slow line takes more than 3 s (measured: docs).
_MOST_BYTES: Final = 60_000
_HEADS: Final = ("rain", "grade", "depth_mm", "stretches_wet", "stretches_solved", "places_unplaced")
_GRADES: Final = ("light", "moderate", "heavy", "rainstorm", "heavy_rainstorm", "extreme_rainstorm")


def page_told(page: PublicPage) -> Iterator[Told]:
    """Tell how much of the town is wet in each rain of the page, and what is not on it."""
    counts = page.counts
    rows = [(one.key, told(_GRADES[one.grade], "rain_grade"), *one[2:]) for one in counts.rains]
    yield TextTable("publish", _HEADS, rows)
    yield in_both("public_streets", roads=counts.roads, stretches=counts.stretches)
    if counts.judged < 1.0:
        yield in_both("public_judged", share=f"{100 * counts.judged:.0f}")
    worst = max(counts.rains, key=lambda one: one.unplaced)
    if worst.unplaced:
        yield in_both("public_unplaced", count=worst.unplaced, rain=worst.key)
    if (size := len(gzip.compress(page.html.encode(), 9))) > _MOST_BYTES:
        yield in_both("public_large", size=f"{size / 1000:.0f}", most=f"{_MOST_BYTES / 1000:.0f}")
    for reason, count in counts.roads_left_out.items():
        if count:
            yield in_both(f"public_left_out_{reason}", count=count)
    if counts.sightings or counts.sightings_unplaced:
        yield in_both("public_sightings", shown=counts.sightings, lost=counts.sightings_unplaced)
