"""The old address of the application; ``drainage_api.main:create_app`` is the new one."""

import warnings

from drainage_api.main import create_app

__all__ = ["create_app"]

warnings.warn("api.main is now drainage_api.main; the next version removes it", DeprecationWarning, stacklevel=2)
