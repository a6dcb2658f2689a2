# The public names of this room; `__init__.py` loads them from here when they are first used.
from .ensemble.runs import EnsembleRun as EnsembleRun
from .ensemble.runs import combine_runs as combine_runs
from .ensemble.runs import run_ensemble as run_ensemble
from .screening.answer import Screening as Screening
from .screening.screen import screen as screen
from .setup import Setup as Setup
from .state import FlowState as FlowState
from .swmm.engine_values import EngineOptions as EngineOptions
from .swmm.export import write_inp as write_inp
from .swmm.simulate import simulate_swmm as simulate_swmm

__all__: list[str]  # noqa: PYI035 - made of the names above
