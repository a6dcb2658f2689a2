"""The pay sheet of what was accepted, over HTTP. Truth: the street that is worked by hand in tests of the report."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from starlette.testclient import TestClient

import drainage as dr
from drainage_api.access.keeper import Vault
from drainage_api.main import create_app
from drainage_api.settings import Settings
from drainage_api.store.database import StoreError
from tests.support.asking import asking
from tests.support.pay_terms import TEXT, street
from tests.support.sending import SURVEY

pytestmark = pytest.mark.long
needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext (poppler-utils)")


class Paying:
    """A server of the street before the works, and its terms."""

    def __init__(self, place: Path) -> None:
        self.place, self.terms = place, place / "terms.toml"
        self.terms.write_text(TEXT, encoding="utf-8")
        before = dr.analyze(street(after=False)).write(place / "before")
        self.app = create_app(Settings(store=place / "store", results=before, terms=self.terms))
        self.vault: Vault = self.app.state.keeper.vault
        add = self.vault.keys.add
        self.wang = asking(self.app, add("Wang", "engineer")[1])
        self.li = asking(self.app, add("Li", "contractor", roads=["磬山路"])[1])

    def accept(self) -> str:
        """Submit and accept the works; return their id."""
        one = str(self.li.post("/submissions", files={"file": ("a.geojson", SURVEY)}).json()["id"])
        tree = self.vault.objects.put_tree(dr.analyze(street(after=True)).write(self.place / "after"))
        with self.vault.database.writing() as connection:
            self.vault.submissions.checked(connection, one, {})
            self.vault.submissions.computed(connection, one, {"document": tree, "tree": tree})
            self.vault.queue.cancel(connection, one)
        assert self.wang.post(f"/submissions/{one}/decision", json={"accept": True}).json()["version"] == 2
        return one


@pytest.fixture(scope="module")
def paying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Paying, str]]:
    found = Paying(tmp_path_factory.mktemp("paying"))
    early = found.wang.get("/pay-sheet")
    assert (early.status_code, "还没有接受" in early.text) == (409, True)
    yield found, found.accept()
    found.app.state.keeper.close()


def words_of(client: TestClient, folder: Path) -> str:
    answer = client.get("/pay-sheet", params={"lang": "zh"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    (folder / "pay.pdf").write_bytes(answer.content)
    told = subprocess.run(["pdftotext", "-layout", "pay.pdf", "-"], cwd=folder, capture_output=True, check=True)
    return told.stdout.decode()


@needs_pdftotext
def test_it_is_what_the_works_are_worth(paying: tuple[Paying, str], tmp_path: Path) -> None:
    text = words_of(paying[0].wang, tmp_path)
    assert "972.21" in text
    assert paying[1] in text


@needs_pdftotext
def test_a_contractor_is_told_the_own_objects_without_the_sum(paying: tuple[Paying, str], tmp_path: Path) -> None:
    text = words_of(paying[0].li, tmp_path)
    assert "57.500" in text
    assert "972.21" not in text
    assert "现状日期" in text
    assert "数据" not in text  # the names of the files, which others sent
    assert paying[0].li.get("/pay-sheet?f=xlsx").status_code == 403


def test_the_workbook_computes_it_again(paying: tuple[Paying, str]) -> None:
    content = paying[0].wang.get("/pay-sheet?f=xlsx&lang=en").content
    assert "payment" in openpyxl.load_workbook(io.BytesIO(content)).sheetnames


def test_what_failed_is_made_anew_for_who_asks_next(
    paying: tuple[Paying, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, tree = paying[0].li, paying[0].vault.objects.tree

    def gone(_: str) -> Path:
        raise StoreError("gone")

    monkeypatch.setattr(paying[0].vault.objects, "tree", gone)
    assert client.get("/pay-sheet?lang=en").status_code == 503
    monkeypatch.setattr(paying[0].vault.objects, "tree", tree)
    assert client.get("/pay-sheet?lang=en").status_code == 200


def test_what_cannot_be_made_says_why(paying: tuple[Paying, str]) -> None:
    here = paying[0]
    assert here.wang.get("/pay-sheet?since=9").status_code == 404
    assert here.wang.get("/pay-sheet?since=2").status_code == 409
    assert here.wang.get("/pay-sheet?since=0").status_code == 400
    text = here.terms.read_text(encoding="utf-8")
    for broken in ("[contract]\nname = 1\n", text.replace("磬山路", "无此路")):
        here.terms.write_text(broken, encoding="utf-8")
        answer = here.wang.get("/pay-sheet")
        assert answer.status_code == 409
        assert "terms.toml" in answer.text
        assert str(here.place) not in answer.text
    here.terms.unlink()
    gone = here.wang.get("/pay-sheet")
    assert (gone.status_code, str(here.place) in gone.text) == (409, False)
    here.terms.write_text(text, encoding="utf-8")
    assert here.wang.get("/pay-sheet").status_code == 200
