"""Numbers as words say them."""

from __future__ import annotations

import pytest

import drainage as dr
from drainage.spelt.named_numbers import numbers_by_name, own_numbers


def test_rates_and_limits_are_said_by_their_names() -> None:
    said = ["reach_prior=0.5", "rise_share=0.1"]
    rates, limits = own_numbers("--set", said, dr.inference.SourceRates, dr.inference.SourceLimits)
    assert (rates.reach_prior, limits.rise_share) == (0.5, 0.1)
    assert rates.drawn_prior == dr.inference.SourceRates().drawn_prior
    (rules,) = own_numbers("--set", ["class_bounds=1,3,6"], dr.plans.ConditionRules)
    assert rules.class_bounds == (1.0, 3.0, 6.0)
    with pytest.raises(dr.errors.FormatError, match=r"dry_hours.*dry_h"):
        own_numbers("--set", ["dry_hours=3"], dr.analyses.InfiltrationLimits)
    for wrong, why in (
        ("dry_days=2.5", "a whole number"),
        ("dry_h=1,2", "as many numbers as 1"),
        ("night_h=2", "as 2"),
    ):
        with pytest.raises(dr.errors.FormatError, match=why):
            own_numbers("--set", [wrong], dr.analyses.InfiltrationLimits)
    with pytest.raises(dr.errors.FormatError, match=r"--engine-option threads 1\.5"):
        own_numbers("--engine-option", ["threads=1.5"], dr.simulation.EngineOptions)


def test_a_name_may_have_an_equals_sign() -> None:
    assert numbers_by_name(["a=b=2.5"], "water_use_unread") == {"a=b": 2.5}
    with pytest.raises(dr.errors.FormatError, match="METER=M3_PER_DAY"):
        numbers_by_name(["a"], "water_use_unread")
