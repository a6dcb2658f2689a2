"""What people and machines read: tables and JSON on standard output, messages on standard error."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from drainage import words
from drainage.cli.progress import shown
from drainage.cli.terminal import output_encoding, printable
from drainage.cli.wording import labelled, spoken
from drainage.errors import FormatError
from drainage.maps.base_maps import BaseMap, check_base_map
from drainage.said import in_language, joined
from drainage.words import code, in_both, language, question, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from drainage.maps.page_file import Page
    from drainage.network import DrainageNetwork
    from drainage.provenance import Provenance
    from drainage.report.directory import Report
    from drainage.result import Result


#: Rows of a table that are printed.
FIRST = 10
#: Characters of a line and of a cell beside the first, where there is no window to fit into.
_PIPED = 10_000
_WIDEST_CELL = 80
#: Signs from which on a text is not repeated row by row.
_LONG = 20
_UNKNOWN = "–"
#: What a summary says first, in lines of its own.
_WARNINGS = ("advice", "alarm")
#: What a chart is written as.
FIGURES = (".png", ".svg", ".pdf")
#: What a result is written as (`drainage.result.RESULT_ENDINGS`, told here for commands that fail before they begin).
OUTPUTS = (".xlsx", ".gpkg", ".geojson", ".csv", ".parquet", ".shp", ".fgb")


@dataclass(frozen=True, kw_only=True)
class Output:
    """Where an answer goes: to the screen, for people or machines, and into files."""

    title: ClassVar = "output"
    output: Path | None = None
    table: str | None = None
    map_: Path | None = None
    plot: Path | None = None
    chart: str | None = None
    json_: bool = False
    force: bool = False
    basemap: BaseMap = "none"

    @property
    def paths(self) -> tuple[Path | None, ...]:
        """The files that are asked for."""
        return self.output, self.map_, self.plot

    def check(self, endings: tuple[str, ...] = OUTPUTS) -> None:
        """Refuse an output before any work is done for it; ``endings`` are those that the command writes.

        Raises
        ------
        FormatError
            Unsupported extension, or the file or that of its provenance exists and may not be replaced.
        """
        from drainage.maps.page_file import is_folder
        from drainage.writing import check_free_answer, check_free_directory

        if self.chart is not None and self.plot is None:
            raise FormatError(in_both("chart_without_file"))
        check_base_map(self.basemap)
        if self.map_ is not None and is_folder(self.map_):
            check_free_directory(self.map_, force=self.force)
        for path, known in ((self.output, endings), (self.map_, (".html",)), (self.plot, FIGURES)):
            if path is None or (path == self.map_ and is_folder(path)):
                continue
            if path.suffix.lower() not in known:
                raise FormatError(in_both("ending_unknown", name=path.name, known=", ".join(known)))
            check_free_answer(path, ending=path.suffix.lower(), force=self.force)

    def print(self, result: Result, **more: object) -> None:
        """Print the summary of one question and write the files that were asked for; ``more`` is for machines.

        Findings come first; what was assumed is printed at the end, by `end`.
        """
        from drainage.report.analyze import to_plain

        if self.json_:
            print_json(to_plain({**result.summary, **more, "not_known": result.not_known}), result.provenance)
        else:
            if result.not_known is not None:
                print_line(labelled("not_known", spoken(result.not_known)))
            for text in filter(None, map(result.summary.get, _WARNINGS)):
                print_line(printable(spoken(text)))
            elsewhere = {*_assumptions(result), *_WARNINGS}
            rows = [(key, value) for key, value in result.summary.items() if key not in elsewhere]
            print_table(result.question, ["", ""], rows)
        self.write(result)
        if self.map_ is not None:
            with shown("map") as progress:
                page = result.page(basemap=self.basemap, progress=progress)
            self.write_map(page)
        self.draw(result)

    def write_map(self, page: Page) -> None:
        """Write a map, if it is asked for: as one file, or as the folder that the name means, and say how it opens."""
        if self.map_ is None:
            return
        page.save(self.map_, force=self.force)
        say(self.map_)
        if page.folder:
            how = "map_is_served" if not self.map_.suffix else "map_is_city"
            say(in_both(how, name=self.map_.name, folder=self.map_.with_suffix("")))

    def draw(self, result: Result) -> None:
        """Write a chart of a result, if it is asked for: of its kind, or the first that the result has."""
        from drainage.writing import replacing_file

        if self.plot is None:
            return
        ending = self.plot.suffix.lower()
        figure = result.figure(self.chart)
        from matplotlib import rc_context

        letters: dict[Any, Any] = {"pdf.fonttype": 42}  # such that a reader of the file finds words in it
        with (
            replacing_file(self.plot, ending=ending, force=self.force, provenance=result.provenance) as part,
            rc_context(letters),
        ):
            figure.savefig(part, dpi=200)
        say(self.plot)

    def first(self, title: str, table: pd.DataFrame, columns: Sequence[str], *, most: int | None = FIRST) -> None:
        """Print the first rows of a table, all if ``most`` is None, if people read the answer."""
        if not self.json_:
            print_first(title, table, columns, most=most)

    def write(self, result: Result) -> None:
        """Write a result, if it is asked for, by the extension of the name, and say what its format loses.

        Raises
        ------
        FormatError
            Unsupported extension, or the file exists and may not be replaced.
        SchemaError
            There is no such table.
        """
        from drainage.spreadsheets import unprintable_cells
        from drainage.writing import shapefile_losses

        path = self.output
        if path is None:
            return
        ending = path.suffix.lower()
        if ending in {".xlsx", ".csv"} and (lost := unprintable_cells(result.tables)):
            say(path.name, in_both("control_signs", count=lost))
        result.to_file(path, self.table, force=self.force)
        if ending not in {".xlsx", ".gpkg"}:
            chosen = result.table_for(path, self.table)
            for loss in shapefile_losses(result.tables[chosen]) if ending == ".shp" else ():
                say(path.name, loss)
            others = [name for name in result.tables if name != chosen]
            if self.table is None and others:
                say(path.name, in_both("holds_table", table=chosen, others=", ".join(others)))
        say(path)

    def end(self, result: Result, *, faulty: bool = False) -> NoReturn:
        """Print what was assumed and what could not be used; exit 2 if nothing is known or the data have errors."""
        for name, value in () if self.json_ else _assumptions(result).items():
            print_line(labelled(name, "" if isinstance(value, dict) else told(value)))
            for part, text in value.items() if isinstance(value, dict) else ():
                print_line(f"  {labelled(part, told(text))}")
        for row in result.issues.itertuples() if "issues" in result.tables else ():
            say(told(row.severity, "severity"), told_issue(row))
        if self.json_ and result.not_known is not None:
            say(labelled("not_known", spoken(result.not_known)))
        sys.exit(2 if faulty or result.not_known is not None else 0)


def _assumptions(result: Result) -> dict[str, object]:
    """Return the rows of a summary that state assumptions."""
    return {str(name): value for name, value in result.summary.items() if str(name).endswith("assumptions")}


def print_first(title: str, table: pd.DataFrame, columns: Sequence[str], *, most: int | None = FIRST) -> None:
    """Print the first rows of a table: what to look at first."""
    if not len(table):
        return
    frame = table.reset_index() if table.index.name in columns else table
    values = {column: frame[column].head(most or len(frame)).tolist() for column in columns}
    cells = {column: [told(value, column) for value in one] for column, one in values.items()}
    unknown = [name for name, one in cells.items() if set(one) == {_UNKNOWN}]
    # a text that is the same in all rows is told once
    same = {name: one[0] for name, one in cells.items() if len(one) > 1 and len(one[0]) > _LONG and len(set(one)) == 1}
    shown = [column for column in columns if column not in (*same, *unknown)]
    counted = title if most is None else f"{title} ({min(most, len(table))} of {len(table)})"
    print_table(counted, shown, zip(*(values[column] for column in shown), strict=True))
    for name, text in same.items():
        print_line(labelled(name, text))
    here = [name for name in unknown if frame[name].notna().any()]
    for said, names in (("not_known", [name for name in unknown if name not in here]), ("not_known_here", here)):
        if names:
            print_line(labelled(said, ", ".join(map(labelled, names))))


def print_summary(summaries: Mapping[str, Mapping[str, object]], provenance: Provenance, *, as_json: bool) -> None:
    """Print summaries side by side."""
    if as_json:
        print_json(next(iter(summaries.values())) if len(summaries) == 1 else summaries, provenance)
        return
    from drainage.workbooks.figures import label, leaves, shown

    lang = language()
    sides = {
        side: leaves({key: value for key, value in one.items() if key != "provenance"})
        for side, one in summaries.items()
    }
    paths = list(dict.fromkeys(path for side in sides.values() for path in side))
    assumed = [path for path in paths if any(key.endswith("assumptions") for key in path)]
    warned = [path for path in paths if path[-1] in (*_WARNINGS, "not_known")]
    for side, path in ((side, path) for path in warned for side in sides):
        if (text := sides[side].get(path)) is not None:
            of = f"{question(path[0], lang)}: {labelled('not_known')}" if path[-1] == "not_known" else ""
            print_line(printable(": ".join(filter(None, (spoken(side), of, spoken(str(text)))))))
    rows = list[list[object]]()
    for section, figures in groupby((path for path in paths if path not in (*assumed, *warned)), itemgetter(0)):
        said = question(section, lang)
        said = word(section, lang) if said == section else said
        # the key too, by which the section stands in summary.json
        rows.append([f"[bold]{said if said == section else f'{said} ({section})'}[/bold]", *[""] * len(sides)])
        for path in figures:
            cells = [told(shown(path, side.get(path), lang), path[-1]) for side in sides.values()]
            rows.append(["  " + label(path[1:] or path, lang), *cells])
    print_table("", ["", *sides], rows, markup=True)
    for path in assumed:
        say(labelled(path[-1], told(next(side[path] for side in sides.values() if path in side))))


def told(value: object, column: str = "") -> str:
    """Return a value in the words of the reader, its codes by those of its column."""
    from pandas import NA

    lang = language()
    if isinstance(value, dict):
        parts = {code(column, str(key), lang) or word(str(key), lang): one for key, one in value.items()}
        return ", ".join(f"{key}: {told(one)}" for key, one in parts.items())
    if isinstance(value, list):
        return "; ".join(map(told, value))
    if value is None or value is NA or value != value:  # noqa: PLR0124 - NaN
        return _UNKNOWN
    if isinstance(value, float) and column.endswith("_share"):
        return f"{100.0 * value:.1f} %"
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    plain = value if isinstance(value, str) else str(value)
    return str(words.shown(column, {"True": True, "False": False}.get(plain, plain), lang))


def told_issue(issue: Any) -> str:  # noqa: ANN401 - a row of issues
    """Return an issue as one line."""
    return f"{issue.feature_id}: {spoken(issue.reason)} → {spoken(issue.action)}"


def print_table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], *, markup: bool = False) -> None:
    """Print a table in the words of the reader's language, its headings being names of columns.

    Where there are none the first cell of a row is a key, which names what the others are.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    lang, keyed = language(), not any(heads)
    names = [words.title(head, lang) if " " in head else words.heading(head, lang) for head in heads]
    cells = [
        [
            words.heading(str(cell), lang) if keyed and not i else told(cell, head or str(row[0]).strip())
            for i, (cell, head) in enumerate(zip(row, heads, strict=True))
        ]
        for row in rows
    ]
    table = Table(
        title=escape(printable(words.title(title, lang))) or None, show_header=not keyed, title_justify="left"
    )
    piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ  # nobody's window to fit into
    console = Console(width=_PIPED if piped else None)
    for i, (name, width) in enumerate(zip(names, _least_widths(names, cells, console.width), strict=True)):
        table.add_column(escape(printable(name)), overflow="fold", no_wrap=i == 0 and len(heads) > 1, min_width=width,
                         max_width=max(_WIDEST_CELL, width or 0) if piped and i else None)  # fmt: skip
    for row in cells:
        table.add_row(*[cell if markup and i == 0 else escape(cell) for i, cell in enumerate(map(printable, row))])
    console.print(table)


def _least_widths(heads: list[str], rows: list[list[str]], most: int) -> list[int | None]:
    """Return the width of each column's longest word, so that none is broken, if all fit on a line.

    If not, that of the longest word of the cells alone: a heading may be broken sooner than a number.
    """
    from rich.cells import cell_len

    for among in ([heads, *rows], rows):
        columns = list(zip(*among, strict=True)) or [()] * len(heads)
        least = [max((cell_len(word) for cell in column for word in cell.split()), default=1) for column in columns]
        if len(columns) > 1:
            least[0] = max(map(cell_len, columns[0]), default=1)  # which is not wrapped
        if sum(least) + 3 * len(heads) + 1 <= most:
            return [*least]
    return [None] * len(heads)


def print_json(value: object, provenance: Provenance | None) -> None:
    """Print JSON for machines: UTF-8, elsewhere by signs that are the same in both; each answer says whence."""
    plain = in_language(value, language())
    whence = {} if provenance is None else {"provenance": provenance.as_dict()}
    document = {**plain, **whence} if isinstance(plain, dict) else plain
    sys.stdout.write(json.dumps(document, ensure_ascii=output_encoding() != "utf-8", indent=2) + "\n")


def print_line(text: str) -> None:
    """Print one line, in the language of the reader if it is in both."""
    sys.stdout.write(f"{in_language(text, language())}\n")


def print_wrapped(text: str) -> None:
    """Print a text on as many lines as the terminal needs for it, no word broken."""
    from rich.console import Console
    from rich.text import Text

    # a line may be broken behind a Chinese comma too
    Console().print(Text(printable(str(in_language(text, language())).replace("、", "、 "))))


def say(*parts: object) -> None:
    """Print a message on standard error, in the language of the reader what is in both."""
    sys.stderr.write(f"{in_language(joined(parts, ': '), language())}\n")


def finish(report: Report) -> NoReturn:
    """End with exit code 2 where the data have errors or answer none of the questions about the town, else 0."""
    from drainage.report.catalogue import REPORTED

    asked = [question for question in REPORTED if question != "quality"]  # which asks about the data
    finish_asked(report.network, {question: report.why_not(question) for question in asked})


def finish_asked(net: DrainageNetwork, why_not: Mapping[str, str | None]) -> NoReturn:
    """End likewise; ``why_not`` says of each question why it has no answer, None where it has one."""
    errors = int((net.issues["severity"] == "error").sum())
    if errors:
        say(in_both("errors_in_data", count=errors))
    nothing = all(reason is not None for reason in why_not.values())
    if nothing:
        say(labelled("not_known", ", ".join(why_not)))
    sys.exit(2 if errors or nothing else 0)
