"""What people read of an answer on a screen: lines, and tables in the words of their language."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
