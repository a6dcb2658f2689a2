"""Where an undrawn sewage source can be, given all readings: exact on the storm forest, and what to open next."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
