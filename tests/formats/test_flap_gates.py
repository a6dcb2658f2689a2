"""Flap gates: how they are recorded, what the engine makes of them, and that an .inp keeps its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

import drainage as dr
from drainage.formats.inp import read_inp
from drainage.formats.inp.outfall_rows import is_gated, outfall_words
from drainage.simulation.pipes import has_flap
from tests.support.drains import drain, rain
from tests.support.networks import build, save

if TYPE_CHECKING:
    from pathlib import Path


def below_the_river(flap: str | None, **nodes: dict[str, object]) -> dr.DrainageNetwork:
    """Draw x>o into a river at 12.5 m, half a metre above the ground; it rains on y, which drains elsewhere."""
    return drain(
        ["x>o storm 600", "y>p storm 600"],
        {"x": 10.2, "o": 10.0, "y": 10.2, "p": 10.0},
        ground=dict.fromkeys("xoyp", 12.0),
        nodes={"area_ha": {"y": 0.1}, "water_level_m": {"o": 12.5}, "flap_gate": {"o": flap}, **nodes},
    )


@pytest.mark.parametrize(("flap", "floods"), [("yes", False), ("no", True), (None, True)])
def test_a_flap_keeps_the_river_out(flap: str | None, floods: bool) -> None:  # noqa: FBT001 - a column of the table
    """No rain falls at x: what stands above its ground is the river's."""
    state = dr.simulate_swmm(below_the_river(flap), rain())
    assert state.nodes["overflows"]["x"] == floods
    assert (state.nodes["overflow_m3"]["x"] > 100.0) == floods
    assert (state.nodes["level_m"]["x"] < 10.3) != floods
    assert ("flap_gates" in state.assumptions) == (flap == "yes")


def test_a_gated_outfall_lets_water_out_again() -> None:
    """The river at 11.0 m, below the ground: the rain of 1 hm² leaves through the flap once it stands higher."""
    net = below_the_river("yes", area_ha={"x": 1.0}, water_level_m={"o": 11.0})
    state = dr.simulate_swmm(net, rain())
    assert state.balance["outflow_m3"] > 0.9 * state.balance["runoff_m3"]
    assert state.nodes["level_m"]["x"] > 11.0


def test_every_pipe_that_ends_at_a_gated_outfall_is_gated(tmp_path: Path) -> None:
    net = drain(["a>o storm 600", "b>o storm 600", "b>q storm 600"], {"a": 10.2, "b": 10.2, "o": 10.0, "q": 10.0},
                ground=dict.fromkeys("aboq", 12.0),
                nodes={"area_ha": {"a": 1.0}, "flap_gate": {"o": "yes", "q": "no", "b": "yes"}})  # fmt: skip
    text = read_inp(dr.write_inp(net, rain(), tmp_path / "t.inp").path).text
    assert {row[0]: row[3] for row in text.rows("OUTFALLS")} == {"o": "YES", "o~2": "YES", "q": "NO"}


def test_flaps_are_read_as_surveys_write_them(tmp_path: Path) -> None:
    """有, 1, Y and 无, 0, N; an empty cell says nothing, and what is none of these is an issue."""
    net = build([f"n{k}>n{k + 1} storm" for k in range(8)])
    pipes = save(net, tmp_path / "pipes.geojson")
    words = ["有", "1", "Y", "True", "无", "0", "N", None, "tidal"]
    for column in ("拍门", "FlapGate", "IsFlap", "flap_gate"):
        nodes = net.nodes[["geometry"]].reset_index()
        nodes[column] = words
        path = tmp_path / f"{column}.geojson"
        nodes.to_crs(4326).to_file(path, driver="GeoJSON", engine="pyogrio")
        read = dr.read_network(pipes, nodes=path)
        flaps = read.nodes["flap_gate"].reindex([f"n{k}" for k in range(9)])
        assert flaps.fillna("-").tolist() == ["yes"] * 4 + ["no"] * 3 + ["-", "-"]
        assert has_flap(read.nodes).sum() == 4
        odd = read.issues[read.issues["code"] == "unknown_code"]
        assert odd["reason"].str.contains("flap_gate.*tidal").any()
    numbers = net.nodes[["geometry"]].assign(FlapGate=[1, 0] * 4 + [1]).reset_index()
    numbers.to_crs(4326).to_file(tmp_path / "numbers.geojson", driver="GeoJSON", engine="pyogrio")
    assert has_flap(dr.read_network(pipes, nodes=tmp_path / "numbers.geojson").nodes).sum() == 5
    assert not has_flap(dr.read_network(pipes).nodes).any()


def test_a_written_network_keeps_its_flaps(tmp_path: Path) -> None:
    dr.write_network(below_the_river("yes"), tmp_path / "net.gpkg")
    assert dr.read_network(tmp_path / "net.gpkg").nodes["flap_gate"]["o"] == "yes"


ROWS = {
    "free": ["free", "1.0", "FREE"],
    "open": ["open", "1.0", "FREE", "NO"],
    "routed": ["routed", "1.0", "NORMAL", "YES", "S1"],
    "fixed": ["fixed", "1.0", "FIXED", "3.2", "YES"],
    "tidal": ["tidal", "1.0", "TIDAL", "curve", "NO", "S1"],
    "short": ["short", "1.0", "FIXED", "3.2"],
}


def test_the_gate_stands_behind_the_stage_where_there_is_one() -> None:
    """Manual, appendix D: Name Elev FREE|NORMAL (Gated) (RouteTo); … FIXED|TIDAL|TIMESERIES Stage (Gated) (RouteTo)."""
    assert [name for name, row in ROWS.items() if is_gated(row)] == ["routed", "fixed"]

    def after(name: str, **how: object) -> list[str]:
        return list(outfall_words(ROWS[name], **how).values())  # type: ignore[arg-type]  # as the test says

    assert after("free", gate="YES") == ["FREE", "YES"]
    assert after("routed", gate="NO") == ["NORMAL", "NO", "S1"]
    assert after("tidal", gate="YES") == ["TIDAL", "curve", "YES", "S1"]
    assert after("short", gate="YES") == ["FIXED", "3.2", "YES"]
    assert after("fixed", stage=["FREE"]) == ["FREE", "YES", ""]
    assert after("open", stage=["FIXED", "2"], gate="YES") == ["FIXED", "2", "YES"]


def test_an_inp_is_read_and_written_with_its_gates(tmp_path: Path) -> None:
    """As read: not a byte of its outfalls changes; a gate that is changed is, and so is a level, each alone."""
    first = dr.write_inp(below_the_river("yes"), rain(), tmp_path / "first.inp").path
    net = dr.read_network(first)
    assert net.nodes["flap_gate"].fillna("-").to_dict() == {"x": "-", "o": "yes", "y": "-", "p": "no"}

    def outfalls(name: str, **columns: dict[str, str | float | None]) -> dict[str, list[str]]:
        nodes = net.nodes
        for column, values in columns.items():
            for node, value in values.items():
                nodes.loc[node, column] = value
        path = dr.write_inp(net.replace(nodes=nodes), None, tmp_path / name).path
        return {row[0]: row[2:] for row in read_inp(path).text.rows("OUTFALLS")}

    assert outfalls("same.inp") == {"o": ["FIXED", "12.5", "YES"], "p": ["FREE", "NO"]}
    assert outfalls("opened.inp", flap_gate={"o": "no", "p": "yes"}) == {
        "o": ["FIXED", "12.5", "NO"],
        "p": ["FREE", "YES"],
    }
    assert outfalls("lower.inp", water_level_m={"o": 11.0}) == {"o": ["FIXED", "11", "YES"], "p": ["FREE", "NO"]}
    assert outfalls("unsaid.inp", flap_gate={"o": None}) == {"o": ["FIXED", "12.5", "YES"], "p": ["FREE", "NO"]}


def test_a_new_outfall_of_an_inp_has_its_gate(tmp_path: Path) -> None:
    net = dr.read_network(dr.write_inp(below_the_river("no"), rain(), tmp_path / "first.inp").path)
    pipes, nodes = net.pipes, net.nodes
    pipe = pipes.loc[["p1"]].assign(to_node="q").rename(index={"p1": "new"})
    node = nodes.loc[["p"]].assign(flap_gate="yes", water_level_m=11.0).rename(index={"p": "q"})
    wider = net.replace(pipes=pd.concat([pipes, pipe]), nodes=pd.concat([nodes, node]))
    text = read_inp(dr.write_inp(wider, None, tmp_path / "second.inp").path).text
    assert [row for row in text.rows("OUTFALLS") if row[0] == "q"] == [["q", "10", "FIXED", "11", "YES"]]
