"""Witnesses of water in the streets of the small town, and those who look at what they tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI
from starlette.testclient import TestClient

from drainage_api.access.keeper import Vault
from tests.support.asking import asking
from tests.support.served_town import OURS, THEIRS, serving
from tests.support.stores import Where

#: Beside 人民路, where the drain overflows.
AT: Final = {"lon": "117.0067", "lat": "33.42607"}
_ADDRESSES: Final = iter(range(1, 10_000))


def now(**ago: float) -> str:
    """Give the time, or that some time ago, as a phone tells it."""
    return (dt.datetime.now().astimezone() - dt.timedelta(**ago)).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Desk:
    """A server, and clients who ask it."""

    app: FastAPI
    vault: Vault
    keys: dict[str, str]

    def tells(self, *, address: str = "", photo: bytes | None = None, at: Mapping[str, str] = AT, **fields: str) -> Any:  # noqa: ANN401 - of the test client
        """Tell of water, as somebody new."""
        told = {"time": now(), "depth_m": "0.3", "words": "水到膝盖", **at} | fields
        files: dict[str, Any] = {} if photo is None else {"photo": ("IMG_1.jpg", photo, "image/jpeg")}
        client = asking(self.app, address=address or f"198.51.100.{next(_ADDRESSES) % 250}")
        texts = {name: (None, value) for name, value in told.items() if value}
        return client.post("/sightings", files=texts | files)

    def as_(self, role: str) -> TestClient:
        """Ask with the key of a role."""
        return asking(self.app, self.keys[role])

    def shows(self, identity: str) -> None:
        """Show a sighting to everybody."""
        answer = self.as_("engineer").post(f"/sightings/{identity}/decision", json={"show": True})
        assert answer.status_code == 200, answer.text


def desk_at(where: Where, **settings: Any) -> Desk:  # noqa: ANN401 - names of settings
    """Serve the town with a store and a key of each role; the two contractors have a road each."""
    app = serving(**where.settings, **settings)
    vault: Vault = app.state.keeper.vault
    keys = {
        "engineer": vault.keys.add("Wang", "engineer")[1],
        "operator": vault.keys.add("Zhao", "operator")[1],
        "contractor": vault.keys.add("Li", "contractor", roads=[OURS])[1],
        "other": vault.keys.add("Sun", "contractor", roads=[THEIRS])[1],
        "": "",
    }
    return Desk(app, vault, keys)
