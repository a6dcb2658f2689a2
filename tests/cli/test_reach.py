"""What a question takes in Python its command takes too, with the same defaults."""

from __future__ import annotations

import inspect
from typing import Any, get_args

import pytest

import drainage as dr
from drainage.analyses.water_balance import BalanceTerms
from drainage.cli import app
from drainage.cli.commands import Value

#: Keyword of a function or field of a value → option that says it, where it is not called the same.
CALLED = {
    "columns": "column", "cost_yuan": "costs", "depths_m": "depths", "end": "to",
    "feature": "at", "duration_min": "duration", "formula": "storm_formula",
    "frequent_return_period_a": "frequent_return_period", "least_cover_m": "cover", "least_silt_share": "least_silt",
    "limits": "set_", "link_reach_m": "link_reach", "mapping": "columns", "min_slope_m_per_m": "min_slope",
    "rates": "set_", "return_period_a": "return_period", "return_periods_a": "return_periods", "rules": "set_",
    "sightings": "reports", "sizes_mm": "sizes", "start": "from_", "step_min": "step", "tailwater_m": "tailwater",
    "offsets_m": "offset", "sections": "section",
    "hydrographs": "hydrograph", "tailwaters_m": "tailwater", "water_use_m3_per_day": "water_use",
}  # fmt: skip
#: Command → what it asks, and the values that it fills in.
ASKS: dict[str, tuple[Any, ...]] = {
    "waterlogging": (dr.read_network, dr.find_waterlogging, dr.simulate_swmm, dr.Setup, dr.DesignStorm),
    "relief": (dr.plan_relief,),
    "cleaning": (dr.plan_cleaning,),
    "apply": (dr.apply_changes, dr.plans.what_if),
    "bill": (dr.plans.take_quantities, dr.plans.Trench, dr.plans.write_price_list),
    "closures": (dr.plan_closures, dr.hydraulics.SewageRates),
    "mixed-flow": (dr.find_mixed_flow, dr.hydraulics.SewageRates),
    "separation": (dr.measure_separation,),
    "mixing": (dr.measure_mixing,),
    "sources": (dr.find_sources,),
    "inspect": (dr.plan_inspection,),
    "infiltration": (dr.measure_infiltration,),
    "balance": (dr.analyses.measure_balance, BalanceTerms),
    "quality": (dr.check_quality,),
    "score": (dr.analyses.score_delivery,),
    "changes": (dr.analyses.find_changes,),
    "repair": (dr.repair,),
    "export": (dr.write_inp, dr.Setup, dr.papers.write_dxf, dr.formats.write_qgis_project),
    "ensemble": (dr.simulation.combine_runs, dr.simulation.run_ensemble),
    "storm": (
        dr.DesignStorm,
        dr.formats.write_storm,
        dr.formats.read_annual_maxima,
        dr.analyses.fit_storm_formula,
        dr.analyses.check_storm_formula,
    ),
    "gauge": (dr.analyses.compare_with_gauges, dr.formats.read_gauges, dr.Setup, dr.DesignStorm),
    "analyze": (dr.analyze,),
    "pay": (dr.pay_sheet, dr.analyze, dr.Setup, dr.DesignStorm),
    "compare": (dr.analyses.measure_outcome,),
    "sheet": (dr.papers.plot_map, dr.Setup, dr.DesignStorm),
    "section": (dr.papers.plot_section, dr.Setup, dr.DesignStorm),
    "hydrograph": (dr.papers.plot_hydrograph, dr.Setup, dr.DesignStorm),
    "report": (dr.report.compose_report,),
    "terms": (dr.glossary.explain, dr.glossary.terms),
    "publish": (dr.publication.page_of_network, dr.publication.page_of_report, dr.publication.Imprint, dr.Setup),
}
#: What no option says → why.
NOT_SAID = {
    "progress": "a command shows it by itself",
    "step": "a command shows it by itself",
    "state": "made of the options of rain and of the engine",
    "lang": "--lang, of every command",
    "screening": "a command makes it of the same storm",
    "simulate": "chosen by --engine and --second-run",
    "storm": "made of the options of rain",
    "terms": "made of the options of a balance; pay has --terms",
    "setup": "made of the options of what is taken for granted",
    "mixed": "a command asks for it first",
    "infiltration": "asked first where --rain is given",
    "catchments": "a layer, named in the source: catchments=FILE",
    "blocks": "a layer, named in the source: blocks=FILE",
    "waterways": "a layer, named in the source: waterways=FILE",
    "neighbourhoods": "a layer, named in the source: neighbourhoods=FILE",
    "towns": "a layer, named in the source: towns=FILE",
    "areas": "the layer that --neighbourhoods or --towns names",
    "roads": "a layer, named in the source, or by an option where a question is about roads",
    "executor": "an object of Python; --scheduler names the address of one",
    "tolerance_m": "--join-within-m of reading, --tolerance of repair",
    "time_limit_s": "--time-limit",
    "within_m": "--within-m, or --within of closures",
    "rates": "made of the options of sewage, where --set does not say them",
    "options": "made of --engine-option",
    "date_order": "--column date_order=dmy",
    "keep": "--keep of analyze; a pay sheet is not asked again",
    "also": "--also of analyze; a pay sheet needs no plans",
    "answers": "a command asks both networks first",
    "changes": "a command finds them first",
    "dem": "--dem, read as ground",
    "imprint": "made of the options of the notice",
    "made": "the day on which the command runs",
    "systems": "a storm is of the systems that carry rain; only export writes others",
}
#: Not in the next version.
OLD = {"reports"}


@pytest.mark.parametrize("command", ASKS)
def test_every_keyword_has_an_option_or_a_reason(command: str) -> None:
    found = app.get_command(None, command)
    assert found is not None
    options = {one.name: one for one in found.params}
    for asked in ASKS[command]:
        for one in inspect.signature(asked).parameters.values():
            if one.kind is one.POSITIONAL_OR_KEYWORD and one.default is one.empty and inspect.isfunction(asked):
                continue  # what is asked about: the network, a state
            if one.name in OLD and asked is dr.find_waterlogging:
                continue
            name = one.name if one.name in options else CALLED.get(one.name, "")
            assert name in options or one.name in NOT_SAID, f"{command}: no option says {asked.__name__}({one.name}=)"
            option = options.get(name)
            if option is not None and isinstance(option.default, float) and isinstance(one.default, (int, float)):
                assert option.default == one.default, f"{command}: {name} has another default than {one.name}"


def test_the_defaults_that_are_texts_are_those_of_python() -> None:
    def default(command: str, option: str) -> str:
        found = app.get_command(None, command)
        assert found is not None
        return next(str(one.default) for one in found.params if one.name == option)

    tried = inspect.signature(dr.find_waterlogging).parameters["return_periods_a"].default
    assert tuple(map(float, default("waterlogging", "return_periods").split(","))) == tuple(tried)
    assert tuple(map(float, default("closures", "diameter_m3d").split(","))) == dr.hydraulics.SewageRates().diameter_m3d
    assert float(default("export", "uplift_within")) == dr.Setup().uplift_within


def test_the_words_of_an_option_are_those_of_python() -> None:
    from drainage.cli import inputs
    from drainage.hydraulics import rainfall
    from drainage.inference import rules
    from drainage.plans.closures import budget

    assert get_args(inputs.Shape) == get_args(rainfall.Shape)
    assert get_args(inputs.Tracers) == get_args(rules.Scheme)
    found = app.get_command(None, "closures")
    assert found is not None
    by = next(one.type for one in found.params if one.name == "by")
    assert isinstance(by, Value)
    assert by.words == get_args(budget.By)


def test_nothing_is_excused_that_does_not_exist() -> None:
    known = {one for asked in ASKS.values() for each in asked for one in inspect.signature(each).parameters}
    assert NOT_SAID.keys() <= known
    assert CALLED.keys() <= known
