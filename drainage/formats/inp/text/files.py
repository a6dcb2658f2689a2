"""Files that an .inp names to be read: where they are, and whether they lie in the folder of the model.

A model comes from somebody else, so that what it names outside its own folder is neither read nor run without a yes of
the user. A path of another machine leads nowhere: the file of that name beside the model is taken.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from drainage.errors import FormatError
from drainage.formats.inp.text.tokens import InpText, split_line
from drainage.said import Said, joined
from drainage.schema import Issues
from drainage.words import in_both

#: Section → place of the word that announces a file, the word, whether it must be whole, and place of the name.
_ANNOUNCED: Final = {
    "RAINGAGES": (4, "FILE", False, 5),
    "TIMESERIES": (1, "FILE", True, 2),
    "TEMPERATURE": (0, "FILE", False, 1),
    "FILES": (0, "USE", False, 2),
}
_DRIVE: Final = re.compile(r"[A-Za-z]:")


class NamedFile(NamedTuple):
    """A file that a line of an .inp names.

    Parameters
    ----------
    section
        Where it is named.
    line, place
        Numbers of the line in the section and of the token in the line.
    written
        As it is named.
    """

    section: str
    line: int
    place: int
    written: str


class Found(NamedTuple):
    """Where a named file is.

    Parameters
    ----------
    path
        The path of the existing file.
    outside
        It lies outside the folder of the model, symbolic links followed.
    """

    path: Path
    outside: bool


def files_named(sections: Mapping[str, Iterable[str]]) -> Iterator[NamedFile]:
    """List the files that the engine would read: of rain, of series, of climate, and those of ``USE``."""
    for section, (at, word, whole, place) in _ANNOUNCED.items():
        for number, line in enumerate(sections.get(section, ())):
            row = split_line(line)
            if len(row) <= place or not row[at].upper().startswith(word) or (whole and row[at].upper() != word):
                continue
            yield NamedFile(section, number, place, row[place])


def locate(folder: Path, written: str) -> Found | None:
    """Find a file that a model names, relative to the model; backslashes are those of Windows.

    Where there is no such file, as with a path of another machine, that of its name beside the model is taken.
    """
    plain = written.replace("\\", "/")
    name = re.split("[/:]", plain)[-1]
    # a share of another machine is asked for nothing, not even whether it is there
    elsewhere = plain.startswith("//") or (os.name != "nt" and _DRIVE.match(plain) is not None)
    beside = [folder / name, *_in_other_case(folder, name)] if name else []
    for candidate in ([] if elsewhere else [folder / plain]) + beside:
        if os.path.isfile(candidate):  # noqa: PTH113 - a name that cannot be one is no file; Path raises
            return Found(candidate, not candidate.resolve().is_relative_to(folder.resolve()))
    return None


def _in_other_case(folder: Path, name: str) -> list[Path]:
    """List the one file whose name differs by case alone: where the model was made, that was the same."""
    alike = [file for file in folder.iterdir() if file.name.casefold() == name.casefold()] if folder.is_dir() else []
    return alike if len(alike) == 1 else []


def find_file(text: InpText, written: str) -> Path | None:
    """Find a file that a model names and that may be read.

    Raises
    ------
    FormatError
        It lies outside the folder of the model, and the user has not said yes.
    """
    found = locate(text.path.parent, written)
    if found is None:
        return None
    if found.outside and not text.allow_outside:
        raise FormatError(outside_words(text.path.name, [written]))
    return found.path


def outside_words(model: str, written: Iterable[str]) -> Said:
    """Return the message that files lie outside the folder of the model, and what to do."""
    return in_both("names_files_outside", model=model, files=joined(dict.fromkeys(written), ", "))


def report_files(text: InpText, issues: Issues) -> None:
    """Report files that the sections name and that are not there, or lie outside the folder of the model."""
    missing, outside = [], []
    for name, section in dict.fromkeys((one.written, one.section) for one in files_named(text.sections)):
        found = locate(text.path.parent, name)
        if found is None:
            missing.append((name, section))
        elif found.outside:
            outside.append((name, section))
    issues.add(
        "missing_file",
        "warning",
        "file",
        [name for name, _ in missing],
        [in_both("file_not_there", section=section) for _, section in missing],
        in_both("put_beside_inp"),
    )
    issues.add(
        "outside_file",
        "info" if text.allow_outside else "warning",
        "file",
        [name for name, _ in outside],
        [in_both("file_outside", section=section) for _, section in outside],
        in_both("used_as_allowed" if text.allow_outside else "not_unless_allowed"),
    )
