# The public names of this room; `__init__.py` loads them from here when they are first used.
from .cad.write_cad import WrittenDxf as WrittenDxf
from .cad.write_cad import write_dxf as write_dxf
from .drawn.paper import Paper as Paper
from .hydrograph_sheet import plot_hydrograph as plot_hydrograph
from .sections.draw_section import draw_section as draw_section
from .sections.draw_section import plot_section as plot_section
from .sections.long_section import LongSection as LongSection
from .sections.long_section import trace_section as trace_section
from .sections.section_facts import section_facts as section_facts
from .system_map.draw_map import plot_map as plot_map
from .system_map.map_content import SystemMap as SystemMap
from .water_over_time import WaterOverTime as WaterOverTime
from .water_over_time import trace_water as trace_water

__all__: list[str]  # noqa: PYI035 - made of the names above
