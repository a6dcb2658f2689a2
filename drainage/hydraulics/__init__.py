"""Formulas of pipe flow and of rain: arrays in, arrays out, no frames."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
