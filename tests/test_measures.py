"""Pipes as arrays: worked by hand with n = 0.013, and what silt, links and missing values do to them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drainage.measures import CREST, LIFT, PIPE, inner_sides_mm, nominal_sizes, pipe_sections, systems_of_nodes
from tests.support.drains import drain

LINE = ["a>b storm 600", "b>c storm 600", "c>d storm 600"]


def test_a_pipe_is_measured_by_its_table() -> None:
    """D 600 at 0.1 %: Q = 0.19417 m³/s and v = 0.6867 m/s; the second pipe rises, the size of the third is unknown."""
    net = drain(LINE, {"a": 1.1, "b": 1.0, "c": 1.2, "d": 1.0}, diameter_mm=[600.0, 600.0, np.nan])
    measures = net.measures
    assert measures.slope == pytest.approx([0.001, -0.002, 0.002])
    assert measures.capacity_m3s == pytest.approx([0.19417, 0.0, np.nan], abs=5e-6, nan_ok=True)
    assert measures.full_velocity_m_s == pytest.approx([0.6867, 0.0, np.nan], abs=5e-5, nan_ok=True)
    assert net.measures is measures


def test_what_is_pumped_or_has_a_crest_is_no_pipe() -> None:
    net = drain(LINE, dict.fromkeys("abcd", 1.0), link_type=["conduit", "weir", "conduit"])
    nodes = net.nodes
    nodes.loc["c", ["kind", "kind_source"]] = ["pump", "recorded"]
    assert net.replace(nodes=nodes).measures.passes.tolist() == [PIPE, CREST, LIFT]


def test_measures_cannot_be_changed() -> None:
    for column in drain(LINE[:1], {"a": 1.0, "b": 0.9}).measures:
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 1.0


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_other_silt_is_as_if_it_were_recorded(recorded: float, other: float) -> None:
    net = drain(LINE[:1], {"a": 1.0, "b": 0.9}, silt_share=[recorded])
    silted = net.replace(pipes=net.pipes.assign(silt_share=other))
    changed = net.measures.with_section(pipe_sections(net.pipes, other))
    assert np.ravel(changed) == pytest.approx(np.ravel(silted.measures))
    assert np.ravel(changed.at(np.array([0]))).tolist() == np.ravel(changed).tolist()


def test_silt_in_one_pipe_leaves_the_others_clean() -> None:
    """Row for row as if each pipe were the only one with its silt."""
    levels, silt = {"a": 1.3, "b": 1.2, "c": 1.1, "d": 1.0}, [np.nan, 0.4, 0.0]
    one_by_one = [
        drain(LINE, levels, silt_share=[share] * 3).measures.at(np.array([k])) for k, share in enumerate(silt)
    ]
    mixed = drain(LINE, levels, silt_share=silt).measures
    assert np.array(mixed).tolist() == np.hstack([np.array(one) for one in one_by_one]).tolist()
    assert mixed.area_m2[1] < mixed.area_m2[0] == mixed.area_m2[2]
    assert mixed.z_up_m.tolist() == pytest.approx([1.3, 1.2 + 0.4 * 0.6, 1.1])


#: Sizes as they are recorded (shape, diameter, width, height) and as they are written.
SIZES = [
    ("circular", 400.0, np.nan, np.nan, "DN400"),
    ("circular", 762.5, np.nan, np.nan, "DN762.5"),
    ("circular", np.nan, 800.0, 800.0, "DN800"),
    ("circular", 600.0, 800.0, 800.0, "DN600"),
    ("rectangular", 600.0, 800.0, 800.0, "800×800"),
    ("rectangular", np.nan, 2400.0, 1800.0, "2400×1800"),
    ("rectangular", np.nan, 2400.0, np.nan, None),
    ("circular", np.nan, 2400.0, 1800.0, "2400×1800"),
    (None, np.nan, 1200.5, 900.0, "1200.5×900"),
    (None, np.nan, np.nan, np.nan, None),
]


def sized() -> pd.DataFrame:
    """Return a pipe for each row of `SIZES`."""
    return pd.DataFrame([row[:4] for row in SIZES], columns=["shape", "diameter_mm", "width_mm", "height_mm"])


def test_a_size_is_written_by_the_diameter_of_what_is_round_and_else_by_both_sides() -> None:
    assert nominal_sizes(sized()).tolist() == [row[4] for row in SIZES]
    wide, tall = inner_sides_mm(sized())
    assert (wide[2], tall[2]) == (800.0, 800.0)
    assert (np.isnan(wide) == np.array([row[4] is None for row in SIZES])).all()


def test_a_node_is_of_its_recorded_system_else_of_that_of_its_largest_pipe() -> None:
    """C joins a storm drain of 600 and a sewer of 300, d a pipe of no known system."""
    net = drain(["a>c sewage 300", "b>c storm 600", "c>e sewage 300", "f>d unknown 900"], dict.fromkeys("abcdef", 1.0))
    nodes = net.nodes.assign(system=pd.Series({"a": "storm", "e": "unknown"}, dtype=object).reindex(net.nodes.index))
    found = dict(zip(nodes.index, systems_of_nodes(nodes, net.pipes), strict=True))
    assert found == {"a": "storm", "b": "storm", "c": "storm", "d": None, "e": "sewage", "f": None}
