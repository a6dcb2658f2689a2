"""The figure of gauges: dots for readings, a line for what was computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import drainage as dr
from drainage.analyses.gauges.figure_file import write_gauge_figure
from tests.support.gauges import STORM, measured, street

SERIES = pd.DataFrame(
    {"gauge": ["a", "a", "b", "b"], "minute": [0.0, 5.0] * 2, "measured": [1.0, 2.0, 3.0, 4.0],
     "computed": [1.5, 2.5, 3.5, 4.5]}
)  # fmt: skip


def test_dots_are_readings_and_a_line_is_what_was_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAINAGE_LANG", "en")
    ax = dr.maps.plot_gauge(SERIES, Figure().add_subplot(), gauge="b", quantity="flow")
    dots, line = ax.get_lines()
    assert np.asarray(dots.get_ydata()).tolist() == [3.0, 4.0]
    assert np.asarray(line.get_ydata()).tolist() == [3.5, 4.5]
    assert ax.get_ylabel() == "flow (m³/s)"
    assert ax.get_title() == "b"


def test_what_the_best_remedy_makes_of_it_is_dashed() -> None:
    ax = dr.maps.plot_gauge(SERIES.assign(mended=[1.0, 2.0, 3.0, 4.0]), Figure().add_subplot())
    assert [line.get_linestyle() for line in ax.get_lines()] == ["None", "-", "--"]


def test_another_table_or_gauge_is_refused() -> None:
    with pytest.raises(dr.errors.SchemaError, match="lacks measured"):
        dr.maps.plot_gauge(SERIES.drop(columns="measured"))
    with pytest.raises(dr.errors.SchemaError, match="no gauge c; there are a, b"):
        dr.maps.plot_gauge(SERIES, gauge="c")


def test_a_file_has_a_panel_for_each_gauge_and_is_never_replaced_unasked(tmp_path: Path) -> None:
    result = dr.analyses.compare_with_gauges(street(), measured(street(), "c level", "p1 flow"), STORM, most_runs=0)
    path = write_gauge_figure(result, tmp_path / "gauges.svg")
    assert path.read_text(encoding="utf-8").count('id="axes_') == 2
    with pytest.raises(dr.errors.FormatError, match=r"gauges\.svg"):
        write_gauge_figure(result, path)
    with pytest.raises(dr.errors.FormatError, match=r"expected a file name ending in \.png"):
        write_gauge_figure(result, tmp_path / "gauges.gif")
