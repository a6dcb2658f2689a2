"""What a page says of itself: nothing gets in that is no number, no address, no path."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import drainage.publication as room
from drainage.errors import FormatError
from drainage.publication import Imprint

FOLDER = Path(room.__file__).parent


@pytest.mark.parametrize(
    "phone", ["12345", "0557-1234567", "+86 557 123 4567", "(0557) 123 4567"[1:], "010-1234 5678-90"]
)
def test_a_number_with_its_usual_signs_is_taken_and_stands_first(phone: str) -> None:
    numbers = Imprint(phone=phone.replace(")", "")).told()["tel"]
    assert isinstance(numbers, list)
    assert numbers[0][0] == phone.replace(")", "")


@pytest.mark.parametrize(
    "phone",
    ["call me", "<b>1</b>", "12345;ext=1", "1" * 40, "tel:12345", "１２３ａ", "12345\n", "javascript:alert(1)", "-1"],
)
def test_a_number_with_letters_or_marks_is_refused(phone: str) -> None:
    with pytest.raises(FormatError, match="no telephone number"):
        Imprint(phone=phone)


def test_a_number_of_the_country_that_is_given_again_stands_once() -> None:
    numbers = [one[0] for one in Imprint(phone="12345").told()["tel"]]  # type: ignore[attr-defined]  # a list
    assert numbers == ["12345", "119", "110", "120"]


@pytest.mark.parametrize(
    "url", ["https://example.cn/jishui/", "http://10.0.0.7:8080/", "https://例子.中国/积水?q=1#r=p3"]
)
def test_an_address_is_taken(url: str) -> None:
    assert Imprint(url=url).told()["url"] == url


@pytest.mark.parametrize(
    "url",
    ["example.cn", "javascript:alert(1)", "ftp://example.cn/", "https://", "https://a.cn/ b", 'https://a.cn/"onload="x',
     "https://a.cn/<script>", "https://user:secret@a.cn/", "https://a.cn/" + "x" * 400, "https://a.cn/\u202e"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(FormatError, match="no address"):
        Imprint(url=url)


@pytest.mark.parametrize("post", ["/reports", "/api/v1/reports?x=1"])
def test_a_path_on_the_same_server_is_taken(post: str) -> None:
    assert Imprint(post=post).told()["post"] == post


@pytest.mark.parametrize(
    "post", ["reports", "//evil.example/x", "https://evil.example/x", "/a b", '/"x', "/<x>", "/\\evil"]
)
def test_a_path_on_another_server_is_refused(post: str) -> None:
    with pytest.raises(FormatError, match="no path on the same server"):
        Imprint(post=post)


def test_the_town_has_its_name_in_both_languages() -> None:
    assert Imprint(city=" 灵璧 ").told()["city"] == {"zh": "灵璧", "en": "Lingbi"}
    assert Imprint(city="Bern").told()["city"] == {"zh": "Bern", "en": "Bern"}
    assert Imprint().told()["city"] == {"zh": "", "en": ""}
    with pytest.raises(FormatError, match="longer than"):
        Imprint(city="镇" * 41)


def test_the_day_of_the_page_is_told_and_no_hour() -> None:
    assert Imprint(made=dt.date(2026, 11, 29)).told()["made"] == "2026-11-29"
    assert len(str(Imprint().told()["made"])) == len("2026-11-29")


class TestFiles:
    def test_every_depth_has_one_answer_for_each_who_passes_with_its_source(self) -> None:
        """15 cm on the lane is the limit of GB 50014-2021, 4.1.5: up to it cars go with care, above it they do not."""
        told = Imprint().told()["pass"]
        assert isinstance(told, dict)
        assert told["up"][0] == 15
        walk, bike, car, bus = told["who"]
        assert (walk, bike, car, bus) == ([0, 1, 2, 2], [1, 2, 2, 2], [1, 2, 2, 2], [0, 1, 2, 2])
        assert all(list(who) == sorted(who) for who in told["who"])  # nobody passes in more water than in less
        assert "GB 50014-2021" in told["sources"]["car"][1]
        assert all(zh and en for zh, en in told["sources"].values())

    def test_a_town_gives_limits_of_its_own(self, tmp_path: Path) -> None:
        text = (FOLDER / "passability.toml").read_text("utf-8").replace("[15, 30, 50, 9999]", "[10, 27, 40, 9999]")
        own = tmp_path / "own.toml"
        own.write_text(text, "utf-8")
        assert Imprint(passing=own).told()["pass"]["up"] == [10, 27, 40, 9999]  # type: ignore[index]  # a dict

    @pytest.mark.parametrize(
        ("given", "instead"),
        [("[15, 30, 50, 9999]", "[15, 30, 9999]"), ("[15, 30, 50, 9999]", "[30, 15, 50, 9999]"),
         ("[15, 30, 50, 9999]", '["a", "b", "c", "d"]'), ("bands = [0, 1, 2, 2]", "bands = [0, 1, 2, 7]"),
         ("[walk]", "[walkers]"), ("child_share = 0.7", "child_share = 7.0"), ("[body]", "[body"),
         ('["浅", "Shallow"]', '["浅"]')],
    )  # fmt: skip
    def test_limits_of_another_form_are_refused_with_the_file_to_follow(
        self, tmp_path: Path, given: str, instead: str
    ) -> None:
        own = tmp_path / "own.toml"
        text = (FOLDER / "passability.toml").read_text("utf-8")
        assert given in text
        own.write_text(text.replace(given, instead), "utf-8")
        with pytest.raises(FormatError, match=r"own\.toml.*passability\.toml"):
            Imprint(passing=own)

    def test_a_town_gives_numbers_of_its_own(self, tmp_path: Path) -> None:
        own = tmp_path / "own.toml"
        own.write_text('[own]\nname = ["一", "one"]\nuse = ["二", "two"]\nnumber = []\n', "utf-8")
        with pytest.raises(FormatError, match=r"contacts\.toml"):
            Imprint(contacts=own)
        own.write_text('number = []\n[own]\nname = ["一", "one"]\nuse = ["二", "two"]\n', "utf-8")
        assert Imprint(contacts=own, phone="123").told()["tel"] == [["123", "一", "one", "二", "two"]]

    def test_a_number_in_the_file_is_held_to_the_same(self, tmp_path: Path) -> None:
        own = tmp_path / "own.toml"
        text = (FOLDER / "contacts.toml").read_text("utf-8").replace('"119"', '"<b>119</b>"')
        own.write_text(text, "utf-8")
        with pytest.raises(FormatError, match=r"own\.toml"):
            Imprint(contacts=own)

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(FormatError, match=r"nowhere\.toml"):
            Imprint(passing=tmp_path / "nowhere.toml")
