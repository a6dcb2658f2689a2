"""Maps of others that may lie under a page, as `base_maps.toml` lists them; without a choice a page asks nobody."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from drainage.errors import FormatError
from drainage.said import Language, in_language
from drainage.words import all_of, in_both

#: Names of base maps; ``none``: the town's own roads, waterways and blocks.
BaseMap: TypeAlias = Literal["none", "osm", "tianditu", "gaode"]


@dataclass(frozen=True, slots=True)
class _Source:
    """One map of others; see `base_maps.toml`."""

    hosts: tuple[str, ...]
    tiles: tuple[str, ...]
    most_zoom: int
    credit: str
    gcj02: bool = False


_TABLES: Final[dict[str, dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)
_SOURCES: Final = {
    name: _Source(**table | {key: tuple(table[key]) for key in ("hosts", "tiles")}) for name, table in _TABLES.items()
}


def check_base_map(name: str, *, schematic: bool = False) -> None:
    """Raise where there is no such base map, or none can lie under a plan.

    Raises
    ------
    FormatError
        Unknown name, or a base map is asked for under layers without a CRS.
    """
    if name not in get_args(BaseMap):
        raise FormatError(in_both("base_map_unknown", name=name, known=", ".join(get_args(BaseMap))))
    if schematic and name != "none":
        raise FormatError(in_both("base_map_without_place", name=name))


def base_map_hosts(name: str) -> tuple[str, ...]:
    """Return the hosts that a page with this base map asks for pictures."""
    return _SOURCES[name].hosts if name != "none" else ()


def base_map_data(name: str, lang: Language) -> dict[str, object] | None:
    """Return what the program of a page is told of a base map; None: there is none."""
    if name == "none":
        return None
    source = _SOURCES[name]
    said = {key: in_language(both, lang) for key, both in all_of("map").items()}
    told = {key: value for key, value in asdict(source).items() if key not in {"hosts", "credit"}}
    return {"key": name, "label": said[f"base_{name}"], "credit": said[source.credit], **told}
