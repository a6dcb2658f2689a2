"""What stands on a figure of a network, read from matplotlib's own objects."""

from __future__ import annotations

import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import drainage as dr
from drainage.errors import FormatError, SchemaError
from drainage.maps.looks import SYSTEMS
from tests.support.networks import build


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAINAGE_LANG", "en")


@pytest.fixture
def axes() -> Axes:
    return Figure().add_subplot()


def lines(ax: Axes) -> dict[str, LineCollection]:
    return {str(one.get_label()): one for one in ax.collections if isinstance(one, LineCollection)}


def legend(ax: Axes) -> list[str]:
    found = ax.get_legend()
    return [] if found is None else [text.get_text() for text in [found.get_title(), *found.get_texts()]]


def test_pipes_are_coloured_by_their_system_and_the_map_is_not_stretched(axes: Axes) -> None:
    assert build(["a>b storm", "b>c storm", "c>d sewage"]).plot(ax=axes) is axes
    drawn = lines(axes)
    assert {name: len(one.get_segments()) for name, one in drawn.items()} == {"storm": 2, "sewage": 1}
    colours = {name: to_hex(np.asarray(one.get_edgecolor())[0]).upper() for name, one in drawn.items()}
    assert colours == {"storm": SYSTEMS["storm"], "sewage": SYSTEMS["sewage"]}
    assert legend(axes) == ["system", "storm", "sewage"]
    assert axes.get_aspect() == 1
    low, high = axes.get_xlim()
    assert low < 0
    assert high > 300


def test_a_column_of_numbers_is_a_scale(axes: Axes) -> None:
    build(["a>b storm 300", "b>c storm 600"]).plot("diameter_mm", axes, linewidth=3)
    (drawn,) = [one for one in axes.collections if isinstance(one, LineCollection)]
    assert np.asarray(drawn.get_array()).tolist() == [300, 600]
    assert np.asarray(drawn.get_linewidth()).tolist() == [3]
    assert axes.get_figure().axes[1].get_ylabel() == "diameter (mm)"  # type: ignore[union-attr]


def test_a_column_of_texts_is_a_colour_each(axes: Axes) -> None:
    build(["a>b storm", "b>c storm", "c>d storm"], material=["PVC", "concrete", None]).plot("material", axes)
    assert set(lines(axes)) == {"PVC", "concrete", "other"}


def test_a_column_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(SchemaError, match="no column 'width'; they have system, from_node"):
        build(["a>b storm"]).plot("width")


def test_a_state_shows_how_full_pipes_run_and_where_they_overflow(axes: Axes) -> None:
    net = build(["a>b storm", "b>c storm", "c>out storm"])
    state = dr.simulation.FlowState(
        net, dr.DesignStorm(dr.read_storm_formula("demo"), 3, 120), "by hand",
        net.pipes[[]].assign(utilisation=[0.4, 1.0, np.nan], surcharged=False),
        net.nodes[[]].assign(overflows=[True, True, False, False], overflow_m3=[100.0, 25.0, 0.0, 0.0], judged=True),
    )  # fmt: skip
    assert state.plot(axes) is axes
    assert legend(axes) == ["flow by capacity", "< 0.5", "≥ 1", "not simulated", "overflow (m³) ≤ 100"]
    marks = [one for one in axes.collections if isinstance(one, PathCollection)]
    sizes = next(one.get_sizes() for one in marks if "overflow" in str(one.get_label()))
    assert len(sizes) == 2
    assert sizes[0] == 4 * sizes[1]


def test_without_axes_it_is_a_new_figure_and_nothing_global_changes() -> None:
    from matplotlib import pyplot as plt

    before = dict(mpl.rcParams)
    ax = build(["a>b storm"]).plot()
    assert plt.gca() is ax
    plt.close(ax.figure)  # type: ignore[arg-type]
    assert dict(mpl.rcParams) == before


def test_without_the_extra_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(FormatError, match=r"figures need the extra 'plot': pip install 'drainage\[plot\]'"):
        build(["a>b storm"]).plot()
