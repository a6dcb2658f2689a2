# The public names of this room; `__init__.py` loads them from here when they are first used.
from .entries import Term as Term
from .entries import explain as explain
from .entries import terms as terms

__all__: list[str]  # noqa: PYI035 - made of the names above
