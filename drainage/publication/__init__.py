"""The page for the public: how deep water stands on which stretch of road, and nothing of the drains."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
