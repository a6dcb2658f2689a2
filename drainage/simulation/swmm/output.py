"""The binary results of EPA SWMM (``.out``), mapped into memory: nothing is read until it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Floats
from drainage.errors import SimulationError
from drainage.words import in_both

_MAGIC: Final = 516114522
#: Place of the mean rain over all catchments among the results of the whole system.
_RAIN: Final = 1
#: Place of what overflows among the results of a node.
_KINDS: Final = ("catchments", "nodes", "links")
#: Results of one catchment, node and link without pollutants (SWMM 5.1 and 5.2, enums.h).
_VARIABLES: Final = {"catchments": 8, "nodes": 6, "links": 5}


class EngineOutput(NamedTuple):
    """Results at every reporting step, in units of the model.

    Parameters
    ----------
    names
        ``catchments``, ``nodes`` and ``links`` → names of those that are reported.
    step_s
        Reporting step, s.
    start
        Engine's date of the beginning.
    periods
        (n_periods,) records: ``date``, ``catchments``, ``nodes`` and ``links`` (n, variables), ``system``.
    """

    names: dict[str, list[str]]
    step_s: int
    start: float
    periods: NDArray[np.void]

    @property
    def rain(self) -> tuple[Floats, Floats]:
        """End of each step, min from the beginning, and mean intensity of rain over all catchments, mm/h or in/h."""
        minute = (np.asarray(self.periods["date"], dtype=np.float64) - self.start) * 1440.0
        return minute, np.asarray(self.periods["system"][:, _RAIN], dtype=np.float64)


def read_out(path: Path, *, encoding: str = "utf-8") -> EngineOutput:
    """Map a results file.

    Raises
    ------
    SimulationError
        The file is none, or the run that wrote it broke off.
    """
    size = path.stat().st_size if path.is_file() else 0
    if size < 13 * 4:
        raise SimulationError(in_both("no_results", file=path.name))
    head = np.fromfile(path, dtype="<i4", count=7)
    tail = np.fromfile(path, dtype="<i4", count=6, offset=size - 24)
    if head[0] != _MAGIC or tail[5] != _MAGIC or tail[4] != 0 or tail[3] < 1:
        raise SimulationError(in_both("results_broken_off", file=path.name))
    counts = dict(zip(_KINDS, map(int, head[3:6]), strict=True))
    pollutants, first, periods = int(head[6]), int(tail[2]), int(tail[3])
    with path.open("rb") as file:
        file.seek(int(tail[0]))
        names = {kind: [_name(file.read, encoding) for _ in range(count)] for kind, count in counts.items()}
    begin = np.fromfile(path, dtype=np.dtype([("start", "<f8"), ("step", "<i4")]), count=1, offset=first - 12)[0]
    shapes = {kind: (count, _VARIABLES[kind] + pollutants) for kind, count in counts.items()}
    floats = (size - 24 - first) // periods // 4 - 2
    system = floats - sum(rows * columns for rows, columns in shapes.values())
    record = np.dtype([("date", "<f8"), *((kind, "<f4", shape) for kind, shape in shapes.items()),
                       ("system", "<f4", (system,))])  # fmt: skip
    mapped = np.memmap(path, dtype=record, mode="r", offset=first, shape=(periods,))
    return EngineOutput(names, int(begin["step"]), float(begin["start"]), mapped)


def _name(read: object, encoding: str) -> str:
    length = int(np.frombuffer(read(4), dtype="<i4")[0])  # type: ignore[operator]  # a file's read
    return bytes(read(length)).decode(encoding, errors="replace")  # type: ignore[operator]  # likewise
