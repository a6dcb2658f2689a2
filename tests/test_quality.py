"""Quality: each rule has one network in which it fires and one in which it does not; zero findings are said too."""

from __future__ import annotations

import pytest

from drainage.analyses.quality import check_quality
from drainage.network import DrainageNetwork
from tests.networks import build


def levels(net: DrainageNetwork, *inverts: tuple[float, float], depth_m: float = 2.0) -> DrainageNetwork:
    """Set inverts (from, to) pipe by pipe."""
    pipes = net.pipes
    pipes["invert_from_m"], pipes["invert_to_m"] = zip(*inverts, strict=True)
    pipes["depth_from_m"] = pipes["depth_to_m"] = depth_m
    return net.replace(pipes=pipes)


CHAIN = ["a>b storm 400", "b>c storm 600"]
SOUND = levels(build(CHAIN, kinds={"c": "outfall"}), (20, 19.8), (19.6, 19.4))


def findings(net: DrainageNetwork, rule: str, **options: float) -> list[str]:
    table = check_quality(net, **options).findings
    return table.loc[table["rule"] == rule, "feature_id"].tolist()


def test_a_sound_network_has_no_findings_and_every_rule_says_zero() -> None:
    result = check_quality(SOUND)
    assert len(result.findings) == 0
    assert (result.rules["findings"] == 0).all()
    assert result.summary["rules_checked"] == len(result.rules) >= 14


@pytest.mark.parametrize(
    ("net", "rule", "expected"),
    [
        (levels(build(CHAIN), (20, 20.2), (19.6, 19.4)), "adverse_slope", ["p0"]),
        (levels(build(CHAIN), (float("nan"), 19.8), (19.6, 19.4)), "missing_invert", ["p0"]),
        (levels(build(["a>b storm nan", "b>c storm 600"]), (20, 19.8), (19.6, 19.4)), "missing_size", ["p0"]),
        (levels(build(CHAIN), (20, 19.8), (19.6, 19.4), depth_m=1.1), "thin_cover", ["p1"]),
        (levels(build(["a>b storm 200", "b>c storm 600"]), (20, 19.8), (19.6, 19.4)), "small_diameter", ["p0"]),
        (levels(build(["a>b storm 600", "b>c storm 400"]), (20, 19.8), (19.6, 19.4)), "smaller_downstream", ["p1"]),
        (levels(build(CHAIN), (20, 19.5), (19.6, 19.4)), "invert_step_up", ["p1"]),
        (levels(build([*CHAIN, "c>a storm 600"]), (20, 19.8), (19.6, 19.4), (19, 18)), "loop", ["a", "b", "c"]),
        (levels(build(CHAIN, kinds={"c": "manhole"}), (20, 19.8), (19.6, 19.4)), "dead_end", ["c"]),
        (levels(build(CHAIN, kinds={"c": "manhole"}), (20, 19.8), (19.6, 19.4)), "no_outlet", ["a", "b", "c"]),
        (levels(build(CHAIN, kinds={"b": "outfall"}), (20, 19.8), (19.6, 19.4)), "outfall_with_exit", ["b"]),
        (levels(build([*CHAIN, "b>d storm 600"]), (20, 19.8), (19.6, 19.4), (19.6, 19.4)), "divergence", ["b"]),
    ],
)
def test_each_rule_names_what_it_hits(net: DrainageNetwork, rule: str, expected: list[str]) -> None:
    assert sorted(findings(net, rule)) == expected
    assert findings(SOUND, rule) == []


def test_the_magnitude_says_how_bad() -> None:
    table = check_quality(levels(build(CHAIN), (20, 20.25), (19.6, 19.4))).findings.set_index("rule")
    assert table.loc["adverse_slope", "magnitude"] == pytest.approx(0.25)
    assert table.loc["adverse_slope", "unit"] == "m"


@pytest.mark.parametrize(("min_slope", "expected"), [(0.0, []), (0.003, ["p0", "p1"])])
def test_the_least_slope_is_the_users_choice(min_slope: float, expected: list[str]) -> None:
    assert findings(SOUND, "flat", min_slope_m_per_m=min_slope) == expected


def test_an_end_without_a_recorded_kind_is_taken_as_an_outfall_and_said() -> None:
    assert findings(build(CHAIN), "inferred_outfall") == ["c"]
    assert findings(build(CHAIN, kinds={"c": "outfall"}), "inferred_outfall") == []
