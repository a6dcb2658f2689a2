"""Factors by month: read by either name, refused where a month or a number is wrong."""

from pathlib import Path

import pytest

import drainage as dr
from drainage.formats import read_monthly_factors

GOOD = "month,water_use,reclaimed_use\n" + "".join(f"{m},{1 + 0.1 * (m == 7)},0.{m % 10}\n" for m in range(12, 0, -1))


def test_twelve_months_in_any_order(tmp_path: Path) -> None:
    file = tmp_path / "months.csv"
    file.write_text(GOOD)
    found = read_monthly_factors(file)
    assert (found.index.tolist(), list(found)) == (list(range(1, 13)), ["water_use", "reclaimed_use"])
    assert found.loc[7].to_dict() == {"water_use": 1.1, "reclaimed_use": 0.7}
    assert found.to_numpy()[6].tolist() == [1.1, 0.7]
    file.write_text(GOOD.replace("month,water_use", "月份,用水系数"))
    assert read_monthly_factors(file).equals(found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("12,", "11,"), "1 to 12, once each"),
        (GOOD.replace("1.1", "-1"), "row 7: water_use is '-1'"),
        (GOOD.replace("1.1", "x"), "row 7: water_use is 'x'"),
        (GOOD.replace("month", "m"), "month"),
        ("month,use\n1,1\n", "water_use"),
        (
            "month,water_use\n" + "".join(f"{m},{90 + m}\n" for m in range(1, 13)),
            "averages 96.5; .* divide percentages by 100",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "months.csv"
    file.write_text(text)
    with pytest.raises(dr.errors.FormatError, match=said):
        read_monthly_factors(file)
