"""A network asked whole, and asked in partitions: every table of both must be the same to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd
from pandas.testing import assert_frame_equal

import drainage as dr
from drainage.cells import to_plain
from drainage.errors import DrainageError
from drainage.partitions.answering import HERE, Workers, answer, read_answers, workplace
from drainage.partitions.laying_out import lay_out
from drainage.report.analyze import check_told_apart
from drainage.simulation.screening import without

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drainage.hydraulics.rainfall import Storm

#: In this process, one piece after the other.
ONE: Final = Workers(workers=1)
Tables = dict[str, dict[str, pd.DataFrame]]
Summaries = dict[str, Any]


def in_partitions(
    net: dr.DrainageNetwork, storm: Storm | None, directory: Path, count: int, *, setup: dr.Setup | None = None,
    workers: Workers = HERE,
) -> tuple[Tables, Summaries]:  # fmt: skip
    """Ask the three questions in partitions; give the tables and the summary."""
    with workplace(directory) as place:
        plan = lay_out(net, storm, setup or dr.Setup(), count, place, lambda _: None)
        summary = answer(plan, directory, workers=workers)
    return read_answers(directory), summary


def whole(net: dr.DrainageNetwork, storm: Storm | None, setup: dr.Setup | None = None) -> tuple[Tables, Summaries]:
    """Ask them at once, as `analyze` does."""
    results: dict[str, dr.Result] = {}
    summaries: Summaries = {}

    def ask(question: str, asked: Callable[[], dr.Result]) -> None:
        try:
            results[question] = asked()
            told = results[question]
            summaries[question] = to_plain({**told.summary, "not_known": told.not_known})
        except DrainageError as error:
            summaries[question] = to_plain({"not_answered": error.said})

    def mixed() -> dr.Result:
        check_told_apart(net)
        return dr.find_mixed_flow(net)

    ask("mixed_flow", mixed)
    ask("separation", lambda: dr.measure_separation(net, mixed=results.get("mixed_flow")))
    if storm is not None:
        sightings = net.layers.get("reports")
        ask(
            "waterlogging",
            lambda: dr.find_waterlogging(
                dr.screen(net, storm, setup or dr.Setup()), sightings=sightings, most_reruns=without.MOST_RERUNS
            ),
        )
    return {question: dict(result.tables) for question, result in results.items()}, summaries


def assert_alike(got: tuple[Tables, Summaries], wanted: tuple[Tables, Summaries]) -> None:
    """Compare every cell, every shape, the order of rows and columns, and the summaries."""
    tables, summaries = got
    others, told = wanted
    assert {name: set(of) for name, of in tables.items()} == {name: set(of) for name, of in others.items()}
    for question, of in others.items():
        for name, table in of.items():
            mine, label = tables[question][name], f"{question}.{name}"
            # a column of texts may be one of objects: of which kind pandas makes it hangs on empty tables
            assert_frame_equal(
                mine, table, check_exact=True, check_dtype=False, check_index_type=False, check_column_type=False,
                obj=label,
            )  # fmt: skip
            if isinstance(table, gpd.GeoDataFrame):
                assert isinstance(mine, gpd.GeoDataFrame), label
                assert mine.geometry.to_wkb().tolist() == table.geometry.to_wkb().tolist(), label
                assert mine.crs == table.crs, label
            numbers = table.select_dtypes("number").columns
            assert [mine[one].dtype for one in numbers] == [table[one].dtype for one in numbers], label
    for question, summary in told.items():
        assert summaries[question] == summary, question
        assert list(summaries[question]) == list(summary), question
