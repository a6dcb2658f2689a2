"""Names in Chinese letters as they are typed on a keyboard without them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from drainage.maps.desk.question_looks import NAMES

#: Letters of a name by which it is found; what is longer is a text, and is found by its beginning (own choice).
_MOST_LETTERS: Final = 60
_CHINESE: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")


def names_of(columns: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return each name in Chinese letters → its pinyin and its initials, both without tones and blanks."""
    texts = {value for column in columns if column["key"] in NAMES for value in column["values"]}
    return {
        text: spelt(text) for text in sorted(text for text in texts if isinstance(text, str)) if _CHINESE.search(text)
    }


def spelt(name: str) -> list[str]:
    r"""Return pinyin and initials of a name, of a long text those of its beginning.

    Examples
    --------
    >>> spelt("\u89e3\u653e\u897f\u8def")
    ['jiefangxilu', 'jfxl']
    """
    from pypinyin import Style, lazy_pinyin

    beginning = name[:_MOST_LETTERS]
    return ["".join(lazy_pinyin(beginning)), "".join(lazy_pinyin(beginning, style=Style.FIRST_LETTER))]
