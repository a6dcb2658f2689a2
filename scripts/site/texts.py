"""What the generated pages say, in two languages; how a page begins."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

import yaml

from drainage.words import LANGUAGES

_TEXTS: Final = tomllib.loads((Path(__file__).parent / "texts.toml").read_text(encoding="utf-8"))


def text(page: str, name: str, lang: str) -> str:
    """Return a text of a generated page."""
    return str(_TEXTS[page][name][LANGUAGES.index(lang)])


def named(page: str, lang: str) -> str:
    """Return the name of the file of a page: Chinese ones end in .zh.md."""
    return f"{page}.zh.md" if lang == "zh" else f"{page}.md"


def begun(page: str, lang: str) -> str:
    """Return how a generated page begins: for whom it is, and its title."""
    about = {name: text(page, name, lang) for name in ("reader", "afterwards")}
    return f"---\n{yaml.safe_dump(about, allow_unicode=True, width=10_000)}---\n# {text(page, 'title', lang)}\n\n"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Write a table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines)
