"""The abstract tests of OGC API – Features, Part 2: Coordinate Reference Systems (OGC 18-058r1, annex A).

Truth: pyproj, and the axes of each system as EPSG has them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import pytest

from tests.api.standard.sites import SITES, collections, site

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}"
#: Systems in which every pipe can be had: the network's own has the north first, as those in degrees of EPSG have.
OFFERED = [EPSG.format(code) for code in (4548, 4490, 4326)]

pytestmark = pytest.mark.parametrize("name", SITES)


def page(name: str, query: dict[str, str], collection: str = "pipes") -> dict[str, Any]:
    answer = site(name).get(f"/collections/{collection}/items", params=query)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def places(document: dict[str, Any]) -> np.ndarray[Any, Any]:
    return np.array([feature["geometry"]["coordinates"][0] for feature in document["features"]])


def test_systems_are_listed_crs84_first_and_the_storage_system_is_one_of_them(name: str) -> None:
    """A.2.1 (crs-md-list, crs-md-storageCrs)."""
    for one in collections(name):
        assert one["crs"][0] == CRS84
        assert len(one["crs"]) == len(set(one["crs"]))
        assert one["storageCrs"] in one["crs"]
    [pipes] = [one for one in collections(name) if one["id"] == "pipes"]
    assert set(OFFERED) < set(pipes["crs"])


def test_without_crs_an_answer_is_in_crs84_and_says_so(name: str) -> None:
    """A.2.2 (fc-crs-default-value, ogc-crs-header)."""
    for path in ("/collections/pipes/items", "/collections/pipes/items/" + page(name, {})["features"][0]["id"]):
        assert site(name).get(path).headers["content-crs"] == f"<{CRS84}>"


@pytest.mark.parametrize("uri", OFFERED)
def test_coordinates_are_those_of_the_system_in_the_order_of_its_axes(name: str, uri: str) -> None:
    """A.2.3 (fc-crs-action, ogc-crs-header): pages and single features."""
    degrees = places(page(name, {"limit": "50"}))
    answer = page(name, {"limit": "50", "crs": uri})
    change = pyproj.Transformer.from_crs("OGC:CRS84", uri.replace(EPSG.format(""), "EPSG:"))  # axes as EPSG has them
    expected = np.column_stack(change.transform(*degrees.T))
    assert np.abs(places(answer) - expected).max() < (0.02 if expected.max() > 1000 else 2e-7)
    assert places(answer)[0, 0] < places(answer)[0, 1] or uri.endswith("4548")
    headers = site(name).get("/collections/pipes/items", params={"crs": uri}).headers
    assert headers["content-crs"] == f"<{uri}>"
    first = answer["features"][0]
    alone = site(name).get(f"/collections/pipes/items/{first['id']}", params={"crs": uri})
    assert alone.json()["geometry"] == first["geometry"]
    assert alone.headers["content-crs"] == f"<{uri}>"


@pytest.mark.parametrize("uri", [CRS84, *OFFERED])
def test_a_box_chooses_the_same_in_every_system(name: str, uri: str) -> None:
    """A.2.4 (fc-bbox-crs-definition, -valid-value, -action)."""
    everything = places(page(name, {"limit": "10000", "crs": uri}))
    low, high = np.quantile(everything, [0.3, 0.7], axis=0)
    box = ",".join(map(str, [*low, *high]))
    found = page(name, {"bbox": box, "bbox-crs": uri, "limit": "10000"})
    degrees = places(page(name, {"limit": "10000"}))
    inside = ((everything >= low) & (everything <= high)).all(axis=1)
    ids = [feature["id"] for feature in page(name, {"limit": "10000"})["features"]]
    wanted = {ids[k] for k in np.flatnonzero(inside)}
    assert len(degrees) == len(everything)
    assert wanted <= {feature["id"] for feature in found["features"]}
    assert found["numberMatched"] < len(ids)


@pytest.mark.parametrize("parameter", ["crs", "bbox-crs", "filter-crs"])
@pytest.mark.parametrize("uri", ["EPSG:4326x", EPSG.format(3857), EPSG.format(999999), "nonsense", ""])
def test_a_system_that_is_not_offered_is_refused(name: str, parameter: str, uri: str) -> None:
    """A.2.5 (fc-crs-valid-value, fc-bbox-crs-valid-value)."""
    answer = site(name).get("/collections/pipes/items", params={parameter: uri, "bbox": "1,1,2,2", "filter": "TRUE"})
    assert answer.status_code == 400
    assert parameter in answer.json()["detail"]
    assert CRS84 in answer.json()["detail"]


@pytest.mark.parametrize("uri", ["urn:ogc:def:crs:EPSG::4548", "https://www.opengis.net/def/crs/EPSG/0/4548"])
def test_a_system_may_be_written_as_urn_or_with_https(name: str, uri: str) -> None:
    headers = site(name).get("/collections/pipes/items", params={"crs": uri, "limit": "1"}).headers
    assert headers["content-crs"] == f"<{EPSG.format(4548)}>"
