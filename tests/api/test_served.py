"""What one load gives, and to whom. Truth: the report that was written, and rules of three people made here."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

import drainage as dr
from drainage_api.served.loading import load
from drainage_api.served.served import Served
from drainage_api.settings import Settings
from tests.support.drains import drain


@dataclass(frozen=True)
class Person:
    """Somebody who sees these collections, these columns of them, and what lies on these roads."""

    roads: tuple[str, ...] = ()
    shown: tuple[str, ...] = ("pipes", "nodes", "issue_points", "issue_lines", "changes", "mixed_flow")
    held: tuple[str, ...] | None = None

    @property
    def whole(self) -> bool:
        return not self.roads

    def sees(self, collection: str) -> bool:
        return collection in self.shown

    def columns(self, collection: str, held: Sequence[str]) -> Sequence[str]:
        assert collection in self.shown
        return held if self.held is None else [name for name in held if name in self.held]


ALL = Person()


def net_of(size: int) -> dr.DrainageNetwork:
    """Three pipes on two roads; the last falls backwards, about which there is an issue."""
    pipes = ["a>b storm 300", f"b>c storm {size}", "c>d storm 300"]
    places = {name: (500_000.0 + 100 * k, 3_700_000.0) for k, name in enumerate("abcd")}
    return drain(
        pipes, {"a": 3.0, "b": 2.5, "c": 2.0, "d": 9.0}, ground=5.0, places=places, road=["人民路", "人民路", "解放路"]
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report."""
    return dr.analyze(net_of(600)).write(tmp_path_factory.mktemp("served") / "report")


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison, whose pipe in the middle was laid again."""
    before, after = dr.analyze(net_of(300)), dr.analyze(net_of(600))
    return dr.report.compare_reports(before, after).write(tmp_path_factory.mktemp("served") / "both")


@pytest.fixture(scope="module")
def here(folder: Path) -> Served:
    return load(Settings(results=folder))


@pytest.fixture(scope="module")
def both(compared: Path) -> Served:
    return load(Settings(results=compared))


def ids(here: Served, name: str, who: Person = ALL, version: str = "") -> list[str]:
    return list(here.features(name, who, version).frame.index)


class TestReport:
    def test_has_its_collections_with_nodes_and_issues_by_their_geometry(self, here: Served) -> None:
        names = here.names(ALL)
        assert names[:2] == ["pipes", "nodes"]
        assert {"issue_points", "issue_lines"} <= set(names)
        assert "issues" not in names
        assert "changes" not in names
        assert list(here.features("nodes", ALL).frame.index) == list(here.report().network.nodes.index)
        issues = here.report().collections["issues"]
        assert len(here.features("issue_points", ALL)) + len(here.features("issue_lines", ALL)) == len(issues)
        assert here.features("issue_lines", ALL).geometry_kind in {"LineString", None}

    def test_only_what_somebody_sees_is_there_for_them(self, here: Served) -> None:
        few = Person(shown=("pipes",))
        assert here.names(few) == ["pipes"]
        with pytest.raises(KeyError):
            here.features("nodes", few)
        with pytest.raises(KeyError):
            here.features("nothing", Person(shown=("nothing",)))

    def test_rows_are_those_on_their_roads_and_columns_those_of_their_role(self, here: Served) -> None:
        whole = ids(here, "pipes")
        theirs = Person(roads=("人民 路",), held=("system", "road"))
        assert ids(here, "pipes", theirs) == whole[:2]
        assert list(here.features("pipes", theirs).kinds) == ["pipe_id", "system", "road"]
        assert ids(here, "nodes", theirs) == ["a", "b", "c"]
        assert b"diameter" not in b"".join(here.features("pipes", theirs).texts([0, 1]))  # type: ignore[arg-type]
        assert ids(here, "pipes", Person(roads=("无此路",))) == []
        assert ids(here, "pipes") == whole

    def test_what_hides_the_road_does_not_hide_whose_it_is(self, here: Served) -> None:
        assert len(ids(here, "pipes", Person(roads=("解放路",), held=("system",)))) == 1

    def test_each_view_is_made_once_though_many_ask_at_once(self, folder: Path) -> None:
        fresh = load(Settings(results=folder))
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda k: fresh.features("pipes", Person(roads=("人民路",)[: k % 2])), range(64)))
        assert len({id(one) for one in found}) == 2

    def test_its_digest_is_that_of_what_was_written(self, folder: Path, here: Served, tmp_path: Path) -> None:
        assert load(Settings(results=folder)).digest == here.digest
        other = here.report().write(tmp_path / "other")
        assert load(Settings(results=other)).digest != here.digest

    def test_the_whole_report_is_read_when_it_is_asked_for(self, here: Served) -> None:
        assert here.report().results == {}
        assert "mixed_flow" in here.whole().results
        assert here.whole() is here.whole()


@pytest.mark.long
class TestComparison:
    def test_has_both_sides_and_what_differs(self, both: Served) -> None:
        assert both.versions == ("before", "after")
        assert both.report() is both.report("after")
        sizes = [both.features("pipes", ALL, side).frame["diameter_mm"].max() for side in both.versions]
        assert sizes == [300, 600]
        assert len(both.features("changes", ALL))
        assert both.features("changes", ALL).crs == both.report().network.crs
        assert both.names(ALL) == both.names(ALL, "after")

    def test_its_map_is_that_of_both_and_of_each(self, both: Served) -> None:
        pages = [both.map_page(version).html for version in ("", "before", "after")]
        assert len(set(pages)) == 3

    def test_one_that_is_damaged_is_refused_in_one_line(self, compared: Path, tmp_path: Path) -> None:
        shutil.copytree(compared, tmp_path / "both")
        (tmp_path / "both" / "changes.geojson").write_text("{", encoding="utf-8")
        with pytest.raises(dr.errors.FormatError):
            load(Settings(results=tmp_path / "both"))


@pytest.mark.long
def test_a_network_file_is_analysed(tmp_path: Path) -> None:
    dr.write_network(net_of(400), tmp_path / "net.gpkg")
    here = load(Settings(source=str(tmp_path / "net.gpkg"), as_of=dt.date(2020, 1, 1)))
    assert len(here.features("pipes", ALL)) == 3
    assert here.day == "2020-01-01"
    assert here.whole() is here.report()
    assert json.loads(here.features("pipes", ALL).texts([0])[0])["geometry"]["type"] == "LineString"  # type: ignore[arg-type]


def test_nothing_to_serve_is_said_with_the_remedy() -> None:
    with pytest.raises(dr.errors.FormatError, match="DRAINAGE_RESULTS"):
        load(Settings())
