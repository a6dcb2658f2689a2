# The public names of this room; `__init__.py` loads them from here when they are first used.
from .change_file import read_change_set as read_change_set
from .change_file import write_change_set as write_change_set
from .field_data import read_evidence as read_evidence
from .geopackage import write_network as write_network
from .gpx import write_gpx as write_gpx
from .projects.qgis_project import write_qgis_project as write_qgis_project
from .rain.annual_maxima import read_annual_maxima as read_annual_maxima
from .rain.formula_file import write_intensities as write_intensities
from .rain.formula_file import write_storm_formula as write_storm_formula
from .rain.gauge import read_observed_rain as read_observed_rain
from .rain.gauge import read_water_levels as read_water_levels
from .rain.gauge_series import GaugeReadings as GaugeReadings
from .rain.gauge_series import read_gauges as read_gauges
from .rain.storm_file import write_storm as write_storm
from .rain.storm_formula import read_storm_formula as read_storm_formula
from .rain.storm_formula import registered_formulas as registered_formulas
from .raster import Dem as Dem
from .raster import read_dem as read_dem
from .repair_log import read_repair_log as read_repair_log
from .repair_log import write_repair_log as write_repair_log
from .tables.monthly import read_monthly_factors as read_monthly_factors

__all__: list[str]  # noqa: PYI035 - made of the names above
