# The public names of this room; `__init__.py` loads them from here when they are first used.
from .extremes.maxima import AnnualMaxima as AnnualMaxima
from .formulas import StormFormula as StormFormula
from .rainfall import DesignStorm as DesignStorm
from .rainfall import ObservedStorm as ObservedStorm
from .sewage import SewageRates as SewageRates

__all__: list[str]  # noqa: PYI035 - made of the names above
