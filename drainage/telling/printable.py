"""Standard output and error as they come: a console or pipe of any encoding, in which no text may break a command.

The encoding stays the one that the terminal or the user chose (``PYTHONIOENCODING``). A sign that it lacks is written
by a readable stand-in: ``m³`` as ``m3``, ``→`` as ``->``; where there is none, as ``?``.
"""

from __future__ import annotations

import codecs
import sys
import unicodedata
from typing import Final

_HANDLER: Final = "drainage.readable"
_STAND_INS: Final = {
    "–": "-", "—": "-", "‒": "-", "−": "-", "…": "...", "→": "->", "←": "<-", "↑": "^", "↓": "v", "≥": ">=",
    "≤": "<=", "≈": "~", "×": "x", "·": ".", "•": "*", "°": " deg", "±": "+-", "√": "sqrt ", "µ": "u", "μ": "u",
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "′": "'", "″": '"', "«": "<<", "»": ">>", "✓": "x",
    "Δ": "d", "Σ": "sum ", "‰": " per mille", "、": ", ", "。": ".", "「": '"', "」": '"', "《": '"', "》": '"',
    "─": "-", "━": "-", "╸": "-", "╺": "-", "│": "|", "┃": "|",
}  # fmt: skip


def make_printable() -> None:
    """Make standard output and error accept whatever is printed."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_HANDLER)


def printable(text: str) -> str:
    """Return a text as standard output will hold it, so that columns are laid out by what is seen."""
    encoding = output_encoding()
    return text.encode(encoding, _HANDLER).decode(encoding)


def output_encoding() -> str:
    """Return the encoding of standard output, by the name that Python gives it."""
    return codecs.lookup(getattr(sys.stdout, "encoding", None) or "utf-8").name


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_plain, error.object[error.start : error.end])), error.end


def _plain(sign: str) -> str:
    known = _STAND_INS.get(sign)
    if known is not None:
        return known
    parts = (_STAND_INS.get(part, part) for part in unicodedata.normalize("NFKD", sign))
    return "".join(parts).encode("ascii", "ignore").decode("ascii") or "?"


codecs.register_error(_HANDLER, _stand_in)
