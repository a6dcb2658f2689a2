"""What a storm is and does: `storm`, `waterlogging`, `gauge` against measured levels, `ensemble` for many storms."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, NoReturn

from drainage.cli.history import on_day, say_day
from drainage.cli.inputs import AreaType, Dated, EngineName, Ground, Rainfall, Score, numbers_in, own_numbers
from drainage.cli.printing import OUTPUTS, Output, print_first, print_json, print_line, print_summary, print_table, say
from drainage.cli.progress import shown
from drainage.cli.simulating import TIME_LIMIT_OF_AUTO_S, Engine, Granted, choose_engine, with_series
from drainage.cli.terminal import printable
from drainage.errors import FormatError
from drainage.formats.addresses import is_database
from drainage.said import joined
from drainage.words import in_both

if TYPE_CHECKING:
    import pandas as pd

    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.result import Result
    from drainage.simulation.ensemble.runs import EnsembleRun

#: What is printed of points of waterlogging.
WORST_POINTS = ("road", "grade", "depth_m", "volume_m3", "cause", "begins_at_return_period_a", "worst_node")
_DISTRIBUTIONS = ("distribution", "chosen", "standard_error_pct", "kolmogorov_distance", "A", "C", "b_min", "n")
_CHECKS = ("check", "found", "expected", "verdict")
_PERIODS = ("return_period_a", "absolute_error_mm_per_min", "relative_error_pct")
_BOUNDS = ("duration_min", "return_period_a", "fitted_mm_per_min", "low_mm_per_min", "high_mm_per_min")
_BOUNDS_MIN, _BOUNDS_A = (5.0, 30.0, 60.0, 120.0), (2.0, 10.0, 100.0)
_BAR = 50
DistributionName = Literal["pearson3", "gumbel", "exponential"]
FitBy = Literal["absolute", "relative"]
_GAUGES = (
    "gauge", "quantity", "fit", "nse", "kge", "measured_peak", "computed_peak", "unit", "peak_late_min",
    "volume_off_pct", "gauge_doubt",
)  # fmt: skip
_REMEDIES = (
    "parameter", "changed_where", "value_now", "value_needed", "unit_of_value", "score_before", "score_after", "helps",
    "plausible",
)  # fmt: skip
_RUNS = (
    "scenario", "engine", "return_period_a", "duration_min", "tailwater_m", "overflow_nodes", "overflow_m3", "lost_m3",
    "seconds",
)  # fmt: skip


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

    def fit(self, path: Path) -> Result:
        """Read the maxima and fit the formula."""
        from drainage.analyses.storm_fit import fit_storm_formula
        from drainage.formats.rain.annual_maxima import read_annual_maxima

        maxima = read_annual_maxima(
            path, date_order=self.date_order, least_share=self.least_share, dry_between_min=self.dry_between_min
        )
        return fit_storm_formula(
            maxima, name=self.name, distribution=self.distribution, fit_by=self.fit_by, least_years=self.least_years,
            fixed_interval_min=self.fixed_interval_min, confidence=self.confidence, replicas=self.replicas,
            seed=self.seed,
        )  # fmt: skip


def storm(
    formula: str | None = None, /, *, list_: bool = False, fit: Path | None = None, curves: Path | None = None,
    rainfall: Rainfall, fitting: Fitting, step: float = 5.0, output: list[Path] | None = None, json_: bool = False,
    force: bool = False,
) -> None:  # fmt: skip
    """Show the rain of a formula or a gauge, check a formula, list those that are registered, or fit one to a gauge."""
    from drainage.formats.rain.formula_file import check_curve_file
    from drainage.formats.rain.storm_file import check_storm_file
    from drainage.writing import check_free_answer

    goals = output or []
    asked = (formula or rainfall.storm_formula or rainfall.rain) is not None
    if [asked, list_, fit is not None].count(True) > 1 or (list_ and (goals or curves)):
        raise FormatError(in_both("storm_one_thing"))
    if list_:
        _list_formulas(as_json=json_)
        return
    check = check_storm_file if fit is None else _check_fit_file
    for path, right in [*((path, check) for path in goals), *((path, check_curve_file) for path in [curves] if path)]:
        right(path)
        check_free_answer(path, ending=path.suffix.lower(), force=force)
    if fit is not None:
        _fit(fitting, fit, [*goals, *([curves] if curves else [])], as_json=json_, force=force)
    chosen = (rainfall if formula is None else replace(rainfall, storm_formula=formula)).storm(None)
    if chosen is None:
        raise FormatError(in_both("storm_unsaid"))
    _show(chosen, goals, curves, step=step, as_json=json_, force=force)


def _show(chosen: Storm, goals: list[Path], curves: Path | None, *, step: float, as_json: bool, force: bool) -> None:
    """Print a storm and what is to be said of its formula, and write the files that are asked for."""
    from drainage.analyses.storm_fit import check_storm_formula
    from drainage.formats.rain.formula_file import write_intensities
    from drainage.formats.rain.storm_file import write_storm
    from drainage.hydraulics.rainfall import DesignStorm
    from drainage.provenance import Provenance
    from drainage.report.analyze import to_plain

    checked = check_storm_formula(chosen.formula) if isinstance(chosen, DesignStorm) else None
    if curves is not None and checked is None:
        raise FormatError(in_both("curves_of_formula"))
    told = {"storm": to_plain(chosen.facts)}
    if checked is not None and as_json:
        told |= {"formula_check": to_plain(checked.summary), "intensities": _records(checked.tables["intensities"])}
    print_summary({"": told}, Provenance.of_storm(chosen), as_json=as_json)
    if checked is not None and not as_json:
        print_first("formula_check", checked.tables["checks"], _CHECKS, most=None)
        _print_curves(checked.tables["intensities"], chosen.return_period_a)
    for path in goals:
        say(write_storm(chosen, path, step_min=step, force=force))
    if curves is not None and isinstance(chosen, DesignStorm):
        say(write_intensities(chosen.formula, curves, force=force))
    if checked is not None and checked.summary["checks_by_verdict"]["wrong"]:
        say(checked.summary["advice"])
        sys.exit(2)


def _check_fit_file(path: Path) -> None:
    """Raise if a fit cannot be written to a file with this extension.

    Raises
    ------
    FormatError
        It is another.
    """
    from drainage.formats.rain.formula_file import CURVE_ENDINGS

    known = (".toml", *CURVE_ENDINGS, *OUTPUTS)
    if path.suffix.lower() not in known:
        raise FormatError(in_both("ending_unknown", name=path.name, known=", ".join(known)))


def _records(table: pd.DataFrame) -> list[object]:
    from drainage.report.analyze import to_plain

    return [to_plain(row) for _, row in table.iterrows()]


def _list_formulas(*, as_json: bool) -> None:
    """Print the registered formulas, with source and whether they are verified."""
    from drainage.formats.rain.storm_formula import registered_formulas
    from drainage.provenance import Provenance

    known = registered_formulas()
    if as_json:
        print_json({"formulas": _records(known.reset_index())}, Provenance())
        return
    print_first("formulas", known, ("formula", "A", "C", "b_min", "n", "year", "verified"), most=None)
    for name, row in known.iterrows():
        print_line(joined(filter(None, [f"{name}: {row['source']}", row["also"]]), "; "))


def _fit(fitting: Fitting, path: Path, goals: list[Path], *, as_json: bool, force: bool) -> NoReturn:
    """Fit a formula, print what was found and write it in each form that is asked for."""
    from drainage.analyses.storm_fit import fitted_formula
    from drainage.formats.rain.formula_file import CURVE_ENDINGS, write_intensities, write_storm_formula

    out = Output(json_=as_json, force=force)
    with shown("storm_formula"):
        result = fitting.fit(path)
    formula = fitted_formula(result)
    out.print(result)
    if not as_json:
        print_first("distributions", result.tables["distributions"], _DISTRIBUTIONS, most=None)
        print_first("periods", result.tables["periods"], _PERIODS, most=None)
        _print_curves(result.tables["intensities"], 10.0)
        _print_bounds(result.tables["intensities"])
    for goal in goals:
        ending = goal.suffix.lower()
        if ending == ".toml":
            say(write_storm_formula(formula, goal, fit=result, force=force))
        elif ending in CURVE_ENDINGS:
            say(write_intensities(formula, goal, fit=result, force=force))
        else:
            replace(out, output=goal).write(result)
    out.end(result)


def _print_curves(table: pd.DataFrame, drawn_a: float) -> None:
    """Print intensities, a row for each duration and a column for each return period, and the bars of one of these."""
    square = table.pivot_table(index="duration_min", columns="return_period_a", values="fitted_mm_per_min")
    periods, minutes = square.columns.to_numpy(float), [f"{one:g}" for one in square.index.to_numpy(float)]
    values = square.to_numpy(float)
    heads = ["duration_min", *(f"{period:g} a" for period in periods)]
    rows = [[at, *(f"{one:.3f}" for one in row)] for at, row in zip(minutes, values, strict=True)]
    print_table("intensities", heads, rows)
    drawn = int(abs(periods - drawn_a).argmin())
    print_line(in_both("bars_of", period_a=periods[drawn]))
    for at, one in zip(minutes, values[:, drawn], strict=True):
        print_line(printable(f"{at:>6} {'█' * round(_BAR * one / values[:, drawn].max())} {one:.3f}"))


def _print_bounds(table: pd.DataFrame) -> None:
    """Print the bounds of some intensities."""
    shown_rows = table[table["duration_min"].isin(_BOUNDS_MIN) & table["return_period_a"].isin(_BOUNDS_A)]
    print_first("bounds", shown_rows, _BOUNDS, most=None)


def waterlogging(
    source: list[str], /, *, reports: str | None = None, area_type: AreaType = "central",
    match_distance_m: float = 100.0, least_depth_m: float = 0.05, road_width_m: float = 12.0,
    return_periods: str = "0.5,1,2,3,5,10,20,30,50", large_area_m2: float = 1000.0,
    most_reruns: float = 40.0, tailwater_series: Path | None = None,
    reader: Dated, rainfall: Rainfall, granted: Granted, ground: Ground, engine: Engine, out: Output,
) -> None:  # fmt: skip
    """Find where it waterlogs in a storm, and why."""
    from drainage.analyses.waterlogging import find_waterlogging
    from drainage.simulation.screening.screen import screen_beside

    setup = granted.setup()
    out.check()
    tried = numbers_in("--return-periods", return_periods)
    whole = reader.whole(source, out.paths, reports=reports)
    net = on_day(whole, reader.as_of)
    storm = rainfall.storm(net)
    dem = ground.read(net)
    state = engine.run(net, storm, with_series(setup, tailwater_series, storm))
    with shown("waterlogging") as progress:
        result = find_waterlogging(
            state, screening=screen_beside(state), sightings=net.layers.get("reports"), dem=dem, area_type=area_type,
            match_distance_m=match_distance_m, least_depth_m=least_depth_m, road_width_m=road_width_m,
            return_periods_a=tried, large_area_m2=large_area_m2, most_reruns=most_reruns, progress=progress,
        )  # fmt: skip
    out.print(result)
    out.first("points by volume", result.tables["points"], WORST_POINTS)
    if reader.as_of is None:
        say_day(whole, storm=storm, setup=setup)
    out.end(result)


def gauge(
    source: list[str], /, *, observed: Path, begins: str | None = None, offset: list[str] | None = None,
    score: Score = "nse", most_runs: int = 12, set_: list[str] | None = None, tailwater_series: Path | None = None,
    processes: int | None = None,
    time_limit: float = 600.0, engine_option: list[str] | None = None, figure: Path | None = None,
    reader: Dated, rainfall: Rainfall, granted: Granted, out: Output,
) -> None:  # fmt: skip
    """Compare a model with what gauges measured, and find what would mend it."""
    from drainage.analyses.gauges import GaugeLimits, compare_with_gauges
    from drainage.analyses.gauges.figure_file import check_gauge_figure, write_gauge_figure
    from drainage.formats.rain.gauge_series import read_gauges

    setup = granted.setup()
    out.check()
    if figure is not None:
        check_gauge_figure(figure, force=out.force)
    options = Engine(engine="swmm", engine_option=engine_option).options()
    (limits,) = own_numbers("--set", set_, GaugeLimits)
    offsets = _offsets(offset)
    readings = read_gauges(observed, date_order=reader.date_order())
    for note in readings.notes:
        say(observed.name, note)
    whole = reader.whole(source, (*out.paths, figure))
    net = on_day(whole, reader.as_of)
    storm = rainfall.storm(net)
    if storm is None and net.origin.model is None:
        raise FormatError(in_both("storm_unsaid"))
    with shown("EPA SWMM") as progress:
        result = compare_with_gauges(
            net, readings, storm, with_series(setup, tailwater_series, storm), begins=begins,
            offsets_m=offsets, score=score, most_runs=most_runs, limits=limits,
            options=options, processes=processes, time_limit_s=time_limit, progress=progress,
        )  # fmt: skip
    out.print(result)
    gauges = result.tables["gauges"].sort_values("nse")
    listed = _GAUGES if gauges["gauge_doubt"].notna().any() else _GAUGES[:-1]
    out.first("gauges by fit", gauges, listed)
    out.first("what would mend it", result.tables["remedies"], _REMEDIES)
    if figure is not None:
        say(write_gauge_figure(result, figure, force=out.force))
    if reader.as_of is None:
        say_day(whole, storm=storm, setup=setup)
    out.end(result)


def _offsets(texts: list[str] | None) -> dict[str, float]:
    """Read GAUGE=M."""
    found = {}
    for text in texts or ():
        name, _, number = text.rpartition("=")
        try:
            found[name] = float(number)
        except ValueError as error:
            raise FormatError(in_both("gauge_offset_unread", text=text)) from error
    return found


def ensemble(
    source: str, /, *, scenario: list[str] | None = None, return_period: str = "2,5,20", duration: str = "120",
    tailwater: str | None = None, keep: Path | None = None, workers: int | None = None, scheduler: str | None = None,
    engine: EngineName = "screening", time_limit: float = TIME_LIMIT_OF_AUTO_S,
    engine_option: list[str] | None = None, reader: Dated, rainfall: Rainfall, granted: Granted,
    output: Path | None = None, table: str | None = None, json_: bool = False, force: bool = False,
) -> None:  # fmt: skip
    """Run many storms on all cores; exit 2 where one failed."""
    from drainage.report.analyze import to_plain
    from drainage.simulation.ensemble.runs import combine_runs

    out = Output(output=output, table=table, json_=json_, force=force)
    setup = granted.setup()
    out.check()
    options = Engine(engine=engine, engine_option=engine_option).options()
    networks = {name: reader.read([file], out.paths) for name, file in _scenarios(source, scenario or []).items()}
    first = next(iter(networks.values()))
    periods, minutes = numbers_in("--return-period", return_period), numbers_in("--duration", duration)
    storms = [
        replace(rainfall, return_period=period, duration=length).storm(first)
        for period in (periods if rainfall.rain is None and rainfall.depth_mm is None else periods[:1])
        for length in (minutes if rainfall.rain is None else minutes[:1])
    ]
    runs = combine_runs(
        networks, _checked(storms, first), setup=setup, tailwaters_m=_levels(tailwater), options=options
    )
    result = _run(_with_engine(runs, engine, time_limit), keep, workers, scheduler)
    rows = result.tables["runs"]
    if json_:
        told = [to_plain(row) for _, row in rows.reset_index().iterrows()]
        print_json({"summary": to_plain(result.summary), "runs": told}, result.provenance)
    known = rows.dropna(axis="columns", how="all")
    out.first("ensemble", rows, ("run", *(name for name in _RUNS if name in known)), most=None)
    for number, row in rows[rows["error"] != ""].iterrows():
        say(in_both("run_failed", number=number, scenario=row["scenario"], error=row["error"]))
    out.write(result)
    sys.exit(2 if result.summary["failed"] else 0)


def _scenarios(source: str, others: list[str]) -> dict[str, str]:
    named = {_name_of(source): source}
    for text in others:
        name, found, file = text.partition("=")
        plain = not found or is_database(text) or Path(text).exists()
        name, file = (_name_of(text), text) if plain else (name, file)
        if name in named:
            raise FormatError(in_both("scenario_twice", text=text, name=name))
        named[name] = file
    return named


def _name_of(source: str) -> str:
    """Name a file without its extension, a database by its own name."""
    return Path(source.partition("?")[0] if is_database(source) else source).stem


def _levels(text: str | None) -> list[float | None]:
    parts = (text or "none").split(",")
    return [None if part.strip() == "none" else numbers_in("--tailwater", part)[0] for part in parts]


def _checked(storms: list[Storm | None], net: DrainageNetwork) -> list[Storm | None]:
    """Refuse to run without a storm; an .inp has its own, once."""
    if None not in storms:
        return storms
    if net.origin.model is not None:
        return [None]
    raise FormatError(in_both("storm_unsaid"))


def _with_engine(runs: list[EnsembleRun], engine: str, limit_s: float) -> list[EnsembleRun]:
    """Set the engine of all runs; ``auto`` chooses one for each by its run time, and says which."""
    if engine != "auto":
        return [replace(run, engine=engine) for run in runs]  # type: ignore[arg-type]  # it was checked
    chosen = [replace(run, engine=choose_engine(run.network, run.storm, limit_s)[0]) for run in runs]  # type: ignore[arg-type]  # likewise
    asked = sum(run.engine == "swmm" for run in chosen)
    say(in_both("auto_of_runs", asked=asked, runs=len(runs), limit_s=limit_s))
    return chosen


def _run(runs: list[EnsembleRun], keep: Path | None, workers: int | None, scheduler: str | None) -> Result:
    from drainage.simulation.ensemble.runs import run_ensemble

    with shown("ensemble", steps=len(runs)) as progress:
        return run_ensemble(runs, keep=keep, workers=workers, scheduler=scheduler, progress=progress)
