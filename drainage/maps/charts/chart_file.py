"""A chart of an answer as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from drainage.writing import replacing_file

if TYPE_CHECKING:
    from drainage.maps.charts.chart_list import Answer


def write_chart(answer: Answer, path: Path, kind: str | None = None, *, force: bool = False) -> Path:
    """Write a chart of an answer, of a kind or the first that it has, as ``.png``, ``.svg`` or ``.pdf``.

    Raises
    ------
    SchemaError
        There is no such chart, or nothing to show.
    FormatError
        matplotlib is not installed, or the file exists and ``force`` is False.
    """
    from drainage.maps.charts.draw_chart import chart_figure

    figure = chart_figure(answer, kind)
    from matplotlib import rc_context

    letters: dict[Any, Any] = {"pdf.fonttype": 42}  # such that a reader of the file finds words in it
    with (
        replacing_file(path, ending=path.suffix.lower(), force=force, provenance=answer.provenance) as part,
        rc_context(letters),
    ):
        figure.savefig(part, dpi=200)
    return path
