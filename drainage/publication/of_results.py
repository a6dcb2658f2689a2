"""The page of results that were kept in a directory."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from drainage.intake import read_roads
from drainage.publication.imprint import Imprint
from drainage.publication.published import PublicPage, page_of_report
from drainage.report.directory import read_report

#: What a directory of results is known by.
_RESULTS: Final = "summary.json"


def holds_results(place: Path) -> bool:
    """Return whether a directory holds what `Report.write` or `Comparison.write` wrote."""
    return place.is_dir() and any((place / side / _RESULTS).is_file() for side in ("", "before", "after"))


def page_of_results(
    place: Path, *, roads: str | Path | None = None, crs: str | None = None, imprint: Imprint | None = None
) -> PublicPage:
    """Return the page of a directory of `analyze`, or of `compare`, which holds one before and one after the works.

    Parameters
    ----------
    place
        The directory.
    roads, crs
        A file of centre lines of roads in place of those of the network, and its CRS where it states none.
    imprint
        As in `page_of_report`.

    Raises
    ------
    FormatError, NotKnownError, CrsError, SchemaError
        The directory or the roads cannot be read, or as `page_of_report`.
    """
    sides = [place / side for side in ("after", "before")]
    found = sides if any((side / _RESULTS).is_file() for side in sides) else [place]
    reports = [read_report(side, whole=True) for side in found]
    layer = None if roads is None else read_roads(roads, crs=crs, target=reports[0].network.crs)
    return page_of_report(reports[0], *reports[1:], roads=layer, imprint=imprint)
