"""What the tables of the survey are called and hold, from `survey_tables.toml` alone."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_SAID: Final[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("survey_tables.toml").read_text("utf-8"))
#: What is verified of the tables, in both languages: written into every one of them.
VERIFIED: Final[str] = _SAID["verified"]
#: What A.17 says of a network: its headings and words.
COLLECTED: Final[dict[str, str]] = _SAID["collected"]
#: Code list → our word → the number of the survey.
CODES: Final[dict[str, dict[str, int]]] = _SAID["codes"]


@dataclass(frozen=True, slots=True)
class SurveyColumn:
    """A column of the survey: its heading, the column of ours, and how this is turned: by codes, m_of_mm, or not."""

    key: str
    zh: str
    source: str
    codes: str
    by: str


@dataclass(frozen=True, slots=True)
class SurveyTable:
    """A table of the survey, and which features of ours stand in it."""

    name: str
    number: str
    zh: str
    en: str
    columns: Mapping[str, SurveyColumn]
    kinds: tuple[str, ...]
    shapes: tuple[str, ...]
    links: tuple[str, ...]

    @property
    def title(self) -> str:
        """Number and name, as a sheet is called."""
        return f"{self.number} {self.zh}"

    @property
    def holds(self) -> str:
        """What its rows are: nodes, pipes, or nothing of a network itself."""
        return "nodes" if self.kinds else "pipes" if self.shapes or self.links else ""


def _columns(said: Mapping[str, Any]) -> dict[str, SurveyColumn]:
    whole = {key: {"zh": one} if isinstance(one, str) else one for key, one in said.items()}
    return {
        key: SurveyColumn(key, one["zh"], one.get("from", ""), one.get("codes", ""), one.get("by", ""))
        for key, one in whole.items()
    }


def _table(name: str, said: Mapping[str, Any]) -> SurveyTable:
    kinds, shapes, links = (tuple(said.get(key, ())) for key in ("kinds", "shapes", "links"))
    own = "node_columns" if kinds else "link_columns"
    columns = _columns(said["columns"] if "columns" in said else _SAID[own])
    return SurveyTable(name, said["number"], said["zh"], said["en"], columns, kinds, shapes, links)


#: The tables in their order, A.1 to A.17.
TABLES: Final[dict[str, SurveyTable]] = {name: _table(name, said) for name, said in _SAID["tables"].items()}
