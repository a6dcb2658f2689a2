"""Urban drainage networks as graphs: where a city waterlogs, where sewage and storm water mix, how far it is separated.

Names are loaded when they are first used, so that ``import drainage`` costs nothing; `__init__.pyi` lists them.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
