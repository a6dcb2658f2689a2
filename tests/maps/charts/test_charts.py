"""Charts of answers: what is drawn is what the tables say, read from matplotlib's own objects."""

from __future__ import annotations

import sys
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.patches import Rectangle
from matplotlib.text import Text

import drainage as dr
from drainage.errors import FormatError, SchemaError
from drainage.fonts.letters import font_file
from drainage.maps.charts.canvas import families
from drainage.maps.charts.chart_list import charts
from drainage.maps.charts.draw_chart import title_of
from drainage.report import QUESTIONS
from drainage.result import Result
from drainage.said import Said
from tests.support import demo

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Questions that are answered by other values than a result.
NO_RESULT = {"repair"}


@pytest.fixture
def axes() -> Axes:
    return Figure(layout="constrained").add_subplot()


def bars(ax: Axes) -> dict[str, list[float]]:
    """Return the lengths of the bars by the name of their part, from the top."""
    return {str(one.get_label()): [float(bar.get_width()) for bar in one] for one in ax.containers}


def labels(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_yticklabels()]


def small(**tables: pd.DataFrame) -> Result:
    return Result("waterlogging", tables, pd.Series(dtype=object))


class TestBars:
    def test_are_the_sums_of_each_cause_by_grade(self, axes: Axes) -> None:
        points = demo.waterlogging("2018-12-31").points
        demo.waterlogging("2018-12-31").plot("causes", axes)
        drawn = bars(axes)
        order = points.groupby("cause")["volume_m3"].sum().sort_values(ascending=False).index
        assert labels(axes) == [dr.words.code("cause", cause, "en") for cause in order]
        for grade in ("minor", "moderate", "major"):
            by_hand = [
                points.loc[(points["cause"] == one) & (points["grade"] == grade), "volume_m3"].sum() for one in order
            ]
            assert drawn[grade] == pytest.approx(by_hand)
        ends = [text.get_text() for text in axes.texts[: len(order)]]
        assert ends == [f"{volume:,.0f}" for volume in points.groupby("cause")["volume_m3"].sum().loc[order]]

    def test_are_counts_where_no_column_is_added_up(self, every_answer: dict[str, dr.Result], axes: Axes) -> None:
        every_answer["mixed_flow"].plot("findings", axes)
        kinds = every_answer["mixed_flow"].points["kind"].value_counts()
        assert next(iter(bars(axes).values())) == kinds.tolist()
        assert axes.get_xlabel() == "number"

    def test_stand_side_by_side_where_two_numbers_are_compared(
        self, every_answer: dict[str, dr.Result], axes: Axes
    ) -> None:
        every_answer["separation"].plot("roads", axes)
        roads = every_answer["separation"].roads.sort_values("coverage_pct", ascending=False, kind="stable")
        nominal, effective = bars(axes).values()
        assert nominal == pytest.approx(roads["coverage_pct"].tolist())
        assert effective == pytest.approx(roads["effective_pct"].tolist())
        assert labels(axes) == roads.index.tolist()

    def test_are_figures_of_the_summary(self, every_answer: dict[str, dr.Result], axes: Axes) -> None:
        every_answer["waterlogging"].plot("reports", axes)
        summary = every_answer["waterlogging"].summary
        (drawn,) = bars(axes).values()
        assert drawn == [summary[key] for key in ("hits", "misses", "superseded", "false_alarms")]

    def test_compare_before_and_after(self, every_answer: dict[str, dr.Result], axes: Axes) -> None:
        every_answer["comparison"].plot("grades", axes)
        assert bars(axes) == {"before": [0, 1, 1, 0], "after": [0, 0, 0, 0]}

    def test_of_shares_are_percent(self, axes: Axes) -> None:
        figures = pd.DataFrame({"before": [0.25], "after": [0.5]}, index=pd.Index(["effective_share"], name="figure"))
        Result("separation_comparison", {"figures": figures}, pd.Series(dtype=object)).plot("shares", axes)
        assert bars(axes) == {"before": [25.0], "after": [50.0]}
        assert axes.get_xlabel() == "%"

    def test_leave_out_of_a_name_what_is_not_known(self, axes: Axes) -> None:
        points = pd.DataFrame(
            {"road": [None], "grade": "minor", "volume_m3": 1.0}, index=pd.Index(["L1"], name="point_id")
        )
        small(points=points).plot("points", axes)
        assert labels(axes) == ["L1"]
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["minor"]  # type: ignore[union-attr]

    def test_keep_names_in_both_languages(self, every_answer: dict[str, dr.Result], axes: Axes) -> None:
        every_answer["census"].plot("sheets", axes, lang="zh")
        assert labels(axes)[:2] == ["A.1 排水系统", "A.2 雨水口"]

    def test_that_are_not_drawn_are_counted_below(self) -> None:
        points = pd.DataFrame(
            {"road": "a", "grade": "minor", "volume_m3": np.arange(1.0, 31.0)},
            index=pd.Index([f"L{k}" for k in range(30)], name="point_id"),
        )
        figure = small(points=points).figure("points")
        assert len(labels(figure.axes[0])) == 20
        assert labels(figure.axes[0])[0] == "L29 a"
        assert "The first 20 of 30 are drawn." in figure.get_supxlabel()

    def test_of_unknown_length_are_counted_below(self, axes: Axes) -> None:
        ponds = pd.DataFrame({"volume_m3": [3.0, np.nan]}, index=pd.Index(["a", "b"], name="pond_id"))
        dr.Result("ponding", {"ponds": ponds}, pd.Series(dtype=object)).plot("ponds", axes)
        assert labels(axes) == ["a"]
        assert axes.texts[-1].get_text().startswith("1 without a value are not drawn.")

    def test_in_parts_of_unknown_length_are_counted_too(self, axes: Axes) -> None:
        points = pd.DataFrame(
            {"cause": ["silt", "silt", "undersized"], "grade": "minor", "volume_m3": [3.0, np.nan, np.nan]},
            index=pd.Index(["a", "b", "c"], name="point_id"),
        )
        small(points=points).plot("causes", axes)
        assert bars(axes) == {"minor": [3.0]}
        assert axes.texts[-1].get_text().startswith("2 without a value are not drawn.")

    def test_of_a_bill_are_the_metres_that_are_laid_by_size_and_all_metres_by_kind(
        self, every_answer: dict[str, dr.Result], axes: Axes
    ) -> None:
        bill = every_answer["bill"]
        bill.plot("sizes", axes)
        laid = bill.pieces[bill.pieces["item_kind"].isin(["laid_new", "laid_larger", "laid_other", "laid_again"])]
        metres = laid.groupby("pipe_size")["work_quantity"].sum().sort_values(ascending=False)
        assert len(metres)
        assert labels(axes) == metres.index.tolist()
        assert np.sum(list(bars(axes).values()), axis=0) == pytest.approx(metres.to_numpy())
        ax = bill.plot("lengths", Figure(layout="constrained").add_subplot())
        assert list(bars(ax).values()) == [list(bill.summary["length_m_by_item"].values())]
        assert ax.get_xlabel() == "m"

    def test_of_amounts_have_whole_names_and_a_currency(self, axes: Axes) -> None:
        name = Said("pipe laid, trench 2–3 m deep", "管道敷设，沟槽深度 2–3 m")
        row = pd.DataFrame({"item_name": [name], "amount": [500.0]}, dtype=object)
        items = row.set_index(pd.Index(["A-001"], name="bill_item"))
        summary = pd.Series({"currency": "CNY"}, dtype=object)
        dr.Result("bill_of_quantities", {"items": items}, summary).plot("amounts", axes, lang="zh")
        assert labels(axes) == ["管道敷设，沟槽深度 2–3 m"]
        assert axes.get_xlabel().endswith("CNY")

    def test_differ_by_hatch_so_that_grey_tells_them_apart(self, axes: Axes) -> None:
        demo.waterlogging("2018-12-31").plot("causes", axes)
        looks = [one[0].get_hatch() for one in axes.containers]
        assert len(set(looks)) == 3


class TestCurves:
    def test_of_return_periods_are_the_pipes_that_carry_at_least_so_much(
        self, every_answer: dict[str, dr.Result], axes: Axes
    ) -> None:
        every_answer["waterlogging"].plot("return_periods", axes)
        km = {float(key): value for key, value in every_answer["waterlogging"].summary[
            "pipes_km_by_carried_return_period_a"].items()}  # fmt: skip
        years = sorted(year for year in km if year > 0)
        line, whole = axes.get_lines()
        assert [text.get_text() for text in axes.get_xticklabels()] == [f"{year:g}" for year in years]
        assert np.asarray(line.get_ydata()) == pytest.approx(
            [sum(value for key, value in km.items() if key >= year) for year in years]
        )
        assert np.asarray(whole.get_ydata())[0] == pytest.approx(sum(km.values()))

    def test_of_the_budget_are_its_table_in_km_below_all_that_is_mixed(
        self, every_answer: dict[str, dr.Result], axes: Axes
    ) -> None:
        closures = every_answer["closures"]
        closures.plot("budget", axes)
        line, whole = axes.get_lines()
        assert np.asarray(line.get_xdata()).tolist() == closures.curve["cost"].tolist()
        assert np.asarray(line.get_ydata()) == pytest.approx(closures.curve["freed_length_m"].to_numpy() / 1000.0)
        assert np.asarray(whole.get_ydata())[0] == closures.summary["mixed_length_km"]
        assert axes.get_xlabel() == "cost: closures (no costs given)"

    def test_of_cleaning_add_up_one_run_after_another(self, every_answer: dict[str, dr.Result], axes: Axes) -> None:
        every_answer["cleaning"].plot("runs", axes)
        runs = every_answer["cleaning"].runs.sort_values("rank")
        assert np.asarray(axes.get_lines()[0].get_ydata()) == pytest.approx(runs["avoided_m3"].cumsum().to_numpy())
        assert axes.get_ylabel().endswith(", added up")

    def test_of_a_formula_are_a_line_for_each_return_period(
        self, every_answer: dict[str, dr.Result], axes: Axes
    ) -> None:
        every_answer["formula_check"].plot(ax=axes)
        rows = every_answer["formula_check"].intensities
        for line, (period, group) in zip(axes.get_lines(), rows.groupby("return_period_a"), strict=True):
            assert line.get_label() == f"P = {period:g} a"
            assert np.asarray(line.get_ydata()).tolist() == group["fitted_mm_per_min"].tolist()

    def test_name_each_line_at_its_end_and_names_stand_apart(self, every_answer: dict[str, dr.Result]) -> None:
        figure = every_answer["storm_formula"].figure("intensities")
        figure.draw_without_rendering()
        ax = figure.axes[0]
        names = [text for text in ax.texts if text.get_text().startswith("P = ")]
        boxes = sorted((Text.get_window_extent(text) for text in names), key=lambda box: float(box.y0))
        assert len(boxes) == 8
        assert all(below.y1 <= above.y0 + 2.0 for below, above in pairwise(boxes))

    def test_of_a_gauge_stand_beside_its_unit(self, every_answer: dict[str, dr.Result], axes: Axes) -> None:
        every_answer["gauges"].plot("series", axes)
        rows = every_answer["gauges"].series.query("gauge == 'c'")
        assert np.asarray(axes.get_lines()[0].get_ydata()).tolist() == rows["computed"].tolist()
        assert np.ma.getdata(axes.collections[0].get_offsets())[:, 1].tolist() == rows["measured"].tolist()
        assert axes.get_ylabel() == "level (m)"
        assert "Only c is drawn; there are also p1." in axes.texts[-1].get_text()


class TestSpreads:
    def test_count_each_number_once_in_classes_that_zero_parts(
        self, every_answer: dict[str, dr.Result], axes: Axes
    ) -> None:
        crossings = every_answer["crossings"].crossings
        every_answer["crossings"].plot("clear_distances", axes)
        drawn = [bar for bar in axes.patches if isinstance(bar, Rectangle)]
        assert sum(bar.get_height() for bar in drawn) == len(crossings)
        assert min(abs(bar.get_x()) for bar in drawn) == 0.0
        left = sum(bar.get_height() for bar in drawn if bar.get_x() < 0.0)
        assert left == (crossings["clear_m"] < 0.0).sum()
        for bar in drawn:
            inside = crossings["clear_m"].between(bar.get_x(), bar.get_x() + bar.get_width(), inclusive="left")
            assert bar.get_height() <= inside.sum()


class TestEveryQuestion:
    def test_has_charts_with_titles(self) -> None:
        assert charts().keys() >= QUESTIONS.keys()
        for kinds in charts().values():
            for chart in kinds.values():
                assert all(title_of(chart, lang) for lang in ("zh", "en")), chart.name
        known = {chart.name for kinds in charts().values() for chart in kinds.values()}
        assert dr.words.all_of("charts").keys() == known

    @pytest.mark.long
    def test_is_plotted_in_chinese_with_all_its_letters_inside_of_the_figure(
        self, every_answer: dict[str, dr.Result]
    ) -> None:
        """A sign that no font has is a warning, and warnings are errors."""
        assert {one.question for one in every_answer.values()} >= QUESTIONS.keys() - NO_RESULT
        for name, result in every_answer.items():
            assert result.charts, name
            is_drawn_inside(result, None, "zh")

    def test_is_plotted_in_half_a_column_too(self, every_answer: dict[str, dr.Result]) -> None:
        """What would leave no room for the axes is a warning, and warnings are errors."""
        for name, kind in (("waterlogging", "causes"), ("mixed_flow", "systems"), ("quality", "rules")):
            is_drawn_inside(every_answer[name], kind, "en", width_mm=85.0)

    @pytest.mark.long
    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_is_plotted_by_every_kind(self, every_answer: dict[str, dr.Result], lang: str) -> None:
        for result in every_answer.values():
            for kind in result.charts:
                is_drawn_inside(result, kind, lang)

    def test_says_that_its_data_are_made_up(self, every_answer: dict[str, dr.Result]) -> None:
        for lang, notice in (("zh", "合成演示数据"), ("en", "Synthetic demo data")):
            figure = every_answer["mixed_flow"].figure(lang=lang)
            assert notice in figure.get_supxlabel()
            assert "2018-12-31" in figure.get_supxlabel()


def is_drawn_inside(result: dr.Result, kind: str | None, lang: str, width_mm: float = 160.0) -> None:
    figure = result.figure(kind, lang=lang, width_mm=width_mm)
    figure.savefig(BytesIO())
    box, (wide, tall) = figure.get_tightbbox(), figure.get_size_inches()
    assert (box.x0, box.y0) >= (0.0, 0.0), (result.question, kind)
    assert box.x1 <= wide, (result.question, kind)
    assert box.y1 <= tall, (result.question, kind)


class TestWhoGoesOn:
    def test_gets_the_axes_that_he_gave(self, every_answer: dict[str, dr.Result], axes: Axes) -> None:
        ax = every_answer["mixed_flow"].plot(ax=axes)
        assert ax is axes
        ax.set_title("mine")
        assert ax.get_title() == "mine"
        below = axes.texts[-1]
        assert below.get_text().startswith("Synthetic demo data")

    def test_gets_a_new_figure_of_pyplot_and_nothing_global_changes(self, every_answer: dict[str, dr.Result]) -> None:
        from matplotlib import pyplot as plt

        before = dict(mpl.rcParams)
        ax = every_answer["mixed_flow"].plot()
        assert plt.gca() is ax
        plt.close(ax.figure)  # type: ignore[arg-type]
        assert dict(mpl.rcParams) == before

    def test_gets_a_figure_as_wide_as_asked_that_pyplot_does_not_know(self, every_answer: dict[str, dr.Result]) -> None:
        from matplotlib import pyplot as plt

        before = plt.get_fignums()
        figure = every_answer["closures"].figure("budget", width_mm=80.0)
        assert figure.get_size_inches()[0] * 25.4 == pytest.approx(80.0)
        assert plt.get_fignums() == before

    def test_may_use_a_dark_style(self, every_answer: dict[str, dr.Result]) -> None:
        from matplotlib import style

        with style.context("dark_background"):
            figure = every_answer["mixed_flow"].figure()
        assert figure.get_facecolor() == (1.0, 1.0, 1.0, 1.0)

    def test_sees_signs_of_mathematics_as_they_are(self, axes: Axes) -> None:
        ponds = pd.DataFrame({"volume_m3": [3.0]}, index=pd.Index(["$a_b$ 路"], name="pond_id"))
        dr.Result("ponding", {"ponds": ponds}, pd.Series(dtype=object)).plot("ponds", axes)
        text = axes.get_yticklabels()[0]
        assert text.get_text() == "$a_b$ 路"
        assert not text.get_parse_math()


def test_of_a_network_without_repairs_the_proposals_are_counted_by_rule(axes: Axes) -> None:
    repaired = dr.repair(demo.city("2018-12-31"), tolerance_m=0.5)
    repaired.plot(ax=axes)
    (drawn,) = bars(axes).values()
    assert drawn == repaired.proposals["rule"].value_counts().tolist()


class TestWhatCannotBePlotted:
    def test_is_named_with_what_can_be(self, every_answer: dict[str, dr.Result]) -> None:
        with pytest.raises(SchemaError, match=r"no chart called cause \(did you mean causes\?\).*causes, causes_by"):
            every_answer["waterlogging"].plot("cause")

    def test_is_said_to_be_empty(self) -> None:
        nothing = small(points=pd.DataFrame({"cause": [], "grade": [], "volume_m3": []}))
        assert nothing.charts == {}
        with pytest.raises(SchemaError, match="'Waterlogging' has nothing to plot as causes"):
            nothing.plot("causes")

    def test_is_a_question_of_somebody_else(self) -> None:
        with pytest.raises(SchemaError, match="there are no charts of 'mine'"):
            Result("mine", {}, pd.Series(dtype=object)).plot()

    def test_needs_the_extra(self, every_answer: dict[str, dr.Result], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
        with pytest.raises(FormatError, match=r"figures need the extra 'plot'"):
            every_answer["mixed_flow"].plot()


def test_letters_come_with_the_package() -> None:
    for bold, weight in ((False, 400), (True, 700)):
        found = findfont(FontProperties(family=families()[:1], weight=weight), fallback_to_default=False)
        assert found == str(font_file(bold=bold))


def test_the_summary_and_the_tables_are_enough(every_answer: dict[str, dr.Result]) -> None:
    """A result without layers and assumptions, as one made anew from what was written, gives the same bars."""
    whole = every_answer["waterlogging"]
    bare = Result("waterlogging", whole.tables, whole.summary, notice=whole.notice)
    assert list(bare.charts) == list(whole.charts)


def test_the_demo_city_has_a_map_of_its_pipes_with_the_notice() -> None:
    from matplotlib import pyplot as plt

    ax = demo.city("2018-12-31").plot(lang="zh")
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    assert "合成演示数据" in figure.get_supxlabel()
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()][:2] == ["雨水管", "污水管"]
    plt.close(figure)
