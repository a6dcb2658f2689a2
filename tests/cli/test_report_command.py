"""`drainage report`: from kept results to Word and PDF, and what it says of what is asked wrongly."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import docx
import pytest

import drainage as dr
from tests.cli.test_section_command import run
from tests.plans.bill.town import street


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the results of the street of `tests.plans.bill.town`, which floods, with its works and closures."""
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=50, duration_min=60)
    report = dr.analyze(street(), storm=storm, also=("relief", "closures"))
    return report.write(tmp_path_factory.mktemp("street") / "results")


def test_what_is_named_is_drawn_and_word_holds_what_machines_are_told(results: Path, tmp_path: Path) -> None:
    """One section is named and no hydrograph: neither the other section nor any hydrograph is in the report."""
    (tmp_path / "office.toml").write_text('project = "某县"\noffice = "某院"\n', encoding="utf-8")
    asked = ("--section", "a,out", "--hydrograph", "", "--office", tmp_path / "office.toml")
    code, told, said = run("report", results, *asked, "-o", tmp_path / "r.docx", "--json", lang="zh")
    assert code == 0, said
    numbers = json.loads(told)
    assert numbers["title"] == "某县排水管网评估报告"
    drawn = [caption for caption in numbers["pictures"] if caption.startswith("图 3-")]
    assert len(drawn) == 2
    assert "a" in drawn[1]
    assert "out" in drawn[1]
    word = docx.Document(str(tmp_path / "r.docx"))
    assert [[cell.text for cell in table.rows[0].cells] for table in word.tables[1:]] == [
        table["head"] for table in numbers["tables"]
    ]
    assert len(word.inline_shapes) == len(numbers["pictures"])
    assert "某院" in [cell.text for row in word.tables[0].rows for cell in row.cells]
    assert numbers["provenance"]["version"] == dr.__version__
    assert str(tmp_path / "r.docx") in said


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext (poppler-utils)")
def test_a_pdf_tells_the_questions_that_are_asked_and_its_headings_are_listed(results: Path, tmp_path: Path) -> None:
    asked = ("--questions", "mixed-flow,waterlogging", "--hydrograph", "b", "--section", "a,b", "--section", "b,out")
    code, told, said = run("report", results, *asked, "-o", tmp_path / "r.pdf")
    assert code == 0, said
    lines = told.splitlines()
    assert "2 Problems" in lines
    assert "  2.2 Mixed flow" in lines
    assert "Relief works" not in told
    text = subprocess.run(["pdftotext", "-layout", tmp_path / "r.pdf", "-"], capture_output=True, check=True, text=True)
    for title in ("2.2 Mixed flow", "Long section a — b", "Long section b — out", "level at the node b"):
        assert title in text.stdout
    assert "level at the node a" not in text.stdout


def test_prices_are_put_to_the_works(results: Path, tmp_path: Path) -> None:
    """300 m are cleaned at 5: 1,500 in all, for nothing else has a price."""
    row = 'kind = "cleaned"\nunit = "m"\nprice = 5\nsource = "quotation 7"'
    (tmp_path / "prices.toml").write_text(f'currency = "CNY"\n[[prices]]\n{row}\n', encoding="utf-8")
    priced = ("--prices", tmp_path / "prices.toml", "--section", "a,b", "--hydrograph", "")
    code, told, said = run("report", results, *priced, "-o", tmp_path / "r.docx", "--json")
    assert code == 0, said
    sums = next(table for table in json.loads(told)["tables"] if "Sums of the bill" in table["caption"])
    amount = next(number for number, title in enumerate(sums["head"]) if title.startswith("amount"))
    assert sums["rows"][-1][amount].replace(",", "").split(".")[0] == "1500"


def test_the_template_of_the_office_is_used(results: Path, tmp_path: Path) -> None:
    template = docx.Document()
    template.add_paragraph("Letter head of {{title}}")
    template.save(str(tmp_path / "office.docx"))
    drawn = ("--section", "a,b", "--hydrograph", "", "--questions", "mixed_flow")
    code, _, said = run("report", results, *drawn, "--template", tmp_path / "office.docx", "-o", tmp_path / "r.docx")
    assert code == 0, said
    first = docx.Document(str(tmp_path / "r.docx")).paragraphs[0].text
    assert first == "Letter head of Assessment of the urban drainage network"
    code, _, said = run("report", results, "--template", tmp_path / "office.docx", "-o", tmp_path / "r.pdf")
    assert (code, ".typ" in said) == (1, True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--section", "a"), "a: a section takes two nodes"),
        (("--section", "a,b,c"), "a,b,c: a section takes two nodes"),
        (("--section", "a,bb"), "bb"),
        (("--hydrograph", "nowhere"), "nowhere"),
        (("--questions", "waterloging"), "did you mean waterlogging"),
        (("--prices", "none.toml"), "none.toml"),
        (("--office", "none.toml"), "none.toml"),
        (("--template", "none.docx"), "none.docx"),
    ],
)
def test_what_cannot_be_told_is_refused_in_one_line(
    results: Path, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    quick = () if "--hydrograph" in words else ("--hydrograph", "")
    code, told, said = run("report", results, *words, *quick, "-o", tmp_path / "r.docx")
    assert (code, told) == (1, "")
    assert message in said.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_an_existing_report_is_refused_before_anything_is_read_and_replaced_by_force(
    results: Path, tmp_path: Path
) -> None:
    (tmp_path / "r.docx").write_text("mine", encoding="utf-8")
    code, _, said = run("report", tmp_path, "-o", tmp_path / "r.docx")
    assert (code, "exists" in said) == (1, True)
    assert (tmp_path / "r.docx").read_text(encoding="utf-8") == "mine"
    asked = ("--questions", "mixed_flow", "--section", "a,b", "--hydrograph", "", "--force")
    code, _, said = run("report", results, *asked, "-o", tmp_path / "r.docx")
    assert code == 0, said
    assert docx.Document(str(tmp_path / "r.docx")).tables


def test_what_is_no_directory_of_results_and_no_kind_of_report(results: Path, tmp_path: Path) -> None:
    code, _, said = run("report", tmp_path, "-o", tmp_path / "r.docx")
    assert (code, str(tmp_path) in said) == (1, True)
    code, _, said = run("report", results, "-o", tmp_path / "r.html")
    assert (code, ".pdf, .docx" in said) == (1, True)
