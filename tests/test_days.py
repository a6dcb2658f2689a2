"""The day that a network is asked about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from drainage.days import day_before_works, on_day
from drainage.errors import FormatError
from tests.support.networks import build, days


def test_the_day_before_the_latest_works() -> None:
    def told(laid: Sequence[str], gone: Sequence[str]) -> str:
        net = build(["a>b storm"] * len(laid), commissioned=days(*laid), abandoned=days(*gone))
        return str(day_before_works(net, dt.date(2026, 1, 1)))

    assert told(["1990-05-01", "2020-06-30"], ["2020-06-30", ""]) == "2019-12-31"
    assert told(["1990-05-01", "2020-03-01", "2020-06-30"], ["2020-06-30", "", ""]) == "2020-06-29"
    assert told(["1990-05-01", "2001-01-01"], ["", ""]) == "2000-12-31"
    assert told(["1990-05-01", "1990-05-01"], ["", ""]) == "None"
    assert told(["1990-05-01", "2030-05-01"], ["", ""]) == "2030-05-01"


def test_a_day_without_pipes_is_refused_by_the_option_that_chose_it() -> None:
    net = build(["a>b storm"], commissioned=days("2020-01-01"))
    assert len(on_day(net, "2020-01-01")) == 1
    with pytest.raises(FormatError, match="--before"):
        on_day(net, "2019-12-31", option="--before")
    with pytest.raises(FormatError, match="YYYY-MM-DD"):
        on_day(net, "last year")
