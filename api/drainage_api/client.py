"""The answers of a server as frames and values, for programs that do not hold the network themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import urlopen

import geopandas as gpd
import pandas as pd

import drainage as dr
from drainage_api.wire import PROBLEM


class Client:
    """A server of `drainage_api`, by its address.

    Parameters
    ----------
    address
        Such as ``http://127.0.0.1:8000``.
    timeout_s
        How long one answer is waited for.

    Raises
    ------
    FormatError
        The address is not an HTTP URL, or a request is refused; with the message of the server.
    OSError
        There is no server at the address.
    """

    def __init__(self, address: str, *, timeout_s: float = 30.0) -> None:
        """Keep the address; nothing is asked yet."""
        if not address.startswith(("http://", "https://")):
            raise dr.errors.FormatError(f"{address}: expected the address of a server, such as http://127.0.0.1:8000")
        self.address, self.timeout_s = address.rstrip("/"), timeout_s

    def collections(self) -> dict[str, str]:
        """Return name → title of what is served."""
        return {one["id"]: one["title"] for one in self._get("collections")["collections"]}

    def items(
        self,
        name: str,
        *,
        bbox: tuple[float, float, float, float] | None = None,
        where: Mapping[str, object] | None = None,
        page: int = 10_000,
    ) -> gpd.GeoDataFrame:
        """Return all features of a collection that lie in a box and have the values that are named, by their ids.

        Parameters
        ----------
        bbox
            West, south, east, north in degrees.
        where
            Property → value.
        page
            Features that are asked for at a time.
        """
        placed = self._get("collections", name)["crs"]
        asked = {**(where or {}), "limit": page} | ({} if bbox is None else {"bbox": ",".join(map(str, bbox))})
        found = self._get("collections", name, "items", **asked)
        features = found["features"]
        while following := [link["href"] for link in found["links"] if link["rel"] == "next"]:
            found = self._read(following[0])
            features += found["features"]
        crs = 4326 if placed else None
        ids = pd.Index([feature["id"] for feature in features], name="id", dtype="str")
        if not features:
            return gpd.GeoDataFrame(index=ids, geometry=[], crs=crs)
        return gpd.GeoDataFrame.from_features(features, crs=crs).set_index(ids)

    def summary(self, collection: str | None = None) -> dict[str, Any]:
        """Return the summary of the network and its inputs, or of the question that a collection answers."""
        found: dict[str, Any] = self._get(*(() if collection is None else ("collections", collection)))["summary"]
        return found

    def provenance(self) -> dr.provenance.Provenance:
        """Return where the answers come from."""
        return dr.provenance.Provenance.from_dict(self._get()["provenance"])

    def _get(self, *parts: str, **query: object) -> dict[str, Any]:
        path = "/".join(quote(part, safe="") for part in parts)
        return self._read(f"{self.address}/{path}" + (f"?{urlencode(query)}" if query else ""))

    def _read(self, url: str) -> dict[str, Any]:
        try:
            with urlopen(url, timeout=self.timeout_s) as answer:  # noqa: S310 - of HTTP, as checked above
                found: dict[str, Any] = json.load(answer)
        except HTTPError as error:
            with error:
                told = error.read().decode(errors="replace")
            is_problem = error.headers.get_content_type() == PROBLEM
            detail = json.loads(told)["detail"] if is_problem else error.reason
            raise dr.errors.FormatError(f"{url}: {error.code}: {detail}") from error
        return found
