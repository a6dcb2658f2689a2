"""Workbooks for people: where an answer comes from, its figures, a sheet for each table, ready to print."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
