"""Commands that write are killed again and again, at any moment: what is there afterwards is whole, and nothing more.

Run ``python validation/kill_writers.py [--kills N]``: each command replaces what it wrote before and is killed with
SIGKILL after a time that chance gives, up to the time that it takes. After each kill the report, the network and the
log are read; then the command runs to its end, after which no hidden folder may be left. Prints a line a command and
ends with 1 where anything was not whole.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import drainage as dr
from drainage.formats.repair_log import read_repair_log

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "data" / "pipes.geojson"
WRITE = """
import sys, drainage as dr
net = dr.read_network(sys.argv[1]).as_of(sys.argv[3])
print("writing", flush=True)
dr.write_network(net, sys.argv[2], force=True)
"""


def commands(folder: Path) -> dict[str, list[list[str]]]:
    """Two commands by name that write the same with other content."""
    drainage = [sys.executable, "-m", "drainage"]
    days = ("2018-12-31", "2021-05-07")
    found = {
        "analyze": [
            [*drainage, "analyze", str(SOURCE), "--as-of", day, "-o", str(folder / "out"), "--force"] for day in days
        ],
        "repair": [
            [*drainage, "repair", str(SOURCE), "--tolerance", tolerance, "-o", str(folder / "net.gpkg"), "--log",
             str(folder / "log.jsonl"), "--force"]
            for tolerance in ("0.2", "0.5")
        ],
    }  # fmt: skip
    for ending in ("shp", "geojson", "gpkg"):
        found[ending] = [[sys.executable, "-c", WRITE, str(SOURCE), str(folder / f"net.{ending}"), d] for d in days]
    return found


def whole(name: str, folder: Path) -> str:
    """Say what is not whole in a folder; empty where all is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a write was finished is said
        if name == "analyze":
            report = dr.read_report(folder / "out")
            counts = {len(report.network.pipes), report.summary["network"]["pipes"]}  # type: ignore[index]
            return "" if len(counts) == 1 else f"pipes of two reports: {counts}"
        if name == "repair":
            net = dr.read_network(folder / "net.gpkg")
            dr.repairs.undo_repair(net, read_repair_log(folder / "log.jsonl"))
            return ""
        net = dr.read_network(folder / f"net.{name}")
    outside = (net.issues["severity"] == "error").sum()
    return "" if not outside else f"{outside} errors on reading it back"


def main() -> int:
    """Kill and look; give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20, help="kills of each command")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance, failed = random.Random(asked.seed), 0
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as place:
        for name, pair in commands(Path(place)).items():
            folder = Path(place) / name
            folder.mkdir()
            pair = commands(folder)[name]  # noqa: PLW2901 - the same in a folder of its own
            begin = time.monotonic()
            subprocess.run(pair[0], env=environment, capture_output=True, check=False)
            takes_s = time.monotonic() - begin
            killed, wrong = 0, []
            for number in range(asked.kills):
                with subprocess.Popen(
                    pair[number % 2], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                ) as process:
                    time.sleep(takes_s * (0.4 + 0.6 * chance.random()))
                    killed += process.poll() is None
                    process.kill()
                try:
                    said = whole(name, folder)
                except dr.DrainageError as error:
                    said = str(error)
                wrong += [said] if said else []
            left = len(list(folder.glob(".drainage-*")))
            subprocess.run(pair[0], env=environment, capture_output=True, check=False)
            rest = [path.name for path in folder.glob(".*")]
            failed += bool(wrong or rest)
            print(f"{name}: {killed} kills, {left} folders left by the last ones, {len(rest)} after one more write, "
                  f"{len(wrong)} not whole {wrong[:3]}")  # fmt: skip
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
