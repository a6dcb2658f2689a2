"""A client of an application in this process, as a program on the same machine is."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.testclient import TestClient


def asking(app: FastAPI, key: str = "", *, address: str = "127.0.0.1", host: str = "localhost") -> TestClient:
    """Return a client at an address, which asks for a host, with a key or without."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return TestClient(
        app, base_url=f"http://{host}", client=(address, 50_000), headers=headers, raise_server_exceptions=False
    )
