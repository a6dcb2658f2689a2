"""The public page as one file: its data, words and programs in it, its first list readable before any of them runs.

The program is built from ``web/public_page``; nothing of it asks anybody for anything, and the page's own policy
forbids it to.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

from drainage import words
from drainage.glossary.entries import glossary
from drainage.publication.first_view import first_list, notice, rain_rows, tabs, titles
from drainage.said import Language, in_language

_PAGE: Final = Path(__file__).with_name("page")
#: What the program of the page reads: what is not named here does not enter it.
_SHOWN: Final = (
    *("city", "synthetic", "date", "before", "made", "days", "rains", "default", "formula", "judged"),
    *("roads", "st", "l", "town", "river", "rname", "water", "wname", "size", "geo", "seen", "tel", "post", "url"),
)
_PASSING: Final = ("up", "gz", "ge", "who", "body", "speed_kmh")
#: Terms of the glossary that the page explains: more would make it slower.
_TERMS: Final = ("waterlogging", "return_period", "drain_down", "relief")
_FIRST: Final = "zh"  # the language in which the page opens; the other one comes after it can be used


def public_page_html(contents: Mapping[str, Any]) -> str:
    """Return the page for the public as one file that opens in any browser without a network.

    Parameters
    ----------
    contents
        What it shows, of plain values: city, days, rains with depth and time by stretch, roads, drawn lines,
        thresholds and numbers to call.

    Returns
    -------
    The HTML; equal contents give equal bytes.
    """
    program, later = _part("public_page.js", "script"), _part("later.js", "script")
    style, later_style = _part("public_page.css", "style"), _part("later.css", "style")
    return Template(_frame()).substitute(
        titles(contents),
        policy=_policy([program, later], [style, later_style]),
        style=style,
        notice=notice(contents),
        find=escape(_said("public_page", _FIRST)["find"]),
        rain=rain_rows(contents),
        first=first_list(contents),
        nav=tabs(contents),
        code=_code(str(contents["url"])),
        words=_block(_said("public_page", _FIRST)),
        data=_block(_shown(contents)),
        program=program,
        later_style=later_style,
        words_later=_block(_said("public_page_later", _FIRST)),
        words_english=_block([*_said("public_page", "en").values(), *_said("public_page_later", "en").values()]),
        sources=_block(contents["pass"].get("sources", {})),
        terms=_block([[one.name.by_language(), one.says.by_language()] for one in map(glossary().__getitem__, _TERMS)]),
        later_program=later,
    )


@cache
def _said(table: str, lang: Language) -> dict[str, str]:
    return {key: str(in_language(text, lang)) for key, text in words.all_of(table).items()}


def worded(html: str) -> str:
    """Fill in the words of the page's first language where its elements name them.

    ``data-say="key">`` gets the text, ``data-label="key"`` the name that is read aloud.
    """
    said = _said("public_page", _FIRST)
    html = re.sub(r'(data-say="(\w+)"[^>]*>)', lambda found: found[1] + escape(said[found[2]]), html)
    return re.sub(r'data-label="(\w+)"', lambda found: f'{found[0]} aria-label="{escape(said[found[1]])}"', html)


@cache
def _frame() -> str:
    text = worded((_PAGE / "page.html").read_text(encoding="utf-8"))
    return re.sub(r">\n+<(?!/?(script|style))", "><", text)


@cache
def _part(name: str, tag: str) -> str:
    """Return a built program or style sheet as the text of an element that does not end it."""
    text = (_PAGE / name).read_text(encoding="utf-8").strip()
    return text.replace(f"</{tag}", f"<\\/{tag}")


def _policy(programs: Sequence[str], styles: Sequence[str]) -> str:
    """Return what the page may do: run and look as it was made, show photos of the report, send one to its own host."""
    rules = {
        "default-src": ["'none'"],
        "script-src": list(map(_hash, programs)),
        "style-src": list(map(_hash, styles)),
        "img-src": ["data:", "blob:"],
        "connect-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    return "; ".join(" ".join([name, *sources]) for name, sources in rules.items())


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _shown(contents: Mapping[str, Any]) -> dict[str, object]:
    """Return what the program reads of the contents, and nothing else."""
    found = {key: contents[key] for key in _SHOWN if key in contents} | {"st": _stretches(contents)}
    return found | {"pass": {key: contents["pass"].get(key) for key in _PASSING}}


def _stretches(contents: Mapping[str, Any]) -> Sequence[object]:
    """Return the road of each stretch; with its crossings where the ends of its line do not tell them."""
    stretches = contents["st"]
    ends = [end for line in contents["l"].split(",") for end in _ends(line)] if stretches else []
    pairs = set(zip([crossing for _, *both in stretches for crossing in both], ends, strict=True))
    told = len(pairs) == len({crossing for crossing, _ in pairs}) == len({point for _, point in pairs})
    return [road for road, *_ in stretches] if told else stretches


def _ends(line: str) -> list[tuple[int, int]]:
    x, y, *steps = map(int, re.findall(r"-?\d+", line))
    return [(x, y), (x + sum(steps[::2]), y + sum(steps[1::2]))]


def _block(data: Mapping[str, object] | Sequence[object]) -> str:
    """Return data as text that no reader of HTML can leave."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _code(address: str) -> str:
    """Return the QR code of an address as a drawing; nothing where none is known."""
    if not address:
        return ""
    import segno

    code = segno.make(address, error="m", micro=False)
    drawing: str = code.svg_inline(omitsize=True, border=2, svgclass="code", lineclass=None)
    return drawing.replace("<svg ", '<svg aria-hidden="true" ', 1)
