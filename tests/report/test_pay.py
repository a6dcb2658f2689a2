"""The pay sheet: worked by hand, computed again from the cells of its workbook, and refused where terms are wrong.

Truth: by hand, an engine for formulas of our own, LibreOffice where it is installed, the demo city.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage.report import PayTerms
from tests.support import demo
from tests.support.pay_terms import TEXT, pay_terms, street
from tests.support.sheet_engine import Engine

EXAMPLE = Path(__file__).parents[2] / "docs" / "papers" / "pay-terms-example.toml"


@pytest.fixture(scope="module")
def sides() -> tuple[dr.report.Report, dr.report.Report]:
    """Reports on the street; no storm is given, so nothing is known of water on it."""
    return dr.analyze(street(after=False)), dr.analyze(street(after=True))


@pytest.fixture(scope="module")
def paid(sides: tuple[dr.report.Report, dr.report.Report]) -> dr.Result:
    return dr.pay_sheet(*sides, pay_terms())


@pytest.fixture(scope="module")
def example() -> dr.Result:
    return dr.pay_sheet(demo.report("2018-12-31"), demo.report("2021-05-07"), EXAMPLE)


def line(result: dr.Result, indicator: str) -> pd.Series:
    lines = result.tables["sheet"]
    return lines[lines["indicator"] == indicator].iloc[0]


def cells(table: pd.DataFrame, key: str, *columns: str) -> list[Any]:
    """Give cells of the line of an indicator, or of the row of an id."""
    row = table.set_index("indicator").loc[key] if "indicator" in table else table.loc[key]
    return [row[column] for column in columns]


def money(result: dr.Result) -> dict[str, Any]:
    return {str(key): value for key, value in result.tables["payment"]["value"].items()}


class TestByHand:
    def test_each_line(self, paid: dr.Result) -> None:
        """Worked by hand on the street.

        Separation: of 400 m of road, both pipes run along the first 200 m; they were none before. The storm pipe there
        takes in nothing any more: 200 / 400 = 0.5 of 10 points. Misconnections at b and c, then at c: (2 − 1) / 2 of
        30. Defective: a>b and c>d, then c>d, of 100 m each: (200 − 100) / 200 = 0.5, in the band 0.4–0.8: 10 of 20.
        Plan: given, 16 of 20. Water: not asked. Mixed: b>c, c>d, d>out, then c>d, d>out: (300 − 200) / 300 = 1/3 on
        the way from 0 to 0.5: 2/3 of 100.
        """
        lines, shown = paid.tables["sheet"], ("before", "after", "of", "measured", "got_points")
        assert cells(lines, "separation", *shown) == [0, 200, 400, 0.5, 5]
        assert cells(lines, "misconnections", *shown) == [2, 1, 2, 0.5, 15]
        assert cells(lines, "repair", *shown) == [200, 100, 200, 0.5, 10]
        assert cells(lines, "mixed", *shown) == pytest.approx([300, 200, 300, 1 / 3, 200 / 3])
        assert lines.set_index("indicator")["scored_by"].to_dict() == {
            "separation": "measured", "misconnections": "measured", "water": "not_scored", "plan": "given",
            "repair": "measured", "mixed": "measured",
        }  # fmt: skip
        assert cells(lines, "plan", "got_points", "evidence") == [16, "given by 监理 on 2024-05-01"]

    def test_score_k_and_payment(self, paid: dr.Result) -> None:
        """5 + 15 + 10 + 16 = 46 of the 80 points that could be scored: 57.5; the town 66.67.

        Score 0.6 × 57.5 + 0.4 × 66.67 = 61.1667, of 0.6 × 0.8 + 0.4 × 1 = 0.88 of the points. k = 0.6 + 0.4 × 1.1667 /
        25 = 0.618667. Fixed 1000 × 0.7 = 700, linked 300 + 200 = 500, of which 500 × 0.12 = 60 is held back and 440 ×
        0.618667 = 272.21 paid.
        """
        objects = paid.tables["objects"]
        assert objects["counted_points"].tolist() == [80, 100]
        assert objects["score"].tolist() == pytest.approx([57.5, 200 / 3])
        assert objects["grade"].tolist() == ["Poor", "Good"]
        value = money(paid)
        assert value["score"] == pytest.approx(0.6 * 57.5 + 0.4 * 200 / 3)
        assert value["counted_share"] == pytest.approx(0.88)
        assert value["k"] == pytest.approx(0.6 + 0.4 * (61 + 1 / 6 - 60) / 25)
        assert value["withheld_yuan"] == pytest.approx(60)
        assert paid.summary["payment_yuan"] == 972.21
        assert value["payment_yuan"] + value["deducted_yuan"] + value["withheld_yuan"] == pytest.approx(1200)

    def test_what_could_not_be_scored_is_listed_with_the_reason(self, paid: dr.Result) -> None:
        missing = paid.tables["not_scored"]
        assert missing["item"].tolist() == ["Water"]
        assert "storm" in missing["why_not"].iloc[0]
        assert paid.summary["lines_not_scored"] == 1

    def test_the_evidence_names_the_pipes_nodes_and_points(self, paid: dr.Result) -> None:
        evidence = paid.tables["evidence"]
        lines = paid.tables["sheet"]

        def ids(indicator: str, when: str) -> list[str]:
            number = lines.index[lines["indicator"] == indicator][0]
            chosen = evidence[(evidence["line"] == number) & (evidence["when"] == when)]
            return [str(one) for one in chosen["feature_id"]]

        assert ids("misconnections", "before") == ["sewage_into_storm:b", "sewage_into_storm:c"]
        assert ids("misconnections", "after") == ["sewage_into_storm:c"]
        assert (ids("repair", "before"), ids("repair", "after")) == (["p0", "p2"], ["p2"])
        assert (ids("mixed", "before"), ids("mixed", "after")) == (["p1", "p2", "p3"], ["p2", "p3"])
        assert ids("separation", "after") == ["磬山路 0–200 m"]

    def test_with_rescale_the_rest_makes_the_whole(self, sides: tuple[dr.report.Report, dr.report.Report]) -> None:
        paid = dr.pay_sheet(*sides, replace(pay_terms(), not_scored="rescale"))
        assert paid.summary["withheld_yuan"] == 0
        assert paid.summary["payment_yuan"] == pytest.approx(700 + 500 * money(paid)["k"], abs=0.01)

    def test_where_there_was_nothing_to_do_the_terms_decide(
        self, sides: tuple[dr.report.Report, dr.report.Report]
    ) -> None:
        """Without the pipe w2>c no misconnection is left after the works; with itself nothing is to be closed."""
        net = street(after=True)
        one, two = (dr.analyze(net.replace(pipes=net.pipes.drop("p4"))) for _ in range(2))
        full = line(dr.pay_sheet(one, two, replace(pay_terms(), nothing_to_do="full")), "misconnections")
        assert (full["before"], full["measured"], full["got_points"]) == (0, 1, 30)
        none = line(dr.pay_sheet(one, two, pay_terms()), "misconnections")
        assert (none["scored_by"], none["counted_points"]) == ("not_scored", 0)
        again = dr.pay_sheet(one, sides[1], pay_terms())
        assert line(again, "misconnections")[["before", "after", "got_points"]].tolist() == [0, 1, 0]

    def test_what_is_new_counts_against_it(self, sides: tuple[dr.report.Report, dr.report.Report]) -> None:
        before, after = sides
        back = dr.pay_sheet(after, before, pay_terms())
        assert line(back, "misconnections")[["before", "after", "measured", "got_points"]].tolist() == [1, 2, 0, 0]

    def test_a_pipe_without_a_grade_after_the_works_is_as_bad_as_before(
        self, sides: tuple[dr.report.Report, dr.report.Report]
    ) -> None:
        net = street(after=True)
        pipes = net.pipes.assign(condition_grade=pd.Series([None] * len(net.pipes), net.pipes.index, dtype=object))
        found = line(dr.pay_sheet(sides[0], dr.analyze(net.replace(pipes=pipes)), pay_terms()), "repair")
        assert found[["before", "after"]].tolist() == [200, 200]

    def test_a_grade_that_no_pipe_bears_is_a_slip_and_pays_nothing(
        self, sides: tuple[dr.report.Report, dr.report.Report]
    ) -> None:
        terms = pay_terms(TEXT.replace('defective = ["3", "4"]', 'defective = ["7"]'))
        assert terms != pay_terms()
        left = dr.pay_sheet(*sides, terms).tables["not_scored"]
        assert "grade that the terms call defective, 7; grades that are recorded: 1, 3, 4" in " ".join(left["why_not"])


def computed(path: Path) -> list[tuple[str, str, Any, Any]]:
    """Give every cell with a formula: sheet, address, what is written beside the formula, and what it gives."""
    formulas, values = (openpyxl.load_workbook(path, data_only=only) for only in (False, True))
    engine = Engine(formulas)
    return [
        (
            sheet.title,
            cell.coordinate,
            values[sheet.title][cell.coordinate].value,
            engine.value(sheet.title, cell.coordinate),
        )
        for sheet in formulas
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]


def alike(one: object, two: object) -> bool:
    if isinstance(one, (int, float)) and isinstance(two, (int, float)):
        return one == pytest.approx(two, rel=1e-12, abs=1e-9)
    return one == two or {one, two} <= {None, ""}


class TestWorkbook:
    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_every_formula_gives_what_is_written_beside_it(self, paid: dr.Result, tmp_path: Path, lang: str) -> None:
        found = computed(paid.to_excel(tmp_path / "pay.xlsx", lang=lang))
        assert {sheet for sheet, *_ in found} == {"sheet", "objects", "payment"}
        assert not [row for row in found if not alike(row[2], row[3])]

    @pytest.mark.long
    def test_also_of_the_demo_city(self, example: dr.Result, tmp_path: Path) -> None:
        found = computed(example.to_excel(tmp_path / "pay.xlsx"))
        assert len(found) > 100
        assert not [row for row in found if not alike(row[2], row[3])]

    def test_all_that_is_computed_is_a_formula(self, paid: dr.Result, tmp_path: Path) -> None:
        book = openpyxl.load_workbook(paid.to_excel(tmp_path / "pay.xlsx"))
        lines = {name.value: number for number, name in enumerate(book["sheet"][2])}
        rows = list(book["sheet"].iter_rows(min_row=3))
        for name in ("before", "after", "of", "measured", "got_points"):
            cells = [row[lines[name]] for row in rows if row[lines["measured"]].value is not None]
            assert all(cell.data_type == "f" for cell in cells), name
        payment = {row[0].value: row[2] for row in book["payment"].iter_rows(min_row=3)}
        computed = {key for key, cell in payment.items() if cell.data_type == "f"}
        assert {"score", "k", "fixed_yuan", "withheld_yuan", "payment_yuan"} <= computed

    def test_a_changed_cell_changes_the_payment(self, paid: dr.Result, tmp_path: Path) -> None:
        """Were all of it repaired, 20 of 20 points, the street would have 56 of 80 points: 70, and k would rise."""
        book = openpyxl.load_workbook(paid.to_excel(tmp_path / "pay.xlsx"))
        heads = {name.value: number for number, name in enumerate(book["evidence"][2])}
        for row in book["evidence"].iter_rows(min_row=3):
            if row[heads["feature_id"]].value == "p2" and row[heads["line"]].value == 5:
                row[heads["after"]].value = None
        at = next(row[0].row for row in book["payment"].iter_rows(min_row=3) if row[0].value == "score")
        assert Engine(book).value("payment", f"C{at}") == pytest.approx(0.6 * 70 + 0.4 * 200 / 3)

    def test_nothing_scored_is_no_payment_and_a_workbook_all_the_same(
        self, sides: tuple[dr.report.Report, dr.report.Report], tmp_path: Path
    ) -> None:
        terms = pay_terms()
        bare = [replace(one, given={}) for one in terms.objects[:1]]
        plan = replace(
            terms.kinds["road"], indicators=[one for one in terms.kinds["road"].indicators if one.name == "plan"]
        )
        paid = dr.pay_sheet(*sides, replace(terms, objects=bare, kinds={"road": plan}))
        assert paid.not_known == "none of the 1 lines could be scored"
        assert paid.summary["payment_yuan"] is None
        assert paid.tables["objects"]["score"].isna().all()
        found = computed(paid.to_excel(tmp_path / "pay.xlsx"))
        assert not [row for row in found if not alike(row[2], row[3])]

    def test_one_table_alone_has_values(self, paid: dr.Result, tmp_path: Path) -> None:
        book = openpyxl.load_workbook(paid.to_file(tmp_path / "pay.xlsx", table="objects"))
        heads = {name.value: number for number, name in enumerate(book["objects"][2])}
        assert book["objects"][3][heads["got_points"]].value == 46

    @pytest.mark.long
    @pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
    def test_libreoffice_finds_the_same(self, example: dr.Result, tmp_path: Path) -> None:
        path = example.to_excel(tmp_path / "pay.xlsx")
        bare = openpyxl.load_workbook(path)
        bare.save(tmp_path / "bare.xlsx")  # which drops what is written beside the formulas
        subprocess.run(
            ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "xlsx",
             "--outdir", str(tmp_path / "out"), str(tmp_path / "bare.xlsx")], check=True, capture_output=True,
        )  # fmt: skip
        again, before = (openpyxl.load_workbook(one, data_only=True) for one in (tmp_path / "out" / "bare.xlsx", path))
        cells = [(sheet.title, cell.coordinate) for sheet in bare for row in sheet.iter_rows() for cell in row
                 if cell.data_type == "f"]  # fmt: skip
        assert cells
        assert not [one for one in cells if not alike(before[one[0]][one[1]].value, again[one[0]][one[1]].value)]


class TestExample:
    def test_it_is_scored_on_the_demo_and_says_that_it_is_an_example(self, example: dr.Result) -> None:
        said = example.summary
        assert "example, not a contract" in said["advice"]
        assert (said["objects"], said["lines"], said["lines_not_scored"]) == (4, 37, 22)
        town = example.tables["sheet"].query("object_kind == 'town'")
        assert cells(town, "points", "before", "after", "got_points") == [19, 0, 40]
        assert cells(town, "outfalls", "before", "after") == [8, 3]
        assert "P = 3 a, 120 min" in cells(town, "points", "evidence")[0]
        total = money(example)
        assert total["payment_yuan"] + total["deducted_yuan"] + total["withheld_yuan"] == pytest.approx(14_000_000)

    def test_the_map_shows_the_objects_by_score(self, example: dr.Result) -> None:
        layer = example.layers[-1]
        assert (layer.theme, layer.category, len(layer.frame)) == ("pay", "score", 3)

    def test_its_workbook_is_a_way_back_from_the_points_to_the_pipes(self, example: dr.Result) -> None:
        evidence = example.tables["evidence"]
        mixed = line(example, "mixed")
        assert evidence.loc[evidence["line"] == mixed.name, "before"].sum() == pytest.approx(mixed["before"])


def test_an_object_that_is_nowhere_is_named_with_the_nearest(sides: tuple[dr.report.Report, dr.report.Report]) -> None:
    with pytest.raises(dr.errors.SchemaError, match=r"neither network has a road 磬山街 \(did you mean 磬山路\?\)"):
        dr.pay_sheet(*sides, pay_terms(TEXT.replace("磬山路", "磬山街")))
    text = TEXT.replace("kinds.road", "kinds.plot").replace('kind = "road"', 'kind = "plot"')
    with pytest.raises(dr.errors.SchemaError, match="neither network records any plot"):
        dr.pay_sheet(*sides, pay_terms(text))


def test_two_sides_that_are_not_one_town_are_refused(sides: tuple[dr.report.Report, dr.report.Report]) -> None:
    before, after = sides
    with pytest.raises(dr.errors.FormatError, match="before and after are one report"):
        dr.pay_sheet(before, before, pay_terms())
    net = after.network
    moved = {
        "pipes": net.pipes.set_geometry(net.pipes.translate(20_000)),
        "nodes": net.nodes.set_geometry(net.nodes.translate(20_000)),
    }
    away = dr.DrainageNetwork(moved["pipes"], moved["nodes"])
    with pytest.raises(dr.errors.SchemaError, match=r"19\.6 km.*another town"):
        dr.pay_sheet(before, dr.analyze(away), pay_terms())
    with pytest.raises(dr.errors.CrsError, match="EPSG:4548 and EPSG:4549"):
        dr.pay_sheet(before, dr.analyze(net.to_crs(4549)), pay_terms())


def test_a_report_that_was_read_back_has_no_answers(
    sides: tuple[dr.report.Report, dr.report.Report], tmp_path: Path
) -> None:
    again = dr.read_report(sides[0].write(tmp_path / "out"))
    with pytest.raises(dr.errors.FormatError, match="ask analyze about its network again"):
        dr.pay_sheet(again, sides[1], pay_terms())


def test_an_outline_is_a_plot(sides: tuple[dr.report.Report, dr.report.Report]) -> None:
    """A square round b holds the misconnection there, and 100 m of the 400 m of road."""
    outline = gpd.GeoDataFrame(
        {"block_id": ["一号"]}, geometry=[shapely.box(551050, 3711950, 551150, 3712050)], crs=4548
    ).set_index("block_id")
    text = TEXT.replace("kinds.road", "kinds.plot").replace(
        'kind = "road"\nname = "磬山路"', 'kind = "plot"\nname = "一号"'
    )
    with_plot = [dr.analyze(one.network.replace(layers={**one.network.layers, "blocks": outline})) for one in sides]
    found = dr.pay_sheet(with_plot[0], with_plot[1], pay_terms(text)).tables["sheet"]
    assert cells(found, "misconnections", "before", "after") == [1, 0]
    assert cells(found, "separation", "before", "after", "of") == [0, 100, 100]


def test_without_levels_where_the_systems_meet_misconnections_are_not_scored(
    sides: tuple[dr.report.Report, dr.report.Report],
) -> None:
    net = street(after=True)
    bare = net.replace(pipes=net.pipes.assign(invert_from_m=float("nan"), invert_to_m=float("nan")))
    found = line(dr.pay_sheet(sides[0], dr.analyze(bare), pay_terms()), "misconnections")
    assert found["scored_by"] == "not_scored"
    assert "1 of the 1" in str(found["evidence"])


def test_water_is_not_scored_where_no_node_can_be_judged() -> None:
    """A road whose pipes lost their sizes on the way has no overflow, and is not free of it."""
    city, later = demo.quarters("2018-12-31"), demo.quarters("2021-05-07")
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), 3, 120)
    on_road = later.pipes["road"] == "磬山路"
    sizes = ["diameter_mm", "width_mm", "height_mm"]
    lost = later.pipes.assign(**{name: later.pipes[name].mask(on_road) for name in sizes})
    terms = pay_terms()
    before, after = dr.analyze(city, storm=storm), dr.analyze(later.replace(pipes=lost), storm=storm)
    found = line(dr.pay_sheet(before, after, terms), "water")
    assert (found["scored_by"], " 0 of " in str(found["evidence"])) == ("not_scored", True)


def test_what_was_relaid_on_the_demo_are_pipes_of_its_works() -> None:
    """By the days on which they were laid; the sewers of 迎宾大道 are among them."""
    text = TEXT.replace('measure = "effective_share"', 'measure = "relaid_share"').replace("磬山路", "迎宾大道")
    after = demo.report("2021-05-07")
    paid = dr.pay_sheet(demo.report("2018-12-31"), after, pay_terms(text))
    found = line(paid, "separation")
    evidence = paid.tables["evidence"]
    ids = evidence.loc[(evidence["line"] == found.name) & (evidence["when"] == "after"), "feature_id"]
    pipes = after.network.pipes.loc[ids]
    assert found["after"] == pytest.approx(pipes["length_m"].sum())
    assert len(pipes) > 10
    assert (pipes["commissioned"] > "2018-12-31").all()
    assert set(pipes["road"]) == {"迎宾大道"}


def test_a_numbering_of_its_own_changes_nothing(
    sides: tuple[dr.report.Report, dr.report.Report], paid: dr.Result
) -> None:
    """Without grades after the works the pipes are as bad as before, also under other ids."""
    net = street(after=True)
    pipes = net.pipes.assign(condition_grade=pd.Series([None] * len(net.pipes), net.pipes.index, dtype=object))
    pipes.index = pd.Index([f"new{number}" for number in range(len(pipes))], name="pipe_id")
    found = dr.pay_sheet(sides[0], dr.analyze(net.replace(pipes=pipes)), pay_terms())
    assert line(found, "repair")[["before", "after"]].tolist() == [200, 200]
    for indicator in ("separation", "misconnections", "mixed"):
        assert line(found, indicator)["got_points"] == pytest.approx(line(paid, indicator)["got_points"])


def test_two_days_of_one_file_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(dr.errors.FormatError, match="2021-05-07, later than 2018-12-31; exchange"):
        dr.pay_sheet(demo.report("2021-05-07"), demo.report("2018-12-31"), EXAMPLE)


def test_one_storm_for_both() -> None:
    storms = [dr.DesignStorm(dr.read_storm_formula("demo"), years, 120) for years in (3, 5)]
    city = demo.quarters("2018-12-31")
    before, after = (dr.analyze(city, storm=storm) for storm in storms)
    found = dr.pay_sheet(before, after, pay_terms())
    missing = found.tables["not_scored"]
    why = missing.loc[missing["item"] == "Water", "why_not"].iloc[0]
    assert "different storms" in str(why)


class TestProperties:
    def test_rows_in_any_order_give_the_same_sheet(
        self, sides: tuple[dr.report.Report, dr.report.Report], paid: dr.Result
    ) -> None:
        shuffled = []
        for seed, side in enumerate(sides):
            net = side.network
            pipes = net.pipes.sample(frac=1.0, random_state=seed)
            shuffled.append(dr.analyze(net.replace(pipes=pipes)))
        again = dr.pay_sheet(shuffled[0], shuffled[1], pay_terms())
        columns = ["before", "after", "of", "measured", "got_points"]
        pd.testing.assert_frame_equal(again.tables["sheet"][columns], paid.tables["sheet"][columns])
        assert again.summary["payment_yuan"] == paid.summary["payment_yuan"]

    @pytest.mark.long
    @pytest.mark.parametrize("city", ["whiterock", "kitchener"])
    def test_a_real_city_of_which_nothing_was_done_earns_nothing_for_what_was_to_go(
        self, shared_networks: Path, tmp_path: Path, city: str
    ) -> None:
        """Against itself nothing is removed: all shares of what was to go are 0, and what is there stays there."""
        place = shared_networks / "cities" / city
        storm = next(path for name in ("mains", "pipes") if (path := place / f"{name}.geojson").exists())
        sewage = next(place.glob("sanitary_*.geojson"))
        net = dr.read_network({"storm": storm, "sewage": sewage})
        terms = _town_terms()
        one, two = dr.analyze(net), dr.analyze(net)
        result = dr.pay_sheet(one, two, terms)
        lines = result.tables["sheet"].set_index("indicator")
        scored = lines[lines["scored_by"] == "measured"]
        assert len(scored)
        assert (scored["before"] == scored["after"]).all()
        assert (scored.loc[scored.index != "density", "got_points"] == 0).all()
        found = computed(result.to_excel(tmp_path / "pay.xlsx"))
        assert not [row for row in found if not alike(row[2], row[3])]


def _town_terms() -> PayTerms:
    terms = PayTerms.from_file(EXAMPLE)
    town = [replace(one, weight=terms.weights) for one in terms.objects if one.kind == "town"]
    return replace(terms, objects=town, nothing_to_do="not_scored")
