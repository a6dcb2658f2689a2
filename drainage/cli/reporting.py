"""`drainage analyze`, `demo` and `compare`, all questions about a network or its works, and `serve`, the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drainage.cli.history import on_day, say_day
from drainage.cli.inputs import AreaType, Dated, Ground, Rainfall, Reader
from drainage.cli.printing import Output, finish, print_first, print_line, print_summary, say
from drainage.cli.progress import shown
from drainage.cli.sewers import WORST_MIXED
from drainage.cli.simulating import Engine, Granted
from drainage.cli.storms import WORST_POINTS
from drainage.errors import FormatError
from drainage.said import joined
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.report.directory import Report
    from drainage.simulation.setup import Setup
    from drainage.simulation.state import FlowState


def analyze(
    source: list[str], /, *, output: Path, roads: str | None = None, reports: str | None = None,
    area_type: AreaType = "central", reader: Dated, rainfall: Rainfall, granted: Granted, ground: Ground,
    engine: Engine, json_: bool = False, force: bool = False,
) -> None:  # fmt: skip
    """Answer all questions and write a directory with tables, layers and the map."""
    from drainage.writing import check_free_directory

    setup = granted.setup()
    check_free_directory(output, force=force)
    whole = reader.whole(source, (output,), roads=roads, reports=reports)
    net = on_day(whole, reader.as_of)
    storm = rainfall.storm(net)
    report = _report(net, storm, setup, engine, ground, area_type)
    report.write(output, force=force)
    print_summary({"": report.summary}, report.provenance, as_json=json_)
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


def serve(directory: Path, /, *, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the answers as OGC API Features with their map; needs the extra api."""
    if not 0 < port < 2**16:
        raise FormatError(in_both("port_unknown", port=port))
    try:
        import uvicorn

        from drainage_api.main import create_app
    except ImportError as error:
        raise FormatError(in_both("serve_wants_extra")) from error
    from drainage.report.directory import read_report

    uvicorn.run(create_app(report=read_report(directory)), host=host, port=port)


def compare(
    source: str, other: str | None = None, /, *, before: str | None = None, after: str | None = None,
    roads: str | None = None, reports: str | None = None, area_type: AreaType = "central", reader: Reader,
    rainfall: Rainfall, granted: Granted, ground: Ground, engine: Engine,
    output: Path | None = None, json_: bool = False, force: bool = False,
) -> None:  # fmt: skip
    """Show what the works changed: the summaries side by side, and one map with a switch."""
    from drainage.report.comparison import compare_reports
    from drainage.writing import check_free_directory

    sides = Sides(source, other, before, after)
    setup = granted.setup()
    if output is not None:
        check_free_directory(output, force=force)
    answers = sides.reports(reader, rainfall, setup, engine, ground, area_type, (output,), roads=roads, reports=reports)
    compared = compare_reports(*answers.values(), labels=tuple(answers))
    print_summary(compared.summaries, compared.provenance, as_json=json_)
    if output is not None:
        compared.write(output, force=force)
        say(f"\n{output / 'map.html'}")


def pay(
    source: str, other: str | None = None, /, *, terms: Path, before: str | None = None, after: str | None = None,
    roads: str | None = None, reports: str | None = None, area_type: AreaType = "central", reader: Reader,
    rainfall: Rainfall, granted: Granted, ground: Ground, engine: Engine, out: Output,
) -> None:  # fmt: skip
    """Score the objects of a contract by what was measured before and after the works, and compute the payment."""
    from drainage.report.pay import PayTerms, pay_sheet

    sides = Sides(source, other, before, after)
    out.check()
    chosen = PayTerms.from_file(terms)  # what is wrong with it is said before anything is read
    setup = granted.setup()
    answers = sides.reports(reader, rainfall, setup, engine, ground, area_type, out.paths, roads=roads, reports=reports)
    first, second = answers.values()
    result = pay_sheet(first, second, chosen)
    out.print(result)
    lines, scored = (
        result.tables["sheet"],
        ("object", "item", "before", "after", "measured", "most_points", "got_points"),
    )
    out.first("lines of the pay sheet", lines[lines["scored_by"] != "not_scored"], scored, most=None)
    out.first(
        "objects", result.tables["objects"], ("object", "counted_points", "got_points", "score", "grade"), most=None
    )
    out.first("items not scored", result.tables["not_scored"], ("object", "item", "most_points", "why_not"), most=None)
    out.end(result)


@dataclass(frozen=True)
class Sides:
    """Two networks of one town, before and after the works: two sources, or two days of one."""

    source: str
    other: str | None
    before: str | None
    after: str | None

    def __post_init__(self) -> None:
        """Refuse what cannot be two sides.

        Raises
        ------
        FormatError
            One source without two days, the same day twice, or the earlier day after the later.
        """
        one_file = self.other is None or Path(self.other).absolute() == Path(self.source).absolute()
        if self.other is None and (self.before is None or self.after is None):
            raise FormatError(in_both("compare_what"))
        if one_file and self.before == self.after:
            raise FormatError(in_both("pay_two_sides", path=self.source))
        if self.before is not None and self.after is not None and self.before > self.after:
            raise FormatError(in_both("days_exchanged", before=self.before, after=self.after))

    def reports(
        self, reader: Reader, rainfall: Rainfall, setup: Setup, engine: Engine, ground: Ground, area_type: str,
        outputs: Sequence[Path | None], **layers: str | None,
    ) -> dict[str, Report]:  # fmt: skip
        """Return label → report, the one before the works first, both asked in one storm by one engine.

        Raises
        ------
        FormatError
            They are in two coordinate systems.
        """
        from drainage.analyses.changes.find_changes import find_changes

        wholes = {
            path: reader.whole([path], outputs, **layers)
            for path in dict.fromkeys((self.source, self.other or self.source))
        }
        sides = (("before", self.source, self.before), ("after", self.other or self.source, self.after))
        nets = [on_day(wholes[path], day) for _, path, day in sides]
        if nets[0].crs != nets[1].crs:
            raise FormatError(in_both("lies_elsewhere", path=self.other or self.source, source=self.source))
        find_changes(nets[0], nets[1])  # refuses two towns before anything is simulated
        answers: dict[str, Report] = {}
        for (name, path, day), net in zip(sides, nets, strict=True):
            storm = rainfall.storm(net)
            label = joined([in_both(f"{name}_works"), day or Path(net.source).stem], " ")
            answers[label] = _report(net, storm, setup, engine, ground, area_type)
            if day is None:
                say_day(wholes[path], storm=storm, setup=setup, option=f"--{name}", of=label)
        return answers


def _report(
    net: DrainageNetwork, storm: Storm | None, setup: Setup, engine: Engine, ground: Ground, area_type: str
) -> Report:
    from drainage.report.analyze import STEPS
    from drainage.report.analyze import analyze as analyze_network

    dem = ground.read(net)
    with shown("analyze", steps=len(STEPS)) as progress:

        def simulate(net: DrainageNetwork) -> FlowState:
            begun = STEPS.index("waterlogging")
            return engine.run(net, storm, setup, lambda done: progress((begun + done) / len(STEPS)))

        def show(step: str) -> None:
            progress(STEPS.index(step) / len(STEPS))

        return analyze_network(
            net, storm=storm, setup=setup, simulate=simulate, dem=dem, area_type=area_type, step=show
        )
