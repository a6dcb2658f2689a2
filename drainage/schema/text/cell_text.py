"""The text of one cell without what writing adds: full width, blanks around it, words that say nothing."""

from __future__ import annotations

import unicodedata
from typing import Final

#: Cells that stand for no value, in lower case.
SAYS_NOTHING: Final = frozenset(
    (
        "", "nan", "nat", "none", "null", "nil", "na", "n/a", "n.a.", "<null>", "<na>", "#n/a", "unknown",
        "-", "--", "---", "–", "—", "——", "－", "/", "//", "／", "\\", "?", "??", "???", "？",
        "未知", "不详", "不明", "无", "缺", "缺失", "空", "无数据", "未测", "未查明", "未探明", "待查",
    )
)  # fmt: skip
#: What a spreadsheet shows for a formula that failed.
SPREADSHEET_ERRORS: Final = frozenset(
    ("#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!", "#spill!", "#calc!", "#getting_data")
)


def plain(value: object) -> str:
    """Return the text of a cell in half width; signs such as ² and ①, which are not digits, stay as they are."""
    text = str(value)
    if not text.isascii():
        text = "".join(
            sign if unicodedata.category(sign) == "No" else unicodedata.normalize("NFKC", sign) for sign in text
        )
    return text.strip()


def says_nothing(text: str) -> bool:
    """Return whether the text of a cell means that there is no value."""
    return text.strip().lower() in SAYS_NOTHING
