"""One question, one file: a network or a flow state goes in, a Result comes out."""

import warnings

import lazy_loader

_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

_RENAMED = {"compare_deliveries": "find_changes"}


def __getattr__(name: str) -> object:
    """Load a name; a former one is given with a warning, for one version."""
    now = _RENAMED.get(name, name)
    if now != name:
        warnings.warn(f"drainage.analyses.{name} is drainage.analyses.{now} now", DeprecationWarning, stacklevel=2)
    return _load(now)
