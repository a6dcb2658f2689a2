"""The public page of what is served, and its stretches of streets as features: nothing else is for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import drainage as dr
from drainage import words
from drainage_api.models import HTML
from drainage_api.served.apart import apart
from drainage_api.served.bodies import Body
from drainage_api.served.made import Made, Making, made
from drainage_api.served.served import Served
from drainage_api.settings import Settings

#: Pipes of a report that is read with all its answers here; one of more would hold up everybody else (own choice).
FEW = 20_000


class PublicFace(NamedTuple):
    """The page, as it goes out, and its streets."""

    page: dr.publication.PublicPage
    body: Body
    streets: dr.report.Features


def public_face(here: Served) -> Made[PublicFace]:
    """Return the page of a load, which is made at its first use.

    Its result raises NotKnownError where there is nothing to publish (no roads, or no rain was simulated), CrsError
    where the network lies nowhere, SchemaError where both sides of a comparison are of two rains.
    """
    return made(here, "public", lambda: _face(here))


def public_features(here: Served) -> dr.report.Features | None:
    """Return the streets of the page as soon as it is made; None before that, and where there is nothing to publish."""
    thing = public_face(here)
    thing.begin()
    face = thing.now()
    return None if face is None else face.streets


def check_streets(here: Served) -> None:
    """Ask to come again while the page is being made.

    Raises
    ------
    Making
        It is: 503.
    """
    if not public_face(here).begin().done():
        raise Making


def imprint_of(settings: Settings) -> dr.publication.Imprint:
    """Return what the page says of itself.

    Raises
    ------
    FormatError
        A setting that cannot stand on a page.
    """
    url = f"{str(settings.public_url).rstrip('/')}/public" if settings.public_url else ""
    return dr.publication.Imprint(
        city=settings.city,
        phone=settings.phone,
        url=url,
        post=_post(settings),
        passing=settings.passing,
        contacts=settings.contacts,
    )


def _post(settings: Settings) -> str:
    """Return where the page sends what a reader saw; nowhere without a store that keeps it."""
    if not settings.has_store:
        return ""
    path = settings.public_url.path or "" if settings.public_url is not None else ""
    return f"{path.rstrip('/')}/sightings"


def _face(here: Served) -> PublicFace:
    imprint = None if here.settings is None else imprint_of(here.settings)
    sides = tuple(reversed(here.versions or tuple(here.reports)))
    reports = [here.report(side) for side in sides]
    if any(report.state is None and report.provenance.storm is None for report in reports):
        raise dr.errors.NotKnownError(words.in_both("public_dry"))
    pipes = max(len(report.collections["pipes"]) for report in reports)
    if pipes > FEW and all(side in here.places for side in sides):
        page = apart(page_of_places, [here.places[side] for side in sides], imprint)
    else:
        page = dr.publication.page_of_report(*(_nameless(here.whole(side)) for side in sides), imprint=imprint)
    streets = dr.report.Features(dr.publication.street_features(page.contents))
    return PublicFace(page, Body(page.html.encode(), HTML).packed(), streets)


def page_of_places(places: Sequence[Path], imprint: dr.publication.Imprint | None) -> dr.publication.PublicPage:
    """Return the page of reports in directories, of which the first counts; for a process of its own."""
    reports = [_nameless(dr.read_report(place, whole=True)) for place in places]
    return dr.publication.page_of_report(*reports, imprint=imprint)


def _nameless(report: dr.report.Report) -> dr.report.Report:
    """Return a report whose network does not tell where it lies: what is wrong with it is told to everybody."""
    net = report.network
    return replace(report, network=net.replace(origin=replace(net.origin, name=words.in_both("network"))))
