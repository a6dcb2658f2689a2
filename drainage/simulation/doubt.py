"""Where a screening cannot be trusted, and why: the nodes that an engine should judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from drainage.graph import FlowGraph
from drainage.schema.codes import spell
from drainage.simulation.model import LIFT

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from drainage.simulation.model import ScreeningModel

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

#: The rational method holds for catchments up to this, hm². GB 50014-2021, 4.1.7: 2 km².
LARGEST_RATIONAL_HA: Final = 200.0
#: Why not, in the order in which a node's reasons are named.
DOUBTS: Final = ("over_2_km2", "loop", "pump", "flap_gate")


def doubts(model: ScreeningModel, area_ha: Floats, flapped: Bools) -> pd.api.extensions.ExtensionArray:
    """Name what makes the screening of each node doubtful.

    More than 2 km² drain through it; it lies on a cycle or drains into one; its water passes a pump, above which the
    level is that of a wet well, and below which the flow is what the pump lifts; or it drains to an outfall with a flap
    gate, which shuts as the river rises and stores what comes.

    Parameters
    ----------
    model
        Pipes in model order.
    area_ha
        (n_nodes,) ground of each node in model order, hm².
    flapped
        (n_nodes,) the node is an outfall with a flap gate.

    Returns
    -------
    (n_nodes,) text in model order: names of `DOUBTS` by commas, missing where there is none.

    References
    ----------
    GB 50014-2021, 4.1.7 (2 km²).
    """
    from drainage.simulation import routing

    n_nodes = len(model.node_row)
    nothing = np.zeros(n_nodes)
    leaving, *_ = routing.gather_ground(
        model.ptr, model.head, model.share, np.zeros(len(model.head)), area_ha, nothing, 0.0
    )
    through = area_ha + np.bincount(model.head, weights=leaving, minlength=n_nodes)
    graph = FlowGraph(model.tail, model.head, n_nodes)
    lifts = model.pipes.passes == LIFT
    fed, drawn = (np.unique(ends[lifts]).astype(np.int32) for ends in (model.head, model.tail))
    marks = (
        through > LARGEST_RATIONAL_HA,
        graph.upstream(np.flatnonzero(model.in_loop).astype(np.int32)).nodes,
        graph.upstream(drawn).nodes | graph.downstream(fed).nodes,
        graph.upstream(np.flatnonzero(flapped).astype(np.int32)).nodes,
    )
    code = sum(mask.astype(np.intp) << bit for bit, mask in enumerate(marks)) - 1
    words = [", ".join(name for bit, name in enumerate(DOUBTS) if (k + 1) >> bit & 1) for k in range(2 ** len(DOUBTS))]
    return spell(words, np.asarray(code))
