"""What is served of a store: its newest version, each older one by number or instant, both sides of a comparison."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

import drainage as dr
from drainage_api.main import create_app
from drainage_api.served import shelf
from drainage_api.served.loading import load
from drainage_api.served.served import Served
from drainage_api.settings import Settings
from drainage_api.store.opened import Store
from drainage_api.store.tables import versions
from tests.support.api_reports import hand_made
from tests.support.asking import asking
from tests.support.at_once import at_once
from tests.support.running import in_process
from tests.support.stores import Where

PIPES = "/collections/pipes/items?f=json"
#: What does not depend on the engine is tested on one.
in_a_file = pytest.mark.parametrize("where", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Towns of 13 pipes, of 12, of 11 and of 10: their number tells one version from another."""
    whole = hand_made()
    folder = tmp_path_factory.mktemp("reports")
    return [_fewer(whole, many).write(folder / str(many)) for many in range(4)]


def _fewer(report: dr.report.Report, many: int) -> dr.report.Report:
    pipes = report.network.pipes.iloc[: len(report.network.pipes) - many]
    return replace(
        report,
        network=report.network.replace(pipes=pipes),
        collections={**report.collections, "pipes": pipes},
    )


@pytest.fixture
def results(reports: list[Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(reports[0], tmp_path / "results"))


@pytest.fixture
def serve(where: Where, results: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], TestClient]]:
    """Give what serves the results with the store, as a start of the server does."""
    monkeypatch.setattr(Served, "prepare", lambda _: None)  # which saves time for those who ask
    with ExitStack() as ending:

        def begin() -> TestClient:
            app = create_app(Settings(results=results, **where.settings))
            ending.callback(app.state.keeper.close)
            return asking(app)

        yield begin


def begun(where: Where, reports: list[Path]) -> Store:
    """Open the store with the first version, as the first start of a server left it."""
    store = where.opened()
    store.versions.begin(store.objects.put_tree(reports[0]), day="2026-11-28")
    return store


def add(store: Store, place: Path) -> int:
    """Make a version as an accepted submission does."""
    tree, head = store.objects.put_tree(place), store.versions.head()
    assert head is not None
    with store.database.writing() as connection:
        return store.versions.add(connection, parent=head.number, submission="S-1", tree=tree, day="2026-11-29")


def count(client: TestClient, query: str = "") -> int:
    answer = client.get(f"{PIPES}{query}")
    assert answer.status_code == 200, answer.text
    return int(answer.json()["numberMatched"])


def test_the_newest_is_served_and_each_older_one_by_its_number(
    where: Where, serve: Callable[[], TestClient], reports: list[Path]
) -> None:
    store = begun(where, reports)
    assert [add(store, place) for place in reports[1:]] == [2, 3, 4]
    store.close()
    client = serve()
    assert [count(client, f"&version={number}") for number in (1, 2, 3, 4)] == [13, 12, 11, 10]
    assert (count(client), client.get(PIPES).json()["version"]) == (10, 4)
    old = client.get(f"{PIPES}&version=2&limit=3").json()
    assert old["version"] == 2
    assert all("version=2" in one["href"] for one in old["links"] if "/collections/pipes" in one["href"])
    for wrong in ("5", "0", "-1", "02", "before", "x"):
        assert client.get(f"{PIPES}&version={wrong}").status_code == 400, wrong
    assert all("1 to 4" in client.get(f"{PIPES}&version={wrong}").text for wrong in ("5", "0", "abc"))
    assert client.get("/map?version=1").status_code == 200
    page = client.get("/collections/pipes/items?version=3&lang=en", headers={"Accept": "text/html"}).text
    assert "version 3, which is not the newest" in page


@in_a_file
def test_where_the_newest_is_damaged_the_newest_that_is_whole_is_served_and_said(
    where: Where,
    serve: Callable[[], TestClient],
    reports: list[Path],
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = begun(where, reports)
    for place in reports[1:3]:
        add(store, place)
    mine = [set(store.objects.listed(one.tree).values()) for one in store.versions.history()]
    lost = store.objects.path(min(mine[0] - mine[1] - mine[2]))
    content = lost.read_bytes()
    lost.chmod(0o600)
    lost.write_bytes(b"?" + content[1:])
    client = serve()
    assert count(client) == 12
    assert client.get("/ready").json()["damaged"] == [3]
    assert "version 3 is damaged" in caplog.text
    assert lost.name in caplog.text
    page = client.get("/collections/pipes/items?lang=en", headers={"Accept": "text/html"}).text
    assert "Version 3, the newest, is damaged" in page
    answer = client.get(f"{PIPES}&version=3")
    assert answer.status_code == 500
    assert "the operator has to restore it" in answer.json()["said"]["en"]
    assert "Retry-After" not in answer.headers
    assert str(where.place) not in answer.text
    assert "drainage_damaged_total 1.0" in client.get("/metrics").text
    lost.write_bytes(content)
    assert count(client, "&version=3") == 11  # once it is put back
    assert count(serve()) == 11
    store.close()


@in_a_file
def test_the_report_at_the_start_mends_the_version_that_it_is(
    where: Where, serve: Callable[[], TestClient], reports: list[Path]
) -> None:
    store = begun(where, reports)
    head = store.versions.head()
    assert head is not None
    store.objects.path(min(store.objects.listed(head.tree).values())).unlink()
    client = serve()
    assert count(client) == 13
    assert "damaged" not in client.get("/ready").json()
    store.close()


@pytest.mark.long
@in_a_file
def test_no_more_old_versions_are_held_than_fit(
    where: Where, serve: Callable[[], TestClient], reports: list[Path]
) -> None:
    store = begun(where, reports)
    for place in reports[1:]:
        add(store, place)
    client = serve()
    held = client.app.state.shelf  # type: ignore[attr-defined]  # of our application
    made = [held.made(version) for version in store.versions.history()]
    assert held.made(store.versions.history()[-1]) is made[-1]
    assert held.made(store.versions.history()[0]) is not made[0]
    assert shelf.MOST_OLD == 2
    store.close()


@in_a_file
def test_an_instant_asks_for_the_version_that_was_the_newest_then(
    where: Where, serve: Callable[[], TestClient], reports: list[Path]
) -> None:
    store = begun(where, reports)
    add(store, reports[1])
    began = [dt.datetime(2026, month, 3, 12, tzinfo=dt.UTC) for month in (3, 4)]
    with store.database.writing() as connection:
        for number, moment in enumerate(began, 1):
            connection.execute(update(versions).where(versions.c.number == number).values(made=moment.timestamp()))
    store.close()
    client = serve()

    def version(moment: str) -> object:
        return client.get(PIPES, params={"datetime": moment, "limit": 1}).json()["version"]

    assert version("2026-03-03T12:00:00Z") == version("2026-04-03T11:59:59Z") == version("2026-04-02") == 1
    assert version("2026-04-03T12:00:00Z") == version("2026-04-03") == version("2026-04-03T20:00:00+08:00") == 2
    assert version("2100-01-01T00:00:00Z") == version("2026-03-03T11:59:59Z") == 2  # before the first: as before
    assert version("2026-03-03T00:00:00Z/2026-03-04T00:00:00Z") == 2
    assert client.get(PIPES, params={"datetime": "2026-03-05T00:00:00Z", "version": "2"}).json()["version"] == 2
    assert client.get(PIPES, params={"datetime": "no time"}).status_code == 400


@pytest.mark.long
@in_a_file
def test_results_become_a_version_where_they_are_none(
    where: Where, serve: Callable[[], TestClient], results: Path, reports: list[Path]
) -> None:
    for _ in range(2):
        assert count(serve()) == 13
    shutil.rmtree(results)
    shutil.copytree(reports[2], results)
    assert count(serve()) == 11
    shutil.rmtree(results)
    shutil.copytree(reports[0], results)
    assert count(serve()) == 11  # which were one before
    told = serve().get("/versions").json()["versions"]
    assert [(one["number"], one["note"]) for one in told] == [(2, "imported"), (1, "imported")]
    store = where.opened()
    assert [one.tree for one in store.versions.history()] == [one["digest"] for one in told]
    assert store.verified().broken is None
    assert store.verified().entries >= 2
    store.close()


@pytest.mark.long
def test_two_servers_that_begin_at_once_make_one_version(where: Where, results: Path) -> None:
    where.opened().close()
    found = at_once(3, lambda: load(Settings(results=results, **where.settings)).number)
    store = where.opened()
    assert (found, len(store.versions.history())) == ([1, 1, 1], 1)
    store.close()


@pytest.mark.long
@in_a_file
def test_a_comparison_is_served_with_both_sides_until_a_newer_version_is_there(
    where: Where, serve: Callable[[], TestClient], results: Path, reports: list[Path]
) -> None:
    sides = [dr.read_report(place) for place in (reports[1], reports[0])]
    shutil.rmtree(results)
    dr.report.compare_reports(*sides).write(results)
    client = serve()
    assert [count(client, query) for query in ("", "&version=before", "&version=after", "&version=1")] == [
        13,
        12,
        13,
        13,
    ]
    assert client.get("/collections/changes?f=json").status_code == 200
    store = where.opened()
    add(store, reports[2])
    store.close()
    client = serve()
    assert [count(client, query) for query in ("", "&version=2", "&version=1")] == [11, 11, 13]
    assert client.get(f"{PIPES}&version=before").status_code == 400


@pytest.mark.long
def test_a_damaged_version_is_told_and_never_served(
    where: Where, serve: Callable[[], TestClient], reports: list[Path]
) -> None:
    store = begun(where, reports)
    add(store, reports[1])
    first = store.versions.history()[-1]
    listed = store.objects.listed(first.tree)
    damaged = store.objects.path(listed["pipes.gpkg"])
    if where.url is None:
        damaged.chmod(0o600)
        damaged.write_bytes(b"damaged")
    store.close()
    client = serve()
    if where.url is None:
        answer = client.get(f"{PIPES}&version=1")
        assert answer.status_code == 500
        assert "damaged" in answer.text
        assert str(where.place) not in answer.text
    assert count(client) == 12


@pytest.mark.long
@in_a_file
def test_the_list_tells_a_contractor_nothing_of_who_made_a_version(
    where: Where, serve: Callable[[], TestClient], reports: list[Path]
) -> None:
    store = begun(where, reports)
    add(store, reports[1])
    keys = {
        "contractor": store.keys.add("Li", "contractor", roads=["磬山路"])[1],
        "engineer": store.keys.add("Wang", "engineer")[1],
    }
    store.close()
    app = serve().app
    told = {role: asking(app, key).get("/versions?f=json").json()["versions"] for role, key in keys.items()}  # type: ignore[arg-type]  # our application
    assert told["engineer"][0]["submission"] == "S-1"
    assert [set(one) for one in told["contractor"]] == [{"number", "made", "day", "digest", "links"}] * 2
    assert asking(app).get("/versions").status_code == 401  # type: ignore[arg-type]
    links = asking(app, keys["engineer"]).get("/?f=json").json()["links"]  # type: ignore[arg-type]
    assert [one["href"] for one in links if one["rel"] == "version-history"] == ["http://localhost/versions"]
    page = asking(app, keys["engineer"]).get("/versions?lang=en", headers={"Accept": "text/html"}).text  # type: ignore[arg-type]
    assert "S-1" in page
    assert "imported" in page
    shown = asking(app, keys["contractor"]).get("/versions?f=html")  # type: ignore[arg-type]
    assert shown.status_code == 200
    assert "S-1" not in shown.text


@pytest.mark.long
@in_a_file
def test_the_public_sees_the_newest_alone(where: Where, serve: Callable[[], TestClient], reports: list[Path]) -> None:
    store = begun(where, reports)
    add(store, reports[1])
    store.keys.add("Wang", "engineer")
    store.close()
    client = serve()
    assert client.get("/collections?version=1").status_code == 400
    assert client.get("/collections").status_code == 200


def test_without_a_store_there_are_no_versions(results: Path) -> None:
    client = asking(create_app(Settings(results=results)))
    assert client.get("/versions").status_code == 404
    assert client.get(f"{PIPES}&version=1").status_code == 400
    assert "version" not in client.get(PIPES).json()


@pytest.mark.long
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_version_that_was_accepted_is_served_at_once_by_all(
    where: Where, results: Path, reports: list[Path], tmp_path: Path, workers: str
) -> None:
    named = {name.removeprefix("DRAINAGE_").lower(): value for name, value in where.environment.items()}
    with in_process(tmp_path / "log", results=str(results), workers=workers, watch_s="60", **named) as running:
        running.ready()
        store = where.opened()
        for number, place in enumerate(reports[1:], 2):
            add(store, place)
            until, same = time.monotonic() + 20, 0
            while same < 8:  # of either worker, and of none of those before
                assert time.monotonic() < until
                same = same + 1 if f'"network_version":"{number}"' in running.told("/health") else 0
                time.sleep(0.05)
        store.close()
        assert running.end() == 0
