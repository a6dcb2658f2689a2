"""The summary of an answer, and summaries side by side, as they are read on a screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from drainage.said import joined
from drainage.telling.in_words import labelled, spoken, told, told_issue
from drainage.telling.text_tables import TextTable, Told
from drainage.words import language, question, word

if TYPE_CHECKING:
    from drainage.result import Result

#: What a summary says first, in lines of its own.
_WARNINGS: Final = ("advice", "alarm")


def summary_told(result: Result) -> Iterator[Told]:
    """Tell what was found, and before it what to beware of; what was assumed comes last (`assumptions_told`).

    Examples
    --------
    >>> import drainage as dr
    >>> (table,) = summary_told(dr.find_mixed_flow(dr.load_demo("2018-12-31")))
    >>> table.title, [value for _, value in table.cells[:3]]
    ('mixed_flow', ['100', '100', '93'])
    """
    if result.not_known is not None:
        yield labelled("not_known", spoken(result.not_known))
    yield from map(spoken, filter(None, map(result.summary.get, _WARNINGS)))
    elsewhere = {*_assumptions(result), *_WARNINGS}
    rows = [(key, value) for key, value in result.summary.items() if key not in elsewhere]
    yield TextTable(result.question, ["", ""], rows)


def assumptions_told(result: Result) -> Iterator[str]:
    """Tell what was assumed, a line each."""
    for name, value in _assumptions(result).items():
        yield labelled(name, "" if isinstance(value, dict) else told(value))
        for part, text in value.items() if isinstance(value, dict) else ():
            yield f"  {labelled(part, told(text))}"


def issues_told(result: Result) -> Iterator[str]:
    """Tell what of the data could not be used, a line each."""
    for row in result.issues.itertuples() if "issues" in result.tables else ():
        yield joined([told(row.severity, "severity"), told_issue(row)], ": ")


def _assumptions(result: Result) -> dict[str, object]:
    """Return the rows of a summary that state assumptions."""
    return {str(name): value for name, value in result.summary.items() if str(name).endswith("assumptions")}


def side_by_side(summaries: Mapping[str, Mapping[str, object]]) -> tuple[list[Told], list[str]]:
    """Return summaries of all questions as one table with a column for each, warnings before it, and what was assumed.

    Parameters
    ----------
    summaries
        Label of the side → its summary, as `drainage.report.Report.summary` has it; one side needs no label.
    """
    from drainage.workbooks.figures import label, leaves, shown

    lang = language()
    sides = {
        side: leaves({key: value for key, value in one.items() if key != "provenance"})
        for side, one in summaries.items()
    }
    paths = list(dict.fromkeys(path for side in sides.values() for path in side))
    assumed = [path for path in paths if any(key.endswith("assumptions") for key in path)]
    warned = [path for path in paths if path[-1] in (*_WARNINGS, "not_known")]
    warnings = [
        _warning(path, side, text) for path in warned for side in sides if (text := sides[side].get(path)) is not None
    ]
    rows = list[list[object]]()
    for section, figures in groupby((path for path in paths if path not in (*assumed, *warned)), itemgetter(0)):
        rows.append([f"[bold]{_section_title(section)}[/bold]", *[""] * len(sides)])
        for path in figures:
            cells = [told(shown(path, side.get(path), lang), path[-1]) for side in sides.values()]
            rows.append(["  " + label(path[1:] or path, lang), *cells])
    table = TextTable("", ["", *sides], rows, markup=True)
    said = [labelled(path[-1], told(next(side[path] for side in sides.values() if path in side))) for path in assumed]
    return [*warnings, table], said


def _warning(path: tuple[str, ...], side: str, text: object) -> str:
    of = f"{question(path[0], language())}: {labelled('not_known')}" if path[-1] == "not_known" else ""
    return ": ".join(filter(None, (spoken(side), of, spoken(str(text)))))


def _section_title(section: str) -> str:
    """Return the title of a question or section, with the key by which it stands in ``summary.json``."""
    said = question(section, language())
    said = word(section, language()) if said == section else said
    return said if said == section else f"{said} ({section})"
