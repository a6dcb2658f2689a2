"""What a report keeps beside its features, so that papers are made of it later: whole answers, state and rain.

In the directory lie ``network.gpkg``, the network with all that lies beside it, and the folder ``answers``: the
tables of each question as Parquet, flows and levels of the simulation, the layers of a plan that lies nowhere, which no
GeoPackage holds, and ``answers.json`` with all that is no table; where that is asked for also ``runs.npz``, what the
storm did to each pipe and node.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage import __version__
from drainage.cells import plain_value
from drainage.errors import FormatError
from drainage.formats.geopackage import write_into
from drainage.formats.marks import layers_of, read_back
from drainage.formats.rain.storm_as_json import storm_as_json, storm_of_json
from drainage.network import DrainageNetwork
from drainage.origin import Origin
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import Said
from drainage.simulation.screening.model import Routed
from drainage.simulation.setup import Setup
from drainage.simulation.state import FlowState
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.report.directory import Report

#: The network as it was analysed, and the folder of the answers.
NETWORK: Final = "network.gpkg"
FOLDER: Final = "answers"
_FACTS: Final = "answers.json"
_STATE: Final = "state"
_PLAN: Final = "plan"
_VERSION: Final = 1
_RUNS: Final = "runs.npz"
_SAID: Final = ("english", "chinese")
#: What tables and layers are called: names that lead nowhere else.
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
#: Fields of `Setup` that are kept as values; catchments have a table of their own.
_SETUP: Final = tuple(one.name for one in fields(Setup) if one.name != "catchments")


class Kept(NamedTuple):
    """What is kept of a report: network, answers, flows and levels, what was asked in vain, where it is from, runs."""

    network: DrainageNetwork
    results: Mapping[str, Result]
    state: FlowState | None
    unanswered: Mapping[str, str]
    provenance: Provenance
    runs: tuple[Routed, ...]


def write_kept(report: Report, directory: Path) -> None:
    """Write network, answers and state of a report into its directory."""
    net, state = report.network, report.state
    folder = directory / FOLDER
    folder.mkdir()
    layers = layers_of(net) if net.crs is None else {}
    if net.crs is not None:
        write_into(net, directory / NETWORK, provenance=report.provenance)
    for name, layer in layers.items():
        _write_table(layer, folder / f"{_PLAN}.{name}.parquet")
    told: dict[str, Any] = {"version": _VERSION, "plan": list(layers), "questions": {}}
    told["unanswered"] = _kept(report.unanswered)
    told["provenance"] = _facts_of(report.provenance)
    for name, result in report.results.items():
        for table, rows in result.tables.items():
            _write_table(rows, folder / f"{name}.{table}.parquet")
        told["questions"][name] = {
            "tables": list(result.tables),
            "summary": _kept(result.summary.to_dict()),
            "not_known": _kept(result.not_known),
            "notice": _kept(result.notice),
            "provenance": _facts_of(result.provenance),
        }
    if state is not None:
        _write_table(state.pipes, folder / f"{_STATE}.pipes.parquet")
        _write_table(state.nodes, folder / f"{_STATE}.nodes.parquet")
        if state.setup.catchments is not None:
            _write_table(state.setup.catchments, folder / f"{_STATE}.catchments.parquet")
        setup = {name: _kept(getattr(state.setup, name)) for name in _SETUP}
        told[_STATE] = {
            "method": state.method, "storm": storm_as_json(state.storm), "setup": setup,
            "assumptions": _kept(dict(state.assumptions)), "balance": _kept(dict(state.balance)),
        }  # fmt: skip
    if report.runs:
        told["runs"] = {"count": len(report.runs), "program": __version__}
        named = [(f"{k}.{name}", table) for k, run in enumerate(report.runs) for name, table in run._asdict().items()]
        np.savez(folder / _RUNS, **dict(named))
    (folder / _FACTS).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def read_kept(directory: Path) -> Kept:
    """Read what `write_kept` wrote.

    Raises
    ------
    FormatError
        The directory keeps no answers, or they were changed.
    """
    folder = directory / FOLDER
    try:
        told = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        if told["version"] != _VERSION or not _fair(told):
            raise ValueError(told["version"])  # noqa: TRY301 - said like all else that is wrong with it
        whole = _read_plan(folder, told["plan"]) if told["plan"] else read_back(directory / NETWORK)
        if whole is None:
            raise FormatError(in_both("report_network_changed", file=directory / NETWORK))
        results = {name: _read_result(folder, name, kept) for name, kept in told["questions"].items()}
        state = _read_state(folder, told[_STATE], whole) if _STATE in told else None
        told_from = Provenance(**_value(told["provenance"]))
        return Kept(whole, results, state, _value(told["unanswered"]), told_from, _read_runs(folder, told))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise FormatError(in_both("report_keeps_none", place=directory)) from error


def _fair(told: Mapping[str, Any]) -> bool:
    """Return whether all names that become those of files are names, and no places elsewhere."""
    names = [*told["plan"], *told["questions"], *(one for kept in told["questions"].values() for one in kept["tables"])]
    return all(_NAME.fullmatch(name) for name in names)


def _read_plan(folder: Path, names: Sequence[str]) -> DrainageNetwork:
    """Read the layers of a plan that lies nowhere."""
    layers = {name: gpd.read_parquet(folder / f"{_PLAN}.{name}.parquet") for name in names}
    pipes, nodes, catchments = layers.pop("pipes"), layers.pop("nodes"), layers.pop("catchments", None)
    return DrainageNetwork(pipes, nodes, catchments=catchments, layers=layers, origin=Origin(name=str(folder.parent)))


def _read_result(folder: Path, name: str, kept: Mapping[str, Any]) -> Result:
    tables = {table: _read_table(folder / f"{name}.{table}.parquet") for table in kept["tables"]}
    summary = pd.Series(_value(kept["summary"]), dtype=object, name=name)
    provenance = Provenance(**_value(kept["provenance"]))
    return Result(name, tables, summary, (), _value(kept["notice"]), provenance=provenance,
                  not_known=_value(kept["not_known"]))  # fmt: skip


def _read_state(folder: Path, kept: Mapping[str, Any], net: DrainageNetwork) -> FlowState:
    pipes, nodes = (pd.read_parquet(folder / f"{_STATE}.{name}.parquet") for name in ("pipes", "nodes"))
    setup = _value(kept["setup"])
    if (place := folder / f"{_STATE}.catchments.parquet").is_file():
        setup["catchments"] = _read_table(place)
    return FlowState(
        net, storm_of_json(kept["storm"]), kept["method"], pipes, nodes, _value(kept["assumptions"]),
        _value(kept["balance"]), Setup(**setup),
    )  # fmt: skip


def _read_runs(folder: Path, told: Mapping[str, Any]) -> tuple[Routed, ...]:
    """Return the runs that were kept; not those of another version of the program, which may run otherwise."""
    if told.get("runs", {}).get("program") != __version__:
        return ()
    with np.load(folder / _RUNS) as kept:
        count = range(told["runs"]["count"])
        return tuple(Routed(*(kept[f"{k}.{name}"] for name in Routed._fields)) for k in count)


def _write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table; what is said in both languages has a column for each."""
    whole = table.copy(deep=False)
    for name in [name for name in table if table[name].dtype == object]:
        cells = [None if value is None or value is pd.NA else value for value in table[name]]
        if any(isinstance(cell, Said) for cell in cells):
            whole[f"{name}_zh"] = pd.Series([getattr(cell, "chinese", cell) for cell in cells], table.index, dtype=str)
        if all(cell is None or isinstance(cell, str) for cell in cells):
            whole[name] = pd.Series([cell if cell is None else str(cell) for cell in cells], table.index, dtype=str)
    whole.to_parquet(path)


def _read_table(path: Path) -> pd.DataFrame:
    import pyarrow.parquet as pq

    placed = b"geo" in (pq.read_schema(path).metadata or {})
    return gpd.read_parquet(path) if placed else pd.read_parquet(path)


def _facts_of(provenance: Provenance) -> object:
    return _kept({one.name: getattr(provenance, one.name) for one in fields(Provenance)})


def _kept(value: object) -> object:
    """Return a value as JSON holds it, what is said in both languages as a pair."""
    if isinstance(value, Said):
        return dict(zip(_SAID, (str(value), value.chinese), strict=True))
    if isinstance(value, Mapping):
        return {str(key): _kept(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_kept(one) for one in value]
    if isinstance(value, pd.Series):
        return {"minutes": value.index.tolist(), "values": value.tolist()}
    return plain_value(value)


def _value(kept: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(kept, dict):
        if tuple(kept) == _SAID:
            return Said(*kept.values())
        if tuple(kept) == ("minutes", "values"):
            return pd.Series(kept["values"], index=kept["minutes"])
        return {key: _value(one) for key, one in kept.items()}
    return [_value(one) for one in kept] if isinstance(kept, list) else kept
