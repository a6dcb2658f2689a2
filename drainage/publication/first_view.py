"""What of the page can be read before its program runs, and without it: title, notice, rain, the flooded roads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from drainage import words
from drainage.said import in_language

_CODES: Final = ".ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_STEP_CM: Final = 5
_MOST_CM: Final = 200  # the highest class of `by_stretch`: what is deeper is told as this
#: Below that share of computed drains a town without water is no all-clear (own choice; the program has the same).
_MOSTLY_JUDGED: Final = 0.8
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
        return _element("p", "not_live", 'class="notice"')
    return f'<p class="notice demo">{_element("b", "demo")}{_element("span", "synthetic")}</p>'


def _element(tag: str, key: str, attributes: str = "") -> str:
    """Return an element with a sentence in it, which the program can say in the other language."""
    start = " ".join(filter(None, [tag, attributes, f'data-say="{key}"']))
    return f"<{start}>{escape(said(key))}</{tag}>"


def rain_rows(contents: Mapping[str, Any]) -> str:
    """Return the choice of the rain as it stands when the page opens, so that nothing moves when its program runs."""
    rains, chosen = contents["rains"], opening(contents)
    alone, hidden = (' class="alone"', " hidden") if len(rains) < 2 else ("", "")
    grades = sorted({rain["g"] for rain in rains})
    choices = "".join(_choice(g, on=g == chosen["g"]) for g in grades if len(grades) > 1)
    depth = f"<b>{escape(said('amount_mm', mm=chosen['mm']))}</b>"
    opener = 'type="button" id="rain-open" aria-expanded="false" aria-controls="rain"'
    done = _element("button", "rain_done", 'type="button" id="rain-done"')
    return (
        f"<button {opener}{hidden}>{escape(said('rain_change'))}</button>"
        f'<fieldset id="rain"{alone}>{_element("legend", "how_heavy")}<div id="grades">{choices}</div>'
        f'<div class="within"><div id="years"></div>'
        f'<p id="amount">{said("amount", span=_span(chosen["min"]), depth=depth)}</p></div>{done}</fieldset>'
    )


def _choice(grade: int, *, on: bool) -> str:
    marks = (' class="on"', " checked") if on else ("", "")
    field = f'<input type="radio" name="grade" value="{grade}"{marks[1]}>'
    return f"<label{marks[0]}>{field}<span>{escape(said(f'rain_grade_{grade}'))}</span></label>"


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
    """Return the answer for the first rain and its flooded roads in the order of the program: the deepest first."""
    rain = opening(contents)
    roads = _flooded(contents, rain)
    count = sum(map(len, roads.values()))
    title = said("flooded_many", count=count) if count else said(_no_flood(contents, rain))
    rows = "".join(_row(contents, road, depths[0]) for road, depths in roads.items())
    head = f'<h2>{escape(title)}</h2><p class="lead">{escape(_rain_name(rain))}</p>'
    if contents["date"]:
        head += f"<p>{escape(said('as_of', date=contents['date']))}</p>"
    return f'<div class="head">{head}</div><ul class="list">{rows}</ul>'


def _no_flood(contents: Mapping[str, Any], rain: Mapping[str, Any]) -> str:
    """Return the key of what is said where no road is wet: none at all, or none of those that could be computed."""
    partly = rain.get("o", 0) or contents.get("judged", 1) < _MOSTLY_JUDGED
    return "flooded_none_partly" if partly else "flooded_none"


def _flooded(contents: Mapping[str, Any], rain: Mapping[str, Any]) -> dict[int, list[int]]:
    """Return the depths on each flooded road in cm, the deepest road and within it the deepest stretch first."""
    depth, lasting = (dict(enumerate(map(_CODES.index, rain[key]))) for key in ("n", "t"))
    wet = sorted((k for k, code in depth.items() if code), key=lambda k: (-depth[k], -lasting.get(k, 0)))
    roads: dict[int, list[int]] = {}
    for stretch in wet:
        roads.setdefault(contents["st"][stretch][0], []).append(depth[stretch] * _STEP_CM)
    return dict(sorted(roads.items(), key=lambda item: (-item[1][0], -len(item[1]))))


def _rain_name(rain: Mapping[str, Any]) -> str:
    amount = said("amount", span=_span(rain["min"]), depth=said("amount_mm", mm=rain["mm"]))
    grade = said(f"rain_grade_{rain['g']}")
    return said("rain_all" if rain["P"] else "rain_plain", years=rain["P"], grade=grade, amount=amount)


def _row(contents: Mapping[str, Any], road: int, cm: int) -> str:
    grade = sum(cm > bound for bound in contents["pass"]["up"])
    depth = said("centimetres_about" if cm < _MOST_CM else "centimetres_above", cm=cm)
    name, english = contents["roads"][road][:2]
    return (
        f'<li><span class="row"><span class="dot grade-{grade + 1}">{cm}</span><span class="name">'
        f"<b><bdi>{escape(name or english)}</bdi></b><small>{escape(contents['pass']['gz'][grade])}</small></span>"
        f'<span class="value"><b>{escape(depth)}</b></span></span></li>'
    )


def tabs(contents: Mapping[str, Any]) -> str:
    """Return the chief views; what was solved only where a day before is known."""
    shown = [view for view in _TABS if view != "solved" or contents["before"]]
    links = "".join(_tab(view, *_TABS[view]) for view in shown)
    return f'<nav data-label="nav" aria-label="{escape(said("nav"))}">{links}</nav>'


def _tab(view: str, icon: str, key: str) -> str:
    address = "#" if view == "home" else f"#v={view}"
    drawing = f'<svg aria-hidden="true"><use href="#i-{icon}"/></svg>'
    return f'<a href="{address}" data-view="{view}">{drawing}{_element("span", key)}</a>'
