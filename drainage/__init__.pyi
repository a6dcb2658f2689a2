# The names of a first day, each with its home; `drainage/__init__.py` loads them from here when they are first used.
# The others lie in the rooms.
import collections.abc

from . import analyses as analyses
from . import change_sets as change_sets
from . import errors as errors
from . import evidence as evidence
from . import formats as formats
from . import glossary as glossary
from . import graph as graph
from . import hydraulics as hydraulics
from . import inference as inference
from . import intake as intake
from . import maps as maps
from . import papers as papers
from . import plans as plans
from . import provenance as provenance
from . import publication as publication
from . import repairs as repairs
from . import report as report
from . import simulation as simulation
from .analyses.infiltration import measure_infiltration as measure_infiltration
from .analyses.mixed_flow import find_mixed_flow as find_mixed_flow
from .analyses.mixing import measure_mixing as measure_mixing
from .analyses.quality import check_quality as check_quality
from .analyses.separation import measure_separation as measure_separation
from .analyses.sources import find_sources as find_sources
from .analyses.waterlogging import find_waterlogging as find_waterlogging
from .change_sets import apply_changes as apply_changes
from .errors import DrainageError as DrainageError
from .formats.change_file import read_change_set as read_change_set
from .formats.field_data import read_evidence as read_evidence
from .formats.geopackage import write_network as write_network
from .formats.rain.gauge import read_observed_rain as read_observed_rain
from .formats.rain.storm_formula import read_storm_formula as read_storm_formula
from .formats.raster import read_dem as read_dem
from .hydraulics.rainfall import DesignStorm as DesignStorm
from .intake.demo import load_demo as load_demo
from .intake.read import as_network as as_network
from .intake.read import read_network as read_network
from .network import DrainageNetwork as DrainageNetwork
from .plans.cleaning import plan_cleaning as plan_cleaning
from .plans.closures import plan_closures as plan_closures
from .plans.inspection import plan_inspection as plan_inspection
from .plans.relief import plan_relief as plan_relief
from .repairs import repair as repair
from .report.analyze import analyze as analyze
from .report.comparison import compare as compare
from .report.directory import read_report as read_report
from .report.page import draw as draw
from .report.pay import pay_sheet as pay_sheet
from .result import Result as Result
from .simulation.screening.screen import screen as screen
from .simulation.setup import Setup as Setup
from .simulation.swmm.export import write_inp as write_inp
from .simulation.swmm.simulate import simulate_swmm as simulate_swmm

# Reached here too, but not of the first day: `papers.plot_section`, whose signature a test compares with this one.
def plot_section(
    net: DrainageNetwork,
    start: str,
    end: str,
    *,
    via: collections.abc.Sequence[str] = (),
    state: simulation.FlowState | collections.abc.Sequence[simulation.FlowState] = (),
    at_min: collections.abc.Sequence[float] = (),
    waterlogging: Result | None = None,
    against_flow: bool = False,
    wall_share: float = 0.1,
    along: int | None = None,
    up: int | None = None,
    project: str = "",
    lang: str | None = None,
) -> papers.Paper: ...

__all__: list[str]  # noqa: PYI035 - made of the names above
__version__: str
