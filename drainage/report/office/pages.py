"""The pages of a report while they are written: one language, numbered headings, tables and figures."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from drainage import words
from drainage.cells import plain_value
from drainage.errors import DrainageError
from drainage.maps.charts.draw_chart import chart_figure, chart_kinds
from drainage.papers.documents.columns_of_tables import fit_columns
from drainage.papers.documents.document import TEXT_MM, Block, Heading, Items, Paragraph, Picture, Table
from drainage.papers.drawn.sheets import Sheet
from drainage.said import Language, Said, in_language, joined
from drainage.words import in_both
from drainage.workbooks.columns import number_look

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from drainage.report.directory import Report

_UNKNOWN: Final = "–"
#: Folders before the name of a file, which mean nothing to who reads a report.
_FOLDERS: Final = re.compile(r"(?<![\w.])/(?:[^\s/：:，]+/)+")
#: End of a name → number format on paper, where a workbook has more digits than a reader wants.
_ROUNDED: Final = (
    (re.compile(r"(length|fouled|freed|separated|combined|only|none|receiving|nearest|walk|outfall)\w*_m$"), "#,##0"),
    (re.compile(r"_(m3|m3d)$"), "#,##0"),
    (re.compile(r"_km$"), "#,##0.0"),
    (re.compile(r"(barrels|cost|budget)$"), "#,##0"),
)
#: Width of charts, mm.
CHART_MM: Final = 150.0
#: Rows of a table in a chapter; annexes hold all.
MOST_ROWS: Final = 15
#: Rows of a table in an annex, beyond which it belongs in a workbook.
MOST_IN_ANNEX: Final = 400


@dataclass(eq=False)
class Pages:
    """What is written so far.

    Parameters
    ----------
    report
        Whose answers are told.
    lang
        In which language.
    asked
        The questions that are told, in the order of the report.
    project
        What the works are called, for title blocks.
    """

    report: Report
    lang: Language
    asked: Sequence[str]
    project: str
    blocks: list[Block] = field(default_factory=list)
    remarks: list[Said] = field(default_factory=list)
    _chapter: str = ""
    _counts: dict[str, int] = field(default_factory=dict)

    def tells(self, question: str) -> bool:
        """Return whether a question is asked for and has an answer."""
        result = self.report.results.get(question)
        return question in self.asked and result is not None and result.not_known is None

    def why_not(self, question: str) -> Said | str | None:
        """Return why a question that is asked for has no answer; None where it has one."""
        result = self.report.results.get(question)
        return self.report.unanswered.get(question) if result is None else result.not_known

    def saying(self, key: str, **values: object) -> str:
        """Return a text of the table ``document`` of `words.toml`, its values filled in."""
        told = {name: in_language(_known(value), self.lang) for name, value in values.items()}
        return str(in_language(_sayings()[key], self.lang)).format(**told)

    def listed(self, texts: Sequence[object]) -> str:
        """Return several texts as one, parted as the language parts them."""
        return str(in_language(joined(texts, ", "), self.lang))

    def code(self, column: str, value: str) -> str:
        """Return the word for a code."""
        return words.code(column, value, self.lang) or value

    def cell(self, name: str, value: object) -> str:
        """Return a value as it stands in a table: words for codes, numbers in the format of their name."""
        text = _cells(name, [value], self.lang)[0]
        return words.one_language(text, self.lang)

    def counts(self, column: str, counted: Mapping[str, int]) -> str:
        """Return how many there are of each code that occurs, such as ``silt 3, own capacity 12``."""
        return self.listed([f"{self.code(column, name)} {count}" for name, count in counted.items() if count])

    def chapter(self, key: str, *, number: bool = True) -> None:
        """Begin a chapter."""
        if number:
            self._counts["chapter"] = self._counts.get("chapter", 0) + 1
        self._chapter = str(self._counts["chapter"]) if number else ""
        self._counts = {"chapter": self._counts.get("chapter", 0)}
        self.blocks.append(Heading(1, f"{self._chapter} {self.saying(key)}".lstrip()))

    def section(self, key: str, **values: object) -> None:
        """Begin a section."""
        self._counts["section"] = self._counts.get("section", 0) + 1
        number = f"{self._chapter}.{self._counts['section']} " if self._chapter else ""
        self.blocks.append(Heading(2, number + self.saying(key, **values)))

    def annex(self, key: str) -> None:
        """Begin an annex, which is numbered by itself."""
        self._counts["section"] = self._counts.get("section", 0) + 1
        title = self.saying("annex", number=self._counts["section"], title=self.saying(key))
        self.blocks.append(Heading(2, title))

    def say(self, key: str, **values: object) -> None:
        """Write a paragraph."""
        self.blocks.append(Paragraph(self.saying(key, **values)))

    def note(self, key: str, **values: object) -> None:
        """Write a note in small letters."""
        self.blocks.append(Paragraph(self.saying(key, **values), quiet=True))

    def warn(self, text: object) -> None:
        """Write what stands before the figures: why nothing is known, or what was not judged."""
        told = str(in_language(text, self.lang))
        self.blocks.append(Paragraph(_FOLDERS.sub("", told), alarming=True))

    def items(self, texts: Sequence[str]) -> None:
        """Write a list."""
        if texts:
            self.blocks.append(Items(tuple(texts)))

    def table(
        self, key: str | None, table: pd.DataFrame, columns: Sequence[str], *, most: int | None = MOST_ROWS,
        heads: Mapping[str, str] | None = None, total: Sequence[object] | None = None, note: str = "",
    ) -> None:  # fmt: skip
        """Write the first rows of a table, its columns headed by their words and units.

        Parameters
        ----------
        key
            Of its caption; None: the heading above is enough.
        table, columns
            Whose columns are shown; those that it lacks, or of which nothing is known, are left out.
        most
            Rows that are shown; the caption says of how many.
        heads
            Column → its heading, where it is no column of the package.
        total
            Cells of a last row.
        note
            What stands below.
        """
        frame = table.reset_index() if table.index.name in columns else table
        known = [name for name in columns if name in frame and frame[name].notna().any()]
        if frame.empty or not known:
            return
        shown = frame[known] if most is None else frame[known].head(most)
        cells = [_cells(name, shown[name].tolist(), self.lang) for name in known]
        rows = [tuple(row) for row in zip(*cells, strict=True)]
        if total is not None:
            by_name = dict(zip(columns, total, strict=True))
            rows.append(tuple(_cells(name, [by_name[name]], self.lang)[0] for name in known))
        right = tuple(_numeric(shown[name]) for name in known)
        head = tuple((heads or {}).get(name) or words.heading(name, self.lang) for name in known)
        left = "" if len(shown) == len(frame) else self.saying("first_of", shown=len(shown), count=len(frame))
        widths, size = fit_columns(head, rows, TEXT_MM)
        caption = left if key is None else self._numbered("table", key) + left
        self.blocks.append(Table(caption, head, tuple(rows), right, widths, size, note, total is not None))

    def chart(self, key: str, question: str, kind: str) -> None:
        """Show a chart of an answer; nothing where it has nothing to show."""
        result = self.report.results[question]
        if kind in chart_kinds(result):
            self.picture(key, chart_figure(result, kind, width_mm=CHART_MM, lang=self.lang))

    @contextmanager
    def saying_why(self, name: str, *, asked: bool = False) -> Iterator[None]:
        """Say why something cannot be drawn or computed that nobody asked for by name; else let the error pass."""
        try:
            yield
        except DrainageError as error:
            if asked:
                raise
            said = in_both("not_drawn", name=name, reason=error.said)
            self.remarks.append(said)
            self.warn(said)

    def picture(self, key: str, drawn: Sheet | Figure, note: str = "", **values: object) -> None:
        """Show a drawing."""
        self.blocks.append(Picture(self._numbered("picture", key, **values), drawn, note))

    def _numbered(self, kind: str, key: str, **values: object) -> str:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        number = f"{self._chapter}-{self._counts[kind]}" if self._chapter else str(self._counts[kind])
        return self.saying(f"{kind}_caption", number=number, caption=self.saying(key, **values))


class _NotKnown:
    """What stands in a sentence for a number that is not known."""

    def __format__(self, _: str) -> str:
        return _UNKNOWN


def _known(value: object) -> object:
    return _NotKnown() if plain_value(value) is None else value


def _cells(name: str, values: Sequence[Any], lang: Language) -> list[str]:
    """Return the cells of a column as they are printed: words for codes, numbers in one format."""
    look = number_look(name, [value for value in values if isinstance(value, (int, float))])
    look = next((rounded for sign, rounded in _ROUNDED if sign.search(name)), look)
    return [_cell(name, value, look, lang) for value in values]


def _cell(name: str, value: Any, look: str, lang: Language) -> str:  # noqa: ANN401 - a cell
    if plain_value(value) is None:
        return _UNKNOWN
    if isinstance(value, bool):
        return str(words.shown(name, value, lang))
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    if isinstance(value, (int, float)):
        decimals = len(look.partition(".")[2])
        return f"{value:,.{decimals}f}" if look else f"{value:,.10g}"
    return str(words.shown(name, str(value) if not isinstance(value, Said) else value, lang)) or _UNKNOWN


def _numeric(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


@cache
def _sayings() -> dict[str, Said]:
    return words.all_of("document")
