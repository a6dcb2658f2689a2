"""Storm formulas from files: what is understood, and what each fault is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from drainage.errors import FormatError, SimulationError
from drainage.formats.rain.storm_formula import read_storm_formula

WHOLE = 'source = "notice of 2024"\nA = 1600\nC = 0.846\nb = 7.0\nn = 0.656\n'


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A file with all that is needed."""
    path = tmp_path / "town.toml"
    path.write_text(WHOLE, encoding="utf-8")
    return path


def test_a_file_gives_the_formula_under_its_own_name(written: Path) -> None:
    """It is Shanghai's: 58.11 mm/h in 60 min at P = 5 a."""
    formula = read_storm_formula(written)
    assert (formula.name, formula.source, formula.verified) == ("town", "notice of 2024", False)
    assert formula.intensity_mm_per_h(60, 5) == pytest.approx(58.11, abs=0.005)


def test_a_password_in_the_address_of_the_source_is_hidden(written: Path) -> None:
    written.write_text(WHOLE.replace("notice of 2024", "https://u:pw9x@host/notice"), encoding="utf-8")
    assert read_storm_formula(written).source == "https://u:***@host/notice"


def test_optional_entries_are_read(written: Path) -> None:
    more = 'name = "灵璧"\nnote = "draft"\nverified = true\nvalid_min = [5, 120]\nvalid_a = [1, 20]\n'
    written.write_text(more + WHOLE, encoding="utf-8-sig")
    formula = read_storm_formula(str(written))
    assert (formula.name, formula.note, formula.verified) == ("灵璧", "draft", True)
    assert (formula.valid_min, formula.valid_a) == ((5.0, 120.0), (1.0, 20.0))


def test_a_coefficient_in_millimetres_is_multiplied_by_167(written: Path) -> None:
    """GB 50014-2021, 4.1.9: q = 167 A1 (1 + C lg P) / (t + b)^n."""
    written.write_text(WHOLE.replace("A = 1600", "A1 = 10"), encoding="utf-8")
    assert read_storm_formula(written).coefficients(1) == (1670.0, 7.0, 0.656)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (WHOLE.replace("A = 1600", "A = 9.581"), r"only 0.274 mm, less than 2 mm; .* name it A1"),
        (WHOLE.replace("A = 1600", "A1 = 1600"), r"7652 mm, more than ever fell .* name it A,"),
        ('source = "x"\n[[single]]\nreturn_period_a = 3\nA = 12.0\nb = 10.0\nn = 0.7\n', "at 3 a have only"),
    ],
)
def test_a_strength_of_the_other_unit_is_refused_with_the_remedy(written: Path, text: str, told: str) -> None:
    """Shanghai's A is 1600, its A1 9.581."""
    written.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=told):
        read_storm_formula(written)


def test_a_single_formula_may_be_given_in_millimetres(written: Path) -> None:
    written.write_text('source = "x"\n[[single]]\nreturn_period_a = 2\nA1 = 10\nb = 7.0\nn = 0.7\n', encoding="utf-8")
    assert read_storm_formula(written).coefficients(2) == (1670.0, 7.0, 0.7)


def test_an_unusual_hour_is_told(written: Path) -> None:
    """As in a desert: 195 (1 + 0.82 lg P) / (t + 7.8)^0.63 gives 6 mm in an hour."""
    written.write_text('source = "x"\nA = 195\nC = 0.82\nb = 7.8\nn = 0.63\n', encoding="utf-8")
    formula = read_storm_formula(written)
    assert "at 2 a have 6.14 mm, outside the usual 15-150 mm" in formula.remarks(60, 2)[0]
    assert read_storm_formula("上海").doubt() is None


def test_a_word_that_is_no_file_is_a_registered_name() -> None:
    assert read_storm_formula("上海").coefficients(1) == (1600.0, 7.0, 0.656)
    with pytest.raises(SimulationError, match="宿州"):
        read_storm_formula("宿州")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("A = ", "not readable as TOML"),
        (WHOLE + "r = 0.4", r"unknown keys \['r'\]"),
        (WHOLE.replace("n = 0.656", ""), "n missing"),
        (WHOLE.replace('source = "notice of 2024"', ""), "source missing"),
        (WHOLE.replace("notice of 2024", " "), "source missing"),
        (WHOLE.replace("A = 1600", ""), "A missing"),
        (WHOLE + "A1 = 9.6", "both A and A1 given"),
        (WHOLE.replace("0.846", '"0.846"'), r"C = '0\.846'; expected a number"),
        (WHOLE.replace("7.0", "true"), "b = True; expected a number"),
        (WHOLE + "valid_a = [2]", "expected two numbers"),
        (WHOLE + 'valid_min = [5, "x"]', "expected a number"),
        (WHOLE.replace("0.656", "2.0"), r"n = 2\.0"),
        (WHOLE.replace("1600", "-1600"), r"A = -1600\.0"),
    ],
)
def test_a_fault_in_the_file_is_told_with_its_place(written: Path, text: str, told: str) -> None:
    written.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=told) as error:
        read_storm_formula(written)
    assert "town.toml" in str(error.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no such file"):
        read_storm_formula(tmp_path / "nowhere.toml")


def test_a_file_that_is_not_utf_8_is_told(written: Path) -> None:
    written.write_bytes('source = "灵璧"'.encode("gbk"))
    with pytest.raises(FormatError, match="UTF-8"):
        read_storm_formula(written)


def test_a_formula_of_intervals_gives_the_depths_that_shenzhen_published() -> None:
    """Central basin, P = 2 a, 5 min: 12.475 mm; the coefficients are printed with three digits."""
    formula = read_storm_formula("深圳中部")
    assert float(formula.intensity(5, 2)) / 167.0 * 5 == pytest.approx(12.475, rel=2e-3)
    with pytest.raises(SimulationError, match="given for 1-10 a"):
        formula.intensity(5, 50)


def test_single_formulas_are_used_at_their_return_periods_only(written: Path) -> None:
    """Q = 2000 / (20 + 10)^0.7 = 184.95 at P = 2; nothing is interpolated at P = 3."""
    text = 'source = "notice"\n'
    for period, a in ((2, 2000.0), (5, 2600.0)):
        text += f"[[single]]\nreturn_period_a = {period}\nA = {a}\nb = 10.0\nn = 0.7\n"
    written.write_text(text, encoding="utf-8")
    formula = read_storm_formula(written)
    assert float(formula.intensity(20, 2)) == pytest.approx(184.95, abs=0.01)
    with pytest.raises(SimulationError, match="given for 2, 5 a only"):
        formula.intensity(20, 3)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('source = "x"\n[[interval]]\nvalid_a = [1, 10]\nA1 = [1, 2]\nb = [1, 2, 0]\nn = [1, 0, 0]\n', "three numbers"),
        ('source = "x"\n[[interval]]\nvalid_a = [1, 10]\nb = [1, 2, 0]\nn = [1, 0, 0]\n', "lacks 'A1'"),
        ("[[single]]\nreturn_period_a = 2\nA = 1.0\nb = 1.0\nn = 0.7\n", "source missing"),
    ],
)
def test_a_fault_in_a_table_is_told(written: Path, text: str, told: str) -> None:
    written.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=told):
        read_storm_formula(written)


def test_every_registered_formula_says_whence_it_is_and_whether_it_was_verified() -> None:
    """East and south of China: 60 min at 3 a rain 90-260 L/(s·hm²)."""
    from drainage.formats.rain.storm_formula import _registered

    for formula in {one.name: one for one in _registered().values()}.values():
        assert formula.source
        assert formula.verified or formula.remarks(60, 3)
        assert 80 < float(formula.intensity(60, 3)) < 260
    assert {name for name, one in _registered().items() if one.verified} == {"shanghai", "上海", "310000"}
