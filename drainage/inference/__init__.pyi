# The public names of this room; `__init__.py` loads them from here when they are first used.
from .posterior import SourceRates as SourceRates
from .rules import SourceLimits as SourceLimits

__all__: list[str]  # noqa: PYI035 - made of the names above
