# The public names of this room; `__init__.py` loads them from here when they are first used.
from .gauge_figure import plot_gauge as plot_gauge
from .hyetograph import plot_storm as plot_storm
from .intensity_curves import plot_intensities as plot_intensities
from .tiles.vector_tiles import vector_tiles as vector_tiles

__all__: list[str]  # noqa: PYI035 - made of the names above
