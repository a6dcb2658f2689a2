"""How each question is shown on the page of a map, as `questions.toml` gives it: layers, lists, rows, sentences."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from drainage import words
from drainage.said import Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """What is said of an answer: keys of the table ``verdicts`` of `words.toml`.

    Parameters
    ----------
    verdict, none
        The one sentence, and that in its place where nothing was found.
    detail
        Further ones; each is left out where its first figure is 0 or one of them is not known.
    count
        Figure of the summary that says how much was found, or several that are added, joined by ``+``.
    """

    verdict: str = ""
    none: str = ""
    detail: Sequence[str] = ()
    count: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question on the page.

    Parameters
    ----------
    layers, more
        Themes that are drawn when the question is chosen, and those of it that are a tap away.
    list
        Themes of which the first that is there is listed.
    rain
        Whether the answer is that of one storm.
    said, changes
        What is said of its answer, and of what has changed in it from one period to the next.
    """

    layers: Sequence[str] = ()
    more: Sequence[str] = ()
    list: Sequence[str] = ()
    rain: bool = False
    said: Sentences = field(default_factory=Sentences)
    changes: Sentences = field(default_factory=Sentences)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """How the rows of one theme stand in a list.

    Parameters
    ----------
    importance
        What comes first on the list and stays on the map where there is no room for all: columns, with ``-`` from the
        largest, or ``column=code,code`` in the order of codes.
    orders
        Further orders, of columns as above.
    cause, head, line, tail
        Columns of a row: why, what stands at its right, and below both what and at its right.
    bars
        Column of the whole, and columns of its parts.
    """

    importance: Sequence[str] = ()
    orders: Sequence[str] = ()
    cause: Sequence[str] = ()
    head: Sequence[str] = ()
    line: Sequence[str] = ()
    tail: Sequence[str] = ()
    bars: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A column by which what is drawn can be filtered; numbers in bins with these upper edges, or days."""

    key: str
    bins: Sequence[float] = ()
    date: bool = False


def _asked(row: dict[str, Any]) -> Asked:
    said, changes = (Sentences(**row.pop(name, {})) for name in ("said", "changes"))
    return Asked(**row, said=said, changes=changes)


_rows: Final = tomllib.loads(Path(__file__).with_name("questions.toml").read_text(encoding="utf-8"))
#: Question → how it is shown, in the order of the tabs.
ASKED: Final = {name: _asked(row) for name, row in _rows["questions"].items()}
#: Theme → how its rows are listed.
LISTS: Final = {name: Listed(**row) for name, row in _rows["lists"].items()}
FACETS: Final = tuple(Facet(**row) for row in _rows["facets"])
#: Column that names things → themes where they may lie.
REFERS: Final[Mapping[str, Sequence[str]]] = _rows["refers"]
#: Columns whose cells are names, which are searched by part and by pinyin.
NAMES: Final[Sequence[str]] = _rows["names"]["columns"]
#: Columns whose cells hold names of columns, and those whose cells hold ids that begin with a code of ``kind``.
OF_COLUMNS: Final[Sequence[str]] = _rows["cells"]["of_columns"]
OF_KINDS: Final[Sequence[str]] = _rows["cells"]["of_kinds"]
_HEADINGS: Final = words.all_of("column_groups")
#: Column → heading of its group.
GROUPS: Final[Mapping[str, Said]] = {
    name: _HEADINGS[group] for group, columns in _rows["groups"].items() for name in columns
}
