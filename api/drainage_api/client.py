"""The answers of a server as frames and values, for programs that do not hold the network themselves.

Needs nothing of the server: Python's own HTTP, and what the library reads frames with.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

import drainage as dr
from drainage_api.client_desk import Desk, ReceiptError, Submission
from drainage_api.client_http import BusyError, KeyRefusedError, Line, NotThereError, ServerError

__all__ = ["BusyError", "Client", "KeyRefusedError", "NotThereError", "ReceiptError", "ServerError", "Submission"]

Version = Literal["before", "after"] | int
Language = Literal["zh", "en"]
Day = dt.date | dt.datetime | str | None
_GEOJSON = "application/geo+json"
#: Codes of what a server sends where nothing is asked for: degrees, east first.
_DEGREES = (None, 4326)


class Client(Desk):
    """A server of `drainage serve`, by its address.

    Parameters
    ----------
    address
        Such as ``http://127.0.0.1:8000``.
    key
        A key of `drainage keys add`; None: only what is public, or all on the machine itself where there are no keys.
    timeout_s
        How long one answer is waited for, s.
    patience_s
        How long a busy server (429, 503) is asked again, s: as soon as it says, and no longer than this in all.

    Raises
    ------
    ServerError
        A request is refused: `KeyRefusedError`, `NotThereError`, `BusyError`, or this with its ``status``; with the
        words of the server.
    FormatError
        The address is not an HTTP URL, or something else answers there.
    OSError
        There is no server at the address.

    Examples
    --------
    >>> Client("http://127.0.0.1:8000")
    <Client of http://127.0.0.1:8000>
    """

    def __init__(
        self, address: str, *, key: str | None = None, timeout_s: float = 60.0, patience_s: float = 60.0
    ) -> None:
        """Keep the address; nothing is asked yet."""
        self._line = Line(address, key, timeout_s, patience_s)

    @property
    def address(self) -> str:
        """Where the server is."""
        return self._line.address

    def collections(self) -> dict[str, str]:
        """Return name → title of what is there for this key."""
        return {one["id"]: one["title"] for one in self._get("collections")["collections"]}

    def items(self, name: str, **asked: Any) -> gpd.GeoDataFrame:  # noqa: ANN401 - those of `pages`
        """Return all features of a collection that are asked for, by their ids; the keywords are those of `pages`."""
        return _together(list(self.pages(name, **asked)))

    def pages(
        self,
        name: str,
        *,
        bbox: tuple[float, float, float, float] | None = None,
        where: Mapping[str, object] | None = None,
        filter: str | None = None,  # noqa: A002 - as the standard calls it
        datetime: Day | tuple[Day, Day] = None,
        sortby: Sequence[str] = (),
        properties: Sequence[str] = (),
        crs: int | None = None,
        version: Version | None = None,
        page: int = 10_000,
    ) -> Iterator[gpd.GeoDataFrame]:
        """Return the features of a collection page by page: index ``id``, in degrees or in ``crs``.

        Parameters
        ----------
        bbox
            West, south, east, north in degrees.
        where
            Property → value; (low, high) for a range, None in it for an open end; None for those without a value.
        filter
            In CQL2, such as ``"diameter_mm > 800 AND system = 'storm'"``.
        datetime
            A day, or (from, to): features that were there then; None in it for an open end.
        sortby
            Properties, with - before those that fall.
        properties
            Those to return; default: all.
        crs
            EPSG code of the coordinates that are returned; default: degrees.
        version
            Side of a comparison, or number of a version of a server with a store; default: after the works, the newest.
        page
            Features that are asked for at a time.
        """
        asked: dict[str, object] = {key: _written(value) for key, value in (where or {}).items()}
        asked |= {} if bbox is None else {"bbox": ",".join(map(repr, map(float, bbox)))}
        asked |= {} if filter is None else {"filter": filter, "filter-lang": "cql2-text"}
        asked |= {} if datetime is None else {"datetime": _interval(datetime)}
        asked |= {"sortby": ",".join(sortby)} if sortby else {}
        asked |= {"properties": ",".join(properties)} if properties else {}
        asked |= {} if crs in _DEGREES else {"crs": f"http://www.opengis.net/def/crs/EPSG/0/{crs}"}
        code = (crs or 4326) if self._get("collections", name)["crs"] else None
        yield from self._follow(("collections", name, "items"), asked | _side(version) | {"limit": page}, code)

    def trace(
        self, node_id: str, direction: Literal["upstream", "downstream"] = "upstream", *, version: Version | None = None
    ) -> gpd.GeoDataFrame:
        """Return the pipes that drain through a node, or through which it drains, by their ids, in degrees."""
        asked: dict[str, object] = {"direction": direction, **_side(version)}
        code = 4326 if self._get("collections", "pipes")["crs"] else None
        return _together(list(self._follow(("trace", node_id), asked, code)))

    def section(
        self, start: str, end: str, *, via: Sequence[str] = (), version: Version | None = None, lang: Language = "en"
    ) -> dict[str, Any]:
        """Return the numbers of the long section between two nodes; keys as of `drainage.papers.section_facts`."""
        return self._get("section", query=_way(start, end, via, version, lang))

    def section_svg(
        self, start: str, end: str, *, via: Sequence[str] = (), version: Version | None = None, lang: Language = "en"
    ) -> str:
        """Return the first sheet of its drawing."""
        asked = _way(start, end, via, version, lang) | {"f": "svg"}
        return self._line.ask("section", query=asked, accept="image/svg+xml").content.decode()

    def storm(self, *, version: Version | None = None, lang: Language = "en") -> dict[str, Any]:
        """Return the rain in which the answers hold; keys as of `drainage.analyses.storm_facts`, and ``answered``."""
        return self._get("storm", query={"lang": lang, **_side(version)})

    def report(self, path: str | Path, *, version: Version | None = None, lang: Language = "zh") -> Path:
        """Write the report of an office as PDF, which the server composes when it is first asked.

        Raises
        ------
        FormatError
            A file of this name is there already.
        """
        return self._save(path, "report", query={"lang": lang, **_side(version)})

    def summary(self, collection: str | None = None) -> dict[str, Any]:
        """Return the summary of the network and its inputs, or of the question that a collection answers.

        Empty for a key that does not see the whole city, and for a collection that answers no question.
        """
        found: dict[str, Any] = self._get(*(() if collection is None else ("collections", collection)))
        return dict(found.get("summary") or {})

    def provenance(self) -> dr.provenance.Provenance:
        """Return where the answers come from; of nothing is told to a key that does not see the whole city."""
        return dr.provenance.Provenance.from_dict(self._get().get("provenance") or {})

    def __repr__(self) -> str:
        return f"<Client of {self.address}>"

    def _get(self, *parts: str, query: str | Mapping[str, object] = "") -> dict[str, Any]:
        return self._line.ask(*parts, query=query).json()

    def _follow(
        self, path: tuple[str, ...], asked: Mapping[str, object], crs: int | None
    ) -> Iterator[gpd.GeoDataFrame]:
        query: str | Mapping[str, object] | None = asked
        while query is not None:
            answer = self._line.ask(*path, query=query, accept=_GEOJSON)
            found = answer.json()
            yield _frame(found["features"], crs)
            following = [link["href"] for link in found["links"] if link["rel"] == "next"]
            query = urlsplit(following[0]).query if following else None


def _frame(features: Sequence[Mapping[str, Any]], crs: int | None) -> gpd.GeoDataFrame:
    """Return features as a frame; a plan that lies nowhere has no CRS."""
    ids = pd.Index([str(feature["id"]) for feature in features], name="id", dtype="str")
    shapes = shapely.from_geojson([_text(feature["geometry"]) for feature in features])
    if crs not in _DEGREES and pyproj.CRS(crs).axis_info[0].direction == "north":  # frames have east first
        shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    placed = gpd.GeoSeries(shapes, index=ids, crs=crs)
    return gpd.GeoDataFrame([dict(feature["properties"]) for feature in features], index=ids, geometry=placed)


def _text(geometry: Mapping[str, Any] | None) -> str | None:
    return None if geometry is None else json.dumps(geometry)


def _together(pages: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    held = [page for page in pages if len(page)] or list(pages[:1])
    return gpd.GeoDataFrame(pd.concat(held), crs=held[0].crs)


def _written(value: object) -> str:
    """Return a value of a property as an address has it."""
    if isinstance(value, tuple):
        low, high = ("" if end is None else _written(end) for end in value)
        return f"{low}..{high}"
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    return str(value)


def _interval(asked: Day | tuple[Day, Day]) -> str:
    if isinstance(asked, tuple):
        return "/".join(".." if end is None else _interval(end) for end in asked)
    if isinstance(asked, dt.datetime):
        return asked.isoformat() if asked.tzinfo else f"{asked.isoformat()}Z"
    return asked.isoformat() if isinstance(asked, dt.date) else str(asked)


def _side(version: Version | None) -> dict[str, object]:
    return {} if version is None else {"version": version}


def _way(start: str, end: str, via: Sequence[str], version: Version | None, lang: Language) -> dict[str, object]:
    return {"from": start, "to": end, **({"via": list(via)} if via else {}), "lang": lang, **_side(version)}
