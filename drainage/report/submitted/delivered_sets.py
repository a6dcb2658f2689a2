"""Edits of a network from files: change sets, surveys of built works, and the network of results that they are for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from drainage.change_sets import ChangeSet
from drainage.change_sets.standing import standing
from drainage.formats.change_file import read_change_set
from drainage.formats.guard.kind_by_content import kind_of
from drainage.network import DrainageNetwork
from drainage.report.directory import Report, read_report
from drainage.report.submitted.taken_in import holds_changes
from drainage.report.submitted.understanding import Delivery, read_delivery


def network_of_results(source: Sequence[str]) -> DrainageNetwork | None:
    """Return the network of a folder of results, as it stands on its day; None where the source is no such folder."""
    place = Path(source[0])
    if len(source) != 1 or not (place / "summary.json").is_file():
        return None
    return standing(read_report(place, whole=True).network).network


def read_sets(paths: Sequence[str], net: DrainageNetwork) -> tuple[list[ChangeSet], list[Delivery]]:
    """Read change sets, and surveys of built works as such.

    Parameters
    ----------
    paths
        The files.
    net
        The network that they are for.

    Returns
    -------
    The edits of each file, and how each survey among them was understood.

    Raises
    ------
    FormatError, SchemaError, CrsError
        A file is neither, or not of this network.
    """
    sets, surveys = list[ChangeSet](), list[Delivery]()
    for path in paths:
        if _is_survey(Path(path)):
            surveys.append(read_delivery(path, Report(net, {}, {}, {}, "")))
            sets.append(surveys[-1].changes)
        else:
            sets.append(read_change_set(path))
    return sets, surveys


def _is_survey(file: Path) -> bool:
    """Return whether a file is there and no change set: those are GeoJSON, whose features say what is done."""
    if not file.is_file():
        return False
    if file.suffix.lower() not in {".geojson", ".json"}:
        return True
    return kind_of(file) == "geojson" and not holds_changes(file, empty=True)  # nothing is to be done
