"""A storm written for others: a time series for EPA SWMM, a table, or a figure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from drainage.errors import FormatError
from drainage.formats.inp.edit.design_rain import STORM_SERIES, clock, storm_rows
from drainage.formats.inp.text.lines import table_lines
from drainage.hydraulics.rainfall import Storm
from drainage.provenance import Provenance
from drainage.said import joined
from drainage.wants import wants
from drainage.words import in_both
from drainage.writing import replacing_file


@wants
def write_storm(storm: Storm, path: str | Path, *, step_min: float = 5.0, force: bool = False) -> Path:
    """Write a storm in the format of the file name extension.

    ``.dat`` is a time series for EPA SWMM, in mm/h at the beginning of each step; its header gives the lines to add to
    the model. ``.csv`` has the depth of each step at its end (``time_min``, ``depth_mm``, ``intensity_mm_per_h``), as
    `read_observed_rain` reads it. ``.png``, ``.svg`` and ``.pdf`` are its hyetograph.

    Parameters
    ----------
    storm
        A design storm, or rain of a gauge.
    path
        Where to write.
    step_min
        Length of the steps, min; a figure shows the rain of a gauge in the gauge's own steps.
    force
        Replace an existing file.

    Raises
    ------
    FormatError
        Unsupported extension, or the file exists and ``force`` is False.
    SimulationError
        The step is not positive.

    References
    ----------
    EPA SWMM 5.2 User's Manual (EPA/600/R-22/030), appendix D: [RAINGAGES], [TIMESERIES].

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    >>> with TemporaryDirectory() as folder:
    ...     path = dr.formats.write_storm(storm, f"{folder}/storm.csv")
    ...     round(dr.read_observed_rain(path).depth_mm, 1), round(storm.depth_mm, 1)
    (51.3, 51.3)
    """
    goal = Path(path)
    check_storm_file(goal)
    said = Provenance.of_storm(storm)
    with replacing_file(goal, ending=goal.suffix.lower(), force=force, provenance=said) as part:
        _WRITERS[goal.suffix.lower()](storm, part, step_min)
    return goal


def check_storm_file(path: Path) -> None:
    """Raise if a storm cannot be written to a file with this extension.

    Raises
    ------
    FormatError
        It is another.
    """
    if path.suffix.lower() not in _WRITERS:
        raise FormatError(in_both("expected_ending", file=path.name, endings=joined(_WRITERS, ", ")))


def _write_series(storm: Storm, path: Path, step_min: float) -> None:
    interval = clock(step_min)
    lines = [
        f"; {storm!r}",
        *(f"; {remark}" for remark in storm.remarks),
        f"; [RAINGAGES]   RAIN  INTENSITY  {interval}  1.0  TIMESERIES  {STORM_SERIES}",
        f'; [TIMESERIES]  {STORM_SERIES}  FILE  "{path.name}"',
        *table_lines(storm_rows(storm, step_min).drop(columns="name")),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_table(storm: Storm, path: Path, step_min: float) -> None:
    begin, depth = storm.hyetograph_mm(step_min)
    end = np.append(begin[1:], storm.duration_min)
    table = pd.DataFrame({"time_min": end, "depth_mm": depth, "intensity_mm_per_h": depth / (end - begin) * 60.0})
    table.round(6).to_csv(path, index=False)


def _write_figure(storm: Storm, path: Path, step_min: float) -> None:
    from drainage.maps.charts.canvas import figure_for_file
    from drainage.maps.hyetograph import plot_storm

    figure = figure_for_file(90.0)
    plot_storm(storm, figure.add_subplot(), step_min=step_min)
    figure.savefig(path, dpi=150)


_WRITERS: Final[dict[str, Callable[[Storm, Path, float], None]]] = {
    ".dat": _write_series,
    ".csv": _write_table,
    ".png": _write_figure,
    ".svg": _write_figure,
    ".pdf": _write_figure,
}
