"""The folder in which the engine runs a model: nothing is written outside it, and all that is read lies in it.

The engine obeys whatever file it is given: it opens any path for writing that a line says, and takes for a line what
others take for the end of a long one, or for a heading what stands in quotes. So it gets no file of anybody else's, but
the rows as they were understood here, in UTF-8, without titles, comments, map and what it does not know; no path but of
copies in its own folder; and what to report from us.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Final

from drainage.errors import SimulationError
from drainage.formats.inp.text.files import files_named, locate, outside_words
from drainage.formats.inp.text.lines import join_tokens, render
from drainage.formats.inp.text.tokens import SECTIONS, option_word, part_sections, split_line
from drainage.words import in_both

if TYPE_CHECKING:
    from pathlib import Path

    from drainage.simulation.swmm.engine_values import EngineModel

    Sections = dict[str, list[str]]

#: Sections that the engine passes over, or that only say what it writes.
_NOT_RUN: Final = ("TITLE", "MAP", "COORDINATES", "VERTICES", "POLYGONS", "LABELS", "SYMBOLS", "BACKDROP", "TAGS",
                   "PROFILES", "REPORT")  # fmt: skip
#: Most of what is asked for stands in memory at the end; of the results by time only the rain is read, and what is
#: watched.
_REPORT: Final = ["INPUT NO", "CONTROLS NO", "SUBCATCHMENTS NONE"]
#: Rows that the engine reads as they stand: no quote, comment or heading, nor any other sign of control than a tab.
_PLAIN: Final = re.compile(r"[\t !#-:<-Z\\^-~]*")
#: Bytes of a line that it reads as one; what is beyond it takes for the next (MAXLINE of SWMM 5.2).
_LONGEST: Final = 1000
_LID_REPORT: Final = 8


def lay_out(model: EngineModel, folder: Path) -> None:
    """Write the file of a model into a folder, and copies of the files that it reads.

    Parameters
    ----------
    folder
        Is there and empty.

    Raises
    ------
    SimulationError
        A file lies outside the folder of the .inp and was not allowed, or a line is longer than the engine reads.
    """
    known = {name: lines for name, lines in part_sections(model.text)[0].items() if name in SECTIONS}
    sections = {name: _rows(lines) for name, lines in known.items() if name not in _NOT_RUN}
    sections["OPTIONS"] = [row for row in sections.get("OPTIONS", []) if option_word(split_line(row)[0]) != "TEMPDIR"]
    sections["FILES"] = [row for row in sections.get("FILES", []) if row.upper().startswith("USE")]
    sections["LID_USAGE"] = [_without_report(row) for row in sections.get("LID_USAGE", [])]
    _copy_inputs(sections, model, folder)
    content = render({"OPTIONS": sections.pop("OPTIONS"), **sections, "REPORT": _report(model)}).encode()
    (folder / "model.inp").write_bytes(content)


def _report(model: EngineModel) -> list[str]:
    """Ask for the results by time of what is watched, a row each, and of nothing else."""
    kinds = zip(("NODES", "LINKS"), model.watched, strict=True)
    return [*_REPORT, *(f"{kind} {join_tokens([name])}" for kind, names in kinds for name in names or ["NONE"])]


def files_written(sections: Sections) -> list[str]:
    """Name the files that the engine would write: those of ``SAVE``, and reports of low impact development."""
    files = [row for line in sections.get("FILES", ()) if (row := split_line(line))]
    saved = [row[-1] for row in files if not row[0].upper().startswith("USE")]
    reports = [row[_LID_REPORT] for line in sections.get("LID_USAGE", ()) if len(row := split_line(line)) > _LID_REPORT]
    return [*saved, *(name for name in reports if name != "*")]


def _rows(lines: list[str]) -> list[str]:
    """Write the rows of a section with no more than their tokens."""
    rows = []
    for line in lines:
        if len(line) < _LONGEST and _PLAIN.fullmatch(line):
            row = line.strip()
        else:
            row = join_tokens(split_line(line), " ")
            if len(row.encode()) > _LONGEST:
                raise SimulationError(in_both("line_too_long", line=row[:60], most=_LONGEST))
        if row:
            rows.append(row)
    return rows


def _without_report(row: str) -> str:
    tokens = split_line(row)
    if len(tokens) <= _LID_REPORT:
        return row
    tokens[_LID_REPORT] = "*"
    return join_tokens(tokens)


def _copy_inputs(sections: Sections, model: EngineModel, folder: Path) -> None:
    """Copy the files that the rows name to a folder with a plain name, and make the rows name the copies (in place)."""
    if model.origin is None:  # composed: it reads no files
        del sections["FILES"]
        return
    home, outside = model.origin.path.parent, list[str]()
    copies: dict[Path, str] = {}
    for named in list(files_named(sections)):
        found = locate(home, named.written)
        if found is None:
            continue  # was refused before, or the engine says so
        if found.outside and not model.origin.allow_outside:
            outside.append(named.written)
            continue
        if found.path not in copies:
            copies[found.path] = f"input{len(copies) + 1}-{re.sub('[^A-Za-z0-9._-]', '_', found.path.name)[-60:]}"
            shutil.copyfile(found.path, folder / copies[found.path])
        tokens = split_line(sections[named.section][named.line])
        tokens[named.place] = str(folder / copies[found.path])
        sections[named.section][named.line] = join_tokens(tokens)
    if outside:
        raise SimulationError(outside_words(model.origin.path.name, outside))
