"""Columns of tables fit the page, and cells stay whole where there is room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drainage.fonts.letters import width_mm
from drainage.papers.documents.columns_of_tables import SIZES_PT, fit_columns

TEXTS = st.text("abc 路0123", max_size=60)


@given(st.lists(TEXTS, min_size=1, max_size=9), st.data())
def test_columns_fill_no_more_than_the_page_and_cells_fit_where_they_can(head: list[str], data: st.DataObject) -> None:
    row = st.lists(TEXTS, min_size=len(head), max_size=len(head))
    rows = data.draw(st.lists(row, max_size=5))
    widths, size = fit_columns(head, rows, 165.0)
    assert len(widths) == len(head)
    assert sum(widths) <= 165.0 + 1e-6
    assert size in SIZES_PT
    needed = [max((width_mm(cells[k], size, bold=True) for cells in rows), default=0.0) for k in range(len(head))]
    if sum(needed) + 30.0 * len(head) < 165.0:
        assert all(wide >= one for wide, one in zip(widths, needed, strict=True))


def test_one_long_column_gives_way_and_the_short_ones_stay_whole() -> None:
    widths, size = fit_columns(["point", "evidence"], [["L1", "a long reason " * 30]], 100.0)
    assert size == 7.0
    assert widths[0] >= width_mm("point", 7.0, bold=True)
    assert abs(sum(widths) - 100.0) < 1e-6
