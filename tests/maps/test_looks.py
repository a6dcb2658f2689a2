"""The looks of the map and their words: none without the other, and no word of either language in the program."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from drainage import words
from drainage.maps import looks
from drainage.maps.charts.chart_list import known_looks
from drainage.maps.looks import GRADES, SYSTEMS, THEMES, Style
from drainage.said import Said

MAPS = Path(looks.__file__).parent
LOOKS = tomllib.loads((MAPS / "looks.toml").read_text(encoding="utf-8"))
SHAPES = {"circle", "square", "diamond", "up", "down", "octagon", "ring", "cross"}
PATTERNS = {"", "dash", "dot", "double", "gap"}
CHINESE = re.compile("[\u3000-〿一-鿿＀-￯]")


def styles() -> list[Style]:
    return [*chain.from_iterable([*theme.styles.values(), theme.other] for theme in THEMES.values())]


def test_every_theme_and_every_look_of_it_has_a_word_in_both_languages() -> None:
    said = [theme.title for theme in THEMES.values()] + [style.label for style in styles()]
    assert all(isinstance(text, Said) and text and text.chinese for text in said)
    assert not [text for text in said if CHINESE.search(text)]
    titles = words.all_of("themes")
    assert not [name for name, text in titles.items() if not CHINESE.search(text.chinese)]
    own = {f"{name}.{key}" for name in THEMES for key in words.all_of("looks", name)}
    coded = {
        f"{name}.{key}"
        for name, look in LOOKS.items()
        for key in words.all_of("codes", look.get("codes", "")).keys() & look.get("styles", {}).keys()
    }
    keyed = {f"{name}.{key}" for name, look in LOOKS.items() for key in look.get("styles", {})}
    keyed |= {f"{name}.other" for name, look in LOOKS.items() if "other" in look}
    assert keyed == own | coded


def test_every_word_belongs_to_a_theme_and_to_a_look_of_it() -> None:
    assert words.all_of("themes").keys() == THEMES.keys()
    assert words._table("looks").keys() <= THEMES.keys()


def test_a_look_has_words_of_its_own_only_where_the_code_says_something_else() -> None:
    for name, look in LOOKS.items():
        same = words.all_of("codes", look.get("codes", ""))
        twice = [
            key
            for key, text in words.all_of("looks", name).items()
            if key in same and (text, text.chinese) == (same[key], same[key].chinese)
        ]
        assert not twice, name


def test_systems_and_grades_have_one_colour_each_on_all_but_the_page_of_the_map() -> None:
    """Sheets and drawings take the tables themselves; styles of QGIS and charts are dressed by them."""
    for column, palette, themes in (
        ("system", SYSTEMS, ["pipes"]),
        ("grade", GRADES, ["waterlogging", "overflow_nodes"]),
    ):
        for theme in themes:
            graded = {code: look.printed_color for code, look in THEMES[theme].styles.items() if code in palette}
            assert graded == {code: palette[code] for code in graded}, theme
            assert len(graded) >= 4, theme
        charted = {code: color for code, (color, _) in known_looks(column).items()}
        assert charted == {code: palette[code] for code in charted}
        assert len(charted) >= 4


def test_every_look_can_be_drawn() -> None:
    for style in styles():
        assert re.fullmatch("#[0-9A-F]{6}", style.color)
        assert re.fullmatch("#[0-9A-F]{6}", style.printed_color)
        assert style.size > 0
        assert style.shape in SHAPES
        assert style.pattern in PATTERNS
        assert all(float(part) > 0 for part in style.dash.split())
    for theme in THEMES.values():
        assert list(theme.bins) == sorted(theme.bins)
        assert not theme.bins or list(theme.styles) == [str(k) for k in range(len(theme.bins) + 1)]


@pytest.mark.parametrize("program", sorted(MAPS.rglob("*.*")), ids=lambda path: str(path.relative_to(MAPS)))
def test_what_is_said_stands_in_the_tables_of_words(program: Path) -> None:
    if program.is_file() and program.suffix != ".pyc":
        assert not CHINESE.search(program.read_text(encoding="utf-8"))
