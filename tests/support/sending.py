"""A server with a store and a key of each kind, to which something is submitted; what its job does is done by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from drainage.said import Said
from drainage_api.access.keeper import Vault
from drainage_api.main import create_app
from drainage_api.settings import Settings
from drainage_api.store.opened import Store
from tests.support.api_reports import hand_made
from tests.support.asking import asking

#: A delivery that the door lets in: what it means is not read there.
SURVEY: Final = b'{"type": "FeatureCollection", "features": []}'
OURS, THEIRS = "人民路", "解放路"
KEYS: Final = {
    "li": ("contractor", [OURS]), "sun": ("contractor", [THEIRS]), "wang": ("engineer", []), "zhao": ("operator", []),
}  # fmt: skip
#: What the comparison says, row by row.
DOCUMENT: Final[dict[str, Any]] = {
    "counts": {"add": 2},
    "points": [{"point_id": "W1", "road": OURS}, {"point_id": "W2", "road": THEIRS}, {"point_id": "W3", "road": None}],
    "summary": {"zh": "一处", "en": "one"},
}


@dataclass(frozen=True)
class Desk:
    """The application, its store, and a client of each key."""

    app: FastAPI
    vault: Vault
    clients: Mapping[str, TestClient]

    def __getitem__(self, name: str) -> TestClient:
        return self.clients[name]

    def send(self, name: str = "li", content: bytes = SURVEY, /, *, key: str | None = None, **fields: str) -> Response:
        """Submit something."""
        headers = {} if key is None else {"Idempotency-Key": key}
        files = {"file": ("works.geojson", content)}
        return self.clients[name].post("/submissions", files=files, data=fields, headers=headers)

    def sent(self, name: str = "li", **fields: str) -> str:
        """Submit something that is taken in; return its id."""
        answer = self.send(name, SURVEY, **fields)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def computed(self, identity: str) -> str:
        """Do what the job of a submission does; return its id."""
        compute(self.vault, identity)
        return identity

    def decide(self, identity: str, *, accept: bool, comment: str = "") -> Response:
        """Decide as the engineer."""
        return self["wang"].post(f"/submissions/{identity}/decision", json={"accept": accept, "comment": comment})

    def state(self, identity: str) -> str:
        """Return the state of a submission."""
        found = self.vault.submissions.get(identity)
        assert found is not None
        return found.state

    def log(self) -> list[dict[str, Any]]:
        """Return the audit log as far as it was written."""
        path = self.vault.database.place / "audit.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@contextmanager
def a_desk(place: Path, **settings: object) -> Iterator[Desk]:
    """Run a server of the hand-made report with a new store."""
    given: dict[str, Any] = {"store": place, "waiting_per_key": 50, **settings}
    app = create_app(Settings(**given), report=hand_made())
    vault: Vault = app.state.keeper.vault
    begin(vault)
    keys = {name: vault.keys.add(name, role, roads=roads)[1] for name, (role, roads) in KEYS.items()}  # type: ignore[arg-type]  # roles of the table above
    yield Desk(app, vault, {name: asking(app, key) for name, key in keys.items()} | {"": asking(app)})
    app.state.keeper.close()


def begin(store: Store) -> None:
    """Make the first version, where there is none."""
    if store.versions.head() is None:
        store.versions.begin(store.objects.put(b"{}"), day="2020-01-01")


def compute(store: Store, identity: str, *, touched: Mapping[str, list[str]] | None = None) -> None:
    """Do what the job of a submission does, and end it."""
    document = store.objects.put(json.dumps(DOCUMENT).encode())
    tree = store.objects.put(json.dumps({"summary.json": document}).encode())
    intake = {"score": 91.0} | ({} if touched is None else {"touched": touched})
    with store.database.writing() as connection:
        store.submissions.checked(connection, identity, intake)
        store.submissions.computed(connection, identity, {"document": document, "tree": tree, "counts": {"add": 2}})
        store.queue.cancel(connection, identity)


def fail(store: Store, identity: str) -> None:
    """Do what the job of a submission does that cannot be read."""
    with store.database.writing() as connection:
        store.submissions.failed(connection, identity, Said("another town", "不是本城"))
        store.queue.cancel(connection, identity)
