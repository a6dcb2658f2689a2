"""Lines of an .inp rewritten: tokens changed in place, rows dropped, tables as lines, sections as text.

What is not named stays as it was, comments and spacing included.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

import pandas as pd

from drainage.formats.inp.text.tokens import split_line

#: Longer texts are cut: the engine reads no more than 1023 bytes of a line.
MOST_TEXT_BYTES: Final = 400


def edit_rows(
    lines: Iterable[str],
    edits: Mapping[str, Mapping[int, str]],
    *,
    drop: Collection[str] = (),
    at: int = 0,
) -> list[str]:
    """Rewrite the rows of a section.

    Parameters
    ----------
    lines
        Lines of the section.
    edits
        Name in capitals → place of a token → new token; places beyond the end are filled with ``0``.
    drop
        Names in capitals whose rows go.
    at
        Place of the name in a row.
    """
    kept = []
    for line in lines:
        tokens = split_line(line)
        name = tokens[at].upper() if len(tokens) > at else ""
        if name in drop:
            continue
        if name in edits:
            for place, token in sorted(edits[name].items()):
                tokens.extend("0" for _ in range(place + 1 - len(tokens)))
                tokens[place] = token
            kept.append(join_tokens(tokens))
            continue
        kept.append(line)
    return kept


def drop_rows(lines: Iterable[str], unwanted: Callable[[list[str]], bool]) -> list[str]:
    """Leave out the rows whose tokens are unwanted; lines without tokens stay."""
    return [line for line in lines if not ((tokens := split_line(line)) and unwanted(tokens))]


def join_tokens(tokens: Iterable[str], between: str = "  ") -> str:
    """Join tokens to a line; empty ones and those that hold blanks are put in quotes."""
    return between.join(f'"{token}"' if not token or " " in token or "\t" in token else token for token in tokens)


def table_lines(table: pd.DataFrame) -> list[str]:
    """Write a table as a heading and one line per row, separated by tabs; texts must be tokens already."""
    buffer = io.StringIO()
    table.to_csv(
        buffer,
        sep="\t",
        header=False,
        index=False,
        quoting=csv.QUOTE_NONE,
        lineterminator="\n",
    )
    return [";;" + "\t".join(map(str, table.columns)), *buffer.getvalue().splitlines()]


def render(sections: Mapping[str, Sequence[str]]) -> str:
    """Write sections one after another; a name in brackets stays as it is, and no line becomes two."""
    parts: list[str] = []
    for name, lines in sections.items():
        if parts and parts[-1].strip():
            parts.append("")
        parts += [name if name.startswith("[") else f"[{name}]", *(line.replace("\n", " ") for line in lines)]
    return "\n".join(parts) + "\n"


def free_text(text: str) -> str:
    """Write a text of somebody else's, as a name of a file or an id, so that the engine takes it for nothing else.

    It would take a long line for two, and for a heading what begins with a bracket.
    """
    plain = "".join(sign if sign.isprintable() else " " for sign in text).lstrip(' "[')
    return plain.encode()[:MOST_TEXT_BYTES].decode(errors="ignore")
