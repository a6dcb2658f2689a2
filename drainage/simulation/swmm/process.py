"""One run of the EPA SWMM engine in a process of its own: ``python -m drainage.simulation.swmm.process FOLDER``.

Reads ``FOLDER/model.inp``, prints the share that is done, writes ``FOLDER/found.npz`` in units of the model. The engine
is one global state, cannot be interrupted, and a crash of it takes the process along: hence the process.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Final

import numpy as np

#: Seconds from one message to the next.
MESSAGE_S: Final = 0.2
NODE_STATS: Final = (
    "maxDepth", "maxDepthDate", "volFlooded", "timeFlooded", "maxOverflow", "maxOverflowDate", "maxInflow",
    "timeSurcharged", "maxPondedVol",
)  # fmt: skip
LINK_STATS: Final = ("maxFlow", "maxFlowDate", "maxVeloc", "timeSurcharged", "timeCapacityLimited")
ROUTING_TOTALS: Final = ("dwInflow", "wwInflow", "gwInflow", "iiInflow", "exInflow", "flooding", "outflow",
                         "evapLoss", "seepLoss", "initStorage", "finalStorage")  # fmt: skip
#: Exit code where the engine refuses or breaks off; what it says stands in ``model.rpt``.
REFUSED: Final = 3


def main(folder: Path) -> int:
    """Run the model; give the exit code."""
    from swmm.toolkit import solver

    os.chdir(folder)  # where the engine puts its scratch files
    try:
        solver.swmm_open(*(str(folder / f"model.{ending}") for ending in ("inp", "rpt", "out")))
        _run(folder)
    except Exception as error:  # noqa: BLE001 - all that the engine raises: its text goes to the parent
        sys.stderr.write(str(error))
        return REFUSED
    finally:
        solver.swmm_close()
    return 0


def _run(folder: Path) -> None:
    from swmm.toolkit import solver
    from swmm.toolkit.shared_enum import NodeProperty, NodeResult, ObjectType, TimeProperty

    solver.swmm_start(1)
    moments = [np.datetime64(_moment(solver.simulation_get_datetime(which))) for which in
               (TimeProperty.START_DATE, TimeProperty.END_DATE)]  # fmt: skip
    days = float((moments[1] - moments[0]) / np.timedelta64(1, "D"))
    told, minute = 0.0, 0
    flooded = _Flooded(solver.project_get_count(ObjectType.NODE))
    # Step by step, as the engine runs by itself: strides cut its steps short, and other steps give other floods.
    while (elapsed := solver.swmm_step()) > 0:
        if (now := time.monotonic()) - told >= MESSAGE_S:
            told = now
            sys.stdout.write(f"{min(elapsed / days, 1.0):.4f}\n")
            sys.stdout.flush()
        if int(elapsed * 1440.0) != minute:
            minute = int(elapsed * 1440.0)
            flooded.look(elapsed * 1440.0)
    sys.stdout.write("1.0\n")
    count = {kind: solver.project_get_count(kind) for kind in (ObjectType.NODE, ObjectType.LINK)}
    names = {kind: [solver.project_get_id(kind, i) for i in range(n)] for kind, n in count.items()}
    nodes = [solver.node_get_stats(i) for i in range(count[ObjectType.NODE])]
    links = [solver.link_get_stats(i) for i in range(count[ObjectType.LINK])]
    inverts = [solver.node_get_parameter(i, NodeProperty.INVERT_ELEVATION) for i in range(count[ObjectType.NODE])]
    above = [
        solver.node_get_result(i, NodeResult.DEPTH) - solver.node_get_parameter(i, NodeProperty.FULL_DEPTH)
        for i in range(count[ObjectType.NODE])
    ]
    area = [solver.node_get_parameter(i, NodeProperty.POND_AREA) for i in range(count[ObjectType.NODE])]
    routing, runoff = solver.system_get_routing_totals(), solver.system_get_runoff_totals()
    found = {
        "node_names": np.array(names[ObjectType.NODE]),
        "link_names": np.array(names[ObjectType.LINK]),
        "node_stats": np.array([[getattr(one, name) for name in NODE_STATS] for one in nodes]),
        "link_stats": np.array([[getattr(one, name) for name in LINK_STATS] for one in links]),
        "node_invert": np.array(inverts),
        "first_flooded": flooded.first,
        "last_flooded": flooded.last,
        "ponded": np.maximum(above, 0.0) * np.array(area),
        "routing": np.array([getattr(routing, name) for name in ROUTING_TOTALS]),
        "rainfall": np.array(runoff.rainfall),
        "start": np.array(_serial(moments[0])),
        "days": np.array(days),
    }
    solver.swmm_end()
    found["errors_pct"] = np.array(solver.swmm_get_mass_balance())
    np.savez(folder / "found.npz", **found)


class _Flooded:
    """First and last minute at which each node is seen to overflow, min from the beginning; nan: at none.

    Asked of the engine itself, once a minute and only while water leaves it: its results by time would have to hold
    every node at every step.
    """

    def __init__(self, count: int) -> None:
        self.first, self.last = np.full((2, count), np.nan)
        self._total = 0.0

    def look(self, minute: float) -> None:
        """Note the nodes that overflow now."""
        from swmm.toolkit import solver
        from swmm.toolkit.shared_enum import NodeResult

        total = solver.system_get_routing_totals().flooding
        if total <= self._total:
            return
        self._total = total
        wet = [i for i in range(len(self.first)) if solver.node_get_result(i, NodeResult.FLOOD) > 0.0]
        self.first[wet] = np.fmin(self.first[wet], minute)
        self.last[wet] = minute


def _moment(parts: list[int]) -> str:
    year, month, day, hour, minute, second = parts
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}"


def _serial(moment: np.datetime64) -> float:
    """Return the engine's date: days since the end of 1899."""
    return float((moment - np.datetime64("1899-12-30T00:00:00")) / np.timedelta64(1, "s")) / 86400.0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
