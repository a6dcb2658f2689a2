"""A file that somebody sent, brought under a name of ours into a folder of ours, and what kind it is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final, Literal, NamedTuple

from drainage.change_sets import ACTIONS
from drainage.change_sets.change_set import FEATURE_OF
from drainage.errors import FormatError
from drainage.formats.guard.geojson_features import check_features, read_collection
from drainage.formats.guard.kind_by_content import ENDINGS, kind_of
from drainage.said import joined
from drainage.words import in_both

Sort = Literal["geojson", "gpkg", "xlsx", "dxf", "shp", "changes"]
#: Kinds of deliveries.
SORTS: Final[tuple[Sort, ...]] = ("geojson", "gpkg", "xlsx", "dxf", "shp", "changes")
_ODD: Final = re.compile(r"[^\w.-]+")
_LONGEST_NAME: Final = 60


class TakenIn(NamedTuple):
    """The copy of a file, and what it is."""

    file: Path
    sort: Sort


def take_in(file: Path, folder: Path, *, name: str | None, expected: str | None) -> TakenIn:
    """Copy a file into an empty folder, under its name but for odd signs, with the ending of what it is.

    Parameters
    ----------
    name
        What its sender calls it; None: its own name.
    expected
        The kind that it shall be, of `SORTS`; None: any.

    Raises
    ------
    FormatError
        It is of another kind, or of none that is read.
    """
    if expected is not None and expected not in SORTS:
        raise FormatError(in_both("delivery_kind_unknown", kind=expected, known=joined(SORTS, ", ")))
    if not file.is_file():
        raise FormatError(in_both("set_no_file", file=file.name, near=""))
    called = _plain_name(name or file.name)
    raw = folder / called
    shutil.copyfile(file, raw)
    kind = kind_of(raw)
    sort: Sort = "changes" if kind == "geojson" and holds_changes(raw) else kind
    if expected is not None and sort != expected:
        raise FormatError(in_both("delivery_other_kind", file=called, expected=expected, found=sort))
    renamed = raw.with_name(f"{raw.stem}{ENDINGS[kind]}")
    return TakenIn(raw.rename(renamed), sort)


def _plain_name(name: str) -> str:
    """Return a name that is one everywhere: no folders, no signs that a shell or a page would take for something."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = _ODD.sub("_", last).strip("._")[:_LONGEST_NAME]
    return plain or "delivery"


def holds_changes(file: Path, *, empty: bool = False) -> bool:
    """Return whether a GeoJSON is a change set: each feature says what is done, and in which layer.

    Parameters
    ----------
    empty
        What one without features counts as.

    Raises
    ------
    FormatError
        It is no JSON in UTF-8, or no collection of features.
    """
    features = read_collection(file)["features"]
    check_features(file, features)
    told = [one.get("properties") for one in features if isinstance(one, dict)]
    if not told:
        return empty
    return all(
        isinstance(one, dict) and one.get("action") in ACTIONS and str(one.get("layer")) in FEATURE_OF for one in told
    )
