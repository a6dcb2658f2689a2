"""The words of the field and of this software: what each is called and means in Chinese and in English."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
