"""The looks of the map, by theme and category, and all its words in Chinese and English."""

from __future__ import annotations

THEMES: dict[str, None] = dict.fromkeys(
    (
        "pipes",
        "mixed_flow",
        "misconnections",
        "waterlogging",
        "overflow_nodes",
        "separation",
        "reports",
        "outfalls",
        "quality",
        "issues",
        "waterways",
    ),
)
