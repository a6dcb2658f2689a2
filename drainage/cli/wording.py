"""The language of the terminal: the option that names it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from drainage import words
from drainage.errors import FormatError
from drainage.words import in_both

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@contextmanager
def one_language_at_a_time() -> Iterator[None]:
    """Apply the language that a command names to it and the processes that it starts only."""
    before = os.environ.get(words.VARIABLE)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(words.VARIABLE, None)
        else:
            os.environ[words.VARIABLE] = before


def take_language(args: Sequence[str], *, completing: bool = False) -> list[str]:
    """Take ``--lang`` from words of the command line, and return the others; no slip is told to who still types.

    Raises
    ------
    FormatError
        There is no such language.
    """
    others: list[str] = []
    rest = iter(args)
    for word in rest:
        if word == "--":
            return [*others, word, *rest]
        option, given, value = word.partition("=")
        if option == "--lang":
            value = value if given else next(rest, "")
            if not completing or value in words.LANGUAGES:
                _choose(value)
            elif not value:
                others.append(word)  # its value is being typed
        else:
            others.append(word)
    try:
        words.language()
    except FormatError:
        del os.environ[words.VARIABLE]  # so that the refusal itself can be told
        raise
    return others


def _choose(value: str) -> None:
    if not value:
        raise FormatError(in_both("lang_without_value"))
    os.environ[words.VARIABLE] = words.language(value)
