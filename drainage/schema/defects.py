"""Defects that a camera finds in pipes, by the codes of CJJ 181-2012.

Codes and their split into structural and functional ones were seen in two survey applications, not in the standard.
"""

from __future__ import annotations

from typing import Final, Literal

from drainage.schema.codes import fold
from drainage.words import codes

#: Code → ``structural``, what weakens the pipe, or ``functional``, what hinders the flow and can be cleaned.
DEFECTS: Final[dict[str, Literal["structural", "functional"]]] = {
    **dict.fromkeys(("PL", "BX", "FS", "CK", "QF", "TJ", "TL", "AJ", "CR", "SL"), "structural"),
    **dict.fromkeys(("CJ", "JG", "ZW", "CQ", "SG", "FZ"), "functional"),
}
#: Code → its name in Chinese and in English.
NAMES: Final = codes("defect")
#: Code or Chinese name, folded → code.
CODE_OF: Final = {fold(name): code for code in DEFECTS for name in (code, NAMES[code][0])} | {
    fold("坝根"): "CQ",
    fold("残墙"): "CQ",
    fold("暗接"): "AJ",
}
