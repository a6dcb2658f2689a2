"""`drainage analyze`, `demo` and `compare`, all questions about a network or its works, and `serve`, the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from drainage.cli.history import day_in, on_day, say_day
from drainage.cli.inputs import AreaType, Dated, Ground, Rainfall, Reader, systems_of
from drainage.cli.printing import (
    OUTPUTS,
    Output,
    finish,
    print_first,
    print_json,
    print_line,
    print_summary,
    say,
)
from drainage.cli.progress import shown
from drainage.cli.sewers import WORST_MIXED
from drainage.cli.simulating import Engine, Granted
from drainage.cli.storms import WORST_POINTS
from drainage.cli.wording import spoken
from drainage.errors import FormatError
from drainage.maps.base_maps import BaseMap, check_base_map
from drainage.said import joined
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.report.directory import Report
    from drainage.result import Result
    from drainage.simulation.setup import Setup
    from drainage.simulation.state import FlowState

    #: Two networks of one town, the one before first.
    Nets = tuple[DrainageNetwork, DrainageNetwork]

#: Points, and works that settled some, that are printed.
MOST_POINTS = 30
#: Coverage of a road that differs by less is the same, %.
_LEAST_CHANGE_PCT = 0.1


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
    from drainage.writing import check_free_directory

    setup = granted.setup()
    parted = Parted(partitions, workers, scheduler)
    parted.check(also=also, dem=ground.dem, basemap=basemap, engine=engine.engine, keep=keep)
    if parted.partitions is not None:
        analyze_parted(source, output, parted, roads, reports, area_type, reader, rainfall, setup, json_, force)
    check_free_directory(output, force=force)
    plans = [] if also is None else [name.strip() for name in also.split(",") if name.strip()]
    check_also(plans)
    check_base_map(basemap)
    whole = reader.whole(source, (output,), roads=roads, reports=reports)
    net = on_day(whole, reader.as_of)
    storm = rainfall.storm(net)
    report = _report(net, storm, setup, engine, ground, area_type, plans, basemap, keep=keep)
    report.write(output, force=force)
    print_summary({"": report.summary}, report.provenance, as_json=json_)
    if keep and not report.runs:
        say(in_both("no_storm_kept"))
    if reader.as_of is None:
        say_day(whole, storm=storm, setup=setup)
    say(f"\n{output / 'map.html'}")
    finish(report)


def demo(
    *, output: Path = Path("drainage-demo"), as_of: str = "2018-12-31", json_: bool = False, force: bool = False
) -> None:
    """Answer all questions for the demo city that comes with the package: synthetic data, not a real place."""
    from drainage.intake.demo import load_demo
    from drainage.writing import check_free_directory

    check_free_directory(output, force=force)
    net = on_day(load_demo(), as_of)
    storm = Rainfall(storm_formula="demo").storm(net)
    report = _report(net, storm, Granted().setup(), Engine(), Ground(), "central")
    report.write(output, force=force)
    if json_:
        print_summary({"": report.summary}, report.provenance, as_json=True)
    else:
        waterlogging, mixed = report.results["waterlogging"], report.results["mixed_flow"]
        print_line(in_both("demo_found", day=as_of, **{**waterlogging.summary, **mixed.summary}))
        print_first("points by volume", waterlogging.points, WORST_POINTS)
        print_first("what fouls most", mixed.points.sort_values("fouled_length_m", ascending=False), WORST_MIXED)
        say(in_both("demo_days"))
    say(f"\n{output / 'map.html'}")
    finish(report)


def compare(
    source: str, other: str | None = None, /, *, before: str | None = None, after: str | None = None,
    roads: str | None = None, reports: str | None = None, area_type: AreaType = "central", moved_m: float = 0.5,
    changed_share: float = 0.1, near_m: float = 50.0, most_runs: int = 60, reader: Reader, rainfall: Rainfall,
    granted: Granted, ground: Ground, engine: Engine, out: Output,
) -> None:  # fmt: skip
    """Show what the works did: to every waterlogging point, misconnection and road, and which works settled which."""
    from drainage.analyses.changes.find_changes import find_changes
    from drainage.report.comparison import compare_reports

    sides = Sides(source, other, before, after)
    setup = granted.setup()
    one_file = out.output is not None and out.output.suffix.lower() in OUTPUTS
    _check_output(out, one_file=one_file)
    read = sides.read(reader, out.paths, roads=roads, reports=reports)
    nets = read.nets
    changes = find_changes(*nets, moved_m=moved_m)
    storm = rainfall.storm(nets[0])  # one for both
    made, ran = sides.reports(read, storm, setup, engine, ground, area_type)
    outcome = outcome_of(
        nets, made, ran, changes, storm, setup, engine, dem=ground.read(nets[1]), area_type=area_type,
        changed_share=changed_share, near_m=near_m, most_runs=most_runs,
    )  # fmt: skip
    compared = compare_reports(made[0], made[1], labels=read.labels, outcome=outcome, basemap=out.basemap)
    if out.json_:
        print_json({**compared.summaries, **compared.told}, compared.provenance)
    else:
        print_outcome(outcome)
        print_summary(compared.summaries, compared.provenance, as_json=False)
    if out.map_ is not None:
        out.write_map(compared.drawn)
    out.draw(outcome)
    if one_file and out.output is not None:
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
    from drainage.analyses.changes.find_changes import find_changes
    from drainage.report.comparison import rows_of_tables
    from drainage.report.pay import PayTerms, pay_sheet

    sides = Sides(source, other, before, after)
    out.check()
    chosen = PayTerms.from_file(terms)  # what is wrong with it is said before anything is read
    read = sides.read(reader, out.paths, roads=roads, reports=reports)
    find_changes(*read.nets)  # refuses two towns before anything is simulated
    (first, second), _ = sides.reports(read, rainfall.storm(read.nets[0]), granted.setup(), engine, ground, area_type)
    result = pay_sheet(first, second, chosen)
    out.print(result, **({"tables": rows_of_tables(result)} if out.json_ else {}))
    lines, objects = result.tables["sheet"], result.tables["objects"]
    told = ("object", "item", "before", "after", "measured", "most_points", "got_points")
    out.first("lines of the pay sheet", lines[lines["scored_by"] != "not_scored"], told, most=None)
    out.first("objects", objects, ("object", "counted_points", "got_points", "score", "grade"), most=None)
    out.first("items not scored", result.tables["not_scored"], ("object", "item", "most_points", "why_not"), most=None)
    out.end(result)


class Read(NamedTuple):
    """Both networks as they were read, each on its day, what each is called, and each with the pipes of all days."""

    nets: Nets
    labels: tuple[str, str]
    wholes: tuple[DrainageNetwork, DrainageNetwork]


@dataclass(frozen=True)
class Sides:
    """Two networks of one town, before and after the works: two sources, or two days of one.

    Raises
    ------
    FormatError
        One file without two days, or days that are no days, the same, or the wrong way round.
    """

    source: str
    other: str | None
    before: str | None
    after: str | None

    def __post_init__(self) -> None:
        """Refuse what is no pair."""
        source, other, before, after = self.source, self.other, self.before, self.after
        days = [None if day is None else day_in(day) for day in (before, after)]
        systems = [systems_of(word) for word in (source, other or source)]
        if systems[0] != systems[1]:
            raise FormatError(in_both("compare_systems", first=source, second=other))
        one_file = other in (None, source)
        if other is not None and Path(source).exists() and Path(other).exists():
            one_file = Path(source).samefile(other)
        if one_file and None in days:
            raise FormatError(in_both("compare_what") if other is None else in_both("compare_twice", path=source))
        if days[0] is not None and days[1] is not None:
            if days[0] > days[1]:
                raise FormatError(in_both("days_exchanged", before=before, after=after))
            if one_file and days[0] == days[1]:
                raise FormatError(in_both("days_equal", day=before))

    @property
    def _named(self) -> tuple[tuple[str, str, str | None], ...]:
        """Side, source and day of each."""
        return ("before", self.source, self.before), ("after", self.other or self.source, self.after)

    def read(self, reader: Reader, outputs: Sequence[Path | None], **layers: str | None) -> Read:
        """Read both.

        Raises
        ------
        FormatError
            They are in two coordinate systems.
        """
        paths = [path for _, path, _ in self._named]
        wholes = {path: reader.whole([path], outputs, **layers) for path in dict.fromkeys(paths)}
        nets, labels = [], []
        for name, path, day in self._named:
            nets.append(on_day(wholes[path], day, option=f"--{name}"))
            if nets[-1].crs != nets[0].crs:
                ours, theirs = (
                    in_both("no_crs") if net.crs is None else net.crs.to_string() for net in (nets[0], nets[-1])
                )
                raise FormatError(in_both("lies_elsewhere", path=path, theirs=theirs, source=self.source, ours=ours))
            labels.append(joined([in_both(f"{name}_works"), day or Path(nets[-1].source).stem], " "))
        return Read((nets[0], nets[1]), (labels[0], labels[1]), (wholes[paths[0]], wholes[paths[1]]))

    def reports(
        self, read: Read, storm: Storm | None, setup: Setup, engine: Engine, ground: Ground, area_type: str
    ) -> tuple[tuple[Report, Report], str | Sequence[str] | None]:
        """Return all answers on both sides, by one engine, and which one ran."""
        found = both_reports(read.nets, storm, setup, engine, ground, area_type)
        for (name, _, day), whole, label in zip(self._named, read.wholes, read.labels, strict=True):
            if day is None:
                say_day(whole, storm=storm, setup=setup, option=f"--{name}", of=label)
        return found


def _check_output(out: Output, *, one_file: bool) -> None:
    """Refuse what is to be written before any work is done for it: a directory, or one file."""
    from drainage.writing import check_free_directory

    if out.output is not None and not one_file:
        check_free_directory(out.output, force=out.force)
        out = replace(out, output=None)
    out.check()


def outcome_of(
    nets: Nets, made: Sequence[Report], ran: str | Sequence[str] | None, changes: Result, storm: Storm | None,
    setup: Setup, engine: Engine, **how: Any,  # noqa: ANN401 - keywords of another function
) -> Result:  # fmt: skip
    """Measure what lies between two networks by their answers, in the storm and by the engine that gave them.

    ``how`` are the keywords of `measure_outcome`.
    """
    from drainage.analyses.outcome import measure_outcome
    from drainage.simulation.screening.answer import Screening

    same = replace(engine, engine="swmm") if ran == "swmm" else Engine()
    state = made[0].state

    def simulate(net: DrainageNetwork) -> FlowState:
        return state.after(net) if isinstance(state, Screening) else same.run(net, storm, setup, lambda _: None)

    with shown("compare") as progress:
        return measure_outcome(
            *nets, answers=[report.results for report in made], changes=changes,
            simulate=None if ran is None else simulate, progress=progress, **how,
        )  # fmt: skip


def both_reports(
    nets: Nets, storm: Storm | None, setup: Setup, engine: Engine, ground: Ground, area_type: str
) -> tuple[tuple[Report, Report], str | Sequence[str] | None]:
    """Return all answers of two networks, by one engine, and which one ran."""
    made = [_report(net, storm, setup, engine, ground, area_type) for net in nets]
    ran = [report.provenance.engine for report in made]
    if ran[0] != ran[1] and None not in ran:  # --engine auto asked two
        made, ran = [_report(net, storm, setup, Engine(), ground, area_type) for net in nets], ["screening"]
    return (made[0], made[1]), ran[0]


def print_outcome(outcome: Result) -> None:
    """Print what a town wants to hear first: its points, what was built, and what settled what."""
    summary, tables = outcome.summary, outcome.tables
    for name in ("nothing_changed", "not_measured"):
        if summary[name] is not None:
            print_line(spoken(summary[name]))
    if summary["by_fate"] is not None:
        print_line(in_both("points_told", before=summary["points_before"], after=summary["points_after"],
                           **summary["by_fate"]))  # fmt: skip
    points, works, roads = tables["points"], tables["works"], tables["roads"]
    names = ["id_before", *(["id_after"] if points["id_after"].notna().any() else [])]
    told = [*names, "road", "fate", "volume_before_m3", "volume_after_m3", "settled_by", "settled_how"]
    print_first("what became of the points", points, told, most=MOST_POINTS)
    settling = works[works["settled"] != ""]
    told = ["works_id", "road", "length_m", "laid_from", "laid_to", "settled"]
    print_first("works and what they settled", settling, told, most=MOST_POINTS)
    print_first("changes by kind", tables["kinds"], ("change", "feature_kind", "features", "length_km"), most=None)
    if summary["misconnections_by_fate"] is not None:
        print_line(in_both("misconnections_told", **summary["misconnections_by_fate"]))
    change = roads[["coverage_change_pct", "effective_change_pct"]]
    moved = roads[change.abs().ge(_LEAST_CHANGE_PCT).any(axis=1)]
    order = moved["effective_change_pct"].abs().sort_values(ascending=False, kind="stable").index
    told = ["road", "coverage_before_pct", "coverage_after_pct", "effective_before_pct", "effective_after_pct"]
    print_first("coverage by road", moved.loc[order], told)


def _report(
    net: DrainageNetwork, storm: Storm | None, setup: Setup, engine: Engine, ground: Ground, area_type: str,
    also: Sequence[str] = (), basemap: BaseMap = "none", *, keep: bool = False,
) -> Report:  # fmt: skip
    from drainage.report.analyze import analyze as analyze_network
    from drainage.report.analyze import steps_of

    dem, steps = ground.read(net), steps_of(also)
    with shown("analyze", steps=len(steps)) as progress:

        def simulate(net: DrainageNetwork) -> FlowState:
            begun = steps.index("waterlogging")
            return engine.run(net, storm, setup, lambda done: progress((begun + done) / len(steps)))

        def show(step: str) -> None:
            progress(steps.index(step) / len(steps))

        return analyze_network(
            net,
            storm=storm,
            setup=setup,
            simulate=simulate,
            dem=dem,
            area_type=area_type,
            also=also,
            basemap=basemap,
            keep=keep,
            step=show,
        )
