"""What of an answer is looked at first: known questions, tables that they have, rows in their order."""

from __future__ import annotations

import pandas as pd

from drainage.report import QUESTIONS
from drainage.result import Result
from drainage.telling.first_tables import first_tables, tables_told
from drainage.telling.text_tables import TextTable

POINTS = pd.DataFrame({
    "node_id": list("abc"), "kind": ["storm_into_sewage"] * 3, "road": ["x", "y", "z"],
    "entering_diameter_mm": [300.0, 400.0, 500.0], "sewage_m3d": [1.0, 2.0, 3.0], "fouled_length_m": [5.0, 15.0, 10.0],
})  # fmt: skip


def answer(question: str, **tables: pd.DataFrame) -> Result:
    return Result(question, tables, pd.Series(dtype=object))


def test_what_is_shown_is_of_a_question_or_of_a_trace() -> None:
    assert first_tables().keys() - QUESTIONS.keys() == {"trace"}


def test_the_worst_stand_first() -> None:
    (told,) = tables_told(answer("mixed_flow", points=POINTS))
    assert isinstance(told, TextTable)
    assert [row[0] for row in told.rows] == ["b", "c", "a"]
    assert told.title == "what fouls most (3 of 3)"


def test_columns_that_say_nothing_are_left_out() -> None:
    (told,) = tables_told(answer("mixed_flow", points=POINTS), left_out={"points": ["road"]})
    assert isinstance(told, TextTable)
    assert "road" not in told.heads


def test_an_answer_without_the_table_tells_nothing_of_it() -> None:
    assert not list(tables_told(answer("mixed_flow")))
    assert not list(tables_told(answer("low_points", points=POINTS)))


def test_numbers_are_rounded_where_that_is_said() -> None:
    losses = pd.DataFrame({"node_id": ["a"], "m3_per_day": [1.26]})
    (told,) = tables_told(answer("balance", losses=losses))
    assert isinstance(told, TextTable)
    assert told.rows[0][1] == 1.3
