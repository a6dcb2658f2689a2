"""Urban drainage networks as graphs: where a city waterlogs, where sewage and storm water mix, how far it is separated.

Names are loaded when they are first used, so that ``import drainage`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drainage.analyses.changes import compare_deliveries
    from drainage.analyses.infiltration import InfiltrationLimits, measure_infiltration
    from drainage.analyses.low_points import find_low_points
    from drainage.analyses.mixed_flow import find_mixed_flow
    from drainage.analyses.mixing import measure_mixing
    from drainage.analyses.quality import QualityProfile, check_quality, score_delivery
    from drainage.analyses.separation import measure_separation
    from drainage.analyses.sources import find_sources
    from drainage.analyses.waterlogging import find_waterlogging
    from drainage.analyses.waterlogging.ponds import ponding_on_dem
    from drainage.errors import CrsError, DrainageError, FormatError, SchemaError, SimulationError, TopologyError
    from drainage.evidence import Evidence
    from drainage.formats.field_data import read_evidence
    from drainage.formats.geopackage import write_network
    from drainage.formats.gpx import write_gpx
    from drainage.formats.rain.gauge import read_observed_rain, read_water_levels
    from drainage.formats.rain.storm_file import write_storm
    from drainage.formats.rain.storm_formula import read_storm_formula
    from drainage.formats.raster import Dem, read_dem
    from drainage.formats.repair_log import read_repair_log, write_repair_log
    from drainage.graph import FlowGraph
    from drainage.hydraulics.formulas import StormFormula
    from drainage.hydraulics.rainfall import DesignStorm, ObservedStorm
    from drainage.hydraulics.sewage import SewageRates
    from drainage.inference.posterior import SourceRates
    from drainage.inference.rules import SourceLimits
    from drainage.intake.ground import ground_from_dem
    from drainage.intake.read import as_network, read_network, read_reports, read_roads
    from drainage.maps.hyetograph import plot_storm
    from drainage.network import DrainageNetwork
    from drainage.plans.cleaning import ConditionRules, plan_cleaning
    from drainage.plans.closures import plan_closures
    from drainage.plans.inspection import plan_inspection
    from drainage.plans.relief import plan_relief, with_works
    from drainage.provenance import Provenance
    from drainage.repairs import Repaired, repair, undo_repair
    from drainage.report.analyze import analyze
    from drainage.report.comparison import compare
    from drainage.report.directory import Report, read_report
    from drainage.report.page import draw
    from drainage.result import Result
    from drainage.simulation.ensemble.runs import EnsembleRun, combine_runs, run_ensemble
    from drainage.simulation.screening.answer import Screening
    from drainage.simulation.screening.screen import screen
    from drainage.simulation.setup import Setup
    from drainage.simulation.state import FlowState
    from drainage.simulation.swmm.engine_values import EngineOptions
    from drainage.simulation.swmm.export import write_inp
    from drainage.simulation.swmm.simulate import simulate_swmm

__version__ = "0.1.0"

_HOME = {
    "ConditionRules": "drainage.plans.cleaning",
    "CrsError": "drainage.errors",
    "Dem": "drainage.formats.raster",
    "DesignStorm": "drainage.hydraulics.rainfall",
    "DrainageError": "drainage.errors",
    "DrainageNetwork": "drainage.network",
    "EngineOptions": "drainage.simulation.swmm.compose",
    "EnsembleRun": "drainage.simulation.ensemble.runs",
    "Evidence": "drainage.evidence",
    "FlowGraph": "drainage.graph",
    "FlowState": "drainage.simulation.state",
    "FormatError": "drainage.errors",
    "InfiltrationLimits": "drainage.analyses.infiltration",
    "ObservedStorm": "drainage.hydraulics.rainfall",
    "QualityProfile": "drainage.analyses.quality",
    "Provenance": "drainage.provenance",
    "Repaired": "drainage.repairs",
    "Report": "drainage.report",
    "Result": "drainage.result",
    "SchemaError": "drainage.errors",
    "Screening": "drainage.simulation.screening.answer",
    "Setup": "drainage.simulation.setup",
    "SewageRates": "drainage.hydraulics.sewage",
    "SimulationError": "drainage.errors",
    "SourceLimits": "drainage.inference.rules",
    "SourceRates": "drainage.inference.posterior",
    "StormFormula": "drainage.hydraulics.formulas",
    "TopologyError": "drainage.errors",
    "analyze": "drainage.report",
    "as_network": "drainage.intake.read",
    "check_quality": "drainage.analyses.quality",
    "combine_runs": "drainage.simulation.ensemble.runs",
    "compare": "drainage.report",
    "compare_deliveries": "drainage.analyses.changes",
    "draw": "drainage.report",
    "find_low_points": "drainage.analyses.low_points",
    "find_mixed_flow": "drainage.analyses.mixed_flow",
    "find_sources": "drainage.analyses.sources",
    "find_waterlogging": "drainage.analyses.waterlogging",
    "ground_from_dem": "drainage.intake.ground",
    "measure_infiltration": "drainage.analyses.infiltration",
    "measure_mixing": "drainage.analyses.mixing",
    "measure_separation": "drainage.analyses.separation",
    "plan_cleaning": "drainage.plans.cleaning",
    "plan_closures": "drainage.plans.closures",
    "plan_inspection": "drainage.plans.inspection",
    "plan_relief": "drainage.plans.relief",
    "plot_storm": "drainage.maps.hyetograph",
    "ponding_on_dem": "drainage.analyses.waterlogging.ponds",
    "read_dem": "drainage.formats.raster",
    "read_evidence": "drainage.formats.field_data",
    "read_network": "drainage.intake.read",
    "read_observed_rain": "drainage.formats.rain.gauge",
    "read_repair_log": "drainage.formats.repair_log",
    "read_report": "drainage.report",
    "read_reports": "drainage.intake.read",
    "read_roads": "drainage.intake.read",
    "read_storm_formula": "drainage.formats.rain.storm_formula",
    "read_water_levels": "drainage.formats.rain.gauge",
    "repair": "drainage.repairs",
    "run_ensemble": "drainage.simulation.ensemble.runs",
    "score_delivery": "drainage.analyses.quality",
    "screen": "drainage.simulation.screening.screen",
    "simulate_swmm": "drainage.simulation.swmm.simulate",
    "undo_repair": "drainage.repairs",
    "with_works": "drainage.plans.relief",
    "write_gpx": "drainage.formats.gpx",
    "write_inp": "drainage.simulation.swmm.export",
    "write_network": "drainage.formats.geopackage",
    "write_repair_log": "drainage.formats.repair_log",
    "write_storm": "drainage.formats.rain.storm_file",
}

__all__ = [  # in the order of the alphabet; `_HOME` says where each lives
    "ConditionRules",
    "CrsError",
    "Dem",
    "DesignStorm",
    "DrainageError",
    "DrainageNetwork",
    "EngineOptions",
    "EnsembleRun",
    "Evidence",
    "FlowGraph",
    "FlowState",
    "FormatError",
    "InfiltrationLimits",
    "ObservedStorm",
    "Provenance",
    "QualityProfile",
    "Repaired",
    "Report",
    "Result",
    "SchemaError",
    "Screening",
    "Setup",
    "SewageRates",
    "SimulationError",
    "SourceLimits",
    "SourceRates",
    "StormFormula",
    "TopologyError",
    "analyze",
    "as_network",
    "check_quality",
    "combine_runs",
    "compare",
    "compare_deliveries",
    "draw",
    "find_low_points",
    "find_mixed_flow",
    "find_sources",
    "find_waterlogging",
    "ground_from_dem",
    "measure_infiltration",
    "measure_mixing",
    "measure_separation",
    "plan_cleaning",
    "plan_closures",
    "plan_inspection",
    "plan_relief",
    "plot_storm",
    "ponding_on_dem",
    "read_dem",
    "read_evidence",
    "read_network",
    "read_observed_rain",
    "read_repair_log",
    "read_report",
    "read_reports",
    "read_roads",
    "read_storm_formula",
    "read_water_levels",
    "repair",
    "run_ensemble",
    "score_delivery",
    "screen",
    "simulate_swmm",
    "undo_repair",
    "with_works",
    "write_gpx",
    "write_inp",
    "write_network",
    "write_repair_log",
    "write_storm",
]


def __getattr__(name: str) -> object:
    """Load a public name on first use (PEP 562)."""
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    msg = f"module 'drainage' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    """Offer the public names to completion."""
    return [*__all__, "__version__"]
