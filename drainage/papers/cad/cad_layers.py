"""The layers of a drawing: a code for each system, as surveys of pipelines in China have them, and what it holds.

``YSLINE`` are storm drains, ``WSPOINT`` the manholes of sewers. `read_network` reads the lines again by these names.
The codes are those of CJJ 61; the words behind them those of its software, from memory: look before you rely on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from drainage.maps.looks import SYSTEMS
from drainage.papers.drawn.sheets import MUTED, SYSTEM_DASHES
from drainage.said import Language, in_language
from drainage.words import all_of

#: System → code of its layers.
CODES: Final = {"storm": "YS", "sewage": "WS", "combined": "HS", "reclaimed": "ZS", "unknown": "PS"}
#: What a system has a layer for → its width when plotted, mm.
THINGS: Final = {"LINE": 0.35, "POINT": 0.18, "ARROW": 0.18, "MARK": 0.13, "TEXT": 0.13, "LEVEL": 0.13}
#: Layers of texts whose place is taken by others; they are switched off.
CROWDED: Final = "MORE"
_TEXTS: Final = ("MARK", "TEXT", "LEVEL")
#: Layers of what is of no system → colour, and width when plotted, mm.
OTHERS: Final = {
    "ROAD": ("#9A9A92", 0.18),
    "ROADTEXT": (MUTED, 0.13),
    "WATER": ("#5B9BC8", 0.35),
    "WATERTEXT": ("#5B9BC8", 0.13),
    "NOTES": (MUTED, 0.13),
}


class CadLayer(NamedTuple):
    """A layer: its name, what it holds in words, colour, width of lines in mm, whether it is shown, dashes in mm."""

    name: str
    words: str
    color: str
    width_mm: float
    shown: bool
    dash: tuple[float, ...]


def layers(lang: Language) -> Iterator[CadLayer]:
    """Yield all layers of a drawing; those of a system are there whether it has pipes or not."""
    said = {key: str(in_language(text, lang)) for key, text in all_of("cad").items()}
    systems = {key: str(in_language(text, lang)) for key, text in all_of("codes", "system").items()}
    for system, code in CODES.items():
        color = SYSTEMS[system]
        for thing, width_mm in THINGS.items():
            words = said["of_system"].format(system=systems[system], thing=said[thing])
            dash = SYSTEM_DASHES[system] if thing == "LINE" else ()
            yield CadLayer(code + thing, words, color, width_mm, shown=True, dash=dash)
            if thing in _TEXTS:
                more = said["crowded"].format(words=words)
                yield CadLayer(code + thing + CROWDED, more, color, width_mm, shown=False, dash=())
    for name, (color, width_mm) in OTHERS.items():
        yield CadLayer(name, said[name], color, width_mm, shown=True, dash=())
