"""Work on a file from outside in a process of its own: what breaks down, grows or looks elsewhere there, ends there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from drainage.errors import FormatError
from drainage.words import in_both

#: Folders of this machine, and of that where a library was built: nobody who sends a file shall read of them.
_FOLDERS: Final = re.compile(r"(?:/[\w.~+-]+)+/(?:[\w.~+-]+\.c(?:pp|c)?, \d+: )?")
_LONGEST_S: Final = 1800.0  # own choice: the largest drawing seen took half a minute


def ask_apart(script: Path, request: Mapping[str, object], folder: Path, *, file: Path, remedy: str) -> dict[str, Any]:
    """Run a script of ours, and return its answer.

    Parameters
    ----------
    script
        Reads ``request.json`` in the folder and writes ``answer.json`` there.
    folder
        That is there and empty.
    file, remedy
        The file that is read, and what to do where that fails, for messages.

    Raises
    ------
    FormatError
        The script broke down, took too long, or says that the file cannot be read.
    """
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
    # -P: what lies beside the script or in the working directory must not stand in for a library
    command = [sys.executable, "-P", str(script), str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_LONGEST_S, check=False)  # noqa: S603 - our own script
    except subprocess.TimeoutExpired as error:
        raise FormatError(in_both("read_too_long", file=file.name, minutes=_LONGEST_S / 60, remedy=remedy)) from error
    answered = folder / "answer.json"
    if done.returncode != 0 or not answered.is_file():
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = said[-1][:200] if said else in_both("exit_code", code=done.returncode)
        raise FormatError(in_both("reading_breaks_down", file=file.name, reason=reason, remedy=remedy))
    answer: dict[str, Any] = json.loads(answered.read_text(encoding="utf-8"))
    if "error" in answer:
        told = str(answer["error"]).partition("It might help to specify")[0]
        reason = " ".join(_FOLDERS.sub("", told).split()).rstrip(".;")
        raise FormatError(in_both("unreadable_so", file=file.name, reason=reason[:300], remedy=remedy))
    return answer
