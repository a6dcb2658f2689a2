"""What must hold of every sheet: letters that can be read, within the frame, none upon another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

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
    shapes = shapely.polygons([one.corners for one in texts])
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    shared = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    assert not [(texts[a].text, texts[b].text) for a, b in np.column_stack([first, second])[shared > _TOUCHING_MM2]]
