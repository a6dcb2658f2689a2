"""Write what was validated, with one number each, into docs/validation/index.md and its Chinese twin.

The numbers are read from the pages and files that hold them, by the patterns of `list_validations.toml`; a pattern that
finds nothing is an error, so that no number outlives its page.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
BEGIN, END = "<!-- figures: written by scripts/list_validations.py -->\n", "<!-- end of figures -->\n"
PAGES: Final = {"en": ROOT / "docs" / "validation" / "index.md", "zh": ROOT / "docs" / "validation" / "index.zh.md"}


def main() -> None:
    """Write both pages."""
    for lang, path in PAGES.items():
        path.write_text(with_numbers(path.read_text(encoding="utf-8"), lang), encoding="utf-8")


def with_numbers(page: str, lang: str) -> str:
    """Return a page with what is between its marks as it is today."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{paragraphs(lang)}\n{END}{after}"


def paragraphs(lang: str) -> str:
    """Return a paragraph for each thing validated, in one language."""
    listed = tomllib.loads((ROOT / "scripts" / "list_validations.toml").read_text(encoding="utf-8"))["validated"]
    return "\n".join(f"### {one[lang]['title']}\n\n{_said(one, lang)}\n" for one in listed)


def _said(one: dict[str, Any], lang: str) -> str:
    numbers: dict[str, str] = {}
    for file, pattern in one.get("numbers", {}).items():
        found = re.search(pattern, (ROOT / file).read_text(encoding="utf-8"))
        if found is None:
            raise ValueError(f"{file} has no {pattern}")
        numbers |= {name: value.strip() for name, value in found.groupdict().items()}
    return str(one[lang]["says"]).strip().format(**numbers)


if __name__ == "__main__":
    main()
