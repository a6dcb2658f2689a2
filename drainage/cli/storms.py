"""What a storm is and does: `storm`, `waterlogging`, `gauge` against measured levels, `ensemble` for many storms."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, NoReturn

import drainage as dr
from drainage import telling, writing
from drainage.cli.inputs import AreaType, Dated, Ground, Rainfall, Score
from drainage.cli.outputs import OUTPUTS, Output
from drainage.cli.printing import print_json, print_summaries, print_told, say, say_all
from drainage.cli.progress import shown
from drainage.cli.simulating import Engine, EngineName, Granted
from drainage.days import on_day
from drainage.errors import FormatError
from drainage.spelt.named_numbers import numbers_by_name, numbers_in, own_numbers
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.hydraulics.rainfall import Storm

DistributionName = Literal["pearson3", "gumbel", "exponential"]
FitBy = Literal["absolute", "relative"]


@dataclass(frozen=True, kw_only=True)
class Fitting:
    """How a formula is fitted to the annual maxima of a gauge."""

    title: ClassVar = "fitting"
    name: str = ""
    distribution: DistributionName | None = None
    fit_by: FitBy = "absolute"
    least_years: int = 20
    least_share: float = 0.9
    dry_between_min: float = 120.0
    fixed_interval_min: float | None = None
    confidence: float = 0.95
    replicas: int = 500
    seed: int = 0
    date_order: str | None = None

    def fit(self, path: Path) -> dr.Result:
        """Read the maxima and fit the formula."""
        from drainage.analyses.storm_fit.fit_file import fit_gauge

        return fit_gauge(path, **vars(self))


def storm(
    formula: str | None = None, /, *, list_: bool = False, fit: Path | None = None, curves: Path | None = None,
    rainfall: Rainfall, fitting: Fitting, step: float = 5.0, output: list[Path] | None = None, json_: bool = False,
    force: bool = False,
) -> None:  # fmt: skip
    """Show the rain of a formula or a gauge, check a formula, list those that are registered, or fit one to a gauge."""
    from drainage.formats.rain.formula_file import check_curve_file, check_fit_file
    from drainage.formats.rain.storm_file import check_storm_file

    goals = output or []
    asked = (formula or rainfall.storm_formula or rainfall.rain) is not None
    if [asked, list_, fit is not None].count(True) > 1 or (list_ and (goals or curves)):
        raise FormatError(in_both("storm_one_thing"))
    if list_:
        _list_formulas(as_json=json_)
        return
    check = check_storm_file if fit is None else check_fit_file
    for path, right in [*((path, check) for path in goals), *((path, check_curve_file) for path in [curves] if path)]:
        right(path)
        writing.check_free_answer(path, ending=path.suffix.lower(), force=force)
    if fit is not None:
        _fit(fitting, fit, [*goals, *([curves] if curves else [])], as_json=json_, force=force)
    chosen = (rainfall if formula is None else replace(rainfall, storm_formula=formula)).storm(None)
    if chosen is None:
        raise FormatError(in_both("storm_unsaid"))
    designed = chosen if isinstance(chosen, dr.DesignStorm) else None
    if curves is not None and designed is None:
        raise FormatError(in_both("curves_of_formula"))
    checked = None if designed is None else dr.analyses.check_storm_formula(designed.formula)
    _print_storm(chosen, checked, as_json=json_)
    for path in goals:
        say(dr.formats.write_storm(chosen, path, step_min=step, force=force))
    if curves is not None and designed is not None:
        say(dr.formats.write_intensities(designed.formula, curves, force=force))
    if checked is not None and checked.summary["checks_by_verdict"]["wrong"]:
        say(checked.summary["advice"])
        sys.exit(2)


def _print_storm(chosen: Storm, checked: dr.Result | None, *, as_json: bool) -> None:
    """Print a storm, and what was found of its formula."""
    from drainage.cells import plain_rows, to_plain

    facts = {"storm": to_plain(chosen.facts)}
    if checked is not None and as_json:
        rows = plain_rows(checked.tables["intensities"])
        facts |= {"formula_check": to_plain(checked.summary), "intensities": rows}
    print_summaries({"": facts}, dr.provenance.Provenance.of_storm(chosen), as_json=as_json)
    if isinstance(chosen, dr.DesignStorm) and checked is not None and not as_json:
        told = telling.intensities_told(checked.tables["intensities"], chosen.return_period_a)
        print_told([*telling.tables_told(checked), *told])


def _list_formulas(*, as_json: bool) -> None:
    """Print the registered formulas, with source and whether they are verified."""
    from drainage.formats.rain.storm_formula import registered_formulas

    known = registered_formulas()
    if as_json:
        from drainage.cells import plain_rows  # which loads more than the list needs

        print_json({"formulas": plain_rows(known.reset_index())}, dr.provenance.Provenance())
    else:
        print_told(telling.formulas_told(known))


def _fit(fitting: Fitting, path: Path, goals: list[Path], *, as_json: bool, force: bool) -> NoReturn:
    """Fit a formula, print what was found and write it in each form that is asked for."""
    from drainage.analyses.storm_fit.fit_file import write_fit

    out = Output(json_=as_json, force=force)
    with shown("storm_formula"):
        result = fitting.fit(path)
    out.print(result)
    out.print_tables(result)
    if not as_json:
        intensities = result.tables["intensities"]
        print_told([*telling.intensities_told(intensities, 10.0), *telling.bounds_told(intensities)])
    for goal in goals:
        if goal.suffix.lower() in OUTPUTS:
            replace(out, output=goal).write(result)
        else:
            say(write_fit(result, goal, force=force))
    out.end(result)


def waterlogging(
    source: list[str], /, *, reports: str | None = None, area_type: AreaType = "central",
    match_distance_m: float = 100.0, least_depth_m: float = 0.05, road_width_m: float = 12.0,
    return_periods: str = "0.5,1,2,3,5,10,20,30,50", large_area_m2: float = 1000.0,
    most_reruns: float = 40.0, tailwater_series: Path | None = None,
    reader: Dated, rainfall: Rainfall, granted: Granted, ground: Ground, engine: Engine, out: Output,
) -> None:  # fmt: skip
    """Find where it waterlogs in a storm, and why."""
    from drainage.simulation.by_engine import with_series
    from drainage.simulation.screening.screen import screen_beside

    setup = granted.setup()
    tried = numbers_in("--return-periods", return_periods)
    whole = reader.whole(source, out.paths, reports=reports)
    net = on_day(whole, reader.as_of)
    storm = rainfall.storm(net)
    dem = ground.read(net)
    state = engine.run(net, storm, with_series(setup, tailwater_series, storm))
    with shown("waterlogging") as progress:
        result = dr.find_waterlogging(
            state, screening=screen_beside(state), sightings=net.layers.get("reports"), dem=dem, area_type=area_type,
            match_distance_m=match_distance_m, least_depth_m=least_depth_m, road_width_m=road_width_m,
            return_periods_a=tried, large_area_m2=large_area_m2, most_reruns=most_reruns, progress=progress,
        )  # fmt: skip
    out.print(result)
    out.print_tables(result)
    reader.say_other_day(whole, storm, setup)
    out.end(result)


def gauge(
    source: list[str], /, *, observed: Path, begins: str | None = None, offset: list[str] | None = None,
    score: Score = "nse", most_runs: int = 12, set_: list[str] | None = None, tailwater_series: Path | None = None,
    processes: int | None = None,
    time_limit: float = 600.0, engine_option: list[str] | None = None, figure: Path | None = None,
    reader: Dated, rainfall: Rainfall, granted: Granted, out: Output,
) -> None:  # fmt: skip
    """Compare a model with what gauges measured, and find what would mend it."""
    from drainage.analyses.gauges.figure_file import check_gauge_figure, write_gauge_figure
    from drainage.simulation.by_engine import with_series

    setup = granted.setup()
    if figure is not None:
        check_gauge_figure(figure, force=out.force)
    options = Engine(engine="swmm", engine_option=engine_option).options()
    (limits,) = own_numbers("--set", set_, dr.analyses.GaugeLimits)
    offsets = numbers_by_name(offset, "gauge_offset_unread")
    readings = dr.formats.read_gauges(observed, date_order=reader.date_order())
    say_all(readings.notes, of=[observed.name])
    whole = reader.whole(source, (*out.paths, figure))
    net = on_day(whole, reader.as_of)
    storm = rainfall.storm(net)
    if storm is None and net.origin.model is None:
        raise FormatError(in_both("storm_unsaid"))
    with shown("EPA SWMM") as progress:
        result = dr.analyses.compare_with_gauges(
            net, readings, storm, with_series(setup, tailwater_series, storm), begins=begins,
            offsets_m=offsets, score=score, most_runs=most_runs, limits=limits,
            options=options, processes=processes, time_limit_s=time_limit, progress=progress,
        )  # fmt: skip
    out.print(result)
    out.print_tables(result)
    if figure is not None:
        say(write_gauge_figure(result, figure, force=out.force))
    reader.say_other_day(whole, storm, setup)
    out.end(result)


def ensemble(
    source: str, /, *, scenario: list[str] | None = None, return_period: str = "2,5,20", duration: str = "120",
    tailwater: str | None = None, keep: Path | None = None, workers: int | None = None, scheduler: str | None = None,
    engine: EngineName = "screening", time_limit: float = 60.0,
    engine_option: list[str] | None = None, reader: Dated, rainfall: Rainfall, granted: Granted,
    output: Path | None = None, table: str | None = None, json_: bool = False, force: bool = False,
) -> None:  # fmt: skip
    """Run many storms on all cores; exit 2 where one failed."""
    from drainage.cells import plain_rows, to_plain
    from drainage.simulation.ensemble.scenarios import runnable, scenarios_named, with_engines

    out = Output(output=output, table=table, json_=json_, force=force)
    setup = granted.setup()
    out.check()
    options = Engine(engine=engine, engine_option=engine_option).options()
    networks = {name: reader.read([file], out.paths) for name, file in scenarios_named(source, scenario or []).items()}
    first = next(iter(networks.values()))
    storms = runnable(_storms(rainfall, return_period, duration, first), first)
    runs = dr.simulation.combine_runs(networks, storms, setup=setup, tailwaters_m=_levels(tailwater), options=options)
    runs = with_engines(runs, engine, time_limit)
    if engine == "auto":
        asked = sum(run.engine == "swmm" for run in runs)
        say(in_both("auto_of_runs", asked=asked, runs=len(runs), limit_s=time_limit))
    with shown("ensemble", steps=len(runs)) as progress:
        result = dr.simulation.run_ensemble(runs, keep=keep, workers=workers, scheduler=scheduler, progress=progress)
    rows = result.tables["runs"]
    if json_:
        print_json({"summary": to_plain(result.summary), "runs": plain_rows(rows.reset_index())}, result.provenance)
    out.print_tables(result)
    for number, row in rows[rows["error"] != ""].iterrows():
        say(in_both("run_failed", number=number, scenario=row["scenario"], error=row["error"]))
    out.write(result)
    sys.exit(2 if result.summary["failed"] else 0)


def _storms(rainfall: Rainfall, return_period: str, duration: str, net: dr.DrainageNetwork) -> list[Storm | None]:
    """Return a storm for each return period and duration that makes a difference."""
    periods, minutes = numbers_in("--return-period", return_period), numbers_in("--duration", duration)
    return [
        replace(rainfall, return_period=period, duration=length).storm(net)
        for period in (periods if rainfall.rain is None and rainfall.depth_mm is None else periods[:1])
        for length in (minutes if rainfall.rain is None else minutes[:1])
    ]


def _levels(text: str | None) -> list[float | None]:
    parts = (text or "none").split(",")
    return [None if part.strip() == "none" else numbers_in("--tailwater", part)[0] for part in parts]
