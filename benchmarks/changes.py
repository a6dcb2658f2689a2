"""What changed between a city and the same city under a whole new numbering, beside the bare read of both files.

CPU seconds of this process; ratios within one run. ``python benchmarks/changes.py 1000000``
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import city
import numpy as np
import pyogrio

import drainage as dr

T = TypeVar("T")


def main() -> None:
    """Build both files, read them bare and as networks, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pipes", type=int, nargs="?", default=100_000)
    with tempfile.TemporaryDirectory() as folder:
        paths = _write(Path(folder), parser.parse_args().pipes)
        bare_s, _ = _timed(lambda: [pyogrio.read_dataframe(path, use_arrow=True) for path in paths])
        read_s, nets = _timed(lambda: [dr.read_network(path) for path in paths])
    before_gib = _peak_gib()
    changes_s, found = _timed(lambda: dr.analyses.find_changes(*nets))
    print(found.tables["kinds"])
    print(f"bare read of both      {bare_s:8.2f} s")
    print(f"as networks            {read_s:8.2f} s  {read_s / bare_s:6.1f} x  peak {before_gib:.1f} GiB")
    print(f"what changed           {changes_s:8.2f} s  {changes_s / bare_s:6.1f} x  peak {_peak_gib():.1f} GiB")


def _write(folder: Path, n_pipes: int) -> tuple[Path, Path]:
    pipes, _ = city.build_city(n_pipes)
    rng = np.random.default_rng(1)
    other = pipes.iloc[rng.permutation(len(pipes))]
    other = other.assign(pipe_id=[f"N{k:07d}" for k in range(len(other))])
    paths = folder / "before.gpkg", folder / "after.gpkg"
    for table, path in zip((pipes, other), paths, strict=True):
        pyogrio.write_dataframe(table, path, layer="pipes", use_arrow=True)
    return paths


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    begun = time.process_time()
    done = work()
    return time.process_time() - begun, done


def _peak_gib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
