"""How quick reads are while a submission is computed, beside how quick they are when none is.

Run ``python benchmarks/beside_jobs.py RESULTS [--rounds N]`` with what ``drainage analyze … --storm-formula …`` wrote
of the demo city (its day 2018-12-31). A server of one process with a store serves it; four readers ask for `/health`
and for pages of 100 pipes, without a pause. Round by round nothing is to be done for some seconds, and then a street
that was really relaid is submitted and computed: both lie in one run, on one machine. Writes
``benchmarks/beside_jobs.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
import urllib.request
from collections import defaultdict
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "api")]

from drainage_api.store.opened import Store  # noqa: E402
from drainage_api.store.submitting.records import Person, Sent  # noqa: E402
from tests.support.deliveries import STREET, write_delivery  # noqa: E402
from tests.support.running import in_process  # noqa: E402

READERS, QUIET_S = 4, 40.0


class Readers:
    """Those who read, and how long each answer took, by what was asked and whether a job was being done."""

    def __init__(self, port: int, key: str) -> None:
        self.port, self.key, self.busy, self.over = port, key, False, threading.Event()
        self.took: dict[tuple[str, bool], list[float]] = defaultdict(list)

    def read(self, number: int) -> None:
        """Ask without a pause, from a page to the next."""
        chance = random.Random(number)
        while not self.over.is_set():
            for name, path in (
                ("health", "/health"),
                ("items", f"/collections/pipes/items?limit=100&offset={chance.randrange(5000)}"),
                ("bbox", f"/collections/pipes/items?limit=100&bbox={box(chance)}"),
            ):
                busy, begun = self.busy, time.perf_counter()
                asked = urllib.request.Request(
                    f"http://127.0.0.1:{self.port}{path}", headers={"Authorization": f"Bearer {self.key}"}
                )
                with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
                    answer.read()
                if busy == self.busy:
                    self.took[name, busy].append(time.perf_counter() - begun)
                time.sleep(0.02)


def box(chance: random.Random) -> str:
    """Return a box of a tenth of the town's width."""
    west, south = 117.53 + 0.04 * chance.random(), 33.53 + 0.03 * chance.random()
    return f"{west:.5f},{south:.5f},{west + 0.006:.5f},{south + 0.006:.5f}"


def main() -> int:
    """Measure, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "store")
        file = write_delivery(Path(folder), "geojson", STREET)
        with Store.opened(place) as store:
            key = store.keys.add("engineer", "engineer")[1]
            store.versions.begin(store.objects.put_tree(asked.results), day="2018-12-31")
            with in_process(Path(folder, "log"), results=str(asked.results), store=str(place)) as running:
                running.ready()
                readers = Readers(running.port, key)
                threads = [threading.Thread(target=readers.read, args=(k,)) for k in range(READERS)]
                for thread in threads:
                    thread.start()
                walls = []
                for number in range(asked.rounds):
                    time.sleep(QUIET_S)
                    sent = Sent(f"{number}.geojson", "geojson", store.objects.put(file), file.stat().st_size)
                    begun, readers.busy = time.monotonic(), True
                    one = store.submissions.receive(sent, Person("c", "contractor", "c"), [STREET], most_waiting=9)
                    while store.queue.counts().running + store.queue.counts().waiting:
                        time.sleep(0.2)
                    readers.busy = False
                    walls.append(round(time.monotonic() - begun, 1))
                    done = store.submissions.get(one.id)
                    if done is None or done.state != "computed":
                        raise SystemExit(f"not computed: {done}")
                readers.over.set()
                for thread in threads:
                    thread.join()
    found: dict[str, object] = {"day": time.strftime("%Y-%m-%d"), "load": os.getloadavg()[0], "job_wall_s": walls}
    for name in ("health", "items", "bbox"):
        quiet, busy = (np.array(readers.took[name, state]) * 1000 for state in (False, True))
        found[name] = {
            "answers": [len(quiet), len(busy)],
            "median_ms": [round(float(np.median(one)), 1) for one in (quiet, busy)],
            "p99_ms": [round(float(np.percentile(one, 99)), 1) for one in (quiet, busy)],
            "ratio_of_medians": round(float(np.median(busy) / np.median(quiet)), 2),
        }
    Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
