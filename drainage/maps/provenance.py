"""The line under the heading of a map: for which rain, of which day, by which engine, from what, made when."""

from __future__ import annotations

from collections.abc import Mapping

from drainage import words
from drainage.provenance import Provenance
from drainage.said import Language
from drainage.words import code, heading, one_language, phrase, shown, with_unit, word

_MOST_FILES = 3


def lines_above(
    title: str, notice: str | None, provenance: Provenance | None, *, schematic: bool, lang: Language
) -> tuple[str, str, str]:
    """Return what stands above a map: its heading, what must be known of it, and where it comes from."""
    heading = f"{words.title(title, lang)}{phrase('schematic', lang) if schematic else ''}"
    if provenance is None:
        return heading, one_language(notice or "", lang), ""
    return heading, one_language(notice or provenance.notice or "", lang), provenance_line(provenance, lang)


def provenance_line(said: Provenance, lang: Language) -> str:
    """Return where an answer comes from as one line; what does not apply is left out.

    Examples
    --------
    >>> from drainage.provenance import Provenance
    >>> provenance_line(Provenance(as_of="2024-06-30", engine="screening", made_at="2024-07-01T08:00:00+08:00"), "en")
    'as of 2024-06-30 · engine screening · made 2024-07-01 08:00 · drainage 0.1.0'
    """
    parts, _ = parts_of(said, lang)
    return " · ".join(parts)


def parts_of(said: Provenance, lang: Language, *, rain: bool = True) -> tuple[list[str], bool]:
    """Return where an answer comes from in parts, and whether nothing in it is unverified.

    Parameters
    ----------
    rain
        Whether the answer is that of a storm; else neither storm nor engine is named.
    """
    files = list(said.source or ())
    asked = [said.engine] if isinstance(said.engine, str) else said.engine or []
    engines = [code("engine", one, lang) or one for one in asked if one] if rain else []
    more = f" +{len(files) - _MOST_FILES}" if len(files) > _MOST_FILES else ""
    storm = said.storm if rain else None
    parts = [
        *(_storm(storm, lang) if storm else ()),
        _named(phrase("as_of", lang), said.as_of),
        _named(word("engine", lang), engines),
        _named(word("source", lang), files[:_MOST_FILES]) + more if files else "",
        f"{phrase('made', lang)} {said.made_at[:16].replace('T', ' ')}",
        f"drainage {said.version}",
    ]
    verified = not storm or storm["formula"] is None or storm["verified"] is True
    return [part for part in parts if part], verified


def facts_in_words(said: Provenance, lang: Language) -> list[tuple[str, str]]:
    """Return all that is known of where an answer comes from: names and values in words, what does not apply left out.

    Examples
    --------
    >>> from drainage.provenance import Provenance
    >>> facts_in_words(Provenance(as_of="2024-06-30", engine="screening"), "en")[:2]
    [('as of', '2024-06-30'), ('engine', 'screening')]
    """
    return [pair for key, value in said.as_dict(lang).items() for pair in _pairs(key, value, lang)]


def _pairs(key: str, value: object, lang: Language) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [pair for name, one in value.items() for pair in _pairs(str(name), one, lang)]
    several = value if isinstance(value, list | tuple) else [value]
    texts = [str(shown(key, one, lang)) for one in several if one is not None and not isinstance(one, Mapping)]
    return [(heading(key, lang), ", ".join(texts))] if any(texts) else []


def foot_of(said: Provenance, lang: str | None = None) -> tuple[str, str]:
    """Return what stands below a figure: what must be known of the data, and where they come from."""
    chosen = words.language(lang)
    return one_language(said.notice or "", chosen), provenance_line(said, chosen)


def _storm(storm: Mapping[str, object], lang: Language) -> list[str]:
    formula = storm["formula"] is not None
    figures = [
        phrase("return_period", lang, years=_text(storm["return_period_a"])) if formula else "",
        f"{_text(storm['duration_min'])} min",
        f"{_text(storm['depth_mm'])} mm",
        code("shape", _text(storm["shape"]), lang) or _text(storm["shape"]),
    ]
    rain = phrase("design_storm" if formula else "given_rain", lang)
    verified = phrase("verified" if storm["verified"] is True else "not_verified", lang)
    return [
        f"{rain} {', '.join(filter(None, figures))}",
        *([f"{word('formula', lang)} {with_unit(_text(storm['formula']), verified, lang)}"] if formula else []),
    ]


def _named(name: str, value: object) -> str:
    return f"{name} {_text(value)}" if value else ""


def _text(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value))
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
    return "" if value is None else str(value)
