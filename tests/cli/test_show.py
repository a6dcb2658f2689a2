"""`drainage show`: every column of ours with what it was read from, how, and why; what is missing; what is left over.

A --> B --> C, of 50 m each.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

import pytest
from click.testing import CliRunner

import drainage as dr
from drainage.cli import app
from drainage.intake import read_layers
from drainage.intake.matching import Found, Matched, ToMatch, match_columns
from drainage.schema.layers import LAYERS
from drainage.words import in_both
from tests.intake.test_many_files import lines, points
from tests.support.command import Run
from tests.support.networks import build, save

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from drainage.intake.mapping import ColumnMapping

DOUBT = """
from dataclasses import replace
from drainage.cli import main
from drainage.intake import read_layers
from drainage.intake.matching import match_columns

def match(tables, said):
    return [replace(m, found={k: replace(f, sure=f.how == "mapping") if k in ("pipe_id", "diameter_mm") else f
                              for k, f in m.found.items()}) for m in match_columns(tables, said)]

read_layers.match_columns = match
main()
"""


@pytest.fixture
def town(tmp_path: Path) -> Path:
    path = tmp_path / "mains.geojson"
    columns = {"MAIN_ID": ["p1", "p2"], "diameter": [600.0, 800.0], "UPELEV": [9.0, 8.8], "DOWNELEV": [8.8, 8.6]}
    lines([("A", "B"), ("B", "C")], pipe_id=["p1", "p2"], **columns, memo=["x", "y"]).to_file(path)  # type: ignore[arg-type]  # lists
    return path


@pytest.fixture
def doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave it open what the diameter is, with two reasons; a column that is left over seems to be a note."""

    def match(tables: Sequence[ToMatch], said: ColumnMapping) -> list[Matched]:
        why = (in_both("values_are_ids", kind="pipe", share=0.5), in_both("layer_is_empty", place="x"))
        one = Found(("diameter",), "both", sure=False, why=why)
        return [
            replace(m, found={**m.found, "diameter_mm": one}, left={**m.left, "memo": in_both("a_column")}, sampled=1)
            for m in match_columns(tables, said)
        ]

    monkeypatch.setattr(read_layers, "match_columns", match)


@pytest.mark.usefixtures("doubt")
def test_json_says_of_every_column_of_ours_what_it_is_read_from_and_how(run: Run, town: Path) -> None:
    code, out, err = run("show", town, "--json", "--column", "pipe_id=pipe_id", "--column", "pipe_id=MAIN_ID")
    assert code == 0, err
    told = json.loads(out)
    columns = told["columns"]["pipes: mains.geojson"]
    assert list(columns) == list(LAYERS["pipes"].columns)
    assert columns["pipe_id"] == {
        "read_from": ["pipe_id", "MAIN_ID"], "unit": None, "how": "mapping", "sure": "yes", "why": [],
    }  # fmt: skip
    assert columns["shape"] == {"read_from": None, "unit": None, "how": None, "sure": None, "why": []}
    found = columns["diameter_mm"]
    assert (found["read_from"], found["unit"], found["how"], found["sure"]) == ("diameter", "mm", "both", "no")
    assert found["why"][0] == "its values are ids of a pipe in 50% of the rows"
    assert columns["invert_from_m"]["read_from"] == "UPELEV"
    assert told["left_over"]["pipes: mains.geojson"]["memo"] == "column"
    assert told["rows"] == {"pipes: mains.geojson": {"rows": 2, "looked_at": 1}}
    (issue,) = [one for one in told["issues"] if one["code"] == "unsure_column"]
    assert (issue["severity"], issue["count"]) == ("warning", 1)
    chinese = json.loads(run("show", town, "--json", "--lang", "zh")[1])["columns"]["pipes: mains.geojson"]
    assert chinese["diameter_mm"]["why"][0].startswith("50% 的行的取值")


@pytest.mark.parametrize(("lang", "words"), [
    ("en", ["both, unsure", "1 of 2 rows looked at", "not found: ", "seems to hold", "left over"]),
    ("zh", ["名称和内容", "存疑", "查看 1 行，共 2 行", "未找到：", "似为", "未读取"]),
])  # fmt: skip
@pytest.mark.usefixtures("doubt")
def test_the_tables_are_readable_in_80_columns(
    run: Run, town: Path, lang: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = run("show", town, "--lang", lang)[1]
    *_, text = out.partition("\n")
    assert max(sum(2 if east_asian_width(sign) in "WF" else 1 for sign in line) for line in text.splitlines()) <= 80
    assert [word for word in words if word not in out] == []
    missing = [name for name in LAYERS["pipes"].columns if name not in out]
    assert missing == []


def test_without_issues_it_says_so(run: Run, tmp_path: Path) -> None:
    street = build(["a>b storm 600"], invert_from_m=[9.0], invert_to_m=[8.8])
    dr.write_network(street, tmp_path / "street.gpkg")
    told = run("show", tmp_path / "street.gpkg")[1]
    assert told.splitlines()[-1] == "no issues in reading"
    assert "读入时没有问题" in run("show", tmp_path / "street.gpkg", "--lang", "zh")[1]


def test_answers_that_are_lost_stand_in_the_first_lines(run: Run, town: Path, tmp_path: Path) -> None:
    assert "no inverts" not in "".join(run("show", town)[1].splitlines()[:4])
    bare = lines([("A", "B"), ("B", "C")]).drop(columns=["from_node", "to_node"])
    bare.to_file(tmp_path / "bare.geojson")
    lost = run("show", tmp_path / "bare.geojson")[1].splitlines()[1:4]
    assert [line.split(":")[0] for line in lost] == [
        "no inverts or depths found", "no ends found", "no diameters found",
    ]  # fmt: skip
    points("ABC", invert_m=[9.0, 8.0, 7.0]).to_file(tmp_path / "nodes.geojson")
    code, out, err = run("show", tmp_path / "bare.geojson", "--nodes", tmp_path / "nodes.geojson", "--lang", "zh")
    assert code == 0, err
    assert "未找到起点和终点" in out.splitlines()[1]
    assert "未找到管底高程" not in out


def test_the_mapping_is_written_once_and_read_back(run: Run, town: Path, tmp_path: Path) -> None:
    goal = tmp_path / "city.toml"
    code, out, err = run("show", town, "--write-mapping", goal, "--json")
    assert (code, err.splitlines()[-1]) == (0, str(goal))
    assert json.loads(out)["network"]
    written = tomllib.loads(goal.read_text(encoding="utf-8"))
    assert written["pipes"]["invert_from_m"] == "UPELEV"
    code, out, err = run("show", town, "--columns", goal, "--json")
    assert code == 0, err
    assert json.loads(out)["columns"]["pipes: mains.geojson"]["invert_from_m"]["how"] == "mapping"
    code, _, err = run("show", town, "--write-mapping", goal)
    assert (code, "already exists" in err) == (1, True)
    assert run("show", town, "--write-mapping", goal, "--force")[0] == 0
    code, _, err = run("show", town, "--columns", goal, "--write-mapping", goal, "--force")
    assert (code, "city.toml" in err) == (1, True)
    assert run("show", town, "--write-mapping", tmp_path / "city.txt")[0] == 1


class TestAsked:
    def test_needs_a_terminal_and_a_file_for_the_answers(self, run: Run, town: Path, tmp_path: Path) -> None:
        for more in (["--ask"], ["--ask", "--write-mapping", tmp_path / "city.toml"]):
            code, out, err = run("show", town, *more)
            assert (code, out, "--ask needs a terminal" in err) == (1, "", True)
        assert not (tmp_path / "city.toml").exists()

    @pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
    def test_answers_at_a_terminal_go_into_the_mapping(self, town: Path, tmp_path: Path) -> None:
        """The id is another column, of which one is named first that is not there; no column is the diameter."""
        import pty

        goal, (mine, its) = tmp_path / "city.toml", pty.openpty()
        words = [sys.executable, "-c", DOUBT, "show", str(town), "--ask", "--write-mapping", str(goal), "--lang", "en"]
        asked = subprocess.Popen(words, stdin=its, stdout=its, stderr=its, close_fds=True)
        os.close(its)
        os.write(mine, b"MAIN\nMAIN_ID\nn\n")
        seen = b""
        while select.select([mine], [], [], 60)[0]:
            try:
                part = os.read(mine, 1 << 16)
            except OSError:
                break
            if not part:
                break
            seen += part
        assert asked.wait(60) == 0, seen
        assert b"has no column 'MAIN'" in seen
        written = tomllib.loads(goal.read_text(encoding="utf-8"))["pipes"]
        assert (written["pipe_id"], written["diameter_mm"]) == ("MAIN_ID", [])
        assert dr.read_network(town, mapping=goal).pipes["diameter_mm"].isna().all()


class TestBadInput:
    def test_two_columns_that_fit_equally_are_told_with_the_option(self, run: Run, tmp_path: Path) -> None:
        both = {"Diameter": [300.0, 300.0], "DIAMETER": [400.0, 400.0]}
        lines([("A", "B"), ("B", "C")], **both).to_file(tmp_path / "p.geojson")
        code, _, err = run("show", tmp_path / "p.geojson")
        assert (code, "could each be 'diameter_mm'" in err, "--column diameter_mm=" in err) == (1, True, True)
        assert run("show", tmp_path / "p.geojson", "--column", "diameter_mm=DIAMETER")[0] == 0

    def test_an_empty_layer_is_said_and_passed_over(self, run: Run, town: Path, tmp_path: Path) -> None:
        (tmp_path / "pipes.geojson").write_bytes(town.read_bytes())
        empty = '{"type": "FeatureCollection", "features": []}'
        (tmp_path / "nodes.geojson").write_text(empty, encoding="utf-8")
        code, out, err = run("show", tmp_path / "pipes.geojson", "--json")
        assert code == 0, err
        told = json.loads(out)
        assert list(told["columns"]) == ["pipes: pipes.geojson"]
        assert "empty_layer" in {one["code"] for one in told["issues"]}
        (tmp_path / "pipes.geojson").write_text(empty, encoding="utf-8")
        code, _, err = run("show", tmp_path / "pipes.geojson")
        assert (code, "pipes.geojson" in err) == (1, True)

    def test_a_mapping_that_names_what_is_not_there_is_refused_and_nothing_written(
        self, run: Run, town: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "m.toml").write_text('[pipes]\nroad = "STREET"\n', encoding="utf-8")
        code, _, err = run("show", town, "--columns", tmp_path / "m.toml", "--write-mapping", tmp_path / "city.toml")
        assert (code, "STREET" in err) == (1, True)
        assert not (tmp_path / "city.toml").exists()

    def test_columns_of_any_number_and_name_are_told(self, run: Run, tmp_path: Path) -> None:
        drawn = json.loads(lines([("A", "B"), ("B", "C")]).to_json())
        for one in drawn["features"]:
            one["properties"] |= {f"c{number}\n[bold]": number for number in range(300)}
        drawn["crs"] = {"type": "name", "properties": {"name": "EPSG:4548"}}
        (tmp_path / "p.geojson").write_text(json.dumps(drawn), encoding="utf-8")
        code, out, err = run("show", tmp_path / "p.geojson", "--write-mapping", tmp_path / "city.toml")
        assert code == 0, err
        assert "c299" in out
        text = (tmp_path / "city.toml").read_text(encoding="utf-8")
        assert tomllib.loads(text)["pipes"]["from_node"] == "from_node"
        assert "#   c299 [bold]" in text


class TestFilesThatSayWhatTheyHold:
    """Two Shapefiles of lines and two of points, as a survey firm names them."""

    @pytest.fixture
    def town(self, tmp_path: Path) -> Path:
        for name, ends in (("YS", [("A", "B"), ("B", "C")]), ("WS", [("1", "2")])):
            lines(ends, GJ=300).to_file(tmp_path / f"{name}管线.shp", encoding="GBK")
            points("".join(sorted({*"".join(a + b for a, b in ends)}))).to_file(tmp_path / f"{name}管点.shp")
        return tmp_path

    def test_need_no_names_of_systems(self, run: Run, town: Path) -> None:
        code, out, _ = run("--lang", "en", "show", *sorted(town.glob("*.shp")))
        assert code == 0
        assert "3 pipes, 5 nodes" in out

    def test_two_of_one_system_are_refused(self, run: Run, town: Path) -> None:
        (town / "YS管线2.geojson").write_text("{}")
        code, _, err = run("--lang", "en", "show", town / "YS管线.shp", town / "YS管线2.geojson")
        assert code == 1
        assert "YS管线2.geojson" in err

    def test_a_name_that_says_nothing_is_refused_with_what_could_be_said(self, run: Run, town: Path) -> None:
        (town / "town.geojson").write_text("{}")
        code, _, err = run("--lang", "en", "show", town / "YS管线.shp", town / "town.geojson")
        assert code == 1
        assert "roads=" in err
        assert "town.geojson" in err


def test_the_network_stands_in_one_line_in_the_language_of_the_reader(tmp_path: Path) -> None:
    source = str(save(build(["a>b storm 300"]), tmp_path / "p.geojson"))
    english, chinese = (CliRunner().invoke(app, ["--lang", lang, "show", source]).stdout for lang in ("en", "zh"))
    assert english.splitlines()[0] == repr(dr.read_network(source))
    assert chinese.startswith("管网：1 段管，2 个节点，")
