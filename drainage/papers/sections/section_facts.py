"""A long section as plain values, for machines: what `drainage section --json` and a server tell of it."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd

from drainage.cells import plain_value, short_numbers
from drainage.papers.sections.long_section import LongSection
from drainage.said import in_language
from drainage.wants import wants
from drainage.words import language


@wants
def section_facts(section: LongSection, *, lang: str | None = None) -> dict[str, Any]:
    """Return the numbers of a long section as values that JSON knows.

    Parameters
    ----------
    section
        From `trace_section`, or the content of what `plot_section` draws.
    lang
        ``zh`` or ``en`` of the remarks and the names of storms; None: the language of the reader.

    Returns
    -------
    ``length_m``; ``stations``, ``pipes``, ``crossings`` and ``points`` as rows with the columns that `LongSection`
    describes, levels in m above the datum of the network; ``grade_lines`` with ``storm``, ``at_min`` (None: the highest
    of each node), ``level_m`` and ``overflow_m3`` of each station; ``remarks``. What is not known is None.

    Examples
    --------
    >>> import drainage as dr
    >>> section = dr.papers.trace_section(dr.load_demo("2018-12-31"), "YS1400", "YS1402")
    >>> [(row["node_id"], row["chainage_m"]) for row in dr.papers.section_facts(section)["stations"]]
    [('YS1400', 0.0), ('YS1401', 55.5), ('YS1402', 103.54)]
    """
    lines = [
        {
            "storm": line.name, "engine": line.state.method, "at_min": line.at_min,
            "level_m": _numbers(line.level_m), "overflow_m3": _numbers(line.overflow_m3),
        }
        for line in section.grade_lines
    ]  # fmt: skip
    told = {
        "length_m": section.length_m,
        "stations": _rows(section.stations),
        "pipes": _rows(section.pipes.reset_index()),
        "crossings": _rows(section.crossings.reset_index()),
        "points": _rows(section.points.reset_index()),
        "grade_lines": lines,
        "remarks": list(section.remarks),
    }
    plain = short_numbers(plain_value(told))
    return cast("dict[str, Any]", in_language(plain, language(lang)))


def _rows(table: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(name): cell for name, cell in row.items()} for row in table.to_dict("records")]


def _numbers(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[float]:
    found: list[float] = values.tolist()
    return found
