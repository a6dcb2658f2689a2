"""The notebooks as pages: executed where they stand, with what they showed."""

from __future__ import annotations

import hashlib
import html
import itertools
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import nbformat
import of_docs
import texts
from nbclient import NotebookClient
from nbconvert import MarkdownExporter

ROOT: Final = Path(__file__).parents[2]
#: In the order in which an engineer meets the questions.
ORDER: Final = (
    "your_city_in_ten_lines", "judge_a_survey", "where_it_floods", "what_to_build", "who_fouls_this_outfall",
    "how_separated_is_a_road", "before_and_after", "which_manhole_next", "rain_from_its_gauge", "swmm_and_back",
    "contractors_month", "a_million_pipes",
)  # fmt: skip
_MAP: Final = re.compile(r'<iframe srcdoc="([^"]*)"[^>]*></iframe>', re.DOTALL)
_TITLE: Final = re.compile(r"\A# (.+)")


def execute(name: str, kept: Path, *, timeout_s: int = 900) -> Path:
    """Execute a notebook unless it was executed as it stands, and return the file with what it showed.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        One of its cells failed, an assertion too.
    """
    source = ROOT / "notebooks" / f"{name}.ipynb"
    digest = hashlib.sha256(source.read_bytes() + _behind()).hexdigest()[:16]
    done = kept / f"{name}-{digest}.ipynb"
    if not done.exists():
        kept.mkdir(parents=True, exist_ok=True)
        notebook = nbformat.read(source, as_version=4)
        NotebookClient(notebook, timeout=timeout_s, resources={"metadata": {"path": str(source.parent)}}).execute()
        nbformat.write(notebook, done)
    return done


def pages(target: Path, kept: Path | None) -> None:
    """Write a page for each notebook and one that lists them; without results where none were kept."""
    place = target / "notebooks"
    place.mkdir()
    if kept:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda name: execute(name, kept), ORDER))
    titles = {}
    for name in ORDER:
        source = ROOT / "notebooks" / f"{name}.ipynb"
        notebook = nbformat.read(execute(name, kept) if kept else source, as_version=4)
        body, about = MarkdownExporter().from_notebook_node(notebook)
        for picture, content in about["outputs"].items():
            body = body.replace(f"({picture})", f"({name}-{picture})")
            (place / f"{name}-{picture}").write_bytes(content)
        titles[name] = _TITLE.match(body.strip())[1]  # type: ignore[index]  # every notebook begins with its title
        (place / f"{name}.ipynb").write_bytes(source.read_bytes())
        for lang in texts.LANGUAGES:
            page = place / texts.named(name, lang)
            written = _page(_with_maps(body.strip(), place, name), name, lang, run=bool(kept))
            page.write_text(of_docs.led(written, source, page, target), encoding="utf-8")
    for lang in texts.LANGUAGES:
        (place / texts.named("index", lang)).write_text(_index(titles, lang), encoding="utf-8")


def _page(body: str, name: str, lang: str, *, run: bool) -> str:
    said = "" if run else f"*{texts.text('notebooks', 'not_run', lang)}*\n\n"
    return f"{body}\n\n---\n\n{said}[{texts.text('notebooks', 'file', lang)}]({name}.ipynb)\n"


def _index(titles: dict[str, str], lang: str) -> str:
    lines = "".join(f"{number}. [{title}]({name}.md)\n" for number, (name, title) in enumerate(titles.items(), 1))
    return f"{texts.begun('notebooks', lang)}{texts.text('notebooks', 'intro', lang)}\n\n{lines}"


def _with_maps(body: str, place: Path, name: str) -> str:
    """Move maps into files of their own, which are loaded when they are seen."""
    numbers = itertools.count(1)

    def moved(found: re.Match[str]) -> str:
        file = f"{name}-map-{next(numbers)}.html"
        (place / file).write_text(html.unescape(found[1]), encoding="utf-8")
        return f'<iframe src="{file}" loading="lazy" title="map" class="map"></iframe>'

    return _MAP.sub(moved, body)


def _behind() -> bytes:
    """Return what differs when the programs or the data do that a notebook runs on."""
    seen = hashlib.sha256()
    for place in (ROOT / "drainage", ROOT / "api" / "drainage_api", ROOT / "data"):
        for file in sorted(place.rglob("*")):
            if file.suffix in {".py", ".toml", ".geojson", ".html", ".js", ".css"}:
                seen.update(file.read_bytes())
    return seen.digest()
