"""What of the collections somebody may see is asked for."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from fastapi import Request

from drainage.report import COLLECTIONS, Features
from drainage.said import Said, joined
from drainage.words import in_both
from drainage_api.access.keeper import keeper
from drainage_api.access.unseen import unseen_of
from drainage_api.access.who import Who
from drainage_api.asked import parameters
from drainage_api.errors import bad_request, not_found, shortened
from drainage_api.served.answers import address_of, face_of, language_of
from drainage_api.served.marked import SIGHTINGS, sightings_for
from drainage_api.served.public_face import check_streets
from drainage_api.served.served import STREETS, Served, served
from drainage_api.store.database import StoreError


@dataclass(frozen=True, slots=True)
class Holding:
    """A collection, of one version, for somebody.

    Parameters
    ----------
    version
        Number, or side of a comparison; empty: the newest, the last.
    seen
        Its features, where it is that of sightings, which are of no version.
    """

    here: Served
    name: str
    who: Who
    version: str
    seen: Features | None = None

    @property
    def features(self) -> Features:
        """Its features; made when they are first asked for."""
        return self.here.features(self.name, self.who, self.version) if self.seen is None else self.seen

    @property
    def is_summed(self) -> bool:
        """Whether it answers a question whose summary is for them: that is told of the whole city."""
        return self.who.whole and self.name in COLLECTIONS

    @property
    def summary(self) -> object:
        """The summary of the question that it answers."""
        return self.here.summary_of(*COLLECTIONS[self.name].answer, version=self.version)

    @property
    def why_not(self) -> dict[str, object]:
        """Why it is empty because nothing is known of its question; empty where it was answered."""
        about = COLLECTIONS.get(self.name)
        why = None if about is None else self.here.report(self.version).why_not(about.answer[0])
        return {} if why is None else {"not_known": why}


def hold(request: Request, name: str, who: Who) -> Holding:
    """Return a collection that is asked for.

    Raises
    ------
    HTTPException
        404: there is no such one for them. 400: there is no such version. 503: it is being made.
    """
    here = served(request)
    found = {one.name: one for one in held(request, who)}
    if name in {STREETS, SIGHTINGS} and name not in found and who.sees(name):
        check_streets(here)
        found = {one.name: one for one in held(request, who)}
    if name not in found:
        raise not_found(in_both("no_such_collection", name=shortened(name), known=", ".join(found)))
    return found[name]


def held(request: Request, who: Who) -> list[Holding]:
    """Return every collection that somebody may see, those of the report in the order of the catalogue."""
    here, version = served(request), version_of(request)
    found = [Holding(here, name, who, version) for name in here.names(who, version)]
    seen = _sightings(request, who)
    return found if seen is None else [*found, Holding(here, SIGHTINGS, who, version, seen)]


def _sightings(request: Request, who: Who) -> Features | None:
    vault = keeper(request).vault
    if vault is None or not who.sees(SIGHTINGS):
        return None
    try:
        return sightings_for(served(request), who, vault.sightings, whole=who.whole)
    except StoreError:
        return None


def _revision(request: Request, who: Who) -> str:
    """Return which sightings an answer tells of; nothing where it tells of none."""
    vault = keeper(request).vault
    if vault is None or request.path_params.get("collection_id", SIGHTINGS) != SIGHTINGS:
        return ""
    try:
        return vault.sightings.revision(None if who.whole else "shown")
    except StoreError:
        return ""


def version_of(request: Request) -> str:
    """Return the version that is asked for, by its number or as a side of a comparison; empty: the newest, the last.

    Raises
    ------
    HTTPException
        400: there is no such one.
    """
    version = request.query_params.get("version")
    if version is None:
        return ""
    here = served(request)
    versions = here.versions
    if version not in versions and version != str(here.number):
        raise bad_request(_no_version(here, version))
    return version


def _no_version(here: Served, asked: str) -> Said:
    """Say which versions can be asked for: sides of a comparison, or those that a store has, told by `/versions`."""
    numbers = [] if here.number is None else ["1" if here.number == 1 else in_both("query_numbers", most=here.number)]
    known = [*here.versions, *numbers]
    if not known:
        return in_both("query_no_versions", text=shortened(asked))
    return in_both("query_version", known=joined(known, ", "), text=shortened(asked))


def key_of(request: Request, who: Who, *more: Hashable) -> Hashable:
    """Return all that an answer to somebody depends on: what is served, who asks for what, in which language.

    At the head of a page stands how many notices wait for them.
    """
    here = served(request)
    asked = tuple(sorted(request.query_params.multi_items()))
    notices = unseen_of(request, who) if face_of(request, "json", "html") == "html" else None
    return (
        here.digest,
        here.number,
        address_of(request),
        request.url.path,
        asked,
        (who.role, who.name, who.roads),
        language_of(request),
        notices,
        _revision(request, who),
        *more,
    )


def read_common(request: Request, *faces: str) -> None:
    """Check the parameters that every route takes.

    Raises
    ------
    HTTPException
        400: there is no such face or language.
    """
    parameters.read_choice("f", request.query_params.get("f"), faces)
    parameters.read_choice("lang", request.query_params.get("lang"), parameters.TONGUES)
