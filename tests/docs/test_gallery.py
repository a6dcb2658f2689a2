"""Every script of the gallery uses what is public alone, and has titles in both languages; the site runs them."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

from tests.support.pages import ROOT

SITE = ROOT / "scripts" / "site"
SCRIPTS = sorted((SITE / "gallery").glob("*.py"))
TITLES = tomllib.loads((SITE / "texts.toml").read_text(encoding="utf-8"))["pictures"]


def _stem(script: Path) -> str:
    return script.stem


def test_every_picture_has_a_title_in_both_languages_and_every_title_a_picture() -> None:
    assert sorted(TITLES) == [script.stem for script in SCRIPTS]
    assert all(len(both) == len(set(both)) == 2 for both in TITLES.values())


@pytest.mark.parametrize("script", SCRIPTS, ids=_stem)
def test_a_script_can_be_taken_away(script: Path) -> None:
    tree = ast.parse(script.read_text(encoding="utf-8"))
    told = ast.get_docstring(tree)
    assert told
    assert "\n" not in told
    assert len(tree.body) <= 13
    imported = [one for one in ast.walk(tree) if isinstance(one, ast.Import | ast.ImportFrom)]
    names = {one.module if isinstance(one, ast.ImportFrom) else one.names[0].name for one in imported}
    assert names <= {"drainage", "matplotlib.pyplot", "pandas", "pathlib"}
    assert not [one for one in ast.walk(tree) if isinstance(one, ast.Attribute) and one.attr.startswith("_")]
