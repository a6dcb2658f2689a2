"""What stands on a paper, on a screen; and the same as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, cast

from drainage.cells import to_plain
from drainage.papers.sections.long_section import LongSection
from drainage.papers.sections.section_facts import section_facts
from drainage.papers.system_map.map_content import SystemMap
from drainage.papers.system_map.map_facts import map_facts, sheets_of_map
from drainage.papers.water_facts import highest_of_storms, water_facts
from drainage.papers.water_over_time import WaterOverTime
from drainage.telling.in_words import spoken
from drainage.telling.text_tables import Told, first_rows

if TYPE_CHECKING:
    from drainage.papers.drawn.paper import Paper

_STATIONS: Final = (
    "node_id", "chainage_m", "ground_m", "invert_in_m", "invert_out_m", "invert_depth_m", "cover_m", "level_m",
    "overflow_m3",
)  # fmt: skip


def paper_facts(paper: Paper) -> dict[str, object]:
    """Return the numbers of a section, a system map or a hydrograph, and the remarks on it."""
    drawn, remarks = paper.content, list(paper.remarks)
    if isinstance(drawn, LongSection):
        return {**section_facts(drawn), "remarks": to_plain(remarks)}
    facts = map_facts(drawn) if isinstance(drawn, SystemMap) else water_facts(_water(drawn))
    return cast("dict[str, object]", to_plain({**facts, "remarks": remarks}))


def paper_told(paper: Paper) -> Iterator[Told]:
    """Tell the stations of a section, the sheets of a map, or the highest of each storm of a hydrograph."""
    drawn = paper.content
    if isinstance(drawn, LongSection):
        stations = drawn.stations
        if drawn.grade_lines:
            last = drawn.grade_lines[-1]
            stations = stations.assign(level_m=last.level_m.round(2), overflow_m3=last.overflow_m3.round(1))
        yield from first_rows("stations", stations, [name for name in _STATIONS if name in stations], most=None)
    elif isinstance(drawn, SystemMap):
        sheets = sheets_of_map(drawn)
        yield from first_rows("sheets of the map", sheets, [str(name) for name in sheets], most=None)
    else:
        water = _water(drawn)
        highest = highest_of_storms(water)
        named = highest.assign(storm=[spoken(one.name) for one in water.storms])
        yield from first_rows("highest of each storm", named, [str(name) for name in highest], most=None)


def _water(drawn: object) -> WaterOverTime:
    if not isinstance(drawn, WaterOverTime):
        raise TypeError(type(drawn))
    return drawn
