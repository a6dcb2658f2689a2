"""Pipes as arrays: worked by hand with n = 0.013, and what silt, links and missing values do to them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drainage.measures import CREST, LIFT, PIPE, pipe_sections
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
