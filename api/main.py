"""The old address of the application; ``drainage_api.main:create_app`` is the new one."""

import warnings

from drainage_api.main import create_app

__all__ = ["create_app"]

warnings.warn("api.main is drainage_api.main now and goes with the next version", DeprecationWarning, stacklevel=2)
