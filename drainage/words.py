"""Every Chinese and English word that a reader sees, by key, and the language that he reads.

Keys, names of columns and codes are the same in every language; `words.toml` holds what is said for them, and
`schema/layers.toml` what is said for the columns of layers.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from difflib import get_close_matches
from functools import cache, reduce
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal

from drainage.errors import FormatError
from drainage.said import Language, Said, in_language, parted

LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
#: Who is told how to give a keyword: ``crs=`` in Python is ``--crs`` on the command line.
_FACE: Final = ContextVar[Literal["python", "terminal"]]("face", default="python")
#: What names the language for all that a process writes; the option ``--lang`` of the terminal goes before it.
VARIABLE: Final = "DRAINAGE_LANG"

# End of a name → unit, the longest first.
_UNITS: Final = {
    "_m3_per_km_mm": "m³/(km·mm)",
    "_m3_per_day": "m³/d",
    "_per_m3_silt": "m³/m³",
    "_mm_per_min": "mm/min",
    "_m_per_m": "m/m",
    "_per_km": "/km",
    "_us_cm": "µS/cm",
    "_mg_l": "mg/L",
    "_mm_h": "mm/h",
    "_bits": "bit",
    "_yuan": "¥",
    "_m3d": "m³/d",
    "_m3h": "m³/h",
    "_m3s": "m³/s",
    "_m_s": "m/s",
    "_pct": "%",
    "_min": "min",
    "_ha": "ha",
    "_km": "km",
    "_m2": "m²",
    "_m3": "m³",
    "_mm": "mm",
    "_a": "a",
    "_h": "h",
    "_m": "m",
    "_s": "s",
}
_UNIT: Final = re.compile(f"({'|'.join(_UNITS)})(?:_by_.*)?$")
_NAMED_UNITS: Final = {
    "seconds": "s",
    "lon": "°",
    "lat": "°",
    "intensity_l_s_ha": "L/(s·hm²)",
    "m3_per_day": "m³/d",
}
_COUNTED: Final = re.compile(r"(?P<title>.+?):? \(?(?P<shown>[\d,]+) of (?P<count>[\d,]+)\)?")
_BILINGUAL: Final = frozenset({"reason", "action", "remedy", "message", "notice", "advice"})
_AVOIDED: Final = "avoided_"  # before the name of a cause


def in_both(sentence: str, /, **values: object) -> Said:
    """Return a sentence of `words.toml` in both languages, its values filled in.

    Parameters
    ----------
    sentence
        Its key in the table ``says``.
    values
        What stands in its braces; a value that is in both languages itself is so within each. ``{crs=}`` is filled in
        from the table ``keywords``, as whoever reads it would give that keyword.

    Examples
    --------
    >>> said = in_both("storm_factor", factor=1.1)
    >>> said, said.chinese
    ('rain multiplied by 1.1', '雨量乘以 1.1')
    """
    chinese, english = _table("says")[sentence]
    given = _keywords(_FACE.get())
    known = {name: in_language(value, "zh") for name, value in values.items()}
    return Said(english.format(**given, **values), chinese.format(**given, **known))


def nearest(word: str, known: Iterable[str] | None) -> str:
    """Return a question for the known word that comes nearest to one that is not known; nothing where none is near."""
    bare = {one.lstrip("-"): one for one in known or ()}  # that both begin with dashes makes them no more alike
    found = get_close_matches(word.lstrip("-"), list(bare), n=1)
    return in_both("nearest", word=bare[found[0]]) if found else ""


def keyword(name: str) -> str:
    """Return how whoever reads a message gives a keyword that is in the table ``keywords``."""
    return _keywords(_FACE.get())[f"{name}="]


@contextmanager
def on_the_terminal() -> Iterator[None]:
    """Make sentences name the options of the command line instead of the keywords of Python."""
    before = _FACE.set("terminal")
    try:
        yield
    finally:
        _FACE.reset(before)


@cache
def _keywords(face: str) -> dict[str, str]:
    return {f"{name}=": said[face == "terminal"] for name, said in _table("keywords").items()}


def language(chosen: str | None = None) -> Language:
    """Return the language in which to write: the one that is named, else that of the reader.

    Parameters
    ----------
    chosen
        ``zh`` or ``en``; None: the variable ``DRAINAGE_LANG``, else the locale, else English.

    Raises
    ------
    FormatError
        A language is named that is neither.

    Examples
    --------
    >>> language("zh")
    'zh'
    """
    named = {"lang": chosen, VARIABLE: os.environ.get(VARIABLE)}
    for where, name in named.items():
        if not name:
            continue
        found = name.strip().lower()
        if found == "zh":
            return "zh"
        if found == "en":
            return "en"
        raise FormatError(in_both("no_such_language", where=where, name=name))
    return "zh" if _locale().lower().startswith("zh") else "en"


def _locale() -> str:
    """Return the locale of messages, e.g. ``zh_CN.UTF-8``."""
    said = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    found = next((name for name in said if name), "")
    if sys.platform == "win32" and not found:
        import ctypes
        import locale

        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    return found


def word(name: str, lang: Language) -> str:
    """Return the word for a column or a key of a summary; a name that has none is its own.

    Examples
    --------
    >>> word("depth_m", "zh"), word("avoided_silt_m3", "en"), word("井深", "en")
    ('水深', 'avoided without: silt', '井深')
    """
    found = _found("columns", name, lang)
    return name if found is None and (found := _made(name, lang)) is None else found


def has_word(name: str) -> bool:
    """Return whether a column or a key of a summary is known here."""
    return _found("columns", name, "en") is not None or _made(name, "en") is not None


def _made(name: str, lang: Language) -> str | None:
    """Make the word of a name that is made of others, such as ``meters_without_users_pct``."""
    for sign, texts in _table("made_of").items():
        before, found, after = name.partition(sign)
        if not found or not (before or sign == _AVOIDED):
            continue
        cause = code("cause", _UNIT.sub("", after), lang)
        parts = [word(before, lang), word(after, lang)] if before else [cause or after]
        return str(texts[LANGUAGES.index(lang)]).format(*parts)
    return None


def unit(name: str) -> str:
    """Return the unit that stands in a name.

    Examples
    --------
    >>> unit("depth_m"), unit("rdii_m3_per_km_mm"), unit("pipes_km_by_carried_return_period_a"), unit("road")
    ('m', 'm³/(km·mm)', 'km', '')
    """
    if name in _NAMED_UNITS:
        return _NAMED_UNITS[name]
    if (counted := re.search(r"_(km|m|m3)_by_", name)) is not None:
        return _UNITS[f"_{counted.group(1)}"]
    found = _UNIT.search(name)
    return "" if found is None else _UNITS[found.group(1)]


def heading(name: str, lang: Language) -> str:
    """Return the heading of a column: its word, and its unit in brackets.

    Examples
    --------
    >>> heading("depth_m", "zh"), heading("depth_m", "en"), heading("road", "en")
    ('水深（m）', 'depth (m)', 'road')
    """
    said, measure = word(name, lang), unit(name)
    return with_unit(said, measure if has_word(name) else "", lang)


def in_heading(name: str) -> Said:
    """Return the heading of a column in both languages."""
    return Said(heading(name, "en"), heading(name, "zh"))


def with_unit(said: str, measure: str, lang: Language) -> str:
    """Put a unit in brackets behind a word."""
    if not measure:
        return said
    return f"{said}（{measure}）" if lang == "zh" else f"{said} ({measure})"


def codes(column: str) -> Mapping[str, Sequence[str]]:
    """Return the codes that a column can hold, each with its word in each of `LANGUAGES`."""
    name = column.removeprefix("by_")
    found: Mapping[str, Sequence[str]] = _table("codes").get(str(_table("same_codes").get(name, name)), {})
    return found


def code(column: str, value: str, lang: Language) -> str | None:
    """Return the word for a code of a column, also for several separated by commas; None where one has none.

    Examples
    --------
    >>> code("cause", "silt", "zh"), code("slow_at", "design, dry", "en"), code("road", "silt", "en")
    ('管道淤积', 'design flow, dry weather', None)
    """
    known = codes(column)
    if not known:
        return None
    parts = [known.get(part) for part in ([value] if value in known else value.split(", "))]
    words = [part[LANGUAGES.index(lang)] for part in parts if part is not None]
    return ("、" if lang == "zh" else ", ").join(words) if len(words) == len(parts) else None


def coded(column: str, value: str) -> Said:
    """Return a code of a column as a text of its own, with the Chinese word for it beside it.

    Examples
    --------
    >>> coded("system", "storm"), coded("system", "storm").chinese
    ('storm', '雨水')
    """
    return Said(value, code(column, value, "zh") or value)


def figure(path: Sequence[str], lang: Language) -> str:
    """Return the words for a figure of a summary by the keys that lead to it.

    Examples
    --------
    >>> figure(["by_grade", "minor"], "zh"), figure(["assumptions", "tailwater"], "en")
    ('按级别：轻', 'assumptions: tailwater')
    """
    parts = [word(path[0], lang)] if path else []
    parts += [code(above, key, lang) or word(key, lang) for above, key in pairwise(path)]
    return ("：" if lang == "zh" else ": ").join(parts)


def question(name: str, lang: Language) -> str:
    """Return the title of a question, e.g. of ``waterlogging`` or ``waterlogging_comparison``."""
    asked, compared, _ = name.partition("_comparison")
    said = _found("questions", asked, lang) or asked
    return f"{said} · {_found('questions', 'comparison', lang)}" if compared else said


def table(name: str, lang: Language) -> str:
    """Return the title of a table."""
    return _found("tables", name, lang) or name


def title(text: str, lang: Language) -> str:
    """Return the heading of what is printed, by the name of a question or a table or by what a command calls it.

    Examples
    --------
    >>> title("waterlogging", "zh"), title("points by volume (10 of 19)", "zh")
    ('易积水点', '水量最大的积水点（10/19）')
    """
    counted = _COUNTED.fullmatch(text)
    name = text if counted is None else counted["title"]
    found = [_found(group, name, lang) for group in ("questions", "titles", "tables")]
    said = next((one for one in found if one is not None), None) or one_language(name, lang)
    if counted is None:
        return said
    return phrase("first_of", lang, title=said, shown=counted["shown"], count=counted["count"])


def phrase(name: str, lang: Language, **values: object) -> str:
    """Return what is said around an answer, e.g. that only some rows are printed."""
    return str(_table("phrases")[name][LANGUAGES.index(lang)]).format(**values)


def help_for(group: str, name: str, lang: Language, *, of: str = "") -> str:
    """Return what the help of the terminal says of a command, an option or a group of them.

    Parameters
    ----------
    group, name
        Table and key under ``help`` in `words.toml`.
    of
        The command, which may say something else of an option than others do.

    Raises
    ------
    KeyError
        Nothing is said of it.
    """
    table = _table("help")[group]
    said = table.get(f"{of}.{name}") or table[name]
    return str(said[LANGUAGES.index(lang)])


def all_of(*path: str) -> dict[str, Said]:
    """Return the words of a table of `words.toml` in both languages; nothing where there is no such table."""
    found: Mapping[str, Any] = reduce(lambda table, name: table.get(name, {}), path[1:], _table(path[0]))
    return {key: Said(english, chinese) for key, (chinese, english) in found.items()}


def shown(column: str, value: object, lang: Language) -> object:
    """Return a cell as a reader sees it: words for codes, for true and false, and of a text in both languages his half.

    Examples
    --------
    >>> shown("cause", "silt", "zh"), shown("judged", True, "en"), shown("road", "人民路", "en")
    ('管道淤积', 'yes', '人民路')
    """
    if isinstance(value, bool):
        return phrase("yes" if value else "no", lang)
    if not isinstance(value, str):
        return value
    if isinstance(value, Said):
        return in_language(value, lang)
    return code(column, value, lang) or (one_language(value, lang) if column in _BILINGUAL else value)


def in_both_languages(column: str) -> bool:
    """Return whether the texts of a column are written as `中文 English`."""
    return column in _BILINGUAL


def hidden(columns: Sequence[str], lang: Language) -> set[str]:
    """Return the columns that say in the other language what another column says in this one."""
    pairs = [(ours, theirs) for ours, others in _table("twins").items() for theirs in others]
    return {theirs if lang == "zh" else ours for ours, theirs in pairs if {ours, theirs} <= set(columns)}


def one_language(text: str, lang: Language) -> str:
    """Return a text that is `Said` in both, or written as `中文 English`, in one language; any other as it is.

    Examples
    --------
    >>> one_language("坡度过小 flatter than its size needs", "en"), one_language("at 人民路", "zh")
    ('flatter than its size needs', 'at 人民路')
    """
    found = text if isinstance(text, Said) else parted(text)
    return text if found is None else str(in_language(found, lang))


def all_names() -> Sequence[str]:
    """Return every name of a column or key that has a word, in the order of the alphabet."""
    return sorted(_table("columns"))


def _found(group: str, name: str, lang: Language) -> str | None:
    texts = _table(group).get(name)
    return None if texts is None else str(texts[LANGUAGES.index(lang)])


@cache
def _table(name: str) -> dict[str, Any]:
    """Return a table of `words.toml`, which alone is parsed; the words of columns of layers stand in theirs."""
    found = dict[str, Any](tomllib.loads("".join(_texts().get(name, []))).get(name, {}))
    if name == "columns":
        layers = tomllib.loads((Path(__file__).parent / "schema" / "layers.toml").read_text(encoding="utf-8"))
        found |= {column: (one["zh"], one["en"]) for column, one in layers["columns"].items()}
    return found


@cache
def _texts() -> dict[str, list[str]]:
    """Return the text of each table, and of those within it."""
    texts: dict[str, list[str]] = {}
    whole = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    for text in re.split(r"^(?=\[)", whole, flags=re.MULTILINE)[1:]:
        texts.setdefault(re.split(r"[\].]", text[1:], maxsplit=1)[0], []).append(text)
    return texts
