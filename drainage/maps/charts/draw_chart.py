"""A chart of an answer: on axes for who goes on by himself, or as a figure for a report."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast

from drainage.errors import SchemaError
from drainage.maps.charts.bars import Bars, bars_of, changes_of
from drainage.maps.charts.canvas import WIDE_MM, Canvas, begin, load_pyplot
from drainage.maps.charts.chart_list import Answer, Chart, charts_of
from drainage.maps.charts.curves import Curves, curves_of, periods_of
from drainage.maps.charts.spreads import Spread, spread_of
from drainage.maps.provenance import foot_of
from drainage.said import Language, in_language
from drainage.words import all_of, in_both, language, nearest, question

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Drawn = Bars | Curves | Spread
_DRAWN: Final[dict[str, Callable[[Answer, Chart, Language], Drawn | None]]] = {
    "bars": bars_of,
    "changes": changes_of,
    "curves": curves_of,
    "periods": periods_of,
    "spread": spread_of,
}


def chart_kinds(answer: Answer) -> dict[str, str]:
    """Return the kinds of charts that an answer has something to show for, with their titles; the default first.

    Examples
    --------
    >>> import drainage as dr
    >>> list(chart_kinds(dr.find_mixed_flow(dr.load_demo("2018-12-31"))))
    ['findings', 'systems', 'mixed', 'outfalls']
    """
    lang = language()
    return {
        kind: title_of(chart, lang)
        for kind, chart in charts_of(answer.question).items()
        if _DRAWN[chart.draw](answer, chart, lang) is not None
    }


def plot_answer(answer: Answer, kind: str | None = None, ax: Axes | None = None, *, lang: str | None = None) -> Axes:
    """Plot an answer on axes; see `drainage.result.Result.plot`."""
    load_pyplot()
    chart, drawn = _chosen(answer, kind, language(lang))
    return _draw(begin(ax, drawn.height_mm(WIDE_MM), lang), answer, chart, drawn)


def chart_figure(
    answer: Answer, kind: str | None = None, *, width_mm: float = WIDE_MM, lang: str | None = None
) -> Figure:
    """Return a chart of an answer as a figure that pyplot does not know; see `drainage.result.Result.figure`."""
    load_pyplot()
    chart, drawn = _chosen(answer, kind, language(lang))
    canvas = begin(None, drawn.height_mm(width_mm), lang, width_mm=width_mm, of_pyplot=False)
    return cast("Figure", _draw(canvas, answer, chart, drawn).figure)


def title_of(chart: Chart, lang: Language) -> str:
    """Return the title of a chart."""
    return str(in_language(all_of("charts")[chart.name], lang))


def _chosen(answer: Answer, kind: str | None, lang: Language) -> tuple[Chart, Drawn]:
    """Return the chart that is asked for and what it shows, by default the first that shows something."""
    known = charts_of(answer.question)
    asked = question(answer.question, lang)
    if not known:
        raise SchemaError(in_both("chart_of_none", question=asked))
    if kind is not None and kind not in known:
        raise SchemaError(
            in_both("chart_unknown", question=asked, kind=kind, kinds=", ".join(known), nearest=nearest(kind, known))
        )
    for one in [known[kind]] if kind is not None else known.values():
        drawn = _DRAWN[one.draw](answer, one, lang)
        if drawn is not None:
            return one, drawn
    shown = ", ".join(chart_kinds(answer)) or "–"
    raise SchemaError(in_both("chart_empty", question=asked, kind=kind or ", ".join(known), kinds=shown))


def _draw(canvas: Canvas, answer: Answer, chart: Chart, drawn: Drawn) -> Axes:
    drawn.draw(canvas)
    beside = drawn.beside_mm(canvas.width_mm) if isinstance(drawn, Bars) else 14.0
    foot = [*drawn.notes, *foot_of(answer.provenance, canvas.lang)]
    return canvas.finish(title_of(chart, canvas.lang), foot, beside_mm=beside)
