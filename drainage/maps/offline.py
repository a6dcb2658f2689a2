"""A folium map that stands alone: Leaflet inlined, nothing fetched, no script but ours."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape
from pathlib import Path
from typing import Any

import folium
from branca.element import Element, Figure
from xstatic.pkg import leaflet

from drainage.errors import FormatError
from drainage.said import Language

_PROGRAM = ("map.js", "panels.js")
_STRICT = '"use strict";'
_HERE = Path(__file__).parent
_LEAFLET = Path(leaflet.BASE_DIR)
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_REMOTE = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)\s*=", re.IGNORECASE)
_N_SCRIPTS = 4  # Leaflet, folium's flags, the program, folium's map; one more could only come from the data
_FIXED_VIEWPORT = re.compile(r'<meta name="viewport".*?/>', re.DOTALL)


class _Page(Figure):
    """The page around the map; rendering fails where anything would be fetched or an unknown script stands in it."""

    def __init__(self, title: str, notice: str | None, said: str | None, lang: Language) -> None:
        super().__init__()
        self._words = (title, notice, said)
        self._lang = {"zh": "zh-CN"}.get(lang, lang)

    def render(self, **kwargs: Any) -> str:  # noqa: ANN401 - as in branca
        """Return the page as HTML.

        Raises
        ------
        FormatError
            Something in the page would be loaded from elsewhere.
        """
        title, notice, said = self._words
        page = str(super().render(**kwargs))
        if remote := _REMOTE.search(page):
            raise FormatError(
                f"the map is not self-contained: {remote.group()[:80]}; draw without plugins that load remote files"
            )
        scripts = [(mark, text) for mark, text in _SCRIPT.findall(page) if "application/json" not in mark]
        if len(scripts) != _N_SCRIPTS:
            raise FormatError(
                f"the map holds {len(scripts)} scripts instead of {_N_SCRIPTS}: some text was not escaped"
            )
        hashes = " ".join(
            f"'sha256-{base64.b64encode(hashlib.sha256(t.encode()).digest()).decode()}'" for _, t in scripts
        )
        policy = (
            f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        )
        head = (
            f'<meta http-equiv="Content-Security-Policy" content="{policy}"/><title>{escape(title)}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        )
        page = _FIXED_VIEWPORT.sub("", page, count=1)
        page = page.replace("<html>", f'<html lang="{self._lang}">', 1).replace("<head>", f"<head>{head}", 1)
        warning = f'<p class="dr-notice" role="note">{escape(notice)}</p>' if notice else ""
        papers = f'<p class="dr-provenance">{escape(said)}</p>' if said else ""
        head = f'<header><h1>{escape(title)}</h1>{warning}{papers}</header><section id="dr-bar"></section>'
        page = page.replace("<body>", f"<body>{head}<main>", 1)
        # folium puts its scripts after </body>, where browsers repair and validators complain
        return page.replace("</body>", '</main><section id="dr-list"></section></body>', 1)


class OfflineMap(folium.Map):
    """A folium map without any remote asset.

    Parameters
    ----------
    title, notice, said
        Heading of the page and the lines under it: what must be known, and where the answer comes from.
    schematic
        Coordinates are a plan without a place on earth.
    lang
        Language of the page.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium's own hook
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(
        self, *, title: str, notice: str | None, said: str | None = None, schematic: bool = False, lang: Language
    ) -> None:
        """Make an empty map."""
        super().__init__(
            location=[0, 0], zoom_start=2, tiles=None, crs="Simple" if schematic else "EPSG3857", zoom_snap=0.25
        )
        self._id = "drainage"  # not a new one each time: the same layers give the same bytes
        page = _Page(title, notice, said, lang)
        page.add_child(self)
        page.header.add_child(Element(_inline("style", _leaflet_css() + _text("map.css"))), name="style")
        page.header.add_child(
            Element(_inline("script", (_LEAFLET / "leaflet.js").read_text(encoding="utf-8"))), name="leaflet"
        )
        # folium's own script stands at the end of the page: the program waits until it has made the map
        program = "\n".join(
            ("window.addEventListener('DOMContentLoaded', function () {", _STRICT, *map(_text, _PROGRAM), "});")
        )
        page.header.add_child(Element(_inline("script", program)), name="drainage_program")


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _inline(tag: str, text: str) -> str:
    """Return an element whose text branca's templates leave alone; source maps would be fetched."""
    clean = re.sub(r"//# sourceMappingURL=.*", "", text).replace(f"</{tag}", f"<\\/{tag}")
    return f"{{% raw %}}<{tag}>{clean}</{tag}>{{% endraw %}}"


def _leaflet_css() -> str:
    """Leaflet's style sheet with its pictures inside."""

    def inside(match: re.Match[str]) -> str:
        picture = base64.b64encode((_LEAFLET / match.group(1)).read_bytes()).decode()
        return f"url(data:image/png;base64,{picture})"

    return re.sub(r"url\((images/[\w.-]+)\)", inside, (_LEAFLET / "leaflet.css").read_text(encoding="utf-8"))
