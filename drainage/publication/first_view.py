"""What of the page can be read before its program runs, and without it: title, notice, rain, the flooded roads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from drainage import words
from drainage.said import in_language

_CODES: Final = ".ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_STEP_CM: Final = 5
_TABS: Final = {"home": ("map", "nav_flooded"), "solved": ("done", "nav_solved"),
                "report": ("tell", "nav_report"), "call": ("call", "nav_call")}  # fmt: skip


def said(key: str, /, **values: object) -> str:
    """Return a sentence of the public page in Chinese, in which it opens."""
    text = str(in_language(words.all_of("public_page")[key], "zh"))
    return text.format(**values) if values else text


def titles(contents: Mapping[str, Any]) -> dict[str, str]:
    """Return title, name and description of the page, escaped."""
    city = contents["city"]["zh"] or contents["city"]["en"]
    bare = "" if city else "_bare"
    found = {
        "title": said(f"document_title{bare}", city=city),
        "name": said(f"title{bare}", city=city),
        "description": city + said("description"),
    }
    return {key: escape(text) for key, text in found.items()}


def notice(contents: Mapping[str, Any]) -> str:
    """Return the line under the heading: computed and not live, and that the data are made up where they are."""
    if not contents["synthetic"]:
        return f'<p class="notice" data-say="not_live">{escape(said("not_live"))}</p>'
    texts = [f'<{tag} data-say="{key}">{escape(said(key))}</{tag}>' for tag, key in (("b", "demo"), ("span", "synthetic"))]
    return f'<p class="notice demo">{"".join(texts)}</p>'


def rain_rows(contents: Mapping[str, Any]) -> str:
    """Return the choice of the rain as it stands when the page opens, so that nothing moves when its program runs."""
    rains = contents["rains"]
    chosen = opening(contents)
    grades = sorted({rain["g"] for rain in rains})
    shown = "".join(_choice("grade", g, said(f"rain_grade_{g}"), on=g == chosen["g"]) for g in grades if len(grades) > 1)
    depth = f"<b>{escape(said('amount_mm', mm=chosen['mm']))}</b>"
    amount = said("amount", span=_span(chosen["min"]), depth=depth)
    alone = ' class="alone"' if len(rains) < 2 else ""
    opener = "" if alone else (
        f'<button type="button" id="rain-open" aria-expanded="false" aria-controls="rain">{escape(said("rain_change"))}</button>'
    )
    hidden = opener or '<button type="button" id="rain-open" hidden></button>'
    return (
        f'{hidden}<fieldset id="rain"{alone}><legend data-say="how_heavy">{escape(said("how_heavy"))}</legend>'
        f'<div id="grades">{shown}</div><div class="within"><div id="years"></div><p id="amount">{amount}</p></div>'
        f'<button type="button" id="rain-done" data-say="rain_done">{escape(said("rain_done"))}</button></fieldset>'
    )


def _choice(group: str, value: object, text: str, *, on: bool) -> str:
    marks = (' class="on"', " checked") if on else ("", "")
    return (
        f'<label{marks[0]}><input type="radio" name="{group}" value="{value}"{marks[1]}>'
        f"<span>{escape(text)}</span></label>"
    )


def opening(contents: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the rain with which the page opens."""
    rains: Sequence[Mapping[str, Any]] = contents["rains"]
    return next((rain for rain in rains if rain["k"] == contents["default"]), rains[0])


def _span(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return said("minutes_30") if rest == 30 else said("minutes", minutes=rest)
    if not rest:
        return said("hours", hours=hours)
    return said("hours_and_half", hours=hours) if rest == 30 else said("hours_minutes", hours=hours, minutes=rest)


def first_list(contents: Mapping[str, Any]) -> str:
    """Return the answer for the first rain and its flooded roads, the deepest first."""
    rain = opening(contents)
    wet = {k: _CODES.index(sign) * _STEP_CM for k, sign in enumerate(rain["n"]) if sign != "."}
    deepest: dict[int, int] = {}
    for stretch, cm in wet.items():
        road = contents["st"][stretch][0]
        deepest[road] = max(deepest.get(road, 0), cm)
    title = said("flooded_many", count=len(wet)) if wet else said("flooded_none")
    rows = "".join(_row(contents, road, cm) for road, cm in sorted(deepest.items(), key=lambda item: -item[1]))
    head = f"<h2>{escape(title)}</h2><p class=\"lead\">{escape(_rain_name(rain))}</p>"
    if contents["date"]:
        head += f"<p>{escape(said('as_of', date=contents['date']))}</p>"
    return f'<div class="head">{head}</div><ul class="list">{rows}</ul>'


def _rain_name(rain: Mapping[str, Any]) -> str:
    amount = said("amount", span=_span(rain["min"]), depth=said("amount_mm", mm=rain["mm"]))
    grade = said(f"rain_grade_{rain['g']}")
    return said("rain_all" if rain["P"] else "rain_plain", years=rain["P"], grade=grade, amount=amount)


def _row(contents: Mapping[str, Any], road: int, cm: int) -> str:
    grade = sum(cm > bound for bound in contents["pass"]["up"])
    name, english = contents["roads"][road][:2]
    return (
        f'<li><span class="row"><span class="dot grade-{grade + 1}">{cm}</span><span class="name">'
        f"<b><bdi>{escape(name or english)}</bdi></b><small>{escape(contents['pass']['gz'][grade])}</small></span>"
        f'<span class="value"><b>{escape(said("centimetres_about", cm=cm))}</b></span></span></li>'
    )


def tabs(contents: Mapping[str, Any]) -> str:
    """Return the chief views; what was solved only where a day before is known."""
    shown = [view for view in _TABS if view != "solved" or contents["before"]]
    links = "".join(
        f'<a href="#{"" if view == "home" else f"v={view}"}" data-view="{view}"><svg aria-hidden="true">'
        f'<use href="#i-{_TABS[view][0]}"/></svg><span data-say="{_TABS[view][1]}">{escape(said(_TABS[view][1]))}</span></a>'
        for view in shown
    )
    return f'<nav data-label="nav" aria-label="{escape(said("nav"))}">{links}</nav>'
