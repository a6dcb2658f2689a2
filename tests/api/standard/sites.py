"""What the tests of the standards ask: a client of the hand-made report, and one of the whole demo city."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from drainage_api.main import create_app
from drainage_api.settings import Settings
from tests.support.api_reports import hand_made
from tests.support.asking import asking

#: Each test of a standard runs on the hand-made report, and where there is time on the demo.
SITES = ["hand", pytest.param("demo", marks=pytest.mark.long)]


@cache
def site(name: str) -> TestClient:
    """Return a client of one of the two, the streets of the public page made, which a process of its own does."""
    client = asking(hand_app() if name == "hand" else demo_app())
    until = time.monotonic() + 120.0
    while name == "demo" and client.get("/collections/public_streets").status_code != 200 and time.monotonic() < until:
        time.sleep(0.1)
    return client


def demo_app() -> FastAPI:
    """Make the application of the demo."""
    from tests.support import demo

    return create_app(Settings(), report=demo.report("2018-12-31"))


def hand_app() -> FastAPI:
    """Make the application of the hand-made report, whose pipes have dates here."""
    made = hand_made()
    pipes = made.collections["pipes"]
    dates = pd.to_datetime(["2001-05-01", *["2010-01-01"] * 6, *["2015-06-30"] * 5, "NaT"])
    gone = pd.to_datetime(["2016-01-01", *["NaT"] * 12])
    frame = pipes.assign(commissioned=dates, abandoned=gone)
    return create_app(Settings(), report=replace(made, collections={**made.collections, "pipes": frame}))


@cache
def collections(name: str) -> list[dict[str, Any]]:
    """Return the descriptions of the collections of a site."""
    listed: list[dict[str, Any]] = site(name).get("/collections").json()["collections"]
    return listed


@cache
def description(name: str) -> dict[str, Any]:
    """Return the OpenAPI document of a site."""
    document: dict[str, Any] = site(name).get("/api").json()
    return document


def parameters_of(name: str, path: str) -> dict[str, dict[str, Any]]:
    """Return the parameters of an address by name, those that are referred to with what they refer to."""
    document = description(name)
    known = document["components"]["parameters"]
    given = document["paths"][path]["get"]["parameters"]
    whole = [known[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in given]
    return {str(one["name"]): one for one in whole}


def links_of(document: dict[str, Any], rel: str) -> list[dict[str, str]]:
    """Return the links of a relation."""
    return [link for link in document["links"] if link["rel"] == rel]


def path_of(href: str) -> str:
    """Return an absolute address without the host."""
    return "/" + href.split("/", 3)[3]
