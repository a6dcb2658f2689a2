"""The house stays as it is drawn: no room is stuffed, no two files are called alike, one list tells what is asked."""

from __future__ import annotations

import inspect
import runpy
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from drainage import words
from drainage.cli import app
from drainage.maps.looks import THEMES
from drainage.report import COLLECTIONS, QUESTIONS
from drainage.report.analyze import ALSO
from drainage_api.main import create_app
from tests.api.test_api import client
from tests.support.api_reports import hand_made
from tests.support.public import PUBLIC

ROOT = Path(__file__).parents[1]
MOST_FILES = 18
#: Names of files that are used twice or more, from before the house was redrawn: a name may go, none may come.
ALIKE = {
    "columns", "evidence", "find", "findings", "kernels", "levels", "links", "main", "nodes",
    "provenance", "rules", "sizes", "tables", "vector",
}  # fmt: skip
#: What a question needs → the parameter of its command; what is not here the command finds out by itself.
TOLD_BY = {"state": "storm_formula", "evidence": "evidence", "rain": "rain", "before": "before", "after": "after",
           "budget": "budget", "changes": "with_", "runs": "source", "terms": "terms",
           "maxima": "fit", "formula": "formula",
           "tolerance_m": "tolerance"}  # fmt: skip
#: Commands that are no question: what is read, changed in form, or asked together.
OTHER_COMMANDS = {
    "analyze", "audit", "backup", "demo", "export", "hydrograph", "keys", "publish", "report", "restore", "section",
    "serve", "sheet", "show", "terms", "trace",
}  # fmt: skip

FILES = [path for room in ("drainage", "api") for path in (ROOT / room).rglob("*.py")]
COMMANDS = {name: command for name in app.list_commands(None) if (command := app.get_command(None, name))}


def test_no_folder_is_stuffed() -> None:
    counts = Counter(path.parent.relative_to(ROOT).as_posix() for path in FILES)
    assert not {name: count for name, count in counts.items() if count > MOST_FILES}


def test_the_picture_of_the_floors_is_that_of_the_contract() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    floors = tools["importlinter"]["contracts"][0]["layers"]
    picture = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("```text\n")[1].split("```")[0]
    assert [row.split("  ")[0] for row in picture.strip().splitlines()[2:]] == floors


def test_no_two_files_more_are_called_alike() -> None:
    """The server is a package of its own, whose rooms have the names that every server has."""
    counts = Counter((path.is_relative_to(ROOT / "api"), path.stem) for path in FILES if path.stem[:2] != "__")
    alike = {name for (_, name), count in counts.items() if count > 1}
    assert alike <= ALIKE, f"called as another file is: {sorted(alike - ALIKE)}"
    assert alike >= ALIKE, f"take {sorted(ALIKE - alike)} off the list, so that they do not come again"


def test_every_question_has_words_and_a_function_that_needs_what_is_said() -> None:
    assert QUESTIONS.keys() == words._table("questions").keys()
    for name, one in QUESTIONS.items():
        parameters = inspect.signature(PUBLIC[one.ask]).parameters.values()
        needed = [each.name for each in parameters if each.default is each.empty]
        assert [need for need in needed if need != "net"] == list(one.needs), name
        assert all(one.titles), name


def test_every_command_is_a_question_or_known_not_to_be_one() -> None:
    asked = {one.command: one for one in QUESTIONS.values() if one.command}
    assert asked.keys() | OTHER_COMMANDS == COMMANDS.keys()
    for name, one in asked.items():
        takes = {each.name for each in COMMANDS[name].params}
        assert {TOLD_BY[need] for need in one.needs if need in TOLD_BY} <= takes, name


def test_every_collection_has_a_theme_and_belongs_to_a_question_that_is_reported() -> None:
    assert {one.theme or name for name, one in COLLECTIONS.items()} <= THEMES.keys()
    owners = {one.question for one in COLLECTIONS.values() if one.question}
    assert owners <= {name for name, one in QUESTIONS.items() if one.reported} | set(ALSO.values())
    listed = {name for one in QUESTIONS.values() for name in one.collections}
    assert listed == {name for name, one in COLLECTIONS.items() if one.question}


def test_the_server_offers_the_collections_by_their_titles() -> None:
    listed = {one["id"]: one["title"] for one in client().get("/collections").json()["collections"]}
    asked = {name for name, one in COLLECTIONS.items() if not one.optional and name != "issues"}
    titles = words.all_of("collections")
    assert listed == {name: titles[name].both for name in asked | {"nodes", "issue_points", "issue_lines"}}
    indexes = {name: frame.index.name for name, frame in hand_made().collections.items()}
    assert indexes == {name: one.id for name, one in COLLECTIONS.items() if not one.optional}


def test_the_old_address_of_the_server_is_the_new_one_for_one_version() -> None:
    with pytest.warns(DeprecationWarning, match=r"drainage_api\.main"):
        old = runpy.run_path(str(ROOT / "api" / "main.py"))
    assert old["create_app"] is create_app
