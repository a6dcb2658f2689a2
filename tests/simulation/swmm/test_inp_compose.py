"""Making EPA SWMM models of surveyed networks: small ones worked by hand, options, names, and trees read back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.cli import main
from drainage.formats.inp import InpModel, read_inp
from tests.support.drains import drain, rain
from tests.support.engine import run_file
from tests.support.examples import examples
from tests.support.networks import build, save

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from drainage.simulation.swmm.export import WrittenInp


def rows(path: Path, section: str) -> dict[str, list[str]]:
    return {row[0]: row[1:] for row in read_inp(path).text.rows(section)}


def y_drain() -> dr.DrainageNetwork:
    r"""Draw a small network: a and b meet at c, whose pipe and the one of d end at the outfall o.

    a ─1.0 m─> c ─1.2 m, silt 0.25─> o <─box 2 × 1 m─ d
    b ───────> c
    """
    return drain(
        ["a>c storm 1000", "b>c storm 800", "c>o storm 1200", "d>o storm"],
        {"a": 10.0, "b": 9.5, "c": 9.0, "d": 9.2, "o": 8.8},
        ground={"a": 13.0, "b": 12.5, "c": 12.0, "d": 12.0, "o": 11.0},
        nodes={"water_level_m": {"o": 9.9}, "area_ha": {"a": 1.0, "b": 2.0, "d": 0.5}},
        silt_share=[np.nan, np.nan, 0.25, np.nan],
        shape=["circular", "circular", "circular", "rectangular"],
        width_mm=[np.nan, np.nan, np.nan, 2000.0],
        height_mm=[np.nan, np.nan, np.nan, 1000.0],
    )


def test_a_small_network_by_hand(tmp_path: Path) -> None:
    """Lowest pipe is the invert; the river at 9.9 stands in c (9.0) and d (9.2), b (9.5) and not in a (10.0)."""
    path = dr.write_inp(y_drain(), rain(), tmp_path / "y.inp").path
    assert rows(path, "JUNCTIONS") == {
        "a": ["10", "3", "0", "0", "0"],
        "b": ["9.5", "3", "0.4", "0", "0"],
        "c": ["9", "3", "0.9", "0", "0"],
        "d": ["9.2", "2.8", "0.7", "0", "0"],
    }
    assert rows(path, "OUTFALLS") == {"o": ["8.8", "FIXED", "9.9", "NO"], "o~2": ["8.8", "FIXED", "9.9", "NO"]}
    assert rows(path, "CONDUITS")["p2"] == ["c", "o", "100", "0.013", "9", "8.8", "0", "0"]
    assert rows(path, "CONDUITS")["p3"][:2] == ["d", "o~2"]
    assert rows(path, "XSECTIONS")["p0"] == ["CIRCULAR", "1", "0", "0", "0", "1"]
    assert rows(path, "XSECTIONS")["p2"] == ["FILLED_CIRCULAR", "1.2", "0.3", "0", "0", "1"]
    assert rows(path, "XSECTIONS")["p3"] == ["RECT_CLOSED", "1", "2", "0", "0", "1"]
    assert rows(path, "SUBCATCHMENTS")["S~2"][:5] == ["RAIN", "b", "2", "100", "333.333333"]
    run = run_file(path, tmp_path)
    assert sum(run.outfall.values()) == pytest.approx(rain().depth_mm * 35.0, rel=0.1)
    assert max(map(abs, run.error_pct)) < 1.0


def test_silt_in_a_box_is_its_bed(tmp_path: Path) -> None:
    """A quarter of a box of 1 m: 0.75 m is open, 0.25 m above the invert, which stays that of the node."""
    net = y_drain()
    pipes = net.pipes
    pipes["silt_share"] = [np.nan, np.nan, np.nan, 0.25]
    written = dr.write_inp(net.replace(pipes=pipes), rain(), tmp_path / "y.inp")
    assert rows(written.path, "XSECTIONS")["p3"][:3] == ["RECT_CLOSED", "0.75", "2"]
    assert rows(written.path, "CONDUITS")["p3"][4:6] == ["9.45", "9.05"]
    assert rows(written.path, "JUNCTIONS")["d"][0] == "9.2"
    assert "silt_raises_bed" in set(written.issues["code"])


def test_eggs_and_ellipses_have_their_area(tmp_path: Path) -> None:
    """An egg of 2 : 3 is the engine's; one of 1 : 2 is an ellipse of its width and height: π/4 · 0.5 · 1."""
    net = y_drain()
    pipes = net.pipes.assign(shape=pd.Series(["egg", "egg", "circular", "rectangular"], net.pipes.index, dtype=object))
    pipes["width_mm"], pipes["height_mm"] = [800.0, 500.0, np.nan, 2000.0], [1200.0, 1000.0, np.nan, 1000.0]
    path = dr.write_inp(net.replace(pipes=pipes), rain(), tmp_path / "y.inp").path
    assert rows(path, "XSECTIONS")["p0"][:2] == ["EGG", "1.2"]
    read = read_inp(path).pipes
    assert list(read.loc["p1", ["width_mm", "height_mm"]]) == pytest.approx([500.0, 1000.0])
    assert read.loc["p1", "section_area_m2"] == pytest.approx(np.pi / 8, rel=0.02)
    run_file(path, tmp_path)


def test_pumps_lift_what_comes_to_them(tmp_path: Path) -> None:
    """Sewage of 0.05 m³/s falls to a pump at 5 m and leaves by a pipe at 9 m: nothing floods, all arrives."""
    net = build(["a>u sewage 500", "u>w sewage 500"], kinds={"u": "pump", "w": "works"},
                invert_from_m=[6.0, 9.0], invert_to_m=[5.0, 8.0], manning_n=[0.013, 0.013])  # fmt: skip
    nodes = net.nodes.assign(ground_m=11.0, inflow_m3s=[0.05, 0.0, 0.0])
    path = dr.write_inp(net.replace(nodes=nodes), None, tmp_path / "s.inp", systems=["sewage"]).path
    assert rows(path, "PUMPS") == {"u~lift": ["u", "u~pump", "*", "ON", "0", "0"]}
    assert rows(path, "JUNCTIONS")["u~pump"][0] == "9"
    run = run_file(path, tmp_path)
    assert not run.flooded
    assert run.outfall["w"] == pytest.approx(0.05 * 7200, rel=0.1)


def test_what_lacks_data_is_left_out_and_said(tmp_path: Path) -> None:
    """No level is made up: p1 has no invert; b then has no pipe; c has no ground and cannot overflow."""
    net = y_drain()
    pipes, nodes = net.pipes, net.nodes
    pipes.loc["p1", "invert_from_m"] = np.nan
    nodes.loc["c", "ground_m"] = np.nan
    written = dr.write_inp(net.replace(pipes=pipes, nodes=nodes), rain(), tmp_path / "y.inp")
    said = written.issues.set_index("feature_id")
    assert list(said.loc["p1", ["code", "severity", "reason"]]) == ["incomplete", "error", "has no invert_from_m"]
    assert said.loc["c", "code"] == "no_ground"
    assert list(written.pipe_names.index) == ["p0", "p2", "p3"]
    assert "b" not in written.node_names
    assert rows(written.path, "JUNCTIONS")["c"][1:4] == ["0", "0", "100"]
    with pytest.raises(dr.errors.SimulationError, match="has both inverts"):
        dr.write_inp(net.replace(pipes=pipes.assign(invert_to_m=np.nan)), rain(), tmp_path / "none.inp")


def test_names_that_the_engine_would_refuse_are_exchanged_and_listed(tmp_path: Path) -> None:
    """Blanks, Chinese, a name longer than 31 characters, and two that differ by case only."""
    long = "manhole-" * 5
    net = drain([f"井1>{long} storm", f"{long}>B storm", "b>B storm"], {"井1": 3.0, long: 2.0, "b": 2.0, "B": 1.0},
                ground=5.0, nodes={"area_ha": {"井1": 1.0}})  # fmt: skip
    pipes = net.pipes
    pipes.index = pd.Index(["雨 1", "p 2", "p3"], name="pipe_id")
    written = dr.write_inp(net.replace(pipes=pipes), rain(), tmp_path / "n.inp")
    assert written.node_names.to_dict() == {"井1": "N~1", long: "N~2", "B": "B", "b": "N~3"}
    assert written.pipe_names.to_dict() == {"雨 1": "P~1", "p 2": "P~2", "p3": "p3"}
    text = written.path.read_text(encoding="utf-8")
    assert ";; N~1 = 井1" in text
    assert ";; P~2 = p 2" in text
    assert run_file(written.path, tmp_path).outfall.keys() == {"B", "B~2"}


def test_a_file_is_never_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "y.inp"
    dr.write_inp(y_drain(), rain(), path)
    with pytest.raises(dr.errors.FormatError, match="already exists"):
        dr.write_inp(y_drain(), rain(), path)
    dr.write_inp(y_drain(), rain(), path, force=True)
    with pytest.raises(dr.errors.FormatError, match=r"\.inp"):
        dr.write_inp(y_drain(), rain(), tmp_path / "y.txt")


def test_a_network_without_water_is_refused(tmp_path: Path) -> None:
    with pytest.raises(dr.errors.SimulationError, match="no water reaches"):
        dr.write_inp(y_drain(), None, tmp_path / "y.inp")


CHANGES: Sequence[tuple[dict[str, object], str]] = [
    ({"overland_m": 30.0}, "SUBCATCHMENTS"),
    ({"overland_slope_m_per_m": 0.01}, "SUBCATCHMENTS"),
    ({"overland_n": 0.02}, "SUBAREAS"),
    ({"depression_mm": 2.0}, "SUBAREAS"),
    ({"rain_step_min": 1.0}, "TIMESERIES"),
    ({"routing_step_s": 2.0}, "OPTIONS"),
    ({"drain_min": 30.0}, "OPTIONS"),
    ({"ponded_area_m2": 50.0}, "JUNCTIONS"),
    ({"threads": 2}, "OPTIONS"),
]


@pytest.mark.parametrize(("option", "section"), CHANGES)
def test_every_option_is_in_the_model(option: dict[str, float], section: str, tmp_path: Path) -> None:
    plain = dr.write_inp(y_drain(), rain(), tmp_path / "plain.inp").path
    options = dr.simulation.EngineOptions(**option)  # type: ignore[arg-type]  # threads is the only integer
    other = dr.write_inp(y_drain(), rain(), tmp_path / "other.inp", options=options).path
    assert read_inp(plain).text.sections[section] != read_inp(other).text.sections[section]
    run_file(other, tmp_path)


def test_every_keyword_changes_the_model(tmp_path: Path) -> None:
    """Ψ and served distance count where no catchment says; the tailwater where the outfall says none."""
    bare = y_drain()
    nodes = bare.nodes.drop(columns=["runoff_coefficient", "area_ha"]).assign(water_level_m=np.nan)
    bare = bare.replace(nodes=nodes)
    pipes = bare.pipes
    pipes.loc["p3", "system"] = "combined"
    bare = bare.replace(pipes=pipes)
    cases: list[Callable[[Path], WrittenInp]] = [
        lambda path: dr.write_inp(bare, rain(), path),
        lambda path: dr.write_inp(bare, rain(), path, dr.Setup(runoff_coefficient=0.3)),
        lambda path: dr.write_inp(bare, rain(), path, dr.Setup(served_distance_m=20.0)),
        lambda path: dr.write_inp(bare, rain(), path, dr.Setup(tailwater_m=9.5)),
        lambda path: dr.write_inp(bare, rain(), path, systems=["storm"]),
    ]
    texts = [case(tmp_path / f"{k}.inp").path.read_text(encoding="utf-8") for k, case in enumerate(cases)]
    assert len(set(texts)) == len(texts)


def test_the_terminal_exports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """GeoJSON to a model for the engine; an .inp keeps its rain; nothing is replaced without --force."""
    source = save(y_drain(), tmp_path / "pipes.geojson")
    monkeypatch.setattr("sys.argv", ["drainage", "export", str(source), str(tmp_path / "y.inp"), "--storm-formula",
                                     "demo", "--duration", "60", "--json"])  # fmt: skip
    with pytest.raises(SystemExit) as done:
        main()
    said = json.loads(capsys.readouterr().out)
    assert (done.value.code, said["pipes"]) == (0, 4)
    assert rows(tmp_path / "y.inp", "OPTIONS")["END_TIME"] == ["3:00:00"]
    monkeypatch.setattr("sys.argv", ["drainage", "export", str(tmp_path / "y.inp"), str(tmp_path / "z.inp")])
    with pytest.raises(SystemExit):
        main()
    assert read_inp(tmp_path / "z.inp").text.sections == read_inp(tmp_path / "y.inp").text.sections
    with pytest.raises(SystemExit) as refused:
        main()
    assert refused.value.code == 1
    assert "already exists" in capsys.readouterr().err


levels = st.floats(-5.0, 50.0).map(lambda value: round(value, 3))


@st.composite
def trees(draw: st.DrawFn) -> dr.DrainageNetwork:
    """Draw a tree of up to eight pipes with any levels, adverse slopes included, circles and boxes, clean or silted."""
    count = draw(st.integers(1, 8))
    heads = [draw(st.integers(0, number)) for number in range(count)]
    texts = [f"n{number + 1}>n{head} storm" for number, head in enumerate(heads)]
    up, down = ([draw(levels) for _ in texts] for _ in range(2))
    box = [draw(st.booleans()) for _ in texts]
    sizes = [draw(st.integers(200, 4000)) for _ in texts]
    net = build(
        texts,
        invert_from_m=up,
        invert_to_m=down,
        length_m=[draw(st.floats(1.0, 500.0)) for _ in texts],
        manning_n=[draw(st.floats(0.009, 0.03)) for _ in texts],
        shape=["rectangular" if b else "circular" for b in box],
        diameter_mm=[np.nan if b else float(s) for b, s in zip(box, sizes, strict=True)],
        width_mm=[float(s) if b else np.nan for b, s in zip(box, sizes, strict=True)],
        height_mm=[s / 2 if b else np.nan for b, s in zip(box, sizes, strict=True)],
        silt_share=[np.nan if b else draw(st.sampled_from([np.nan, 0.1, 0.5])) for b in box],
    )
    nodes = net.nodes
    nodes["ground_m"] = 60.0 + np.arange(len(nodes))
    nodes["area_ha"] = 1.0
    nodes["water_level_m"] = np.where(nodes["kind"] == "outfall", draw(st.sampled_from([np.nan, 12.5])), np.nan)
    return net.replace(nodes=nodes)


@examples(20)
@given(net=trees())
def test_what_is_written_is_read_back(net: dr.DrainageNetwork, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = dr.write_inp(net, rain(), tmp_path_factory.mktemp("tree") / "tree.inp").path
    again = dr.read_network(path)
    before, after = net.pipes, again.pipes.loc[net.pipes.index]
    assert after["from_node"].tolist() == before["from_node"].tolist()
    assert after["to_node"].str.partition("~")[0].tolist() == before["to_node"].tolist()
    for column in ("length_m", "manning_n", "invert_from_m", "invert_to_m", "silt_share", "diameter_mm", "width_mm",
                   "height_mm"):  # fmt: skip
        assert after[column].to_numpy() == pytest.approx(before[column].to_numpy(), abs=2e-3, rel=1e-4, nan_ok=True)
    inner = net.nodes[net.nodes["kind"] != "outfall"]
    assert again.nodes.loc[inner.index, "ground_m"].to_numpy() == pytest.approx(inner["ground_m"].to_numpy())
    end = net.nodes.index[net.nodes["kind"] == "outfall"]
    assert again.nodes.loc[end, "water_level_m"].to_numpy() == pytest.approx(
        net.nodes.loc[end, "water_level_m"].to_numpy(), nan_ok=True
    )
    assert again.catchments is not None
    assert again.catchments["area_ha"].to_numpy() == pytest.approx(1.0)
    assert isinstance(again.origin.model, InpModel)
