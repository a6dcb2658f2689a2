"""Prices of an office: which of them an item gets, what is refused, and the workbook that goes on computing."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pytest
from openpyxl.utils import get_column_letter

import drainage as dr
from drainage.change_sets import Change
from drainage.errors import FormatError, SchemaError
from drainage.plans.bill.price_list import PriceList
from tests.plans.bill.town import changed, edits, street
from tests.support.sheet_engine import Engine

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

HEAD = 'currency = "CNY"\nsource = "2026 市场询价"\n'
ROW = '[[prices]]\nkind = "laid_larger"\nunit = "m"\nprice = 800\n'


def prices(folder: Path, text: str, head: str = HEAD) -> Path:
    """Write a list of prices."""
    path = folder / "prices.toml"
    path.write_text(head + text, encoding="utf-8")
    return path


def bill(path: Path | PriceList | None = None) -> dr.Result:
    """p0 enlarged, 1.2 to 1.4 m deep; p1 enlarged, 1.4 to 1.6 m; p3 given up, with one end to close."""
    works = edits(
        changed("p0", diameter_mm=500), changed("p1", diameter_mm=500), Change(action="abandon", layer="pipes", id="p3")
    )
    return dr.plans.take_quantities(street(), works, path)


def test_the_price_that_names_most_counts_and_others_are_without(tmp_path: Path) -> None:
    """150 m above 1.5 m of depth at 800, 50 m below at 950.5, one end closed at 300: 120000 + 47525 + 300."""
    listed = prices(
        tmp_path,
        ROW
        + '[[prices]]\nkind = "laid_larger"\npipe_size = "dn 500"\ndepth_class = "1.5-2 m"\nunit = "m"\nprice = 950.5\n'
        + '[[prices]]\nkind = "closed"\nunit = "place"\nprice = 300\nsource = "own"\n'
        + '[[prices]]\nkind = "taken_up"\nunit = "m"\nprice = ""\n',
    )
    found = bill(listed)
    assert found.items["amount"].dropna().tolist() == [120000.0, 47525.0, 300.0]
    assert found.summary["amount_total"] == 167825.0
    assert found.summary["items_without_price"] == len(found.unpriced) == 3
    assert "without 3 items" in str(found.summary["advice"])
    assert found.unpriced.index.tolist() == ["B-001", "B-002", "C-001"]
    assert found.items["price_source"].dropna().tolist() == ["2026 市场询价", "2026 市场询价", "own"]
    totals = found.totals
    assert totals["amount"].fillna(-1).tolist() == [167525.0, -1.0, -1.0, 300.0, 167825.0]
    assert totals["items_without_price"].tolist() == [0, 2, 1, 0, 3]
    assert totals.index.tolist() == ["A", "B", "C", "D", ""]
    assert totals["part_name"].iloc[-1].chinese == "合计"
    assert "prices.toml" in (found.provenance.source or ())


def test_no_price_is_in_the_package() -> None:
    found = bill()
    assert found.items["unit_price"].isna().all()
    assert found.summary["amount_total"] is None
    assert found.summary["advice"] is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ROW.replace("laid_larger", "laid_largr"), r"prices\[1\]\.kind.*laid_larger"),
        (ROW.replace("price =", "prise ="), r"prices\[1\]\.prise"),
        (ROW.replace("800", "-800"), r"prices\[1\]\.price.*0 or more"),
        (ROW.replace("800", '"800"'), r"prices\[1\]\.price.*0 or more"),
        (ROW.replace('"m"', '"m3"'), r"prices\[1\]\.unit = m3.*counted in m"),
        (ROW.replace("price = 800\n", ""), r"prices\[1\]\.price is missing"),
        (ROW + 'currency = "USD"\n', r"prices\[1\]\.currency = USD.*in CNY"),
        (ROW + ROW.replace("800", "900"), r"prices\[2\]: the same item as prices\[1\]"),
        (ROW + 'pipe_size = "wide"\n', r"prices\[1\]\.pipe_size = 'wide' is no size"),
        (ROW + 'system = "strom"\n', r"prices\[1\]\.system.*storm"),
        (ROW + 'structure = "manhol"\n', r"prices\[1\]\.structure.*manhole"),
        (ROW + 'depth_class = "1-2"\n', r"prices\[1\]\.depth_class = 1–2.*nothing is interpolated"),
        (ROW.replace("laid_larger", "taken_up") + 'depth_class = "1.5-2"\n', "not told apart by depth"),
        ("", "prices is missing"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named_with_its_file_and_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SchemaError, match=r"prices\.toml.*" + told):
        bill(prices(tmp_path, text))


def test_prices_that_fit_no_item_are_named(tmp_path: Path) -> None:
    """One is of another material, one of a kind of work that is not in the bill, one has no number yet."""
    more = (
        ROW + 'material = "concrete"\n' + ROW + 'material = "HPDE"\n'
        + '[[prices]]\nkind = "stored"\nunit = "m3"\nprice = 900\n'
        + '[[prices]]\nkind = "laid_new"\nunit = "m"\nprice = ""\n'
    )  # fmt: skip
    told = bill(prices(tmp_path, more)).summary["advice"]
    assert "prices.toml: 2 prices fit no item: prices[2], prices[3]" in str(told)
    assert "prices[2]" in told.chinese
    assert "fit no item" not in str(bill(prices(tmp_path, ROW)).summary["advice"])


def test_two_prices_that_name_as_much_of_one_item_are_refused(tmp_path: Path) -> None:
    row = ROW + 'pipe_size = "DN500"\n' + ROW + 'depth_class = "<=1.5"\n'
    with pytest.raises(SchemaError, match=r"prices\[1\], prices\[2\].*equally particular"):
        bill(prices(tmp_path, row))


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"prices\.toml.*TOML"):
        bill(prices(tmp_path, "[[prices\n"))
    with pytest.raises(FormatError, match=r"none\.toml"):
        bill(tmp_path / "none.toml")
    with pytest.raises(SchemaError, match="currency"):
        bill(prices(tmp_path, ROW, head=""))


class TestTemplate:
    def test_has_a_blank_row_for_each_item_and_is_read_as_it_is(self, tmp_path: Path) -> None:
        found = bill()
        path = dr.plans.write_price_list(found, tmp_path / "prices.toml", currency="EUR")
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
        assert rows["currency"] == "EUR"
        assert len(rows["prices"]) == len(found.items)
        assert {row["price"] for row in rows["prices"]} == {""}
        assert bill(path).summary["items_without_price"] == len(found.items)

    def test_filled_in_it_prices_each_item_by_its_own_row(self, tmp_path: Path) -> None:
        path = dr.plans.write_price_list(bill(), tmp_path / "prices.toml")
        parts = path.read_text(encoding="utf-8").split('price = ""')
        filled = parts[0] + "".join(f"price = {number}{part}" for number, part in enumerate(parts[1:], 1))
        path.write_text(filled, encoding="utf-8")
        priced = bill(path)
        assert priced.items["unit_price"].tolist() == [float(number) for number in range(1, len(parts))]
        again = dr.plans.write_price_list(priced, tmp_path / "again.toml")
        assert bill(again).items["amount"].tolist() == priced.items["amount"].tolist()

    def test_has_one_line_for_each_name_whatever_stands_in_it(self, tmp_path: Path) -> None:
        odd = 'PE\n[[prices]]\x07\x7f\r"x"'
        found = dr.plans.take_quantities(
            street(material=[odd, *["concrete"] * 5]), edits(changed("p0", diameter_mm=500))
        )
        path = dr.plans.write_price_list(found, tmp_path / "prices.toml")
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["prices"]
        assert len(rows) == len(found.items)
        assert {row["material"] for row in rows} == {odd}

    def test_is_never_written_over_another(self, tmp_path: Path) -> None:
        path = dr.plans.write_price_list(bill(), tmp_path / "prices.toml")
        with pytest.raises(FormatError, match="exists"):
            dr.plans.write_price_list(bill(), path)
        with pytest.raises(FormatError, match=r"\.toml"):
            dr.plans.write_price_list(bill(), tmp_path / "prices.csv")

    def test_of_a_bill_without_items_there_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(SchemaError, match="no items"):
            dr.plans.write_price_list(dr.plans.take_quantities(street(), street()), tmp_path / "prices.toml")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """The workbook of a bill with two prices."""
    closed = '[[prices]]\nkind = "closed"\nunit = "place"\nprice = 333.335\n'
    return bill(prices(tmp_path, ROW + closed)).to_file(tmp_path / "bill.xlsx")


def columns(sheet: Worksheet) -> dict[str, str]:
    """Return the letter of each column by its name, which stands in the second row."""
    return {str(cell.value): get_column_letter(cell.column) for cell in sheet[2] if cell.column is not None}


class TestWorkbook:
    def test_every_formula_gives_what_is_written_beside_it(self, book: Path) -> None:
        engine, held = Engine(openpyxl.load_workbook(book)), openpyxl.load_workbook(book, data_only=True)
        checked = 0
        for name in ("items", "totals"):
            for row in openpyxl.load_workbook(book)[name].iter_rows(min_row=3):
                for cell in row:
                    if isinstance(cell.value, str) and cell.value.startswith("="):
                        found, there = engine.value(name, cell.coordinate), held[name][cell.coordinate].value
                        assert (found or "") == (
                            pytest.approx(there) if isinstance(there, (int, float)) and there else there or ""
                        )
                        checked += 1
        assert checked > 20

    def test_a_price_that_is_put_in_makes_the_amounts_and_the_totals(self, book: Path) -> None:
        """B-001 is 200 m of DN300 taken up: at 50 there are 10000 more, and one item without a price less."""
        changed_book = openpyxl.load_workbook(book)
        items, totals = changed_book["items"], changed_book["totals"]
        at, of_total = columns(items), columns(totals)
        row = next(cell.row for cell in items["A"] if cell.value == "B-002")
        assert "given up" in items[f"{at['item_name']}{row}"].value
        before, asked = Engine(openpyxl.load_workbook(book)), Engine(changed_book)
        items[f"{at['unit_price']}{row}"] = 50
        quantity = asked.value("items", f"{at['work_quantity']}{row}")
        assert asked.value("items", f"{at['amount']}{row}") == pytest.approx(50 * quantity)
        end = totals.max_row
        change = {
            name: asked.value("totals", f"{of_total[name]}{end}") - before.value("totals", f"{of_total[name]}{end}")
            for name in ("amount", "items_without_price")
        }
        assert change == {"amount": pytest.approx(50 * quantity), "items_without_price": -1}

    @pytest.mark.long
    @pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
    def test_libreoffice_computes_the_same(self, book: Path, tmp_path: Path) -> None:
        out = tmp_path / "recalculated"
        home = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
        subprocess.run(
            ["soffice", home, "--headless", "--convert-to", "ods", "--outdir", str(out), str(book)],
            check=True, capture_output=True, timeout=300,
        )  # fmt: skip
        subprocess.run(
            ["soffice", home, "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(out / "bill.ods")],
            check=True, capture_output=True, timeout=300,
        )  # fmt: skip
        ours, theirs = (openpyxl.load_workbook(path, data_only=True) for path in (book, out / "bill.xlsx"))
        for name in ("items", "totals"):
            for mine, other in zip(ours[name].iter_rows(min_row=3), theirs[name].iter_rows(min_row=3), strict=False):
                for cell, seen in zip(mine, other, strict=False):
                    if isinstance(cell.value, (int, float)):
                        assert seen.value == pytest.approx(cell.value), (name, cell.coordinate)


def test_amounts_are_rounded_as_a_workbook_does(tmp_path: Path) -> None:
    """One end at 333.335 is 333.34: a half goes up."""
    closed = '[[prices]]\nkind = "closed"\nunit = "place"\nprice = 333.335\n'
    assert bill(prices(tmp_path, closed)).items["amount"].dropna().tolist() == [333.34]
    assert not np.isnan(bill(prices(tmp_path, closed)).totals["amount"].iloc[-1])
