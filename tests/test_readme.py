"""The front page is short, links of pages and notebooks lead somewhere, and its lines of Python are of today."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

import drainage as dr

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "notebooks").glob("*.ipynb")]
MOST_WORDS = 500
MOST_BYTES = 300_000

#: Pages of the site that are made when it is built: of the program, the notebooks, the gallery, the pages beside docs.
GENERATED = re.compile(
    r"docs/(reference/(commands|rules|glossary|python/\w+)|notebooks/\w+|gallery|project/[\w-]+)\.md"
)

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
_NAMED = re.compile(r'<a id="([^"]+)">|^#.*\{#([\w-]+)\}$', re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of a page, as forges make them, and those that it names itself."""
    text = page.read_text(encoding="utf-8")
    headings = {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in _HEADING.findall(text)}
    return headings | {one for found in _NAMED.findall(text) for one in found}


def written(page: Path) -> str:
    """Return the text of a page, of a notebook that of its cells of Markdown."""
    text = page.read_text(encoding="utf-8")
    if page.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def test_readme_is_read_in_two_minutes() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= MOST_WORDS
    assert (ROOT / "docs" / "demo.png").stat().st_size <= MOST_BYTES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for link in _LINK.findall(_CODE.sub("", written(page))):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if target.is_relative_to(ROOT) and GENERATED.fullmatch(target.relative_to(ROOT).as_posix()):
            continue
        assert target.exists(), link
        assert not anchor or target.suffix != ".md" or anchor in anchors(target), link


@pytest.mark.parametrize("name", ["README.md", "README.zh.md", "docs/usage.md", "docs/usage.zh.md"])
def test_lines_of_python_name_public_names_only(name: str) -> None:
    blocks = _PYTHON.findall((ROOT / name).read_text(encoding="utf-8"))
    assert blocks
    for node in ast.walk(ast.parse("\n".join(blocks))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "dr":
            assert node.attr in dr.__all__, node.attr
