"""`drainage analyze`, `demo`, `compare` and `pay`: all questions about a network or its works."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import drainage as dr
from drainage import telling, writing
from drainage.cli.inputs import AreaType, Dated, Ground, Rainfall, Reader
from drainage.cli.outputs import OUTPUTS, Output
from drainage.cli.printing import finish, print_json, print_line, print_summaries, print_told, say, say_all
from drainage.cli.progress import shown
from drainage.cli.simulating import Engine, Granted
from drainage.days import on_day
from drainage.maps.base_maps import BaseMap, check_base_map
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.hydraulics.rainfall import Storm
    from drainage.report.two_sides import BothReports, Nets, Side


def analyze(
    source: list[str], /, *, output: Path, roads: str | None = None, reports: str | None = None,
    area_type: AreaType = "central", also: str | None = None, partitions: int | None = None,
    workers: int | None = None, scheduler: str | None = None, reader: Dated, rainfall: Rainfall, granted: Granted,
    ground: Ground, engine: Engine, basemap: BaseMap = "none", keep: bool = False, json_: bool = False,
    force: bool = False,
) -> None:  # fmt: skip
    """Answer all questions and write a directory with tables, layers and the map."""
    from drainage.cli.pieces.in_partitions import Parted, analyze_parted
    from drainage.report.analyze import check_also

    setup = granted.setup()
    parted = Parted(partitions, workers, scheduler)
    parted.check({"--also": also, "--dem": ground.dem, "--basemap": basemap != "none",
                  "--engine": engine.engine != "screening", "--keep": keep})  # fmt: skip
    layers = {"roads": roads, "reports": reports}
    if parted.partitions is not None:
        read = partial(_read_of_day, source, output, layers, reader, rainfall, setup)
        analyze_parted(read, output, parted.partitions, parted, setup, area_type, as_json=json_, force=force)
    writing.check_free_directory(output, force=force)
    plans = [] if also is None else [name.strip() for name in also.split(",") if name.strip()]
    check_also(plans)
    check_base_map(basemap)
    whole = reader.whole(source, (output,), **layers)
    net = on_day(whole, reader.as_of)
    storm = rainfall.storm(net)
    report = Asked(storm, setup, engine, ground, area_type).report(net, also=plans, basemap=basemap, keep=keep)
    report.write(output, force=force)
    print_summaries({"": report.summary}, report.provenance, as_json=json_)
    if keep and not report.runs:
        say(in_both("no_storm_kept"))
    reader.say_other_day(whole, storm, setup)
    say(f"\n{output / 'map.html'}")
    finish(report)


def _read_of_day(
    source: list[str], output: Path, layers: Mapping[str, str | None], reader: Dated, rainfall: Rainfall,
    setup: dr.Setup,
) -> tuple[dr.DrainageNetwork, Storm | None]:  # fmt: skip
    """Read a network as it lay on its day, and its storm; nothing else holds the network then."""
    whole = reader.whole(source, (output,), **layers)
    net = on_day(whole, reader.as_of)
    storm = rainfall.storm(net)
    reader.say_other_day(whole, storm, setup)
    return net, storm


def demo(
    *, output: Path = Path("drainage-demo"), as_of: str = "2018-12-31", json_: bool = False, force: bool = False
) -> None:
    """Answer all questions for the demo city that comes with the package: synthetic data, not a real place."""
    writing.check_free_directory(output, force=force)
    net = on_day(dr.load_demo(), as_of)
    storm = Rainfall(storm_formula="demo").storm(net)
    report = Asked(storm, Granted().setup(), Engine(), Ground(), "central").report(net)
    report.write(output, force=force)
    if json_:
        print_summaries({"": report.summary}, report.provenance, as_json=True)
    else:
        waterlogging, mixed = report.results["waterlogging"], report.results["mixed_flow"]
        print_line(in_both("demo_found", day=as_of, **{**waterlogging.summary, **mixed.summary}))
        print_told([*telling.tables_told(waterlogging), *telling.tables_told(mixed)])
        say(in_both("demo_days"))
    say(f"\n{output / 'map.html'}")
    finish(report)


@dataclass(frozen=True, kw_only=True)
class Compared(Output):
    """Where a comparison goes: one file by its extension, else a directory."""

    @property
    def one_file(self) -> bool:
        """Whether the output is a file rather than a directory."""
        return self.output is not None and self.output.suffix.lower() in OUTPUTS

    def check(self) -> None:
        """Refuse an output before any work is done for it."""
        if self.output is not None and not self.one_file:
            writing.check_free_directory(self.output, force=self.force)
            replace(self, output=None).check()
        else:
            super().check()


def compare(
    source: str, other: str | None = None, /, *, before: str | None = None, after: str | None = None,
    roads: str | None = None, reports: str | None = None, area_type: AreaType = "central", moved_m: float = 0.5,
    changed_share: float = 0.1, near_m: float = 50.0, most_runs: int = 60, reader: Reader, rainfall: Rainfall,
    granted: Granted, ground: Ground, engine: Engine, out: Compared,
) -> None:  # fmt: skip
    """Show what the works did: to every waterlogging point, misconnection and road, and which works settled which."""
    from drainage.report.two_sides import TwoSides

    setup = granted.setup()
    sides = TwoSides(source, other, before, after).read(
        lambda path: reader.whole([path], out.paths, roads=roads, reports=reports)
    )
    nets = sides[0].net, sides[1].net
    changes = dr.analyses.find_changes(*nets, moved_m=moved_m)
    asked = Asked(rainfall.storm(nets[0]), setup, engine, ground, area_type)  # one storm for both
    both = asked.both_sides(sides)
    outcome = asked.outcome(nets, both, changes, changed_share=changed_share, near_m=near_m, most_runs=most_runs)
    compared = dr.report.compare_reports(
        *both.reports, labels=[one.label for one in sides], outcome=outcome, basemap=out.basemap
    )
    if out.json_:
        print_json({**compared.summaries, **compared.told}, compared.provenance)
    else:
        print_told(telling.outcome_told(outcome))
        print_summaries(compared.summaries, compared.provenance, as_json=False)
    if out.map_ is not None:
        out.write_map(compared.drawn)
    out.draw(outcome)
    if out.one_file and out.output is not None:
        whole = out.table is not None or out.output.suffix.lower() in {".xlsx", ".gpkg"}
        (out if whole else replace(out, table="changes")).write(outcome)
    elif out.output is not None:
        compared.write(out.output, force=out.force)
        say(f"\n{out.output / 'map.html'}")
    out.end(outcome)


def pay(
    source: str, other: str | None = None, /, *, terms: Path, before: str | None = None, after: str | None = None,
    roads: str | None = None, reports: str | None = None, area_type: AreaType = "central", reader: Reader,
    rainfall: Rainfall, granted: Granted, ground: Ground, engine: Engine, out: Output,
) -> None:  # fmt: skip
    """Score the objects of a contract by what was measured before and after the works, and compute the payment."""
    from drainage.report.comparison import rows_of_tables
    from drainage.report.two_sides import TwoSides

    named = TwoSides(source, other, before, after)
    chosen = dr.report.PayTerms.from_file(terms)  # what is wrong with it is said before anything is read
    sides = named.read(lambda path: reader.whole([path], out.paths, roads=roads, reports=reports))
    nets = sides[0].net, sides[1].net
    dr.analyses.find_changes(*nets)  # refuses two towns before anything is simulated
    both = Asked(rainfall.storm(nets[0]), granted.setup(), engine, ground, area_type).both_sides(sides)
    result = dr.pay_sheet(*both.reports, chosen)
    out.print(result, **({"tables": rows_of_tables(result)} if out.json_ else {}))
    out.print_tables(result)
    out.end(result)


@dataclass(frozen=True)
class Asked:
    """In what all questions are asked about a network: a storm, by an engine, on its ground."""

    storm: Storm | None
    setup: dr.Setup
    engine: Engine
    ground: Ground
    area_type: AreaType

    def report(
        self, net: dr.DrainageNetwork, *, also: Sequence[str] = (), basemap: BaseMap = "none", keep: bool = False
    ) -> dr.report.Report:
        """Answer all questions, with their progress on standard error."""
        from drainage.report.analyze import analyze_in_steps, steps_of

        dem = self.ground.read(net)
        with shown("analyze", steps=len(steps_of(also))) as progress:
            return analyze_in_steps(
                net, simulate=self.simulate, progress=progress, storm=self.storm, setup=self.setup, dem=dem,
                area_type=self.area_type, also=also, basemap=basemap, keep=keep,
            )  # fmt: skip

    def simulate(
        self, net: dr.DrainageNetwork, progress: Callable[[float], None] = lambda _: None
    ) -> dr.simulation.FlowState:
        """Run the storm on a network; without a progress of its own nothing is shown."""
        return self.engine.run(net, self.storm, self.setup, progress)

    def both(self, nets: Nets) -> BothReports:
        """Answer all questions about two networks, by one engine."""
        from drainage.report.two_sides import by_one_engine

        return by_one_engine(nets, self.report, replace(self, engine=Engine()).report)

    def both_sides(self, sides: tuple[Side, Side]) -> BothReports:
        """Answer likewise, and say of a side that is asked about today which other day it tells of."""
        both = self.both((sides[0].net, sides[1].net))
        for one in sides:
            if one.day is None:
                how = {"option": f"--{one.name}", "of": one.label}
                say_all(telling.other_day_told(one.whole, storm=self.storm, setup=self.setup, **how))
        return both

    def outcome(self, nets: Nets, both: BothReports, changes: dr.Result, **how: object) -> dr.Result:
        """Measure what lies between two networks; ``how`` are keywords of `measure_outcome`."""
        from drainage.report.two_sides import outcome_of

        dem = self.ground.read(nets[1])
        same = replace(self, engine=replace(self.engine, engine="swmm") if both.ran == "swmm" else Engine())
        with shown("compare") as progress:
            known = {"dem": dem, "area_type": self.area_type, "progress": progress}
            return outcome_of(nets, both, changes, same.simulate, **known, **how)
