"""The gallery: each script of `gallery/` draws one picture, which stands on the page above its code."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import texts

HERE: Final = Path(__file__).parent
SCRIPTS: Final = HERE / "gallery"


def draw(target: Path) -> None:
    """Run every script in a folder, in which it leaves a picture of its name.

    Raises
    ------
    RuntimeError
        A script failed or left no picture.
    """
    target.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda script: _draw(script, target), sorted(SCRIPTS.glob("*.py"))))


def _draw(script: Path, target: Path) -> None:
    """Run a script in a folder that is gone afterwards, and keep its picture."""
    with TemporaryDirectory() as folder:
        command, env = [sys.executable, script], {**os.environ, "MPLBACKEND": "Agg"}
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
        picture = _picture(script, Path(folder))
        if done.returncode or picture is None:
            raise RuntimeError(f"{script.name}: {done.stderr.strip() or 'no picture'}")
        shutil.copy(picture, target)


def pages(target: Path, *, drawn: bool) -> None:
    """Write the page in both languages."""
    place = target / "gallery"
    if drawn:
        draw(place)
    for lang in texts.LANGUAGES:
        written = texts.begun("gallery", lang) + texts.text("gallery", "intro", lang) + "\n\n"
        for script in sorted(SCRIPTS.glob("*.py")):
            written += _shown(script, place if drawn else None, lang)
        (target / texts.named("gallery", lang)).write_text(written, encoding="utf-8")


def _shown(script: Path, place: Path | None, lang: str) -> str:
    code = script.read_text(encoding="utf-8")
    tree = ast.parse(code)
    title = texts.text("pictures", script.stem, lang)
    body = "\n".join(code.splitlines()[tree.body[0].end_lineno :]).strip()
    picture = _picture(script, place) if place else None
    shown = f"*{texts.text('gallery', 'not_drawn', lang)}*"
    if picture and picture.suffix == ".html":
        shown = f'<iframe src="gallery/{picture.name}" loading="lazy" title="{title}" class="map"></iframe>'
    elif picture:
        shown = f"![{title}](gallery/{picture.name})"
    return f"## {title}\n\n{shown}\n\n```python\n{body}\n```\n\n"


def _picture(script: Path, place: Path) -> Path | None:
    found = [one for ending in ("png", "svg", "html") if (one := place / f"{script.stem}.{ending}").exists()]
    return found[0] if found else None
