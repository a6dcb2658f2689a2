"""Network and storm to flows and levels: a quick screening now, one answer type for every engine."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
