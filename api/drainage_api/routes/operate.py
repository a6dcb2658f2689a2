"""For those who run the server: whether it is well, whether it has something to serve, and what it counts."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric

import drainage as dr
from drainage_api.access.check import Operator, Prober
from drainage_api.access.keeper import Vault, keeper
from drainage_api.errors import check_parameters
from drainage_api.served.answers import FRESH
from drainage_api.served.served import Served
from drainage_api.store.database import StoreError
from drainage_api.store.queue import Counts
from drainage_api.work.meter import Meter
from drainage_api.work.reloading import Board

#: Seconds for the store to tell of its jobs; own choice.
_PATIENCE_S = 2.0
#: Seconds for which it is not asked again, since everybody may ask; own choice.
_FRESH_S = 0.5

router = APIRouter(tags=["Operation"])


@router.get("/health", operation_id="getHealth", response_class=JSONResponse)
async def tell_health(request: Request, who: Prober) -> Response:
    """Tell that the process answers, and what it serves; without waiting for anything."""
    del who
    check_parameters(request, ())
    return JSONResponse({"status": "ok", "version": dr.__version__, **_named(request)}, headers=FRESH)


@router.get("/ready", operation_id="getReady", response_class=JSONResponse)
async def tell_ready(request: Request, who: Prober) -> Response:
    """Tell whether there is something to serve: 503 until the source was read the first time, and without the store."""
    del who
    check_parameters(request, ())
    board: Board = request.app.state.board
    ready = request.app.state.served is not None and not board.some_are_empty
    told: dict[str, object] = {"status": "ready" if ready else "loading", **_named(request)}
    if keeper(request).vault is None:
        told["jobs"] = None
    elif (counts := await _counts(request)) is not None:
        told["jobs"] = {**asdict(counts), "oldest_s": round(counts.oldest_s, 1)}
    else:
        ready = False
        told |= {"status": "not ready", "store": "unreachable"}
    if (here := _here(request)) is not None and here.damaged:
        told["damaged"] = list(here.damaged)
    if failed := board.read().get("failed"):
        told["failed"] = failed
        told["detail"] = "what was to be loaded then cannot be read; what was before is served on; see the server's log"
    return JSONResponse(told, 200 if ready else 503, FRESH if ready else FRESH | {"Retry-After": "5"})


@router.get("/metrics", operation_id="getMetrics", response_class=PlainTextResponse)
async def tell_metrics(request: Request, who: Operator) -> Response:
    """Tell what was counted by all workers, in the text format of Prometheus."""
    del who
    check_parameters(request, ())
    meter: Meter = request.app.state.meter
    told = request.app.state.board.read()
    loadings = CounterMetricFamily("drainage_loadings", "How often a source was read", labels=["outcome"])
    for outcome in ("loaded", "failed"):
        loadings.add_metric([outcome], float(told.get(f"times_{outcome}", 0)))
    named = {name: str(value) for name, value in _named(request).items() if value is not None}
    info = InfoMetricFamily("drainage_served", "What is served", value={"version": dr.__version__, **named})
    loaded = GaugeMetricFamily("drainage_loaded_seconds", "When it was read, in seconds since 1970")
    if (here := _here(request)) is not None:
        loaded.add_metric([], here.loaded.timestamp())
    damaged = GaugeMetricFamily(
        "drainage_damaged_versions",
        "Newer versions that are not served because they are damaged",
        value=0 if here is None else len(here.damaged),
    )
    jobs = _of_jobs(told, await _counts(request))
    return Response(meter.text([loadings, info, loaded, damaged, *jobs]), headers=FRESH, media_type=CONTENT_TYPE_LATEST)


async def _counts(request: Request) -> Counts | None:
    """Return how many jobs wait and are being done; None without a store, and where it does not answer in time."""
    vault, now, state = keeper(request).vault, time.monotonic(), request.app.state
    if vault is None:
        return None
    if now - getattr(state, "jobs_counted", -_FRESH_S) >= _FRESH_S:
        state.jobs_counted, state.jobs = now, asyncio.ensure_future(_counted(vault))
    counts: Counts | None = await asyncio.shield(state.jobs)  # who asks meanwhile waits for the same
    return counts


async def _counted(vault: Vault) -> Counts | None:
    with contextlib.suppress(StoreError, TimeoutError):
        return await asyncio.wait_for(asyncio.to_thread(vault.queue.counts), _PATIENCE_S)
    return None


def _of_jobs(told: dict[str, Any], counts: Counts | None) -> Iterator[Metric]:
    if counts is not None:
        jobs = GaugeMetricFamily("drainage_jobs", "Jobs that are not done", labels=["state"])
        jobs.add_metric(["waiting"], counts.waiting)
        jobs.add_metric(["running"], counts.running)
        yield jobs
        yield GaugeMetricFamily(
            "drainage_jobs_oldest_seconds", "How long the oldest job that waits has waited", value=counts.oldest_s
        )
    if told.get("job_workers"):
        yield GaugeMetricFamily("drainage_job_workers", "Workers for jobs", value=told["job_workers_alive"])
        yield CounterMetricFamily("drainage_job_worker_restarts", "How often one died", value=told["job_restarts"])


def _named(request: Request) -> dict[str, str | None]:
    """Return the day and the digest of what is served, and its number in a store; None while nothing is."""
    here = _here(request)
    if here is None:
        return {"day": None, "digest": None}
    number = {} if here.number is None else {"network_version": str(here.number)}
    return {"day": here.day, "digest": here.digest, **number}


def _here(request: Request) -> Served | None:
    here: Served | None = request.app.state.served
    return here
