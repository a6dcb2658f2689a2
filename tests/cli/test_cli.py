"""The command line as its users run it: exit codes, what is printed and written, and that nothing is overwritten."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest

import drainage
from drainage.cli.printing import print_table
from drainage.telling.text_tables import TextTable
from tests.support.command import Run
from tests.support.networks import build, days, save

if TYPE_CHECKING:
    from pathlib import Path


PLACE = {
    "a": (117.55, 33.54), "b": (117.551, 33.54), "out": (117.552, 33.54), "s": (117.55, 33.541), "t": (117.551, 33.541),
    "far_outfall": (117.56, 33.55),
}  # fmt: skip


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A storm street of three pipes with sewage entering in its middle; everything recorded."""
    net = build(
        ["a>b storm 600", "b>c storm 600", "c>out storm 600", "w>b sewage 300"],
        invert_from_m=[20.0, 19.8, 19.6, 20.0],
        invert_to_m=[19.8, 19.6, 19.4, 19.8],
        depth_from_m=[2.0] * 4,
        depth_to_m=[2.0] * 4,
        road=["磬山路"] * 4,
    )
    return save(net, tmp_path / "pipes.geojson")


def test_analyze_writes_the_whole_directory(run: Run, town: Path, tmp_path: Path) -> None:
    code, out, err = run("analyze", town, "-o", tmp_path / "out", "--storm-formula", "demo")
    assert code == 0, err
    assert "mixed_flow" in out
    assert "map.html" in err
    written = {path.name for path in (tmp_path / "out").iterdir()}
    files = {"summary.json", "pipes.gpkg", "misconnections.geojson", "mixed_flow.geojson", "waterlogging.geojson"}
    assert written == files | {
        "separation.csv", "separation.csv.provenance.json", "separation.geojson", "issues.csv",
        "issues.csv.provenance.json", "map.html", "drainage-files.json", "network.gpkg", "answers",
    }  # fmt: skip
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert {"network", "mixed_flow", "separation", "waterlogging", "inputs"} <= summary.keys()
    assert summary["mixed_flow"]["misconnections"] == 1
    assert summary["network"]["length_km"] == {"storm": 0.3, "sewage": 0.1}
    points = gpd.read_file(tmp_path / "out" / "misconnections.geojson")
    assert points[["node_id", "kind"]].to_numpy().tolist() == [["b", "sewage_into_storm"]]
    mixed = gpd.read_file(tmp_path / "out" / "mixed_flow.geojson").set_index("pipe_id")
    assert mixed["class"].to_dict() == {"p1": "sewage_in_storm", "p2": "sewage_in_storm"}
    roads = pd.read_csv(tmp_path / "out" / "separation.csv")
    assert roads["road"].tolist() == ["磬山路"]
    assert {"length_m", "coverage_share", "effective_share"} <= set(roads.columns)
    pipes = gpd.read_file(tmp_path / "out" / "pipes.gpkg", layer="pipes")
    assert {"pipe_id", "system", "class", "carries_sewage", "carries_storm"} <= set(pipes.columns)


def test_what_the_storm_did_is_kept_or_it_is_said_that_none_was_screened(run: Run, town: Path, tmp_path: Path) -> None:
    for name, words in (("kept", ("--storm-formula", "demo")), ("not", ())):
        _, _, err = run("analyze", town, "-o", tmp_path / name, "--keep", *words)
        kept = (tmp_path / name / "answers" / "runs.npz").is_file()
        assert kept == (name == "kept"), err
        assert ("--keep kept nothing: no storm was screened" in err) == (name == "not")


@pytest.mark.long
def test_demo_analyzes_the_city_that_comes_with_the_package(run: Run, tmp_path: Path) -> None:
    goal = tmp_path / "city"
    code, out, err = run("demo", "-o", goal)
    assert code == 0, err
    assert "on 2018-12-31: 19 waterlogging points in a storm of 3 years; 83 misconnections" in out.splitlines()[0]
    assert "points by volume (10 of 19)" in out
    assert "after them: --as-of 2021-05-07" in err
    summary = json.loads((goal / "summary.json").read_text())
    assert "synthetic" in summary["provenance"]["notice"].lower()
    assert summary["waterlogging"]["points"] > 0
    assert (goal / "map.html").is_file()
    code, _, err = run("demo", "-o", goal)
    assert (code, "--force" in err) == (1, True)


def test_nothing_is_overwritten_without_force(run: Run, town: Path, tmp_path: Path) -> None:
    goal = tmp_path / "out"
    assert run("analyze", town, "-o", goal)[0] == 0
    before = (goal / "summary.json").read_bytes()
    code, _, err = run("analyze", town, "-o", goal, "--as-of", "2020-01-01")
    assert code == 1
    assert "already exists" in err
    assert (goal / "summary.json").read_bytes() == before
    assert run("analyze", town, "-o", goal, "--as-of", "2020-01-01", "--force")[0] == 0
    assert json.loads((goal / "summary.json").read_text())["inputs"]["as_of"] == "2020-01-01"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_directory_of_other_files_is_not_replaced_even_with_force(run: Run, town: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    code, _, err = run("analyze", town, "-o", mine, "--force")
    assert code == 1
    assert "not written by an earlier run" in err
    assert (mine / "thesis.txt").read_text() == "years of work"


def test_without_a_storm_formula_the_other_questions_are_answered(run: Run, town: Path, tmp_path: Path) -> None:
    code, _, _ = run("analyze", town, "-o", tmp_path / "out", "--json")
    assert code == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert "--storm-formula" in summary["waterlogging"]["not_answered"]
    assert summary["mixed_flow"]["misconnections"] == 1


def test_errors_in_the_data_give_exit_code_2(run: Run, tmp_path: Path) -> None:
    net = build(["a>b storm", "b>c storm"])
    source = save(net.replace(pipes=net.pipes.assign(diameter_mm=[-300.0, 300.0])), tmp_path / "pipes.geojson")
    code, _, err = run("analyze", source, "-o", tmp_path / "out")
    assert code == 2
    assert "1 errors in the data" in err
    assert "p0" in (tmp_path / "out" / "issues.csv").read_text()


@pytest.mark.parametrize("command", ["mixed-flow", "separation", "quality", "show"])
def test_every_question_prints_json_for_machines(run: Run, town: Path, command: str) -> None:
    code, out, _ = run(command, town, "--json")
    assert code == 0
    assert json.loads(out)


def test_one_question_writes_layers_a_sheet_and_a_map(run: Run, town: Path, tmp_path: Path) -> None:
    assert run("mixed-flow", town, "-o", tmp_path / "mixed.gpkg", "--map", tmp_path / "m.html")[0] == 0
    assert gpd.read_file(tmp_path / "mixed.gpkg", layer="points")["node_id"].tolist() == ["b"]
    assert "http://" not in (tmp_path / "m.html").read_text().replace("http://www.w3.org", "")
    assert run("mixed-flow", town, "-o", tmp_path / "mixed.xlsx")[0] == 0
    assert pd.read_excel(tmp_path / "mixed.xlsx", sheet_name="points", header=1, engine="openpyxl")[
        "node_id"
    ].tolist() == ["b"]
    code, _, err = run("mixed-flow", town, "--map", tmp_path / "m.html")
    assert (code, "already exists" in err) == (1, True)


@pytest.mark.parametrize("command", ["quality", "score", "changes", "sources", "inspect", "mixed-flow", "waterlogging"])
def test_outputs_that_cannot_be_are_refused_before_any_work(run: Run, tmp_path: Path, command: str) -> None:
    """The network is not even there."""
    (tmp_path / "there.xlsx").write_text("mine")
    (tmp_path / "there.html").write_text("mine")
    words = [command, tmp_path / "none.geojson", *(["other.geojson"] if command == "changes" else [])]
    assert "already exists" in run(*words, "-o", tmp_path / "there.xlsx")[2]
    assert "already exists" in run(*words, "--map", tmp_path / "there.html")[2]
    assert "ending in" in run(*words, "-o", tmp_path / "new.txt")[2]


def test_trace_names_what_drains_to_a_node(run: Run, town: Path) -> None:
    code, out, _ = run("trace", town, "c", "--json")
    assert code == 0
    assert sorted(json.loads(out)["pipe_ids"]) == ["p0", "p1", "p3"]
    assert json.loads(run("trace", town, "c", "--downstream", "--json")[1])["outfalls"] == ["out"]
    code, _, err = run("trace", town, "nowhere")
    assert (code, "no node nowhere" in err) == (1, True)


def test_trace_prints_the_pipes_and_nodes_and_writes_them(run: Run, town: Path, tmp_path: Path) -> None:
    goal, page = tmp_path / "traced.gpkg", tmp_path / "traced.html"
    code, out, err = run("trace", town, "c", "-o", goal, "--map", page)
    assert code == 0, err
    assert "pipes (3 of 3)" in out
    assert "nodes (4 of 4)" in out
    assert gpd.read_file(goal, layer="pipes")["pipe_id"].tolist() == ["p0", "p1", "p3"]
    assert sorted(gpd.read_file(goal, layer="nodes")["node_id"]) == ["a", "b", "c", "w"]
    assert page.is_file()
    code, _, err = run("trace", town, "c", "-o", goal)
    assert (code, "already exists" in err) == (1, True)


def test_trace_prints_the_first_of_many(run: Run, tmp_path: Path) -> None:
    source = save(build([f"n{i}>n{i + 1} storm" for i in range(12)]), tmp_path / "pipes.geojson")
    code, out, err = run("trace", source, "n12")
    assert code == 0, err
    assert "pipes (10 of 12)" in out
    assert "nodes (10 of 13)" in out
    assert len(json.loads(run("trace", source, "n12", "--json")[1])["node_ids"]) == 13


def test_compare_shows_two_days_side_by_side(run: Run, tmp_path: Path) -> None:
    net = build(
        ["a>b storm", "w>b sewage", "b>out storm", "w>works sewage"],
        abandoned=days("", "2020-01-01", "", ""),
        commissioned=days("", "", "", "2020-01-01"),
    )
    source = save(net, tmp_path / "pipes.geojson")
    words = ["compare", source, "--before", "2019-01-01", "--after", "2021-01-01"]
    code, out, _ = run(*words, "--json")
    assert code == 0
    said = json.loads(out)
    assert said.pop("provenance")["as_of"] == ["2019-01-01", "2021-01-01"]
    assert said.pop("comparison")["misconnections_by_fate"] == {"closed": 1, "remaining": 0, "new": 0}
    assert [side["mixed_flow"]["misconnections"] for side in said.values()] == [1, 0]
    assert run(*words, "-o", tmp_path / "works")[0] == 0
    page = (tmp_path / "works" / "map.html").read_text()
    assert "before" in page
    assert "after" in page
    written = {path.name for path in (tmp_path / "works").iterdir()}
    told = {"changes.geojson", "comparison.xlsx", "comparison.gpkg"}
    assert written == {*told, "before", "after", "map.html", "summary.json", "drainage-files.json"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["analyze", "nothing.geojson", "-o", "x"], "no such file"),
        (["show", "{town}", "--as-of", "yesterday"], "write YYYY-MM-DD"),
        (["show", "{town}", "--column", "diameter_mm=GJ"], "GJ"),
        (["compare", "{town}"], "--before and --after"),
        (["show", "{town}", "{town}"], "storm, sewage, combined, nodes"),
        (["waterlogging", "{town}"], "--storm-formula"),
        (["waterlogging", "{town}", "--storm-formula", "宿州"], "宿州"),
    ],
)
def test_what_cannot_be_done_is_one_line_on_standard_error(
    run: Run, town: Path, words: list[str], message: str
) -> None:
    code, out, err = run(*[word.format(town=town) for word in words])
    assert code == 1
    assert message in err
    assert "Traceback" not in err + out
    assert len(err.strip().splitlines()) == 1


def test_the_installed_command_answers_for_help_without_loading_the_analyses() -> None:
    script = """
import sys
sys.argv = ['drainage', '--help']
import drainage
from drainage.cli import main
try:
    main()
except SystemExit:
    print(sorted({'pandas', 'numba', 'folium'} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "analyze" in done.stdout
    assert done.stdout.strip().endswith("[]")


def test_an_input_is_never_written_over_not_even_by_force(run: Run, town: Path) -> None:
    before = town.read_bytes()
    code, _, err = run("mixed-flow", str(town), "-o", str(town), "--force")
    assert code == 1
    assert "inputs are never overwritten" in err
    assert town.read_bytes() == before


def test_a_slip_of_the_command_line_is_not_the_exit_code_of_bad_data(run: Run, town: Path) -> None:
    assert run("mixed-flow", str(town), "--foo")[0] == 1
    code, _, err = run("mixed-flow", str(town), "--column", "x")
    assert code == 1
    assert "OURS=THEIRS" in err


def test_a_layer_of_another_geometry_is_refused(run: Run, town: Path) -> None:
    code, _, err = run("separation", str(town), "--roads", str(_points(town)))
    assert code == 1
    assert "no LineString" in err
    code, _, err = run("waterlogging", str(town), "--reports", str(town), "--storm-formula", "demo")
    assert code == 1
    assert "no Point" in err


@pytest.mark.parametrize("level", ["nan", "inf", "-9999"])
def test_a_tailwater_that_is_no_level_is_refused(run: Run, town: Path, level: str) -> None:
    code, _, err = run("waterlogging", str(town), "--storm-formula", "demo", "--tailwater", level)
    assert code == 1
    assert "--tailwater" in err


def test_nothing_judged_is_no_all_clear(run: Run, town: Path) -> None:
    """Without sizes no pipe has a capacity: no answer is not the answer 0."""
    document = json.loads(town.read_text(encoding="utf-8"))
    for feature in document["features"]:
        del feature["properties"]["diameter_mm"]
    town.write_text(json.dumps(document), encoding="utf-8")
    code, _, err = run("waterlogging", str(town), "--storm-formula", "demo")
    assert code == 2
    assert "no node can be judged" in err


def test_mixing_grades_the_outfall_by_its_density_and_names_what_is_missing(run: Run, town: Path) -> None:
    """One point on 0.3 km of storm pipe is 3.3 per km: light."""
    code, out, err = run("mixing", town, "-o", town.with_name("mixing.csv"))
    assert code == 0, err
    assert "T/CECS 758-2020, 7.2.3" in out
    table = pd.read_csv(town.with_name("mixing.csv"), encoding="utf-8-sig")
    assert table["grade"].tolist() == [1]
    assert "users_pct" in table["missing"].iloc[0]
    code, out, _ = run("mixing", town, "--json")
    assert json.loads(out)["outfalls_without_users_pct"] == 1


def _points(town: Path) -> Path:
    import geopandas as gpd

    path = town.with_name("points_of_roads.geojson")
    frame = gpd.read_file(town)[["geometry"]].assign(road="磬山路")
    frame.set_geometry(frame.to_crs(4548).centroid.to_crs(4326)).to_file(path, driver="GeoJSON", engine="pyogrio")
    return path


def test_the_version_is_told(run: Run) -> None:
    assert run("--version") == (0, f"drainage {drainage.__version__}\n", "")


def test_cleaning_prints_and_writes_the_list(run: Run, demo_data: Path, tmp_path: Path) -> None:
    """MI of roots of grade 3 under a central road: 0.8·5 + 0.15·10 + 0.05·3."""
    seen = tmp_path / "cctv.csv"
    seen.write_text("管段,缺陷代码,缺陷等级\nYSL0226,SG,3\nYSL0225,QQ,3\n", encoding="utf-8")
    options = ("--as-of", "2018-12-31", "-e", seen, "-o", tmp_path / "runs.geojson", "--map", tmp_path / "runs.html")
    code, out, err = run("cleaning", demo_data / "pipes.geojson", *options, "--area", "centre")
    assert code == 0, err
    assert "磬山路" in out
    assert "cctv.csv:3: defect code 'QQ' is not in CJJ 181" in err
    runs = gpd.read_file(tmp_path / "runs.geojson")
    assert runs["road"].tolist()[0] == "磬山路"
    assert runs.loc[runs["pipes"] == "YSL0226", "mi"].tolist() == [5.65]
    assert "runs to clean" in (tmp_path / "runs.html").read_text(encoding="utf-8")
    code, _, err = run("cleaning", demo_data / "pipes.geojson", "--area", "moon")
    assert (code, "--area moon: expected one of centre, trunk, road, other" in err) == (1, True)


class TestTrace:
    @pytest.fixture
    def files(self, tmp_path: Path) -> dict[str, Path]:
        """A → b → out drains storm water, s → out sewage; an outfall lies far away. Columns bear names of the user."""
        for name, ends in (("storm", [("a", "b"), ("b", "out")]), ("sewage", [("s", "t")])):
            features = [
                {
                    "type": "Feature",
                    "properties": {"VON": one, "BIS": other},
                    "geometry": {"type": "LineString", "coordinates": [PLACE[one], PLACE[other]]},
                }
                for one, other in ends
            ]
            (tmp_path / f"{name}.geojson").write_text(
                json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
            )
        points = [
            {
                "type": "Feature",
                "properties": {"node_id": name, "kind": "outfall" if "out" in name else "manhole"},
                "geometry": {"type": "Point", "coordinates": place},
            }
            for name, place in PLACE.items()
        ]
        (tmp_path / "points.geojson").write_text(
            json.dumps({"type": "FeatureCollection", "features": points}), encoding="utf-8"
        )
        (tmp_path / "mapping.toml").write_text('[pipes]\nfrom_node = "VON"\nto_node = "BIS"\n', encoding="utf-8")
        return {path.stem: path for path in tmp_path.iterdir()}

    def test_it_names_only_what_it_reaches(self, run: Run, files: dict[str, Path]) -> None:
        code, out, _ = run(
            "trace", files["storm"], "A", "--downstream", "--json", "--nodes", files["points"],
            "--columns", files["mapping"],
        )  # fmt: skip
        assert code == 0
        told = json.loads(out)
        assert (told["node_id"], told["pipes"], told["outfalls"]) == ("a", 2, ["out"])

    def test_it_takes_systems_and_single_columns(self, run: Run, files: dict[str, Path]) -> None:
        code, out, _ = run(
            "trace", f"storm={files['storm']}", f"sewage={files['sewage']}", f"nodes={files['points']}", "b", "--json",
            "--column", "from_node=VON", "--column", "to_node=BIS",
        )  # fmt: skip
        assert code == 0
        told = json.loads(out)
        assert (told["pipes"], told["outfalls"]) == (1, [])


def test_no_word_of_a_table_is_lost_in_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    long = "a/path/without/any/blank/that/is/longer/than/the/half/of/a/line.geojson"
    row = ["  a key of a summary that is rather long", f"{long}: no node can be judged for lack of sizes"]
    print_table(TextTable("", ["", ""], [row]))
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    told = "".join("".join(line.split("│")[2].split()) for line in out.splitlines() if line.startswith("│"))
    assert told == f"{long}:nonodecanbejudgedforlackofsizes"


def test_a_pipe_gets_every_column_in_full(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    heads = [f"measured_flow_of_meter_{k}" for k in range(30)]
    print_table(TextTable("t", heads, [[f"a-value-of-some-length-{k}" for k in range(30)], ["word " * 40] * 30]))
    lines = capsys.readouterr().out.splitlines()
    assert any(all(head in line for head in heads) for line in lines)
    assert any(all(f"a-value-of-some-length-{k}" in line for k in range(30)) for line in lines)
    assert "…" not in "".join(lines)
    assert sum(line.count("word") for line in lines) == 30 * 40


def test_a_share_is_told_as_percent_and_machines_get_it_as_it_is(run: Run, town: Path) -> None:
    told = run("separation", town)[1]
    share = json.loads(run("separation", town, "--json")[1])["coverage_share"]
    assert f"{100 * share:.1f} %" in told


def test_a_column_that_is_named_twice_is_read_from_the_first_that_says_something(run: Run, tmp_path: Path) -> None:
    lines = gpd.GeoDataFrame(
        {"A": ["x", None], "B": [None, "y"], "system": ["storm"] * 2},
        geometry=gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 9 0)", "LINESTRING (9 0, 20 0)"]), crs=4548,
    )  # fmt: skip
    lines.to_file(tmp_path / "p.gpkg", layer="pipes")
    code, out, err = run("show", tmp_path / "p.gpkg", "--column", "pipe_id=A", "--column", "pipe_id=B", "--json")
    assert code == 0, err
    (understood,) = json.loads(out)["columns"].values()
    assert understood["pipe_id"]["read_from"] == ["A", "B"]
    code, _, err = run("show", tmp_path / "p.gpkg", "--column", "invert_up=A")
    assert (code, "expected one of" in err, "invert_from_m" in err) == (1, True, True)
