"""What people and machines read: lines and tables or JSON on standard output, messages on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

import drainage as dr
from drainage import telling, words
from drainage.said import in_language, joined
from drainage.telling.in_words import labelled
from drainage.telling.printable import output_encoding, printable
from drainage.telling.text_tables import Paragraph, TextTable, Told, least_widths
from drainage.words import in_both, language, question

#: Characters of a line and of a cell beside the first, where there is no window to fit into.
_PIPED = 10_000
_WIDEST_CELL = 80


def print_told(parts: Iterable[Told]) -> None:
    """Print lines, paragraphs and tables."""
    for part in parts:
        if isinstance(part, TextTable):
            print_table(part)
        elif isinstance(part, Paragraph):
            print_wrapped(part.text)
        else:
            print_line(part)


def print_table(told: TextTable) -> None:
    """Print a table as wide as the terminal."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    title = words.title(told.title, language())
    table = Table(title=escape(printable(title)) or None, show_header=not told.keyed, title_justify="left")
    piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ  # nobody's window to fit into
    console = Console(width=_PIPED if piped else None)
    names, cells = told.headings, told.cells
    for i, (name, width) in enumerate(zip(names, least_widths(names, cells, console.width), strict=True)):
        table.add_column(escape(printable(name)), overflow="fold", no_wrap=i == 0 and len(names) > 1, min_width=width,
                         max_width=max(_WIDEST_CELL, width or 0) if piped and i else None)  # fmt: skip
    for row in cells:
        table.add_row(*[cell if told.markup and i == 0 else escape(cell) for i, cell in enumerate(map(printable, row))])
    console.print(table)


def print_json(value: object, provenance: dr.provenance.Provenance | None) -> None:
    """Print JSON for machines: UTF-8, elsewhere by signs that are the same in both; each answer says whence."""
    plain = in_language(value, language())
    whence = {} if provenance is None else {"provenance": provenance.as_dict()}
    document = {**plain, **whence} if isinstance(plain, dict) else plain
    sys.stdout.write(json.dumps(document, ensure_ascii=output_encoding() != "utf-8", indent=2) + "\n")


def print_either(
    facts: object, told: Iterable[Told], provenance: dr.provenance.Provenance | None = None, *, as_json: bool
) -> None:
    """Print facts for machines, or what is told of them for people."""
    if as_json:
        print_json(facts, provenance)
    else:
        print_told(told)


def print_summaries(
    summaries: Mapping[str, Mapping[str, object]], provenance: dr.provenance.Provenance, *, as_json: bool
) -> None:
    """Print summaries side by side; one alone needs no name."""
    if as_json:
        print_json(next(iter(summaries.values())) if len(summaries) == 1 else summaries, provenance)
        return
    told, assumed = telling.side_by_side(summaries)
    print_told(told)
    for line in assumed:
        say(line)


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


def say_all(lines: Iterable[object], *, of: Sequence[object] = ()) -> None:
    """Print messages on standard error, each behind what it is of."""
    for line in lines:
        say(*of, line)


def finish(report: dr.report.Report) -> NoReturn:
    """End with exit code 2 where the data have errors or answer none of the questions about the town, else 0."""
    from drainage.report.catalogue import REPORTED

    asked = [question for question in REPORTED if question != "quality"]  # which asks about the data
    finish_asked(report.network, {question: report.why_not(question) for question in asked})


def finish_asked(net: dr.DrainageNetwork, why_not: Mapping[str, str | None]) -> NoReturn:
    """End likewise; ``why_not`` says of each question why it has no answer, None where it has one."""
    errors = int((net.issues["severity"] == "error").sum())
    if errors:
        say(in_both("errors_in_data", count=errors))
    nothing = all(reason is not None for reason in why_not.values())
    if nothing:
        titles = [question(one, language()) for one in why_not]
        say(labelled("not_known", str(in_language(joined(titles, ", "), language()))))
    sys.exit(2 if errors or nothing else 0)
