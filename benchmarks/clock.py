"""One measurement in a process of its own: prepare, warm up, time it, and print seconds, peak memory and answer."""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

Answer = dict[str, float]
Work = Callable[[], Answer]
Task = Callable[[Path], Work]

#: A measurement that has taken so long is not repeated.
ENOUGH_S = 10.0


def main(tasks: Mapping[str, Task]) -> None:
    """Measure the task that the command line names; the warm-up compiles and imports on a smaller city."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("task", choices=tasks)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--warm-up", type=Path)
    parser.add_argument("--repeats", type=int, default=1)
    options = parser.parse_args()
    with contextlib.redirect_stdout(sys.stderr):
        if options.warm_up:
            tasks[options.task](options.warm_up)()
        idle_mib = _peak_mib()
        work = tasks[options.task](options.folder)
        seconds, cpu_seconds, answer = [], [], Answer()
        while len(seconds) < options.repeats and sum(seconds) < ENOUGH_S:
            gc.collect()
            begin, cpu_begin = time.perf_counter(), _cpu_s()
            answer = work()
            seconds.append(time.perf_counter() - begin)
            cpu_seconds.append(_cpu_s() - cpu_begin)
    measured = {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mib": _peak_mib(), "idle_mib": idle_mib}
    print(json.dumps({**measured, "answer": answer}))


def _cpu_s() -> float:
    """CPU time of this process, all its threads, and the processes that it started and that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def _peak_mib() -> float:
    """Largest memory of this process; what Linux tells of resources includes that of the program that started it."""
    about = Path("/proc/self/status")
    if about.is_file():
        lines = about.read_text(encoding="utf-8").splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 if sys.platform != "darwin" else 1024**2)
