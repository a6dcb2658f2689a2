"""The written pages: each begins with for whom it is, and links out of the folder of docs lead to what they name."""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import texts

ROOT: Final = Path(__file__).parents[2]
#: Pages that stand beside the package, and where they stand on the site.
_OUTSIDE: Final = {
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
    "SECURITY.md": "project/security.md",
    "data/README.md": "project/demo-data.md",
}
_TITLE: Final = re.compile(r"^# .+\n", re.MULTILINE)
_LINK: Final = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")
#: A line that leads to the same page in the other language, which the site does on every page.
_OTHER_LANGUAGE: Final = re.compile(r"^\*\*\[[^\]]+\]\([\w.-]+\.md\)\*\*$\n?", re.MULTILINE)
_CODE: Final = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)


def assemble(target: Path) -> None:
    """Copy the folder of docs and the pages beside it."""
    shutil.copytree(ROOT / "docs", target)
    for source, place in _OUTSIDE.items():
        (target / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / source, target / place)
    origins = {target / place: ROOT / source for source, place in _OUTSIDE.items()}
    for page in sorted(target.rglob("*.md")):
        origin = origins.get(page, ROOT / "docs" / page.relative_to(target))
        page.write_text(led(page.read_text(encoding="utf-8"), origin, page, target), encoding="utf-8")


def is_beside(place: str) -> bool:
    """Tell whether a page of the site stands beside the package, where forges would show front matter."""
    return place in _OUTSIDE.values()


def about(place: str, lang: str) -> dict[str, str]:
    """Return for whom a page beside the package is, and what he can do afterwards."""
    return {name: texts.text(Path(place).stem, name, lang) for name in ("reader", "afterwards")}


def with_reader(text: str, about: Mapping[str, Any], lang: str) -> str:
    """Write below the title for whom a page is and what he can do afterwards."""
    lines = [
        f"    **{texts.text('reader', word, lang)}** {about[name]}"
        for word, name in (("for", "reader"), ("afterwards", "afterwards"))
        if name in about
    ]
    box = '\n!!! abstract ""\n\n' + "<br>\n".join(lines) + "\n\n" if lines else ""
    return _TITLE.sub(lambda title: title[0] + box, text, count=1)


def led(text: str, origin: Path, page: Path, target: Path) -> str:
    """Let links lead to pages of the site, and name files that are not on it without a link."""
    here = page.relative_to(target).parent.as_posix()
    parts = _CODE.split(_OTHER_LANGUAGE.sub("", text))
    parts[::2] = [_LINK.sub(lambda link: _place(link, origin, here), part) for part in parts[::2]]
    return "".join(parts)


def _place(link: re.Match[str], origin: Path, here: str) -> str:
    said, name, anchor = link[1], link[2], link[3] or ""
    if "://" in name or name.startswith("mailto:"):
        return link[0]
    named = (origin.parent / name).resolve()
    if not named.is_relative_to(ROOT) or not named.exists():
        return link[0]
    file = named.relative_to(ROOT).as_posix()
    if file in _OUTSIDE:
        place = _OUTSIDE[file]
    elif file.startswith("docs/"):
        place = file.removeprefix("docs/").replace(".zh.md", ".md")
    elif file.startswith("notebooks/"):
        place = f"notebooks/{named.stem}.md"
    else:
        return said
    return f"[{said}]({posixpath.relpath(place, here)}{anchor})"
