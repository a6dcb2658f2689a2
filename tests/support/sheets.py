"""What must hold of every sheet: letters that can be read, within the frame, none upon another."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from drainage.papers.drawn.lettering import LEAST_PT
from drainage.papers.drawn.sheets import Box

if TYPE_CHECKING:
    from drainage.papers.drawn.sheets import Sheet

_TOUCHING_MM2 = 0.05


def is_clean(sheet: Sheet, frame: Box) -> None:
    """Check all texts of a sheet."""
    texts = list(sheet.texts)
    assert not [one.text for one in texts if one.size_pt < LEAST_PT]
    assert not [one.text for one in texts if not one.box.within(frame)]
    upon = [(a.text, b.text) for a, b in combinations(texts, 2) if a.box.overlap(b.box) > _TOUCHING_MM2]
    assert not upon
