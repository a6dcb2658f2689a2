"""Build the documentation site: `python scripts/site/build.py`, and open out/site/index.html.

The pages of docs, the notebooks as executed, pictures drawn by the scripts of the gallery, and what is made of the
program itself: its commands, quality rules, public names and glossary. A page or a link that is missing ends it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import of_docs
import of_gallery
import of_glossary
import of_notebooks
import of_program
import texts

ROOT = Path(__file__).parents[2]
OUT = ROOT / "out"


def assemble(source: Path, *, text_only: bool) -> None:
    """Write every page as Markdown."""
    shutil.rmtree(source, ignore_errors=True)
    of_docs.assemble(source)
    of_notebooks.pages(source, None if text_only else OUT / "notebooks")
    of_gallery.pages(source, drawn=not text_only)
    reference = source / "reference"
    (reference / "python").mkdir(parents=True, exist_ok=True)
    for lang in texts.LANGUAGES:
        for name, written in of_program.names(lang).items():
            (reference / "python" / texts.named(name, lang)).write_text(written, encoding="utf-8")
        made = {"commands": of_program.commands, "rules": of_program.rules, "glossary": of_glossary.page}
        for name, write in made.items():
            (reference / texts.named(name, lang)).write_text(write(lang), encoding="utf-8")


def main() -> int:
    """Build the site."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text-only", action="store_true", help="without executing notebooks and drawing pictures")
    parser.add_argument("-o", "--output", type=Path, default=OUT / "site", help="where the site goes")
    given = parser.parse_args()
    output = given.output.resolve()
    source = output.with_name(f"{output.name}-source")
    assemble(source, text_only=given.text_only)
    command = [sys.executable, "-m", "mkdocs", "build", "-d", str(output)]
    env = {**os.environ, "SITE_SOURCE": str(source), "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
    if not done:
        print(given.output / "index.html")
    return done


if __name__ == "__main__":
    sys.exit(main())
