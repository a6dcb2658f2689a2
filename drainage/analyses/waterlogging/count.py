"""How many points there are, by the defaults of the question."""

from __future__ import annotations

from drainage.analyses.waterlogging.points_in import is_judged, points_in
from drainage.simulation.screening.answer import Screening, screening_of
from drainage.simulation.state import FlowState


def count_points(state: FlowState, screening: Screening | None = None) -> int | None:
    """Count the points that `find_waterlogging` finds by default; None where no node is judged."""
    return len(points_in(state, screening_of(state, screening)).points) if is_judged(state) else None
