"""Leaflet as text, to stand in a page that fetches nothing."""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path
from typing import Final

from xstatic.pkg import leaflet

_LEAFLET: Final = Path(leaflet.BASE_DIR)


@cache
def leaflet_script() -> str:
    """Return the program, without its source map, which would be fetched."""
    return closed("script", re.sub("//# sourceMappingURL=.*", "", _text("leaflet.js")))


@cache
def leaflet_style() -> str:
    """Return the style sheet with its pictures inside."""
    return closed(
        "style", re.sub(r"url\((images/[\w.-]+)\)", lambda match: f"url({picture(match[1])})", _text("leaflet.css"))
    )


def picture(name: str) -> str:
    """Return a picture of Leaflet as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode((_LEAFLET / name).read_bytes()).decode()}"


def closed(tag: str, text: str) -> str:
    """Return the text of an element that does not end it."""
    return text.replace(f"</{tag}", f"<\\/{tag}")


def _text(name: str) -> str:
    return (_LEAFLET / name).read_text(encoding="utf-8")
