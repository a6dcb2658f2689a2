# The public names of this room; `__init__.py` loads them from here when they are first used.
from .write import write_workbook as write_workbook

__all__: list[str]  # noqa: PYI035 - made of the names above
