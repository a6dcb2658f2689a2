"""What a kind of job is: how it is done, and what becomes of its subject where it cannot be."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Select

from drainage.said import Said
from drainage_api.settings import Settings
from drainage_api.store.opened import Store
from drainage_api.store.queue import Claim

_LONGEST_NAME: Final = 60  # before its ending; own choice
Change = Callable[[Connection], None]
Parts = Mapping[str, Callable[[dict[str, Any]], None]]
Run = Callable[[str, Mapping[str, object], Parts], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Order:
    """A job that is being done.

    Parameters
    ----------
    room
        A directory that goes with the job.
    run
        Calls a function in the limited process, as `drainage_api.jobs.running.Process.run`.
    keep
        Makes a change of the store that stays whatever becomes of the job, while it is held.
    """

    claim: Claim
    store: Store
    settings: Settings
    room: Path
    run: Run
    keep: Callable[[Change], None]

    def lay_out(self, digest: str, filename: str, ending: str, *, before: str = "") -> str:
        """Copy an object into the room; return its name there: letters, digits and strokes of that by its sender."""
        stem = re.sub(r"[^\w-]+", "_", Path(filename).stem)[:_LONGEST_NAME].strip("_") or "file"
        name = f"{before}{stem}.{ending}"
        shutil.copyfile(self.store.objects.path(digest), self.room / name)
        return name


@dataclass(frozen=True, slots=True)
class Beforehand:
    """What can be done of a job while longer ones are under way; afterwards the job waits again.

    Parameters
    ----------
    do
        Does it, and returns what is to be written.
    subjects
        A question for the subjects of which it was not done yet.
    """

    do: Callable[[Order], Change]
    subjects: Select[tuple[str]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job.

    Parameters
    ----------
    do
        Does it, and returns what is to be written together with its end.
    fail
        Writes of a subject that its job has failed.
    beforehand
        What can be done of it before its turn; None: nothing.
    """

    do: Callable[[Order], Change]
    fail: Callable[[Store, Connection, str, Said], None]
    beforehand: Beforehand | None = None
