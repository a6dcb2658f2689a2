"""A town whose contractors submit without a pause, and what must be true of its store whatever was killed meanwhile."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import random
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from drainage_api.store.opened import Store
from drainage_api.store.tables import jobs
from tests.support.running import Running, in_process
from tests.support.served_town import OURS, flooded

#: Threads that submit, each with a key of its own.
SENDERS = 2
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
WHOLE = ["receive", "check", "compute"]


class Town:
    """A store with keys and a version, and what contractors were told by its server."""

    def __init__(self, folder: Path, url: str | None) -> None:
        self.folder, self.url = folder, url
        self.place, self.results, self.rooms = folder / "store", folder / "report", folder / "tmp"
        self.rooms.mkdir(parents=True)
        flooded().write(self.results)
        self.over, self.port, self.rest_s = threading.Event(), 0, 4.0
        self.accepted: dict[str, str] = {}  # id → digest of what was sent
        self.refused: Counter[int] = Counter()
        self.read: Counter[int] = Counter()
        with self.opened() as store:
            self.keys = [store.keys.add(f"contractor {k}", "contractor", roads=[OURS])[1] for k in range(SENDERS)]
            self.operator = store.keys.add("operator", "operator")[1]
            if store.versions.head() is None:
                store.versions.begin(store.objects.put_tree(self.results), day=None)

    @contextlib.contextmanager
    def opened(self) -> Iterator[Store]:
        """Give the store, as another process sees it."""
        with Store.opened(self.place, self.url) as store:
            yield store

    @contextlib.contextmanager
    def served(self, **settings: str) -> Iterator[Running]:
        """Serve it, with further settings."""
        said = {"results": str(self.results), "store": str(self.place), "waiting_per_key": "1000"}
        said |= {"database_url": self.url} if self.url else {}
        log, before = self.folder / f"log-{secrets.token_hex(4)}", ("env", f"TMPDIR={self.rooms}")
        with in_process(log, *before, module="tests.support.quick_server", **said, **settings) as running:
            self.port = running.port
            yield running

    def ask(
        self, request: str, key: str, body: bytes | None = None, *, raw: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, dict[str, object]]:  # fmt: skip
        """Ask; status 0 where the connection broke. What is ``raw`` is no JSON."""
        method, _, path = request.partition(" ")
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            body,
            {"Authorization": f"Bearer {key}", **(headers or {})},
            method=method,
        )
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310
                content = answer.read() or b"{}"
                return answer.status, {"text": content.decode()} if raw else json.loads(content)
        except urllib.error.HTTPError as error:
            error.read()
            return error.code, {}
        except (OSError, ValueError, http.client.HTTPException):
            return 0, {}

    def submit(self, number: int) -> None:
        """Submit without a pause; what was not answered is sent again under the same name."""
        chance = random.Random(number)  # noqa: S311 - of a test
        count = 0
        while not self.over.is_set():
            count += 1
            points = [[117.5 + chance.random(), 33.5 + chance.random()] for _ in range(chance.randrange(1, 2000))]
            content = json.dumps({"type": "MultiPoint", "coordinates": points}).encode()
            name, mark = f"{number}-{count}", "mark" * 8
            head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}.geojson"\r\n\r\n'
            body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
            kind = {"Content-Type": f"multipart/form-data; boundary={mark}", "Idempotency-Key": name}
            kind["Accept"] = "application/json"
            for _ in range(600):
                status, told = self.ask("POST /submissions", self.keys[number], body, headers=kind)
                if status == 202:
                    self.accepted[str(told["id"])] = hashlib.sha256(content).hexdigest()
                    break
                self.refused[status] += 1
                time.sleep(0.1)
            time.sleep(self.rest_s * chance.random())

    def look(self) -> None:
        """Read what is served."""
        while not self.over.is_set():
            self.read[self.ask("GET /collections/pipes/items?limit=100", self.operator)[0]] += 1
            time.sleep(0.05)


def children(pid: int) -> list[int]:
    """Return the processes that a process has begun."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text(encoding="ascii").split())
    return found


def is_started(pid: int) -> bool:
    """Tell a process that was started anew, as workers and jobs are, from one that was forked."""
    with contextlib.suppress(OSError):
        return b"drainage_api.jobs." in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def victims(server: int) -> dict[str, list[int]]:
    """Return the processes of a server by what they do."""
    below = children(server)
    workers = [pid for pid in below if is_started(pid)]
    return {
        "server": [server],
        "answering": [pid for pid in below if not is_started(pid)],
        "worker": workers,
        "job": [pid for worker in workers for pid in children(worker)],
    }


def settled(town: Town, seconds: float = 1500.0) -> int:
    """Leave the server alone until nothing is to be done; return how many were tried again."""
    again, until = 0, time.monotonic() + seconds
    with town.served(job_workers="2") as running, town.opened() as store:
        running.ready()
        while time.monotonic() < until:
            failed, _ = store.submissions.listed(states=["failed"], limit=10_000)
            for one in failed:
                job = store.queue.of(one.id)
                path = f"POST /jobs/{job.id if job is not None else one.id}/retry"
                again += town.ask(path, town.operator, b"", headers=FORM)[0] == 200
            counts = store.queue.counts()
            if not failed and counts.waiting + counts.running == 0:
                break
            time.sleep(0.5)
    return again


def is_straight(acts: Sequence[str]) -> bool:
    """Tell whether each step was made once, in order; what failed and was tried again begins anew."""
    here = list(acts)
    while "retry" in here:
        before = here[: here.index("retry")]
        if before not in (["receive", "fail"], ["receive", "check", "fail"]):
            return False
        here = ["receive", *here[len(before) + 1 :]]
    return here == WHOLE


def _grouped(rows: Sequence[Any]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for subject, state in rows:
        grouped.setdefault(subject, []).append(state)
    return grouped


def wrong_in(town: Town) -> list[str]:
    """Say all that is not as it must be."""
    wrong: list[str] = []
    with town.opened() as store:
        kept, _ = store.submissions.listed(limit=100_000)
        histories = store.submissions.history([one.id for one in kept])
        found = {one.id: one for one in kept}
        wrong += [f"{identity} was accepted and is not there" for identity in town.accepted.keys() - found.keys()]
        for one in kept:
            acts = [event.act for event in histories[one.id]]
            sent = town.accepted.get(one.id, one.digest)
            if one.digest != sent or hashlib.sha256(store.objects.read(one.digest)).hexdigest() != sent:
                wrong.append(f"{one.id}: other bytes than were sent")
            if one.state != "computed" or one.comparison is None:
                wrong.append(f"{one.id}: {one.state} {one.problem}")
            elif json.loads(store.objects.read(one.comparison["document"])) != {"digest": sent}:
                wrong.append(f"{one.id}: computed of something else")
            elif not is_straight(acts):
                wrong.append(f"{one.id}: {acts}")
        names = Counter((one.key, one.filename) for one in kept)
        wrong += [f"{name} is there {count} times" for name, count in names.items() if count > 1]
        with store.database.reading() as connection:
            rows = connection.execute(select(jobs.c.subject, jobs.c.state)).all()
        for subject, states in _grouped(rows).items():
            again = [event.act for event in histories.get(subject, [])].count("retry")
            if sorted(states) != ["done", *["failed"] * again] or subject not in found:
                wrong.append(f"jobs of {subject}: {states}")
        wrong += [f"no job of {identity}" for identity in found.keys() - {row[0] for row in rows}]
        verdict = store.verified()
        wrong += [f"audit log: {verdict.why} at {verdict.broken}"] if verdict.broken is not None else []
    return wrong + [f"left: {path.name}" for path in town.rooms.glob("drainage-job-*")]
