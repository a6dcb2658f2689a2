"""Along the pipes over HTTP. Truth: the town's one drain, whose pipes are known by their numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from starlette.testclient import TestClient

import drainage as dr
from tests.support.asking import asking
from tests.support.served_town import OURS, STORM, THEIRS, dry, flooded, key_in, serving

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def api() -> TestClient:
    return asking(serving())


@pytest.fixture(scope="module")
def contractor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Ask with the key of who builds in one of the two roads."""
    store = tmp_path_factory.mktemp("store") / "s"
    key = key_in(store, "contractor", OURS)
    app = serving(store=store)
    yield asking(app, key)
    app.state.keeper.close()


def ids(page: dict[str, Any]) -> list[str]:
    return [feature["id"] for feature in page["features"]]


def detail(client: TestClient, path: str, status: int) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "/work" not in answer.text
    return str(answer.json()["detail"])


class TestTrace:
    def test_upstream_are_the_pipes_above_and_downstream_those_below(self, api: TestClient) -> None:
        page = api.get("/trace/n3").json()
        assert ids(page) == ["n-p0", "n-p1", "n-p2"]
        assert (page["numberMatched"], page["numberReturned"], page["node_id"]) == (3, 3, "n3")
        assert ids(api.get("/trace/n8?direction=downstream").json()) == ["n-p8", "n-p9", "n-p10"]

    def test_features_are_those_of_the_collection(self, api: TestClient) -> None:
        traced = api.get("/trace/n1").json()["features"][0]
        item = api.get("/collections/pipes/items/n-p0").json()
        assert (traced["properties"], traced["geometry"]) == (item["properties"], item["geometry"])

    def test_pages_follow_each_other_to_the_end(self, api: TestClient) -> None:
        seen, links, href = list[str](), dict[str, str](), "/trace/nout?limit=4"
        while href:
            page = api.get(href).json()
            seen += ids(page)
            links = {one["rel"]: one["href"] for one in page["links"]}
            href = links.get("next", "")
        assert seen == [f"n-p{k}" for k in range(11)]
        assert ids(api.get(links["prev"]).json()) == [f"n-p{k}" for k in range(4, 8)]

    def test_an_unknown_node_names_some_that_are_there(self, api: TestClient) -> None:
        assert detail(api, "/trace/nothing", 404).endswith(" no node 'nothing'; node ids look like n0, n1, n2, n3, n4")

    def test_who_has_it_is_told_so(self, api: TestClient) -> None:
        tag = api.get("/trace/n3").headers["etag"]
        assert api.get("/trace/n3", headers={"If-None-Match": tag}).status_code == 304
        assert api.get("/trace/n4").headers["etag"] != tag

    @pytest.mark.parametrize("query", ["direction=sideways", "limit=0", "limit=x", "offset=-1", "version=after", "x=1"])
    def test_what_nobody_reads_is_refused(self, api: TestClient, query: str) -> None:
        assert detail(api, f"/trace/n3?{query}", 400)

    def test_a_contractor_sees_the_pipes_of_his_roads_alone(self, contractor: TestClient) -> None:
        assert ids(contractor.get("/trace/n3?direction=downstream").json()) == ["n-p3", "n-p4"]
        assert detail(contractor, "/trace/n8", 404).endswith(" no node 'n8'; node ids look like n0, n1, n2, n3, n4")


class TestSection:
    def test_as_numbers_it_is_that_of_the_library_in_the_storm_of_the_report(self, api: TestClient) -> None:
        told = api.get("/section?from=n2&to=n5&lang=en").json()
        truth = dr.papers.trace_section(flooded().network, "n2", "n5", state=cast("Any", flooded().state))
        assert [row["node_id"] for row in told["stations"]] == ["n2", "n3", "n4", "n5"]
        assert [row["pipe_id"] for row in told["pipes"]] == ["n-p2", "n-p3", "n-p4"]
        assert told["length_m"] == pytest.approx(truth.length_m)
        (line,) = told["grade_lines"]
        assert (line["storm"], line["engine"]) == ("P=5 a", "screening")
        np.testing.assert_allclose(line["level_m"], truth.grade_lines[0].level_m, atol=1e-3)
        np.testing.assert_allclose([row["invert_m"] for row in told["stations"]], truth.stations["invert_m"], atol=1e-3)
        assert told["synthetic"] is True

    def test_a_point_of_waterlogging_on_the_way_is_told(self, api: TestClient) -> None:
        told = api.get("/section?from=n0&to=nout").json()
        worst = flooded().results["waterlogging"].tables["points"]["worst_node"].tolist()
        assert [point["node_id"] for point in told["points"]] == worst

    def test_it_leads_through_the_nodes_that_are_named(self, api: TestClient) -> None:
        told = api.get("/section?from=n2&to=n5&via=n3&via=n4").json()
        assert len(told["stations"]) == 4
        assert "exchange the two" in detail(api, "/section?from=n2&to=n5&via=n4&via=n3", 404)

    @pytest.mark.parametrize(("lang", "title"), [("zh", "雨水管道纵断面图"), ("en", "Long section of storm drain")])
    def test_as_a_drawing_it_is_in_the_language_that_is_asked(self, api: TestClient, lang: str, title: str) -> None:
        answer = api.get(f"/section?from=n2&to=n5&f=svg&lang={lang}")
        assert answer.headers["content-type"] == "image/svg+xml"
        drawing = ET.fromstring(answer.content)  # noqa: S314 - our own
        texts = [text.text or "" for text in drawing.iter(f"{SVG}text")]
        assert any(title in text for text in texts), texts[:5]
        assert any("P=5 a" in text for text in texts)
        assert "sheet: the drawing has 1" in detail(api, "/section?from=n2&to=n5&f=svg&sheet=2", 404)

    @pytest.mark.parametrize(
        ("query", "status", "said"),
        [
            ("from=n5&to=n2", 404, "exchange the two"),
            ("from=n5&to=zz", 404, "no node 'zz'; node ids look like n0"),
            ("from=n5&to=n5", 404, "no length"),
            ("from=n5", 400, "to"),
            ("from=n2&to=n5&from=n3", 400, "given more than once: from"),
            ("from=n2&to=n5&f=pdf", 400, "f:"),
            ("from=n2&to=n5&version=before", 400, "no comparison"),
            ("from=n2&to=n5" + "&via=n3" * 21, 400, "via"),
        ],
    )
    def test_what_cannot_be_shown_is_said(self, api: TestClient, query: str, status: int, said: str) -> None:
        assert said in detail(api, f"/section?{query}", status)

    def test_without_rain_it_has_no_grade_line(self) -> None:
        assert asking(serving(dry())).get("/section?from=n2&to=n5").json()["grade_lines"] == []

    def test_a_contractor_gets_none_that_leaves_his_roads(self, contractor: TestClient) -> None:
        assert len(contractor.get("/section?from=n0&to=n5").json()["stations"]) == 6
        assert "no node 'n8'" in detail(contractor, "/section?from=n0&to=n8", 404)

    def test_of_two_roads_that_do_not_meet_within_his_the_reason_is_told(self, tmp_path: Path) -> None:
        report = flooded()
        pipes = report.collections["pipes"].copy()
        pipes.loc["n-p3", "road"] = THEIRS
        apart = dr.report.Report(
            report.network, report.summary, {**report.collections, "pipes": pipes}, report.results, report.page,
            report.provenance, report.state,
        )  # fmt: skip
        app = serving(apart, store=tmp_path / "s")
        said = detail(asking(app, key_in(tmp_path / "s", "contractor", OURS)), "/section?from=n0&to=n5", 404)
        assert "along the pipes of the roads of this key alone" in said
        assert THEIRS not in said
        app.state.keeper.close()


class TestStorm:
    def test_it_tells_formula_source_and_whether_it_is_verified(self, api: TestClient) -> None:
        told = api.get("/storm?lang=en").json()
        assert told["answered"] is True
        assert told["storm"]["return_period_a"] == 5.0
        assert told["storm"]["duration_min"] == 120.0
        assert told["formula"]["source"] == STORM.formula.source
        assert told["formula"]["verified"] is STORM.formula.verified
        assert told["engine"] == "screening"

    def test_its_hyetograph_adds_up_to_its_depth(self, api: TestClient) -> None:
        told = api.get("/storm?step_min=10").json()
        assert len(told["hyetograph"]) == 12
        assert sum(row["depth_mm"] for row in told["hyetograph"]) == pytest.approx(STORM.depth_mm, rel=1e-4)
        table = list(csv.DictReader(io.StringIO(api.get("/storm?step_min=10&f=csv").text)))
        assert [float(row["depth_mm"]) for row in table] == pytest.approx(
            [row["depth_mm"] for row in told["hyetograph"]], rel=1e-4
        )

    def test_intensities_are_those_of_the_formula(self, api: TestClient) -> None:
        rows = api.get("/storm").json()["intensities"]
        row = next(row for row in rows if (row["duration_min"], row["return_period_a"]) == (60.0, 5.0))
        assert row["depth_mm"] == pytest.approx(STORM.formula.intensity_mm_per_h(60, 5), rel=1e-4)

    def test_without_rain_it_says_why(self) -> None:
        api = asking(serving(dry()))
        told = api.get("/storm").json()
        assert (told["answered"], told["storm"], told["hyetograph"]) == (False, None, None)
        assert told["not_answered"]
        assert detail(api, "/storm?f=csv", 404)
