"""Which issues are told in both languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drainage.said import Said

if TYPE_CHECKING:
    import pandas as pd

_CHINESE = re.compile("[㐀-䶿一-鿿]")
_PROSE = re.compile(r"(?:\b[a-z]{2,}[,;:]? ){2,}[a-z]{2,}\b")


def said_codes(issues: pd.DataFrame) -> set[str]:
    """Name the codes of which every reason and action is said in Chinese too, and that in nothing else."""
    rows = issues[["code", "reason", "action"]].itertuples(index=False)
    left = {code for code, *texts in rows if not all(map(_is_said, texts))}
    return set(issues["code"]) - left


def _is_said(text: str) -> bool:
    return isinstance(text, Said) and bool(_CHINESE.search(text.chinese)) and not _PROSE.search(text.chinese)
