"""What is answered of the demo city, of real cities and of models of EPA SWMM: kept, and compared with later answers.

Run ``python validation/answers.py collect before.json`` on one checkout, the same with ``after.json`` on another, then
``python validation/answers.py compare before.json after.json``, which prints each difference and ends with 1 if there
is one. ``../shared/networks`` must lie beside the checkout; ``--networks DIR`` names another place. Only public names
are used, so that an older checkout can be asked by ``PYTHONPATH=CHECKOUT python validation/answers.py collect …``.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drainage.network import DrainageNetwork

ROOT = Path(__file__).parents[1]
DEMO_DAYS = ("2018-12-31", "2021-05-07")
TIME_LIMIT_S = 600
ENGINE_LIMIT_S = 60.0
SYSTEM_WORDS = (("sanitary", "sewage"), ("domestic", "sewage"), ("combined", "combined"))
PIPE_WORDS = ("mains", "pipes")


def deliveries(networks: Path) -> Iterator[tuple[str, Any, Path | None, str | None]]:
    """Name, source, mapping and day of everything that is asked."""
    for day in DEMO_DAYS:
        yield f"demo {day}", ROOT / "data" / "pipes.geojson", None, day
    said = tomllib.loads((ROOT / "tests" / "cities" / "sources.toml").read_text(encoding="utf-8"))
    for name, files in said.items():
        folder = networks / str(files.get("folder", f"cities/{name}"))
        source = {key: placed(folder, names) for key, names in files.items() if key != "folder"}
        yield f"city {name}", source.get("pipes", source), ROOT / "tests" / "cities" / f"{name}.toml", None
        yield f"city {name}, no mapping", source.get("pipes", source), None, None
    for folder in sorted((networks / "cities").iterdir()):
        if folder.name not in said:
            yield f"city {folder.name}, no mapping", by_names(folder), None, None
    for model in sorted((networks / "swmm").rglob("*.inp")):
        yield f"model {model.stem}", model, None, None


def placed(folder: Path, names: str | list[str]) -> Path | list[Path]:
    """The files of a delivery in their folder."""
    return [folder / name for name in names] if isinstance(names, list) else folder / names


def by_names(folder: Path) -> dict[str, Any]:
    """The delivery of a folder whose files say in their names what they hold."""
    source: dict[str, Any] = {"nodes": []}
    for file in sorted(folder.glob("*.geojson")):
        if not any(word in file.stem for word in PIPE_WORDS):
            source["nodes"].append(file)
        else:
            source[next((system for word, system in SYSTEM_WORDS if word in file.stem), "storm")] = file
    return source


def asked(source: Any, mapping: Path | None, day: str | None) -> dict[str, Any]:  # noqa: ANN401 - what read_network takes
    """Every figure that the product gives of one delivery; an error is an answer too."""
    import drainage as dr

    answers: dict[str, Any] = {}
    try:
        net = dr.read_network(source, mapping=mapping)
    except dr.DrainageError as error:
        return {"read": f"{type(error).__name__}: {error}"}
    net = net if day is None else net.as_of(day)
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    answers["network"] = described(net)
    questions = {
        "quality": lambda: dr.check_quality(net).summary,
        "mixed_flow": lambda: dr.find_mixed_flow(net).summary,
        "separation": lambda: dr.measure_separation(net).summary,
        "waterlogging": lambda: dr.find_waterlogging(dr.screen(net, storm)).summary,
    }
    if net.origin.model is not None if hasattr(net, "origin") else "model" in net.inputs:
        from drainage.simulation.screening.screen import screen_beside

        def by_engine() -> Any:  # noqa: ANN401 - a summary
            state = dr.simulate_swmm(net, storm, time_limit_s=ENGINE_LIMIT_S)
            return dr.find_waterlogging(state, screening=screen_beside(state)).summary

        questions["engine"] = by_engine
    for name, ask in questions.items():
        try:
            answers[name] = flat(ask())
        except dr.DrainageError as error:
            answers[name] = f"{type(error).__name__}: {error}"
        except Exception as error:  # noqa: BLE001 - a bare exception is what this script is to show
            answers[name] = f"BARE {type(error).__name__}: {error}"
    return answers


def described(net: DrainageNetwork) -> dict[str, Any]:
    """Counts, sums and issues of a network as read."""
    facts: dict[str, Any] = {"inactive pipes": len(net.layers.get("inactive", ()))}
    for name, table in (("pipes", net.pipes), ("nodes", net.nodes)):
        facts[name] = len(table)
        for column in table.columns.drop("geometry"):
            known = table[column].dropna()
            if known.dtype.kind in "fiu":
                facts[f"{name}.{column}"] = f"{len(known)} sum {known.sum():.6g}"
            elif known.nunique() <= 12:
                facts[f"{name}.{column}"] = str(dict(sorted(known.astype(str).value_counts().items())))
            else:
                facts[f"{name}.{column}"] = f"{len(known)}, {known.astype(str).nunique()} different"
    for (severity, code), n in net.issues.groupby(["severity", "code"]).size().items():
        facts[f"issues.{severity}.{code}"] = int(n)
    return facts


def flat(value: Any, path: str = "") -> dict[str, Any]:  # noqa: ANN401 - nested plain values
    """A summary as one level of texts and rounded numbers."""
    if hasattr(value, "items"):
        return {k: v for name, item in value.items() for k, v in flat(item, f"{path}.{name}" if path else name).items()}
    if isinstance(value, float):
        return {path: float(f"{value:.6g}")}
    return {path: value if isinstance(value, (int, str)) or value is None else str(value)}


def collect(goal: Path, networks: Path) -> None:
    """Ask everything, each delivery in a process of its own, and keep the answers as JSON."""
    kept: dict[str, Any] = {}
    context = multiprocessing.get_context("spawn")
    for name, source, mapping, day in deliveries(networks):
        with context.Pool(1) as pool:
            try:
                kept[name] = pool.apply_async(asked, (source, mapping, day)).get(TIME_LIMIT_S)
            except multiprocessing.TimeoutError:
                kept[name] = {"read": f"no answer in {TIME_LIMIT_S} s"}
            except Exception as error:  # noqa: BLE001 - as above
                kept[name] = {"read": f"BARE {type(error).__name__}: {error}"}
        print(name, flush=True)
        goal.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")


def compare(before: Path, after: Path) -> int:
    """Print each difference; return how many deliveries differ."""
    old, new = (json.loads(file.read_text(encoding="utf-8")) for file in (before, after))
    differing = 0
    for name in [*old, *(name for name in new if name not in old)]:
        lines = [*differences(old.get(name, {}), new.get(name, {}))]
        differing += bool(lines)
        print(*([f"## {name}", *lines] if lines else [f"## {name}: the same"]), sep="\n")
    return differing


def differences(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """A line for each figure that is not the same."""
    for part in [*old, *(part for part in new if part not in old)]:
        before, after = (answer if isinstance(answer := side.get(part), dict) else {"": answer} for side in (old, new))
        for key in [*before, *(key for key in after if key not in before)]:
            if str(before.get(key)) != str(after.get(key)):  # nan is nan
                yield f"  {part} {key}: {before.get(key)} → {after.get(key)}"


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=("collect", "compare"))
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--networks", type=Path, default=ROOT.parent / "shared" / "networks")
    given = parser.parse_args()
    if given.task == "collect":
        collect(given.files[0], given.networks)
    else:
        sys.exit(bool(compare(*given.files)))


if __name__ == "__main__":
    main()
