"""What is looked at in a drawing that somebody sent: whether parts of it lie in other files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from drainage.errors import FormatError
from drainage.said import joined
from drainage.words import in_both

#: Objects of a DXF that name another file: pictures, underlays, and what other programs show in it.
_ELSEWHERE: Final = {
    b"IMAGEDEF", b"PDFDEFINITION", b"DWFDEFINITION", b"DGNDEFINITION", b"OLE2FRAME", b"OLEFRAME", b"POINTCLOUDDEF",
}  # fmt: skip
_XREF_FLAGS: Final = 4 | 8  # group 70 of a block: an external reference, or one laid over
_MOST_SHOWN: Final = 5
_ASKED: Final = frozenset((b"2", b"70", b"71"))
_WHOLE: Final = re.compile(rb"[+-]?[0-9]{1,8}")
#: Entities to which one block may unfold, and how deep blocks may lie in each other; own choices.
MOST_ENTITIES: Final = 500_000
_DEEPEST: Final = 16
#: What is drawn outside of all blocks.
_MODEL: Final = b""


def check_drawing(file: Path) -> None:
    """Refuse a drawing of which a part lies in another file, or whose blocks unfold to far more than it draws.

    Raises
    ------
    FormatError
        The message names what it refers to.
    """
    found: list[str] = []
    model = block = _Block()
    blocks = {_MODEL: model}
    for kind, groups in _entities(file):
        if kind in _ELSEWHERE:
            found.append(kind.decode("ascii"))
        elif kind == b"BLOCK":
            block = _Block()
            blocks[groups.get(b"2", b"")] = block
            if _whole(groups, b"70", 0) & _XREF_FLAGS:
                found.append(groups.get(b"2", b"").decode("utf-8", "replace"))
        elif kind == b"ENDBLK":
            block = model
        elif kind == b"INSERT":
            times = max(1, _whole(groups, b"70", 1)) * max(1, _whole(groups, b"71", 1))
            block.inserts.append((groups.get(b"2", b""), times))
        else:
            block.own += 1
    if found:
        shown = joined(dict.fromkeys(one[:60] for one in found[: 20 * _MOST_SHOWN]), ", ")
        raise FormatError(in_both("drawing_elsewhere", file=file.name, count=len(found), found=shown[:300]))
    if _unfolds_to(blocks) > MOST_ENTITIES:
        raise FormatError(in_both("drawing_blocks", file=file.name, count=MOST_ENTITIES))


@dataclass(slots=True)
class _Block:
    """What a block draws: entities of its own, and blocks in it with how many times."""

    own: int = 0
    inserts: list[tuple[bytes, int]] = field(default_factory=list)


def _entities(file: Path) -> Iterator[tuple[bytes, dict[bytes, bytes]]]:
    """Yield each entity of a drawing with the first value of each of its groups."""
    lines = [line.strip() for line in file.read_bytes().split(b"\n")]
    kind, groups = b"", dict[bytes, bytes]()
    for code, value in zip(lines[::2], lines[1::2], strict=False):
        if code == b"0":
            if kind:
                yield kind, groups
            kind, groups = value.upper(), {}
        elif code in _ASKED:
            groups.setdefault(code, value)
    if kind:
        yield kind, groups


def _whole(groups: dict[bytes, bytes], code: bytes, otherwise: int) -> int:
    value = groups.get(code, b"")
    return int(value) if _WHOLE.fullmatch(value) else otherwise


def _unfolds_to(blocks: dict[bytes, _Block]) -> int:
    """Return how many entities the largest block draws; more than `MOST_ENTITIES` where one holds itself."""
    known: dict[bytes, int] = {}
    for _ in range(_DEEPEST):
        before = dict(known)
        for name, block in blocks.items():
            inside = sum(times * known.get(inner, 0) for inner, times in block.inserts)
            known[name] = min(block.own + inside, MOST_ENTITIES + 1)
        if known == before:
            return max(known.values(), default=0)
    return MOST_ENTITIES + 1
