"""A system map as plain values: its sheets, the ground of each, and what found no place on them."""

from __future__ import annotations

import pandas as pd

from drainage.papers.system_map.map_content import SystemMap

_EDGES = ("west_m", "south_m", "east_m", "north_m")


def sheets_of_map(content: SystemMap) -> pd.DataFrame:
    """Return a row for each sheet: number, size, scale, and how many names and numbers found no place on it."""
    left_out = [content.left_out[tile.number] for tile in content.cutting.tiles]
    return pd.DataFrame(
        {
            "sheet_no": [tile.number for tile in content.cutting.tiles],
            "sheet_size": content.cutting.layout.size,
            "map_scale": f"1:{content.scale}",
            "roads_unnamed": [len(lost.roads) for lost in left_out],
            "points_unnumbered": [len(lost.points) for lost in left_out],
            "ids_unwritten": [lost.ids for lost in left_out],
        }
    )


def map_facts(content: SystemMap) -> dict[str, object]:
    """Return the sheets with the ground of each, m, and the roads that have no name on them."""
    edges = dict(zip(_EDGES, zip(*(tile.bounds for tile in content.cutting.tiles), strict=True), strict=True))
    return {
        "sheets": sheets_of_map(content).assign(**edges).to_dict("list"),
        "roads_unnamed": {str(number): list(lost.roads) for number, lost in content.left_out.items()},
        "roads_outside": content.roads_outside,
    }
