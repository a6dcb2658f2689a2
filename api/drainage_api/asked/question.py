"""A question about the features of one collection: read from an address, answered by arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from drainage.report import Features, FilterError
from drainage.said import Said
from drainage.words import codes, in_both
from drainage_api.asked import cql2_arrays, parameters
from drainage_api.asked.filters import LANGUAGES, read_filter
from drainage_api.asked.systems import DEGREES, System, named, offered
from drainage_api.asked.times import NotATimeError, When, read_when
from drainage_api.asked.trees import NoFilterError, Tree
from drainage_api.errors import bad_request, listed, shortened

#: More columns to sort by than anybody needs (own choice).
MOST_KEYS: Final = 10
#: Beyond every coordinate, and near enough to be calculated with.
_FAR: Final = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What of a collection is asked for, and how it shall look.

    Parameters
    ----------
    box, box_system
        The box with the east first, and its system.
    system
        Of the answer.
    when
        Begin and end of the time that is asked for.
    where
        Property → value, range or nothing (for null), as they stand in the address.
    filter, filter_system
        A condition, and the system of its geometries.
    sortby
        Properties, each with whether it goes from high to low.
    columns
        Properties to return; None: all.
    hits
        Only their number.
    limit, offset
        The page; `paged` tells whether a limit was asked for.
    """

    box: tuple[float, float, float, float] | None
    box_system: System
    system: System
    when: When | None
    where: Mapping[str, str]
    filter: Tree | None
    filter_system: System
    sortby: Sequence[tuple[str, bool]]
    columns: Sequence[str] | None
    hits: bool
    limit: int
    offset: int
    paged: bool


def read_question(given: Mapping[str, str], features: Features) -> Question:
    """Read a question from the parameters of an address, whose names are known to be those of the collection.

    Raises
    ------
    HTTPException
        400: a parameter is not what it can be; the message names it.
    """
    systems = offered(features.crs)
    box_system = _system("bbox-crs", given, systems)
    when = None
    if "datetime" in given:
        when = _when(given["datetime"])
    kinds = features.kinds
    return Question(
        box=_box(given["bbox"], box_system if systems else None) if "bbox" in given else None,
        box_system=box_system,
        system=_system("crs", given, systems),
        when=when,
        where={name: value for name, value in given.items() if name in kinds and name not in parameters.PAGING},
        filter=_filter(given),
        filter_system=_system("filter-crs", given, systems),
        sortby=_sorted(given["sortby"], features) if "sortby" in given else (),
        columns=_columns(given["properties"], features) if "properties" in given else None,
        hits=parameters.read_choice("resulttype", given.get("resulttype"), ("hits", "results")) == "hits",
        limit=parameters.read_limit(given.get("limit")),
        offset=parameters.read_offset(given.get("offset")),
        paged="limit" in given,
    )


def choose(question: Question, features: Features) -> NDArray[np.bool_]:
    """Return the features that are asked for.

    Raises
    ------
    HTTPException
        400: a value is none that its column can have, or a filter asks for what is not there.
    """
    try:
        chosen = features.everything()
        if question.box is not None:
            chosen = chosen & features.in_box(question.box, question.box_system.of_boxes if features.crs else None)
        if question.when is not None:
            chosen = chosen & features.during(*question.when)
        for name, text in question.where.items():
            chosen = chosen & _matching(features, name, text)
        if question.filter is not None:
            chosen = chosen & cql2_arrays.where(question.filter, features, question.filter_system)
    except FilterError as error:
        raise bad_request(error.args[0]) from error
    except NoFilterError as error:
        raise bad_request(in_both("query_filter", what=error.said)) from error
    return chosen


def _matching(features: Features, name: str, text: str) -> NDArray[np.bool_]:
    """Return where a property has a value, lies in a range, or is missing."""
    if not text:
        return features.absent(name)
    low, dots, high = text.partition("..")
    if dots and (low or high) and features.kinds[name] != "text":
        return features.between(name, low or None, high or None)
    chosen = features.equal(name, text)
    known = codes(name)
    if known and text not in known and features.kinds[name] == "text" and not chosen.any():
        raise bad_request(in_both("query_no_code", name=name, text=shortened(text), known=", ".join(known)))
    return chosen


def _system(name: str, given: Mapping[str, str], systems: Sequence[System]) -> System:
    if name not in given:
        return DEGREES
    found = named(given[name], systems)
    if found is None:
        raise bad_request(no_system(name, given[name], systems))
    return found


def no_system(name: str, text: str, systems: Sequence[System]) -> Said:
    """Return what is said of a coordinate system in which features are not given out."""
    if not systems:
        return in_both("query_on_plan", name=name)
    return in_both("query_no_system", name=name, text=shortened(text), known=", ".join(one.uri for one in systems))


def _box(text: str, system: System | None) -> tuple[float, float, float, float]:
    """Return a box with the east first; without a system it is one of a plan."""
    west, south, east, north = (system or DEGREES).box(parameters.read_numbers("bbox", text))
    if south > north:
        raise bad_request(in_both("query_box_south"))
    in_degrees = system is not None and system.in_degrees
    if west > east and not in_degrees:
        raise bad_request(in_both("query_box_west"))
    far = (360.0, 90.0) if in_degrees else (_FAR, _FAR)
    return _within(west, far[0]), _within(south, far[1]), _within(east, far[0]), _within(north, far[1])


def _within(number: float, most: float) -> float:
    return min(max(number, -most), most)


def _when(text: str) -> When:
    try:
        return read_when(text)
    except NotATimeError as error:
        raise bad_request(in_both("query_datetime", text=shortened(text))) from error


def _filter(given: Mapping[str, str]) -> Tree | None:
    language = parameters.read_choice("filter-lang", given.get("filter-lang"), tuple(LANGUAGES))
    if "filter" not in given:
        return None
    try:
        return read_filter(given["filter"], language)
    except NoFilterError as error:
        raise bad_request(in_both("query_filter", what=error.said)) from error


def _sorted(text: str, features: Features) -> list[tuple[str, bool]]:
    parts = [part.strip() for part in text.split(",")]  # a + that was not escaped is a blank
    keys = [(part.lstrip("+-"), part.startswith("-")) for part in parts]
    _check("sortby", [name for name, _ in keys], features, most=MOST_KEYS)
    return keys


def _columns(text: str, features: Features) -> list[str]:
    asked = text.split(",")
    _check("properties", asked, features, most=len(features.kinds))
    return [name for name in features.kinds if name in asked]


def _check(parameter: str, names: Sequence[str], features: Features, *, most: int) -> None:
    known: dict[str, Any] = dict(features.kinds)
    if unknown := [name for name in names if name not in known]:
        raise bad_request(in_both("query_no_property", name=parameter, odd=listed(unknown), known=", ".join(known)))
    if len(set(names)) < len(names) or len(names) > most:
        raise bad_request(in_both("query_property_twice", name=parameter, most=most))
