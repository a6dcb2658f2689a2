"""What can be plotted of which question, as `charts.toml` tells it, and what of it is drawn of an answer."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

import pandas as pd

from drainage.maps.looks import COLOURS, GRADES, SYSTEMS
from drainage.provenance import Provenance

#: Ends of questions that set two answers side by side.
_COMPARED: Final = "_comparison"
_COLOURS: Final = "colours"


class Answer(Protocol):
    """An answer, as far as it is plotted: `drainage.result.Result` is one."""

    @property
    def question(self) -> str: ...  # noqa: D102 - as in `Result`; likewise below
    @property
    def tables(self) -> Mapping[str, pd.DataFrame]: ...  # noqa: D102
    @property
    def summary(self) -> pd.Series: ...  # noqa: D102
    @property
    def provenance(self) -> Provenance: ...  # noqa: D102


@dataclass(frozen=True, eq=False)
class LooseAnswer:
    """An answer that is no result: its tables and totals."""

    question: str
    tables: Mapping[str, pd.DataFrame]
    summary: pd.Series
    provenance: Provenance


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One kind of chart of a question; see `charts.toml`."""

    question: str
    kind: str
    draw: str
    table: str = ""
    summary: str = ""
    figures: tuple[str, ...] = ()
    before_after: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    stack: str = ""
    only: Mapping[str, object] = field(default_factory=dict)
    above_zero: bool = False
    order: str = "value"
    most: int = 0
    together: bool = False
    say: str = ""
    x: str = ""
    in_unit: str = ""
    y: tuple[str, ...] = ()
    each: str = ""
    first: str = ""
    wide: bool = False
    points: str = ""
    band: tuple[str, ...] = ()
    sum: bool = False
    whole: str = ""
    log: bool = False
    steps: bool = False
    spots: bool = False
    edges: tuple[float, ...] = ()
    axis: str = ""
    unit_in: str = ""
    least: int = 1
    km: bool = False

    @property
    def name(self) -> str:
        """The key of its title in the table ``charts`` of the words."""
        return f"{self.question}.{self.kind}"

    def rows(self, answer: Answer) -> pd.DataFrame:
        """Return the rows that are drawn, the ids as a column; none where the answer lacks the table."""
        table = answer.tables.get(self.table, pd.DataFrame())
        found = pd.DataFrame({str(name): table[name] for name in table.columns if name != "geometry"})
        index = str(table.index.name)
        if table.index.name is not None and index not in found:
            found.insert(0, index, table.index)
        for column, wanted in self.only.items():
            some = wanted if isinstance(wanted, list) else [wanted]
            found = found[found[column].isin(some)] if column in found else found[:0]
        return found.reset_index(drop=True)

    @property
    def scale(self) -> float:
        """What numbers are multiplied by."""
        return 1e-3 if self.km else 1.0


@cache
def charts() -> Mapping[str, Mapping[str, Chart]]:
    """Return question → kind → chart, in the order in which they are told."""
    return {
        question: {kind: _chart(question, kind, row) for kind, row in kinds.items()}
        for question, kinds in _told().items()
        if question != _COLOURS
    }


def charts_of(question: str) -> Mapping[str, Chart]:
    """Return the kinds of charts of a question."""
    general = charts()["any_comparison"] if question.endswith(_COMPARED) else {}
    return {**charts().get(question, {}), **general}


def known_looks(column: str) -> Mapping[str, tuple[str, str]]:
    """Return code → colour and hatch of a column whose codes have their own."""
    named = COLOURS | SYSTEMS | GRADES
    return {
        code: (named.get(color, color), hatch) for code, (color, hatch) in _told()[_COLOURS].get(column, {}).items()
    }


@cache
def _told() -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("charts.toml").read_text(encoding="utf-8"))


def _chart(question: str, kind: str, row: Mapping[str, Any]) -> Chart:
    told: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Chart(question=question, kind=kind, **told)
