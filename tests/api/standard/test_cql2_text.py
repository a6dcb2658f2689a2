"""CQL2 as text: what each form means, and that nothing that is sent stops the reader. Truth: OGC 21-065r2, by hand."""

from __future__ import annotations

import time
from itertools import product

import numpy as np
import pytest
import shapely

from drainage_api.asked.cql2_json import read_json
from drainage_api.asked.cql2_text import read_text
from drainage_api.asked.trees import (
    MOST_CHARACTERS,
    MOST_DEEP,
    Call,
    Interval,
    Literal,
    Moment,
    Name,
    NoFilterError,
    Shape,
)

A, ONE = Name("a"), Literal(1.0)


def day(text: str) -> Moment:
    return Moment(np.datetime64(f"{text}T00:00:00"))


class TestForms:
    @pytest.mark.parametrize(
        ("text", "tree"),
        [
            ("a = 1", Call("=", (A, ONE))),
            ("a<>-1.5e3", Call("<>", (A, Literal(-1500.0)))),
            ("管径_mm >= 1", Call(">=", (Name("管径_mm"), ONE))),
            ('"管径 ""mm""" = 1', Call("=", (Name('管径 "mm"'), ONE))),
            ("a = 'O''Neil'", Call("=", (A, Literal("O'Neil")))),
            (r"a = 'O\'Neil'", Call("=", (A, Literal("O'Neil")))),
            ("a = TRUE", Call("=", (A, Literal(value=True)))),
            ("a IS NULL", Call("isnull", (A,))),
            ("a is not null", Call("not", (Call("isnull", (A,)),))),
            ("a LIKE 'x%'", Call("like", (A, Literal("x%")))),
            ("a NOT LIKE 'x%'", Call("not", (Call("like", (A, Literal("x%"))),))),
            ("a IN (1, 'x')", Call("in", (A, ONE, Literal("x")))),
            ("a NOT IN (1)", Call("not", (Call("in", (A, ONE)),))),
            ("a BETWEEN 1 AND 1", Call("between", (A, ONE, ONE))),
            ("CASEI(a) = casei('X')", Call("=", (Call("casei", (A,)), Call("casei", (Literal("X"),))))),
            ("a + 1 * 1 > a", Call(">", (Call("+", (A, Call("*", (ONE, ONE)))), A))),
            ("( - (1)) = a", Call("=", (Literal(-1.0), A))),
            ("a > DATE('2010-02-03')", Call(">", (A, day("2010-02-03")))),
            ("a > TIMESTAMP('2010-02-03T08:00:00+08:00')", Call(">", (A, day("2010-02-03")))),
            (
                "T_DURING(a, INTERVAL('2010-02-03', '..'))",
                Call("t_during", (A, Interval(day("2010-02-03"), Moment(None)))),
            ),
        ],
    )
    def test_each_is_read(self, text: str, tree: object) -> None:
        assert read_text(text) == tree

    def test_and_binds_closer_than_or_and_not_closer_than_and(self) -> None:
        one, two, three = (Call("=", (Name(name), ONE)) for name in "xyz")
        assert read_text("x=1 OR NOT y=1 AND z=1") == Call("or", (one, Call("and", (Call("not", (two,)), three))))
        assert read_text("(x=1 OR y=1) AND z=1") == Call("and", (Call("or", (one, two)), three))
        assert read_text("x BETWEEN 1 AND 1 AND z=1") == Call("and", (Call("between", (Name("x"), ONE, ONE)), three))

    @pytest.mark.parametrize("name", ["android", "order", "inside", "nothing", "likely", "is_open", "point", "date"])
    def test_a_name_may_begin_like_a_word_of_the_language(self, name: str) -> None:
        assert read_text(f"{name} = 1") == Call("=", (Name(name), ONE))

    @pytest.mark.parametrize(
        "wkt",
        [
            "POINT (1 2)",
            "LINESTRING (1 2, -3 4)",
            "POLYGON ((0 0, 1 0, 1 1, 0 0), (0.1 0.1, 0.2 0.1, 0.2 0.2, 0.1 0.1))",
            "MULTIPOINT ((1 2), (3 4))",
            "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))",
            "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (1 2, 3 4))",
        ],
    )
    def test_geometries_are_those_of_wkt(self, wkt: str) -> None:
        tree = read_text(f"S_INTERSECTS(geometry, {wkt})")
        assert isinstance(tree, Call)
        shape = tree.args[1]
        assert isinstance(shape, Shape)
        assert shapely.to_wkt(shape.geometry, trim=True) == wkt

    def test_a_box_keeps_its_numbers_and_drops_heights(self) -> None:
        for text in ("BBOX(1,2,3,4)", "bbox(1,2,-9,3,4,9)"):
            tree = read_text(f"S_INTERSECTS(geometry, {text})")
            assert isinstance(tree, Call)
            assert isinstance(tree.args[1], Shape)
            assert tree.args[1].box == (1, 2, 3, 4)


class TestSameTreeFromJson:
    @pytest.mark.parametrize(
        ("text", "json"),
        [
            ("a = 1", '{"op":"=","args":[{"property":"a"},1]}'),
            ("a IN (1,'x')", '{"op":"in","args":[{"property":"a"},[1,"x"]]}'),
            ("a IS NULL", '{"op":"isNull","args":[{"property":"a"}]}'),
            (
                "a=1 AND NOT a LIKE 'x'",
                """{"op":"and","args":[{"op":"=","args":[{"property":"a"},1]},
                {"op":"not","args":[{"op":"like","args":[{"property":"a"},"x"]}]}]}""",
            ),
            ("a > DATE('2010-02-03')", '{"op":">","args":[{"property":"a"},{"date":"2010-02-03"}]}'),
            (
                "T_DURING(a, INTERVAL('2010-02-03','..'))",
                '{"op":"t_during","args":[{"property":"a"},{"interval":["2010-02-03",".."]}]}',
            ),
            (
                "S_INTERSECTS(geometry, POINT(1 2))",
                '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[1,2]}]}',
            ),
            (
                "S_WITHIN(geometry, BBOX(1,2,3,4))",
                '{"op":"s_within","args":[{"property":"geometry"},{"bbox":[1,2,3,4]}]}',
            ),
        ],
    )
    def test_both_ways_of_writing_are_one(self, text: str, json: str) -> None:
        assert read_text(text) == read_json(json)


class TestRefused:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "it ends at character 1"),
            ("a = ", "it ends"),
            ("a = 1 b", "'b' at character 7"),
            ("a == 1", "'= 1' at character 4"),
            ("a = 'x", "character 5"),
            ("a = 1e999", "too large"),
            ("a > DATE('2010-13-01')", "a day as 2020-01-31"),
            ("a > DATE('2010-01-01T00:00:00Z')", "a day as"),
            ("a > TIMESTAMP('yesterday')", "an instant as"),
            ("T_DURING(a, INTERVAL('2011-01-01','2010-01-01'))", "ends before it begins"),
            ("S_INTERSECTS(geometry, POLYGON((0 0,1 1)))", "no geometry"),
            ("S_INTERSECTS(geometry, BBOX(1,2,3))", "4 or 6"),
            ("S_INTERSECTS(geometry, BBOX(1,4,3,2))", "south above its north"),
            ("a = 1; DROP TABLE pipes", "';"),
        ],
    )
    def test_what_is_no_filter_is_told_by_its_place(self, text: str, said: str) -> None:
        with pytest.raises(NoFilterError, match=said.replace("(", r"\(")):
            read_text(text)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            "null",
            "NaN",
            '{"op":"="}',
            '{"op":"in","args":[1,2]}',
            '{"a":1}',
            '{"op":"=","args":[{"property":"a"},1e999]}',
            '{"op":"=","args":[NaN]}',
            '{"type":"Point","coordinates":"x"}',
            '{"bbox":[true,1,2,3]}',
            '"x" 1',
        ],
    )
    def test_nor_is_other_json_one(self, text: str) -> None:
        with pytest.raises(NoFilterError):
            read_json(text)


OPENINGS = [
    *("(", "NOT ", "NOT(", "- ", "a=(", "f(", "a=1 AND (", "a IN (", "casei(", "a+", "a^", "'", '"', "1", "POINT("),
    *("GEOMETRYCOLLECTION(", "BBOX(", "INTERVAL(", "a BETWEEN 1 AND ", "(a=1)", "a=1 OR ", "\\", "\n", "{", "["),
]


class TestHostile:
    """A reader that goes back over what it has read takes hours for these; the sum of all has to stay far below."""

    def test_no_filter_that_can_be_sent_takes_long(self) -> None:
        begun = time.process_time()
        texts = [part * (MOST_CHARACTERS // len(part)) for part in OPENINGS]
        texts += [one * 20 + other * 300 for one, other in product(OPENINGS, OPENINGS)]
        texts += [one * 30 + "a=1" + ")" * 29 + " x" for one in ("(", "NOT(", "a=(")]
        for text in texts:
            for read in (read_text, read_json):
                try:
                    read(text[:MOST_CHARACTERS])
                except NoFilterError:
                    continue
        assert time.process_time() - begun < 60

    @pytest.mark.parametrize("read", [read_text, read_json])
    @pytest.mark.parametrize("text", ["(" * 10_000, "[" * 100_000, '{"op":"not","args":[' * 5_000, "a" * 1_000_000])
    def test_what_is_too_deep_or_too_long_is_refused_unread(self, read: object, text: str) -> None:
        assert callable(read)
        with pytest.raises(NoFilterError, match=f"more than {MOST_DEEP}|longer than {MOST_CHARACTERS}"):
            read(text)

    def test_more_parts_than_anybody_needs_are_refused(self) -> None:
        with pytest.raises(NoFilterError, match="more than 100"):
            read_text(" OR ".join(["a=1"] * 200))
        assert isinstance(read_text(" OR ".join(["a=1"] * 90)), Call)
