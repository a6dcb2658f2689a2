"""Names of roads, waters and towns in English and pinyin."""

from __future__ import annotations

import pytest

from drainage.publication.spelling import place_in_english, spelt, water_in_english


@pytest.mark.parametrize(
    ("name", "english", "pinyin", "initials"),
    [
        ("解放西路", "Jiefang West Road", "jiefangxilu", "jfxl"),
        ("北环路", "North Ring Road", "beihuanlu", "bhl"),
        ("钟灵大道", "Zhongling Avenue", "zhonglingdadao", "zldd"),
        ("东街", "Dong Street", "dongjie", "dj"),
        ("路", "Lu", "lu", "l"),
        ("环路", "Huan Road", "huanlu", "hl"),
        ("G104国道", "G104 National Road", "g104guodao", "ggd"),
        ("High Street", "High Street", "", ""),
        ("شارع الملك", "شارع الملك", "", ""),
        ("", "", "", ""),
    ],
)
def test_a_road_is_spelled_for_those_who_type_and_those_who_read(
    name: str, english: str, pinyin: str, initials: str
) -> None:
    assert spelt(name) == (english, pinyin, initials)


def test_waters_and_towns_have_english_names() -> None:
    assert [water_in_english(name) for name in ("凤河", "河", "东湖", "Elbe", "")] == [
        "Feng River",
        "He",
        "Dong Lake",
        "Elbe",
        "",
    ]
    names = ("灵璧", "灵璧县", "沛县", "宿州市", "Bern")
    assert [*map(place_in_english, names)] == ["Lingbi", "Lingbi County", "Pei County", "Suzhou", "Bern"]
