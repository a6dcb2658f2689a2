"""The pictures of the documentation show what is drawn today: each is drawn anew by the script that drew it."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

from scripts import draw_charts, draw_report, draw_section, draw_system_map, screenshot_demo
from tests.support.browser import CHROMIUM
from tests.support.pages import DOCS
from tests.support.pictures import differs, grey

SCRIPTS: Final = (draw_charts, draw_report, draw_section, draw_system_map, screenshot_demo)
#: What a script needs that may not be on a machine.
NEEDS: Final = {draw_report: ("pdftoppm", shutil.which("pdftoppm")), screenshot_demo: ("chromium", CHROMIUM)}
#: Drawn of real networks that are not in this repository, with the tables of its page.
OF_REAL_NETWORKS: Final = "validation/inspection.svg"


def test_every_picture_is_drawn_by_a_script() -> None:
    kept = [path for ending in ("png", "svg", "gif", "jpg", "webp") for path in DOCS.rglob(f"*.{ending}")]
    drawn = [name for script in SCRIPTS for name in script.PICTURES]
    assert sorted(path.relative_to(DOCS).as_posix() for path in kept) == sorted([*drawn, OF_REAL_NETWORKS])


@pytest.mark.long
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_a_picture_shows_what_is_drawn_today(script: ModuleType, tmp_path: Path) -> None:
    name, found = NEEDS.get(script, ("", "nothing"))
    if found is None:
        pytest.skip(f"needs {name}")
    for picture in script.PICTURES:
        (tmp_path / picture).parent.mkdir(parents=True, exist_ok=True)
    script.draw(tmp_path)
    apart = {name: differs(grey(tmp_path / name), grey(DOCS / name)) for name in script.PICTURES}
    remedy = f"python {script.__name__.replace('.', '/')}.py draws them anew; look at them"
    assert {name: how for name, how in apart.items() if how} == {}, remedy
