"""A model from elsewhere: nothing of a run leaves its folder, nothing outside the model's folder is read unasked."""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import LineString

import drainage as dr
from drainage.cli import main
from drainage.errors import FormatError, SimulationError
from drainage.formats.inp.text.files import locate
from drainage.simulation.swmm.compose import build_engine_models
from drainage.simulation.swmm.staging import lay_out
from tests.support.small_inp import BODY, inp, overflow_m3, storm

LID = """
[LID_CONTROLS]
L1 BC
L1 SURFACE 100 0 0.1 1 5
L1 SOIL 300 0.5 0.2 0.1 10 10 80
L1 STORAGE 200 0.75 10 0
[LID_USAGE]
S1 L1 1 100 5 0 20 0 {report}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def run_text(path: Path, folder: Path, *, own_rain: bool = False) -> str:
    """Give the file that the engine is given."""
    (model,) = build_engine_models(dr.read_network(path), None if own_rain else storm())
    folder.mkdir()
    lay_out(model, folder)
    return (folder / "model.inp").read_text(encoding="utf-8")


def test_a_run_overwrites_no_file_that_a_model_names(tmp_path: Path, home: Path) -> None:
    victim = tmp_path / "victim"
    kinds = ["RAINFALL", "RUNOFF", "HOTSTART", "RDII", "OUTFLOWS"]
    victims = [tmp_path / f"victim-{kind}" for kind in kinds]
    for one in (victim, *victims):
        one.write_text("mine")
    # headings that the engine takes for one: shortened, in quotes, behind a line that it cuts in two
    saves = "\n".join(f'SAVE {kind} "{one}"' for kind, one in zip(kinds, victims, strict=True))
    attack = f"""
[FILE
{saves}
[TITLE]
"[FILES]"
SAVE RUNOFF ../victim
;{"x" * 1022}[FILES]
;{"x" * 1022}SAVE HOTSTART ../victim
[files]
saved hotstart ../victim
SCRATCH RUNOFF ../victim
"""
    path = inp(home / "model.inp", attack + LID.format(report=f'"{victim}"'), TEMPDIR=str(tmp_path / "made"))
    before = names_in(tmp_path)
    net = dr.read_network(path)
    state = dr.simulate_swmm(net, storm())
    assert [one.read_text() for one in (victim, *victims)] == ["mine"] * 6
    assert names_in(tmp_path) == before
    assert names_in(home) == ["model.inp"]
    assert str(victims[0]) in state.assumptions["set_otherwise"]


def test_the_engine_is_given_only_rows_that_were_understood(tmp_path: Path, home: Path) -> None:
    long = ";" + "x" * 1022
    saves = f'[TITLE]\n"[FILES]"\nSAVE RUNOFF out\n{long}[FILES]\n{long}SAVE RUNOFF out\n'
    more = f"{saves}[MYGUI]\nlayer 1\n[TAGS]\nNode J1 a"
    text = run_text(inp(home / "model.inp", more + LID.format(report="report.txt"), THREADS="64"), tmp_path / "run")
    assert "SAVE" not in text
    assert "MYGUI" not in text
    assert "report.txt" not in text
    assert "THREADS  1\n" in text
    assert "THREADS 64" not in text


def test_export_keeps_what_a_model_saves_and_names_sections_that_the_engine_refuses(tmp_path: Path, home: Path) -> None:
    path = inp(home / "model.inp", "[FILES]\nSAVE RUNOFF run.rof\n[MYGUI]\nlayer 1 2 3")
    written = dr.write_inp(dr.read_network(path), storm(), tmp_path / "out.inp")
    text = written.path.read_text(encoding="utf-8")
    assert "SAVE RUNOFF run.rof" in text
    assert "layer 1 2 3" in text
    issue = written.issues.set_index("code").loc["unknown_section"]
    assert issue["severity"] == "warning"
    assert "[MYGUI]" in issue["reason"]


def test_an_unknown_section_is_left_out_of_a_run(home: Path) -> None:
    assert overflow_m3(inp(home / "model.inp", "[MYGUI]\nlayer 1 2 3")) > 100


@pytest.mark.parametrize("kind", ["absolute", "parent", "link"])
def test_rain_outside_the_folder_needs_a_yes(tmp_path: Path, home: Path, kind: str) -> None:
    rain = tmp_path / "rain.dat"
    rain.write_text("".join(f"STA1 2023 01 15 00 {minute:02d} 5.0\n" for minute in range(0, 60, 5)))
    named = {"absolute": str(rain), "parent": "../rain.dat", "link": "linked.dat"}[kind]
    if kind == "link":
        (home / "linked.dat").symlink_to(rain)
    body = BODY.replace("0:05 1.0 TIMESERIES TS1", f'0:05 1.0 FILE "{named}" STA1 MM')
    path = inp(home / "model.inp", body=body)
    with pytest.raises(SimulationError, match=r"outside its own folder.*allow_outside=True"):
        dr.simulate_swmm(dr.read_network(path), None)
    assert "outside_file" in set(dr.read_network(path).issues["code"])
    (model,) = build_engine_models(dr.read_network(path, allow_outside=True), None)
    (tmp_path / "run").mkdir()
    lay_out(model, tmp_path / "run")
    copy = next((tmp_path / "run").glob("input1-*"))
    assert copy.read_text() == rain.read_text()
    assert f"FILE  {copy}  STA1  MM" in (tmp_path / "run" / "model.inp").read_text(encoding="utf-8")


def test_a_storm_needs_no_yes_for_rain_that_it_replaces(tmp_path: Path, home: Path) -> None:
    (tmp_path / "series.dat").write_text("0:00 5\n1:00 0\n")
    body = BODY.replace("TS1 0:00 10\nTS1 0:30 60\nTS1 1:00 0", "TS1 FILE ../series.dat")
    assert "series.dat" not in run_text(inp(home / "model.inp", body=body), tmp_path / "run")


@pytest.mark.parametrize("kind", ["HOTSTART", "INFLOWS", "RDII", "RUNOFF", "RAINFALL"])
def test_every_use_of_a_file_outside_needs_a_yes(tmp_path: Path, home: Path, kind: str) -> None:
    (tmp_path / "there").write_text("x")
    path = inp(home / "model.inp", f"[FILES]\nUSE {kind} ../there")
    (model,) = build_engine_models(dr.read_network(path), None)
    with pytest.raises(SimulationError, match=r"\.\./there"):
        lay_out(model, tmp_path)


def test_a_series_outside_the_folder_is_not_read_unasked(tmp_path: Path, home: Path) -> None:
    (tmp_path / "inflow.dat").write_text("0:00 5\n1:00 5\n")
    more = '[INFLOWS]\nJ1 FLOW Q1 FLOW 1 1 0\n[TIMESERIES]\nQ1 FILE "../inflow.dat"'
    path = inp(home / "model.inp", more)
    with pytest.raises(FormatError, match=r"model\.inp.*\.\./inflow\.dat.*allow_outside=True"):
        dr.read_network(path)
    net = dr.read_network(path, allow_outside=True)
    assert net.nodes.loc["J1", "inflow_m3s"] == pytest.approx(0.005 / 4)  # for one of four hours


@pytest.mark.parametrize("written", ["/no/such/place/rain.csv", r"C:\models\rain.csv", r"\\server\share\rain.csv",
                                     r"..\elsewhere\rain.csv", r"C:\DATA\RAIN.CSV", "rain.csv"])  # fmt: skip
def test_the_file_of_that_name_beside_the_model_is_taken_where_the_path_leads_nowhere(home: Path, written: str) -> None:
    (home / "rain.csv").write_text("x")
    found = locate(home, written)
    assert found is not None
    assert found.path == home / "rain.csv"
    assert not found.outside


def test_an_id_with_a_line_break_writes_no_line_of_its_own(tmp_path: Path) -> None:
    evil = "x\n[FILES]\nSAVE RUNOFF " + str(tmp_path / "victim")
    pipes = gpd.GeoDataFrame(
        {"pipe_id": [evil, "b" * 2000], "system": "storm", "diameter_mm": 500, "invert_from_m": [10.0, 9.5],
         "invert_to_m": [9.5, 9.0]},
        geometry=[LineString([(0, 0), (50, 0)]), LineString([(50, 0), (100, 0)])], crs="EPSG:4548")  # fmt: skip
    written = dr.write_inp(dr.as_network(pipes), storm(), tmp_path / "out.inp")
    lines = written.path.read_text(encoding="utf-8").split("\n")
    assert "[FILES]" not in lines
    assert max(map(len, lines)) < 1000


def test_a_new_node_whose_name_would_be_another_row_is_refused(tmp_path: Path, home: Path) -> None:
    net = dr.read_network(inp(home / "model.inp"))
    nodes, pipes = net.nodes, net.pipes
    nodes = nodes.rename(index={"J3": "J3\n[FILES]"})
    pipes = pipes.replace({"J3": "J3\n[FILES]"})
    with pytest.raises(SimulationError, match="rename it"):
        dr.write_inp(net.replace(nodes=nodes, pipes=pipes), None, tmp_path / "out.inp")


def test_the_command_asks_for_the_yes_and_takes_it(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "inflow.dat").write_text("0:00 5\n1:00 5\n")
    path = inp(home / "model.inp", "[INFLOWS]\nJ1 FLOW Q1 FLOW 1 1 0\n[TIMESERIES]\nQ1 FILE ../inflow.dat")
    for words, code, said in (([], 1, "--allow-outside"), (["--allow-outside"], 0, "")):
        monkeypatch.setattr(sys, "argv", ["drainage", "show", str(path), *words])
        with pytest.raises(SystemExit) as end:
            main()
        err = capsys.readouterr().err
        assert int(end.value.code or 0) == code, err
        assert said in err
