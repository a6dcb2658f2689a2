"""Every question that docs/server/server.md shows is asked of the demo city, and answered."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.api.standard.sites import site

pytestmark = pytest.mark.long
TEXT = (Path(__file__).parents[3] / "docs" / "server" / "server.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^curl (?:.*\\\n)*.*$", TEXT, re.MULTILINE)


def asked(command: str) -> tuple[str, dict[str, str]]:
    """Return the address and the encoded parameters of a command."""
    words = shlex.split(command.replace("\\\n", " "), comments=True)
    given = [words[k + 1] for k, word in enumerate(words) if word == "--data-urlencode"]
    [address] = [word for word in words if word.startswith("$S")]
    return address.removeprefix("$S"), dict(one.split("=", 1) for one in given)


def test_there_are_some() -> None:
    assert len(COMMANDS) > 15


@pytest.mark.parametrize("command", COMMANDS)
def test_each_is_answered(command: str) -> None:
    address, more = asked(command)
    answer = site("demo").get(address, params=more) if more else site("demo").get(address)
    if "version=" in address or address == "/versions":  # of a comparison, or of a store
        assert answer.status_code in {400, 404}
        return
    assert answer.status_code == 200, answer.text
    if more:
        assert answer.json()["numberMatched"] > 0
