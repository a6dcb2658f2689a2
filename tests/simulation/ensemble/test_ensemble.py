"""Ensembles: the same numbers as one run after another, whatever the order, and nothing that was finished is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import drainage as dr
from drainage.cli import app
from drainage.simulation.ensemble import runs as ensemble
from drainage.simulation.ensemble.digest import digest, network_digest
from drainage.simulation.ensemble.runs import EnsembleRun, combine_runs, run_ensemble
from drainage.words import one_language
from tests.support.drains import drain, rain
from tests.support.networks import save

if TYPE_CHECKING:
    from collections.abc import Callable


class Counting(Executor):
    """Runs at once, in this process, and counts."""

    def __init__(self) -> None:
        self.count = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - as Executor
        self.count += 1
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def throat(diameter_mm: int = 400) -> dr.DrainageNetwork:
    """Draw a ─1.0 m─> b ─throat─> c ─1.0 m─> o; 4 hm² drain to a."""
    return drain(
        ["a>b storm 1000", f"b>c storm {diameter_mm}", "c>o storm 1000"],
        {"a": 10.0, "b": 9.8, "c": 9.6, "o": 9.4},
        ground={"a": 12.5, "b": 12.0, "c": 12.0, "o": 12.0},
        nodes={"area_ha": {"a": 4.0}},
    )


def runs() -> list[EnsembleRun]:
    """Two networks, two storms, two tailwaters."""
    return combine_runs({"before": throat(), "after": throat(900)}, [rain(2.0), rain(10.0)], tailwaters_m=[None, 11.0])


def test_all_combinations_are_run() -> None:
    rows = run_ensemble(runs(), executor=Counting()).runs
    assert rows["scenario"].tolist() == ["before"] * 4 + ["after"] * 4
    assert rows["return_period_a"].tolist() == [2.0, 2.0, 10.0, 10.0] * 2
    assert rows["tailwater_m"].fillna(0.0).tolist() == [0.0, 11.0] * 4
    assert (rows["overflow_m3"][:4].to_numpy() > rows["overflow_m3"][4:].to_numpy()).all()


@pytest.mark.long
def test_an_ensemble_says_what_a_plain_loop_says() -> None:
    """On processes of its own, each number is the one of `screen`."""
    chosen = runs()[:3]
    found = run_ensemble(chosen, workers=2)
    for number, run in enumerate(chosen, 1):
        assert run.storm is not None
        state = dr.screen(run.network, run.storm, run.setup)
        assert found.runs["overflow_m3"][number] == state.balance["overflow_m3"]
        pd.testing.assert_series_equal(
            found.nodes[number], state.nodes["overflow_m3"], check_names=False, check_exact=True
        )


def test_the_engine_can_be_swmm(tmp_path: Path) -> None:
    (run,) = combine_runs({"": throat()}, [rain()], engine="swmm")
    first = run_ensemble([run], executor=Counting(), keep=tmp_path)
    state = dr.simulate_swmm(run.network, run.storm)
    assert first.nodes[1].to_dict() == pytest.approx(state.nodes["overflow_m3"].to_dict())
    assert abs(first.runs["routing_error_pct"][1]) < 2.0


@pytest.mark.parametrize("engine", ["screening", "swmm"])
def test_runoff_is_raised_in_rare_storms_by_either_engine(engine: ensemble.Engine) -> None:
    """Ψ = 0.6 at 50 a: by 30 %, which is the default, or by 50 %, or not at all."""
    net = throat()
    net = net.replace(nodes=net.nodes.assign(runoff_coefficient=0.6))
    chosen = [
        combine_runs({"": net}, [rain(50.0)], engine=engine, setup=dr.Setup(uplift_within=within))[0]
        for within in (None, 1.0)
    ]
    found = run_ensemble([*chosen, *combine_runs({"": net}, [rain(50.0)], engine=engine)], executor=Counting())
    by_plain = found.runs["runoff_m3"] / found.runs["runoff_m3"].iloc[0]
    assert by_plain.tolist() == pytest.approx([1.0, 1.5, 1.3], rel=0.002)


def test_the_order_of_the_runs_changes_nothing() -> None:
    forth = run_ensemble(runs(), executor=Counting())
    back = run_ensemble(runs()[::-1], executor=Counting())
    assert back.runs["overflow_m3"].tolist() == forth.runs["overflow_m3"].tolist()[::-1]
    assert np.array_equal(back.nodes.to_numpy()[:, ::-1], forth.nodes.to_numpy())


def test_what_is_finished_is_not_computed_again(tmp_path: Path) -> None:
    """Read anew, the same networks and storms have the same content; a further run is the only one that is computed."""
    first, second, third = Counting(), Counting(), Counting()
    once = run_ensemble(runs(), executor=first, keep=tmp_path)
    again = run_ensemble(runs(), executor=second, keep=tmp_path)
    assert (first.count, second.count) == (8, 0)
    pd.testing.assert_frame_equal(once.runs, again.runs)
    pd.testing.assert_frame_equal(once.nodes, again.nodes)
    run_ensemble([*runs(), EnsembleRun(throat(), rain(3.0))], executor=third, keep=tmp_path)
    assert third.count == 1


def test_the_same_run_is_computed_once() -> None:
    place = Counting()
    assert len(run_ensemble([*runs(), *runs()], executor=place).runs) == 16
    assert place.count == 8


def test_a_file_that_is_not_whole_is_computed_again(tmp_path: Path) -> None:
    run_ensemble(runs(), executor=Counting(), keep=tmp_path)
    broken = min(tmp_path.glob("*.parquet"))
    broken.write_bytes(broken.read_bytes()[:100])
    place = Counting()
    run_ensemble(runs(), executor=place, keep=tmp_path)
    assert place.count == 1


def swap_two(kept: Path) -> None:
    """Copy a run under the name of another."""
    one, other = sorted(kept.glob("*.parquet"))[:2]
    other.write_bytes(one.read_bytes())


def edit_one(kept: Path) -> None:
    """Write a larger flood into a run, everything else as it was."""
    path = min(kept.glob("*.parquet"))
    table = pd.read_parquet(path)
    (table + 1.0).to_parquet(path)


def edit_a_total(kept: Path) -> None:
    """Write another total beside the nodes."""
    path = min(kept.glob("*.parquet"))
    table = pd.read_parquet(path)
    table.attrs["overflow_m3"] += 1.0
    table.to_parquet(path)


def take_the_seal(kept: Path) -> None:
    """Take its digest from a run, as in a file of an earlier version."""
    path = min(kept.glob("*.parquet"))
    table = pd.read_parquet(path)
    del table.attrs["seal"]
    table.to_parquet(path)


@pytest.mark.parametrize("change", [swap_two, edit_one, edit_a_total, take_the_seal])
def test_a_kept_run_that_was_changed_is_not_believed(change: Callable[[Path], None], tmp_path: Path) -> None:
    fresh = run_ensemble(runs(), executor=Counting(), keep=tmp_path)
    change(tmp_path)
    place = Counting()
    again = run_ensemble(runs(), executor=place, keep=tmp_path)
    assert place.count == 1
    pd.testing.assert_frame_equal(again.nodes, fresh.nodes)
    assert again.runs["overflow_m3"].tolist() == fresh.runs["overflow_m3"].tolist()


ENDLESS = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parents[3])!r})
from drainage.simulation.ensemble import runs as ensemble
from tests.simulation.ensemble.test_ensemble import runs, sleeps
if __name__ == "__main__":
    ensemble.work = sleeps
    ensemble.run_ensemble(runs()[:2], workers=2)
"""


def sleeps(_: EnsembleRun) -> pd.DataFrame:
    """Say which process this is, and never end."""
    with Path(os.environ["DRAINAGE_TEST_MARK"]).open("a", encoding="ascii") as mark:
        mark.write(f"{os.getpid()}\n")
    time.sleep(60.0)
    return pd.DataFrame()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked for in /proc")
@pytest.mark.long
def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    """Killed, it can tell them nothing."""
    script, mark = tmp_path / "endless.py", tmp_path / "mark"
    script.write_text(ENDLESS, encoding="utf-8")
    mark.touch()
    with subprocess.Popen([sys.executable, script], env={**os.environ, "DRAINAGE_TEST_MARK": str(mark)}) as parent:
        while len(workers := mark.read_text(encoding="ascii").split()) < 2 and parent.poll() is None:
            time.sleep(0.1)
        parent.kill()
    assert len(workers) == 2
    until = time.monotonic() + 60.0
    while any(runs_still(pid) for pid in workers):
        assert time.monotonic() < until
        time.sleep(0.1)


def runs_still(pid: str) -> bool:
    """Tell whether a process is there and no zombie, which a container without an init keeps."""
    status = Path("/proc", pid, "stat")
    return status.exists() and status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


def test_an_ensemble_that_is_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    def stop(done: float) -> None:
        if done >= 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_ensemble(runs(), executor=Counting(), keep=tmp_path, progress=stop)
    place = Counting()
    shares: list[float] = []
    run_ensemble(runs(), executor=place, keep=tmp_path, progress=shares.append)
    assert place.count == 4
    assert shares == [0.625, 0.75, 0.875, 1.0]


def dies_once(run: EnsembleRun) -> pd.DataFrame:
    """Kill the worker, the first time that any comes here with this storm."""
    mark = Path(os.environ["DRAINAGE_TEST_MARK"])
    if run.storm is not None and run.storm.return_period_a == 10.0 and not mark.exists():
        mark.touch()
        os._exit(1)
    return _WORK(run)


def dies_always(run: EnsembleRun) -> pd.DataFrame:
    """Kill the worker whenever it comes to a storm of ten years."""
    if run.storm is not None and run.storm.return_period_a == 10.0:
        os._exit(1)
    return _WORK(run)


_WORK = ensemble.work


@pytest.mark.long
def test_a_worker_that_dies_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = combine_runs({"": throat()}, [rain(1.0), rain(10.0), rain(2.0)])
    monkeypatch.setenv("DRAINAGE_TEST_MARK", str(tmp_path / "mark"))
    monkeypatch.setattr(ensemble, "work", dies_once)
    found = run_ensemble(chosen, workers=1, keep=tmp_path / "kept")
    assert (tmp_path / "mark").exists()
    expected = run_ensemble(chosen, executor=Counting())
    pd.testing.assert_frame_equal(found.nodes, expected.nodes)


@pytest.mark.long
def test_a_run_that_kills_every_worker_is_named_and_the_others_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = combine_runs({"": throat()}, [rain(10.0), rain(1.0), rain(2.0)])
    monkeypatch.setattr(ensemble, "work", dies_always)
    with pytest.raises(dr.errors.SimulationError, match=r"no worker finished 1 runs.*P = 10 a"):
        run_ensemble(chosen, workers=1, keep=tmp_path)
    assert len(list(tmp_path.glob("*.parquet"))) == 2


def test_a_run_that_fails_holds_up_no_other(tmp_path: Path) -> None:
    """A network with no pipe for rain cannot be screened: a row with the reason, tried again the next time."""
    dry = drain(["a>b sewage 300"], {"a": 1.0, "b": 0.9}, ground=3.0)
    chosen = combine_runs({"dry": dry, "wet": throat()}, [rain()])
    result = run_ensemble(chosen, executor=Counting(), keep=tmp_path)
    assert "nothing to screen" in result.runs["error"][1]
    assert one_language(result.runs["error"][1], "zh").endswith("无可筛查")
    assert result.runs["error"][2] == ""
    assert result.runs["overflow_m3"].isna().tolist() == [True, False]
    assert result.summary["failed"] == 1
    place = Counting()
    run_ensemble(chosen, executor=place, keep=tmp_path)
    assert place.count == 1


def test_any_executor_will_do() -> None:
    with ThreadPoolExecutor(2) as pool:
        found = run_ensemble(runs(), executor=pool)
    assert (found.runs["error"] == "").all()


@pytest.mark.long
def test_a_dask_scheduler_says_the_same(tmp_path: Path) -> None:
    """In a process of its own, for it sets up servers and threads."""
    pytest.importorskip("distributed")
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER, encoding="utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == [f"{float(run_ensemble(runs()[:2], executor=Counting()).runs['overflow_m3'].sum())}"]


CLUSTER = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[3])!r})
if __name__ == "__main__":
    from distributed import LocalCluster
    from drainage.simulation.ensemble.runs import run_ensemble
    from tests.simulation.ensemble.test_ensemble import runs
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        found = run_ensemble(runs()[:2], scheduler=cluster.scheduler_address)
    print(float(found.runs["overflow_m3"].sum()))
"""


def test_what_changes_the_answer_changes_the_content() -> None:
    run = EnsembleRun(throat(), rain())
    plain = dr.Setup()
    base = digest(run.storm, run.engine, run.setup, run.options)
    assert digest(rain(), "screening", plain, None) == base
    tide = pd.Series([10.0, 11.0], index=[0.0, 60.0])
    others = {
        digest(rain(5.0), "screening", plain, None),
        digest(rain(3.0, 60.0), "screening", plain, None),
        digest(rain(), "swmm", plain, None),
        digest(rain(), "screening", dr.Setup(tailwater_m=1.0), None),
        digest(rain(), "screening", dr.Setup(tailwater_m=tide), None),
        digest(rain(), "screening", dr.Setup(tailwater_m=tide + 1.0), None),
        digest(rain(), "screening", dr.Setup(runoff_coefficient=0.5), None),
        digest(rain(), "screening", plain, dr.simulation.EngineOptions(drain_min=30.0)),
    }
    assert len(others | {base}) == 9
    assert network_digest(throat()) == network_digest(throat())
    nodes = throat().nodes
    nodes.loc["a", "ground_m"] = 12.4
    pipes = throat().pipes
    pipes.loc["p0", "manning_n"] = 0.014
    changed = {network_digest(throat(500)), network_digest(throat().replace(nodes=nodes)),
               network_digest(throat().replace(pipes=pipes)), network_digest(throat())}  # fmt: skip
    assert len(changed) == 4
    with pytest.raises(dr.errors.SimulationError, match="content of a object is not known"):
        digest(object())


def test_the_terminal_runs_all_combinations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two return periods, two tailwaters, two scenarios (the same file); the second call takes what was kept."""
    pipes = str(tmp_path / "pipes.gpkg")
    dr.write_network(throat(), pipes)
    words = ["ensemble", pipes, "--return-period", "1,5", "--duration", "60", "--tailwater", "none,11",
             "--scenario", f"again={pipes}", "--storm-formula", "demo", "--keep", str(tmp_path / "kept"),
             "--workers", "1", "--json"]  # fmt: skip
    for target in ("first.xlsx", "second.xlsx"):
        with pytest.raises(SystemExit) as end:
            app([*words, "-o", str(tmp_path / target)])
        assert end.value.code == 0
        rows = json.loads(capsys.readouterr().out)["runs"]
        assert [row["scenario"] for row in rows] == ["pipes"] * 4 + ["again"] * 4
    assert len(list((tmp_path / "kept").glob("*.parquet"))) == 4
    sheets = pd.read_excel(tmp_path / "first.xlsx", sheet_name=None, header=1, engine="openpyxl")
    assert list(sheets) == ["provenance", "summary", "runs", "nodes", "dictionary"]
    again = pd.read_excel(tmp_path / "second.xlsx", sheet_name="runs", header=1, engine="openpyxl")
    pd.testing.assert_frame_equal(sheets["runs"], again)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--return-period", "two"], "expected numbers separated by commas"),
        (["--engine", "extran", "--storm-formula", "demo"], "expected one of screening, swmm, auto"),
        (["--scenario", "pipes=x.geojson"], "a scenario 'pipes' already exists"),
    ],
)
def test_the_terminal_refuses_what_it_cannot_mean(words: list[str], said: str, tmp_path: Path) -> None:
    source = save(throat(), tmp_path / "pipes.geojson")
    answer = CliRunner().invoke(app, ["ensemble", str(source), *words])
    assert (answer.exit_code, said in answer.stderr) == (1, True)


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(dr.errors.SimulationError, match="without runs"):
        run_ensemble([])
    with pytest.raises(dr.errors.SimulationError, match="workers is -1; expected a whole number of 1 or more"):
        run_ensemble(runs(), workers=-1)
    with pytest.raises(dr.errors.SimulationError, match="needs a storm"):
        EnsembleRun(throat(), None)
    with pytest.raises(dr.errors.SimulationError, match="expected screening or swmm"):
        EnsembleRun(throat(), rain(), engine="extran")  # type: ignore[arg-type]  # that is the point
