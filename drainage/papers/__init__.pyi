# The public names of this room; `__init__.py` loads them from here when they are first used.
from .draw_section import plot_section as plot_section
from .hydrograph_sheet import plot_hydrograph as plot_hydrograph
from .long_section import LongSection as LongSection
from .long_section import trace_section as trace_section
from .paper import Paper as Paper
from .water_over_time import WaterOverTime as WaterOverTime
from .water_over_time import trace_water as trace_water

__all__: list[str]  # noqa: PYI035 - made of the names above
