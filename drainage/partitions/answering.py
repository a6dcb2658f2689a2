"""The three answers about a network that was laid out in pieces, written into a directory as tables.

``summary.json`` says what they sum up to, ``issues.csv`` what was found on reading; in the folder ``answers`` lies each
table as GeoParquet, ``question.table``: those of all pipes and nodes as a folder with a file for each piece, whose
column `ROW` says where a row stands in the whole network, all others as a file.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.waterlogging.nodes import every_node
from drainage.errors import DrainageError, FormatError, SimulationError
from drainage.partitions import gathered_points, gathering
from drainage.partitions.exact_tables import read_exactly, write_exactly
from drainage.partitions.gathered_points import Avoided, read_avoided, turns_to_look_at
from drainage.partitions.gathering import read_tables, without_row
from drainage.partitions.laying_out import Plan
from drainage.partitions.piece import ROW, Laid
from drainage.partitions.running import do
from drainage.partitions.tasks import PIECES, CauseTask, Task
from drainage.provenance import Provenance
from drainage.report.analyze import summary_of
from drainage.report.collections import issue_features
from drainage.result import Result
from drainage.simulation.screening.without import SURROUNDINGS_M
from drainage.spreadsheets import write_csv
from drainage.words import in_both
from drainage.writing import alone, replacing_directory, write_sidecars
from drainage.writing.full_disk import means_full

FOLDER: Final = "answers"
ISSUES: Final = "issues.csv"
QUESTIONS: Final = ("mixed_flow", "separation", "waterlogging")
#: Tables that are kept in pieces.
IN_PIECES: Final = ("mixed_flow.pipes", "waterlogging.pipes", "waterlogging.nodes")
#: What marks the folder of the work as ours.
_MARK: Final = "drainage-pieces.json"
Progress = Callable[[float], None]


class Workers(NamedTuple):
    """Where tasks are done, see `drainage.partitions.running.do`."""

    workers: int | None = None
    scheduler: str | None = None


#: On this machine, a process a core.
HERE: Final = Workers()


def place_of(directory: Path) -> Path:
    """Return where the pieces of a directory of answers lie."""
    return directory.resolve().with_name(f"{directory.resolve().name}.pieces")


@contextmanager
def workplace(directory: Path) -> Iterator[Path]:
    """Yield the folder in which the pieces of a directory of answers lie until it is written.

    It stays where the work is not finished: the same command then goes on from there.

    Raises
    ------
    FormatError
        Another run works for the same directory, or the folder is somebody's own.
    SimulationError
        The disk is full.
    """
    place = place_of(directory)
    if place.exists() and not (place / _MARK).is_file() and (not place.is_dir() or any(place.iterdir())):
        raise FormatError(in_both("pieces_not_ours", place=place))
    place.mkdir(parents=True, exist_ok=True)
    (place / _MARK).touch()
    with alone(place) as mine:
        if not mine:
            raise FormatError(in_both("pieces_at_work", directory=directory, place=place))
        try:
            with _told_where_it_is_full(place):
                yield place
        except BaseException:
            if not (place / PIECES).exists():  # nothing to go on from
                shutil.rmtree(place)
            raise
        shutil.rmtree(place)


@contextmanager
def _told_where_it_is_full(place: Path) -> Iterator[None]:
    """Say where the disk is full and how to go on; where the answers themselves find no room, that is said there."""
    try:
        yield
    except OSError as error:
        if means_full(error) and (error.filename is None or place in Path(os.fsdecode(error.filename)).parents):
            raise SimulationError(in_both("pieces_no_room", place=place, why=os.strerror(error.errno or 0))) from error
        raise


def answer(
    plan: Plan, directory: Path, *, area_type: str = "central", workers: Workers = HERE, force: bool = False,
    progress: Progress = lambda _: None,
) -> dict[str, object]:  # fmt: skip
    """Answer the three questions piece by piece, write the directory and return its summary.

    Parameters
    ----------
    plan
        Of `drainage.partitions.laying_out.lay_out`.
    directory
        Where to write.
    area_type
        As in `find_waterlogging`.
    workers
        Where tasks are done.
    force
        Replace an earlier directory of ours.
    progress
        Takes the share that is done, 0-1.

    Raises
    ------
    FormatError
        The directory cannot be written, or a file of the work is damaged.
    SimulationError
        Workers or the scheduler are gone.
    """
    place = plan.tasks[0].place
    do(plan.tasks, place, **workers._asdict(), progress=lambda done: progress(0.6 * done))
    results: dict[str, Result] = {}
    unanswered = dict(plan.unanswered)
    asked = plan.asked
    fouled = np.zeros(len(plan.thin.pipes), np.bool_)
    if "mixed_flow" not in unanswered:
        fouled, overflow = gathering.mixed_pipes(plan)
        results["mixed_flow"] = gathering.mixed_flow(plan, asked.rates, fouled, overflow)
    if plan.roads is not None:
        results["separation"] = gathering.separation(plan, plan.roads, results.get("mixed_flow"), fouled)
    flooded: gpd.GeoDataFrame | None = None
    if asked.storm is not None:
        found, looked = _causes(plan, workers, lambda done: progress(0.6 + 0.3 * done))
        try:
            results["waterlogging"], flooded = gathered_points.waterlogging(plan, asked.storm, area_type, found, looked)
        except DrainageError as error:
            unanswered["waterlogging"] = error.said
    told = results["waterlogging"].provenance if "waterlogging" in results else Provenance.of(plan.thin, plan.storm)
    summary = {**summary_of(plan.thin, results, unanswered, plan.storm, QUESTIONS), "provenance": told.as_dict()}
    with replacing_directory(directory, force=force) as part:
        _write(plan, results, flooded, part / FOLDER)
        text = json.dumps(summary, ensure_ascii=False, indent=2, allow_nan=False)
        (part / "summary.json").write_text(text, encoding="utf-8")
        write_csv(issue_features(plan.thin), part / ISSUES, index=False)
        write_sidecars(part, (ISSUES,), told)
    progress(1.0)
    return summary


def why_not(summary: Mapping[str, object]) -> dict[str, str | None]:
    """Return of each question why a summary has no answer to it; None where it has one."""
    told = [summary[question] for question in QUESTIONS]
    named = [[one.get(name) for name in ("not_answered", "not_known")] if isinstance(one, dict) else [] for one in told]
    reasons = [next((str(reason) for reason in one if reason is not None), None) for one in named]
    return dict(zip(QUESTIONS, reasons, strict=True))


def read_answers(directory: str | Path) -> dict[str, dict[str, pd.DataFrame]]:
    """Read all tables of a directory that `answer` wrote, rows in the order of the whole network.

    Returns
    -------
    Question → name of the table → table.

    Raises
    ------
    FormatError
        It is no such directory, or a file of it is damaged.
    """
    tables: dict[str, dict[str, pd.DataFrame]] = {}
    places = sorted((Path(directory) / FOLDER).glob("*.parquet"))
    if not places:
        raise FormatError(in_both("no_answers_in_pieces", place=directory))
    for place in places:
        question, name = place.stem.split(".")
        tables.setdefault(question, {})[name] = _in_order(place) if place.is_dir() else read_exactly(place)
    return tables


def _in_order(folder: Path) -> pd.DataFrame:
    whole = pd.concat([read_exactly(file) for file in sorted(folder.glob("*.parquet"))])
    return without_row(whole.iloc[np.argsort(whole[ROW].to_numpy(), kind="stable")])


def _causes(plan: Plan, workers: Workers, progress: Progress) -> tuple[dict[int, Avoided], np.ndarray]:
    """Find the causes of the points of each piece, and which of them the whole network would have looked for."""
    counts, of = gathered_points.count_nodes(plan), plan.local_tasks
    tasks = {k: CauseTask(of[k], _around(of, k)) for k, (points, _) in counts.items() if points}
    place = of[0].place
    do([*tasks.values()], place, **workers._asdict(), progress=progress)
    found = {k: read_avoided(task) for k, task in tasks.items()}
    looked = turns_to_look_at(found, sum(nodes for _, nodes in counts.values()))
    short = [k for k, one in found.items() if (np.append(looked, [False])[one.turn] & ~one.looked_at).any()]
    again = {k: CauseTask(of[k], _around(of, k), all_turns=True) for k in short}
    do([*again.values()], place, **workers._asdict(), progress=lambda _: None)
    return found | {k: read_avoided(task) for k, task in again.items()}, looked


def _around(tasks: Sequence[Task], number: int) -> tuple[Path, ...]:
    """Return the answers of the pieces that come so near to one that their ground counts there."""
    mine = tasks[number].laid
    others = (task for k, task in enumerate(tasks) if k != number and _near(mine, task.laid))
    return tuple(task.folder for task in others)


def _near(one: Laid, other: Laid) -> bool:
    west, south, east, north = one.box
    reach = SURROUNDINGS_M + 1.0
    return (
        other.box[0] <= east + reach and other.box[2] >= west - reach
        and other.box[1] <= north + reach and other.box[3] >= south - reach
    )  # fmt: skip


def _write(plan: Plan, results: Mapping[str, Result], flooded: gpd.GeoDataFrame | None, folder: Path) -> None:
    folder.mkdir()
    for question, result in results.items():
        for name, table in result.tables.items():
            write_exactly(table, folder / f"{question}.{name}.parquet")
    for name in IN_PIECES:
        if name.partition(".")[0] in results:
            _write_pieces(plan, name, flooded, folder / f"{name}.parquet")


def _write_pieces(plan: Plan, name: str, flooded: gpd.GeoDataFrame | None, folder: Path) -> None:
    folder.mkdir()
    tasks = plan.local_tasks if name.startswith("waterlogging") else plan.flow_tasks
    files: Sequence[Path] = [folder / f"{number:05}.parquet" for number in range(len(tasks))]
    if not name.endswith(".nodes") or flooded is None:
        for task, file in zip(tasks, files, strict=True):
            shutil.copyfile(task.folder / f"{name}.parquet", file)
        return
    for nodes, file in zip(read_tables(tasks, name), files, strict=True):
        row = nodes[ROW].to_numpy()
        table = every_node(gpd.GeoDataFrame(without_row(nodes)), flooded)
        write_exactly(table.assign(**{ROW: row}), file)
