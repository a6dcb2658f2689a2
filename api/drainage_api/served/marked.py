"""Sightings beside what is served: as marks on the page for the public, and as a collection.

Neither is computed anew where a sighting is shown or hidden: marks are put on the page that was made with the load, by
its own drawing, in the time of one answer, and what was last put together is kept until others are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final, TypeVar

import geopandas as gpd
import pandas as pd

import drainage as dr
from drainage.report import among_roads
from drainage_api.models import HTML
from drainage_api.served.bodies import Body
from drainage_api.served.public_face import PublicFace, public_face
from drainage_api.served.served import Served, Who
from drainage_api.store.spotted import Sightings

T = TypeVar("T")

#: Name of the collection.
SIGHTINGS: Final = "sightings"


def marked(here: Served, face: PublicFace, sightings: Sightings) -> Body:
    """Return the page for the public with a mark on each stretch where a shown sighting lies.

    Raises
    ------
    StoreError
        The store cannot be read.
    """
    shown = sightings.revision("shown")
    if not shown:
        return face.body

    def body() -> Body:
        page = dr.publication.page_with_sightings(face.page, sightings.frame("shown"))
        return Body(page.html.encode(), HTML).packed()

    return _last(here, "page", shown, body)


def town_extent(here: Served, everybody: Who) -> tuple[float, float, float, float] | None:
    """Return west, south, east and north of the network and of the streets of its page; None where it lies nowhere."""
    found = here.features("pipes", everybody).extent
    if found is None:
        return None
    face = public_face(here).now()
    streets = (None if face is None else face.streets.extent) or found
    west, south = (min(pair) for pair in zip(found[:2], streets[:2], strict=True))
    east, north = (max(pair) for pair in zip(found[2:], streets[2:], strict=True))
    return west, south, east, north


def sightings_for(here: Served, who: Who, sightings: Sightings, *, whole: bool) -> dr.report.Features | None:
    """Return the collection for somebody; None as long as nobody can tell on which stretch of street a place lies.

    Parameters
    ----------
    whole
        Whether they see all of it, the places themselves included; else they see of the shown ones what the page for
        the public tells, those on their roads where they have some.

    Raises
    ------
    StoreError
        The store cannot be read.
    """
    face = None if whole else public_face(here).now()
    if not whole and face is None:
        return None

    def features() -> dr.report.Features:
        frame = _all(sightings) if face is None else _public(face, sightings)
        found = frame[among_roads(frame["road"], who.roads)] if who.roads else frame
        return dr.report.Features(gpd.GeoDataFrame(found))

    revision = sightings.revision(None if whole else "shown")
    return _last(here, ("features", whole, who.roads), revision, features)


def streets_of_waiting(here: Served, sightings: Sightings) -> Mapping[str, tuple[str, str]]:
    """Return by id the street of each sighting that waits, in Chinese and English; empty as long as nobody can tell.

    Raises
    ------
    StoreError
        The store cannot be read.
    """
    face = public_face(here).now()
    if face is None:
        return {}

    def streets() -> dict[str, tuple[str, str]]:
        found = dr.publication.seen_features(face.page.contents, sightings.frame("waiting"))
        return dict(zip(found.index, zip(found["road"], found["road_en"], strict=True), strict=True))

    return _last(here, "waiting", sightings.revision("waiting"), streets)


def _all(sightings: Sightings) -> gpd.GeoDataFrame:
    frame = sightings.frame()
    return gpd.GeoDataFrame(frame.assign(photo=_addresses(frame)))


def _public(face: PublicFace, sightings: Sightings) -> gpd.GeoDataFrame:
    shown = sightings.frame("shown")
    found = dr.publication.seen_features(face.page.contents, shown).drop(columns="stretch")
    return gpd.GeoDataFrame(found.assign(photo=_addresses(shown).reindex(found.index)))


def _addresses(frame: gpd.GeoDataFrame) -> pd.Series:
    """Return where the photographs are, under the address of the server; None where there are none."""
    paths = pd.Series([f"sightings/{name}/photo" for name in frame.index], index=frame.index, dtype="str")
    return paths.where(frame["photo"].notna(), None)


def _last(here: Served, key: Hashable, revision: str, make: Callable[[], T]) -> T:
    """Return what was made last, if it is of this revision; else make it: what was before is forgotten."""
    kept: dict[Hashable, tuple[str, Any]] = vars(here).setdefault("_marked", {})
    found = kept.get(key)
    if found is None or found[0] != revision:
        found = kept[key] = (revision, make())
    made: T = found[1]
    return made
