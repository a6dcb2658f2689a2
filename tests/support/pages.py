"""The pages of the documentation: what each says of itself, and the blocks of code in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
PAGES: Final = sorted(DOCS.rglob("*.md"))
ENGLISH: Final = [page for page in PAGES if not page.name.endswith(".zh.md")]
_FRONT: Final = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_BLOCK: Final = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_NOT_RUN: Final = re.compile(r"<!-- not run: [^>]+ -->\s*\Z")


@dataclass(frozen=True)
class Block:
    """A block of code: its language, its text, the line at which it begins, and whether it is run."""

    language: str
    text: str
    line: int
    is_run: bool


def named(page: Path) -> str:
    """Return how a page is named in a test."""
    return page.relative_to(DOCS).as_posix()


def twin(page: Path) -> Path:
    """Return where the Chinese page stands."""
    return page.with_name(f"{page.stem}.zh.md")


def front(page: Path) -> str:
    """Return what a page says of itself before its title; nothing where it says nothing."""
    found = _FRONT.match(page.read_text(encoding="utf-8"))
    return found[1] if found else ""


def blocks(page: Path) -> list[Block]:
    """Return the blocks of code of a page; ``<!-- not run: WHY -->`` above one says that it is only read."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            found[2],
            "".join(line.removeprefix(found[1]) for line in found[3].splitlines(keepends=True)),
            text.count("\n", 0, found.start()) + 1,
            not _NOT_RUN.search(text[: found.start()]),
        )
        for found in _BLOCK.finditer(text)
    ]
