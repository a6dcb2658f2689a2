"""Truth: folium's own classes on a map of ours, and what a real Chromium without network shows of both."""

from __future__ import annotations

import re
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from branca.element import MacroElement
from folium.plugins import MiniMap
from folium.template import Template
from shapely.affinity import translate

import drainage as dr
from drainage.errors import CrsError, TopologyError
from drainage.maps import notebook
from drainage.maps.layer import Layer
from drainage.maps.notebook import NotebookMap, notebook_map
from drainage.provenance import Provenance
from tests.maps.test_maps import HOSTILE, pipe_layer, pipes, plan, point_layer, points
from tests.support.networks import build

DRAWN = "document.querySelector('.leaflet-overlay-pane canvas')"
MIDDLE = [33.4245, 117.0015]


def shown(*layers: Layer, **kwargs: Any) -> NotebookMap:  # noqa: ANN401 - as notebook_map takes
    return notebook_map(layers, title="waterlogging", **kwargs)


def html(drawn: folium.Map) -> str:
    return str(drawn.get_root().render())


class Note(MacroElement):
    """A control of somebody else that needs no network."""

    _template = Template("""{% macro script(this, kwargs) %}
        var note = L.control({position: "bottomright"});
        note.onAdd = () => Object.assign(document.createElement("p"), {id: "note", textContent: "mine"});
        note.addTo({{ this._parent.get_name() }});
    {% endmacro %}""")


class TestMap:
    def test_it_is_a_map_of_folium_that_asks_for_nothing(self) -> None:
        drawn = shown(pipe_layer(), point_layer())
        assert isinstance(drawn, folium.Map)
        assert "<iframe" in drawn._repr_html_()
        page = html(drawn)
        assert not re.search(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)\s*=", page)
        assert set(re.findall(r"url\((\w+:)", page)) == {"data:"}

    @pytest.mark.parametrize("child", [
        folium.Marker(MIDDLE, icon=folium.Icon()),
        MiniMap(tile_layer=folium.TileLayer("OpenStreetMap")),  # type: ignore[no-untyped-call]
    ], ids=["icon", "plugin"])  # fmt: skip
    def test_links_of_folium_stand_in_it_where_something_of_others_needs_them(self, child: Any) -> None:  # noqa: ANN401
        drawn = shown(point_layer())
        child.add_to(drawn)
        page = html(drawn)
        assert "jquery" in page
        assert "awesome-markers.js" in page
        assert "leaflet.js" not in page
        assert "jquery" not in html(shown(point_layer()))

    def test_every_layer_is_ticked_by_a_legend_also_those_of_others(self) -> None:
        drawn = shown(pipe_layer(), point_layer())
        folium.TileLayer("OpenStreetMap").add_to(drawn)
        control = html(drawn).rpartition("base_layers :")[2]
        for said in ("openstreetmap", "waterlogging points", "major (1)", "minor (1)", "pipes by system", "storm (1)"):
            assert said in control
        folium.LayerControl(collapsed=True).add_to(drawn)
        assert html(drawn).count("L.control.layers(") == 2  # that of folium beside ours, which was rendered before
        own = shown(pipe_layer())
        folium.LayerControl(collapsed=True).add_to(own)
        assert html(own).count("L.control.layers(") == 1

    def test_it_is_in_the_language_of_the_reader(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DRAINAGE_LANG", "zh")
        page = html(shown(point_layer()))
        for said in ("易积水点", "重", "管道淤积", "放大"):
            assert said in page or said.encode("unicode_escape").decode() in page
        assert "major (" not in page

    def test_very_many_features_are_cut_those_of_the_context_first_and_the_map_says_so(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(notebook, "MOST_FEATURES", 6)
        context = Layer("context_pipes", pipes(10), None, ("pipe_id",))
        drawn = shown(context, pipe_layer(pipes(5)), point_layer())
        assert [len(layer.data["features"]) for layer in _layers(drawn)] == [0, 4, 2]
        assert "6 of 17 features are drawn; a page with all of them: drainage.draw(…)" in html(drawn)
        assert "features are drawn" not in html(shown(point_layer()))

    def test_mixed_coordinate_systems_are_refused(self) -> None:
        with pytest.raises(CrsError, match="with and without"):
            shown(pipe_layer(), pipe_layer(plan()))

    def test_what_stands_on_it_is_no_template_and_no_markup(self) -> None:
        evil = "<b>{{7919*7}}{% endraw %}{{7919*7}}</b>"
        page = html(shown(point_layer(), notice=evil, provenance=Provenance(source=(evil,))))
        assert page.count("&lt;b&gt;&#123;&#123;7919*7}}&#123;% endraw %}&#123;&#123;7919*7}}&lt;/b&gt;") == 2
        assert "55433" not in page.rpartition("position: fixed")[2].partition("</div>")[0]

    def test_networks_states_and_answers_are_explored(self) -> None:
        net = build(["a>b storm", "b>c storm", "c>d sewage"])
        storm = dr.DesignStorm(dr.read_storm_formula("demo"), 3, 120)
        state = dr.screen(net, storm)
        drawn = {name: _layers(one.explore()) for name, one in (
            ("network", net), ("state", state), ("answer", dr.find_mixed_flow(net)))}  # fmt: skip
        assert [layer.layer_name.split("<")[0] for layer in drawn["network"]] == ["pipes by system"]
        assert [layer.layer_name.split("<")[0] for layer in drawn["state"]] == ["flow by capacity", "overflowing nodes"]
        assert [layer.layer_name.split("<")[0] for layer in drawn["answer"]][:2] == ["pipes", "mixed flow (bands)"]


class TestPart:
    def test_only_what_touches_the_area_is_drawn(self) -> None:
        net = build(["a>b storm", "b>c storm", "c>d sewage"])
        around = gpd.GeoSeries([net.pipes.geometry.iloc[0].centroid.buffer(1.0)], crs=net.crs)
        state = dr.screen(net, dr.DesignStorm(dr.read_storm_formula("demo"), 3, 120))
        for one in (net, state, dr.find_mixed_flow(net)):
            assert _pipes(one.explore()) == 3
            assert _pipes(one.explore(within=around)) == 1
            assert _pipes(one.explore(within=around.to_crs(4326))) == 1
            assert _pipes(one.explore(within=around.iloc[0])) == 1

    def test_the_area_fills_the_view(self) -> None:
        net = build(["a>b storm", "b>c storm", "c>d sewage"])
        around = gpd.GeoSeries([net.pipes.geometry.iloc[0].centroid.buffer(1.0)], crs=net.crs)
        west, south, east, north = around.to_crs(4326).total_bounds
        (fit,) = [one for one in net.explore(within=around)._children.values() if isinstance(one, folium.FitBounds)]
        assert np.array(fit.bounds).ravel().tolist() == pytest.approx([south, west, north, east])

    def test_an_area_beside_everything_is_refused_with_the_extent(self) -> None:
        net = build(["a>b storm"])
        far = net.pipes.geometry.iloc[0].buffer(1.0).centroid.buffer(1.0)
        with pytest.raises(TopologyError, match=r"nothing on the map touches within; it extends over \d+, \d+"):
            net.explore(within=translate(far, 9e4))


def _pipes(drawn: folium.Map) -> int:
    return len(
        next(layer for layer in _layers(drawn) if "pipes" in layer.layer_name or "flow" in layer.layer_name).data[
            "features"
        ]
    )


def _layers(drawn: folium.Map) -> list[folium.GeoJson]:
    return [child for child in drawn._children.values() if isinstance(child, folium.GeoJson)]


@pytest.mark.long
class TestBrowser:
    @pytest.mark.parametrize("width", [1280, 390])
    def test_markers_and_controls_of_others_work_without_a_network(self, show: Any, width: int) -> None:  # noqa: ANN401
        drawn = shown(pipe_layer(), point_layer())
        west, south, east, north = pipes().to_crs(4326).total_bounds
        folium.Marker([(south + north) / 2, (west + east) / 2], popup="<b>mine</b>").add_to(drawn)
        Note().add_to(drawn)  # type: ignore[no-untyped-call]
        page = show(html(drawn), DRAWN, width=width, height=800)
        page.wait("document.querySelector('.leaflet-marker-icon').naturalWidth > 0")
        assert page.run("document.querySelector('#note').textContent") == "mine"
        assert page.pixels("#B3152A") > 10
        page.run("document.querySelector('.leaflet-marker-icon').click()")
        page.wait("document.querySelector('.leaflet-popup b')")
        assert page.run("document.querySelector('.leaflet-popup b').textContent") == "mine"

    def test_clicking_a_point_says_why(self, show: Any) -> None:  # noqa: ANN401
        page = show(html(shown(pipe_layer(), point_layer(points(1)))), DRAWN)
        page.click_at(*page.middle("#B3152A"))
        page.wait("document.querySelector('.leaflet-popup td')")
        said = page.run("[...document.querySelectorAll('.leaflet-popup td')].map((cell) => cell.textContent)")
        assert said[:2] == ["silt", "without silt: 25 m³ avoided"]

    def test_text_of_others_is_shown_and_never_run(self, show: Any) -> None:  # noqa: ANN401
        frame = pipes(len(HOSTILE), system=HOSTILE, road=HOSTILE, material=HOSTILE)
        frame.index = pd.Index(HOSTILE, name="pipe_id")
        named = Layer("waterways", frame.assign(**{HOSTILE[0]: HOSTILE}), None, ("road", HOSTILE[0]))
        page = show(html(shown(pipe_layer(frame), named, notice=HOSTILE[0])), DRAWN)
        for k in range(len(HOSTILE)):
            page.run(
                "(() => { const lines = []; Object.values(window).find((one) => one instanceof L.Map)"
                ".eachLayer((one) => { if (one.feature) lines.push(one); });"
                f" const line = lines[{k}];"
                " line.fire('click', {latlng: line.getBounds().getCenter()}, true); })()"
            )
            page.wait("document.querySelector('.leaflet-popup td')")
            cells = page.run("[...document.querySelectorAll('.leaflet-popup td')].map((cell) => cell.textContent)")
            assert HOSTILE[k] in cells or " ".join(HOSTILE[k].split()) in [" ".join(one.split()) for one in cells]
        assert HOSTILE[0] in page.run("document.querySelector('.leaflet-control-layers').textContent")
        assert page.run("window.xss === undefined")
        assert page.run("document.querySelectorAll('img[src=x], iframe, object').length") == 0

    def test_a_plan_without_coordinate_system_is_drawn(self, show: Any) -> None:  # noqa: ANN401
        drawn = shown(Layer("pipes", gpd.GeoDataFrame(plan()), "system", ("pipe_id",)))
        page = show(html(drawn), DRAWN)
        assert min(page.pixels(color) for color in ("#175C99", "#C05A1A", "#7B3F98")) > 10
        assert "schematic plan" in page.run("document.body.textContent")
