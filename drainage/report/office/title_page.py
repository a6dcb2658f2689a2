"""What an office says of itself on the first page of a report: a TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

from drainage.errors import FormatError
from drainage.wants import wants
from drainage.words import in_both, nearest

#: What such a file may hold; all texts.
OFFICE_KEYS: Final = (
    "project", "title", "subtitle", "client", "office", "number", "prepared_by", "checked_by", "approved_by",
)  # fmt: skip


@wants
def read_office(path: str | Path) -> dict[str, str]:
    r"""Read what an office says of itself.

    Parameters
    ----------
    path
        A ``.toml`` file with texts for some of `OFFICE_KEYS`.

    Raises
    ------
    FormatError
        The file is missing or no TOML, or holds another key or a value that is no text.

    Examples
    --------
    >>> import drainage as dr
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "office.toml").write_text('office = "City Drainage Office"\nnumber = "2024-17"\n')
    ...     dr.report.read_office(f"{folder}/office.toml")
    {'office': 'City Drainage Office', 'number': '2024-17'}
    """
    file = Path(path)
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8-sig"))  # Windows editors put a mark before it
    except OSError as error:
        raise FormatError(in_both("office_missing", file=file)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError(in_both("office_no_toml", file=file.name, reason=str(error))) from error
    for key, value in told.items():
        if key not in OFFICE_KEYS:
            known = ", ".join(OFFICE_KEYS)
            raise FormatError(
                in_both("office_key", file=file.name, key=key, known=known, nearest=nearest(key, OFFICE_KEYS))
            )
        if not isinstance(value, str):
            raise FormatError(in_both("office_no_text", file=file.name, key=key, value=value))
    return {key: str(value) for key, value in told.items()}
