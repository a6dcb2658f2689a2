"""Sentences in both languages as they are kept: in a column of text, as JSON."""

from __future__ import annotations

import json
from typing import Any

from drainage.said import Said, in_language


def kept(said: Said | None) -> str | None:
    """Return what is written of a sentence."""
    return None if said is None else json.dumps(both(said), ensure_ascii=False)


def said_of(text: str | None) -> Said | None:
    """Return the sentence that was written."""
    if not text:
        return None
    found = json.loads(text)
    return Said(str(found["en"]), str(found["zh"]))


def in_lines(said: Said) -> str:
    r"""Return both languages one under the other, as they stand among the words of people: Chinese first.

    Where both have as many lines, each keeps its own, so that half of the lines are Chinese; else each becomes one.

    Examples
    --------
    >>> in_lines(Said("no level:\na\nb", "缺标高：\na\nb"))
    '缺标高：\na\nb\nno level:\na\nb'
    """
    halves = [[" ".join(line.split()) for line in text.splitlines() if line.strip()] for text in both(said).values()]
    if len(halves[0]) != len(halves[1]):
        halves = [[" ".join(half)] for half in halves]
    return "\n".join(line for half in halves for line in half)


def both(said: Said) -> dict[str, str]:
    """Return both languages by their names, as an answer has them."""
    return {"zh": str(in_language(said, "zh")), "en": str(in_language(said, "en"))}


def document_of(said: Said | None) -> dict[str, Any] | None:
    """Return the same of a sentence that may be missing."""
    return None if said is None else both(said)
