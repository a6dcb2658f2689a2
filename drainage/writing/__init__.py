"""Frames to files, completely or not at all; nothing of anybody else is ever overwritten."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
