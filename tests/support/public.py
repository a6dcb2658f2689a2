"""Everything public: the names of a first day, and those of the rooms."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any, Final

import drainage as dr

ROOMS: Final = {name: room for name in dr.__all__ if isinstance(room := getattr(dr, name), ModuleType)}
FIRST_DAY: Final = [name for name in dr.__all__ if name not in ROOMS]
#: Rooms all of whose names are for users.
_OPEN: Final = ("analyses", "formats", "glossary", "hydraulics", "inference", "intake", "maps", "papers", "plans",
                "publication", "simulation")  # fmt: skip
PUBLIC: Final[dict[str, Any]] = {
    **{name: getattr(dr, name) for name in FIRST_DAY},
    **{name: getattr(ROOMS[room], name) for room in _OPEN for name in ROOMS[room].__all__},
    "undo_repair": dr.repairs.undo_repair,
    "take_census": dr.report.take_census,
    "write_census": dr.report.write_census,
}
#: Room and name → every function and class of every room.
WORKING: Final[dict[str, Any]] = {
    f"{room}.{name}": one
    for room, module in {"": dr, **ROOMS}.items()
    for name in module.__all__
    if inspect.isfunction(one := getattr(module, name)) or inspect.isclass(one)
}
