"""The server beside tipg and pygeoapi, which serve the same layer from PostGIS: pages, boxes and a filter, in one run.

Wants wrk, a PostGIS database that may be written to, and an environment with tipg, pygeoapi, uvloop and httptools::

    python benchmarks/serving.py REPORT --peers ENVIRONMENT/bin --database postgresql://user@127.0.0.1:5432/db

Each server has as many workers; they are asked one after the other, once to warm up and then in rounds. Pages differ
from request to request, so that none is asked for often; *the same page* is what a kept page gives.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import platform
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import drainage as dr

HERE = Path(__file__).parent
LAYER = "pipes"


@dataclass(frozen=True)
class Contender:
    """A server: how it is started, with what environment, and what a client sends besides."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    items: str
    key: str = ""


def main() -> None:
    """Measure and print a table; all numbers go to the file that ``--output`` names."""
    options = _options()
    asked = write_questions(options.report, options.folder)
    _write_layer(options.report, options.database)
    rows: list[dict[str, object]] = []
    for contender in contenders(options):
        with running(contender, options.folder) as (address, _):
            for name, paths in asked.items():
                for readers in options.readers:
                    rows += _measured(contender, address, name, paths, readers, options)
    told = {"machine": _machine(), "workers": options.workers, "seconds": options.seconds, "rows": rows}
    options.output.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(_table(rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("--peers", type=Path, required=True, help="folder of the programs of the peers' environment")
    parser.add_argument("--database", required=True)
    parser.add_argument("--readers", type=int, nargs="+", default=[50, 200])
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--store", type=Path, help="folder of the keys of the server")
    parser.add_argument("--key", default="", help="a key of the store, sent with each request")
    parser.add_argument("--only", nargs="+", default=["drainage", "tipg", "pygeoapi"])
    parser.add_argument("--output", type=Path, default=Path("serving.json"))
    options = parser.parse_args()
    options.folder = Path(tempfile.mkdtemp(prefix="serving-"))
    return options


def contenders(options: argparse.Namespace) -> list[Contender]:
    """Return the servers that are asked for."""
    workers, database = str(options.workers), options.database
    ours = {"DRAINAGE_RESULTS": str(options.report.resolve()), "DRAINAGE_WORKERS": workers}
    if options.store is not None:
        ours["DRAINAGE_STORE"] = str(options.store.resolve())
    start = (sys.executable, "-m", "drainage_api.server")
    found = [Contender("drainage", start, ours, f"/collections/{LAYER}/items", options.key)]
    if options.only == ["drainage"]:
        return found
    uvicorn = (str(options.peers / "uvicorn"), "--workers", workers, "--log-level", "warning", "--port", "{port}")
    config = _pygeoapi_config(options.folder, database)
    found += [
        Contender(
            "tipg",
            (*uvicorn, "tipg.main:app"),
            {"DATABASE_URL": database, "TIPG_TABLE_CONFIG__public_pipes__PK": "pipe_id"},
            f"/collections/public.{LAYER}/items",
        ),
        Contender(
            "pygeoapi",
            (*uvicorn, "pygeoapi.starlette_app:APP"),
            {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(options.folder / "openapi.json")},
            f"/collections/{LAYER}/items",
        ),
    ]
    return [one for one in found if one.name in options.only]


def _write_layer(report: Path, database: str) -> None:
    """Write the layer that is served to PostGIS, with the indexes that its users would make."""
    import sqlalchemy as sa

    frame = dr.read_report(report).collections[LAYER].to_crs(4326)
    engine = sa.create_engine(database.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        frame.to_postgis(LAYER, connection, if_exists="replace", index=True)
        connection.execute(sa.text(f"ALTER TABLE {LAYER} ADD PRIMARY KEY (pipe_id)"))
        connection.execute(sa.text(f"CREATE INDEX ON {LAYER} (diameter_mm)"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"VACUUM ANALYZE {LAYER}"))
    engine.dispose()


def write_questions(report: Path, folder: Path) -> dict[str, Path]:
    """Write what is asked, a line a request: of all pipes, of those in a box, of those of a diameter."""
    rng = random.Random(7)
    pipes = dr.read_report(report).collections[LAYER].to_crs(4326)
    west, south, east, north = pipes.total_bounds
    wide, high = (east - west) / 4, (north - south) / 4
    corners = [(west + rng.random() * wide * 3, south + rng.random() * high * 3) for _ in range(500)]
    sizes = sorted(pipes["diameter_mm"].dropna().unique())
    asked = {
        "items": [f"?limit=100&offset={rng.randrange(len(pipes) - 100)}" for _ in range(2000)],
        "bbox": [f"?limit=100&bbox={x:.5f},{y:.5f},{x + wide:.5f},{y + high:.5f}" for x, y in corners],
        "filter": [f"?limit=100&diameter_mm={size:g}" for size in sizes],
        "the same page": ["?limit=100"],
    }
    for name, lines in asked.items():
        (folder / name).write_text("\n".join(lines), encoding="utf-8")
    return {name: folder / name for name in asked}


def _measured(
    contender: Contender, address: str, name: str, paths: Path, readers: int, options: argparse.Namespace
) -> list[dict[str, object]]:
    own = options.folder / "asked"
    own.write_text("\n".join(contender.items + line for line in paths.read_text().split("\n")), encoding="utf-8")
    found = []
    for k in range(options.rounds + 1):
        seconds = options.seconds if k else 3
        command = ["wrk", "-t2", f"-c{readers}", f"-d{seconds}s", "--timeout", "30s", "-s", str(HERE / "asks.lua")]
        if contender.key:
            command += ["-H", f"Authorization: Bearer {contender.key}"]
        done = subprocess.run([*command, address, "--", str(own)], capture_output=True, text=True, check=True)
        if k:
            told = json.loads(done.stdout.splitlines()[-1])
            print(contender.name, name, readers, told, f"load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
            found.append({"server": contender.name, "asked": name, "readers": readers, **told})
    return found


@contextlib.contextmanager
def running(contender: Contender, folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a server until the block ends; yield its address when it serves."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [word.format(port=port) for word in contender.command]
    environment = {**os.environ, **contender.environment, "DRAINAGE_PORT": str(port)}
    if contender.name != "drainage":
        environment.pop("PYTHONPATH", None)
    with (folder / f"{contender.name}.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}{contender.items}?limit=100", contender.key)
            yield address, process
        finally:
            process.terminate()
            process.wait(60)


def _wait_for(address: str, key: str) -> None:
    """Wait until 100 features are served, so that no server is measured while it refuses."""
    fields = {"Authorization": f"Bearer {key}"} if key else {}
    until = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(address, headers=fields), timeout=10) as answer:  # noqa: S310
                count = len(json.load(answer)["features"])
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)
            continue
        if count != 100:
            raise SystemExit(f"{address}: {count} features")
        return


def _pygeoapi_config(folder: Path, database: str) -> Path:
    place = urlsplit(database)
    provider = {
        "type": "feature",
        "name": "PostgreSQL",
        "data": {
            "host": place.hostname,
            "port": place.port,
            "dbname": place.path.lstrip("/"),
            "user": place.username,
            "password": place.password or "none",
            "search_path": ["public"],
        },
        "id_field": "pipe_id",
        "table": LAYER,
        "geom_field": "geometry",
    }
    described = {"title": LAYER, "description": LAYER, "keywords": [LAYER]}
    spatial = {"bbox": [-180, -90, 180, 90], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}
    about = {"identification": {**described, "terms_of_service": "", "url": "http://127.0.0.1"}}
    config = {
        "server": {
            "bind": {"host": "127.0.0.1", "port": 5000},
            "url": "http://127.0.0.1:5000",
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "limits": {"default_items": 100, "max_items": 10000},
            "map": {"url": "http://127.0.0.1/{z}/{x}/{y}", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            **about,
            "license": {"name": "none", "url": "http://127.0.0.1"},
            "provider": {"name": "none", "url": "http://127.0.0.1"},
            "contact": {"name": "none"},
        },
        "resources": {
            LAYER: {
                "type": "collection",
                **described,
                "extents": {"spatial": spatial},
                "providers": [provider],
            }
        },
    }
    (folder / "openapi.json").write_text('{"openapi": "3.0.2", "info": {}, "paths": {}}', encoding="utf-8")
    (folder / "pygeoapi.yml").write_text(json.dumps(config), encoding="utf-8")
    return folder / "pygeoapi.yml"


def _table(rows: list[dict[str, object]]) -> str:
    """Return the rows as a table: requests a second, half and 99 of 100 answered within, refused and broken."""
    found: dict[tuple[object, ...], list[dict[str, object]]] = {}
    for row in rows:
        found.setdefault((row["asked"], row["readers"], row["server"]), []).append(row)
    lines = [
        "| asked | readers | server | requests/s | p50 ms | p99 ms | refused or broken |",
        "|---|--:|---|--:|--:|--:|--:|",
    ]
    for (asked, readers, server), rounds in sorted(found.items(), key=str):
        rate = median(float(str(row["requests"])) / float(str(row["seconds"])) for row in rounds)
        half, most = (median(float(str(row[name])) for row in rounds) for name in ("p50_ms", "p99_ms"))
        errors = sum(int(str(row[name])) for row in rounds for name in ("refused", "broken"))
        lines.append(f"| {asked} | {readers} | {server} | {rate:.1f} | {half:.1f} | {most:.0f} | {errors} |")
    return "\n".join(lines)


def _machine() -> dict[str, object]:
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "drainage": dr.__version__,
    }


if __name__ == "__main__":
    main()
