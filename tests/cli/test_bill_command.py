"""`drainage bill`: works of a file and of two days, with the prices of an office, read back by others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import openpyxl
import pyogrio
import pytest

import drainage as dr
from drainage.cli import app
from tests.plans.bill.town import changed, edits, street

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the street, p0 of which is to be enlarged, in which commands are called."""
    net = street()
    pipes = net.pipes
    pipes["commissioned"] = pipes["commissioned"].mask(pipes.index == "p2", "2020-06-01")
    dr.write_network(net.replace(pipes=pipes), tmp_path / "street.gpkg")
    dr.formats.write_change_set(edits(changed("p0", diameter_mm=500)), tmp_path / "works.geojson")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRAINAGE_LANG", "en")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Call the command; return its code, output and messages."""
    with pytest.raises(SystemExit) as ended:
        app(["bill", "street.gpkg", *words])
    told = capsys.readouterr()
    return int(str(ended.value.code or 0)), told.out, told.err


def test_the_works_of_a_file_are_priced_by_a_list_that_was_written_and_filled_in(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """100 m of DN500 at 1,000 and 100 m taken up at 100: 110,000."""
    works = ("--with", "works.geojson")
    assert run(capsys, *works, "--write-prices", "prices.toml")[0] == 0
    text = (place / "prices.toml").read_text(encoding="utf-8")
    first, second, rest = text.split('price = ""')
    (place / "prices.toml").write_text(f"{first}price = 1000{second}price = 100{rest}", encoding="utf-8")
    code, out, _ = run(capsys, *works, "--prices", "prices.toml", "-o", "bill.xlsx", "--json")
    assert code == 0
    assert json.loads(out)["amount_total"] == 110_000.0
    sheet = openpyxl.load_workbook(place / "bill.xlsx", data_only=True)["totals"]
    assert [cell.value for cell in next(sheet.iter_rows(min_row=sheet.max_row))][-2:] == [110_000.0, "CNY"]
    assert run(capsys, *works, "-o", "bill.gpkg")[0] == 0
    assert pyogrio.read_dataframe(place / "bill.gpkg", layer="pipes")["pipe_id"].tolist() == ["p0"]


def test_a_list_of_prices_is_never_written_over(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "prices.toml").write_text("mine", encoding="utf-8")
    code, _, told = run(capsys, "--with", "works.geojson", "--write-prices", "prices.toml", "--force")
    assert code == 1
    assert "prices.toml" in told
    assert (place / "prices.toml").read_text(encoding="utf-8") == "mine"


@pytest.mark.usefixtures("place")
def test_what_was_built_between_two_days(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--since", "2019-01-01", "--as-of", "2021-01-01", "--json")
    assert code == 0
    assert json.loads(out)["length_m_by_item"] == {"laid_new": 100.0}
    assert json.loads(run(capsys, "--since", "2020-12-31", "--as-of", "2021-01-01", "--json")[1])["items"] == 0


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("words", [(), ("--with", "works.geojson", "--since", "2019-01-01")])
def test_one_of_both_is_asked_for(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    code, _, told = run(capsys, *words)
    assert (code, "one of the two" in told) == (1, True)


@pytest.mark.usefixtures("place")
def test_classes_bedding_and_trench_are_options(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--with", "works.geojson", "--depths", "1.5", "--bedding-m", "0.4", "--working-space-m", "0.5", "--json")
    assert json.loads(run(capsys, *words)[1])["volume_m3_by_item"] == {"dug": 240.0}
    code, _, told = run(capsys, "--with", "works.geojson", "--depths", "3,2")
    assert (code, "3, 2" in told) == (1, True)


def test_an_empty_change_set_ends_with_2(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dr.formats.write_change_set(edits(name="none.geojson"), place / "none.geojson")
    code, out, _ = run(capsys, "--with", "none.geojson")
    assert (code, "no edit stands in the change set" in " ".join(out.split())) == (2, True)
