"""`drainage serve`, `keys` and `audit` as their users type them."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from drainage_api.settings import Settings
from drainage_api.store.opened import Store
from tests.support.command import Run
from tests.support.networks import build, save

LONG_AGO = "2020-01-31"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """With what the server was started; the running itself is tested with the server."""
    settings: list[Settings] = []
    monkeypatch.setattr("drainage_api.server.run.run", settings.append)
    return settings


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """What looks like results: whether they are is read by the server."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


class TestServe:
    def test_takes_the_settings_of_the_environment_and_before_them_the_command_line(
        self, run: Run, started: list[Settings], results: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DRAINAGE_PORT", "8001")
        monkeypatch.setenv("DRAINAGE_WORKERS", "3")
        monkeypatch.setenv("DRAINAGE_SOURCE", "another.gpkg")
        code, _, err = run("serve", results, "--workers", 2)
        assert code == 0, err
        assert "http://127.0.0.1:8001" in err
        assert "every program on this machine may read everything" in err
        (settings,) = started
        assert (settings.results, settings.source, settings.port, settings.workers) == (results, None, 8001, 2)

    def test_says_that_what_analyze_takes_is_analysed_first(self, run: Run, tmp_path: Path) -> None:
        code, _, err = run("serve", tmp_path / "plan.inp", "--crs", "EPSG:4548")
        assert code == 1
        assert "drainage analyze … --crs … -o DIR" in err
        assert "there is no option --nonsense" in run("serve", tmp_path, "--nonsense", 1)[2]

    def test_takes_a_network_or_a_database(self, run: Run, started: list[Settings], tmp_path: Path) -> None:
        path = save(build(["a>b storm 600"]), tmp_path / "pipes.geojson")
        url = "postgresql://reader@db/city"
        assert run("serve", path, "--as-of", LONG_AGO, "--storm-formula", "demo", "--public-only")[0] == 0
        assert run("serve", url)[0] == 0
        assert [one.source for one in started] == [path, url]
        assert str(started[0].as_of) == LONG_AGO
        assert (started[0].storm_formula, started[0].public_only, started[1].public_only) == ("demo", True, False)

    def test_listens_elsewhere_only_where_there_is_a_key(
        self, run: Run, started: list[Settings], results: Path, tmp_path: Path
    ) -> None:
        store = tmp_path / "store"
        for more in ([], ["--store", store]):
            code, _, err = run("serve", results, "--host", "::", *more)
            assert (code, "drainage keys add" in err, started) == (1, True, [])
        run("keys", "add", "Wang", "--role", "engineer", "--store", store)
        code, _, err = run("serve", results, "--host", "::", "--store", store)
        assert (code, "http://[::]:8000" in err, "may read everything" in err) == (0, True, False), err
        assert run("serve", results, "--host", "::", "--public-only")[0] == 0

    @pytest.mark.parametrize(
        ("more", "told"),
        [
            (["--port", "0"], "--port 0: expected 1 to 65535"),
            (["--workers", "0"], "--workers: Input should be greater"),
            (["--as-of", "yesterday"], "not a day"),
            (["--as-of", LONG_AGO], "--as-of cannot change them"),
            (["--store", "{file}"], "not a directory"),
            (["--store", "{results}"], "holds other things"),
        ],
    )
    def test_refuses_what_cannot_be_meant(
        self, run: Run, started: list[Settings], results: Path, more: list[str], told: str
    ) -> None:
        (results / "summary.json").write_text("{}", encoding="utf-8")
        names = {"{file}": results / "summary.json", "{results}": results}
        code, _, err = run("serve", results, *(names.get(one, one) for one in more))
        assert (code, started) == (1, [])
        assert told in err

    def test_names_what_is_missing(
        self, run: Run, started: list[Settings], results: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code, _, err = run("serve", results / "nothing.gpkg")
        assert (code, "no such file" in err) == (1, True)
        monkeypatch.setenv("DRAINAGE_READS_PER_MINUTE", "many")
        code, _, err = run("serve", results)
        assert (code, "DRAINAGE_READS_PER_MINUTE" in err) == (1, True)
        monkeypatch.setitem(sys.modules, "drainage_api.server.run", None)
        code, _, err = run("serve", results)
        assert (code, "pip install 'drainage[api]'" in err) == (1, True)
        assert started == []


class TestKeys:
    def test_a_key_stands_alone_on_its_line_and_what_else_is_said_beside(self, run: Run, tmp_path: Path) -> None:
        store = tmp_path / "store"
        code, out, err = run("keys", "add", "Wang", "--role", "engineer", "--store", store)
        assert code == 0, err
        assert re.fullmatch(r"drn_[a-z2-7]{8}_[A-Za-z0-9_-]{43}\n", out)
        assert "shown this once" in err
        assert out[13:30] not in err
        with Store.opened(store) as kept:
            found = kept.keys.find(out.strip())
            assert found is not None
            assert (found.name, found.role, found.state) == ("Wang", "engineer", "valid")

    def test_they_are_listed_and_revoked_by_name_or_prefix(self, run: Run, tmp_path: Path) -> None:
        store = tmp_path / "store"
        roads = ["--road", "磬山路", "--road", "人民路"]
        added = run("keys", "add", "施工一队", "--role", "contractor", *roads, "--until", "2999-12-31", "--json",
                    "--store", store)[1]  # fmt: skip
        made = json.loads(added)
        assert made["key"].startswith(f"drn_{made['prefix']}_")
        run("keys", "add", "Wang", "--role", "operator", "--store", store)
        listed = json.loads(run("keys", "list", "--store", store, "--json")[1])
        assert [one["name"] for one in listed] == ["施工一队", "Wang"]
        assert listed[0] == {name: value for name, value in made.items() if name != "key"}
        assert (listed[0]["roads"], listed[0]["until"]) == (["磬山路", "人民路"], "2999-12-31")
        assert run("keys", "revoke", made["prefix"], "--store", store)[0] == 0
        assert run("keys", "revoke", "Wang", "--store", store)[0] == 0
        out = run("keys", "list", "--store", store, "--lang", "zh")[1]
        assert out.count("已作废") == 2
        assert "施工单位" in out
        assert made["key"][13:] not in out
        code, _, err = run("keys", "revoke", "Wang", "--store", store)
        assert (code, "revoked already" in err) == (1, True)

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["add", "Wang"], "--role"),
            (["add", "--role", "engineer"], "say the name"),
            (["add", "Li", "--role", "contractor"], "--road NAME"),
            (["add", "Wang", "--role", "boss"], "expected one of"),
            (["add", "Wang", "--role", "engineer", "--until", "2020-01-01"], "that day is over"),
            (["add", "Wang", "--role", "engineer", "--until", "soon"], "not a day"),
            (["list", "Wang"], "no use for Wang"),
            (["list", "--role", "engineer"], "no use for --role"),
            (["revoke"], "say the name"),
            (["revoke", "nobody"], "no key has the name"),
            (["erase", "Wang"], "add"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, run: Run, tmp_path: Path, words: list[str], told: str) -> None:
        store = tmp_path / "store"
        run("keys", "add", "Zhao", "--role", "operator", "--store", store)
        code, out, err = run("keys", *words, "--store", store)
        assert (code, out) == (1, "")
        assert told in err

    @pytest.mark.parametrize("words", [["keys", "list"], ["keys", "revoke", "Wang"], ["audit"]])
    def test_nothing_is_made_where_there_is_no_store(self, run: Run, tmp_path: Path, words: list[str]) -> None:
        code, _, err = run(*words, "--store", tmp_path / "store")
        assert (code, "no store is there" in err) == (1, True)
        assert not (tmp_path / "store").exists()


class TestAudit:
    def test_tells_of_what_was_done_to_the_keys_and_that_nothing_was_changed(self, run: Run, tmp_path: Path) -> None:
        store = tmp_path / "store"
        run("keys", "add", "Wang", "--role", "engineer", "--store", store)
        run("keys", "revoke", "Wang", "--store", store)
        code, out, _ = run("audit", "--store", store)
        assert (code, "2 entries" in out) == (0, True)
        events = [json.loads(line)["event"] for line in (store / "audit.jsonl").read_bytes().splitlines()]
        assert events == ["key made", "key revoked"]

    def test_names_the_first_line_that_is_broken_and_exits_with_2(self, run: Run, tmp_path: Path) -> None:
        store = tmp_path / "store"
        for name in ("Wang", "Li", "Zhao"):
            run("keys", "add", name, "--role", "engineer", "--store", store)
        log = store / "audit.jsonl"
        log.write_bytes(log.read_bytes().replace(b'"Li"', b'"Lu"'))
        code, out, _ = run("audit", "--store", store)
        assert (code, "Line 2 of the audit log" in out) == (2, True)
        code, out, _ = run("audit", "--store", store, "--json")
        said = json.loads(out)
        assert (code, said["whole"], said["broken"], said["why"], said["entries"]) == (2, False, 2, "edited", 1)
        assert "第 2 行" in run("audit", "--store", store, "--lang", "zh")[1]

    def test_names_the_objects_that_are_missing_or_damaged_and_exits_with_2(self, run: Run, tmp_path: Path) -> None:
        with Store.opened(tmp_path / "store") as store:
            (tmp_path / "report").mkdir()
            for name in ("a", "b", "c"):
                (tmp_path / "report" / name).write_text(name, encoding="utf-8")
            tree = store.objects.put_tree(tmp_path / "report")
            store.versions.begin(tree, day=None)
            lost, changed = (store.objects.path(store.objects.listed(tree)[name]) for name in ("a", "b"))
        assert "All 4 objects are whole" in run("audit", "--store", tmp_path / "store")[1]
        lost.unlink()
        changed.chmod(0o600)
        changed.write_text("B", encoding="utf-8")
        code, out, _ = run("audit", "--store", tmp_path / "store")
        assert code == 2
        assert f"Object {lost.name} is missing" in out
        assert f"Object {changed.name} is damaged" in out
        said = json.loads(run("audit", "--store", tmp_path / "store", "--json")[1])
        assert (said["whole"], said["missing"], said["damaged"]) == (False, [lost.name], [changed.name])
