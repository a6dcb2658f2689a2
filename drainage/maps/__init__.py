"""Maps: a map is a list of layers; the only home of folium, colours and HTML."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
