"""Server, workers and jobs are killed again and again while works are submitted: nothing is lost or done twice.

Run ``python validation/kill_jobs.py [--kills N] [--url postgresql+psycopg://…]``: contractors submit without a pause,
and send again what was not answered, under the same name; readers ask all the while; and again and again SIGKILL
strikes, as chance has it, the server (its leader), a process that answers, a worker, or the process of a job. Without
a URL the store is a directory. At the end the server is left alone until nothing is to be done, what failed because its
worker was killed three times is tried again, and then the store is read:

- every submission that was answered 202 is there, once, with the very bytes, and was computed from them;
- its history has each step once, in order: no half of one, none twice;
- no job is left, and none without a submission; the chain of the audit log holds; no directory of a job is left.

Prints what it found as JSON, and ends with 1 where anything was not so.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "api")]

from tests.support.running import Running  # noqa: E402
from tests.support.submitting_town import SENDERS, Town, settled, victims, wrong_in  # noqa: E402

#: Threads that read; seconds between two kills, and until a job is being done, at most.
READERS, BETWEEN_S, PATIENCE_S = 2, 10.0, 40.0
#: Seconds between two submissions of a sender, at most.
REST_S = 20.0
#: What is killed, and how often beside the others.
TARGETS = {"server": 2, "answering": 2, "worker": 4, "job": 6}


def kill(running: Running, chance: random.Random) -> str:
    """Kill one of the processes; say of which sort it was."""
    found = victims(running.process.pid)
    there = {sort: often for sort, often in TARGETS.items() if found[sort]}
    sort = chance.choices(list(there), list(there.values()))[0]
    with contextlib.suppress(ProcessLookupError):
        os.kill(chance.choice(found[sort]), signal.SIGKILL)
    return sort


def wait(running: Running, chance: random.Random) -> None:
    """Wait for a while; three times of four until a job is being done, and then for a part of what it takes."""
    if chance.random() < 0.75:
        until = time.monotonic() + PATIENCE_S
        while not victims(running.process.pid)["job"] and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(3.0 * chance.random())
    else:
        time.sleep(BETWEEN_S * chance.random())


def killed_again_and_again(town: Town, kills: int, chance: random.Random) -> Counter[str]:
    """Kill as often as is asked; return how often each sort of process was."""
    done: Counter[str] = Counter()
    while done.total() < kills:
        with town.served(workers="2", job_workers="2") as running:
            running.ready()
            while done.total() < kills:
                wait(running, chance)
                sort = kill(running, chance)
                done[sort] += 1
                if sort == "server":
                    running.process.wait()
                    break
            else:
                return done
    return done


def main() -> int:
    """Kill, look and tell; give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", help="of PostgreSQL with PostGIS; default: a store in a directory")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        town, begun = Town(Path(folder), asked.url), time.monotonic()
        town.rest_s = REST_S
        threads = [threading.Thread(target=town.submit, args=(k,)) for k in range(SENDERS)]
        threads += [threading.Thread(target=town.look) for _ in range(READERS)]
        for thread in threads:
            thread.start()
        try:
            done = killed_again_and_again(town, asked.kills, random.Random(asked.seed))
        finally:
            town.over.set()
        with town.served() as running:  # so that nobody waits for an answer in vain
            running.ready()
            for thread in threads:
                thread.join(120)
        again = settled(town)
        wrong = wrong_in(town)
        found = {
            "day": dt.date.today().isoformat(),  # noqa: DTZ011 - of this machine
            "store": "postgresql" if asked.url else "directory",
            "kills": dict(done),
            "accepted": len(town.accepted),
            "not answered": town.refused[0],
            "refused": {str(status): many for status, many in town.refused.items() if status},
            "read": {str(status): many for status, many in town.read.items()},
            "tried again after three kills": again,
            "minutes": round((time.monotonic() - begun) / 60, 1),
            "wrong": wrong,
        }
    print(json.dumps(found, ensure_ascii=False))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
