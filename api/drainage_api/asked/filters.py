"""``filter``, ``filter-lang`` and ``filter-crs`` (OGC API – Features, Part 3)."""

from __future__ import annotations

from typing import Final

from drainage_api.asked.cql2_json import read_json
from drainage_api.asked.cql2_text import read_text
from drainage_api.asked.trees import Tree

TEXT, JSON = "cql2-text", "cql2-json"
#: As the drafts called the text, and as GDAL asks for it.
DRAFT: Final = "cql-text"
LANGUAGES: Final = {TEXT: read_text, JSON: read_json, DRAFT: read_text}


def read_filter(text: str, language: str | None) -> Tree:
    """Read a filter; without a language it is JSON if it begins like it.

    Raises
    ------
    NoFilterError
        It is none.
    KeyError
        There is no such language.
    """
    return LANGUAGES[language or (JSON if text.lstrip().startswith("{") else TEXT)](text)
