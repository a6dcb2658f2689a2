"""`drainage analyze`, `demo` and `compare`, all questions about a network or its works, and `serve`, the answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drainage.cli.history import on_day, say_day
from drainage.cli.inputs import AreaType, Dated, Ground, Rainfall, Reader
from drainage.cli.printing import finish, print_first, print_line, print_summary, say
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
    if other is None and (before is None or after is None):
        raise FormatError(in_both("compare_what"))
    if before is not None and after is not None and before > after:
        raise FormatError(in_both("days_exchanged", before=before, after=after))
    from drainage.report.comparison import compare_reports
    from drainage.writing import check_free_directory

    setup = granted.setup()
    if output is not None:
        check_free_directory(output, force=force)
    answers: dict[str, Report] = {}

    def read(path: str) -> DrainageNetwork:
        return reader.whole([path], (output,), roads=roads, reports=reports)

    first = read(source)
    for name, path, day in (("before", source, before), ("after", other or source, after)):
        whole = first if path == source else read(path)
        net = on_day(whole, day)
        if net.crs != first.crs:
            raise FormatError(in_both("lies_elsewhere", path=path, source=source))
        storm = rainfall.storm(net)
        label = joined([in_both(f"{name}_works"), day or Path(net.source).stem], " ")
        answers[label] = _report(net, storm, setup, engine, ground, area_type)
        if day is None:
            say_day(whole, storm=storm, setup=setup, option=f"--{name}", of=label)
    compared = compare_reports(*answers.values(), labels=tuple(answers))
    print_summary(compared.summaries, compared.provenance, as_json=json_)
    if output is not None:
        compared.write(output, force=force)
        say(f"\n{output / 'map.html'}")


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
