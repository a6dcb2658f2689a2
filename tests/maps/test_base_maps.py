"""Base maps of others: the page may ask exactly their host for pictures, and asks at the addresses that it should.

Truth: the addresses of the owners' documents; no host is asked here, as tests have no network.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest
import shapely

from drainage.errors import FormatError
from drainage.formats.china_offset import wgs84_to_gcj02
from drainage.maps.base_maps import BaseMap, base_map_data, base_map_hosts, check_base_map
from drainage.maps.layer import Layer
from drainage.maps.page_of import page_of
from tests.maps.test_maps import pipes, plan

if TYPE_CHECKING:
    from tests.support.browser import Browser

ROOT = Path(__file__).parents[2]
NAMES = [name for name in get_args(BaseMap) if name != "none"]


def page(basemap: BaseMap) -> str:
    return page_of([Layer("pipes", pipes(), "system", ("pipe_id",))], title="图", basemap=basemap).html


def policy(html: str) -> dict[str, str]:
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert found
    return dict(rule.strip().split(" ", 1) for rule in found.group(1).split(";"))


def test_without_a_base_map_a_page_may_ask_nobody_and_names_no_host() -> None:
    assert policy(page("none"))["img-src"] == "data:"
    hosts = [host.partition("//")[2] for name in NAMES for host in base_map_hosts(name)]
    data = page("none").partition('id="drainage-data"')[2].partition("</script>")[0]
    assert not [host for host in hosts if host in data]


@pytest.mark.parametrize("name", NAMES)
def test_the_policy_widens_for_exactly_the_host_that_is_asked(name: BaseMap) -> None:
    rules = policy(page(name))
    assert rules["img-src"].split() == ["data:", *base_map_hosts(name)]
    assert policy(page("none")) | {"img-src": ""} == rules | {"img-src": ""}
    told = base_map_data(name, "en")
    assert told is not None
    tiles = told["tiles"]
    assert isinstance(tiles, tuple)
    assert all(address.startswith(tuple(f"{host}/" for host in base_map_hosts(name))) for address in tiles)


def test_no_key_stands_in_a_page() -> None:
    data = page("tianditu").partition('id="drainage-data"')[2].partition("</script>")[0]
    assert re.findall(r"tk=([^&\"\\]*)", data) == ["{key}", "{key}"]


@pytest.mark.parametrize(("lang", "credit"), [("zh", "国家地理信息公共服务平台"), ("en", "National Platform")])
def test_the_owner_is_named_in_the_language_of_the_page(
    lang: str, credit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAINAGE_LANG", lang)
    assert credit in page("tianditu")


def test_an_unknown_base_map_and_one_under_a_plan_are_refused() -> None:
    with pytest.raises(FormatError, match="known: none, osm, tianditu, gaode"):
        check_base_map("google")
    with pytest.raises(FormatError, match="no CRS"):
        page_of([Layer("pipes", plan(), "system")], title="图", basemap="osm")


@pytest.mark.long
def test_the_program_shifts_by_the_same_formula_as_python() -> None:
    places = np.random.default_rng(5).uniform([75.0, 18.0], [135.0, 53.0], (200, 2))
    script = (
        "import { toGcj02 } from './web/engineers_map/map/china_offset.js';"
        f"console.log(JSON.stringify({json.dumps(places.tolist())}.map(([x, y]) => toGcj02(x, y))))"
    )
    run = subprocess.run(
        ["node", "--input-type=module", "-e", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    apart = (np.array(json.loads(run.stdout)) - wgs84_to_gcj02(places)) * 111_000
    assert np.abs(apart).max() < 0.001


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "query", "host", "pattern"),
    [
        ("osm", "", "tile.openstreetmap.org", r"/\d+/\d+/\d+\.png$"),
        ("gaode", "", "webrd01.is.autonavi.com", r"x=\d+&y=\d+&z=\d+$"),
        ("tianditu", "#b=tianditu&tk=0123456789abcdef", "t0.tianditu.gov.cn", r"&tk=0123456789abcdef$"),
        ("tianditu", "?tk=0123456789abcdef", "t0.tianditu.gov.cn", r"TILEROW=\d+&TILECOL=\d+&tk=0123456789abcdef$"),
    ],
)  # fmt: skip
def test_pictures_are_asked_for_where_they_are_and_nowhere_else(
    chromium: Browser, tmp_path: Path, name: BaseMap, query: str, host: str, pattern: str
) -> None:
    file = tmp_path / "map.html"
    file.write_text(page(name), encoding="utf-8")
    with chromium.open(file.as_uri() + query) as opened:
        opened.wait("document.querySelector('.leaflet-tile-pane img') !== null")
        asked = [url for url in opened.requests if url.startswith("http")]
        assert asked
        assert {url.split("/")[2] for url in asked} == {host}
        assert all(re.search(pattern, url) for url in asked)
        shifted = opened.run("document.querySelector('.dr-map-note').textContent")
        assert ("GCJ-02" in shifted) == (name == "gaode")


@pytest.mark.long
def test_tianditu_asks_for_its_key_and_nobody_before_it_has_one(chromium: Browser, tmp_path: Path) -> None:
    file = tmp_path / "map.html"
    file.write_text(page("tianditu"), encoding="utf-8")
    with chromium.open(file) as opened:
        opened.wait("document.querySelector('.dr-key-card input') !== null")
        assert [url for url in opened.requests if url.startswith("http")] == []
        opened.run("document.querySelector('.dr-key-card button:last-child').click()")
        assert opened.run("document.querySelector('.dr-key-card')") is None
        drawn = "document.getElementById('dr-map').drawn"
        assert opened.run(f"{drawn}.base()") == "none"
        opened.run(f"{drawn}.setBase('tianditu')")
        card = "document.querySelector('.dr-key-card')"
        opened.run(f"{card}.querySelector('input').value = '0123456789abcdef'; {card}.requestSubmit()")
        opened.wait("document.querySelector('.leaflet-tile-pane img') !== null")
        opened.run(f"{drawn}.setBase('none'); {drawn}.setBase('tianditu')")  # a key is asked for once
        assert opened.run(f"[{card}, {drawn}.base()]") == [None, "tianditu"]


@pytest.mark.long
def test_layers_on_gaode_lie_where_its_pictures_have_them(chromium: Browser, tmp_path: Path) -> None:
    """The middle of a pipe on the map, in the coordinates of the base map, is that of Python's formula to 1 cm."""
    file = tmp_path / "map.html"
    file.write_text(page("gaode"), encoding="utf-8")
    with chromium.open(file) as opened:
        opened.wait("document.body.dataset.layers !== undefined")
        drawn = "document.getElementById('dr-map').drawn"
        found = opened.run(f"(() => {{ const at = {drawn}.middleOf('pipes', 0); return [at.lng, at.lat]; }})()")
        middle = shapely.get_coordinates(pipes().geometry.to_crs(4326).to_numpy()[0]).mean(axis=0, keepdims=True)
        wanted = wgs84_to_gcj02(middle)[0]
        assert np.hypot(*(np.array(found) - wanted)) * 111_000 < 0.2
