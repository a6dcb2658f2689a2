"""The API in process: every route, every error. Truth: the hand-made report (12 storm pipes and one sewage pipe)."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

import drainage as dr
from drainage.provenance import NOTICE
from drainage_api.errors import STATUS
from drainage_api.main import create_app
from drainage_api.settings import Settings
from tests.support.api_reports import PAGE, hand_made, without_place
from tests.support.asking import asking

ROUTES = [
    "/",
    "/api",
    "/conformance",
    "/map",
    "/collections",
    "/collections/pipes",
    "/collections/pipes/items",
    "/collections/pipes/items/p3",
    "/trace/n3",
]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def client(report: dr.report.Report | None = None, **settings: object) -> TestClient:
    app = create_app(Settings(**settings), report=report or hand_made())  # type: ignore[arg-type]  # names of settings
    return asking(app)


@pytest.fixture(scope="module")
def api() -> TestClient:
    """A client of the hand-made report."""
    return client()


def items(api: TestClient, query: str = "", name: str = "pipes") -> list[str]:
    answer = api.get(f"/collections/{name}/items{query}")
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def problem(api: TestClient, path: str, status: int) -> str:
    answer = api.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["instance"]
    return str(body["detail"])


class TestLandingPage:
    def test_is_json_by_default_with_the_links_of_the_standard(self, api: TestClient) -> None:
        answer = api.get("/")
        assert answer.headers["content-type"] == "application/json"
        rels = {link["rel"]: link["href"] for link in answer.json()["links"]}
        assert {"self", "service-desc", "conformance", "data", "alternate"} <= rels.keys()
        for href in rels.values():
            assert api.get(href).status_code == 200

    @pytest.mark.parametrize("accept", [BROWSER, "text/html", "application/json;q=0.5, text/html"])
    def test_is_a_page_for_a_browser_and_leads_to_the_collections(self, api: TestClient, accept: str) -> None:
        answer = api.get("/", headers={"Accept": accept})
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.text != PAGE
        assert "/collections/pipes" in answer.text

    @pytest.mark.parametrize(
        "accept", ["*/*", "application/json", "text/html;q=0.1, application/json", "nonsense;;q=x"]
    )
    def test_is_json_for_all_others(self, api: TestClient, accept: str) -> None:
        assert api.get("/", headers={"Accept": accept}).headers["content-type"] == "application/json"

    def test_follows_the_public_address(self) -> None:
        answer = client(public_url="https://city.example/drainage/").get("/").json()
        [api] = [link["href"] for link in answer["links"] if link["rel"] == "service-desc"]
        assert api == "https://city.example/drainage/api"


class TestCollections:
    def test_lists_those_that_there_are(self, api: TestClient) -> None:
        listed = api.get("/collections").json()["collections"]
        wanted = {"pipes", "nodes", "mixed_flow", "misconnections", "issue_points", "issue_lines"}
        assert wanted <= {one["id"] for one in listed}
        assert "ponds" not in problem(api, "/collections/ponds", 404).split("there are")[1]

    @pytest.mark.parametrize(
        ("name", "summary"),
        [
            ("pipes", {"pipes": 13, "issues": {"error": 0, "warning": 1, "info": 1}}),
            ("mixed_flow", {"misconnections": 1, "mixed_pipes": 12}),
            ("misconnections", {"misconnections": 1, "mixed_pipes": 12}),
            ("waterlogging", {"not_answered": "no storm"}),
            ("separation", {"not_answered": "no roads"}),
        ],
    )
    def test_each_tells_the_summary_of_its_question(self, api: TestClient, name: str, summary: object) -> None:
        assert api.get(f"/collections/{name}").json()["summary"] == summary

    @pytest.mark.parametrize(("name", "why"), [("waterlogging", "no storm"), ("misconnections", None)])
    def test_what_is_not_known_is_said_where_nothing_is_found(
        self, api: TestClient, name: str, why: str | None
    ) -> None:
        listed = {one["id"]: one for one in api.get("/collections").json()["collections"]}
        for page in (listed[name], *(api.get(f"/collections/{name}{end}").json() for end in ("", "/items"))):
            assert page.get("not_known") == why

    def test_extent_is_in_degrees_and_holds_every_feature(self, api: TestClient) -> None:
        west, south, east, north = api.get("/collections/pipes").json()["extent"]["spatial"]["bbox"][0]
        assert 117 < west < east < 118
        assert 33 < south < north < 34
        assert len(items(api, f"?bbox={west},{south},{east},{north}")) == 13

    def test_an_empty_collection_has_no_extent(self, api: TestClient) -> None:
        assert "extent" not in api.get("/collections/waterlogging").json()


class TestItems:
    def test_are_a_feature_collection_with_counts(self, api: TestClient) -> None:
        answer = api.get("/collections/pipes/items?limit=5")
        assert answer.headers["content-type"] == "application/geo+json"
        page = answer.json()
        assert (page["type"], page["numberMatched"], page["numberReturned"]) == ("FeatureCollection", 13, 5)
        assert page["timeStamp"].endswith("Z")
        assert len(page["features"]) == 5

    def test_next_links_lead_through_all_once_and_prev_leads_back(self, api: TestClient) -> None:
        seen, back, href = [], "", "/collections/pipes/items?limit=4&road=磬山路"
        while href:
            page = api.get(href).json()
            seen += [feature["id"] for feature in page["features"]]
            links = {link["rel"]: link["href"] for link in page["links"]}
            href, back = links.get("next", ""), links.get("prev", "")
        assert seen == [f"p{i}" for i in range(13)]
        assert [feature["id"] for feature in api.get(back).json()["features"]] == ["p8", "p9", "p10", "p11"]

    def test_limit_is_100_by_default_and_a_larger_one_than_10000_is_cut(self, api: TestClient) -> None:
        links = api.get("/collections/pipes/items?limit=99999&offset=10001").json()["links"]
        assert {link["rel"]: link["href"] for link in links}["prev"].endswith("limit=10000&offset=1")
        assert api.get("/api").json()["components"]["parameters"]["limit"]["schema"]["default"] == 100

    def test_offset_beyond_the_end_is_an_empty_page(self, api: TestClient) -> None:
        page = api.get("/collections/pipes/items?offset=99").json()
        assert (page["numberMatched"], page["numberReturned"], page["features"]) == (13, 0, [])

    def test_bbox_chooses_what_it_touches(self, api: TestClient) -> None:
        west, south, east, north = api.get("/collections/misconnections").json()["extent"]["spatial"]["bbox"][0]
        box = f"{west - 1e-5},{south - 1e-5},{east + 1e-5},{north + 1e-5}"
        assert items(api, f"?bbox={box}") == ["p0", "p1"]

    def test_heights_of_a_bbox_of_six_numbers_are_not_used(self, api: TestClient) -> None:
        assert len(items(api, "?bbox=117,33,-5,118,34,5")) == 13

    @pytest.mark.parametrize("box", ["-180,-90,180,90", "-1e300,-1e300,1e300,1e300", "0,33,180,34"])
    def test_bbox_of_the_whole_world_holds_everything(self, api: TestClient, box: str) -> None:
        assert len(items(api, f"?bbox={box}")) == 13

    @pytest.mark.parametrize("box", ["0,0,1,1", "-180,-90,-170,-80", "117,34,118,35"])
    def test_bbox_elsewhere_holds_nothing(self, api: TestClient, box: str) -> None:
        page = api.get(f"/collections/pipes/items?bbox={box}").json()
        assert (page["numberMatched"], page["features"]) == (0, [])

    def test_bbox_of_an_empty_collection_holds_nothing(self, api: TestClient) -> None:
        assert items(api, "?bbox=117,33,118,34", "waterlogging") == []

    @pytest.mark.parametrize("value", ["700", "700.0", "7e2"])
    def test_a_property_filters_numbers_however_written(self, api: TestClient, value: str) -> None:
        assert items(api, f"?diameter_mm={value}") == ["p2", "p4", "p6", "p8", "p10", "p12"]

    def test_properties_filter_together(self, api: TestClient) -> None:
        assert items(api, "?system=sewage&road=磬山路") == ["p0"]
        assert items(api, "?system=sewage&road=杨河路") == []
        assert items(api, "?pipe_id=p7") == ["p7"]
        assert items(api, "?open=true", "misconnections") == ["M1"]
        assert items(api, "?open=false", "misconnections") == []

    def test_datetime_is_read_and_chooses_none_out(self, api: TestClient) -> None:
        for when in ("2021-05-07", "2021-05-07T00:00:00Z", "2018-01-01/..", "../2018-01-01", "/2018-01-01"):
            assert len(items(api, f"?datetime={when}")) == 13

    def test_missing_numbers_and_missing_places_are_null(self, api: TestClient) -> None:
        assert "NaN" not in api.get("/collections/pipes/items").text
        features = api.get("/collections/issue_points/items").json()["features"]
        assert [feature["geometry"] is None for feature in features] == [True]
        assert api.get("/collections/pipes/items/p0").json()["properties"]["manning_n"] is None

    def test_infinite_numbers_are_null(self) -> None:
        report = hand_made()
        frame = report.collections["pipes"].assign(utilisation=np.inf)
        other = client(replace(report, collections={**report.collections, "pipes": frame}))
        assert other.get("/collections/pipes/items/p1").json()["properties"]["utilisation"] is None


class TestItem:
    @pytest.mark.parametrize(("name", "identity"), [("pipes", "p3"), ("misconnections", "M1"), ("issue_points", "1")])
    def test_is_the_feature_with_that_id(self, api: TestClient, name: str, identity: str) -> None:
        answer = api.get(f"/collections/{name}/items/{identity}")
        assert answer.headers["content-type"] == "application/geo+json"
        assert (answer.json()["type"], answer.json()["id"]) == ("Feature", identity)
        assert {link["rel"] for link in answer.json()["links"]} == {"self", "alternate", "collection"}

    def test_an_id_may_hold_any_character(self) -> None:
        report = hand_made()
        name = "污/水 ?#&<b>"
        frame = report.collections["pipes"].rename(index={"p3": name})
        other = client(replace(report, collections={**report.collections, "pipes": frame}))
        href = "/collections/pipes/items/%E6%B1%A1%2F%E6%B0%B4%20%3F%23%26%3Cb%3E"
        answer = other.get(href)
        assert answer.json()["id"] == name
        assert answer.json()["links"][0]["href"].endswith(href)


class TestTrace:
    def test_upstream_is_what_drains_through_the_node(self, api: TestClient) -> None:
        answer = api.get("/trace/n3?direction=upstream")
        assert answer.headers["content-type"] == "application/geo+json"
        assert [feature["id"] for feature in answer.json()["features"]] == ["p0", "p1", "p2", "p3"]

    def test_downstream_is_what_it_drains_through(self, api: TestClient) -> None:
        found = api.get("/trace/n9?direction=downstream").json()
        assert [feature["id"] for feature in found["features"]] == ["p10", "p11", "p12"]
        assert (found["node_id"], found["direction"], found["numberMatched"]) == ("n9", "downstream", 3)

    def test_pages_keep_the_direction(self, api: TestClient) -> None:
        page = api.get("/trace/n9?direction=downstream&limit=2").json()
        href = {link["rel"]: link["href"] for link in page["links"]}["next"]
        assert [feature["id"] for feature in api.get(href).json()["features"]] == ["p12"]


class TestErrors:
    @pytest.mark.parametrize(
        "query",
        [
            "limit=0",
            "limit=-1",
            "limit=ten",
            "limit=1.5",
            "limit=",
            "offset=-1",
            "offset=99999999999999999999",
            "limit=1&limit=2",
            "bbox=1,2,3",
            "bbox=1,2,3,4,5",
            "bbox=a,b,c,d",
            "bbox=nan,1,2,3",
            "bbox=",
            "bbox=1e999,1,2,3",
            "bbox=117,34,118,33",
            "datetime=yesterday",
            "diameter_mm=wide",
            "geometry=x",
            "colour=red",
        ],
    )
    def test_a_bad_parameter_is_400_and_named(self, api: TestClient, query: str) -> None:
        assert query.split("=", maxsplit=1)[0] in problem(api, f"/collections/pipes/items?{query}", 400)

    @pytest.mark.parametrize(
        "query",
        [
            f"?diameter_mm={'1' * 60_000}x",
            f"?diameter_mm={'1' * 900}x",
            f"?bbox={'1' * 60_000},2,3,4",
            f"?limit={'1' * 60_000}",
            f"?road={'a' * 2_000}",
            f"?{'area=&' * 10_000}",
            f"?{'&'.join(f'x{i}=' for i in range(2_000))}",
            f"?{'&'.join(f'x{i}=' for i in range(200))}",
            f"?{'y' * 5_000}=1",
        ],
    )
    def test_an_endless_question_is_refused_in_a_few_words(self, api: TestClient, query: str) -> None:
        assert len(problem(api, f"/collections/pipes/items{query}", 400)) < 3_000

    def test_a_number_is_told_from_a_text_in_one_pass(self) -> None:
        """Every digit can be taken by one part of the pattern only; else this takes hours, and the runner ends it."""
        place = "drainage_api.asked.parameters"
        code = f"import re\nfrom {place} import NUMBER\nprint(re.fullmatch(NUMBER, '1' * 2_000_000 + 'x'))"
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
        assert told.stdout.split() == ["None"]

    @pytest.mark.parametrize("path", ["/trace/{}", "/collections/pipes/items/{}", "/collections/{}", "/{}"])
    def test_a_long_id_is_not_sent_back_whole(self, api: TestClient, path: str) -> None:
        answer = api.get(path.format("n" * 5_000))
        assert answer.status_code == 404
        assert len(answer.text) < 1_500  # its 100 signs in each language, twice, and which collections there are

    def test_an_unknown_node_does_not_tell_where_the_data_lies(self) -> None:
        made = hand_made()
        net = dr.DrainageNetwork(made.network.pipes, made.network.nodes, source="/home/somebody/secret.gpkg")
        assert "secret" not in problem(client(replace(made, network=net)), "/trace/nothing", 404)

    @pytest.mark.parametrize("path", ROUTES)
    def test_every_route_refuses_parameters_that_nobody_reads(self, api: TestClient, path: str) -> None:
        assert "nonsense" in problem(api, f"{path}?nonsense=1", 400)

    @pytest.mark.parametrize(
        "path",
        [
            "/nowhere",
            "/docs",
            "/openapi.json",
            "/collections/nothing",
            "/collections/nothing/items",
            "/collections/nothing/items/1",
            "/collections/pipes/items/p99",
            "/collections/waterlogging/items/1",
            "/collections/issues/items/nothing",
            "/trace/n99",
            "/collections/%3Cscript%3E",
        ],
    )
    def test_what_is_not_there_is_404(self, api: TestClient, path: str) -> None:
        assert problem(api, path, 404)

    def test_an_unknown_node_names_some_that_exist(self, api: TestClient) -> None:
        assert "s0, n0" in problem(api, "/trace/n99", 404)

    def test_direction_is_one_of_two(self, api: TestClient) -> None:
        assert "upstream" in problem(api, "/trace/n3?direction=sideways", 400)

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    @pytest.mark.parametrize("path", ROUTES)
    def test_it_is_read_only(self, api: TestClient, method: str, path: str) -> None:
        answer = api.request(method, path)
        assert answer.status_code == 405
        assert answer.headers["content-type"] == "application/problem+json"
        assert "GET" in answer.headers["allow"]

    def test_every_error_of_the_library_has_a_status(self) -> None:
        known = {name for name in vars(dr.errors) if name.endswith("Error")}
        tree = known - {"DrainageError", "EmptyLayerError", "NotKnownError"}
        assert {error.__name__ for error in STATUS} == tree

    def test_a_fault_of_the_server_tells_nothing_of_its_inside(self) -> None:
        report = hand_made()
        broken = replace(report, collections={**report.collections, "pipes": "/secret/place"})  # type: ignore[dict-item]
        answer = client(replace(report, page=7), public_url=None).get("/map")  # type: ignore[arg-type]
        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert "secret" not in client(broken).get("/collections/pipes/items").text


class TestHeaders:
    @pytest.mark.parametrize("path", ROUTES)
    def test_what_the_client_has_is_not_sent_again(self, api: TestClient, path: str) -> None:
        tag = api.get(path).headers["etag"]
        for known in (tag, f'"other", {tag}', "*", tag.removeprefix("W/")):
            answer = api.get(path, headers={"If-None-Match": known})
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["etag"] == tag
        assert api.get(path, headers={"If-None-Match": '"other"'}).status_code == 200

    def test_the_tag_follows_the_content(self, api: TestClient) -> None:
        tags = {api.get(f"/collections/pipes/items{query}").headers["etag"] for query in ("", "?limit=1", "?offset=1")}
        assert len(tags) == 3

    def test_large_answers_go_out_compressed(self, api: TestClient) -> None:
        assert api.get("/collections/pipes/items").headers["content-encoding"] == "gzip"
        plain = api.get("/collections/pipes/items", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers

    @pytest.mark.parametrize("path", [*ROUTES, "/nowhere"])
    def test_every_answer_is_closed_to_scripts_and_frames(self, api: TestClient, path: str) -> None:
        headers = api.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy  # the map of this report is a stub without one
        assert "http" not in policy

    def test_other_hosts_may_read_only_where_listed(self) -> None:
        ours, theirs = {"Origin": "https://city.example"}, {"Origin": "https://evil.example"}
        listed = client(cors_origins="https://city.example, https://other.example")
        assert listed.get("/health", headers=ours).headers["access-control-allow-origin"] == "https://city.example"
        assert "access-control-allow-origin" not in listed.get("/health", headers=theirs).headers
        assert "access-control-allow-origin" not in client().get("/health", headers=ours).headers
        asked = listed.options("/health", headers={**ours, "Access-Control-Request-Method": "POST"})
        assert asked.status_code == 400

    def test_head_is_answered_as_get(self, api: TestClient) -> None:
        assert (
            api.head("/collections/pipes/items").headers["etag"] == api.get("/collections/pipes/items").headers["etag"]
        )


class TestSyntheticData:
    @pytest.mark.parametrize("path", [path for path in ROUTES if path not in {"/map", "/api"}])
    def test_says_so_in_every_answer(self, api: TestClient, path: str) -> None:
        answer = api.get(path).json()
        assert (answer["synthetic"], answer["notice"]) == (True, NOTICE)

    def test_says_so_in_the_description(self, api: TestClient) -> None:
        assert api.get("/api").json()["info"]["description"] == NOTICE

    @pytest.mark.parametrize("path", [path for path in ROUTES if path != "/map"])
    def test_real_data_carries_no_notice(self, path: str) -> None:
        answer = client(hand_made(synthetic=False)).get(path).json()
        assert "synthetic" not in answer
        assert "notice" not in answer


class TestSchematicPlan:
    def test_is_served_in_its_own_units_and_says_no_crs(self) -> None:
        other = client(without_place(hand_made()))
        described = other.get("/collections/pipes").json()
        assert described["crs"] == []
        assert "extent" not in described
        assert items(other, "?bbox=536999,3712050,537001,3712200") == ["p0"]


class TestDescription:
    def test_is_openapi_3_0_and_no_question_is_422(self, api: TestClient) -> None:
        answer = api.get("/api")
        assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
        tree = answer.json()
        assert tree["openapi"].startswith("3.0.")
        for methods in tree["paths"].values():
            assert "422" not in methods.get("get", {}).get("responses", {})
            for operation in methods.values():
                assert "application/problem+json" in operation["responses"]["400"]["content"]
        assert '"null"' not in answer.text

    def test_lists_every_route_and_every_property_as_a_filter(self, api: TestClient) -> None:
        tree = api.get("/api").json()
        assert {path for path in tree["paths"] if "{" not in path} >= {
            path for path in ROUTES if path.count("/") == 1
        } - {"/trace/n3"}
        given = tree["paths"]["/collections/pipes/items"]["get"]["parameters"]
        shared = {one["$ref"].rpartition("/")[2] for one in given if "$ref" in one}
        own = {one["name"]: one for one in given if "name" in one}
        assert {"bbox", "limit", "offset", "datetime", "filter"} <= shared <= tree["components"]["parameters"].keys()
        assert {"system", "road", "pipe_id"} <= own.keys()
        assert own["diameter_mm"]["schema"] == {"type": "number"}

    def test_every_reference_leads_somewhere(self, api: TestClient) -> None:
        text = api.get("/api").text
        schemas = json.loads(text)["components"]["schemas"]
        used = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
        assert used
        assert used <= schemas.keys()


class TestSettings:
    def test_come_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DRAINAGE_SOURCE", "pipes.geojson")
        monkeypatch.setenv("DRAINAGE_AS_OF", "2018-12-31")
        monkeypatch.setenv("DRAINAGE_RETURN_PERIOD_A", "5")
        monkeypatch.setenv("DRAINAGE_CORS_ORIGINS", "https://a.example,https://b.example")
        settings = Settings()
        assert (settings.source, str(settings.as_of)) == (Path("pipes.geojson"), "2018-12-31")
        assert settings.return_period_a == 5.0
        assert settings.cors_origins == ("https://a.example", "https://b.example")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"results": "a", "source": "b"},
            {"cors_origins": "*"},
            {"return_period_a": 0},
            {"duration_min": -1},
            {"as_of": "someday"},
        ],
    )
    def test_that_cannot_be_meant_are_refused(self, wrong: dict[str, object]) -> None:
        with pytest.raises(ValidationError):
            Settings(**wrong)  # type: ignore[arg-type]  # that is the point

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("DRAINAGE_RESULTS", "no/such/place", "no/such/place"),
            ("DRAINAGE_SOURCE", "no/such.geojson", "no/such.geojson"),
            ("DRAINAGE_AS_OF", "someday", "DRAINAGE_AS_OF"),
            ("DRAINAGE_RESULTS", "", "DRAINAGE_SOURCE"),
        ],
    )
    def test_that_are_wrong_end_the_start_with_a_message(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
    ) -> None:
        monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit, match=said):
            create_app()
