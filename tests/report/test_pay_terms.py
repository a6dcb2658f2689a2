"""Terms that contradict themselves, or leave out what decides on money, are refused by the path of the key."""

from __future__ import annotations

from pathlib import Path

import pytest

import drainage as dr
from drainage.report import PayTerms
from tests.support.pay_terms import TEXT, pay_terms

EXAMPLE = Path(__file__).parents[2] / "docs" / "papers" / "pay-terms-example.toml"
TOWN = '[[objects]]\nkind = "town"\nname = "town"\nweight = 0.2\n'
#: What is wrong → what stands in the right terms, what instead, and what is said.
WRONG: dict[str, tuple[str, str, str]] = {
    "weights": ("weight = 0.6", "weight = 0.5", r"objects\.weight is 0\.9, but contract\.weights = 1"),
    "points": ("points = 30", "points = 31", r"indicators\.\*\.points is 101, but kinds\.road\.points = 100"),
    "measure": ('"effective_share"', '"efective_share"', r"measure = .*did you mean effective_share\?"),
    "key": ("none_at = 0, full_at = 0.5", "none = 0, full_at = 0.5", r"mixed\.none \(did you mean none_at\?\)"),
    "indicator": ('indicator = "plan"', 'indicator = "plans"', r"objects\[1\]\.given\[1\]\.indicator.*mean plan\?"),
    "given": ('indicator = "plan"', 'indicator = "repair"', r"repair is measured"),
    "given much": ("points = 16", "points = 21", r"given\[1\]\.points = 21; expected .* between 0 and 20"),
    "overlap": ("{ from = 0.4", "{ from = 0.3", r"repair\.bands: two bands overlap between 0\.3 and 0\.4"),
    "gap": ("{ from = 0.4", "{ from = 0.5", r"repair\.bands: no band holds .* between 0\.4 and 0\.5"),
    "end": ("to = 1, points", "to = 0.9, points", r"repair\.bands: no band holds .* between 0\.9 and 1"),
    "band": ("from = 0, to = 0.4", "from = 0.4, to = 0", r"bands\[1\]: it begins at 0\.4 and ends at 0"),
    "band much": ("points = 20 }]", "points = 21 }]", r"repair\.bands: a band gives 21 points, more than the 20"),
    "grades": ("to = 60", "to = 50", r"grades: no band holds .* between 50 and 60"),
    "turned": ("none_at = 0, full_at = 0.5", "none_at = 0.5, full_at = 0", r"mixed: no points at 0\.5 and full"),
    "scales": ("bands = [", "none_at = 0\nfull_at = 1\nbands = [", "either none_at and full_at, or bands"),
    "better": ('"4"]\nbetter = "more"', '"4"]\nbetter = "less"', "run against better = 'less'"),
    "not scored": ('not_scored = "withhold"\n', "", r"contract\.not_scored is missing; expected rescale, withhold"),
    "nothing": ('nothing_to_do = "not_scored"\n', "", r"contract\.nothing_to_do is missing"),
    "defective": ('defective = ["3", "4"]\n', "", r"repair\.defective is missing"),
    "who": ('by = "监理", ', "", r"given\[1\]\.by is missing; expected a text"),
    "day": ("2024-05-01", '"May"', r"given\[1\]\.on = 'May'; expected YYYY-MM-DD"),
    "kind": ("[kinds.town", "[kinds.twon", r"no kinds\.twon \(did you mean town\?\)"),
    "share": ("linked_share = 0.3", "linked_share = 30", r"pay\.linked_share = 30; .*between 0 and 1"),
    "k": ("ceiling_from = 85", "ceiling_from = 50", r"pay\.k: it begins at 60 and ends at 50"),
    "infinite": ("availability_yuan = 1000", "availability_yuan = inf", r"pay\.availability_yuan = inf"),
    "no number": ("weight = 0.6", "weight = nan", r"objects\[1\]\.weight = nan"),
    "spelt": ('name = "town"\nweight = 0.4\n', f'name = "ｔown"\nweight = 0.2\n{TOWN}', "town town stands there twice"),
    "twice": ("weight = 0.4\n", f"weight = 0.2\n{TOWN}", "town town stands there twice"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_terms_are_named_with_their_key(case: str) -> None:
    right, wrong, message = WRONG[case]
    text = TEXT.replace(right, wrong)
    assert text != TEXT
    with pytest.raises(dr.errors.SchemaError, match=message) as told:
        pay_terms(text)
    assert str(told.value).startswith("terms.toml: ")


def test_every_key_of_the_contract_is_asked_for() -> None:
    for key in ("weights", "availability_yuan", "om_yuan", "linked_share", "name"):
        text = "\n".join(line for line in TEXT.splitlines() if not line.startswith(f"{key} ="))
        with pytest.raises(dr.errors.SchemaError, match=rf"{key} is missing"):
            pay_terms(text)


def test_broken_toml_is_named_with_its_line() -> None:
    with pytest.raises(dr.errors.FormatError, match=r"terms\.toml: cannot be read.*line 3"):
        pay_terms('[contract]\nname = "a"\nweights = \n')
    with pytest.raises(dr.errors.FormatError, match=r"none\.toml"):
        PayTerms.from_file("/nowhere/none.toml")


def test_a_mark_before_the_text_is_no_fault_and_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "terms.toml").write_text(TEXT, encoding="utf-8-sig")
    assert PayTerms.from_file(tmp_path / "terms.toml").name == "street"
    (tmp_path / "terms.toml").write_text(TEXT, encoding="gbk")
    with pytest.raises(dr.errors.FormatError, match="UTF-8"):
        PayTerms.from_file(tmp_path / "terms.toml")


def test_the_example_holds_the_tables_of_the_guide() -> None:
    """Items and points of 重庆 2025: roads 10 5 10 10 30 15 6 6 8, plots 10 10 10 10 20 20 20, areas as there."""
    terms = PayTerms.from_file(EXAMPLE)
    points = {name: [one.points for one in kind.indicators if not one.bonus] for name, kind in terms.kinds.items()}
    assert points["road"] == [10, 5, 10, 10, 30, 15, 6, 6, 8]
    assert points["plot"] == [10, 10, 10, 10, 20, 20, 20]
    assert points["area"] == [10, 5, 10, 5, 10, 5, 5, 10, 15, 15, 3, 3, 4]
    assert [(one.from_value, one.grade) for one in terms.grades] == [
        (0, "较差"), (60, "一般"), (75, "良好"), (90, "显著")
    ]  # fmt: skip
    assert terms.example
