"""The page of all validations has the numbers of the pages that it leads to."""

from __future__ import annotations

import pytest

from scripts.list_validations import PAGES, paragraphs, with_numbers


@pytest.mark.parametrize("lang", list(PAGES))
def test_each_number_is_that_of_the_page_behind_it(lang: str) -> None:
    """``python scripts/list_validations.py`` writes them."""
    page = PAGES[lang].read_text(encoding="utf-8")
    assert with_numbers(page, lang) == page
    assert paragraphs(lang).count("###") > 5
