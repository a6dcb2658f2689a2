"""The series of gauges as a file: a figure with a panel for each."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from drainage.errors import FormatError
from drainage.result import Result
from drainage.words import in_both
from drainage.writing import check_free_answer, replacing_file

_ENDINGS: Final = (".png", ".svg", ".pdf")


def check_gauge_figure(path: Path, *, force: bool) -> None:
    """Raise if no figure can be written to a file.

    Raises
    ------
    FormatError
        It has another extension, or exists and ``force`` is False.
    """
    if path.suffix.lower() not in _ENDINGS:
        raise FormatError(in_both("expected_ending", file=path.name, endings=", ".join(_ENDINGS)))
    check_free_answer(path, ending=path.suffix.lower(), force=force)


def write_gauge_figure(result: Result, path: Path, *, force: bool = False) -> Path:
    """Write a panel for each gauge of an answer of `compare_with_gauges`, in the order of its table."""
    from drainage.maps.charts.canvas import figure_for_file
    from drainage.maps.gauge_figure import TALL_MM, plot_gauge

    check_gauge_figure(path, force=force)
    gauges = result.tables["gauges"]
    figure = figure_for_file(TALL_MM * len(gauges))
    for number, (name, row) in enumerate(gauges.iterrows(), start=1):
        ax = figure.add_subplot(len(gauges), 1, number)
        plot_gauge(result.tables["series"], ax, gauge=str(name), quantity=str(row["quantity"]))
    with replacing_file(path, ending=path.suffix.lower(), force=force, provenance=result.provenance) as part:
        figure.savefig(part, dpi=150)
    return path
