"""What goes out is in one language: in Chinese no line is English prose, in English none holds Chinese."""

from __future__ import annotations

import copy
import pickle
import re
import string
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage import words
from drainage.cli import main
from drainage.cli.outputs import Output
from drainage.glossary.entries import glossary
from drainage.said import Language, Said, in_language, joined
from drainage.schema.issues import Issues
from drainage.schema.tables import conform_layer
from drainage.simulation.swmm.compose import build_engine_models
from drainage.simulation.swmm.run_report import MEANINGS, warning_issues, warning_words
from drainage.words import in_both
from drainage.workbooks.figures import figures
from tests.bad_input.cases import collection, feature
from tests.repairs.drawn import Line, drawn
from tests.repairs.test_rounds import street
from tests.support.drains import drain, rain

PACKAGE = Path(words.__file__).parent
CHINESE = re.compile("[㐀-䶿一-鿿]")
#: Three English words or more one after the other; names of things that are written so in Chinese too are no prose.
PROSE = re.compile(r"(?:\b[A-Za-z]{2,}\b[ ,;:()'-]+){2,}\b[A-Za-z]{2,}\b")
NAMES = re.compile(
    r"EPA SWMM|GB \d+-\d+|T/CECS|CJJ|HEC-22|YYYY-MM-DD|EPSG:\d+|L/\(s·hm²\)|\bS\S*\.(?:inp|geojson)"
    r"|pip install 'drainage\[\w+\]'|ODA File Converter|screen\(net, storm"
    r"|--role engineer --store|drainage (?:analyze SOURCE|keys \w+|audit)|CREATE EXTENSION postgis"
)


def printed(result: dr.Result, capsys: pytest.CaptureFixture[str]) -> list[str]:
    Output().print(result)
    with pytest.raises(SystemExit):
        Output().end(result)
    told = capsys.readouterr()
    return (told.out + told.err).splitlines()


QUESTIONS = (
    "mixed_flow", "separation", "waterlogging", "quality", "score", "changes", "comparison", "sources", "inspection",
    "closures", "cleaning", "infiltration", "mixing", "ponding", "low_points", "relief", "engine", "ensemble",
    "storm_formula", "bill",
)  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_printed_in_the_language_asked_for(
    question: str,
    every_answer: dict[str, dr.Result],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "400")  # no cell is broken
    monkeypatch.setenv("DRAINAGE_LANG", "zh")
    chinese = printed(every_answer[question], capsys)
    monkeypatch.setenv("DRAINAGE_LANG", "en")
    english = printed(every_answer[question], capsys)
    assert [line for line in chinese if PROSE.search(NAMES.sub("", line))] == []
    assert [line for line in english if CHINESE.search(line)] == []


def spoken_of(result: dr.Result, lang: Language) -> list[str]:
    """Every text of the summary as JSON has it, however deep."""
    facts = in_language({**result.summary, "not_known": result.not_known}, lang)
    assert isinstance(facts, dict)
    return [text for text in figures(facts).values() if isinstance(text, str)]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_summary_is_in_one_language(question: str, every_answer: dict[str, dr.Result]) -> None:
    result = every_answer[question]
    assert [text for text in spoken_of(result, "zh") if PROSE.search(NAMES.sub("", text))] == []
    assert [text for text in spoken_of(result, "en") if CHINESE.search(text)] == []


def test_provenance_tells_assumptions_and_method_in_the_language_asked_for(
    every_answer: dict[str, dr.Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    papers = every_answer["waterlogging"].provenance
    monkeypatch.setenv("DRAINAGE_LANG", "zh")
    found = papers.as_dict()
    assert str(found["method"]).startswith("推理公式")
    assert isinstance(found["assumptions"], dict)
    assert found["assumptions"]["inlet_time_min"] == "10（t1，GB 50014-2021 4.1.11：5～15 min）"
    assert papers.as_dict("en")["method"] == "rational method, Manning and the grade line from the outfall up"


def test_what_is_said_in_both_outlives_copies_other_processes_and_merging() -> None:
    said = in_both("level_recorded", count=2)
    sent = pickle.loads(pickle.dumps(said))  # noqa: S301 - our own
    for again in (copy.copy(said), copy.deepcopy([said])[0], sent, ({"a": "b"} | {"a": said})["a"]):
        assert isinstance(again, Said)
        assert (again, again.chinese) == ("recorded at 2 nodes", "2 个节点有记录")
    both = joined([said, "as given"])
    assert (both, both.chinese) == ("recorded at 2 nodes; as given", "2 个节点有记录；as given")
    assert in_both("level_as_given", levels=both).chinese == "2 个节点有记录；as given，按给定值（计为有记录）"


def test_text_of_users_and_of_older_reports_passes_through() -> None:
    plain = {"assumptions": {"storm": "observed rain: 雨量.csv"}, "depth_m": 0.2, "ids": ["P1"]}
    assert in_language(plain, "zh") == in_language(plain, "en") == plain


def assert_said(told: pd.DataFrame, *columns: str) -> None:
    """Each text of these columns is in both languages, and its Chinese is no English prose."""
    texts = [text for name in columns for text in told[name]]
    assert [text for text in texts if not isinstance(text, Said)] == []
    assert [text.chinese for text in texts if PROSE.search(NAMES.sub("", text.chinese))] == []
    assert [text.chinese for text in texts if not CHINESE.search(text.chinese)] == []
    assert [text for text in texts if CHINESE.search(USERS.sub("", text))] == []


#: Words of systems that are named in English too.
USERS = re.compile("雨水|污水")
#: Layer and columns of a file whose every column is at fault → codes of what is said of it.
FAULTY: dict[str, tuple[str, dict[str, list[object]], set[str]]] = {
    "texts": (
        "pipes",
        {
            "system": ["gas", "storm", "storm", "storm"],
            "status": ["half", "in_use", "in_use", "in_use"],
            "diameter_mm": ["fat", "600-800mm", "3-DN400", "2-DN300"],
            "length_m": ["long", 60, 60, 60],
            "barrels": ["x", None, 2, None],
            "commissioned": ["soon", "2010-05", "40000", "1970-01-01"],
            "abandoned": ["03/04/2010", None, None, "0"],
            "manning_n": [7, 0.013, 0.013, 0.013],
            "shape": ["potato", "circular", "circular", "circular"],
        },
        {
            "unknown_system", "unknown_code", "not_a_size", "size_range", "barrels_differ", "barrels_in_size",
            "not_a_number", "unreadable_date", "ambiguous_date", "date_form", "placeholder", "value_out_of_range",
        },
    ),
    "shapes": (
        "pipes",
        {
            "shape": ["circular", "egg", "trapezoidal", "other"],
            "diameter_mm": [1000, 600, None, None],
            "width_mm": [900, None, 800, 700],
            "height_mm": [800, None, 600, 500],
            "pipe_id": [2.0**60, 1, 2, 3],
            "commissioned": ["31/12/2010", "01/02/2010", "01/03/2010", "01/04/2010"],
            "abandoned": ["13/12/99", "14/12/98", "31/12/97", "30/11/96"],
        },
        {"shape_contradicts_sizes", "shape_measured_as", "id_precision", "date_order", "date_form"},
    ),
    "units": (
        "pipes",
        {
            "DN": [0.3, 0.4, 0.5, 0.6],
            "width": [300, 400, 1000, 3],
            "depth_from_m": ["1,5", "2,5", "3,5", "1,25"],
            "depth_to_m": ["1,5", "2.5", "3,5", "1.25"],
            "length_m": [9999, 60, 50, 40],
        },
        {"unit_inferred", "mixed_units", "decimal_comma", "mixed_decimals", "placeholder"},
    ),
    "columns": (
        "pipes",
        {"what": ["storm", "sewage", "storm", "storm"], "field": ["abandoned", "in use", "half", "half"],
         "link_type": ["guess", "guess", "guess", "guess"]},
        {"column_by_words", "unread_column", "namesake"},
    ),
    "levels": (
        "nodes",
        {"ground_m": [*[100.0] * 12], "invert_m": [*[1.5, 1.6, 1.7, 1.8, 1.9, 2.0], *[98.0] * 6],
         "depth_m": [*[None] * 6, *[98.0, 98.1, 98.2, 98.3, 98.4, 103.0]]},
        {"depth_as_invert", "level_as_depth", "invert_above_ground"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTY)
def test_what_is_wrong_with_a_table_is_said_in_both(name: str) -> None:
    layer, columns, codes = FAULTY[name]
    issues = Issues()
    points = [shapely.Point(10 * i, 0) for i in range(len(next(iter(columns.values()))))]
    places = points if layer == "nodes" else [shapely.LineString([(p.x, 0), (p.x, 9)]) for p in points]
    conform_layer(gpd.GeoDataFrame(columns, geometry=places, crs=4548), layer, place="bad.geojson", issues=issues)
    told = issues.frame()
    assert codes <= set(told["code"])
    assert_said(told, "reason", "action")


def test_what_a_repair_did_and_left_is_said_in_both() -> None:
    done = dr.repair(street(), tolerance_m=0.5)
    assert_said(done.log, "reason")
    twice: dict[str, tuple[str, Line]] = {
        "p": ("a>b", [(0, 0), (9, 0)]),
        "q": ("a>b", [(0, 0), (9, 0)]),
        "r": ("c>d", [(9.3, 0), (20, 0)]),
    }
    net = drawn(twice, diameter_mm=[300, 400, 300], invert_from_m=[10, 10, 8], invert_to_m=[9, 9, 9])
    net = net.replace(pipes=net.pipes.assign(system=["storm", "storm", "sewage"]))
    left = dr.repair(net, tolerance_m=0.5).proposals
    assert set(left["rule"]) == {"duplicates", "merge", "turn"}
    assert_said(left, "reason", "remedy")


def test_what_a_model_of_the_engine_leaves_out_and_warns_of_is_said_in_both() -> None:
    bed = {'a"b': 9.9, "c": 9.8, "d": 9.7, "e": 9.6, "f": 9.5}
    net = drain(
        ['a"b>c storm', "c>d storm", "d>e storm", "e>e storm", "e>f storm", "f>d storm"],
        bed,
        ground={'a"b': 9.0, "c": 12.0, "e": 9.7},
        nodes={"kind": {"c": "outfall", "d": "storage"}, "kind_source": dict.fromkeys(bed, "recorded")},
        length_m=[0.1, 50.0, 50.0, 50.0, 50.0, 50.0],
    )
    pipes = net.pipes
    pipes.loc["p5", ["invert_from_m", "diameter_mm"]] = np.nan
    (model,) = build_engine_models(net.replace(pipes=pipes), rain())
    told = model.issues
    assert {
        "incomplete", "self_loop", "short_pipe", "outfall_passes_on", "dead_end", "storage_unknown", "no_ground",
        "ground_below_crown", "renamed",
    } <= set(told["code"])  # fmt: skip
    assert_said(told, "reason", "action")
    (reason,) = told[told["code"] == "incomplete"]["reason"]
    assert (reason, reason.chinese) == ("has no invert_from_m, no size", "缺 invert_from_m、尺寸")
    texts = [in_both(one.says) for one in MEANINGS.values()]
    warned = warning_issues(
        [(number, f"{text} for Node c") for number, text in zip(MEANINGS, texts, strict=True)], model
    )
    assert_said(warned, "reason", "action")
    (words_of_all,) = warning_words(warned).values()
    assert isinstance(words_of_all, Said)
    assert not PROSE.search(NAMES.sub("", words_of_all.chinese))


@pytest.mark.parametrize("command", ["show", "quality"])
def test_a_bad_file_is_shown_in_the_language_asked_for(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    faulty = feature(1, system="gas", diameter_mm="fat", commissioned="soon"), feature(2, manning_n=7, width_mm=0)
    (tmp_path / "bad.geojson").write_bytes(collection(*faulty, feature(3)))
    told = {}
    for lang in words.LANGUAGES:
        monkeypatch.setattr("sys.argv", ["drainage", command, str(tmp_path / "bad.geojson"), "--lang", lang])
        with pytest.raises(SystemExit):
            main()
        told[lang] = USERS.sub("", capsys.readouterr().out).splitlines()
    assert [line for line in told["zh"] if PROSE.search(NAMES.sub("", line))] == []
    assert [line for line in told["en"] if CHINESE.search(line)] == []
    assert (command == "quality") or any("视为未知；请在源数据中更正" in line for line in told["zh"])


def test_what_was_found_in_reading_is_said_in_both_languages() -> None:
    """A line of two parts apart, a loop, a line of no length, one of another system, an id twice, one of no system."""
    apart = shapely.MultiLineString([[(0, 0), (5, 0)], [(7, 0), (9, 0)]])
    line, dot = shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(0, 0), (0.01, 0)])
    said = {
        "pipe_id": ["A", "B", "C", "D", "D", None],
        "system": ["storm", "sewage", "storm", "storm", None, "storm"],
        "from_node": ["1", "2", None, "1", "1", "3"],
        "to_node": ["2", "2", None, "9", "02", "1"],
        "status": [None, None, None, None, None, "planned"],
    }
    lines = gpd.GeoSeries([apart, line, dot, line, line, line], crs=4548).translate(500_000, 4_000_000)
    points = gpd.GeoSeries.from_xy([0, 100, 100], [0, 0, 0], crs=4548).translate(500_000, 4_000_000)
    nodes = gpd.GeoDataFrame({"node_id": ["1", "2", "2"]}, geometry=points)
    issues = dr.as_network(gpd.GeoDataFrame(said, geometry=lines), nodes=nodes).issues
    found = {"multi_part", "self_loop", "zero_length", "no_system", "duplicate_id", "no_id", "inactive"}
    assert found <= set(issues["code"])
    for text in (*issues["reason"], *issues["action"]):
        assert isinstance(text, Said), text
        assert CHINESE.search(text.chinese)
        assert not PROSE.search(text.chinese)


def sentences() -> dict[str, list[str]]:
    found: dict[str, list[str]] = tomllib.loads((PACKAGE / "words.toml").read_text(encoding="utf-8"))["says"]
    return found


#: Sentences whose English names what stands in Chinese in a file, or a place.
NAMED_IN_CHINESE = {"formula_not_registered", "no_coordinates_in", "no_layer_tells_system"}


def test_both_twins_of_a_sentence_say_the_same_values_and_each_its_own_language() -> None:
    for key, (chinese, english) in sentences().items():
        fields = [
            sorted(
                (name, spec)
                for _, name, spec, _ in string.Formatter().parse(text)
                if name is not None and not name.endswith("=")
            )
            for text in (chinese, english)
        ]
        assert fields[0] == fields[1], key
        assert not CHINESE.search(english) or key in NAMED_IN_CHINESE, key
        assert not PROSE.search(NAMES.sub("", chinese)), key
        bare = re.sub(r"\{.*?\}", "", english)
        assert CHINESE.search(chinese) or not re.search("[a-z]{4}", bare), key


def test_every_sentence_is_said_somewhere() -> None:
    files = [*PACKAGE.rglob("*.py"), *(PACKAGE.parent / "api").rglob("*.py")]
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    made = ("area_", "audit_why_", "bill_item_", "bill_part_", "body_", "engine_error_", "key_", "map_rain_",
                "no_such_", "parameter_", "public_left_out_",
                "_not_used", "_written_otherwise",
            "taken_as_", "term_in_", "_in_two_registers", "_of_plain_id", "remedied_", "silt_was_", "verdict_", "work_",
            "_works")  # fmt: skip
    unused = [key for key in sentences() if f'"{key}"' not in source and f"'{key}'" not in source]
    assert [key for key in unused if not key.startswith(made) and not key.endswith(made)] == []


def test_a_language_that_is_none_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DRAINAGE_LANG", "fr")
    monkeypatch.setattr("sys.argv", ["drainage", "storm", "--storm-formula", "demo"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    assert capsys.readouterr().err.splitlines() == ["drainage: DRAINAGE_LANG 'fr': no such language; expected zh or en"]


def test_the_glossary_is_in_one_language_but_for_the_names_in_the_other() -> None:
    """A line of Chinese may name commands, columns and what is called so in English too."""
    for key, term in glossary().items():
        assert not CHINESE.search(f"{term.says} {term.clause}"), key
        assert not PROSE.search(NAMES.sub("", term.says.chinese)), key
        for one in (term.name, *term.also_en):
            assert not CHINESE.search(one), key
