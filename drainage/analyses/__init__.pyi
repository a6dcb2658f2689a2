# The public names of this room; `__init__.py` loads them from here when they are first used.
from .changes import find_changes as find_changes
from .changes import pair_networks as pair_networks
from .gauges import GaugeLimits as GaugeLimits
from .gauges import compare_with_gauges as compare_with_gauges
from .infiltration import InfiltrationLimits as InfiltrationLimits
from .infiltration import measure_infiltration as measure_infiltration
from .low_points import find_low_points as find_low_points
from .mixed_flow import find_mixed_flow as find_mixed_flow
from .mixing import measure_mixing as measure_mixing
from .outcome import measure_outcome as measure_outcome
from .quality import QualityProfile as QualityProfile
from .quality import check_quality as check_quality
from .quality import score_delivery as score_delivery
from .quality.crossings import find_crossings as find_crossings
from .separation import measure_separation as measure_separation
from .sources import find_sources as find_sources
from .storm_fit import check_storm_formula as check_storm_formula
from .storm_fit import fit_storm_formula as fit_storm_formula
from .storm_fit import fitted_formula as fitted_formula
from .storm_fit.storm_facts import storm_facts as storm_facts
from .water_balance import BalanceTerms as BalanceTerms
from .water_balance import measure_balance as measure_balance
from .waterlogging import find_waterlogging as find_waterlogging
from .waterlogging.ponds import ponding_on_dem as ponding_on_dem

__all__: list[str]  # noqa: PYI035 - made of the names above
