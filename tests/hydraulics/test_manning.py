"""Pipe flow: vectors worked from GB 50014-2021, 5.2, by hand in other sections, and what must always hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drainage.hydraulics import manning
from drainage.hydraulics.rounded_sections import egg_section, elliptical_section
from tests.support.drains import full_flow

DIAMETERS = st.floats(100.0, 4000.0)
SHARES = st.floats(0.0, 1.0)


@pytest.mark.parametrize(
    ("diameter_mm", "slope", "velocity", "flow"),
    [
        (300, 0.003, 0.7493, 0.05297),
        (600, 0.001, 0.6867, 0.19417),
        (1000, 0.0006, 0.7478, 0.58728),
        (1500, 0.0005, 0.8945, 1.58065),
    ],
)
def test_a_full_circular_pipe_carries_what_manning_says(
    diameter_mm: float, slope: float, velocity: float, flow: float
) -> None:
    """Worked with n = 0.013: A = πD²/4, R = D/4, v = R^(2/3) S^(1/2) / n."""
    section = manning.circular_section(diameter_mm)
    carried = float(full_flow(section, slope, 0.013))
    assert carried == pytest.approx(flow, abs=5e-6)
    assert carried / float(section.area_m2) == pytest.approx(velocity, abs=5e-5)


@pytest.mark.parametrize(
    ("depth_share", "velocity", "flow"),
    [(0.55, 1.0393, 0.5857), (0.65, 1.0993, 0.7564), (0.70, 1.1198, 0.8372), (0.75, 1.1335, 0.9119)],
)
def test_a_part_full_pipe_flows_by_the_usual_table(depth_share: float, velocity: float, flow: float) -> None:
    """v/v0 and Q/Q0 at the largest design depths of table 5.2.4."""
    assert [float(x) for x in manning.circular_part_flow(depth_share)] == pytest.approx([velocity, flow], abs=5e-5)


def test_a_circular_pipe_carries_most_just_before_it_is_full() -> None:
    """The maximum is 1.0757 Q0 at h/D = 0.938."""
    depth = np.linspace(0.0, 1.0, 10_001)
    _, flow = manning.circular_part_flow(depth)
    assert float(flow.max()) == pytest.approx(1.0757, abs=5e-5)
    assert float(depth[flow.argmax()]) == pytest.approx(0.938, abs=5e-4)
    assert [float(flow[0]), float(flow[-1])] == pytest.approx([0.0, 1.0])


def test_a_sewer_of_300_mm_carries_31_litres_at_its_design_depth() -> None:
    """h/D = 0.55, i = 0.003: v = 0.7493 x 1.0393 = 0.7788 m/s, Q = 52.97 x 0.5857 = 31.02 L/s."""
    section = manning.circular_section(300)
    full = float(full_flow(section, 0.003, 0.013))
    velocity, flow = manning.circular_part_flow(0.55)
    assert full / float(section.area_m2) * float(velocity) == pytest.approx(0.7788, abs=1e-4)
    assert full * float(flow) * 1000.0 == pytest.approx(31.02, abs=0.01)


@pytest.mark.parametrize("slope", [0.0, -0.002])
def test_a_pipe_that_does_not_fall_carries_nothing_by_gravity(slope: float) -> None:
    assert float(full_flow(manning.circular_section(600), slope, 0.013)) == 0.0


def test_silt_to_the_middle_halves_a_circle() -> None:
    """D = 1 m: A = π/8 = 0.3927 m²; wetted are the upper half πD/2 and the chord D: R = 0.3927/2.5708 = 0.1528 m."""
    section = manning.circular_section(1000, 0.5)
    assert [float(x) for x in section] == pytest.approx([math.pi / 8, math.pi / 8 / (math.pi / 2 + 1), 0.5])


def test_a_box_is_wetted_on_four_sides() -> None:
    """2 m by 1 m: A = 2 m², P = 6 m; with a quarter of silt 2 m by 0.75 m: A = 1.5 m², P = 5.5 m."""
    area, radius, height = manning.rectangular_section([2000, 2000], [1000, 1000], [0.0, 0.25])
    assert area.tolist() == [2.0, 1.5]
    assert radius.tolist() == pytest.approx([2 / 6, 1.5 / 5.5])
    assert height.tolist() == [1.0, 0.75]


def test_a_standard_egg_has_the_area_of_the_handbook() -> None:
    """800 by 1200 mm, r = 0.4 m: A = 4.594 r² = 0.7350 m², P = 7.930 r = 3.172 m."""
    section = egg_section(800, 1200)
    assert float(section.area_m2) == pytest.approx(0.73504)
    assert float(section.area_m2 / section.hydraulic_radius_m) == pytest.approx(3.172)


@given(DIAMETERS, SHARES)
def test_an_ellipse_of_equal_axes_is_a_circle(diameter_mm: float, silt_share: float) -> None:
    round_one = manning.circular_section(diameter_mm, silt_share)
    ellipse = elliptical_section(diameter_mm, diameter_mm, silt_share)
    assert [float(x) for x in ellipse] == pytest.approx([float(x) for x in round_one], rel=1e-6, abs=1e-9)


def test_pipes_of_mixed_shapes_are_measured_each_by_its_own() -> None:
    """A trapezoid counts as its box, another shape as its ellipse, or as a circle where only that is known."""
    nan = math.nan
    section = manning.pipe_sections(
        ["circular", "rectangular", "egg", "trapezoidal", "other", "other", "rectangular"],
        [600, nan, nan, nan, nan, 600, nan],
        [nan, 2000, 800, 2000, 600, nan, 2000],
        [nan, 1000, 1200, 1000, 600, nan, nan],
    )
    circle = math.pi * 0.09
    assert section.area_m2[:6].tolist() == pytest.approx([circle, 2.0, 0.73504, 2.0, circle, circle])
    assert np.isnan([column[6] for column in section]).all()


@given(DIAMETERS, st.tuples(SHARES, SHARES).map(sorted))
def test_more_silt_never_carries_more_than_a_tenth_more(diameter_mm: float, silt: list[float]) -> None:
    """Area never grows; flow may, for a little silt saves some wetted perimeter as a little air does."""
    section = manning.circular_section([diameter_mm] * 2, silt)
    less, more = full_flow(section, 0.001, 0.013)
    assert section.area_m2[1] <= section.area_m2[0]
    assert more <= less * 1.1 + 1e-12


@given(DIAMETERS, st.floats(1.01, 4.0))
def test_capacity_grows_with_the_diameter_to_the_power_of_eight_thirds(diameter_mm: float, factor: float) -> None:
    small, large = full_flow(manning.circular_section([diameter_mm, factor * diameter_mm]), 0.001, 0.013)
    assert large / small == pytest.approx(factor ** (8 / 3))


def test_unknown_sizes_stay_unknown() -> None:
    assert np.isnan(full_flow(manning.circular_section(math.nan), 0.001, 0.013))


@pytest.mark.parametrize(
    ("material", "manning_n"),
    [
        ("HDPE", 0.0095),
        ("PE100", 0.0095),
        ("钢筋混凝土", 0.0135),
        ("RCP2", 0.0135),
        ("砼", 0.0135),
        ("球墨铸铁管", 0.0115),
        ("钢", 0.012),
        ("浆砌砖", 0.015),
        ("浆砌块石", 0.017),
        ("土明渠", 0.0275),
    ],
)
def test_roughness_is_the_middle_of_the_range_of_the_material(material: str, manning_n: float) -> None:
    """GB 50014-2021, table 5.2.3."""
    assert manning.manning_n_of_material(material) == manning_n


@pytest.mark.parametrize("material", ["", "?", "其他", None])
def test_an_unknown_material_has_no_roughness(material: str | None) -> None:
    assert math.isnan(manning.manning_n_of_material(material))
