"""What can be asked, and what of the answers is served as features: the rows of ``catalogue.toml``.

Nothing is called from here. The report, the server, the titles and the test of completeness go by these rows.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drainage import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that can be asked about a network.

    Parameters
    ----------
    name
        That of its `Result`.
    ask
        The function of ``drainage`` that answers it.
    needs
        What that function must be given beside a network, by the names of its parameters.
    command
        What asks it from the terminal; None: only Python does.
    reported
        Whether `analyze` asks it.

    Examples
    --------
    >>> import drainage as dr
    >>> asked = dr.report.QUESTIONS["mixed_flow"]
    >>> asked.ask, asked.needs, asked.command, asked.collections
    ('find_mixed_flow', (), 'mixed-flow', ('mixed_flow', 'misconnections'))
    """

    name: str
    ask: str
    needs: Sequence[str] = ()
    command: str | None = None
    reported: bool = False

    @property
    def titles(self) -> tuple[str, str]:
        """Its title in Chinese and in English."""
        return words.question(self.name, "zh"), words.question(self.name, "en")

    @property
    def collections(self) -> tuple[str, ...]:
        """The collections in which its answer is served."""
        return tuple(name for name, one in COLLECTIONS.items() if one.question == self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Features of a report: all pipes, all issues, or a table of the answer to a question.

    Parameters
    ----------
    name
        What it is called.
    id
        Name of the index.
    answer
        Where in the summary stands what was found.
    table, only
        Table of the answer, and the column that is true where a row belongs to the collection.
    optional
        The collection is left out if the answer has no such table; else it is empty.
    theme
        Its theme on the map; default: that of its name.

    Examples
    --------
    >>> import drainage as dr
    >>> points = dr.report.COLLECTIONS["waterlogging"]
    >>> points.id, points.table, points.question
    ('point_id', 'points', 'waterlogging')
    """

    name: str
    id: str
    answer: Sequence[str]
    table: str | None = None
    only: str | None = None
    optional: bool = False
    theme: str = ""

    @property
    def title(self) -> str:
        """What it is, in both languages."""
        return words.all_of("collections")[self.name].both

    @property
    def about(self) -> str:
        """What it holds, in both languages."""
        return words.all_of("collections_hold")[self.name].both

    @property
    def question(self) -> str | None:
        """The question that it answers; None for what the network holds by itself."""
        return self.answer[0] if self.table else None


#: What the whole is called, in both languages.
TITLE: Final = " ".join(words.title("report", lang) for lang in words.LANGUAGES)
_rows = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
QUESTIONS: Final = {name: Question(name=name, **row) for name, row in _rows["questions"].items()}
COLLECTIONS: Final = {name: Collection(name=name, **row) for name, row in _rows["collections"].items()}
#: The questions that a report answers, in the order in which they are asked.
REPORTED: Final = tuple(name for name, one in QUESTIONS.items() if one.reported)
