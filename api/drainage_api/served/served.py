"""What one load of a source gave: its reports, their collections, and what tells one load from another."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Final, Protocol, TypeVar, cast

import geopandas as gpd
from fastapi import Request

import drainage as dr
from drainage.report import MOST_AT_ONCE, Features, rows_on_roads
from drainage.words import in_both
from drainage_api.errors import refusal
from drainage_api.settings import Settings

T = TypeVar("T")

#: Names of collections that are made of the network, of the issues, of both sides, and of the public page.
NODES, POINTS, LINES, CHANGES, STREETS = "nodes", "issue_points", "issue_lines", "changes", "public_streets"
_LIFE: Final = ("commissioned", "abandoned")


class Who(Protocol):
    """Somebody who asks, as far as what he may see goes."""

    @property
    def roads(self) -> tuple[str, ...]:
        """The roads that are theirs; empty: all."""

    @property
    def whole(self) -> bool:
        """Whether the whole city is theirs."""

    def sees(self, collection: str) -> bool:
        """Tell whether a collection is for them."""

    def columns(self, collection: str, held: Sequence[str]) -> Sequence[str]:
        """Return those of its columns that are for them."""


class _Everybody:
    """Who may see everything."""

    roads: tuple[str, ...] = ()
    whole = True

    def sees(self, collection: str) -> bool:
        return bool(collection)

    def columns(self, collection: str, held: Sequence[str]) -> Sequence[str]:
        del collection
        return held


@dataclass(frozen=True, slots=True)
class MapPage:
    """A map: its page, and the files of a folder beside it where the city is large."""

    html: str
    folder: Mapping[str, bytes]


@dataclass(frozen=True, eq=False)
class Served:
    """The reports that are served.

    Parameters
    ----------
    reports
        Version → report: ``before`` and ``after`` of a comparison, or one without a name.
    settings
        Of the server, for what its public page says of itself; None: nothing.
    loaded
        When it was read.
    places
        Version → directory of its report, where it was read from one.
    changes
        What differs between both sides of a comparison.
    compared
        The map of both sides, as HTML and as the files of a folder.
    mark
        What tells the source from any other; default: what the reports say of themselves.
    number
        Of its version in the store; None where there is no store.
    damaged
        Numbers of newer versions that cannot be read because an object of theirs is damaged.
    """

    reports: Mapping[str, dr.report.Report]
    settings: Settings | None = None
    loaded: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    places: Mapping[str, Path] = field(default_factory=dict)
    changes: gpd.GeoDataFrame | None = None
    compared: MapPage | None = None
    mark: str = ""
    number: int | None = None
    damaged: tuple[int, ...] = ()

    @property
    def versions(self) -> Sequence[str]:
        """The sides of a comparison; none of a report by itself."""
        return tuple(version for version in self.reports if version)

    def side(self, version: str = "") -> str:
        """Return the side that is meant, of a comparison by default that after the works, which has the number too."""
        return list(self.reports)[-1] if version in {"", str(self.number)} else version

    def report(self, version: str = "") -> dr.report.Report:
        """Return a report, of a comparison by default the one after the works."""
        return self.reports[self.side(version)]

    def whole(self, version: str = "") -> dr.report.Report:
        """Return a report with its answers, its state and all layers; read at its first use.

        Raises
        ------
        FormatError
            Its directory keeps no answers.
        """
        side = self.side(version)
        if side not in self.places:
            return self.reports[side]
        return self._kept(("whole", side), lambda: dr.read_report(self.places[side], whole=True))

    def names(self, who: Who, version: str = "") -> list[str]:
        """Return the collections that are there for somebody, in the order of the catalogue."""
        return [name for name in self.frames(version) if who.sees(name)] + (
            [STREETS] if who.sees(STREETS) and self._streets() is not None else []
        )

    def frames(self, version: str = "") -> Mapping[str, gpd.GeoDataFrame]:
        """Return every collection but the public one, in the order of the catalogue."""
        side = self.side(version)
        return self._kept(("frames", side), lambda: _frames(self.reports[side], self.changes))

    def features(self, name: str, who: Who, version: str = "") -> Features:
        """Return a collection as somebody may see it: the rows on his roads and the columns of his role.

        Raises
        ------
        KeyError
            There is none of that name for them.
        """
        if not who.sees(name):
            raise KeyError(name)
        if name == STREETS:
            streets = self._streets()
            if streets is None:
                raise KeyError(name)
            return streets
        frame, side = self.frames(version)[name], self.side(version)
        held = self._kept(("columns", side, name), lambda: _columns(frame))
        columns = tuple(who.columns(name, held))
        key = ("features", side, name, who.roads, columns)
        return self._kept(key, lambda: _narrowed(frame, who.roads, columns, self.reports[side].network))

    def prepare(self) -> None:
        """Make what every question to pipes needs, and to collections that are not large, for those who see all."""
        for version in self.versions or ("",):
            for name, frame in self.frames(version).items():
                if name == "pipes" or len(frame) <= MOST_AT_ONCE:
                    self.features(name, _Everybody(), version).prepare()

    def map_page(self, version: str = "") -> MapPage:
        """Return a map: of a comparison that of both sides, or that of one."""
        if not version and self.compared is not None:
            return self.compared
        report = self.report(version)
        return MapPage(report.page, report.map_folder)

    @cached_property
    def digest(self) -> str:
        """Tells what is served from all else; the same for every load of the same."""
        told = self.mark or repr([(name, one.provenance.as_dict(), one.summary) for name, one in self.reports.items()])
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def day(self) -> str | None:
        """The day of what is served, of a comparison both, with a stroke between."""
        found = [one.provenance.as_of for one in self.reports.values()]
        return "/".join(day if isinstance(day, str) else "/".join(day or ()) for day in found) or None

    @property
    def provenance(self) -> dr.provenance.Provenance:
        """Where it comes from, of a comparison both sides."""
        return dr.provenance.Provenance.joined([one.provenance for one in self.reports.values()])

    def summary_of(self, *names: str, version: str = "") -> object:
        """Return a part of the summary by its path, or None."""
        part: object = self.report(version).summary
        for name in names:
            part = part.get(name) if isinstance(part, Mapping) else None
        return part

    @property
    def notice(self) -> dict[str, object]:
        """What every answer says about made-up data; nothing where the data is real."""
        text = self.report().provenance.notice
        return {"synthetic": True, "notice": text} if text else {}

    @property
    def of_a_plan(self) -> dict[str, object]:
        """What every answer says about places that are not on the Earth; nothing where they are."""
        lost = any(one.network.crs is None for one in self.reports.values())
        return {"coordinates": in_both("plan_coordinates").both} if lost else {}

    def _streets(self) -> Features | None:
        """Return the streets of the public page, as soon as that is made; begin it where nobody has."""
        from drainage_api.served.public_face import public_features

        return public_features(self)

    def _kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is made once a load."""
        made: dict[Hashable, object] = vars(self).setdefault("_once", {})
        if key not in made:
            locks: dict[Hashable, Lock] = vars(self).setdefault("_locks", {})
            with locks.setdefault(key, Lock()):
                if key not in made:
                    made[key] = make()
        return cast("T", made[key])


def served(request: Request) -> Served:
    """Return what this application answers a request with.

    Raises
    ------
    HTTPException
        Nothing yet: 503.
    """
    here = served_or_none(request)
    if here is None:
        raise refusal(503, in_both("report_still_read"), {"Retry-After": "5"})
    return here


def served_or_none(request: Request) -> Served | None:
    """Return the version that was chosen for a request, else what is served now; None while that is being read."""
    here: Served | None = getattr(request.state, "served", None) or getattr(request.app.state, "served", None)
    return here


def _frames(report: dr.report.Report, changes: gpd.GeoDataFrame | None) -> dict[str, gpd.GeoDataFrame]:
    """Return the collections of a report with those that are made of it; issues by their geometry."""
    found = dict(report.collections)
    issues = found.pop("issues", None)
    frames = {"pipes": found.pop("pipes"), NODES: report.network.nodes, **found}
    if issues is not None:
        lines = issues.geom_type.isin(["LineString", "MultiLineString"])
        frames |= {POINTS: issues[~lines], LINES: issues[lines]}
    return frames if changes is None else frames | {CHANGES: changes}


def _columns(frame: gpd.GeoDataFrame) -> tuple[str, ...]:
    shapes = frame.geometry.name
    return tuple(str(column) for column in frame.columns if column != shapes)


def _narrowed(
    frame: gpd.GeoDataFrame, roads: Sequence[str], columns: Sequence[str], net: dr.DrainageNetwork
) -> Features:
    shown = frame[[name for name in frame if name in columns or name == frame.active_geometry_name]]
    dates = _LIFE if all(name in shown for name in _LIFE) else None
    return Features(shown[rows_on_roads(frame, roads, net)] if roads else shown, dates=dates)
