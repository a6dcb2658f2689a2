"""A page of the map as files: one that holds all, or, for a large city, a folder that a web server gives out."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from drainage.maps.base_maps import base_map_hosts
from drainage.maps.inlined import closed, leaflet_script, leaflet_style
from drainage.writing import replacing_directory, replacing_file

_PAGE: Final = Path(__file__).with_name("page")
_LINES: Final = ('class="dr-notice" role="note"', 'class="dr-provenance"')
_STYLES: Final = ("drawing.css", "map.css", "print.css")
_PROGRAM: Final = "engineers_map.js"
_TILED_PROGRAM: Final = "tiled_map.js"
#: File of a folder from which the whole is fetched.
WHOLE: Final = "whole.json.gz"


@dataclass(frozen=True)
class Page:
    """A map as one file that opens in any browser without a network.

    Parameters
    ----------
    title
        Its heading.
    html
        The file.
    folder
        The files of the same map as a folder for a web server, by name, of a city that is large: ``index.html`` and
        what it fetches when it is needed. Empty for all others: the one file is the folder.
    """

    title: str
    html: str
    folder: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def save(self, path: str | Path, *, force: bool = True) -> Path:
        """Write the page, whole or not at all, in place of what an earlier run wrote there.

        Parameters
        ----------
        path
            Name of the file; a name without an ending, or one that ends with a slash, is that of a folder.

        Raises
        ------
        FormatError, OSError
            The name is that of a link, or of a directory that holds other things; it cannot be written.
        """
        goal = Path(path)
        if is_folder(path):
            with replacing_directory(goal, force=force) as part:
                self.write_folder(part)
            return goal
        with replacing_file(goal, ending=goal.suffix.lower(), force=force) as part:
            part.write_text(self.html, encoding="utf-8")
        return goal

    def write_folder(self, folder: Path) -> None:
        """Write the files of the folder, which is made where it is not there."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (self.folder or {"index.html": self.html.encode()}).items():
            (folder / name).write_bytes(content)

    def __repr__(self) -> str:
        """Return one line with the title and the size."""
        return f"<Page {self.title}: {len(self.html) / 1e6:.1f} MB>"

    def _repr_html_(self) -> str:
        return f'<iframe srcdoc="{escape(self.html)}" style="width: 100%; height: 640px; border: 0"></iframe>'


def is_folder(path: str | Path) -> bool:
    """Tell whether a name means a folder: it ends with a slash, or has no ending."""
    return str(path).endswith(("/", "\\")) or not Path(path).suffix


@dataclass(frozen=True, kw_only=True)
class PageParts:
    """What a page is made of.

    Parameters
    ----------
    heading, lines
        Title, and the lines under it: notice and provenance.
    lang
        Language of the page, as HTML has it.
    blocks
        Name of an element → data that stand in it as JSON.
    base_map
        See `drainage.maps.base_maps`.
    """

    heading: str
    lines: Sequence[str | None]
    lang: str
    blocks: Mapping[str, Mapping[str, object]]
    base_map: str = "none"


def one_page(parts: PageParts) -> Page:
    """Return a page that holds all of its data."""
    return Page(parts.heading, _html(parts, tiled=False))


def city_page(parts: PageParts, whole: Mapping[str, object], tiles: Mapping[str, bytes]) -> Page:
    """Return the page of a large city: with tiles and the whole in it as one file, and beside it as a folder."""
    text = json.dumps(whole, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    packed = gzip.compress(text.encode(), 6, mtime=0)
    named = {Path(name).stem: content for name, content in tiles.items()} | {"whole": packed}
    held = "\n".join(_bytes_block(f"drainage-{name}", content) for name, content in named.items())
    index = _html(parts, tiled=True, fetching=True).encode()
    return Page(parts.heading, _html(parts, tiled=True, held=held), {"index.html": index, **tiles, WHOLE: packed})


def _html(parts: PageParts, *, tiled: bool, fetching: bool = False, held: str = "") -> str:
    names = (*((_TILED_PROGRAM,) if tiled else ()), _PROGRAM)
    programs = [leaflet_script(), *(closed("script", _text(name)) for name in names)]
    sources = ["data:", *base_map_hosts(parts.base_map)]
    written = zip(_LINES, parts.lines, strict=True)
    return Template(_text("page.html")).substitute(
        lang=parts.lang,
        title=escape(parts.heading),
        hashes=" ".join(map(_hash, programs)),
        pictures=" ".join(sources),
        fetched="connect-src 'self'; " if fetching else "",
        style=leaflet_style() + "".join(map(_text, _STYLES)),
        lines="".join(f"<p {mark}>{escape(line)}</p>" for mark, line in written if line),
        blocks="\n".join([*(_block(name, block) for name, block in parts.blocks.items()), held]),
        programs="\n".join(f"<script>{program}</script>" for program in programs),
    )


def _text(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _block(name: str, data: Mapping[str, object]) -> str:
    """Return data as an element of the page that no browser runs."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":  # by which a reader of HTML or of scripts could leave the block
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/json" id="{name}">{text}</script>'


def _bytes_block(name: str, content: bytes) -> str:
    return f'<script type="application/octet-stream" id="{name}">{base64.b64encode(content).decode()}</script>'
