"""Papers that an office files, prints and hands on: long sections and hydrographs as PDF, PNG, SVG and DXF."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
