"""A value of an answer in the words of the reader: with its unit, its code spelt out, unknown as a dash."""

from __future__ import annotations

from typing import Any, Final

from drainage import words
from drainage.words import code, language, word

#: What stands for a value that is not known.
UNKNOWN: Final = "–"


def spoken(text: str) -> str:
    """Return the half of a text in Chinese and English that the reader speaks."""
    return words.one_language(text, language())


def labelled(name: str, text: str | None = None) -> str:
    """Return a text behind the word for its key; the word alone where there is none."""
    said = word(name, language())
    if text is None:
        return said
    return (f"{said}：{text}" if language() == "zh" else f"{said}: {text}").rstrip()


def told(value: object, column: str = "") -> str:
    """Return a value in the words of the reader, its codes by those of its column.

    Examples
    --------
    >>> told(1234.5), told(0.125, "silt_share"), told(None)
    ('1,234.5', '12.5 %', '–')
    """
    from pandas import NA

    lang = language()
    if isinstance(value, dict):
        parts = {code(column, str(key), lang) or word(str(key), lang): one for key, one in value.items()}
        return ", ".join(f"{key}: {told(one)}" for key, one in parts.items())
    if isinstance(value, list):
        return "; ".join(map(told, value))
    if value is None or value is NA or value != value:  # noqa: PLR0124 - NaN
        return UNKNOWN
    if isinstance(value, float) and column.endswith("_share"):
        return f"{100.0 * value:.1f} %"
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    plain = value if isinstance(value, str) else str(value)
    return str(words.shown(column, {"True": True, "False": False}.get(plain, plain), lang))


def told_issue(issue: Any) -> str:  # noqa: ANN401 - a row of issues
    """Return an issue as one line."""
    return f"{issue.feature_id}: {spoken(issue.reason)} → {spoken(issue.action)}"
