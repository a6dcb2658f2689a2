"""What is said of an answer in sentences, made of the figures of its summary."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Final

from drainage.cells import plain_value
from drainage.maps.desk.question_looks import Sentences
from drainage.said import Language, in_language
from drainage.words import all_of

_VERDICTS: Final = all_of("verdicts")


def verdict_of(said: Sentences, summary: Mapping[str, object], lang: Language) -> dict[str, object]:
    """Return the sentence that answers a question, further ones, and how much was found.

    Parameters
    ----------
    said
        Which sentences.
    summary
        Figures of the answer, nested; ``not_known`` or ``not_answered`` say why there is none.
    """
    why = summary.get("not_answered") or summary.get("not_known")
    if why:
        return {"verdict": "", "detail": [], "unknown": str(in_language(why, lang)), "count": None}
    counts = [_figure(summary, name) for name in said.count.split("+") if name]
    known = [one for one in counts if isinstance(one, int)]
    count = sum(known) if counts and len(known) == len(counts) else None
    first = said.none if said.none and count == 0 else said.verdict
    detail = [text for key in said.detail if (text := _sentence(key, summary, lang, without_zero=True))]
    advice = in_language(summary.get("advice"), lang)
    return {
        "verdict": _sentence(first, summary, lang),
        "detail": [*([str(advice)] if advice else []), *detail],
        "unknown": "",
        "count": count,
    }


def _sentence(key: str, summary: Mapping[str, object], lang: Language, *, without_zero: bool = False) -> str:
    """Return a sentence with its figures; nothing where one is not known, or the first is 0 and is not worth saying."""
    if key not in _VERDICTS:
        return ""
    pattern = str(in_language(_VERDICTS[key], lang))
    names = [name for _, name, _, _ in Formatter().parse(pattern) if name]
    figures = [_figure(summary, name) for name in names]
    if any(figure is None for figure in figures) or (without_zero and figures and figures[0] == 0):
        return ""
    for name, figure in zip(names, figures, strict=True):
        pattern = pattern.replace(f"{{{name}}}", _written(name, figure))
    return pattern


def _figure(summary: Mapping[str, object], path: str) -> object:
    """Return a figure by the keys that lead to it, parted by dots; None where there is none."""
    found: object = summary
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return plain_value(found)


def _written(name: str, figure: object) -> str:
    """Return a figure as a reader takes it in: shares in per cent, large numbers whole and with commas.

    Examples
    --------
    >>> _written("effective_share", 0.2764), _written("effective_share_after", 0.71)
    ('28 %', '71 %')
    >>> _written("volume_m3", 16878.2), _written("length_km", 92.26)
    ('16,878', '92.3')
    """
    if not isinstance(figure, (int, float)):
        return str(figure)
    if name.removesuffix("_before").removesuffix("_after").endswith("_share"):
        return f"{100 * figure:.0f} %"
    if isinstance(figure, int) or abs(figure) >= 100 or float(figure).is_integer():
        return f"{figure:,.0f}"
    return f"{figure:.1f}"
