"""A process of its own that reads a sheet by calamine, whose memory is that of the whole rectangle around its cells."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

_MOST_BYTES = 4 << 30  # own choice: a sheet full of text takes a tenth


def main(folder: Path) -> None:
    """Carry out a request, and write the answer beside it."""
    said: dict[str, Any] = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    with suppress(ImportError):  # not on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    from python_calamine import CalamineError, CalamineWorkbook

    answer: dict[str, Any]
    try:
        book = CalamineWorkbook.from_path(said["path"])
        if said["sheet"] is None:
            answer = {"sheets": book.sheet_names}
        else:
            rows = book.get_sheet_by_name(said["sheet"]).to_python(skip_empty_area=False)
            answer = {"rows": [[_plain(cell) for cell in row] for row in rows]}
    except (CalamineError, OSError, ValueError, MemoryError) as error:
        answer = {"error": str(error) or type(error).__name__}
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")


def _plain(cell: object) -> object:
    if cell == "":
        return None
    return cell if isinstance(cell, (str, int, float)) else str(cell)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
