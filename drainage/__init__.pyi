# The public names, each with its home; `drainage/__init__.py` loads them from here when they are first used.
from .analyses.changes import compare_deliveries as compare_deliveries
from .analyses.infiltration import (
    InfiltrationLimits as InfiltrationLimits,
)
from .analyses.infiltration import (
    measure_infiltration as measure_infiltration,
)
from .analyses.low_points import find_low_points as find_low_points
from .analyses.mixed_flow import find_mixed_flow as find_mixed_flow
from .analyses.mixing import measure_mixing as measure_mixing
from .analyses.quality import (
    QualityProfile as QualityProfile,
)
from .analyses.quality import (
    check_quality as check_quality,
)
from .analyses.quality import (
    score_delivery as score_delivery,
)
from .analyses.separation import measure_separation as measure_separation
from .analyses.sources import find_sources as find_sources
from .analyses.waterlogging import find_waterlogging as find_waterlogging
from .analyses.waterlogging.ponds import ponding_on_dem as ponding_on_dem
from .errors import (
    CrsError as CrsError,
)
from .errors import (
    DrainageError as DrainageError,
)
from .errors import (
    FormatError as FormatError,
)
from .errors import (
    SchemaError as SchemaError,
)
from .errors import (
    SimulationError as SimulationError,
)
from .errors import (
    TopologyError as TopologyError,
)
from .evidence import Evidence as Evidence
from .formats.field_data import read_evidence as read_evidence
from .formats.geopackage import write_network as write_network
from .formats.gpx import write_gpx as write_gpx
from .formats.rain.gauge import read_observed_rain as read_observed_rain
from .formats.rain.gauge import read_water_levels as read_water_levels
from .formats.rain.storm_file import write_storm as write_storm
from .formats.rain.storm_formula import read_storm_formula as read_storm_formula
from .formats.raster import Dem as Dem
from .formats.raster import read_dem as read_dem
from .formats.repair_log import read_repair_log as read_repair_log
from .formats.repair_log import write_repair_log as write_repair_log
from .graph import FlowGraph as FlowGraph
from .hydraulics.formulas import StormFormula as StormFormula
from .hydraulics.rainfall import DesignStorm as DesignStorm
from .hydraulics.rainfall import ObservedStorm as ObservedStorm
from .hydraulics.sewage import SewageRates as SewageRates
from .inference.posterior import SourceRates as SourceRates
from .inference.rules import SourceLimits as SourceLimits
from .intake.demo import load_demo as load_demo
from .intake.ground import ground_from_dem as ground_from_dem
from .intake.read import (
    as_network as as_network,
)
from .intake.read import (
    read_network as read_network,
)
from .intake.read import (
    read_sightings as read_sightings,
)
from .intake.read import (
    read_roads as read_roads,
)
from .maps.hyetograph import plot_storm as plot_storm
from .network import DrainageNetwork as DrainageNetwork
from .plans.cleaning import ConditionRules as ConditionRules
from .plans.cleaning import plan_cleaning as plan_cleaning
from .plans.closures import plan_closures as plan_closures
from .plans.inspection import plan_inspection as plan_inspection
from .plans.relief import plan_relief as plan_relief
from .plans.relief import with_works as with_works
from .provenance import Provenance as Provenance
from .repairs import Repaired as Repaired
from .repairs import repair as repair
from .repairs import undo_repair as undo_repair
from .report.analyze import analyze as analyze
from .report.comparison import compare as compare
from .report.directory import Report as Report
from .report.directory import read_report as read_report
from .report.page import draw as draw
from .result import Result as Result
from .simulation.ensemble.runs import (
    EnsembleRun as EnsembleRun,
)
from .simulation.ensemble.runs import (
    combine_runs as combine_runs,
)
from .simulation.ensemble.runs import (
    run_ensemble as run_ensemble,
)
from .simulation.screening.answer import Screening as Screening
from .simulation.screening.screen import screen as screen
from .simulation.setup import Setup as Setup
from .simulation.state import FlowState as FlowState
from .simulation.swmm.engine_values import EngineOptions as EngineOptions
from .simulation.swmm.export import write_inp as write_inp
from .simulation.swmm.simulate import simulate_swmm as simulate_swmm

__all__: list[str]  # noqa: PYI035 - made of the names above
__version__: str
