"""Ask swmmio, pyswmm and drainage the same of one model, and write the tables of docs/peers.md and its Chinese twin.

The model is that of the demo city's storm pipes in a storm of 3 years. The others run in a process of the Python that
``--peers`` names (swmmio and pyswmm installed) by `scripts/peer_swmm.py`; where answers should agree and do not, the
table says so.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import re
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import drainage as dr

ROOT: Final = Path(__file__).parents[1]
BEGIN, END = "<!-- figures: written by scripts/compare_peers.py -->\n", "<!-- end of figures -->\n"
CRS: Final = "EPSG:4548"
#: Upstream of outfalls with about so many pipes.
TRACED: Final = (50, 150, 10_000)
#: Pipes enlarged in the second model, and by what.
ENLARGED, FACTOR = 5, 1.5

Said = dict[str, Any]
T = TypeVar("T")


def main() -> None:
    """Compare, and write what came of it between the marks of both pages."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--peers", required=True, help="Python that has swmmio and pyswmm")
    python = parser.parse_args().peers
    words = tomllib.loads((ROOT / "scripts" / "compare_peers.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "city.inp"
        others = _models(model)
        ours = _ours(model, others)
        theirs = _theirs(python, model, others, list(ours["traces"]))
    for page, said in (("peers.md", words["en"]), ("peers.zh.md", words["zh"])):
        path = ROOT / "docs" / page
        before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        path.write_text(f"{before}{BEGIN}{_table(ours, theirs, said)}{END}{after}", encoding="utf-8")


def _models(model: Path) -> list[Path]:
    """Write the model, one with some pipes enlarged, and one with every pipe named otherwise."""
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    dr.write_inp(dr.load_demo("2018-12-31"), storm, model)
    text = model.read_text(encoding="utf-8")
    pipes = dr.read_network(model, crs=CRS).pipes.index
    larger, renamed = model.with_name("larger.inp"), model.with_name("renamed.inp")
    larger.write_text(_enlarged(text, set(pipes[:ENLARGED])), encoding="utf-8")
    names = set(pipes)
    renamed.write_text(re.sub(r"\S+", lambda word: f"N{word[0]}" if word[0] in names else word[0], text), "utf-8")
    return [larger, renamed]


def _enlarged(text: str, pipes: set[str]) -> str:
    before, heading, rest = text.partition("[XSECTIONS]\n")
    section, mark, after = rest.partition("\n[")
    rows = [row.split("\t") for row in section.split("\n")]
    for row in rows:
        if row[0] in pipes:
            row[2] = f"{float(row[2]) * FACTOR:g}"
    return before + heading + "\n".join("\t".join(row) for row in rows) + mark + after


def _ours(model: Path, others: list[Path]) -> Said:
    dr.screen(dr.read_network(model, crs=CRS), None)  # the first call compiles and loads what all others use
    net, read_s = _timed(lambda: dr.read_network(model, crs=CRS))
    state, run_s = _timed(lambda: dr.simulate_swmm(net, None, processes=1))
    screened, screen_s = _timed(lambda: dr.screen(net, None))
    found, why_s = _timed(lambda: dr.find_waterlogging(screened))
    page, map_s = _timed(lambda: dr.draw(net).save(model.with_name("ours.html")))
    del page
    overflow = state.nodes["overflow_m3"]
    return {
        "size": [len(net.nodes), len(net.pipes)],
        "read_s": read_s,
        "traces": {node: _traced(net, node) for node in _outfalls(net)},
        "changes": [_changed(net, other) for other in others],
        "run": {"flooded_m3": overflow[overflow > 0.0].to_dict(), "s": run_s},
        "screening": {"nodes": int(screened.nodes["overflows"].sum()), "points": len(found.points), "s": screen_s},
        "why_s": why_s,
        "map": _page(model.with_name("ours.html")),
        "map_s": map_s,
    }


def _outfalls(net: dr.DrainageNetwork) -> list[str]:
    above = {node: len(net.upstream_of(node).pipes) for node in net.nodes.index[net.nodes["kind"] == "outfall"]}
    return [min(above, key=lambda node: abs(above[node] - wanted)) for wanted in TRACED]


def _traced(net: dr.DrainageNetwork, node: str) -> Said:
    found, seconds = _timed(lambda: net.upstream_of(node))
    return {"pipes": sorted(found.pipes.index), "s": seconds}


def _changed(net: dr.DrainageNetwork, other: Path) -> Said:
    found, seconds = _timed(lambda: dr.analyses.find_changes(net, dr.read_network(other, crs=CRS)))
    kinds = found.summary.filter(like="pipes_")
    return {**{str(name).removeprefix("pipes_"): int(number) for name, number in kinds.items() if number}, "s": seconds}


def _theirs(python: str, model: Path, others: list[Path], nodes: list[str]) -> Said:
    page, answer = model.with_name("theirs.html"), model.with_name("answer.json")
    asked = {"model": str(model), "crs": CRS, "nodes": nodes, "others": list(map(str, others)), "map": str(page)}
    subprocess.run(
        [python, str(ROOT / "scripts" / "peer_swmm.py")],
        input=json.dumps({**asked, "answer": str(answer)}),
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        cwd=model.parent,
    )
    return {**json.loads(answer.read_text(encoding="utf-8")), "map": _page(page)}


def _page(path: Path) -> Said:
    text = path.read_text(encoding="utf-8")
    asks = re.findall(r"""<(?:script|link)[^>]+(?:src|href)=["'](https?://[^"'/]+)""", text)
    return {"mb": path.stat().st_size / 1e6, "asks": sorted(set(asks))}


def _table(ours: Said, theirs: Said, said: dict[str, str]) -> str:
    """Compose what stands between the marks in one language."""
    versions = ", ".join(f"{name} {version}" for name, version in theirs["versions"].items())
    rows = [
        (said["read"].format(nodes=ours["size"][0], links=ours["size"][1]), _same(ours["size"], theirs["size"], said),
         _seconds(ours["read_s"]), _seconds(theirs["read_s"])),
        *((said["trace"].format(pipes=len(one["pipes"])), _same(one["pipes"], other["pipes"], said),
           _seconds(one["s"]), _seconds(other["s"]))
          for one, other in zip(ours["traces"].values(), theirs["traces"], strict=True)),
        *((said[question].format(count=ENLARGED), f"{_counts(one, said)} | {_counts(other, said)}",
           _seconds(one["s"]), _seconds(other["s"]))
          for question, one, other in zip(("enlarged", "renamed"), ours["changes"], theirs["changes"], strict=True)),
        (said["run"], f"{_floods(ours, said)} | {_floods(theirs, said)}",
         _seconds(ours["run"]["s"]), _seconds(theirs["run"]["s"])),
        (said["screen"], f"{said['screened'].format(**ours['screening'])} | –", _seconds(ours["screening"]["s"]), "–"),
        (said["why"], f"{said['points'].format(**ours['screening'])} | –", _seconds(ours["why_s"]), "–"),
        (said["map"], f"{_drawn(ours['map'], said)} | {_drawn(theirs['map'], said)}",
         _seconds(ours["map_s"]), _seconds(theirs["map_s"])),
    ]  # fmt: skip
    lines = [f"| {question} | {answer} | {one} | {other} |" for question, answer, one, other in rows]
    day, load = dt.datetime.now(tz=dt.UTC).date(), f"{os.getloadavg()[0]:.1f}"
    head = said["about"].format(day=day, versions=versions, load=load, cores=os.cpu_count())
    return "\n".join([head, "", said["heads"], "| --- | --- | --- | --: | --: |", *lines, ""])


def _same(one: object, other: object, said: dict[str, str]) -> str:
    verdict = said["same" if one == other else "differ"]
    return f"{verdict} | {verdict}"


def _counts(changes: Said, said: dict[str, str]) -> str:
    counts = [(said.get(f"{name}_pipes", said.get(name)), count) for name, count in changes.items() if name != "s"]
    return said["mark"].join(f"{name} {count:,}" for name, count in counts if count) or said["none"]


def _floods(side: Said, said: dict[str, str]) -> str:
    flooded = side["run"]["flooded_m3"]
    return said["floods"].format(nodes=len(flooded), volume=sum(flooded.values()))


def _drawn(page: Said, said: dict[str, str]) -> str:
    return said["online" if page["asks"] else "offline"].format(mb=page["mb"])


def _seconds(seconds: float) -> str:
    return f"{seconds:.2g}" if seconds < 10.0 else f"{seconds:.0f}"


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    begin = time.perf_counter()
    done = work()
    return done, time.perf_counter() - begin


if __name__ == "__main__":
    main()
