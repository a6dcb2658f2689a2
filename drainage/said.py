"""Sentences in Chinese and English that stay in both until somebody reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, Literal, Self

Language = Literal["zh", "en"]
#: Which language stands beside one.
OTHER: Final[Mapping[Language, Language]] = {"zh": "en", "en": "zh"}
# what parts texts in English → in Chinese
_BETWEEN: Final = {"; ": "；", ", ": "、", ": ": "：", " and ": "、", " or ": "或", ", no ": "、"}
_CHINESE: Final = "\u3000-〿㐀-䶿一-鿿＀-￯"


class Said(str):
    """A sentence in both languages: as a text the English one, with the Chinese beside it until it goes out.

    It keeps both in containers, copies and other processes. What makes a new text of it, such as an f-string or a
    column of a table, has the English alone: join several with `joined`, put one into another with `in_both`.

    Parameters
    ----------
    english, chinese
        The same sentence.

    Examples
    --------
    >>> said = Said("silted", "淤积")
    >>> said, said.chinese
    ('silted', '淤积')
    """

    __slots__ = ("chinese",)
    chinese: str

    def __new__(cls, english: str, chinese: str) -> Self:  # noqa: D102 - as the class says
        said = super().__new__(cls, english)
        said.chinese = chinese
        return said

    @property
    def both(self) -> str:
        """The sentence in Chinese and in English, for where nobody chooses."""
        return f"{self.chinese} {self}"

    def by_language(self) -> dict[str, str]:
        """Return the sentence in each language, as JSON holds it."""
        return {"zh": self.chinese, "en": str(self)}

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # a text of its own has one argument
        return str(self), self.chinese


def joined(texts: Iterable[object], between: str = "; ") -> Said:
    """Join texts, each in the language in which the whole is read.

    Examples
    --------
    >>> joined([Said("yuan", "元"), "GB 50014"]).chinese
    '元；GB 50014'
    """
    parts = list(texts)
    chinese = _BETWEEN.get(between, between).join(str(in_language(text, "zh")) for text in parts)
    return Said(between.join(map(str, parts)), chinese)


def parted(text: str) -> Said | None:
    """Part a text that is written as `中文 English` into its halves; None where it is not.

    Examples
    --------
    >>> parted("坡度过小 flatter than its size needs"), parted("at 人民路")
    ('flatter than its size needs', None)
    """
    found = _both().match(text)
    return None if found is None else Said(found["en"], found["zh"])


@cache
def _both() -> re.Pattern[str]:
    """Return the pattern of `中文 English`, where the English half says nothing in Chinese; slow to compile."""
    return re.compile(
        rf"(?P<zh>(?=.*[{_CHINESE}]).*[{_CHINESE}][^{_CHINESE}A-Za-z]*?) (?P<en>[^{_CHINESE}]*[A-Za-z][^{_CHINESE}]*)$",
        re.DOTALL,
    )


def in_language(value: object, lang: Language) -> object:
    """Return plain values with what is said in both languages in one; anything else as it is.

    Examples
    --------
    >>> in_language({"unit": [Said("yuan", "元")], "P": 3}, "zh")
    {'unit': ['元'], 'P': 3}
    """
    if isinstance(value, Said):
        return value.chinese if lang == "zh" else str(value)
    if isinstance(value, dict):
        return {name: in_language(one, lang) for name, one in value.items()}
    if isinstance(value, list):
        return [in_language(one, lang) for one in value]
    return value
