"""One question, one file: a network or a flow state goes in, a Result comes out."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
