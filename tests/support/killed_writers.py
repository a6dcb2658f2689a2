"""Writers that are killed at every one of their renames: ``python tests/support/killed_writers.py FOLDER``.

Prints for each kill what a reader finds afterwards; the kill is a real one, by the system, of a process that writes.
``FOLDER HOW TEXT`` writes eight times instead.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import drainage.writing.moving as moving  # noqa: PLR0402 - its function is exchanged below
from drainage.writing import replacing_directory, replacing_files, settle

NAMES = ("a.geojson", "b.geojson", "c.geojson")


def write_files(place: Path, text: str) -> None:
    with replacing_files([place / name for name in NAMES], ending=".geojson", force=True) as folder:
        for name in NAMES:
            (folder / name).write_text(text, encoding="utf-8")


def write_report(place: Path, text: str) -> None:
    with replacing_directory(place / "report", force=True) as folder:
        for name in NAMES:
            (folder / name).write_text(text, encoding="utf-8")


def write_report_by_steps(place: Path, text: str) -> None:
    """Write where two names cannot be exchanged at once."""
    moving._exchange = lambda *_: False
    write_report(place, text)


def read_files(place: Path) -> str:
    return "+".join(sorted({(place / name).read_text(encoding="utf-8") for name in NAMES}))


def read_report(place: Path) -> str:
    return read_files(place / "report")


def killed_at(number: int, write: Callable[[Path, str], None], place: Path) -> bool:
    """Write in a process that is killed at its rename of a number; False where it had fewer."""
    child = os.fork()
    if child == 0:
        count = 0

        def count_down(event: str, _: object) -> None:
            nonlocal count
            if event == "os.rename":
                count += 1
                if count == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count_down)
        write(place, "new")
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def main(folder: Path) -> None:
    for write, read in (
        (write_files, read_files),
        (write_report, read_report),
        (write_report_by_steps, read_report),
    ):
        number = 0
        while True:
            number += 1
            place = folder / f"{write.__name__}_{number}"
            place.mkdir()
            write(place, "old")
            killed = killed_at(number, write, place)
            at_once = read(place) if write is write_report else ""
            settle(place)
            found = read(place)
            write(place, "last")
            rest = sorted(path.name for path in place.iterdir() if path.name.startswith("."))
            print(write.__name__, number, killed, at_once or found, found, read(place), rest)  # noqa: T201
            if not killed:
                break


if __name__ == "__main__":
    if len(sys.argv) > 2:
        for _ in range(8):
            globals()[sys.argv[2]](Path(sys.argv[1]), sys.argv[3])
    else:
        main(Path(sys.argv[1]))
