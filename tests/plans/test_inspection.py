"""The plan of a crew's day: what it chooses, the walk, the files; and a search of the demo city by the plan.

Truth: by hand; for the search, the undrawn sources planted in the demo city.
"""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

import drainage as dr
from drainage.cli import main
from drainage.evidence import Evidence
from drainage.inference.forest import StormForest
from drainage.inference.openings import choose_openings
from drainage.inference.posterior import Beliefs, Readings
from tests.analyses.test_sources import rows
from tests.support import demo
from tests.support.networks import build, save

DATA = Path(__file__).parents[2] / "data"
PLACES = {f"n{i}": (100.0 * i, 0.0) for i in range(12)}


def row_of_pipes() -> dr.DrainageNetwork:
    """n11 --> n10 --> … --> n0, an outfall."""
    return build([f"n{i + 1}>n{i} storm" for i in range(11)], kinds={"n0": "outfall"}, places=PLACES)


WET = Evidence(inspections=rows("inspections", {"node_id": "n0", "flowing": True}))


def test_the_budget_is_kept_and_the_walk_is_in_order() -> None:
    plan = dr.plan_inspection(row_of_pipes(), WET, budget=4, start="n0")
    assert plan.openings["visit"].tolist() == [1, 2, 3, 4]
    x = plan.places("openings").geometry.x
    assert x.is_monotonic_increasing
    assert plan.summary["walk_m"] == pytest.approx(x.iloc[-1])
    assert plan.places("route")["length_m"].iloc[0] == pytest.approx(x.iloc[-1])
    assert sorted(plan.openings["choice"]) == [1, 2, 3, 4]


def test_closed_manholes_are_left_out_and_the_seed_counts() -> None:
    net = row_of_pipes()
    first = dr.plan_inspection(net, WET, budget=2).openings
    other = dr.plan_inspection(net, WET, budget=2, closed=[first.index[0]]).openings
    assert first.index[0] not in other.index
    bits = {dr.plan_inspection(net, WET, budget=6, seed=seed).summary["gain_bits"] for seed in range(4)}
    assert len(bits) > 1


def test_results_move_the_next_plan_upstream() -> None:
    """Where the middle was wet and the manhole above it dry, nothing above is worth opening first."""
    looks = [{"node_id": "n0", "flowing": True}, {"node_id": "n6", "flowing": False}, {"node_id": "n6", "entry": False}]
    plan = dr.plan_inspection(row_of_pipes(), Evidence(inspections=rows("inspections", *looks)), budget=1)
    assert plan.openings.index[0] in {f"n{i}" for i in range(1, 6)}


def test_impossible_plans_are_refused() -> None:
    with pytest.raises(dr.errors.SchemaError, match="budget"):
        dr.plan_inspection(row_of_pipes(), budget=0)
    with pytest.raises(dr.errors.TopologyError, match="nowhere"):
        dr.plan_inspection(row_of_pipes(), start="nowhere")
    with pytest.raises(dr.errors.SchemaError, match="storm"):
        dr.plan_inspection(build(["a>b sewage"]))


def test_the_walk_goes_out_as_gpx(tmp_path: Path) -> None:
    plan = dr.plan_inspection(row_of_pipes(), WET, budget=3)
    root = ET.parse(dr.formats.write_gpx(plan, tmp_path / "walk.gpx")).getroot()  # noqa: S314 - our own file
    space = {"g": "http://www.topografix.com/GPX/1/1"}
    names = [name.text for name in root.findall("g:rte/g:rtept/g:name", space)]
    assert names == plan.openings.index.tolist()
    assert len(root.findall("g:wpt", space)) == 3
    assert float(root.findall("g:wpt", space)[0].get("lat", "nan")) == pytest.approx(plan.openings["lat"].iloc[0])
    with pytest.raises(dr.errors.FormatError, match="already exists"):
        dr.formats.write_gpx(plan, tmp_path / "walk.gpx")


def test_the_form_that_the_crew_fills_in_is_read_back(tmp_path: Path) -> None:
    net = row_of_pipes()
    plan = dr.plan_inspection(net, WET, budget=2)
    form = plan.form.astype("str").assign(date="2024-06-11", last_rain="2024-06-01", flowing="yes")
    form.to_csv(tmp_path / "inspections.csv")
    seen = dr.read_evidence(tmp_path / "inspections.csv", today="2024-06-30")
    assert len(seen.inspections) == len(form) == 4
    found = dr.find_sources(net, seen)
    assert not len(found.issues)
    assert (found.verdicts["used_as"] == "wet").sum() == 4


def test_the_terminal_plans_and_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = save(row_of_pipes(), tmp_path / "pipes.geojson")
    field = tmp_path / "inspections.csv"
    field.write_text(
        "node_id,date,last_rain,flowing\nn0,2024-06-10,2024-06-01,yes\nnowhere,2024-06-10,2024-06-01,yes\n"
    )

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["drainage", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    code, out, err = run("sources", source, "-e", field, "--json", "-o", tmp_path / "reaches.csv")
    assert (code, json.loads(out)["reaches"]) == (0, 11)
    assert "no manhole 'nowhere'" in err
    assert len(pd.read_csv(tmp_path / "reaches.csv")) == 11
    words = ("inspect", source, "-e", f"inspections={field}", "--budget", 3)
    code, out, _ = run(
        *words, "-o", tmp_path / "walk.gpx", "--form", tmp_path / "form.csv", "--map", tmp_path / "m.html"
    )
    assert code == 0
    assert "│ openings          │ 3       │" in out
    assert (tmp_path / "walk.gpx").read_text().count("<wpt") == 3
    assert {"flowing", "entry"} <= set(pd.read_csv(tmp_path / "form.csv").columns)
    assert run(*words, "-o", tmp_path / "plan.xlsx")[0] == 0
    assert run("sources", source, "--tracers", "guess")[0] == 1


@pytest.fixture(scope="module")
def city() -> dr.DrainageNetwork:
    return demo.city("2021-05-07")


def test_the_demo_city_is_a_forest(city: dr.DrainageNetwork) -> None:
    forest = StormForest.from_network(city)
    assert not forest.approximate.any()
    assert (forest.parent >= 0).sum() + len(forest.begin) - 1 == forest.n_cells


@pytest.mark.parametrize("error", [0.0, 0.05])
def test_the_plan_finds_the_planted_sources_with_few_openings(city: dr.DrainageNetwork, error: float) -> None:
    """Open what tells most, close what is found: all 36 within 12 openings each; the walk takes 31."""
    forest = StormForest.from_network(city)
    truth = json.loads((DATA / "truth.json").read_text(encoding="utf-8"))["undrawn_sewage_sources"]
    left = np.zeros(forest.n_cells, np.bool_)
    left[forest.node_cell[city.node_positions([one["node_id"] for one in truth])]] = True
    rng = np.random.default_rng(3)
    rate = max(error, 1e-3)
    rates = dr.inference.SourceRates(
        reach_prior=0.01, drawn_prior=1e-3, false_wet=rate, missed_wet=rate, false_entry=rate, missed_entry=rate
    )
    beliefs = Beliefs(forest, rates)
    openings = wrong = 0
    while left.any() and openings < 12 * len(truth):
        cell = choose_openings(beliefs, 1).cell[0]
        openings += 1
        pipes = forest.child[forest.child_ptr[cell] : forest.child_ptr[cell + 1]]
        flowing = left.copy()
        for c, p in enumerate(forest.parent):
            flowing[p] |= p >= 0 and flowing[c]
        flips = rng.random(len(pipes) + 1) < error
        entry = np.array([left[cell] ^ flips[-1]])
        beliefs.add(Readings(pipes, flowing[pipes] ^ flips[:-1], np.array([cell], np.int32), entry))
        if beliefs.source[cell] >= 0.9:
            wrong += not left[cell]
            left[cell] = False
            beliefs.close(int(cell))
    assert not left.any()
    assert wrong <= 2


def test_chances_are_calibrated_on_simulated_towns(city: dr.DrainageNetwork) -> None:
    """Towns drawn from the prior, 5 % of 400 looks false: of places given 20–60 %, that share holds a source."""
    forest = StormForest.from_network(city)
    rates = dr.inference.SourceRates(reach_prior=0.03, drawn_prior=0.03)
    prior = Beliefs(forest, rates).source
    rng = np.random.default_rng(5)
    given, held = [], []
    for _ in range(40):
        sources = rng.random(forest.n_cells) < prior
        flowing = sources.copy()
        for c, p in enumerate(forest.parent):
            flowing[p] |= p >= 0 and flowing[c]
        looked = rng.choice(forest.n_cells, 400, replace=False).astype(np.int32)
        read = flowing[looked] ^ (rng.random(400) < 0.05)
        given.append(Beliefs(forest, rates, Readings(looked, read)).source)
        held.append(sources)
    chance, true = np.concatenate(given), np.concatenate(held)
    for low, high in ((0.001, 0.02), (0.02, 0.1), (0.1, 0.2), (0.2, 0.6)):
        here = (chance >= low) & (chance < high)
        spread = np.sqrt(chance[here].mean() / here.sum())
        assert abs(true[here].mean() - chance[here].mean()) < 4 * spread
