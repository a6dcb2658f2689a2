"""Every page says for whom it is, in both languages, with the same code, and is spelt rightly."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support.pages import DOCS, ENGLISH, PAGES, ROOT, blocks, front, named, twin

#: Pages in one language: they are in both languages already, or for those who work on the program.
_ONE: Final = re.compile(r"decisions/|reference/data-dictionary|validation/(?!index)")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_page_says_for_whom_it_is_and_what_he_can_do_afterwards(page: Path) -> None:
    said = re.findall(r"^(reader|afterwards): (.{8,})$", front(page), re.MULTILINE)
    assert [name for name, _ in said] == ["reader", "afterwards"]


@pytest.mark.parametrize("page", [page for page in ENGLISH if not _ONE.match(named(page))], ids=named)
def test_a_page_is_there_in_chinese_with_the_same_code(page: Path) -> None:
    of_both = [
        [_bare(one.text) for one in blocks(each) if one.language in {"python", "sh"}] for each in (page, twin(page))
    ]
    assert of_both[0] == of_both[1]
    assert re.search("[一-鿿]", front(twin(page)))


@pytest.mark.parametrize("notebook", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda one: one.stem)
def test_a_notebook_says_in_its_first_cell_for_whom_it_is_in_both_languages(notebook: Path) -> None:
    first, *_, last = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    told = "".join(first["source"])
    assert re.match(r"# .+ · .*[一-鿿].*\n\n\*\*For\*\* ", told)
    assert re.search(r"^\*\*[一-鿿]+\*\*：", told, re.MULTILINE)
    assert last["cell_type"] == "markdown"


def test_no_chinese_page_stands_alone() -> None:
    assert not [named(page) for page in PAGES if page.name.endswith(".zh.md") and not _of(page).exists()]


def test_words_are_spelt_rightly() -> None:
    where = [DOCS, *ROOT.glob("*.md"), ROOT / "drainage", ROOT / "api" / "drainage_api", ROOT / "notebooks"]
    command = [sys.executable, "-m", "codespell_lib", *(str(one.relative_to(ROOT)) for one in where)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0)


def _bare(code: str) -> str:
    """Return code without its comments, which are in the language of the page."""
    return re.sub(r"\s+#.*", "", code)


def _of(page: Path) -> Path:
    return page.with_name(page.name.replace(".zh.md", ".md"))
